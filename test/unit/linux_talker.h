/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that talk through a mailbox file over channels 2 and 3 in both directions, and check
 * every message: whole, of this session, the next one of its channel. Each is a child of the test,
 * reports through a pipe, and dies with the test.
 */
#ifndef FARFLASH_TEST_LINUX_TALKER_H
#define FARFLASH_TEST_LINUX_TALKER_H

#include <stdint.h>
#include <sys/types.h>

/* What a talker ends with. */
enum { TALKER_DONE = 0, TALKER_WRONG = 1, TALKER_NO_FILE = 2, TALKER_TROUBLE = 3 };

#define TALKER_REPORT_AT 10u /* messages on each channel in a new session, then it reports */

struct talker_report {
	uint32_t side, session;
	pid_t pid;
};

struct talker {
	const char *path;
	uint32_t slots;
	uint32_t goal;  /* messages to send, and to get, on each channel; 0: without an end */
	int reports[2]; /* a pipe of struct talker_report */
};

void talker_init(struct talker *t, const char *path);
void talker_free(struct talker *t);

/* See test/common/child.h for its end. */
pid_t talker_start(struct talker *t, uint32_t side);

/* The next report, within 20 s. */
struct talker_report talker_report(struct talker *t);

#endif
