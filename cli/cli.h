/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The farflash command: what its parts share. main.c parses and dispatches, each command is one
 * file with one row there, target.c opens whatever --port names.
 *
 * Every function that can fail has reported its failure (report.h) when it returns anything but
 * CLI_OK; the caller only cleans up and returns the same code.
 */
#ifndef FARFLASH_CLI_CLI_H
#define FARFLASH_CLI_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

/* The exit codes of the process, one per cause. Documented for scripts: never renumber. */
enum cli_exit {
	CLI_OK = 0,
	CLI_USAGE = 2,         /* the command line asks for something impossible */
	CLI_NO_CONNECTION = 3, /* port missing or busy, nobody answers, unknown chip */
	CLI_LOST = 4,          /* time-out or lost line after connecting */
	CLI_PROTOCOL = 5,      /* answers that make no sense */
	CLI_REFUSED = 6,       /* the target said no */
	CLI_MISMATCH = 7,      /* the flash does not hold what it should */
	CLI_UNSUPPORTED = 8,   /* this port, chip or mode cannot do it */
	CLI_FILE = 9,          /* a file or other resource of this computer */
	CLI_INTERRUPTED = 130  /* SIGINT or SIGTERM */
};

/*
 * What the value of an option is. A CLI_LIST option may be given several times; several of them
 * may share one list, which then keeps the order in which they were typed.
 */
enum cli_kind { CLI_FLAG, CLI_TEXT, CLI_NUMBER, CLI_CHOICE, CLI_LIST };

#define CLI_LIST_MAX 64

struct cli_option;

/* The values of CLI_LIST options, each with the option that it was given to. */
struct cli_list {
	size_t count;
	struct {
		const struct cli_option *option;
		const char *text;
	} items[CLI_LIST_MAX];
};

/* One option; tables of them end with a row whose name is NULL. */
struct cli_option {
	const char *name; /* without --; '_' may be typed for '-' */
	char letter;      /* 0: has none */
	enum cli_kind kind;
	/* bool, const char *, uint32_t, int (index of the choice), struct cli_list */
	void *value;
	const char *const *choices; /* CLI_CHOICE: NULL-terminated */
	const char *argument;       /* how help calls the value; NULL for a flag */
	const char *help;
};

struct cli;

struct cli_command {
	const char *name;
	const char *arguments; /* as help shows them */
	const char *summary;   /* one line */
	const char *details;   /* paragraphs for `help COMMAND`, or NULL */
	const struct cli_option *options;
	int min_arguments, max_arguments; /* positional; max -1: any number */
	bool uses_stub; /* it moves data: with a flasher stub, if there is one, it is faster */
	enum cli_exit (*run)(struct cli *c, int argc, char **argv);
};

/* The options that every command takes. */
struct cli_settings {
	const char *port; /* NULL: not given */
	uint32_t baud;    /* 0: not given */
	const char *chip; /* NULL: not given */
	const char *flash_size;
	const char *partition_table; /* NULL: the one in the flash */
	const char *before, *after;  /* reset.h reads them; NULL: not given */
	const char *stub;            /* a file or folder; NULL: not given */
	uint32_t connect_attempts;   /* 0: the default of device/esp */
	bool no_stub, usb_otg, trace, json, no_progress, quiet, help, version;
};

/* One run of the command. */
struct cli {
	struct cli_settings *set;
	const struct cli_command *command; /* NULL until it is known */
	bool stdout_is_data;               /* text goes to stderr, stdout carries data only */
	enum cli_exit failed;              /* the first failure, CLI_OK as long as there is none */
	cJSON *root;                       /* --json: the object printed at the end, else NULL */
	cJSON *result;                     /* member of root for the command's own results */
};

/*
 * Set by SIGINT, SIGTERM and SIGHUP; every wait of the port ends once it is set. Whoever works
 * without waiting looks at it between two pieces, and returns CLI_INTERRUPTED having told what may
 * have changed.
 */
extern volatile sig_atomic_t cli_cancel;

/*
 * options.c: the options of all commands, and the parsing of both tables. CLI_USAGE: an option that
 * nobody has, a value that is none, one too many; told, with the closest name that there is. What
 * was set before stays set.
 */
extern const struct cli_option *cli_global_options;
/* argv[0] is the program's name. Leaves in *command_index where the command stands, or argc. */
enum cli_exit cli_parse_globals(struct cli *c, int argc, char **argv, int *command_index);
/* argv[0] is the command's name. Leaves the positional arguments at the end, from *first on. */
enum cli_exit cli_parse_command(struct cli *c, int argc, char **argv, int *first);
/* Where the options put their values: one run per process. */
struct cli_settings *cli_settings(void);

/*
 * Read a number argument, called what in the message. CLI_USAGE; *value is written only with
 * CLI_OK.
 */
enum cli_exit cli_number(struct cli *c, const char *what, const char *text, uint32_t *value);

/* main.c: all commands, in the order in which help lists them; NULL at the end. */
extern const struct cli_command *const cli_commands[];
/* CLI_USAGE for a name that no command has; the message has the closest one that there is. */
enum cli_exit cli_find_command(struct cli *c, const char *name, const struct cli_command **command);
/* Equal but for '_' where name has '-': esptool's users type either. */
bool cli_same_name(const char *typed, const char *name);

/* help.c, to stdout. command NULL: the overview. CLI_USAGE with --json: it is text for people. */
enum cli_exit cli_tell_help(struct cli *c, const struct cli_command *command);

#endif
