/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text into a buffer of the caller's, for firmware that has no printf. What does not fit is left
 * out: a line that is cut is better than none, and nobody has to check.
 */
#include "core/text.h"

/* Characters of somebody else's; more could push our own words off the screen. */
#define FOREIGN_MAX 32u

static void put_char(struct far_text *t, char c)
{
	if (t->len < t->cap)
		t->at[t->len++] = c;
}

/* Control characters from a file or a line could do things to a terminal. */
static char printable(char c)
{
	return c >= 0x20 && c < 0x7F ? c : '.';
}

void far_text_put(struct far_text *t, const char *words)
{
	while (*words != '\0')
		put_char(t, *words++);
}

void far_text_foreign(struct far_text *t, const char *words, size_t len)
{
	for (size_t i = 0; i < len && i < FOREIGN_MAX; i++)
		put_char(t, printable(words[i]));
	if (len > FOREIGN_MAX)
		far_text_put(t, "...");
}

/* At least so many digits (1 to 8), and as many more as the value has. */
static void put_hex(struct far_text *t, uint32_t value, unsigned digits, const char *digit)
{
	unsigned shift = 32;

	while (shift > 4 && shift > 4 * digits && value >> (shift - 4) == 0)
		shift -= 4;
	while (shift > 0) {
		shift -= 4;
		put_char(t, digit[value >> shift & 0xF]);
	}
}

void far_text_hex(struct far_text *t, uint32_t value, unsigned digits)
{
	put_hex(t, value, digits, "0123456789abcdef");
}

void far_text_decimal(struct far_text *t, uint32_t value)
{
	char digit[10]; /* 4294967295 */
	size_t n = 0;

	do /* from the last digit on; 0 has one, too */
		digit[n++] = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	while (n > 0)
		put_char(t, digit[--n]);
}

/* Addresses in upper case, bytes in lower: so it is in the dumps that scripts look for. */
void far_text_dump(struct far_text *t, uint32_t addr, const uint8_t *data, size_t len)
{
	const size_t half = FAR_TEXT_DUMP_BYTES / 2;

	put_hex(t, addr, 8, "0123456789ABCDEF");
	put_char(t, ':');
	/* A short last line keeps its columns, so that the text on the right stays in line. */
	for (size_t i = 0; i < FAR_TEXT_DUMP_BYTES; i++) {
		far_text_put(t, i == half ? "  " : " ");
		if (i < len)
			far_text_hex(t, data[i], 2);
		else
			far_text_put(t, "  ");
	}
	far_text_put(t, " |");
	for (size_t i = 0; i < FAR_TEXT_DUMP_BYTES; i++) {
		if (i == half)
			put_char(t, ' ');
		put_char(t, i < len ? printable((char)data[i]) : ' ');
	}
	far_text_put(t, "|\n");
}
