/* SPDX-License-Identifier: Apache-2.0 */
/* What a chip says, line by line into a file, each with the time at which it began. */
#ifndef FARFLASH_CLI_MONITOR_LOG_H
#define FARFLASH_CLI_MONITOR_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define CLI_MONITOR_LINE_MAX 1024 /* bytes; what is longer is continued in the next one */

struct cli_monitor_log {
	FILE *file; /* NULL: none. Appended to, and complete after every line */
	void (*now)(struct timespec *now); /* NULL: the real time */
	struct timespec began;
	size_t len;
	char line[CLI_MONITOR_LINE_MAX];
};

/*
 * Bytes that are no text are written as \xNN; CR before LF goes. 0, or -1: the file took no more.
 */
int cli_monitor_log_bytes(struct cli_monitor_log *log, const uint8_t *bytes, size_t len);
/*
 * What has no end yet is written as it is: the port was lost, or it is over. 0 or -1 as above; 0 if
 * there is nothing.
 */
int cli_monitor_log_end(struct cli_monitor_log *log);

#endif
