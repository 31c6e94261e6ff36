/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is set here goes through the tables of options.c, by the same kinds as on the
 * command line; so there is no option that only one of them knows. Values stay texts until a
 * command uses them (the chip, the kind of reset): then a wrong one is told by who knows what would
 * be right.
 */
#include "cli/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"
#include "cli/suggest.h"

#define PATH_MAX_HERE 4096

/* These make sense for one run only; --json has been looked for before a file is read. */
static bool is_for_one_run(const struct cli_option *o)
{
	return strcmp(o->name, "help") == 0 || strcmp(o->name, "version") == 0 ||
	       strcmp(o->name, "json") == 0;
}

/* In a file and in the environment capitals are as good as small letters. */
static bool same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++) {
		if ((*typed == '_' ? '-' : tolower((unsigned char)*typed)) != *name)
			return false;
	}
	return *typed == *name;
}

/* NULL: no such option, or one that has no business here. */
static const struct cli_option *find(const char *name)
{
	for (const struct cli_option *o = cli_global_options; o->name; o++) {
		if (same_name(name, o->name) && !is_for_one_run(o))
			return o;
	}
	return NULL;
}

/*
 * A flag on the command line has no value; here its absence cannot say no, so there are words for
 * both.
 */
static enum cli_exit set_flag(struct cli *c, const char *where, const struct cli_option *o,
			      const char *text)
{
	static const char *const words[] = { "no", "yes", "false", "true", "0", "1", "off", "on" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*(bool *)o->value = i % 2 != 0;
			return CLI_OK;
		}
	}
	return cli_fail(c, CLI_USAGE, "%s: %s is yes or no, not '%s'", where, o->name, text);
}

/* Texts stay for the whole run, also those that a later file or the command line has overruled. */
struct kept {
	struct kept *next;
	char text[];
};
static struct kept *kept;

/* NULL: no memory. Never freed: the process is as short as the settings live. */
static const char *keep(const char *text)
{
	struct kept *k = malloc(sizeof(*k) + strlen(text) + 1);
	if (!k)
		return NULL;
	strcpy(k->text, text);
	k->next = kept;
	kept = k;
	return k->text;
}

/* where says which line or variable it is. */
static enum cli_exit set(struct cli *c, const char *where, const struct cli_option *o,
			 const char *text)
{
	char what[PATH_MAX_HERE + 80];
	const char *copy;
	switch (o->kind) {
	case CLI_FLAG:
		return set_flag(c, where, o, text);
	case CLI_NUMBER:
		snprintf(what, sizeof(what), "%s: %s", where, o->name);
		return cli_number(c, what, text, o->value);
	case CLI_TEXT:
		copy = keep(text);
		if (!copy)
			return cli_fail(c, CLI_FILE, "out of memory");
		*(const char **)o->value = copy;
		return CLI_OK;
	case CLI_CHOICE:
	case CLI_LIST:
		break;
	}
	return cli_fail(c, CLI_USAGE, "%s: %s can be given on the command line only", where,
			o->name);
}

/* In place. The line's end goes with the blanks before it, also one of two characters. */
static char *trim(char *text)
{
	text += strspn(text, " \t");
	size_t len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* What cannot be set here is not offered, either. */
static enum cli_exit unknown(struct cli *c, const char *where, const char *name)
{
	struct cli_suggest s = { .typed = name, .distance = CLI_SUGGEST_FAR };
	for (const struct cli_option *o = cli_global_options; o->name; o++) {
		if (!is_for_one_run(o))
			cli_suggest_offer(&s, o->name);
	}
	if (s.best)
		return cli_fail(c, CLI_USAGE, "%s: no option '%s': did you mean %s?", where, name,
				s.best);
	return cli_fail(c, CLI_USAGE,
			"%s: no option '%s': farflash help lists the options of all "
			"commands",
			where, name);
}

/* "name = value"; nothing, or a comment. */
static enum cli_exit take_line(struct cli *c, const char *where, char *line)
{
	char *name = trim(line);
	if (!name[0] || name[0] == '#' || name[0] == ';')
		return CLI_OK;
	char *equals = strchr(name, '=');
	if (!equals)
		return cli_fail(c, CLI_USAGE, "%s: '%s' is not of the form NAME = VALUE", where,
				name);
	*equals = '\0';
	name = trim(name);
	const struct cli_option *o = find(name);
	return o ? set(c, where, o, trim(equals + 1)) : unknown(c, where, name);
}

/* A file that is absent is none, unless it was asked for by name. */
static enum cli_exit read_file(struct cli *c, const char *path, bool must)
{
	char line[CLI_CONFIG_LINE_MAX + 2], where[PATH_MAX_HERE + 16];
	enum cli_exit code = CLI_OK;
	/*
	 * Who may write in this folder may put a pipe there: it says nothing, and is not waited
	 * for.
	 */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file && !must && (errno == ENOENT || errno == ENOTDIR))
		return CLI_OK;
	if (!file)
		return cli_fail(c, CLI_FILE, "cannot open %s: %s", path, strerror(errno));
	for (unsigned n = 1; !code && fgets(line, sizeof(line), file); n++) {
		snprintf(where, sizeof(where), "%s:%u", path, n);
		if (strcspn(line, "\n") > CLI_CONFIG_LINE_MAX)
			code = cli_fail(c, CLI_USAGE, "%s: the line is longer than %d characters",
					where, CLI_CONFIG_LINE_MAX);
		else
			code = take_line(c, where, line);
	}
	if (!code && ferror(file))
		code = cli_fail(c, CLI_FILE, "cannot read %s: %s", path, strerror(errno));
	fclose(file);
	return code;
}

/* Without a home there is no such file; a path too long to be built is no file that anybody has. */
static enum cli_exit read_users(struct cli *c)
{
	char path[PATH_MAX_HERE];
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int n;
	if (config && config[0])
		n = snprintf(path, sizeof(path), "%s/farflash.conf", config);
	else if (home && home[0])
		n = snprintf(path, sizeof(path), "%s/.config/farflash.conf", home);
	else
		return CLI_OK;
	return n > 0 && (size_t)n < sizeof(path) ? read_file(c, path, false) : CLI_OK;
}

/* An empty variable is as good as none: that is how a script takes one back. */
static enum cli_exit read_variable(struct cli *c, const char *name, const struct cli_option *o)
{
	const char *value = getenv(name);
	char where[80];
	if (!value || !value[0])
		return CLI_OK;
	snprintf(where, sizeof(where), "$%s", name);
	return set(c, where, o, value);
}

/*
 * esptool's names first, so that farflash's own win. ESPTOOL_* of which farflash has no option are
 * none of its business; a FARFLASH_* that nobody knows is not looked for, as there is no list of
 * those.
 */
static enum cli_exit read_environment(struct cli *c)
{
	static const char *const esptools[][2] = { { "ESPTOOL_PORT", "port" },
						   { "ESPTOOL_BAUD", "baud" },
						   { "ESPTOOL_CHIP", "chip" },
						   { "ESPTOOL_BEFORE", "before" },
						   { "ESPTOOL_AFTER", "after" } };
	enum cli_exit code = CLI_OK;
	for (size_t i = 0; i < sizeof(esptools) / sizeof(esptools[0]) && !code; i++)
		code = read_variable(c, esptools[i][0], find(esptools[i][1]));
	for (const struct cli_option *o = cli_global_options; o->name && !code; o++) {
		char name[64] = "FARFLASH_";
		size_t at = strlen(name);
		for (const char *p = o->name; *p && at + 1 < sizeof(name); p++)
			name[at++] = (char)(*p == '-' ? '_' : toupper((unsigned char)*p));
		if (!is_for_one_run(o))
			code = read_variable(c, name, o);
	}
	return code;
}

/*
 * A broken file ends the run even if the command line would have overruled it: settings that are
 * half read are worse than none. $FARFLASH_CONFIG, even empty, switches both usual files off.
 */
enum cli_exit cli_config_load(struct cli *c)
{
	const char *only = getenv("FARFLASH_CONFIG");
	enum cli_exit code = CLI_OK;
	if (only && only[0])
		code = read_file(c, only, true);
	else if (!only)
		code = read_users(c);
	if (!code && !only)
		code = read_file(c, "farflash.conf", false);
	return code ? code : read_environment(c);
}
