/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that a person types, or a script. On a terminal they are edited and remembered (libedit);
 * anything else is read as it comes, and shown behind the prompt as a terminal would, so that the
 * output is the transcript of a session either way.
 */
#ifndef FARFLASH_CLI_LINES_H
#define FARFLASH_CLI_LINES_H

#include "cli/cli.h"

#define CLI_LINE_MAX 4096 /* characters of a line that can be done */

struct cli_lines {
	/*
	 * NULL: wait for input alone. Else called over and over until there is some; it does its
	 * work and then sleeps for a few milliseconds at most.
	 */
	void (*idle)(void *ctx);
	void *ctx;
	bool edited; /* on a terminal. Read only for users, as all that follows */
	bool any;    /* a character has come */
	bool cut;    /* the last line was longer than that: what came of it must not be done */
	struct {
		struct editline *editor;
		struct history *history;
		bool over;
		size_t at, len;   /* what was read and not yet used */
		char ahead[4096]; /* as read */
		char line[CLI_LINE_MAX + 1];
	} _state;
};

/*
 * Take standard input and output. prompt must stay. CLI_FILE: no memory for an editor. Close l only
 * after CLI_OK.
 */
enum cli_exit cli_lines_open(struct cli *c, struct cli_lines *l, const char *prompt);

/*
 * The next line without its end, or NULL: the input is at its end, or cli_cancel is set. Valid
 * until the next call.
 */
const char *cli_lines_next(struct cli_lines *l);

/* Gives the terminal back as it was. */
void cli_lines_close(struct cli_lines *l);

#endif
