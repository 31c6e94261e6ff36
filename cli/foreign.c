/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/foreign.h"

#include <stdio.h>
#include <string.h>

#define ESCAPED 4u /* characters of \xNN */

size_t cli_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	if (s[0] > 0xF4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	}
	/* Too long for what it says, a surrogate, beyond the last one. */
	if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] >= 0xA0) ||
	    (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] >= 0x90))
		return 0;
	return n;
}

bool cli_is_control(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	return s[0] < 0x20 || s[0] == 0x7F || (s[0] == 0xC2 && s[1] >= 0x80 && s[1] < 0xA0);
}

const char *cli_foreign(const char *text, char *out, size_t cap)
{
	char *to = out;
	while (*text) {
		size_t n = cli_utf8(text), room = cap - (size_t)(to - out) - 1;
		bool plain = n > 0 && !cli_is_control(text) && *text != '\\';
		if ((plain ? n : ESCAPED) > room)
			break;
		if (plain)
			memcpy(to, text, n);
		else
			snprintf(to, room + 1, "\\x%02x", (unsigned char)*text);
		to += plain ? n : ESCAPED;
		text += plain ? n : 1;
	}
	*to = '\0';
	return out;
}
