/* SPDX-License-Identifier: Apache-2.0 */
/* Names from an image, which may hold anything: how they are shown, and where they may lead. */
#include <string.h>

#include "cli/spiffs.h"

/* Bytes of the UTF-8 character (RFC 3629) at s; 0: there is none. s ends with a NUL. */
static size_t utf8(const unsigned char *s)
{
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

/* C0, DEL; and C1 (U+0080 to U+009F), which terminals obey as well. */
static bool is_control(const unsigned char *s)
{
	return s[0] < 0x20 || s[0] == 0x7F || (s[0] == 0xC2 && s[1] < 0xA0);
}

const char *cli_spiffs_name(const char *name, char text[CLI_SPIFFS_NAME])
{
	const unsigned char *s = (const unsigned char *)name;
	char *to = text;
	while (*s) {
		size_t n = utf8(s);
		if (n == 0 || is_control(s) || *s == '\\') {
			to += sprintf(to, "\\x%02x", *s++);
			continue;
		}
		memcpy(to, s, n);
		to += n;
		s += n;
	}
	*to = '\0';
	return text;
}

/* One part of a path, len bytes. NULL: there is nothing against it. */
static const char *against(const char *part, size_t len)
{
	if (len == 0)
		return "a part of it is empty";
	if (len == 1 && part[0] == '.')
		return "a part of it is .";
	if (len == 2 && part[0] == '.' && part[1] == '.')
		return "a part of it is ..";
	for (size_t i = 0; i < len; i++) {
		if (is_control((const unsigned char *)part + i))
			return "it has control characters";
	}
	return NULL;
}

const char *cli_spiffs_path(const char *name, const char **why)
{
	const char *path = name + (name[0] == '/');
	const char *part = path;
	for (;;) {
		size_t len = strcspn(part, "/");
		*why = against(part, len);
		if (*why)
			return NULL;
		if (!part[len])
			return path;
		part += len + 1;
	}
}
