/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text put together piece by piece in the caller's memory, for where there is no printf. What does
 * not fit is cut off; the text is never terminated by a zero.
 */
#ifndef FARFLASH_CORE_TEXT_H
#define FARFLASH_CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct far_text {
	char *at;
	size_t cap, len; /* bytes there, and used */
};

void far_text_put(struct far_text *t, const char *words);
/* In lower case, with zeros in front up to digits (0: as short as it is). */
void far_text_hex(struct far_text *t, uint32_t value, unsigned digits);
void far_text_decimal(struct far_text *t, uint32_t value);
/* What others chose: at most 32 bytes of it, dots for all that is not printable ASCII. */
void far_text_foreign(struct far_text *t, const char *words, size_t len);

#define FAR_TEXT_DUMP_BYTES 16u /* in a line of a hex dump */
#define FAR_TEXT_DUMP_LINE  80u /* characters of such a line, and some to spare */

/*
 * A line of a hex dump, with its end: len (1 to FAR_TEXT_DUMP_BYTES) bytes of data, from addr on. A
 * short line keeps its columns.
 * 003B0000: 00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f |........ ........|
 */
void far_text_dump(struct far_text *t, uint32_t addr, const uint8_t *data, size_t len);

#endif
