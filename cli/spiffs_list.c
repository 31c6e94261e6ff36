/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash spiffs list: the files of an image, by name. Files that were never closed are listed and
 * marked: their size is not known, and reading them gives nothing that can be relied upon.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/spiffs.h"

/* Names are shown, not printed: an image may hold any bytes (see cli_spiffs_name). */
static void tell(struct cli *c, const struct far_spiffs_entry *e, cJSON *list)
{
	char text[CLI_SPIFFS_NAME];
	cli_spiffs_name(e->name, text);
	cli_say(c, "%10" PRIu32 "  %s%s", e->size, text,
		e->unfinished ? "  (was never closed)" : "");
	cJSON *one = cJSON_CreateObject();
	cJSON_AddStringToObject(one, "name", text);
	cJSON_AddNumberToObject(one, "size", e->size);
	cJSON_AddNumberToObject(one, "id", e->id);
	cJSON_AddNumberToObject(one, "type", e->type);
	cJSON_AddBoolToObject(one, "unfinished", e->unfinished);
	cJSON_AddItemToArray(list, one);
}

/* The array is made in any case, and thrown away where there is no JSON object for it. */
static enum cli_exit list(struct cli *c, struct cli_spiffs *s)
{
	struct cli_spiffs_files files;
	uint64_t bytes = 0;
	enum cli_exit code = cli_spiffs_files(c, s, &files);
	cJSON *array = cJSON_CreateArray();
	for (size_t i = 0; i < files.count && !code; i++) {
		tell(c, &files.list[i], array);
		bytes += files.list[i].size;
	}
	if (!code)
		cli_say(c, "%zu file%s, %" PRIu64 " bytes", files.count,
			files.count == 1 ? "" : "s", bytes);
	if (!code && c->result) {
		cJSON_AddItemToObject(c->result, "files", array);
		cJSON_AddNumberToObject(c->result, "bytes", (double)bytes);
	} else {
		cJSON_Delete(array);
	}
	free(files.list);
	return code;
}

/* Without an argument the image is behind --port. */
enum cli_exit cli_spiffs_list(struct cli *c, int argc, char **argv)
{
	struct cli_spiffs s;
	enum cli_exit code = cli_spiffs_open(c, &s, argc > 0 ? argv[0] : NULL);
	return code ? code : cli_spiffs_close(c, &s, list(c, &s));
}
