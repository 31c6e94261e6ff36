/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/numbers.h"

#define UNTOUCHED 0xDEADBEEFu

static const struct {
	const char *text;
	uint32_t value;
} good[] = {
	{ "0", 0 },
	{ "1", 1 },
	{ "007", 7 },
	{ "010", 10 }, /* not octal */
	{ "4294967295", 0xFFFFFFFF },
	{ "00000000004294967295", 0xFFFFFFFF },
	{ "0x0", 0 },
	{ "0xFfFfFfFf", 0xFFFFFFFF },
	{ "0X10", 16 },
	{ "0x000000000000010", 16 },
	{ "4k", 4096 },
	{ "4K", 4096 },
	{ "4kB", 4096 },
	{ "4KB", 4096 },
	{ "4KiB", 4096 },
	{ "4M", 4194304 },
	{ "4MB", 4194304 },
	{ "4MiB", 4194304 },
	{ "0x10k", 16384 },
	{ "0x4B", 0x4B }, /* a digit, not a suffix */
	{ "0x1bM", 0x1B00000 },
	{ "4095M", 0xFFF00000 },
	{ "4194303k", 0xFFFFFC00 },
	{ "0M", 0 },
};

static const char *const malformed[] = {
	"",    "x",   "0x",    "0xg",  "k",   "M",   "-1",  "+1",   " 1",   "1 ",
	"1.5", "1e3", "12q",   "4m",   "4Mi", "4B",  "4kk", "4G",   "0x4h", "1,",
	"١",   "4k ", "1_000", "0b11", "ff",  "0xk", "--",  "0x-1",
};

static const char *const too_large[] = {
	"4294967296",
	"0x100000000",
	"4096M",
	"4194304k",
	"0xFFFFFFFFk",
	"18446744073709551616",
	"18446744073709551617",
	"99999999999999999999999999999999999999999999999999",
	"0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
	"0x10000000000000001k",
};

static void reads_every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint32_t value = UNTOUCHED;
		if (cli_parse_number(good[i].text, &value) != CLI_NUMBER_OK)
			fail_msg("'%s' not read", good[i].text);
		if (value != good[i].value)
			fail_msg("'%s' became %u", good[i].text, value);
	}
}

static void refuses_what_is_no_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		uint32_t value = UNTOUCHED;
		if (cli_parse_number(malformed[i], &value) != CLI_NUMBER_MALFORMED)
			fail_msg("'%s' taken for a number", malformed[i]);
		assert_int_equal(value, UNTOUCHED);
	}
}

static void refuses_what_does_not_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(too_large) / sizeof(too_large[0]); i++) {
		uint32_t value = UNTOUCHED;
		if (cli_parse_number(too_large[i], &value) != CLI_NUMBER_TOO_LARGE)
			fail_msg("'%s' not found too large", too_large[i]);
		assert_int_equal(value, UNTOUCHED);
	}
}

static void formats_sizes(void **state)
{
	char text[24];
	(void)state;
	assert_string_equal(cli_format_size(0, text), "0 bytes");
	assert_string_equal(cli_format_size(1023, text), "1023 bytes");
	assert_string_equal(cli_format_size(1024, text), "1 KiB");
	assert_string_equal(cli_format_size(1025, text), "1025 bytes");
	assert_string_equal(cli_format_size(65536, text), "64 KiB");
	assert_string_equal(cli_format_size(4194304, text), "4 MiB");
	assert_string_equal(cli_format_size(1048576 + 1024, text), "1025 KiB");
	assert_string_equal(cli_format_size(0xFFFFFFFF, text), "4294967295 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_form),
		cmocka_unit_test(refuses_what_is_no_number),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(formats_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
