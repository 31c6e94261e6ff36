/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both cores' programs share: words on the board's console, and the partition they are about.
 */
#ifndef FARFLASH_APP_FLASH_IPM_CONSOLE_H
#define FARFLASH_APP_FLASH_IPM_CONSOLE_H

#include "core/text.h"
#include "farflash/board.h"

/* storage_partition of the sample's board, in a flash of 4 MiB. */
#define STORAGE_ADDR 0x3b0000u
#define STORAGE_LEN  0x30000u

#define CONSOLE_LINE 160u

/* A line being put together: text.at is line. */
struct console {
	struct far_stream *stream;
	int err; /* the first of the stream; from then on nothing is written */
	struct far_text text;
	char line[CONSOLE_LINE];
};

void console_init(struct console *c, const struct far_board *board);
/* Write what text holds, and begin it anew. */
void console_flush(struct console *c);
/* words, and what text held before. */
void console_say(struct console *c, const char *words);
/* Where and why it failed: "code -11 (timeout) at 0x3b0000", into text. */
void console_put_fault(struct console *c, int err, uint32_t addr);
/* Return once all has left; the stream's first error, else FAR_OK. */
int console_end(struct console *c);

/* What a program returns for a farflash result. */
int exit_of(int err);

#endif
