/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One object for machines or lines for people, never both: with --json stdout has one JSON object
 * and nothing else, whatever happens. Without it, results go to stdout and failures to stderr, a
 * line each.
 *
 * The first failure decides: what follows from it, such as a port that cannot be left properly,
 * does not take its place.
 */
#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/foreign.h"
#include "cli/progress.h"

#define TEXT_MAX 10240 /* two paths of PATH_MAX, and what there is to say about them */

/* Why stdout failed first, of lines that were flushed as they came; 0: it has not. */
static int stdout_errno;

void cli_report_begin(struct cli *c)
{
	if (!c->set->json || c->root)
		return;
	c->root = cJSON_CreateObject();
	c->result = cJSON_AddObjectToObject(c->root, "result");
}

/*
 * JSON is UTF-8, and names of files are any bytes: what is no character becomes the mark for that
 * (U+FFFD), as escape. Such bytes can only be inside of strings.
 */
static void put_json(const char *text)
{
	size_t n;
	for (; *text; text += n ? n : 1) {
		n = cli_utf8(text);
		if (n > 0)
			fwrite(text, 1, n, stdout);
		else
			fputs("\\ufffd", stdout);
	}
	putchar('\n');
}

/* What was said has to have arrived: a list that a full disk has cut short is no result. */
static enum cli_exit check_stdout(struct cli *c, enum cli_exit code)
{
	errno = EIO;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (c->failed == CLI_OK) /* else it may be that, and told already */
		fprintf(stderr, "farflash: cannot write to stdout: %s\n",
			strerror(stdout_errno ? stdout_errno : errno));
	/* A server announces itself long before its end: then it is told already. */
	if (c->failed == CLI_OK)
		c->failed = code == CLI_OK ? CLI_FILE : code;
	return c->failed;
}

int cli_report_end(struct cli *c, enum cli_exit code)
{
	if (c->failed != CLI_OK)
		code = c->failed;
	if (!c->root)
		return (int)check_stdout(c, code);

	cJSON_AddStringToObject(c->root, "command", c->command ? c->command->name : "");
	cJSON_AddBoolToObject(c->root, "ok", code == CLI_OK);
	cJSON_AddNumberToObject(c->root, "exit", (double)code);
	char *text = cJSON_Print(c->root);
	cJSON_Delete(c->root);
	c->root = c->result = NULL;
	if (text)
		put_json(text);
	else
		fprintf(stderr, "farflash: out of memory for the JSON result\n");
	free(text);
	return text || code ? (int)check_stdout(c, code) : (int)CLI_FILE;
}

void cli_say(const struct cli *c, const char *format, ...)
{
	if (c->set->quiet || c->set->json)
		return;
	FILE *out = c->stdout_is_data ? stderr : stdout;
	va_list args;
	cli_progress_hide();
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	putc('\n', out);
	/* Whoever reads a pipe sees each line as it happens. */
	if (fflush(out) != 0 && out == stdout && stdout_errno == 0)
		stdout_errno = errno;
}

/* At once, as it is about what is being done now; --quiet does not hide it. */
void cli_warn(struct cli *c, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	cli_progress_hide();
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
		cli_progress_hide();
		fprintf(stderr, "farflash: %s\n", text);
		return NULL;
	}
	cJSON *error = cJSON_AddObjectToObject(c->root, "error");
	cJSON_AddNumberToObject(error, "code", (double)code);
	cJSON_AddStringToObject(error, "name", cli_exit_name(code));
	cJSON_AddStringToObject(error, "message", text);
	return error;
}

/* Cut off at TEXT_MAX rather than allocated: "out of memory" is told by this, too. */
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
