/* SPDX-License-Identifier: Apache-2.0 */
/* link/loader on a scripted line: whatever comes in, and every wait bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "link/loader.h"
#include "test/common/script_stream.h"

static struct script_stream line;
static struct far_loader loader;
static struct far_loader_reply reply;

static int setup(void **state)
{
	(void)state;
	script_open(&line);
	memset(&loader, 0xA5, sizeof(loader)); /* init must not rely on anything */
	far_loader_init(&loader, &line.stream, &line.clock);
	memset(&reply, 0, sizeof(reply));
	return 0;
}

/* A good reply to op with len bytes of data; on the wire. The data is 0xC0, 0xC1, ... */
static size_t good(uint8_t op, uint8_t len, uint8_t *to)
{
	uint8_t payload[80] = { 1, op, len, 0, 0x78, 0x56, 0x34, 0x12 };

	for (unsigned i = 0; i < len; i++)
		payload[8 + i] = (uint8_t)(0xC0 + i);
	return script_frame(payload, 8u + len, to);
}

static void feed_good(uint32_t delay_ms, uint8_t op, uint8_t len)
{
	uint8_t wire[200];

	script_feed(&line, delay_ms, wire, good(op, len, wire));
}

static void assert_good(uint8_t op, uint8_t len)
{
	assert_int_equal(reply.op, op);
	assert_int_equal(reply.len, len);
	assert_int_equal(reply.value, 0x12345678);
	for (unsigned i = 0; i < len; i++)
		assert_int_equal(reply.data[i], (uint8_t)(0xC0 + i));
}

static int receive(uint32_t timeout_ms)
{
	return far_loader_receive(&loader, &reply, timeout_ms);
}

/* ---- receive --------------------------------------------------------------------------------- */

static void every_length(void **state)
{
	(void)state;
	for (uint8_t len = 0; len <= 72; len++) {
		setup(NULL);
		feed_good(0, 0x42, len);
		assert_int_equal(receive(100), FAR_OK);
		assert_good(0x42, len);
		assert_int_equal(line.now_ms, 0); /* nothing to wait for */
		assert_int_equal(receive(0), FAR_ERR_TIMEOUT);
	}
}

/* In reads of every size, and in two parts with a pause at every place. */
static void every_cut(void **state)
{
	uint8_t wire[200];
	size_t len = good(0x0A, 20, wire);

	(void)state;
	for (size_t cut = 1; cut <= len; cut++) {
		setup(NULL);
		line.cut = cut;
		feed_good(0, 0x0A, 20);
		feed_good(0, 0x0B, 3);
		assert_int_equal(receive(1), FAR_OK);
		assert_good(0x0A, 20);
		assert_int_equal(receive(1), FAR_OK);
		assert_good(0x0B, 3);
	}
	for (size_t cut = 1; cut < len; cut++) {
		setup(NULL);
		script_feed(&line, 3, wire, cut);
		script_feed(&line, 4, wire + cut, len - cut);
		assert_int_equal(receive(7), FAR_OK);
		assert_good(0x0A, 20);
		assert_int_equal(line.now_ms, 7);
	}
}

/* A frame that is late is not lost: its parts wait for the next call. */
static void time_out_within_a_frame(void **state)
{
	uint8_t wire[200];
	size_t len = good(0x0A, 20, wire);

	(void)state;
	for (size_t cut = 1; cut < len; cut++) {
		setup(NULL);
		script_feed(&line, 3, wire, cut);
		script_feed(&line, 40, wire + cut, len - cut);
		assert_int_equal(receive(10), FAR_ERR_TIMEOUT);
		assert_int_equal(line.now_ms, 10);
		assert_int_equal(receive(50), FAR_OK);
		assert_good(0x0A, 20);
		assert_int_equal(line.now_ms, 43);
	}
}

/* Frames that came in one read are given one by one, without asking the stream again. */
static void held_back_frames(void **state)
{
	(void)state;
	for (uint8_t i = 1; i <= 5; i++)
		feed_good(0, i, 0); /* 10 bytes each: one read takes them all */
	assert_int_equal(receive(0), FAR_OK);
	assert_good(1, 0);
	assert_int_equal(line.calls, 1);
	for (uint8_t i = 2; i <= 5; i++) {
		assert_int_equal(receive(0), FAR_OK);
		assert_good(i, 0);
	}
	assert_int_equal(line.calls, 1);
	assert_int_equal(receive(0), FAR_ERR_TIMEOUT);
}

static void boot_text_before_a_frame(void **state)
{
	static const uint8_t text[] = "ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON_RESET)\r\n"
				      "waiting for download\r\n";

	(void)state;
	script_feed(&line, 0, text, sizeof(text) - 1);
	feed_good(0, 8, 4);
	assert_int_equal(receive(10), FAR_OK);
	assert_good(8, 4);
}

/* Frames that are no reply, each followed by a good one that is not harmed. */
static void assert_nonsense(const uint8_t *payload, size_t len)
{
	uint8_t wire[2 * 200];

	setup(NULL);
	script_feed(&line, 0, wire, script_frame(payload, len, wire));
	feed_good(0, 8, 4);
	assert_int_equal(receive(10), FAR_ERR_PROTO);
	assert_int_equal(receive(10), FAR_OK);
	assert_good(8, 4);
	assert_int_equal(line.now_ms, 0);
}

static void nonsense(void **state)
{
	uint8_t frame[120] = { 1, 8, 2, 0, 1, 2, 3, 4, 0, 0 };

	(void)state;
	for (size_t len = 1; len < 8; len++)
		assert_nonsense(frame, len); /* short */
	assert_nonsense(frame, 8);           /* two bytes less than it says */
	assert_nonsense(frame, 9);           /* one byte less */
	assert_nonsense(frame, 11);          /* one more */
	for (unsigned direction = 0; direction < 256; direction++) {
		frame[0] = (uint8_t)direction;
		if (direction != 1)
			assert_nonsense(frame, 10);
	}
	frame[0] = 1;
	frame[3] = 1; /* the high byte of the size counts */
	assert_nonsense(frame, 10);
	frame[3] = 0;
	for (uint8_t len = 81; len < sizeof(frame); len++) {
		frame[2] = (uint8_t)(len - 8); /* honest, but longer than any reply */
		assert_nonsense(frame, len);
	}
}

static void broken_escape(void **state)
{
	static const uint8_t wire[] = { 0xC0, 1, 8, 0, 0, 0xDB, 0x00, 0, 0, 0xC0 };

	(void)state;
	script_feed(&line, 0, wire, sizeof(wire));
	feed_good(0, 8, 4);
	assert_int_equal(receive(10), FAR_ERR_PROTO);
	assert_int_equal(receive(10), FAR_OK);
	assert_good(8, 4);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void silence(void **state)
{
	static const uint32_t waits[] = { 0, 1, 10, 5000, 0x7FFFFFFF };

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		setup(NULL);
		assert_int_equal(receive(waits[i]), FAR_ERR_TIMEOUT);
		assert_int_equal(line.now_ms, waits[i]);
		assert_in_range(line.calls, 1, 3); /* it waits, it does not spin */
	}
}

static void just_in_time(void **state)
{
	(void)state;
	feed_good(10, 8, 4);
	assert_int_equal(receive(10), FAR_OK);
	assert_int_equal(line.now_ms, 10);
	feed_good(11, 8, 4);
	assert_int_equal(receive(10), FAR_ERR_TIMEOUT);
	assert_int_equal(line.now_ms, 20);
}

/* The clock wraps at 2^32. */
static void clock_wraps(void **state)
{
	(void)state;
	line.now_ms = 0xFFFFFFF8;
	feed_good(20, 8, 4);
	assert_int_equal(receive(10), FAR_ERR_TIMEOUT);
	assert_int_equal(line.now_ms, 2);
	assert_int_equal(receive(10), FAR_OK);
	assert_int_equal(line.now_ms, 12);
}

static uint8_t noise_text(uint32_t n)
{
	return (uint8_t)('a' + n % 26);
}

static uint8_t noise_delimiters(uint32_t n)
{
	(void)n;
	return 0xC0;
}

static uint8_t noise_escapes(uint32_t n)
{
	return n < 2 ? 0xC0 : 0xDB;
}

/* Inside a frame that never ends. */
static uint8_t noise_in_frame(uint32_t n)
{
	return n == 0 ? 0xC0 : (uint8_t)n | 1;
}

static uint8_t (*const noises[])(uint32_t n) = { noise_text, noise_delimiters, noise_escapes,
						 noise_in_frame };

/* A line that never falls silent holds nobody longer than was agreed. */
static void endless_noise(void **state)
{
	static const uint32_t waits[] = { 0, 1, 7, 100, 3000 };

	(void)state;
	for (size_t k = 0; k < sizeof(noises) / sizeof(noises[0]); k++)
		for (uint32_t gap = 1; gap <= 9; gap += 4)
			for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
				uint32_t end = waits[i];
				int rc;

				setup(NULL);
				line.noise = noises[k];
				line.noise_ms = gap;
				/* A broken frame ends a call before its time: go on. */
				do {
					uint32_t start = line.now_ms;

					rc = receive(end - start);
					assert_true(line.now_ms - start <= end - start + 1);
				} while (rc == FAR_ERR_PROTO && line.now_ms < end);
				assert_true(rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO);
				assert_in_range(line.now_ms, 0, end + 1);
			}
}

/* Also where every read finds something, because it takes its time. */
static void endless_noise_at_once(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(noises) / sizeof(noises[0]); k++)
		for (uint32_t slow = 1; slow <= 3; slow++) {
			int rc;

			setup(NULL);
			line.noise = noises[k];
			line.noise_ms = 1;
			line.read_ms = slow;
			line.now_ms = 1;
			do
				rc = receive(line.now_ms < 100 ? 100 - line.now_ms : 0);
			while (rc == FAR_ERR_PROTO && line.now_ms < 100);
			assert_true(rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO);
			assert_in_range(line.now_ms, 100, 100 + 3 * slow);
		}
}

/* ---- forget ---------------------------------------------------------------------------------- */

/* Also what was taken from the stream already: whole frames, and the beginning of one. */
static void forget_what_is_held_back(void **state)
{
	uint8_t wire[200];
	size_t len = good(7, 20, wire);

	(void)state;
	for (size_t cut = 1; cut < len; cut++) {
		setup(NULL);
		feed_good(0, 1, 0);
		feed_good(0, 2, 0);
		script_feed(&line, 0, wire, cut);
		assert_int_equal(receive(0), FAR_OK);
		far_loader_forget(&loader);
		/* The rest of the frame begins no new one; its delimiter does. */
		script_feed(&line, 0, wire + cut, len - cut);
		feed_good(1, 9, 4);
		assert_int_equal(receive(10), FAR_OK);
		assert_good(9, 4);
	}
}

/* In the middle of a frame, an escape, or a broken frame. */
static void forget_the_frame(void **state)
{
	static const char *const cuts[] = { "\xC0\x01\x08", "\xC0\x01\xDB", "\xC0\x01\xDB\x41",
					    "\xC0\x01\xDB\x41\xDB" };

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		setup(NULL);
		script_feed(&line, 0, (const uint8_t *)cuts[i], strlen(cuts[i]));
		assert_int_equal(receive(1), FAR_ERR_TIMEOUT);
		far_loader_forget(&loader);
		feed_good(1, 9, 4);
		assert_int_equal(receive(10), FAR_OK);
		assert_good(9, 4);
	}
}

/* ---- the stream fails ------------------------------------------------------------------------ */

static const int codes[] = { FAR_ERR_IO, FAR_ERR_CANCELLED };

static void every_read_fails(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 2; k++)
		for (unsigned n = 1;; n++) {
			int rc;

			setup(NULL);
			line.cut = 3;
			line.fail_at = n;
			line.fail_err = codes[k];
			feed_good(5, 8, 20);
			rc = receive(100);
			if (rc == FAR_OK) {
				assert_true(n > 5);
				break;
			}
			assert_int_equal(rc, codes[k]);
			assert_int_equal(line.calls, n);
			/* It does not repeat what it had before. */
			assert_int_equal(receive(0), codes[k]);
			/* The line comes back: a new frame after a clean start. */
			line.fail_at = 0;
			while (receive(10) != FAR_ERR_TIMEOUT)
				;
			far_loader_forget(&loader);
			feed_good(line.now_ms + 1, 9, 2);
			assert_int_equal(receive(200), FAR_OK);
			assert_good(9, 2);
		}
}

/* Two loaders on two lines know nothing of each other. */
static void two_at_a_time(void **state)
{
	static struct script_stream other_line;
	struct far_loader other;
	uint8_t wire[200];
	size_t len = good(5, 30, wire);

	(void)state;
	script_open(&other_line);
	far_loader_init(&other, &other_line.stream, &other_line.clock);
	script_feed(&other_line, 0, wire, len / 2);
	script_feed(&other_line, 9, wire + len / 2, len - len / 2);
	feed_good(0, 8, 4);
	assert_int_equal(far_loader_receive(&other, &reply, 1), FAR_ERR_TIMEOUT);
	assert_int_equal(receive(1), FAR_OK);
	assert_good(8, 4);
	assert_int_equal(far_loader_receive(&other, &reply, 10), FAR_OK);
	assert_good(5, 30);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_length),
		TEST(every_cut),
		TEST(time_out_within_a_frame),
		TEST(held_back_frames),
		TEST(boot_text_before_a_frame),
		TEST(nonsense),
		TEST(broken_escape),
		TEST(silence),
		TEST(just_in_time),
		TEST(clock_wraps),
		TEST(endless_noise),
		TEST(endless_noise_at_once),
		TEST(forget_what_is_held_back),
		TEST(forget_the_frame),
		TEST(every_read_fails),
		TEST(two_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
