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

#define HEAD FAR_FRAGMENT_MESSAGE_HEAD

static struct pair pair;
static struct far_fragments out, in;
static uint8_t *buf; /* from malloc, so that a byte too many is seen */
static uint8_t text[70000];

static struct far_mailbox *side(uint32_t i)
{
	return &pair.side[i].m;
}

static void renew(struct far_fragments *f, uint32_t i)
{
	f->mailbox = side(i);
	f->channel = 2;
	f->session = far_mailbox_session(side(i));
	f->out.words[0] = f->in.left = 0;
}

static int start(void **state)
{
	(void)state;
	pair_start(&pair, 4);
	pair_settle(&pair);
	memset(&out, 0, sizeof(out));
	memset(&in, 0, sizeof(in));
	renew(&out, 0);
	renew(&in, 1);
	buf = malloc(65535);
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

static void begin(uint32_t body_len)
{
	memcpy(FAR_FRAGMENT_DATA(out.out.words), text, HEAD);
	out.out.body = text + HEAD;
	out.out.words[0] = FAR_FRAGMENT_FIRST | (HEAD + body_len);
}

/* Take one mailbox message into the message being collected: its length once it is whole. */
static int take(void)
{
	uint32_t w[16];
	int at = far_fragment_receive(&in, w, 0);

	if (at < 0)
		return at;
	memcpy(buf + at, w + 1, in.in.got - (uint32_t)at);
	return in.in.left == 0 ? (int)in.in.got : 0;
}

static void send_whole(uint32_t body_len)
{
	int rc = FAR_ERR_BUSY, got = 0;

	begin(body_len);
	while (rc == FAR_ERR_BUSY) {
		int n;

		rc = far_fragment_send(&out, 0);
		while ((n = take()) >= 0) {
			assert_int_equal(got, 0);
			got = n;
		}
	}
	assert_int_equal(rc, FAR_OK);
	assert_int_equal(got, HEAD + body_len);
	assert_memory_equal(buf, text, HEAD + body_len);
}

static void every_length_around_the_edges(void **state)
{
	uint32_t sent;

	(void)state;
	for (uint32_t body = 0; body <= 400; body++) {
		sent = side(0)->count.sent;
		send_whole(body);
		assert_int_equal(side(0)->count.sent - sent, (HEAD + body + 59) / 60);
	}
	send_whole(4096 - HEAD);
}

static void the_longest(void **state)
{
	(void)state;
	send_whole(65535 - HEAD);
}

static void a_full_ring_is_gone_on_with(void **state)
{
	(void)state;
	begin(604 - HEAD);
	assert_int_equal(far_fragment_send(&out, 0), FAR_ERR_BUSY);
	assert_int_equal(far_fragment_send(&out, 20), FAR_ERR_BUSY);
	assert_int_equal(pair.clock.now_ns, 20000000);
	assert_int_equal(side(0)->count.sent, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(), 0);
	assert_int_equal(far_fragment_send(&out, 0), FAR_ERR_BUSY);
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(), 0);
	assert_int_equal(far_fragment_send(&out, 0), FAR_OK);
	assert_int_equal(far_fragment_send(&out, 0), FAR_OK); /* all is sent already */
	assert_int_equal(take(), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(take(), 604);
	assert_memory_equal(buf, text, 604);
}

static void an_abandoned_message_does_no_harm(void **state)
{
	(void)state;
	begin(600 - HEAD);
	assert_int_equal(far_fragment_send(&out, 0), FAR_ERR_BUSY);
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(), 0);
	send_whole(104);
}

/* Who names no session sends into the one that there is, and waits for one. */
static void any_session_will_do(void **state)
{
	(void)state;
	out.session = in.session = 0;
	send_whole(100);
	assert_int_equal(out.session, far_mailbox_session(side(0))); /* and stays in it */
	pair_reset(&pair, 0);
	begin(20);
	assert_int_equal(far_fragment_send(&out, 0), FAR_ERR_TIMEOUT);
	out.session = 0;
	begin(20);
	assert_int_equal(far_fragment_send(&out, 0), FAR_ERR_BUSY); /* none is up */
	pair_settle(&pair);
	assert_int_equal(far_fragment_send(&out, 0), FAR_OK);
	assert_int_equal(take(), HEAD + 20);
	assert_int_equal(take(), FAR_ERR_BUSY);
}

static void nothing_crosses_a_restart(void **state)
{
	(void)state;
	for (uint32_t who = 0; who < 2; who++) {
		begin(300 - HEAD);
		assert_int_equal(far_fragment_send(&out, 0), FAR_ERR_BUSY);
		for (int i = 0; i < 4; i++)
			assert_int_equal(take(), 0);
		pair.side[0].news_count = pair.side[1].news_count = 0;
		pair_reset(&pair, who);
		pair_settle(&pair);
		/* The sender knows better, and a receiver would not have been fooled. */
		assert_int_equal(far_fragment_send(&out, 0), FAR_ERR_TIMEOUT);
		assert_int_equal(take(), FAR_ERR_TIMEOUT);
		out.session = far_mailbox_session(side(0));
		assert_int_equal(far_fragment_send(&out, 0), FAR_OK);
		assert_int_equal(take(), FAR_ERR_TIMEOUT); /* of another session than ours */
		renew(&in, 1);
		assert_int_equal(take(), FAR_ERR_PROTO);
		send_whole(304);
	}
}

/* A fragment by hand: its head, and its length. */
static int fragment(uint32_t head, size_t len)
{
	uint8_t f[64] = { 0 };
	uint32_t w[16];

	memcpy(f, &head, 4);
	memcpy(f + 4, text, 60);
	assert_int_equal(far_mailbox_send(side(0), 2, f, len, 0), FAR_OK);
	return far_fragment_receive(&in, w, 0);
}

#define FIRST 0x10000u

static void holes_and_nonsense(void **state)
{
	(void)state;
	assert_int_equal(fragment(60, 64), FAR_ERR_PROTO); /* middle without a beginning */
	assert_int_equal(fragment(FIRST | 200, 64), 0);
	assert_int_equal(fragment(80, 64), FAR_ERR_PROTO);  /* a hole */
	assert_int_equal(fragment(140, 64), FAR_ERR_PROTO); /* too late now */
	assert_int_equal(fragment(FIRST | 200, 64), 0);
	assert_int_equal(fragment(200, 64), FAR_ERR_PROTO);         /* twice the same */
	assert_int_equal(fragment(FIRST | 200, 63), FAR_ERR_PROTO); /* too short for what it says */
	assert_int_equal(fragment(FIRST | 20, 25), FAR_ERR_PROTO);  /* too long */
	assert_int_equal(fragment(FIRST, 4), FAR_ERR_PROTO);
	assert_int_equal(fragment(0, 4), FAR_ERR_PROTO);
	for (uint32_t bit = 17; bit < 32; bit++) { /* unknown bits */
		assert_int_equal(fragment(FIRST | 60 | 1u << bit, 64), FAR_ERR_PROTO);
		assert_int_equal(fragment(FIRST | 120, 64), 0);
		assert_int_equal(fragment(60 | 1u << bit, 64), FAR_ERR_PROTO);
	}
	for (size_t len = 0; len < 4; len++)
		assert_int_equal(fragment(FIRST | 60, len), FAR_ERR_PROTO);
	assert_int_equal(fragment(FIRST | 60, 64), 0);
	assert_int_equal(in.in.left, 0);
	assert_int_equal(fragment(60, 64), FAR_ERR_PROTO); /* complete is complete */
	assert_int_equal(fragment(FIRST | 61, 64), 0);
	assert_int_equal(fragment(1, 5), 60);
	assert_int_equal(in.in.left, 0);
	assert_int_equal(in.in.got, 61);
	assert_int_equal(fragment(FIRST | 200, 64), 0);
	in.in.left = 0; /* who does not want the rest */
	assert_int_equal(fragment(140, 64), FAR_ERR_PROTO);
}

/* Any sequence of fragments: each piece continues what was begun, and ends within what was said. */
static void noise(void **state)
{
	uint32_t w[16], whole = 0, reached = 0;

	(void)state;
	srand(1);
	for (int i = 0; i < 300000; i++) {
		uint32_t len = (uint32_t)rand() % 65;
		int at;

		for (size_t n = 0; n < 16; n++)
			w[n] = (uint32_t)rand();
		w[0] = rand() % 3 ? len - 4 : (uint32_t)rand() % 3000;
		if (rand() % 2 && in.in.left > 0) {
			w[0] = in.in.left;
			len = in.in.left < 60 ? in.in.left + 4 : 64;
		} else if (rand() % 8) {
			w[0] |= FIRST;
		} else {
			w[0] ^= 1u << rand() % 32;
		}
		assert_int_equal(far_mailbox_send(side(0), 2, w, len, 0), FAR_OK);
		at = far_fragment_receive(&in, w, 0);
		if (at == FAR_ERR_PROTO) {
			assert_int_equal(in.in.left, 0);
			continue;
		}
		if (at == 0)
			whole = in.in.got + in.in.left;
		else
			assert_int_equal(at, reached);
		assert_true(in.in.got > (uint32_t)at && in.in.got <= (uint32_t)at + 60);
		assert_int_equal(in.in.got + in.in.left, whole);
		assert_in_range(whole, 1, 65535);
		reached = in.in.got;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_length_around_the_edges, start, stop),
		cmocka_unit_test_setup_teardown(the_longest, start, stop),
		cmocka_unit_test_setup_teardown(a_full_ring_is_gone_on_with, start, stop),
		cmocka_unit_test_setup_teardown(an_abandoned_message_does_no_harm, start, stop),
		cmocka_unit_test_setup_teardown(any_session_will_do, start, stop),
		cmocka_unit_test_setup_teardown(nothing_crosses_a_restart, start, stop),
		cmocka_unit_test_setup_teardown(holes_and_nonsense, start, stop),
		cmocka_unit_test_setup_teardown(noise, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
