/* SPDX-License-Identifier: Apache-2.0 */
/* The log of the monitor: one line of the chip is one line of the file, with its time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/monitor_log.h"

#define STAMP "1970-01-01 00:00:07.123 "

static struct cli_monitor_log log_of_chip;
static char *text;
static size_t text_len;

static void fixed_time(struct timespec *now)
{
	*now = (struct timespec){ .tv_sec = 7, .tv_nsec = 123456789 };
}

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	memset(&log_of_chip, 0, sizeof(log_of_chip));
	log_of_chip.file = open_memstream(&text, &text_len);
	log_of_chip.now = fixed_time;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fclose(log_of_chip.file);
	free(text);
	return 0;
}

static void put(const char *bytes, size_t len)
{
	assert_int_equal(cli_monitor_log_bytes(&log_of_chip, (const uint8_t *)bytes, len), 0);
}

static void expect(const char *wanted)
{
	assert_int_equal(cli_monitor_log_end(&log_of_chip), 0);
	fflush(log_of_chip.file);
	assert_string_equal(text, wanted);
}

static void lines_are_lines(void **state)
{
	(void)state;
	put("one\r\ntw", 7);
	put("o\n\r\n\nlast", 9);
	expect(STAMP "one\n" STAMP "two\n" STAMP "\n" STAMP "\n" STAMP "last\n");
}

/* A whole line is in the file at once: whoever looks sees it. */
static void whole_lines_are_written_at_once(void **state)
{
	(void)state;
	put("ab", 2);
	fflush(log_of_chip.file);
	assert_int_equal(text_len, 0);
	put("c\n", 2);
	assert_string_equal(text, STAMP "abc\n");
}

static void noise_is_shown_as_numbers(void **state)
{
	(void)state;
	put("a\0\x1b[m\t\x7f\xc3\xa9\n", 10);
	expect(STAMP "a\\x00\\x1b[m\t\\x7f\xc3\xa9\n");
}

static void long_lines_are_continued(void **state)
{
	char line[CLI_MONITOR_LINE_MAX + 3];

	(void)state;
	memset(line, 'x', sizeof(line));
	put(line, sizeof(line));
	put("\n", 1);
	fflush(log_of_chip.file);
	assert_int_equal(text_len, sizeof(line) + 2 * (sizeof(STAMP) - 1 + 1));
	assert_non_null(strstr(text, "x\n" STAMP "xxx\n"));
}

static void no_file_is_no_log(void **state)
{
	FILE *file = log_of_chip.file;

	(void)state;
	log_of_chip.file = NULL;
	put("abc\n", 4);
	assert_int_equal(cli_monitor_log_end(&log_of_chip), 0);
	log_of_chip.file = file;
	expect("");
}

static void full_disk_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct cli_monitor_log log = { .file = full };

	(void)state;
	assert_non_null(full);
	assert_int_equal(cli_monitor_log_bytes(&log, (const uint8_t *)"abc\n", 4), -1);
	fclose(full);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_lines),           TEST(whole_lines_are_written_at_once),
		TEST(noise_is_shown_as_numbers), TEST(long_lines_are_continued),
		TEST(no_file_is_no_log),         TEST(full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
