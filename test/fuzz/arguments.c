/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any file as one of arguments: what is taken are texts that end, no more bytes of them than the
 * file has, and in the places where it stood; quoted by '...', they come back the same. What is not
 * taken has an explanation.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/report.h"
#include "test/fuzz/input.h"

static int file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("arguments", 0);
	FUZZ_ASSERT(fd >= 0);
	return fd;
}

static enum cli_exit expand(struct cli *c, struct cli_arguments *a, const void *data, size_t len)
{
	static char name[] = "farflash", last[] = "last", path[40];
	char *argv[] = { name, path, last };

	snprintf(path, sizeof(path), "@/proc/self/fd/%d", file());
	FUZZ_ASSERT(ftruncate(file(), 0) == 0 && pwrite(file(), data, len, 0) == (ssize_t)len);
	return cli_arguments_expand(c, a, 3, argv);
}

/* The words between the first and the last, as a file that must give the same. */
static char *quoted(const struct cli_arguments *a, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	FUZZ_ASSERT(out != NULL);
	for (int i = 1; i < a->argc - 1; i++) {
		putc('\'', out);
		for (const char *at = a->argv[i]; *at; at++)
			fprintf(out, *at == '\'' ? "'\\%c'" : "%c", *at);
		fputs("'\n", out);
	}
	FUZZ_ASSERT(fclose(out) == 0);
	return text;
}

static void compare(struct cli *c, const struct cli_arguments *a)
{
	struct cli_arguments again;
	size_t len;
	char *text = quoted(a, &len);

	/* Quotes take room: a file at the limit may have none for them. */
	if (len <= CLI_ARGUMENTS_FILE_MAX) {
		FUZZ_ASSERT(expand(c, &again, text, len) == CLI_OK && again.argc == a->argc);
		for (int i = 0; i < a->argc; i++)
			FUZZ_ASSERT(strcmp(again.argv[i], a->argv[i]) == 0);
		cli_arguments_free(&again);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct cli_settings settings = { .json = true }; /* messages are kept, not printed */
	struct cli cli = { .set = &settings };
	struct cli_arguments a;
	size_t bytes = 0;

	cli_report_begin(&cli);
	enum cli_exit code = expand(&cli, &a, data, len);
	FUZZ_ASSERT(code == CLI_OK || code == CLI_FILE);
	FUZZ_ASSERT(cJSON_HasObjectItem(cli.root, "error") == (code != CLI_OK));
	if (code == CLI_OK) {
		FUZZ_ASSERT(a.argc >= 2 && a.argv[a.argc] == NULL);
		FUZZ_ASSERT(strcmp(a.argv[0], "farflash") == 0 &&
			    strcmp(a.argv[a.argc - 1], "last") == 0);
		for (int i = 1; i < a.argc - 1; i++)
			bytes += strlen(a.argv[i]);
		FUZZ_ASSERT(bytes <= len);
		compare(&cli, &a);
	}
	cli_arguments_free(&a);
	cJSON_Delete(cli.root);
	return 0;
}
