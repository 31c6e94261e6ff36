/* SPDX-License-Identifier: Apache-2.0 */
/* What the command tells: lines for people, one JSON object for machines, an exit code for both. */
#ifndef FARFLASH_CLI_REPORT_H
#define FARFLASH_CLI_REPORT_H

#include "cli/cli.h"
#include "farflash/flash.h"

/* How far things had come when a farflash call failed: it decides what the failure means. */
enum cli_phase {
	CLI_PHASE_OPEN,    /* opening the port */
	CLI_PHASE_CONNECT, /* finding a chip on it */
	CLI_PHASE_WORK,    /* talking to the chip or flash */
	CLI_PHASE_SERVED   /* talking to a supervisor, which talks to the flash */
};

/* The exit code, a description and what to do about it. description NULL: errno tells best. */
struct cli_meaning {
	enum cli_exit exit;
	const char *description;
	const char *remedy;
};

/* The one place that gives a failed farflash call its meaning. Never NULL members but the above. */
struct cli_meaning cli_meaning(enum cli_phase phase, int err);

/* Bytes of the flash that may not be as they were; len 0: none. */
struct cli_touched {
	uint32_t addr, len;
};

/* Start: makes the JSON object if c->set->json. */
void cli_report_begin(struct cli *c);
/* End: prints the JSON object, and returns the exit code of the process. */
int cli_report_end(struct cli *c, enum cli_exit code);

/* One line of text for people; not with --quiet or --json. */
void cli_say(const struct cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something that went on working, but not as asked for. To stderr and into the JSON object. */
void cli_warn(struct cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A failure that no flash call reported. The first failure wins. Returns code. */
enum cli_exit cli_fail(struct cli *c, enum cli_exit code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A failed farflash call. fault (may be NULL) adds where it stood and the peer's code; touched
 * (NULL for jobs that change nothing) says what may have changed. The text is what was tried, as in
 * "cannot write app.bin at 0x10000". Returns the exit code of (phase, err).
 */
enum cli_exit cli_fail_flash(struct cli *c, enum cli_phase phase, int err,
			     const struct far_flash_fault *fault, const struct cli_touched *touched,
			     const char *format, ...) __attribute__((format(printf, 6, 7)));

/* "usage", "no-connection", ...: the name of an exit code. */
const char *cli_exit_name(enum cli_exit code);

#endif
