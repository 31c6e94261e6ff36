/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash help: made from the tables of commands and options, so that it cannot disagree with what
 * is parsed. Goes straight to stdout, also with --quiet: it is what was asked for. That all of it
 * has arrived is checked when the command ends (cli_report_end).
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/manual.h"
#include "cli/report.h"

/* Two columns; a long option pushes the second one, and no terminal is assumed. */
static void print_option(FILE *out, const struct cli_option *o)
{
	char name[64];
	int n = o->letter ? snprintf(name, sizeof(name), "-%c, ", o->letter)
			  : snprintf(name, sizeof(name), "    ");
	snprintf(name + n, sizeof(name) - (size_t)n, "--%s%s%s", o->name, o->argument ? " " : "",
		 o->argument ? o->argument : "");
	fprintf(out, "  %-28s %s\n", name, o->help);
}

static void print_options(FILE *out, const char *title, const struct cli_option *rows)
{
	if (!rows)
		return;
	fprintf(out, "\n%s\n", title);
	for (; rows->name; rows++)
		print_option(out, rows);
}

/*
 * What a person sees who has typed nothing else. The exit codes are part of it, as scripts are
 * written from this text.
 */
static void print_overview(FILE *out)
{
	fputs("farflash programs flash that you cannot reach: behind another chip or core.\n\n"
	      "farflash [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\n"
	      "Commands\n",
	      out);
	for (size_t i = 0; cli_commands[i]; i++)
		fprintf(out, "  %-17s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
	print_options(out, "Options of all commands", cli_global_options);
	fputs("\nNumbers are decimal or 0x hexadecimal; k and M mean 1024 and 1024 * 1024.\n"
	      "@FILE stands for the words in that file. farflash help COMMAND tells more.\n\n"
	      "What the options of all commands are without being given: lines NAME = VALUE in\n"
	      "~/.config/farflash.conf and ./farflash.conf (or $FARFLASH_CONFIG alone), then\n"
	      "$FARFLASH_NAME, as $FARFLASH_PORT or $FARFLASH_NO_STUB; also $ESPTOOL_PORT, _BAUD,\n"
	      "_CHIP, _BEFORE and _AFTER. Not --json, --help and --version.\n\n"
	      "Exit codes: 0 done, 2 usage, 3 no connection, 4 time-out or lost line,\n"
	      "5 protocol error, 6 refused by the target, 7 verify mismatch, 8 not supported,\n"
	      "9 local file, 130 interrupted.\n",
	      out);
}

/*
 * The global options again below the command's own: a person looks for an option, not for its
 * table.
 */
static void print_help(FILE *out, const struct cli_command *command)
{
	if (!command) {
		print_overview(out);
		return;
	}
	fprintf(out, "farflash %s %s\n%s\n", command->name, command->arguments, command->summary);
	if (command->details)
		fprintf(out, "\n%s", command->details);
	print_options(out, "Options", command->options);
	print_options(out, "Options of all commands", cli_global_options);
}

/* Beside a JSON object on stdout neither could be read. */
static enum cli_exit not_as_json(struct cli *c)
{
	return c->root ? cli_fail(c, CLI_USAGE, "help is for people: leave --json away") : CLI_OK;
}

enum cli_exit cli_tell_help(struct cli *c, const struct cli_command *command)
{
	enum cli_exit code = not_as_json(c);
	if (!code)
		print_help(stdout, command);
	return code;
}

static struct {
	bool man, bash, zsh;
} opt;

/* At most one of the three is meant; the first in this order goes before a COMMAND, too. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	const struct cli_command *command = NULL;
	void (*print)(FILE * out) = opt.man    ? cli_print_man
				    : opt.bash ? cli_print_bash
				    : opt.zsh  ? cli_print_zsh
					       : NULL;
	enum cli_exit code = print ? not_as_json(c) : CLI_OK;
	if (print && !code)
		print(stdout);
	if (print)
		return code;
	if (argc > 0)
		code = cli_find_command(c, argv[0], &command);
	return code ? code : cli_tell_help(c, command);
}

static const struct cli_option options[] = {
	{ "man", 0, CLI_FLAG, &opt.man, NULL, NULL, "the manual page, for man" },
	{ "bash", 0, CLI_FLAG, &opt.bash, NULL, NULL, "a script that completes for bash" },
	{ "zsh", 0, CLI_FLAG, &opt.zsh, NULL, NULL, "and for zsh" },
	{ 0 },
};

const struct cli_command cli_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "explain a command",
	.options = options,
	.max_arguments = 1,
	.run = run,
};
