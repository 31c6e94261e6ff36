/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_get NAME... < JSON: parse all of stdin as exactly one JSON value and print the member that
 * the names lead to (a number is an array's index). Exit code 1: not JSON, or no such member.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

static int print(const cJSON *item)
{
	if (cJSON_IsString(item))
		return puts(item->valuestring) < 0;
	if (cJSON_IsBool(item))
		return puts(cJSON_IsTrue(item) ? "true" : "false") < 0;
	if (cJSON_IsNumber(item))
		return printf("%.15g\n", item->valuedouble) < 0;
	return puts(cJSON_IsArray(item) ? "array" : "object") < 0;
}

static const cJSON *follow(const cJSON *item, const char *name)
{
	if (cJSON_IsArray(item))
		return cJSON_GetArrayItem(item, atoi(name));
	return cJSON_GetObjectItemCaseSensitive(item, name);
}

int main(int argc, char **argv)
{
	static char text[1 << 20];
	size_t len = fread(text, 1, sizeof(text) - 1, stdin);
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithLengthOpts(text, len, &end, 0);
	/* Nothing but white space may follow: one object, not one object and a line of text. */
	if (!root || strspn(end, " \r\n\t") != (size_t)(text + len - end)) {
		fprintf(stderr, "json_get: not one JSON value: %.200s\n", text);
		cJSON_Delete(root);
		return 1;
	}
	const cJSON *item = root;
	for (int i = 1; i < argc && item; i++)
		item = follow(item, argv[i]);
	int bad = !item;
	if (bad)
		fprintf(stderr, "json_get: no such member in %.500s\n", text);
	else
		bad = print(item);
	cJSON_Delete(root);
	return bad;
}
