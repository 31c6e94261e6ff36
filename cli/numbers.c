/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Not strtoul: that takes signs, blanks and octal, depends on the locale, and its unsigned long is
 * not the same on all computers. What is typed here becomes an address that is erased, so that
 * nothing is guessed.
 */
#include "cli/numbers.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define KIB 1024u
#define MIB (1024u * 1024u)

/* As people write them and esptool does; all of them powers of 1024, as flashes are made so. */
static const struct {
	const char *text;
	uint32_t factor;
} suffixes[] = {
	{ "", 1 },      { "k", KIB }, { "K", KIB },  { "kB", KIB },  { "KB", KIB },
	{ "KiB", KIB }, { "M", MIB }, { "MB", MIB }, { "MiB", MIB },
};

/* The value of a digit, or base itself for a character that is none. Locale plays no part. */
static unsigned digit_value(char c, unsigned base)
{
	unsigned v = base;
	if (c >= '0' && c <= '9')
		v = (unsigned)(c - '0');
	else if (c >= 'a' && c <= 'f')
		v = (unsigned)(c - 'a') + 10;
	else if (c >= 'A' && c <= 'F')
		v = (unsigned)(c - 'A') + 10;
	return v < base ? v : base;
}

/* The suffixes go by the whole rest of the text, so that "4Mx" is no 4M. */
enum cli_number cli_parse_number(const char *text, uint32_t *value)
{
	unsigned base = 10;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}

	const char *first = text;
	uint64_t sum = 0;
	for (unsigned d; (d = digit_value(*text, base)) < base; text++) {
		/* Saturate: a hundred digits must not wrap round to something small. */
		if (sum <= UINT32_MAX)
			sum = sum * base + d;
	}
	if (text == first)
		return CLI_NUMBER_MALFORMED;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strcmp(text, suffixes[i].text) != 0)
			continue;
		if (sum > UINT32_MAX / suffixes[i].factor)
			return CLI_NUMBER_TOO_LARGE;
		*value = (uint32_t)sum * suffixes[i].factor;
		return CLI_NUMBER_OK;
	}
	return CLI_NUMBER_MALFORMED;
}

/* Exact, or in bytes: a size that is rounded would be typed back wrong. */
const char *cli_format_size(uint32_t value, char text[24])
{
	if (value >= MIB && value % MIB == 0)
		snprintf(text, 24, "%" PRIu32 " MiB", value / MIB);
	else if (value >= KIB && value % KIB == 0)
		snprintf(text, 24, "%" PRIu32 " KiB", value / KIB);
	else
		snprintf(text, 24, "%" PRIu32 " bytes", value);
	return text;
}
