/* SPDX-License-Identifier: Apache-2.0 */
/* cli/intel_hex: records by hand, everything that can be wrong with one, round trips, noise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/intel_hex.h"

#define END ":00000001FF\n"

static struct cli_hex hex;
static char error[CLI_HEX_ERROR_MAX];

static int drop(void **state)
{
	(void)state;
	cli_hex_free(&hex);
	return 0;
}

/* The text in memory of just its length, so that the sanitizer sees a read beyond it. */
static bool parse(const char *text, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	bool ok;

	assert_non_null(copy);
	memcpy(copy, text, len);
	cli_hex_free(&hex);
	error[0] = '\0';
	ok = cli_hex_parse(&hex, copy, len, error);
	free(copy);
	assert_int_equal(ok, error[0] == '\0');
	return ok;
}

static void good(const char *text)
{
	if (!parse(text, strlen(text)))
		fail_msg("%s", error);
}

static void bad(const char *text, const char *why)
{
	if (parse(text, strlen(text)))
		fail_msg("taken: %s", text);
	if (!strstr(error, why))
		fail_msg("'%s' is not in '%s'", why, error);
}

static void assert_range(size_t i, uint32_t addr, uint32_t len, const char *bytes)
{
	assert_true(i < hex.count);
	assert_int_equal(hex.ranges[i].addr, addr);
	assert_int_equal(hex.ranges[i].len, len);
	assert_memory_equal(hex.ranges[i].data, bytes, len);
}

/* From Intel's specification and by hand: the sum of all bytes of a record is 0. */
static void by_hand(void **state)
{
	(void)state;
	good(":0300300002337A1E\n" END);
	assert_int_equal(hex.count, 1);
	assert_range(0, 0x30, 3, "\x02\x33\x7A");

	/* Type 4: the high half. Lower case, carriage returns and blank lines are all right. */
	good(":020000040001f9\r\n:04000000deadbeefc4\r\n\r\n" END);
	assert_range(0, 0x10000, 4, "\xDE\xAD\xBE\xEF");

	/* Type 2: paragraphs. Types 3 and 5 say where to start, which nobody asks here. */
	good(":020000021200EA\n:0100000041BE\n:0400000300003800C1\n:04000005000000CD2A\n" END);
	assert_range(0, 0x12000, 1, "A");
	good(":0100000041BE\n:00000001FF"); /* no end of line at the end */
	assert_range(0, 0, 1, "A");
}

/* In any order; what adjoins becomes one range, what does not stays apart. */
static void ranges(void **state)
{
	(void)state;
	good(":0100040045B6\n:0100000041BE\n:0100010042BC\n:0100050046B4\n:0100020043BA\n" END);
	assert_int_equal(hex.count, 2);
	assert_range(0, 0, 3, "ABC");
	assert_range(1, 4, 2, "EF");
	/* Data that go over a line of 64 KiB. */
	good(":02FFFF0041427D\n" END);
	assert_range(0, 0xFFFF, 2, "AB");
	/* Records without data are no ranges. */
	bad(":00000000000\n" END, "line 1");
	bad(":0000000000\n" END, "no data");
}

static void broken(void **state)
{
	(void)state;
	bad("", "cut off");
	bad("\n\n", "cut off");
	bad(":0300300002337A1E\n", "cut off");
	bad(END, "no data");
	bad(":0300300002337A1F\n" END, "line 1: the checksum is 0x1f, but 0x1e would be right");
	bad(":0300300002337A1E\n:0300300002337A00\n" END, "line 2: the checksum");
	bad("0300300002337A1E\n" END, "line 1: a record begins with ':'");
	bad(":0300300002337A1E junk\n" END, "line 1");
	bad(":03003000023G7A1E\n" END, "column 13: not a hexadecimal digit");
	bad(":0300300002337A1\n" END, "line 1: 15 digits");
	bad(":00\n" END, "line 1: 2 digits");
	bad(":\n" END, "line 1: 0 digits");
	bad(":0400300002337A1D\n" END, "3 bytes of data, but the record tells of 4");
	bad(":0200300002337A1F\n" END, "3 bytes of data, but the record tells of 2");
	bad(":0000000600FA\n" END, "line 1");
	bad(":00000006FA\n" END, "unknown record type 06");
	bad(":000000FF01\n" END, "unknown record type ff");
	bad(":0100000400FB\n" END, "type 04 has 2 bytes, not 1");
	bad(":0100000200FD\n" END, "type 02 has 2 bytes, not 1");
	bad(":00000003FD\n" END, "type 03 has 4 bytes, not 0");
	bad(":00000005FB\n" END, "type 05 has 4 bytes, not 0");
	bad(":0100000100FE\n", "type 01 has 0 bytes, not 1");
	bad(":0300300002337A1E\n" END ":0100000041BE\n",
	    "line 3: something follows the end record");
	bad(":0300300002337A1E\n" END END, "line 3: something follows the end record");
	/* Data twice: the later line is named, whichever has the lower address. */
	bad(":020000004142"
	    "7B\n:0100010042BC\n" END,
	    "line 2: from here on data at 0x00000001");
	bad(":0100010042BC\n:0200000041427B\n" END, "line 2");
	bad(":020000021000EC\n:02FFFF0041427D\n" END, "line 2: the data go round the end");
	bad(":02000004FFFFFC\n:02FFFF0041427D\n" END, "line 2: the data reach beyond");
}

static void detect(void **state)
{
	static const struct {
		const char *path, *text;
		bool hex;
	} cases[] = {
		{ "a.bin", ":0300300002337A1E\n", true },
		{ "a", ":00000001FF", true },
		{ "a.bin", ":0300300002337A1E\r\n\xff\xff", true },
		{ "a.hex", "\xE9\x01", true },
		{ "A.HEX", "", true },
		{ "hex", "", false },
		{ "a.bin", "", false },
		{ "a.bin", ":", false },
		{ "a.bin", ":00000001F", false },
		{ "a.bin", ":00000001FG", false },
		{ "a.bin", ":0300300002337A1 \n", false },
		{ "a.bin", "\xE9\x01", false },
		{ "a.hex.bin", "text", false },
	};
	char large[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(cli_hex_detect(cases[i].path, (const uint8_t *)cases[i].text,
						strlen(cases[i].text)),
				 cases[i].hex);
	memset(large, '0', sizeof(large)); /* longer than any record */
	large[0] = ':';
	assert_false(cli_hex_detect("a.bin", (const uint8_t *)large, sizeof(large) - 1));
	assert_true(cli_hex_detect("a.bin", (const uint8_t *)large, 521));
}

/* What cli_hex_write makes of bytes, parsed again, is those bytes; and the text is as by hand. */
static void write_by_hand(void **state)
{
	char *text;
	size_t len;
	uint32_t upper = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_true(cli_hex_write(out, 0x1FFFE, (const uint8_t *)"ABCD", 4, &upper));
	assert_true(cli_hex_write(out, 0x20010, (const uint8_t *)"E", 1, &upper));
	assert_true(cli_hex_write_end(out));
	fclose(out);
	assert_string_equal(text, ":020000040001F9\n:02FFFE0041427E\n:020000040002F8\n"
				  ":02000000434477\n:0100100045AA\n:00000001FF\n");
	free(text);
}

static void round_trips(void **state)
{
	static uint8_t bytes[3][70000];
	uint32_t seed = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		seed = seed * 1664525u + 1013904223u;
		(&bytes[0][0])[i] = (uint8_t)(seed >> 24);
	}
	for (uint32_t n = 0; n < 40; n++) {
		uint32_t addr[3], len[3], upper = 0;
		char *text;
		size_t text_len;
		FILE *out = open_memstream(&text, &text_len);

		for (uint32_t i = 0, at = n % 5 ? n * 77 : 0xFFFD0000; i < 3; i++) {
			addr[i] = at;
			len[i] = 1 + (n * 7919 + i * 104729) % (n % 5 ? 70000 : 5000);
			assert_true(cli_hex_write(out, addr[i], bytes[i], len[i], &upper));
			at += len[i] + 1 + n * 1000 % 50000;
		}
		assert_true(cli_hex_write_end(out));
		fclose(out);
		assert_true(parse(text, text_len));
		free(text);
		assert_int_equal(hex.count, 3);
		for (uint32_t i = 0; i < 3; i++)
			assert_range(i, addr[i], len[i], (const char *)bytes[i]);
	}
}

/* A sound text, cut anywhere, or with any byte changed to any other: no crash, no half result. */
static void hostile(void **state)
{
	static const char text[] = ":020000040001F9\n:0300300002337A1E\n:0100000041BE\n" END;
	size_t len = sizeof(text) - 1;
	char copy[sizeof(text)];

	(void)state;
	for (size_t cut = 0; cut < len - 1; cut++)
		assert_false(parse(text, cut));
	for (size_t at = 0; at < len; at++)
		for (unsigned v = 0; v < 256; v++) {
			memcpy(copy, text, sizeof(text));
			copy[at] = (char)v;
			/* One changed digit is always seen: the sum is. White space may differ. */
			if (parse(copy, len))
				assert_true(copy[at] == text[at] || text[at] == '\n' ||
					    (text[at] >= 'A' && text[at] <= 'F' &&
					     copy[at] == text[at] + 32));
		}
	for (uint32_t n = 0, seed = 1; n < 3000; n++) {
		char random[300];

		for (size_t i = 0; i < sizeof(random); i++) {
			seed = seed * 1664525u + 1013904223u;
			random[i] = ":0123456789ABCDEF\n\r 00000"[(seed >> 24) % 25];
		}
		parse(random, n % sizeof(random));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(by_hand, drop),
		cmocka_unit_test_teardown(ranges, drop),
		cmocka_unit_test_teardown(broken, drop),
		cmocka_unit_test(detect),
		cmocka_unit_test(write_by_hand),
		cmocka_unit_test_teardown(round_trips, drop),
		cmocka_unit_test_teardown(hostile, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
