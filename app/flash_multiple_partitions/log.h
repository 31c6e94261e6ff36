/* SPDX-License-Identifier: Apache-2.0 */
/* Lines on the board's console as ESP-IDF writes them: "I (342) example: Initializing SPIFFS". */
#ifndef FARFLASH_APP_FLASH_MULTIPLE_PARTITIONS_LOG_H
#define FARFLASH_APP_FLASH_MULTIPLE_PARTITIONS_LOG_H

#include "core/text.h"
#include "farflash/board.h"

#define LOG_LINE 320u

struct log {
	struct far_stream *stream;
	struct far_clock *clock;
	uint32_t start; /* what the clock showed when the program began */
	int err;        /* the first of the stream; from then on nothing is written */
	struct far_text text;
	char line[LOG_LINE];
};

void log_init(struct log *l, const struct far_board *board);
/* Begin a line with level I, W or E and a tag; the rest of it goes into l->text. */
void log_begin(struct log *l, char level, const char *tag);
void log_end(struct log *l);
/* A line that is only words, and one with a number behind them. */
void log_say(struct log *l, char level, const char *words);
void log_number(struct log *l, const char *words, uint32_t number);
/* " at 0x8000: code -11 (timeout)", into l->text. */
void log_put_fault(struct log *l, int err, uint32_t addr);
/* Return once all has left; the stream's first error, else FAR_OK. */
int log_close(struct log *l);

#endif
