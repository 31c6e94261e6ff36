/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1024

void cli_report_begin(struct cli *c)
{
	if (!c->set->json || c->root)
		return;
	c->root = cJSON_CreateObject();
	c->result = cJSON_AddObjectToObject(c->root, "result");
}

int cli_report_end(struct cli *c, enum cli_exit code)
{
	if (c->failed != CLI_OK)
		code = c->failed;
	if (!c->root)
		return (int)code;

	cJSON_AddStringToObject(c->root, "command", c->command ? c->command->name : "");
	cJSON_AddBoolToObject(c->root, "ok", code == CLI_OK);
	cJSON_AddNumberToObject(c->root, "exit", (double)code);
	char *text = cJSON_Print(c->root);
	cJSON_Delete(c->root);
	c->root = c->result = NULL;
	if (!text || printf("%s\n", text) < 0 || fflush(stdout) != 0) {
		fprintf(stderr, "farflash: cannot print the JSON result\n");
		code = code == CLI_OK ? CLI_FILE : code;
	}
	free(text);
	return (int)code;
}

void cli_say(const struct cli *c, const char *format, ...)
{
	if (c->set->quiet || c->set->json)
		return;
	FILE *out = c->stdout_is_data ? stderr : stdout;
	va_list args;
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	putc('\n', out);
	fflush(out); /* whoever reads a pipe sees each line as it happens */
}

void cli_warn(struct cli *c, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	fprintf(stderr, "farflash: warning: %s\n", text);
	if (!c->root)
		return;
	cJSON *list = cJSON_GetObjectItem(c->root, "warnings");
	if (!list)
		list = cJSON_AddArrayToObject(c->root, "warnings");
	cJSON_AddItemToArray(list, cJSON_CreateString(text));
}

/* Record the first failure. Returns the JSON error object to add details to, or NULL. */
static cJSON *record(struct cli *c, enum cli_exit code, const char *text)
{
	if (c->failed != CLI_OK)
		return NULL;
	c->failed = code;
	if (!c->root) {
		fprintf(stderr, "farflash: %s\n", text);
		return NULL;
	}
	cJSON *error = cJSON_AddObjectToObject(c->root, "error");
	cJSON_AddNumberToObject(error, "code", (double)code);
	cJSON_AddStringToObject(error, "name", cli_exit_name(code));
	cJSON_AddStringToObject(error, "message", text);
	return error;
}

enum cli_exit cli_fail(struct cli *c, enum cli_exit code, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	record(c, code, text);
	return code;
}

/* Append to text, which always stays terminated. */
static void add(char text[TEXT_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char text[TEXT_MAX], const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;
	va_start(args, format);
	vsnprintf(text + used, TEXT_MAX - used, format, args);
	va_end(args);
}

/* Where it stood, what the peer said, and what may have changed. */
static void add_details(char text[TEXT_MAX], const struct far_flash_fault *fault,
			const struct cli_touched *touched)
{
	if (fault && fault->err == FAR_ERR_REFUSED)
		add(text, " (its code is 0x%02" PRIx32 ")", fault->peer_code);
	if (touched && fault && fault->err != FAR_OK)
		add(text, ", at 0x%" PRIx32, fault->addr);
	if (touched && touched->len > 0)
		add(text,
		    ". The flash from 0x%" PRIx32 " to 0x%" PRIx32
		    " may have changed, nothing else has",
		    touched->addr, touched->addr + (touched->len - 1));
	else if (touched)
		add(text, ". The flash was not changed");
}

/* What a program needs to decide what to do next. */
static void record_details(cJSON *error, int err, const struct far_flash_fault *fault,
			   const struct cli_touched *touched)
{
	cJSON_AddStringToObject(error, "cause", far_err_name(err));
	if (fault) {
		cJSON_AddNumberToObject(error, "addr", fault->addr);
		cJSON_AddNumberToObject(error, "peer_code", fault->peer_code);
	}
	if (touched) {
		cJSON *range = cJSON_AddObjectToObject(error, "touched");
		cJSON_AddNumberToObject(range, "addr", touched->addr);
		cJSON_AddNumberToObject(range, "len", touched->len);
	}
}

enum cli_exit cli_fail_flash(struct cli *c, enum cli_phase phase, int err,
			     const struct far_flash_fault *fault, const struct cli_touched *touched,
			     const char *format, ...)
{
	int saved_errno = errno;
	struct cli_meaning m = cli_meaning(phase, err);
	char text[TEXT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	add(text, ": %s", m.description ? m.description : strerror(saved_errno));
	add_details(text, fault, touched);
	if (m.remedy[0])
		add(text, "; %s", m.remedy);

	cJSON *error = record(c, m.exit, text);
	if (error)
		record_details(error, err, fault, touched);
	return m.exit;
}
