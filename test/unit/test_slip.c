/* SPDX-License-Identifier: Apache-2.0 */
/* link/slip both ways: every byte, every kind of damage, and what each costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "link/slip.h"
#include "test/common/script_stream.h"

enum { CAP = 16 };

static struct script_stream line;
static struct far_slip_decoder decoder;
static uint8_t *buf; /* of exactly CAP bytes, so that a sanitizer sees one too many */

static int setup(void **state)
{
	(void)state;
	script_open(&line);
	buf = malloc(CAP);
	decoder = (struct far_slip_decoder){ .buf = buf, .cap = CAP };
	return buf == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	free(buf);
	return 0;
}

/* Give bytes; none of them may end a frame. */
static void feed(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(far_slip_decode(&decoder, (uint8_t)bytes[i]), 0);
}

#define FEED(s) feed(s, sizeof(s) - 1)

/* The next delimiter ends a frame with this payload. */
static void assert_frame(const void *want, size_t len)
{
	assert_int_equal(far_slip_decode(&decoder, 0xC0), len);
	assert_memory_equal(buf, want, len);
}

static void assert_broken(void)
{
	assert_int_equal(far_slip_decode(&decoder, 0xC0), FAR_ERR_PROTO);
}

/* The shortest proof that a frame is read right. */
static void assert_works(void)
{
	FEED("\x01\xDB\xDC\x02");
	assert_frame("\x01\xC0\x02", 3);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void delimiter(void **state)
{
	(void)state;
	assert_int_equal(far_slip_delimit(&line.stream), FAR_OK);
	assert_int_equal(line.out_len, 1);
	assert_int_equal(line.out[0], 0xC0);
}

/* What a payload byte looks like on the wire; its length. */
static size_t escaped(uint8_t byte, uint8_t *to)
{
	to[0] = 0xDB;
	to[1] = byte == 0xC0 ? 0xDC : 0xDD;
	if (byte == 0xC0 || byte == 0xDB)
		return 2;
	to[0] = byte;
	return 1;
}

static void assert_written(const uint8_t *data, size_t len)
{
	uint8_t want[128];
	size_t n = 0;

	script_open(&line);
	assert_int_equal(far_slip_write(&line.stream, data, len), FAR_OK);
	for (size_t i = 0; i < len; i++)
		n += escaped(data[i], want + n);
	assert_int_equal(line.out_len, n);
	assert_memory_equal(line.out, want, n);
}

static void every_byte_is_written(void **state)
{
	(void)state;
	for (unsigned b = 0; b < 256; b++) {
		const uint8_t data[] = { 7, (uint8_t)b, 9 };

		assert_written(data, 3);
		assert_written(data, 2);
		assert_written(data + 1, 1);
		assert_written(data + 1, 2);
	}
	assert_written(NULL, 0);
}

/* Every string of five letters from those that matter. */
static void every_mix_is_written(void **state)
{
	static const uint8_t letters[] = { 0xC0, 0xDB, 0xDC, 0xDD, 0x00 };
	uint8_t data[5];

	(void)state;
	for (unsigned n = 0; n < 5 * 5 * 5 * 5 * 5; n++) {
		for (unsigned i = 0, rest = n; i < 5; i++, rest /= 5)
			data[i] = letters[rest % 5];
		assert_written(data, 5);
	}
}

/* Runs without special bytes are not cut up: each write may cost a system call. */
static void runs_go_out_whole(void **state)
{
	static const uint8_t data[1000] = { [500] = 0xDB };

	(void)state;
	assert_int_equal(far_slip_write(&line.stream, data, sizeof(data)), FAR_OK);
	assert_int_equal(line.writes, 3);
	assert_int_equal(line.out_len, 1001);
}

static void every_write_fails(void **state)
{
	static const uint8_t data[] = { 1, 0xC0, 2, 0xDB, 0xDB, 3 }; /* six writes */
	static const int codes[] = { FAR_ERR_IO, FAR_ERR_TIMEOUT, FAR_ERR_CANCELLED };

	(void)state;
	for (unsigned n = 1; n <= 6; n++)
		for (unsigned k = 0; k < 3; k++) {
			script_open(&line);
			line.fail_at = n;
			line.fail_err = codes[k];
			assert_int_equal(far_slip_write(&line.stream, data, sizeof(data)),
					 codes[k]);
			assert_int_equal(line.calls, n); /* it stops at once */
		}
	line.fail_at = 1;
	assert_int_equal(far_slip_delimit(&line.stream), FAR_ERR_CANCELLED);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void every_byte_is_read(void **state)
{
	(void)state;
	FEED("\xC0");
	for (unsigned b = 0; b < 256; b++) {
		const uint8_t want[] = { 7, (uint8_t)b, 9 };
		uint8_t wire[2];
		size_t n = escaped((uint8_t)b, wire);

		FEED("\x07");
		feed((const char *)wire, n);
		FEED("\x09");
		assert_frame(want, 3);
		feed((const char *)wire, n);
		assert_frame(want + 1, 1);
	}
}

static void empty_frames_are_nothing(void **state)
{
	(void)state;
	FEED("\xC0\xC0\xC0\xC0");
	assert_works();
	FEED("\xC0\xC0");
	assert_works();
}

/* Whatever comes before the first delimiter, also what would break a frame. */
static void before_the_first_delimiter(void **state)
{
	static const char *const junk[] = { "ets Jun  8 2016 00:22:57 rst:0x1", "\xDB", "x\xDB\xDB",
					    "\xDB\x41", "\xDC\xDD" };

	(void)state;
	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		decoder = (struct far_slip_decoder){ .buf = buf, .cap = CAP };
		feed(junk[i], strlen(junk[i]));
		FEED("\xC0");
		assert_works();
	}
}

/* A delimiter ends one frame and opens the next. */
static void shared_delimiters(void **state)
{
	(void)state;
	FEED("\xC0"
	     "a");
	assert_frame("a", 1);
	FEED("bb");
	assert_frame("bb", 2);
	FEED("c");
	assert_frame("c", 1);
}

/* Lost delimiters: two frames become one, those after them are right. */
static void lost_delimiter(void **state)
{
	(void)state;
	FEED("\xC0"
	     "aa" /* here one is missing, and its twin */ "bb");
	assert_frame("aabb", 4);
	FEED("\xC0");
	assert_works();
}

static void bad_escapes(void **state)
{
	(void)state;
	FEED("\xC0");
	for (unsigned b = 0; b < 256; b++) {
		const char byte = (char)b;

		if (b == 0xDC || b == 0xDD || b == 0xC0)
			continue;
		FEED("ok\xDB");
		feed(&byte, 1);
		FEED("ok");
		assert_broken();
		FEED("\xC0");
		assert_works();
	}
	/* Cut off in the middle of an escape: this delimiter opens the next frame. */
	FEED("ok\xDB");
	assert_broken();
	assert_works();
	FEED("\xDB");
	assert_broken();
	assert_works();
}

/* One bad escape breaks its frame only, also if more of them follow, or good ones. */
static void broken_stays_broken(void **state)
{
	(void)state;
	FEED("\xC0"
	     "\xDB"
	     "a"
	     "\xDB\xDC"
	     "b");
	assert_broken();
	FEED("\xDB\xDB"
	     "\xDB\xDB");
	assert_broken();
	FEED("\xDB\xDB\xDC"); /* the second escape does not start afresh */
	assert_broken();
	assert_works();
}

static void overflow(void **state)
{
	char long_one[3 * CAP];

	(void)state;
	memset(long_one, 'x', sizeof(long_one));
	FEED("\xC0");
	feed(long_one, CAP - 1);
	assert_frame(long_one, CAP - 1);
	feed(long_one, CAP);
	assert_frame(long_one, CAP);
	for (size_t len = CAP + 1; len <= sizeof(long_one); len++) {
		feed(long_one, len);
		assert_broken();
		assert_works();
	}
	/* An escape that would be one too many. */
	feed(long_one, CAP);
	FEED("\xDB\xDC");
	assert_broken();
	/* It counts as one byte where it fits. */
	feed(long_one, CAP - 1);
	FEED("\xDB\xDC");
	assert_int_equal(far_slip_decode(&decoder, 0xC0), CAP);
	assert_int_equal(buf[CAP - 1], 0xC0);
}

static void no_room_at_all(void **state)
{
	(void)state;
	decoder = (struct far_slip_decoder){ 0 };
	FEED("\xC0\xC0"
	     "a");
	assert_broken();
	FEED("\xC0");
}

/* What one writes the other reads, at any cut, with random payloads. */
static void there_and_back(void **state)
{
	uint8_t data[CAP];
	uint32_t seed = 5;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		static const uint8_t letters[] = { 0xC0, 0xDB, 0xDC, 0xDD, 0xFF, 0x00, 0x41, 0x08 };
		size_t len, split;
		int rc = 0;

		seed = seed * 1664525u + 1013904223u;
		len = 1 + (seed >> 8) % CAP;
		split = (seed >> 16) % len;
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525u + 1013904223u;
			data[i] = letters[seed >> 29];
		}
		script_open(&line);
		far_slip_delimit(&line.stream);
		far_slip_write(&line.stream, data, split);
		far_slip_write(&line.stream, data + split, len - split);
		far_slip_delimit(&line.stream);
		for (size_t i = 0; i < line.out_len; i++) {
			assert_int_equal(rc, 0);
			rc = far_slip_decode(&decoder, line.out[i]);
		}
		assert_int_equal(rc, len);
		assert_memory_equal(buf, data, len);
	}
}

/* Random bytes: never out of bounds, and a good frame gets through right after. */
static void noise(void **state)
{
	uint32_t seed = 9;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		for (unsigned i = 0; i < 200; i++) {
			static const uint8_t letters[] = { 0xC0, 0xDB, 0xDC, 0xDD };
			int rc;

			seed = seed * 1664525u + 1013904223u;
			rc = far_slip_decode(&decoder, seed >> 31 ? letters[seed >> 29 & 3]
								  : (uint8_t)(seed >> 16));
			assert_true(rc == FAR_ERR_PROTO || (rc >= 0 && rc <= CAP));
		}
		far_slip_decode(&decoder, 0xC0);
		assert_works();
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(delimiter),
		TEST(every_byte_is_written),
		TEST(every_mix_is_written),
		TEST(runs_go_out_whole),
		TEST(every_write_fails),
		TEST(every_byte_is_read),
		TEST(empty_frames_are_nothing),
		TEST(before_the_first_delimiter),
		TEST(shared_delimiters),
		TEST(lost_delimiter),
		TEST(bad_escapes),
		TEST(broken_stays_broken),
		TEST(overflow),
		TEST(no_room_at_all),
		TEST(there_and_back),
		TEST(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
