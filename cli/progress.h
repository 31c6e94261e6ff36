/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar with rate and time to go, on a terminal only. */
#ifndef FARFLASH_CLI_PROGRESS_H
#define FARFLASH_CLI_PROGRESS_H

#include "cli/cli.h"

struct cli_progress {
	const char *verb; /* "Writing" */
	uint32_t total;   /* bytes */
	uint64_t start_ms, shown_ms;
	unsigned width; /* of the bar itself; 0: the terminal has no room for one */
	bool on;
};

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t cli_now_ms(void);

/* Start at 0 of total (> 0) bytes; verb outlives p. */
void cli_progress_begin(const struct cli *c, struct cli_progress *p, const char *verb,
			uint32_t total);
/* done bytes are finished. Cheap: shown ten times a second at most. */
void cli_progress_update(struct cli_progress *p, uint32_t done);
/*
 * Take it away, if one is shown: something else is to be said, which shall not stand behind it. The
 * next update shows it again.
 */
void cli_progress_hide(void);
/* Take the bar away for good. Returns the seconds since begin, never 0. */
double cli_progress_end(struct cli_progress *p);

#endif
