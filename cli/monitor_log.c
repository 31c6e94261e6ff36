/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line by line, so that two programs that append to one file, or a cut of power, do at worst tear
 * one line. Time is that of the first byte of the line, local time, for a person who compares with
 * other logs. Bytes of UTF-8 pass as they are; controls do not, as a log is looked at in terminals.
 */
#include "cli/monitor_log.h"

#include <string.h>

/* Milliseconds: enough to see what has taken long. */
static void stamp(const struct cli_monitor_log *log)
{
	char text[32];
	struct tm tm;
	localtime_r(&log->began.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(log->file, "%s.%03ld ", text, log->began.tv_nsec / 1000000);
}

/* Flushed at every line: who follows the file sees what the chip said last before it crashed. */
int cli_monitor_log_end(struct cli_monitor_log *log)
{
	if (!log->file || log->len == 0)
		return 0;
	if (log->line[log->len - 1] == '\r')
		log->len--;
	stamp(log);
	for (size_t i = 0; i < log->len; i++) {
		unsigned char c = (unsigned char)log->line[i];
		if ((c >= 0x20 && c != 0x7F) || c == '\t')
			putc(c, log->file);
		else
			fprintf(log->file, "\\x%02x", c);
	}
	putc('\n', log->file);
	log->len = 0;
	return fflush(log->file) == 0 ? 0 : -1;
}

/* A test has a clock of its own. */
static void begin(struct cli_monitor_log *log)
{
	if (log->now)
		log->now(&log->began);
	else
		clock_gettime(CLOCK_REALTIME, &log->began);
}

/* A line is full at the size of the buffer, and goes on in the next one with its own time. */
int cli_monitor_log_bytes(struct cli_monitor_log *log, const uint8_t *bytes, size_t len)
{
	int failed = 0;
	for (size_t i = 0; log->file && i < len && !failed; i++) {
		if (log->len == 0)
			begin(log);
		if (bytes[i] != '\n')
			log->line[log->len++] = (char)bytes[i];
		else if (log->len == 0) /* an empty line is one, too */
			log->line[log->len++] = '\r';
		if (bytes[i] == '\n' || log->len == sizeof(log->line))
			failed = cli_monitor_log_end(log);
	}
	return failed;
}
