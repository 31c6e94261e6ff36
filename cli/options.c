/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/numbers.h"
#include "cli/report.h"
#include "cli/suggest.h"

#define OPTIONS_MAX 64  /* global and one command's together */
#define FIRST_VALUE 256 /* getopt's value of row 0; below are the letters */

static struct cli_settings settings;

static const struct cli_option globals[] = {
	{ "port", 'p', CLI_TEXT, &settings.port, NULL, "PORT",
	  "/dev/ttyX, socket://HOST:PORT, rfc2217://HOST:PORT, nor:FILE, mailbox:PATH" },
	{ "baud", 'b', CLI_NUMBER, &settings.baud, NULL, "RATE",
	  "rate of the transfer (460800; ESP8266: 115200)" },
	{ "chip", 'c', CLI_TEXT, &settings.chip, NULL, "CHIP", "fail on any other chip (auto)" },
	{ "before", 0, CLI_TEXT, &settings.before, NULL, "HOW",
	  "default-reset, classic-reset, usb-reset, no-reset (the chip waits in its loader), or a "
	  "sequence as D0|R1|W0.1|D1|R0|W0.05|D0" },
	{ "after", 'a', CLI_TEXT, &settings.after, NULL, "HOW",
	  "hard-reset, soft-reset, watchdog-reset, no-reset (stays in its loader), hold-in-reset" },
	{ "stub", 0, CLI_TEXT, &settings.stub, NULL, "FILE",
	  "flasher stub to upload, or a folder of them; else searched in $FARFLASH_STUBS and "
	  "share/farflash/stubs" },
	{ "no-stub", 0, CLI_FLAG, &settings.no_stub, NULL, NULL, "talk to the chip's ROM only" },
	{ "usb-otg", 0, CLI_FLAG, &settings.usb_otg, NULL, NULL,
	  "the port is the chip's own USB-OTG: small blocks, no stub" },
	{ "connect-attempts", 0, CLI_NUMBER, &settings.connect_attempts, NULL, "N",
	  "resets, or half seconds for a mailbox, before giving up (7)" },
	{ "flash-size", 0, CLI_TEXT, &settings.flash_size, NULL, "SIZE",
	  "size of a flash that does not tell it (detect)" },
	{ "partition-table", 0, CLI_TEXT, &settings.partition_table, NULL, "FILE",
	  "where partitions are, CSV or binary; or an address of the flash (0x8000)" },
	{ "trace", 0, CLI_FLAG, &settings.trace, NULL, NULL, "show every byte on stderr" },
	{ "json", 0, CLI_FLAG, &settings.json, NULL, NULL, "print one JSON object" },
	{ "no-progress", 0, CLI_FLAG, &settings.no_progress, NULL, NULL, "no progress bar" },
	{ "quiet", 'q', CLI_FLAG, &settings.quiet, NULL, NULL, "print errors and warnings only" },
	{ "help", 'h', CLI_FLAG, &settings.help, NULL, NULL, "this text" },
	{ "version", 'V', CLI_FLAG, &settings.version, NULL, NULL, "the version" },
	{ 0 },
};
const struct cli_option *cli_global_options = globals;

struct cli_settings *cli_settings(void)
{
	return &settings;
}

/* What getopt is told: the rows of one or two tables, in order. */
struct table {
	const struct cli_option *rows[OPTIONS_MAX];
	size_t count;
	struct option longs[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 3];
};

/* Append the rows of one table: getopt numbers the long names, and letters map to themselves. */
static void add_rows(struct table *t, const struct cli_option *rows)
{
	char *letter = t->letters + strlen(t->letters);
	for (; rows && rows->name && t->count < OPTIONS_MAX; rows++) {
		t->longs[t->count] = (struct option){
			.name = rows->name,
			.has_arg = rows->kind == CLI_FLAG ? no_argument : required_argument,
			.val = FIRST_VALUE + (int)t->count,
		};
		t->rows[t->count++] = rows;
		if (!rows->letter)
			continue;
		*letter++ = rows->letter;
		if (rows->kind != CLI_FLAG)
			*letter++ = ':';
	}
	*letter = '\0';
}

/* From what getopt returned, a letter or a number, back to the row. */
static const struct cli_option *find_row(const struct table *t, int value)
{
	for (size_t i = 0; i < t->count; i++) {
		if (value == FIRST_VALUE + (int)i || (value != 0 && value == t->rows[i]->letter))
			return t->rows[i];
	}
	return NULL;
}

/* "--flash_size=4MB" is "--flash-size=4MB". */
static void dashes(char *text)
{
	for (; *text && *text != '='; text++) {
		if (*text == '_')
			*text = '-';
	}
}

/* The two ways to be wrong need two remedies. */
enum cli_exit cli_number(struct cli *c, const char *what, const char *text, uint32_t *value)
{
	switch (cli_parse_number(text, value)) {
	case CLI_NUMBER_OK:
		return CLI_OK;
	case CLI_NUMBER_TOO_LARGE:
		return cli_fail(c, CLI_USAGE, "%s '%s' is too large: 0xffffffff is the limit", what,
				text);
	case CLI_NUMBER_MALFORMED:
		break;
	}
	return cli_fail(c, CLI_USAGE, "%s '%s' is not a number: write 4096, 0x1000, 4k or 1M", what,
			text);
}

/* The message names them all. */
static enum cli_exit set_choice(struct cli *c, const struct cli_option *o, char *text)
{
	dashes(text);
	for (int i = 0; o->choices[i]; i++) {
		if (strcmp(o->choices[i], text) == 0) {
			*(int *)o->value = i;
			return CLI_OK;
		}
	}
	char list[128] = "";
	for (int i = 0; o->choices[i]; i++) {
		size_t used = strlen(list);
		snprintf(list + used, sizeof(list) - used, "%s%s", i == 0 ? "" : " or ",
			 o->choices[i]);
	}
	return cli_fail(c, CLI_USAGE, "--%s cannot be '%s': it is %s", o->name, text, list);
}

/* In the order of the command line; too many are told, not dropped. */
static enum cli_exit append(struct cli *c, const struct cli_option *o, const char *text)
{
	struct cli_list *list = o->value;
	if (list->count == CLI_LIST_MAX)
		return cli_fail(c, CLI_USAGE, "--%s %s: more than %d of these options", o->name,
				text, CLI_LIST_MAX);
	list->items[list->count].option = o;
	list->items[list->count++].text = text;
	return CLI_OK;
}

/* The kind says what value points to: see struct cli_option. */
static enum cli_exit set_value(struct cli *c, const struct cli_option *o, char *text)
{
	switch (o->kind) {
	case CLI_FLAG:
		*(bool *)o->value = true;
		return CLI_OK;
	case CLI_TEXT:
		*(const char **)o->value = text;
		return CLI_OK;
	case CLI_NUMBER:
		return cli_number(c, o->name, text, o->value);
	case CLI_CHOICE:
		return set_choice(c, o, text);
	case CLI_LIST:
		return append(c, o, text);
	}
	return CLI_USAGE;
}

/* text is as it was typed, "--name=value" or "-x"; only long names can be mistyped. */
static enum cli_exit unknown_option(struct cli *c, const struct table *t, const char *text)
{
	char name[64];
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "="), text);
	struct cli_suggest s = { .typed = name + strspn(name, "-"), .distance = CLI_SUGGEST_FAR };
	for (size_t i = 0; i < t->count && strncmp(name, "--", 2) == 0; i++)
		cli_suggest_offer(&s, t->rows[i]->name);

	const char *command = c->command ? c->command->name : "";
	if (s.best)
		return cli_fail(c, CLI_USAGE, "no option %s: did you mean --%s?", name, s.best);
	return cli_fail(c, CLI_USAGE, "no option %s: see farflash help %s", name, command);
}

/* Run getopt over argv; *next is the first argument that is no option. */
static enum cli_exit parse(struct cli *c, const struct table *t, int argc, char **argv, int *next)
{
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	for (int v; (v = getopt_long(argc, argv, t->letters, t->longs, NULL)) != -1;) {
		char letter[3] = { '-', (char)optopt, '\0' };
		const char *given = optopt > 0 && optopt < FIRST_VALUE ? letter : argv[optind - 1];
		if (v == ':')
			return cli_fail(c, CLI_USAGE, "%s needs a value", given);
		if (v == '?' && optopt >= FIRST_VALUE)
			return cli_fail(c, CLI_USAGE, "%s: this option takes no value", given);
		const struct cli_option *o = v == '?' ? NULL : find_row(t, v);
		if (!o)
			return unknown_option(c, t, given);
		enum cli_exit err = set_value(c, o, optarg);
		if (err)
			return err;
	}
	*next = optind;
	return CLI_OK;
}

/* Options may be typed with '_'; what follows "--" is not an option. */
static void normalise(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strncmp(argv[i], "--", 2) == 0)
			dashes(argv[i]);
	}
}

/* Up to the command: what follows it can only be read with the command's own table. */
enum cli_exit cli_parse_globals(struct cli *c, int argc, char **argv, int *command_index)
{
	struct table t = { .letters = "+:" }; /* stop at the command */
	normalise(argc, argv);
	add_rows(&t, globals);
	return parse(c, &t, argc, argv, command_index);
}

/* Does the command have an option of this name of its own? */
static bool has_own(const struct cli_command *command, const char *name)
{
	for (const struct cli_option *o = command->options; o && o->name; o++) {
		if (strcmp(o->name, name) == 0)
			return true;
	}
	return false;
}

/*
 * esptool's short names of two letters, which getopt does not know, for the commands that write the
 * words into an image's header.
 */
static void take_esptools_letters(const struct cli_command *command, int argc, char **argv)
{
	static char names[][2][16] = { { "-fm", "--flash-mode" },
				       { "-ff", "--flash-freq" },
				       { "-fs", "--flash-size" } };
	if (!has_own(command, "flash-mode"))
		return;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (strcmp(argv[i], names[k][0]) == 0)
				argv[i] = names[k][1];
		}
	}
}

/* getopt moves the arguments behind the options; *first is where they begin. */
enum cli_exit cli_parse_command(struct cli *c, int argc, char **argv, int *first)
{
	struct table t = { .letters = ":" };
	add_rows(&t, globals);
	add_rows(&t, c->command->options);
	take_esptools_letters(c->command, argc, argv);
	return parse(c, &t, argc, argv, first);
}
