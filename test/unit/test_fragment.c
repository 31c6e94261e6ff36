/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "link/fragment.h"
#include "mailbox_pair.h"

#define CAP 4096u

static struct pair pair;
static struct far_fragment_out out;
static struct far_fragment_in in;
static uint8_t *buf; /* from malloc, so that a byte too many is seen */
static uint8_t text[70000];

static int start(void **state)
{
	(void)state;
	pair_start(&pair, 4);
	pair_settle(&pair);
	memset(&out, 0, sizeof(out));
	buf = malloc(CAP);
	in = (struct far_fragment_in){ .buf = buf, .cap = CAP };
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + i / 251);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	free(buf);
	pair_stop(&pair);
	return 0;
}

static struct far_mailbox *side(uint32_t i)
{
	return &pair.side[i].m;
}

static uint32_t session(void)
{
	return far_mailbox_session(side(1));
}

static int begin(size_t head_len, size_t body_len)
{
	return far_fragment_begin(&out, far_mailbox_session(side(0)), text, head_len,
				  text + head_len % sizeof(text), body_len);
}

/* Take one mailbox message into the message being collected. */
static int take(void)
{
	uint8_t f[64];
	int len = far_mailbox_receive(side(1), 2, f, sizeof(f), 0);

	assert_true(len >= 0);
	return far_fragment_take(&in, session(), f, (size_t)len);
}

static void send_whole(size_t head_len, size_t body_len)
{
	int rc = FAR_ERR_BUSY, got = 0;
	uint8_t f[64];

	assert_int_equal(begin(head_len, body_len), FAR_OK);
	while (rc == FAR_ERR_BUSY) {
		int len;

		rc = far_fragment_send(&out, side(0), 2, 0);
		while ((len = far_mailbox_receive(side(1), 2, f, sizeof(f), 0)) >= 0) {
			assert_int_equal(got, 0);
			got = far_fragment_take(&in, session(), f, (size_t)len);
		}
	}
	assert_int_equal(rc, FAR_OK);
	assert_int_equal(got, head_len + body_len);
	assert_memory_equal(in.buf, text, head_len + body_len);
}

static void every_length_around_the_edges(void **state)
{
	static const size_t heads[] = { 0, 1, 20, 59, 60 };
	uint32_t sent;

	(void)state;
	for (size_t h = 0; h < sizeof(heads) / sizeof(heads[0]); h++)
		for (size_t body = 0; body <= 400; body++)
			if (heads[h] + body > 0) {
				sent = side(0)->count.sent;
				send_whole(heads[h], body);
				assert_int_equal(side(0)->count.sent - sent,
						 (heads[h] + body + 59) / 60);
			}
	send_whole(60, CAP - 60);
	assert_int_equal(in.dropped, 0);
}

static void the_longest(void **state)
{
	uint8_t *big = malloc(65535);

	(void)state;
	assert_non_null(big);
	in.buf = big;
	in.cap = 65535;
	send_whole(60, 65475);
	send_whole(0, 65535);
	free(big);
}

static void misuse(void **state)
{
	(void)state;
	assert_int_equal(begin(0, 0), FAR_ERR_RANGE);
	assert_int_equal(begin(61, 0), FAR_ERR_RANGE);
	assert_int_equal(begin(0, 65536), FAR_ERR_RANGE);
	assert_int_equal(begin(60, 65476), FAR_ERR_RANGE);
	assert_int_equal(begin(1, SIZE_MAX), FAR_ERR_RANGE);
	assert_int_equal(begin(SIZE_MAX, 2), FAR_ERR_RANGE);
}

static void a_full_ring_is_gone_on_with(void **state)
{
	(void)state;
	assert_int_equal(begin(4, 600), FAR_OK);
	assert_int_equal(far_fragment_send(&out, side(0), 2, 0), FAR_ERR_BUSY);
	assert_int_equal(far_fragment_send(&out, side(0), 2, 20), FAR_ERR_BUSY);
	assert_int_equal(pair.clock.now_ns, 20000000);
	assert_int_equal(side(0)->count.sent, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(), 0);
	assert_int_equal(far_fragment_send(&out, side(0), 2, 0), FAR_ERR_BUSY);
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(), 0);
	assert_int_equal(far_fragment_send(&out, side(0), 2, 0), FAR_OK);
	assert_int_equal(far_fragment_send(&out, side(0), 2, 0), FAR_OK); /* all is sent already */
	assert_int_equal(take(), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(take(), 604);
	assert_memory_equal(in.buf, text, 604);
}

static void an_abandoned_message_does_no_harm(void **state)
{
	(void)state;
	assert_int_equal(begin(0, 600), FAR_OK);
	assert_int_equal(far_fragment_send(&out, side(0), 2, 0), FAR_ERR_BUSY);
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(), 0);
	send_whole(3, 100);
	assert_int_equal(in.dropped, 1);
}

static void nothing_crosses_a_restart(void **state)
{
	(void)state;
	for (uint32_t who = 0; who < 2; who++) {
		assert_int_equal(begin(0, 300), FAR_OK);
		assert_int_equal(far_fragment_send(&out, side(0), 2, 0), FAR_ERR_BUSY);
		for (int i = 0; i < 4; i++)
			assert_int_equal(take(), 0);
		pair.side[0].news_count = pair.side[1].news_count = 0;
		pair_reset(&pair, who);
		pair_settle(&pair);
		/* The sender knows better, and a receiver would not have been fooled. */
		assert_int_equal(far_fragment_send(&out, side(0), 2, 0), FAR_ERR_TIMEOUT);
		out.session = far_mailbox_session(side(0));
		assert_int_equal(far_fragment_send(&out, side(0), 2, 0), FAR_OK);
		assert_int_equal(take(), FAR_ERR_PROTO);
		assert_int_equal(in.dropped, who + 1);
		send_whole(0, 300);
	}
}

/* A fragment by hand: number, first, bytes left, and its own length. */
static int fragment(uint32_t number, uint32_t first, uint32_t left, size_t len)
{
	uint8_t f[64] = { 0 };

	memcpy(f + 4, text, 60);
	f[0] = (uint8_t)left;
	f[1] = (uint8_t)(left >> 8);
	f[2] = (uint8_t)number;
	f[3] = (uint8_t)first;
	return far_fragment_take(&in, 1, f, len);
}

static void holes_and_nonsense(void **state)
{
	(void)state;
	assert_int_equal(fragment(1, 0, 60, 64), FAR_ERR_PROTO); /* middle without a beginning */
	assert_int_equal(fragment(1, 1, 200, 64), 0);
	assert_int_equal(fragment(1, 0, 80, 64), FAR_ERR_PROTO); /* a hole */
	assert_int_equal(in.dropped, 1);
	assert_int_equal(fragment(1, 0, 140, 64), FAR_ERR_PROTO); /* too late now */
	assert_int_equal(in.dropped, 1);
	assert_int_equal(fragment(2, 1, 200, 64), 0);
	assert_int_equal(fragment(2, 0, 200, 64), FAR_ERR_PROTO); /* twice the same */
	assert_int_equal(fragment(3, 1, 200, 64), 0);
	assert_int_equal(fragment(4, 0, 140, 64), FAR_ERR_PROTO); /* of another message */
	assert_int_equal(fragment(5, 1, 200, 63), FAR_ERR_PROTO); /* too short for what it says */
	assert_int_equal(fragment(5, 1, 20, 25), FAR_ERR_PROTO);  /* too long */
	assert_int_equal(fragment(5, 1, 0, 4), FAR_ERR_PROTO);
	assert_int_equal(fragment(5, 1, CAP + 1, 64), FAR_ERR_PROTO);
	assert_int_equal(fragment(5, 1, 65535, 64), FAR_ERR_PROTO);
	assert_int_equal(fragment(5, 2, 60, 64), FAR_ERR_PROTO); /* unknown bits */
	assert_int_equal(fragment(5, 0x81, 60, 64), FAR_ERR_PROTO);
	for (size_t len = 0; len < 4; len++)
		assert_int_equal(fragment(5, 1, 0, len), FAR_ERR_PROTO);
	assert_int_equal(fragment(5, 1, 60, 65), FAR_ERR_PROTO);
	assert_int_equal(fragment(6, 1, 60, 64), 60);
	assert_int_equal(fragment(6, 0, 60, 64), FAR_ERR_PROTO); /* complete is complete */
	assert_int_equal(fragment(7, 1, 61, 64), 0);
	assert_int_equal(fragment(7, 0, 1, 5), 61);
}

/* Any sequence of fragments: never a byte outside buf, never more than was announced. */
static void noise(void **state)
{
	uint8_t f[64];

	(void)state;
	srand(1);
	for (int i = 0; i < 300000; i++) {
		size_t len = (size_t)rand() % 70;
		int rc;

		for (size_t n = 0; n < sizeof(f); n++)
			f[n] = (uint8_t)rand();
		f[0] = (uint8_t)(rand() % 3 ? len - 4 : (size_t)rand());
		f[1] &= rand() % 2 ? 0 : 0x1f;
		f[2] = (uint8_t)(rand() % 2);
		f[3] = (uint8_t)(rand() % 8 ? rand() % 2 : rand());
		rc = far_fragment_take(&in, (uint32_t)rand() % 2, f, len > 64 ? 64 : len);
		assert_true(rc == FAR_ERR_PROTO || (rc >= 0 && rc <= (int)CAP));
		assert_true(in.got + in.left <= CAP || in.left == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_length_around_the_edges, start, stop),
		cmocka_unit_test_setup_teardown(the_longest, start, stop),
		cmocka_unit_test_setup_teardown(misuse, start, stop),
		cmocka_unit_test_setup_teardown(a_full_ring_is_gone_on_with, start, stop),
		cmocka_unit_test_setup_teardown(an_abandoned_message_does_no_harm, start, stop),
		cmocka_unit_test_setup_teardown(nothing_crosses_a_restart, start, stop),
		cmocka_unit_test_setup_teardown(holes_and_nonsense, start, stop),
		cmocka_unit_test_setup_teardown(noise, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
