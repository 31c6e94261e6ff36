/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]
 *
 * Options may stand before or after the command: the global ones up to the command are parsed
 * first, then everything behind it by the command's own table and the global one together.
 */
#include <string.h>

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
	&cli_help,
	NULL,
};

/* Equal but for '_' and '-', which esptool's users type. */
static bool same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++) {
		if ((*typed == '_' ? '-' : *typed) != *name)
			return false;
	}
	return *typed == *name;
}

const struct cli_command *cli_find_command(const char *name)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		if (same_name(name, cli_commands[i]->name))
			return cli_commands[i];
	}
	return NULL;
}

/* Only a flag: what was touched is known where the work is done, and told there. */
static void on_signal(int number)
{
	(void)number;
	cli_cancel = 1;
}

/*
 * No SA_RESTART: a blocking call returns, and whoever made it sees cli_cancel. A reader of our
 * output that goes away is a write error like any other.
 */
static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
}

static enum cli_exit unknown_command(struct cli *c, const char *name)
{
	struct cli_suggest s = { .typed = name, .distance = CLI_SUGGEST_FAR };
	for (size_t i = 0; cli_commands[i]; i++)
		cli_suggest_offer(&s, cli_commands[i]->name);
	if (s.best)
		return cli_fail(c, CLI_USAGE, "no command '%s': did you mean %s?", name, s.best);
	return cli_fail(c, CLI_USAGE, "no command '%s': farflash help lists them", name);
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
	c->command = cli_find_command(argv[0]);
	if (!c->command)
		return unknown_command(c, argv[0]);
	enum cli_exit err = cli_parse_command(c, argc, argv, &first);
	if (err)
		return err;
	if (c->set->help) {
		cli_print_help(stdout, c->command);
		return CLI_OK;
	}
	err = check_arguments(c, argc - first);
	return err ? err : c->command->run(c, argc - first, argv + first);
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	int at = 0;
	enum cli_exit err = cli_parse_globals(c, argc, argv, &at);
	if (err)
		return err;
	if (c->set->version) {
		puts("farflash " FARFLASH_VERSION);
		return CLI_OK;
	}
	if (at < argc)
		return run_command(c, argc - at, argv + at);
	if (c->set->help) {
		cli_print_help(stdout, NULL);
		return CLI_OK;
	}
	return cli_fail(c, CLI_USAGE, "which command? farflash help lists them");
}

int main(int argc, char **argv)
{
	struct cli c = { .set = cli_settings() };
	catch_signals();
	/* Known from the start, so that a mistake in the command line is told as JSON, too. */
	for (int i = 1; i < argc; i++)
		c.set->json |= strcmp(argv[i], "--json") == 0;
	cli_report_begin(&c);
	enum cli_exit code = cli_config_load(&c);
	return cli_report_end(&c, code ? code : run(&c, argc, argv));
}
