/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names from an image, which may hold anything: how they are shown, and where they may lead. SPIFFS
 * knows no folders: a slash is a character of the name. extract makes folders of them, so a name is
 * looked at part by part.
 */
#include <string.h>

#include "cli/foreign.h"
#include "cli/spiffs.h"

const char *cli_spiffs_name(const char *name, char text[CLI_SPIFFS_NAME])
{
	return cli_foreign(name, text, CLI_SPIFFS_NAME);
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
		if (cli_is_control(part + i))
			return "it has control characters";
	}
	return NULL;
}

/* The one slash in front is how ESP-IDF names all files; a second one is an empty part. */
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
