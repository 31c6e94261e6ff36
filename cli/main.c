/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]
 *
 * Options may stand before or after the command: the global ones up to the command are parsed
 * first, then everything behind it by the command's own table and the global one together.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/report.h"
#include "cli/suggest.h"

volatile sig_atomic_t cli_cancel;

/* Every command of farflash: a new one is a file of its own and a row here. */
const struct cli_command *const cli_commands[] = {
	&cli_write_flash,
	&cli_read_flash,
	&cli_verify_flash,
	&cli_erase_region,
	&cli_erase_flash,
	&cli_flash_id,
	&cli_read_flash_status,
	&cli_write_flash_status,
	&cli_read_mac,
	&cli_chip_id,
	&cli_get_security_info,
	&cli_run,
	&cli_partition_table,
	&cli_image_info,
	&cli_elf2image,
	&cli_merge_bin,
	&cli_read_mem,
	&cli_write_mem,
	&cli_dump_mem,
	&cli_load_ram,
	&cli_monitor,
	&cli_list_ports,
	&cli_emulate,
	&cli_serve,
	&cli_shell,
	&cli_spiffs,
	&cli_version,
	&cli_help,
	NULL,
};

bool cli_same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++) {
		if ((*typed == '_' ? '-' : *typed) != *name)
			return false;
	}
	return *typed == *name;
}

enum cli_exit cli_find_command(struct cli *c, const char *name, const struct cli_command **command)
{
	struct cli_suggest s = { .typed = name, .distance = CLI_SUGGEST_FAR };
	for (size_t i = 0; cli_commands[i]; i++) {
		*command = cli_commands[i];
		if (cli_same_name(name, cli_commands[i]->name))
			return CLI_OK;
		cli_suggest_offer(&s, cli_commands[i]->name);
	}
	*command = NULL;
	if (s.best)
		return cli_fail(c, CLI_USAGE, "no command '%s': did you mean %s?", name, s.best);
	return cli_fail(c, CLI_USAGE, "no command '%s': farflash help lists them", name);
}

/*
 * A standard stream that whoever started us has closed leaves its number free, and the next file
 * that is opened gets it: then what is said would land in a flash image, or reach a chip. So
 * something takes its place, of the wrong direction: what is said fails, and is told as a failure.
 */
static void fill_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

/* Only a flag: what was touched is known where the work is done, and told there. */
static void on_signal(int number)
{
	(void)number;
	cli_cancel = 1;
}

/*
 * No SA_RESTART: a blocking call returns, and whoever made it sees cli_cancel. A hang-up ends a job
 * as an interrupt does, but for one that nohup has made deaf to it. A reader of our output that
 * goes away, and a file that reaches the limit of its size (ulimit -f), are write errors like any
 * other.
 */
static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal }, before;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL);
}

/* How many; what they are is checked by the command itself. */
static enum cli_exit check_arguments(struct cli *c, int count)
{
	const struct cli_command *cmd = c->command;
	if (count >= cmd->min_arguments && (cmd->max_arguments < 0 || count <= cmd->max_arguments))
		return CLI_OK;
	return cli_fail(c, CLI_USAGE, "%s takes %s, not %d argument%s: see farflash help %s",
			cmd->name, cmd->arguments[0] ? cmd->arguments : "no arguments", count,
			count == 1 ? "" : "s", cmd->name);
}

/* argv[0] is the command, options and arguments follow in any order. */
static enum cli_exit run_command(struct cli *c, int argc, char **argv)
{
	int first = 0;
	enum cli_exit err = cli_find_command(c, argv[0], &c->command);
	if (!err)
		err = cli_parse_command(c, argc, argv, &first);
	if (err)
		return err;
	if (c->set->help)
		return cli_tell_help(c, c->command);
	err = check_arguments(c, argc - first);
	return err ? err : c->command->run(c, argc - first, argv + first);
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	int at = 0;
	enum cli_exit err = cli_parse_globals(c, argc, argv, &at);
	if (err)
		return err;
	if (c->set->version)
		return cli_version.run(c, 0, NULL);
	if (at < argc)
		return run_command(c, argc - at, argv + at);
	if (c->set->help)
		return cli_tell_help(c, NULL);
	return cli_fail(c, CLI_USAGE, "which command? farflash help lists them");
}

/* "--json", and what getopt takes for it: "--j" is no other option's beginning. */
static bool is_json(const char *word)
{
	size_t len = strlen(word);
	return len > 2 && strncmp("--json", word, len) == 0;
}

/* Known from the start, so that a mistake in the command line is told as JSON, too. */
static void look_for_json(struct cli *c, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		c->set->json |= is_json(argv[i]);
	cli_report_begin(c);
}

int main(int argc, char **argv)
{
	struct cli c = { .set = cli_settings() };
	struct cli_arguments all;
	fill_standard_streams();
	catch_signals();
	look_for_json(&c, argc, argv);
	enum cli_exit code = cli_arguments_expand(&c, &all, argc, argv);
	look_for_json(&c, all.argc, all.argv);
	if (!code)
		code = cli_config_load(&c);
	if (!code)
		code = run(&c, all.argc, all.argv);
	code = (enum cli_exit)cli_report_end(&c, code);
	cli_arguments_free(&all);
	return (int)code;
}
