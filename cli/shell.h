/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash shell on standard input and output: `farflash shell`, and part of `farflash serve`,
 * where it shares one thread with the supervisor's work.
 */
#ifndef FARFLASH_CLI_SHELL_H
#define FARFLASH_CLI_SHELL_H

#include "cli/cli.h"
#include "cli/target.h"

struct cli_shell {
	/* Optional: what else there is to do while nothing is typed; see cli/lines.h. */
	void (*idle)(void *ctx);
	/* Optional: the same between two pieces of a long command; must not sleep. */
	void (*between)(void *ctx);
	void *ctx;
	/* A line that fails is told and the next one is done. A terminal is always treated so. */
	bool keep_going;
	bool any; /* out: something was typed */
};

/*
 * Until `exit`, the end of the input or an interrupt. What the commands say goes to stdout. CLI_OK,
 * what the first failing line means (without keep_going), CLI_FILE if stdout is gone, or
 * CLI_INTERRUPTED; told.
 */
enum cli_exit cli_shell_run(struct cli *c, struct cli_target *t, struct cli_shell *s);

#endif
