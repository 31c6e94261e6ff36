/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the header promises of one session: messages, order, full rings, misuse, waits, callbacks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mailbox_pair.h"

static struct pair pair;

static struct far_mailbox *a(void)
{
	return &pair.side[0].m;
}

static struct far_mailbox *b(void)
{
	return &pair.side[1].m;
}

static int start(void **state)
{
	(void)state;
	pair_start(&pair, 8);
	pair_settle(&pair);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pair_stop(&pair);
	return 0;
}

static int send_number(struct far_mailbox *m, uint32_t channel, uint32_t n)
{
	return far_mailbox_send(m, channel, &n, sizeof(n), 0);
}

static void expect_number(struct far_mailbox *m, uint32_t channel, uint32_t n)
{
	uint32_t buf[16];

	assert_int_equal(far_mailbox_receive(m, channel, buf, sizeof(buf), 0), 4);
	assert_int_equal(buf[0], n);
}

static void expect_none(struct far_mailbox *m, uint32_t channel)
{
	uint8_t buf[64];

	assert_int_equal(far_mailbox_receive(m, channel, buf, 64, 0), FAR_ERR_TIMEOUT);
}

static void limits(void **state)
{
	(void)state;
	assert_int_equal(far_mailbox_max_data_size_get(a()), 64);
	assert_int_equal(far_mailbox_max_id_val_get(a()), 3);
	assert_int_equal(FAR_MAILBOX_REGION_SIZE(8), 4608);
	assert_int_equal(FAR_MAILBOX_REGION_SIZE(1), 896);
	assert_int_equal(FAR_MAILBOX_REGION_SIZE(64) % 128, 0);
}

static void both_sides_know_the_session(void **state)
{
	(void)state;
	assert_true(far_mailbox_session(a()) != 0);
	assert_int_equal(far_mailbox_session(a()), far_mailbox_session(b()));
	assert_int_equal(pair.side[0].news_count, 1);
	assert_int_equal(pair.side[1].news_count, 1);
	assert_true(pair.side[0].news[0] && pair.side[1].news[0]);
	assert_int_equal(a()->count.sessions, 1);
}

static void every_length_on_every_channel(void **state)
{
	uint8_t out[64 + 3], in[64 + 3];

	(void)state;
	for (uint32_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 37 + 11);
	for (uint32_t channel = 0; channel < 4; channel++) {
		for (size_t len = 0; len <= 64; len++) {
			size_t skew = len % 4; /* also from and to odd addresses */

			memset(in, 0xee, sizeof(in));
			assert_int_equal(far_mailbox_send(a(), channel, out + skew, len, 0), 0);
			assert_int_equal(far_mailbox_receive(b(), channel, in + 3 - skew, 64, 0),
					 len);
			assert_memory_equal(in + 3 - skew, out + skew, len);
			if (skew == 0) /* nothing behind its length is written */
				assert_int_equal(in[3 + len - (len == 64)],
						 len == 64 ? out[63] : 0xee);
		}
	}
	assert_int_equal(a()->count.sent, 4 * 65);
	assert_int_equal(b()->count.received, 4 * 65);
}

static void null_is_an_empty_message(void **state)
{
	uint8_t buf[64];

	(void)state;
	assert_int_equal(far_mailbox_send(a(), 2, NULL, 0, 0), FAR_OK);
	assert_int_equal(far_mailbox_receive(b(), 2, buf, 64, 0), 0);
	expect_none(b(), 2);
}

static void channels_and_directions_are_independent(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 4; c++) {
		assert_int_equal(send_number(a(), c, 100 + c), FAR_OK);
		assert_int_equal(send_number(b(), c, 200 + c), FAR_OK);
	}
	for (uint32_t c = 4; c-- > 0;) {
		expect_number(b(), c, 100 + c);
		expect_number(a(), c, 200 + c);
		expect_none(a(), c);
		expect_none(b(), c);
	}
}

/* Far more messages than sequence numbers, with every fill level of every ring size. */
static void order_over_many_rounds(void **state)
{
	(void)state;
	for (uint32_t slots = 1; slots <= FAR_MAILBOX_SLOTS_MAX; slots *= 2) {
		uint32_t sent = 0, taken = 0;

		pair_stop(&pair);
		pair_start(&pair, slots);
		pair_settle(&pair);
		for (uint32_t round = 0; taken < 2000; round++) {
			uint32_t burst = round % (slots + 2);

			while (burst-- > 0) {
				int rc = send_number(a(), 3, sent);

				assert_int_equal(rc, sent - taken < slots ? FAR_OK : FAR_ERR_BUSY);
				sent += rc == FAR_OK;
			}
			for (burst = round % (slots + 1); burst > 0 && taken < sent; burst--)
				expect_number(b(), 3, taken++);
			if (taken == sent)
				expect_none(b(), 3);
		}
		assert_int_equal(a()->count.malformed + b()->count.malformed, 0);
	}
}

static void a_full_ring_is_told_and_kept(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(send_number(a(), 2, i), FAR_OK);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(send_number(a(), 2, 99), FAR_ERR_BUSY);
	assert_int_equal(a()->count.full, 3);
	assert_int_equal(a()->count.sent, 8);
	assert_int_equal(send_number(a(), 3, 7), FAR_OK); /* the others are not */
	expect_number(b(), 2, 0);
	assert_int_equal(send_number(a(), 2, 8), FAR_OK);
	assert_int_equal(send_number(a(), 2, 99), FAR_ERR_BUSY);
	for (uint32_t i = 1; i <= 8; i++)
		expect_number(b(), 2, i);
	expect_none(b(), 2);
}

static void misuse_of_init(void **state)
{
	struct far_mailbox m;
	const struct far_mailbox_config good = pair.side[0].config;
	struct far_mailbox_config c;
	static const uint32_t bad_slots[] = { 0, 3, 5, 12, 65, 128, UINT32_MAX, 1u << 31 };

	(void)state;
	c = good, c.region = NULL;
	assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_ARG);
	c = good, c.doorbell = NULL;
	assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_ARG);
	c = good, c.clock = NULL;
	assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_ARG);
	c = good, c.side = 2;
	assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_ARG);
	for (size_t i = 0; i < sizeof(bad_slots) / sizeof(bad_slots[0]); i++) {
		c = good, c.slots = bad_slots[i];
		assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_ARG);
	}
	c = good, c.region = (uint8_t *)c.region + 2;
	assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_ALIGN);
	c = good, c.region_size--;
	assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_RANGE);
	c = good, c.region_size = 0;
	assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_RANGE);
	c = good, c.slots = 16;
	assert_int_equal(far_mailbox_init(&m, &c), FAR_ERR_RANGE);
	assert_int_equal(far_mailbox_session(b()), far_mailbox_session(a()));
}

static void misuse_of_calls(void **state)
{
	uint8_t buf[65] = { 0 };

	(void)state;
	assert_int_equal(far_mailbox_send(a(), 4, buf, 1, 0), FAR_ERR_ARG);
	assert_int_equal(far_mailbox_send(a(), UINT32_MAX, buf, 1, 0), FAR_ERR_ARG);
	assert_int_equal(far_mailbox_send(a(), 2, NULL, 1, 0), FAR_ERR_ARG);
	assert_int_equal(far_mailbox_send(a(), 2, buf, 65, 0), FAR_ERR_RANGE);
	assert_int_equal(far_mailbox_send(a(), 2, buf, SIZE_MAX, 0), FAR_ERR_RANGE);
	assert_int_equal(far_mailbox_receive(a(), 4, buf, 64, 0), FAR_ERR_ARG);
	assert_int_equal(far_mailbox_receive(a(), 2, NULL, 64, 0), FAR_ERR_ARG);
	assert_int_equal(far_mailbox_receive(a(), 2, buf, 63, 0), FAR_ERR_RANGE);
	assert_int_equal(far_mailbox_register_callback(a(), 4, pair_callback, NULL), FAR_ERR_ARG);
	assert_int_equal(a()->count.sent, 0);
	expect_none(b(), 2);
}

static void reserved_channels_must_be_asked_for(void **state)
{
	uint8_t buf[64] = { 0 };

	(void)state;
	pair.side[0].config.reserved = false;
	pair_reset(&pair, 0);
	pair_settle(&pair);
	for (uint32_t c = 0; c < 2; c++) {
		assert_int_equal(far_mailbox_send(a(), c, buf, 1, 0), FAR_ERR_ARG);
		assert_int_equal(far_mailbox_receive(a(), c, buf, 64, 0), FAR_ERR_ARG);
		assert_int_equal(far_mailbox_register_callback(a(), c, pair_callback, NULL),
				 FAR_ERR_ARG);
	}
	for (uint32_t c = 2; c < 4; c++) {
		assert_int_equal(far_mailbox_send(a(), c, buf, 1, 0), FAR_OK);
		assert_int_equal(far_mailbox_receive(b(), c, buf, 64, 0), 1);
	}
	/* Nor does it see what the other side sends there. */
	assert_int_equal(far_mailbox_send(b(), 0, buf, 1, 0), FAR_OK);
	assert_int_equal(far_mailbox_poll(a(), 0), 0);
}

static void callbacks_get_private_copies(void **state)
{
	struct side *s = &pair.side[1];
	uint8_t text[3] = { 'a', 'b', 'c' };

	(void)state;
	assert_int_equal(far_mailbox_send(a(), 2, text, 3, 0), FAR_OK);
	assert_int_equal(far_mailbox_poll(b(), 0), 0); /* nobody is there to be called */
	assert_int_equal(far_mailbox_register_callback(b(), 2, pair_callback, s), FAR_OK);
	assert_int_equal(far_mailbox_poll(b(), 0), 1);
	assert_int_equal(s->got, 1);
	assert_int_equal(s->last_len, 3);
	assert_int_equal(s->last_channel, 2);
	assert_memory_equal(s->last, text, 3);
	assert_int_equal(far_mailbox_register_callback(b(), 2, NULL, NULL), FAR_OK);
	assert_int_equal(far_mailbox_send(a(), 2, text, 3, 0), FAR_OK);
	assert_int_equal(far_mailbox_poll(b(), 0), 0);
	assert_int_equal(s->got, 1);
	assert_int_equal(far_mailbox_receive(b(), 2, s->last, 64, 0), 3); /* kept */
}

/* Refills the ring from within the callback of the very messages that are being taken. */
static void refill(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		   size_t len)
{
	(void)m;
	(*(unsigned *)user)++;
	assert_int_equal(far_mailbox_send(a(), channel, data, len, 0), FAR_OK);
}

static void a_poll_is_bounded(void **state)
{
	unsigned calls = 0;

	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(send_number(a(), 2, i), FAR_OK);
	assert_int_equal(far_mailbox_register_callback(b(), 2, refill, &calls), FAR_OK);
	assert_int_equal(far_mailbox_poll(b(), 0), 8);
	assert_int_equal(calls, 8);
}

static void echo(struct far_mailbox *m, void *user, uint32_t channel, const void *data, size_t len)
{
	(void)user;
	assert_int_equal(far_mailbox_send(m, channel, data, len, 0), FAR_OK);
}

static void poll_both(struct side *s)
{
	far_mailbox_poll(&s->pair->side[s != &s->pair->side[1]].m, 0);
}

static void callbacks_may_send(void **state)
{
	(void)state;
	pair.side[0].in_wait = poll_both;
	assert_int_equal(far_mailbox_register_callback(b(), 2, echo, NULL), FAR_OK);
	for (uint32_t i = 0; i < 20; i++) {
		uint32_t buf[16];

		assert_int_equal(send_number(a(), 2, i), FAR_OK);
		assert_int_equal(far_mailbox_receive(a(), 2, buf, sizeof(buf), 10), 4);
		assert_int_equal(buf[0], i);
	}
}

static void waits_are_bounded(void **state)
{
	uint8_t buf[64];

	(void)state;
	assert_int_equal(far_mailbox_receive(a(), 2, buf, 64, 250), FAR_ERR_TIMEOUT);
	assert_int_equal(pair.clock.now_ns, 250000000);
	assert_int_equal(far_mailbox_poll(a(), 250), 0);
	assert_int_equal(pair.clock.now_ns, 500000000);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(far_mailbox_send(a(), 2, buf, 1, 250), FAR_OK);
	assert_int_equal(pair.clock.now_ns, 500000000);
	assert_int_equal(far_mailbox_send(a(), 2, buf, 1, 250), FAR_ERR_BUSY);
	assert_int_equal(pair.clock.now_ns, 750000000);
	assert_int_equal(a()->count.full, 1);
}

static void waits_without_a_doorbell_poll(void **state)
{
	uint8_t buf[64];

	(void)state;
	pair.side[0].doorbell.ops = &pair_poll_ops;
	assert_int_equal(far_mailbox_receive(a(), 2, buf, 64, 7), FAR_ERR_TIMEOUT);
	assert_int_equal(pair.clock.now_ns, 7000000);
	assert_int_equal(pair.side[0].waits, 0);
}

static void a_failed_wait_ends_the_call(void **state)
{
	uint8_t buf[64];

	(void)state;
	pair.side[0].wait_rc = FAR_ERR_CANCELLED;
	assert_int_equal(far_mailbox_receive(a(), 2, buf, 64, 100), FAR_ERR_CANCELLED);
	assert_int_equal(far_mailbox_poll(a(), 100), FAR_ERR_CANCELLED);
	while (send_number(a(), 2, 1) == FAR_OK)
		;
	assert_int_equal(far_mailbox_send(a(), 2, buf, 1, 100), FAR_ERR_CANCELLED);
	assert_int_equal(pair.side[0].waits, 3);
	assert_int_equal(*pair_word(&pair, 0, SPEC_WANTS), 0);
}

static void a_wait_for_room_ends_when_there_is_room(void **state)
{
	(void)state;
	pair.side[0].in_wait = poll_both;
	assert_int_equal(far_mailbox_register_callback(b(), 2, pair_callback, &pair.side[1]), 0);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(far_mailbox_send(a(), 2, &i, 4, 50), FAR_OK);
	assert_true(pair.side[0].waits > 0);
	assert_true(pair.side[1].rings > 0);
	assert_int_equal(a()->count.full, 0);
}

/* What the peer is asked for while one waits, and at no other time. */
static uint32_t wants_seen;

static void look(struct side *s)
{
	wants_seen = *pair_word(s->pair, (uint32_t)(s - s->pair->side), SPEC_WANTS);
	far_sim_clock_advance_to(&s->pair->clock, s->pair->clock.now_ns + 1000000);
}

static void the_peer_rings_only_when_asked(void **state)
{
	uint8_t buf[64];

	(void)state;
	assert_int_equal(send_number(b(), 2, 1), FAR_OK);
	assert_int_equal(pair.side[1].rings, 0);
	pair.side[0].in_wait = look;
	expect_number(a(), 2, 1);
	assert_int_equal(far_mailbox_receive(a(), 2, buf, 64, 3), FAR_ERR_TIMEOUT);
	assert_int_equal(wants_seen, 1);
	assert_int_equal(*pair_word(&pair, 0, SPEC_WANTS), 0);
	while (send_number(a(), 2, 1) == FAR_OK)
		;
	assert_int_equal(far_mailbox_send(a(), 2, buf, 1, 3), FAR_ERR_BUSY);
	assert_int_equal(wants_seen, 3);
	assert_int_equal(*pair_word(&pair, 0, SPEC_WANTS), 0);
	*pair_word(&pair, 0, SPEC_WANTS) = 1;
	assert_int_equal(send_number(b(), 2, 1), FAR_OK);
	assert_int_equal(pair.side[1].rings, 1);
	expect_number(b(), 2, 1); /* room is another wish */
	assert_int_equal(pair.side[1].rings, 1);
	*pair_word(&pair, 0, SPEC_WANTS) = 2;
	expect_number(b(), 2, 1);
	assert_int_equal(pair.side[1].rings, 2);
	assert_int_equal(send_number(b(), 2, 1), FAR_OK);
	assert_int_equal(pair.side[1].rings, 2);
}

static void enabled_means_rung_for_every_message(void **state)
{
	uint8_t buf[64];

	(void)state;
	assert_int_equal(far_mailbox_register_callback(a(), 2, pair_callback, &pair.side[0]), 0);
	assert_int_equal(send_number(b(), 2, 1), FAR_OK);
	assert_int_equal(far_mailbox_set_enabled(a(), true), FAR_OK);
	assert_int_equal(pair.side[0].got, 1); /* what came before is not forgotten */
	for (unsigned i = 1; i <= 5; i++) {
		assert_int_equal(send_number(b(), 2, 1), FAR_OK);
		assert_int_equal(pair.side[1].rings, i);
	}
	assert_int_equal(far_mailbox_receive(a(), 3, buf, 64, 2), FAR_ERR_TIMEOUT);
	assert_int_equal(*pair_word(&pair, 0, SPEC_WANTS), 1); /* also after a wait */
	assert_int_equal(far_mailbox_set_enabled(a(), false), FAR_OK);
	assert_int_equal(send_number(b(), 2, 1), FAR_OK);
	assert_int_equal(pair.side[1].rings, 5);
}

static void fill_ring(void)
{
	while (send_number(a(), 2, 1) == FAR_OK)
		;
}

static void take_one(struct side *s)
{
	uint8_t buf[64];

	far_mailbox_receive(&s->pair->side[1].m, 2, buf, sizeof(buf), 0);
}

/* Who has to send and to listen waits for both at once. */
static void a_poll_ends_when_a_full_ring_has_room(void **state)
{
	(void)state;
	pair.side[0].in_wait = take_one;
	fill_ring();
	assert_int_equal(far_mailbox_poll(a(), 1000), 0);
	assert_int_equal(pair.side[0].waits, 1);
	assert_int_equal(pair.side[1].rings, 1);
	assert_int_equal(pair.clock.now_ns, 0);
	/* It is said once: who gave up sending is not kept awake. */
	pair.side[0].in_wait = NULL;
	assert_int_equal(far_mailbox_poll(a(), 1000), 0);
	assert_int_equal(pair.clock.now_ns, 1000000000);
	/* A look without waiting does not use it up. */
	fill_ring();
	take_one(&pair.side[0]);
	assert_int_equal(far_mailbox_poll(a(), 0), 0);
	assert_int_equal(far_mailbox_poll(a(), 1000), 0);
	assert_int_equal(pair.clock.now_ns, 1000000000);
}

static void enabled_means_rung_for_room_when_refused(void **state)
{
	(void)state;
	far_mailbox_set_enabled(a(), true);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(send_number(a(), 2, 1), FAR_OK);
	expect_number(b(), 2, 1);
	assert_int_equal(pair.side[1].rings, 0);
	assert_int_equal(send_number(a(), 2, 1), FAR_OK);
	assert_int_equal(send_number(a(), 2, 1), FAR_ERR_BUSY);
	assert_int_equal(*pair_word(&pair, 0, SPEC_WANTS), 3);
	expect_number(b(), 2, 1);
	assert_int_equal(pair.side[1].rings, 1);
	assert_int_equal(send_number(a(), 2, 1), FAR_OK);
	assert_int_equal(*pair_word(&pair, 0, SPEC_WANTS), 1);
	expect_number(b(), 2, 1);
	assert_int_equal(pair.side[1].rings, 1);
}

/* A callback that waits itself must not end the wish of the call that called it. */
static void nested_wait(struct far_mailbox *m, void *user, bool bound)
{
	uint8_t buf[64];

	(void)user;
	(void)bound;
	assert_int_equal(far_mailbox_receive(m, 3, buf, 64, 5), FAR_ERR_TIMEOUT);
}

static void restart_peer_once(struct side *s)
{
	struct pair *p = s->pair;

	if (p->side[1].waits++ == 0)
		pair_reset(p, 1);
	far_mailbox_poll(&p->side[1].m, 0);
	wants_seen = *pair_word(p, 0, SPEC_WANTS);
	far_sim_clock_advance_to(&p->clock, p->clock.now_ns + 1000000);
}

static void waits_may_nest(void **state)
{
	uint8_t buf[64];

	(void)state;
	pair.side[0].config.notice = nested_wait;
	pair_reset(&pair, 0);
	pair_settle(&pair);
	pair.side[0].in_wait = restart_peer_once;
	assert_int_equal(far_mailbox_receive(a(), 2, buf, 64, 40), FAR_ERR_TIMEOUT);
	assert_int_equal(wants_seen, 1);
	assert_int_equal(a()->count.sessions, 2);
	assert_int_equal(*pair_word(&pair, 0, SPEC_WANTS), 0);
}

/* What an interrupt handler of the same side does, let in by the wait. */
static void handle_in_wait(struct side *s)
{
	struct pair *p = s->pair;
	uint8_t buf[64];

	if (s->waits == 2)
		pair_reset(p, 1);
	if (s->waits > 4) {
		assert_int_equal(send_number(b(), 2, 77), FAR_OK);
		assert_int_equal(send_number(b(), 3, s->waits), FAR_OK);
	}
	pair_settle(p);
	assert_int_equal(far_mailbox_send(&s->m, 3, NULL, 0, 0), FAR_OK);
	assert_int_equal(far_mailbox_receive(b(), 3, buf, 64, 0), 0);
}

static void a_wait_lets_others_in(void **state)
{
	uint8_t buf[64];

	(void)state;
	assert_int_equal(far_mailbox_register_callback(a(), 3, pair_callback, &pair.side[0]), 0);
	pair.side[0].in_wait = handle_in_wait;
	assert_int_equal(far_mailbox_receive(a(), 2, buf, 64, 1000), 4);
	assert_int_equal(buf[0], 77);
	assert_int_equal(pair.side[0].waits, 5);
	assert_int_equal(pair.side[0].got, 1);
	assert_int_equal(pair.side[0].last[0], 5);
	assert_int_equal(a()->count.sessions, 2);
	assert_int_equal(a()->count.sent, 5);
	assert_int_equal(*pair_word(&pair, 0, SPEC_WANTS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(limits, start, stop),
		cmocka_unit_test_setup_teardown(both_sides_know_the_session, start, stop),
		cmocka_unit_test_setup_teardown(every_length_on_every_channel, start, stop),
		cmocka_unit_test_setup_teardown(null_is_an_empty_message, start, stop),
		cmocka_unit_test_setup_teardown(channels_and_directions_are_independent, start,
						stop),
		cmocka_unit_test_setup_teardown(order_over_many_rounds, start, stop),
		cmocka_unit_test_setup_teardown(a_full_ring_is_told_and_kept, start, stop),
		cmocka_unit_test_setup_teardown(misuse_of_init, start, stop),
		cmocka_unit_test_setup_teardown(misuse_of_calls, start, stop),
		cmocka_unit_test_setup_teardown(reserved_channels_must_be_asked_for, start, stop),
		cmocka_unit_test_setup_teardown(callbacks_get_private_copies, start, stop),
		cmocka_unit_test_setup_teardown(a_poll_is_bounded, start, stop),
		cmocka_unit_test_setup_teardown(callbacks_may_send, start, stop),
		cmocka_unit_test_setup_teardown(waits_are_bounded, start, stop),
		cmocka_unit_test_setup_teardown(waits_without_a_doorbell_poll, start, stop),
		cmocka_unit_test_setup_teardown(a_failed_wait_ends_the_call, start, stop),
		cmocka_unit_test_setup_teardown(a_wait_for_room_ends_when_there_is_room, start,
						stop),
		cmocka_unit_test_setup_teardown(the_peer_rings_only_when_asked, start, stop),
		cmocka_unit_test_setup_teardown(enabled_means_rung_for_every_message, start, stop),
		cmocka_unit_test_setup_teardown(a_poll_ends_when_a_full_ring_has_room, start, stop),
		cmocka_unit_test_setup_teardown(enabled_means_rung_for_room_when_refused, start,
						stop),
		cmocka_unit_test_setup_teardown(waits_may_nest, start, stop),
		cmocka_unit_test_setup_teardown(a_wait_lets_others_in, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
