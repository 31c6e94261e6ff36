/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning, end and restart of sessions; the shared words as docs/SPEC-mailbox.md gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailbox_pair.h"

static struct pair pair;

static struct far_mailbox *side(uint32_t i)
{
	return &pair.side[i].m;
}

static int start(void **state)
{
	(void)state;
	pair_start(&pair, 4);
	pair_settle(&pair);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pair_stop(&pair);
	return 0;
}

static int send_number(uint32_t from, uint32_t n)
{
	return far_mailbox_send(side(from), 2, &n, sizeof(n), 0);
}

static int receive_number(uint32_t to, uint32_t *n)
{
	uint32_t buf[16] = { 0 };
	int rc = far_mailbox_receive(side(to), 2, buf, sizeof(buf), 0);

	*n = buf[0];
	return rc;
}

static void expect_news(uint32_t i, const bool *news, unsigned count)
{
	assert_int_equal(pair.side[i].news_count, count);
	for (unsigned n = 0; n < count; n++)
		assert_int_equal(pair.side[i].news[n], news[n]);
	pair.side[i].news_count = 0;
}

static void bound(void)
{
	assert_true(far_mailbox_session(side(0)) != 0);
	assert_int_equal(far_mailbox_session(side(0)), far_mailbox_session(side(1)));
}

static void every_word_as_specified(void **state)
{
	static const char text[] = "hello";
	uint32_t stamp, epoch[2];
	uint8_t buf[64];

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(*pair_word(&pair, i, SPEC_FORMAT), 0x04014d46);
		epoch[i] = *pair_word(&pair, i, SPEC_CONTROL) & 0xffff;
		assert_true(epoch[i] != 0);
	}
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(*pair_word(&pair, i, SPEC_CONTROL) >> 16, epoch[1 - i]);
		for (uint32_t c = 0; c < 4; c++)
			assert_int_equal(*pair_word(&pair, i, SPEC_TAKEN + c), epoch[1 - i] << 8);
	}
	assert_int_equal(far_mailbox_session(side(0)), epoch[0] | epoch[1] << 16);
	for (uint32_t n = 0; n < 300; n++) {
		assert_int_equal(far_mailbox_send(side(1), 3, text, 5, 0), FAR_OK);
		stamp = *pair_slot(&pair, 1, 3, n % 4);
		assert_int_equal(stamp, n << 24 | epoch[1] << 8 | 5);
		assert_memory_equal(pair_slot(&pair, 1, 3, n % 4) + 1, text, 5);
		assert_int_equal(far_mailbox_receive(side(0), 3, buf, 64, 0), 5);
		assert_int_equal(*pair_word(&pair, 0, SPEC_TAKEN + 3),
				 (n + 1) << 24 | epoch[1] << 8);
	}
}

/* Nothing is written outside the own half, and nothing but the words in use. */
static void a_side_writes_only_its_half(void **state)
{
	uint32_t *copy = malloc(pair.region_size);
	uint8_t buf[64] = { 0 };

	(void)state;
	assert_non_null(copy);
	memcpy(copy, pair.region, pair.region_size);
	for (int i = 0; i < 6; i++)
		far_mailbox_send(side(0), 1, buf, 64, 0);
	far_mailbox_receive(side(0), 1, buf, 64, 0);
	far_mailbox_heartbeat(side(0), 0);
	far_mailbox_stop(side(0));
	assert_memory_equal(pair_word(&pair, 1, 0), copy + (pair_word(&pair, 1, 0) - pair.region),
			    pair.region_size / 2);
	free(copy);
}

static void unbound_without_a_peer(void **state)
{
	uint32_t n;

	(void)state;
	memset(pair_word(&pair, 1, 0), 0, pair.region_size / 2);
	pair_reset(&pair, 0);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(far_mailbox_poll(side(0), 0), 0);
		assert_int_equal(send_number(0, 1), FAR_ERR_TIMEOUT);
		assert_int_equal(receive_number(0, &n), FAR_ERR_TIMEOUT);
	}
	assert_int_equal(far_mailbox_session(side(0)), 0);
	assert_int_equal(far_mailbox_poll(side(0), 100), 0);
	assert_int_equal(side(0)->count.sessions, 0);
}

/* Either side first, either one reset, with messages under way in both directions. */
static void a_restart_is_noticed(void **state)
{
	static const bool news[] = { true, false, true }, fresh[] = { true };
	uint32_t n;

	(void)state;
	for (uint32_t who = 0; who < 2; who++) {
		uint32_t old = far_mailbox_session(side(0));

		expect_news(who, fresh, 1);
		for (uint32_t i = 0; i < 3; i++) {
			assert_int_equal(send_number(0, 1000 + i), FAR_OK);
			assert_int_equal(send_number(1, 2000 + i), FAR_OK);
		}
		pair_reset(&pair, who);
		pair_settle(&pair);
		bound();
		assert_true(far_mailbox_session(side(0)) != old);
		expect_news(who, fresh, 1);
		expect_news(1 - who, news, 3);
		for (uint32_t i = 0; i < 2; i++) {
			assert_int_equal(receive_number(i, &n), FAR_ERR_TIMEOUT);
			assert_int_equal(send_number(i, 77), FAR_OK);
			assert_int_equal(receive_number(1 - i, &n), 4);
			assert_int_equal(n, 77);
			assert_int_equal(side(i)->count.malformed, 0);
		}
		pair_stop(&pair);
		pair_start(&pair, 4);
		pair_settle(&pair);
	}
}

/*
 * A message that was written before the notice of a new session must not slip into it: also not the
 * one whose sending brings the notice.
 */
static void no_send_before_the_notice(void **state)
{
	uint32_t n;

	(void)state;
	pair_reset(&pair, 1);
	assert_int_equal(send_number(0, 1), FAR_ERR_TIMEOUT); /* notices the end */
	assert_int_equal(pair.side[0].news_count, 2);
	far_mailbox_poll(side(1), 0);
	assert_int_equal(send_number(0, 2), FAR_ERR_TIMEOUT); /* notices the beginning */
	assert_int_equal(pair.side[0].news_count, 3);
	assert_int_equal(send_number(0, 3), FAR_OK);
	assert_int_equal(receive_number(1, &n), 4);
	assert_int_equal(n, 3);
}

static void waiting_messages_of_an_ended_session_are_counted(void **state)
{
	uint32_t n;

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(send_number(1, i), FAR_OK);
	assert_int_equal(receive_number(0, &n), 4);
	far_mailbox_stop(side(0));
	assert_int_equal(side(0)->count.stale, 2);
	pair_settle(&pair);
	bound();
	assert_int_equal(receive_number(0, &n), FAR_ERR_TIMEOUT);
	assert_int_equal(side(0)->count.stale, 2);
	assert_int_equal(side(0)->count.malformed + side(1)->count.malformed, 0);
}

static void stop_is_told_to_the_peer(void **state)
{
	static const bool news[] = { true, false };

	(void)state;
	far_mailbox_stop(side(0));
	for (int i = 0; i < 5; i++)
		far_mailbox_poll(side(1), 0);
	assert_int_equal(far_mailbox_session(side(1)), 0);
	expect_news(1, news, 2);
	assert_int_equal(send_number(1, 1), FAR_ERR_TIMEOUT);
	far_mailbox_poll(side(0), 0); /* the next call offers a new session */
	pair_settle(&pair);
	bound();
}

/* A sleeper is woken by the other's restart, and by its answer. */
static void a_restart_rings(void **state)
{
	unsigned rings;

	(void)state;
	assert_int_equal(far_mailbox_set_enabled(side(0), true), FAR_OK);
	rings = pair.side[1].rings;
	pair_reset(&pair, 1);
	assert_true(pair.side[1].rings > rings);
	rings = pair.side[1].rings;
	far_mailbox_poll(side(0), 0);
	far_mailbox_poll(side(1), 0);
	assert_true(pair.side[1].rings > rings);
	rings = pair.side[1].rings;
	far_mailbox_stop(side(1));
	assert_true(pair.side[1].rings > rings);
}

/* Interrupt handlers alone, each called once per ring, must get to a session from any start. */
static void rings_alone_bind(void **state)
{
	(void)state;
	for (uint32_t first = 0; first < 2; first++) {
		unsigned seen[2] = { 0, 0 };

		memset(pair.region, 0, pair.region_size);
		for (uint32_t i = 0; i < 2; i++) {
			pair.side[i].rings = 0;
			pair_reset(&pair, i ^ first);
			assert_int_equal(far_mailbox_set_enabled(side(i ^ first), true), FAR_OK);
		}
		for (uint32_t i = 0; i < 20; i++) {
			if (seen[i % 2] == pair.side[1 - i % 2].rings)
				continue;
			seen[i % 2] = pair.side[1 - i % 2].rings;
			far_mailbox_poll(side(i % 2), 0);
		}
		bound();
	}
}

static void what_an_earlier_run_left_does_not_bind(void **state)
{
	uint32_t n;

	(void)state;
	assert_int_equal(send_number(1, 5), FAR_OK); /* left behind by a side that is dead now */
	for (int i = 0; i < 10; i++) {
		pair_reset(&pair, 0);
		assert_int_equal(far_mailbox_poll(side(0), 0), 0);
		assert_int_equal(receive_number(0, &n), FAR_ERR_TIMEOUT);
		assert_int_equal(far_mailbox_session(side(0)), 0);
	}
	pair_reset(&pair, 1);
	pair_settle(&pair);
	bound();
	assert_int_equal(receive_number(0, &n), FAR_ERR_TIMEOUT);
}

static void another_format_does_not_bind(void **state)
{
	static const uint32_t format[] = { 0, 0x04024d46, 0x08014d46, 0x02014d46, 0x464d0104 };

	(void)state;
	for (size_t i = 0; i < sizeof(format) / sizeof(format[0]); i++) {
		pair_reset(&pair, 0);
		pair_reset(&pair, 1);
		for (int n = 0; n < 5; n++) {
			*pair_word(&pair, 1, SPEC_FORMAT) = format[i];
			far_mailbox_poll(side(0), 0);
			assert_int_equal(far_mailbox_session(side(0)), 0);
			far_mailbox_poll(side(1), 0);
		}
		assert_int_equal(far_mailbox_session(side(1)), 0);
	}
	pair_settle(&pair);
	bound();
}

/*
 * Epochs are never 0, never used twice in a row, also when they wrap or the peer echoes the next.
 */
static void epochs_over_many_restarts(void **state)
{
	uint32_t last = 0, n;

	(void)state;
	for (uint32_t i = 0; i < 66000; i++) {
		uint32_t epoch, echo = *pair_word(&pair, 0, SPEC_CONTROL) >> 16;

		pair_reset(&pair, 1);
		epoch = *pair_word(&pair, 1, SPEC_CONTROL);
		assert_true(epoch != 0 && epoch <= 0xffff && epoch != last && epoch != echo);
		last = epoch;
		if (i % 4096 > 0 && i < 65000)
			continue;
		pair.side[0].news_count = pair.side[1].news_count = 0;
		pair_settle(&pair);
		bound();
		assert_int_equal(send_number(0, i), FAR_OK);
		assert_int_equal(receive_number(1, &n), 4);
		assert_int_equal(n, i);
	}
	*pair_word(&pair, 0, SPEC_CONTROL) = (last + 1) << 16;
	pair_reset(&pair, 1);
	assert_true(*pair_word(&pair, 1, SPEC_CONTROL) != last + 1);
}

static void any_memory_is_a_start(void **state)
{
	(void)state;
	srand(4711);
	for (int i = 0; i < 2000; i++) {
		for (size_t w = 0; w < pair.region_size / 4; w++)
			pair.region[w] = (uint32_t)rand() * 2654435761u;
		pair_reset(&pair, (uint32_t)i % 2);
		pair.side[0].news_count = pair.side[1].news_count = 0;
		far_mailbox_poll(side((uint32_t)i % 2), 0);
		pair_reset(&pair, 1 - (uint32_t)i % 2);
		pair_settle(&pair);
		bound();
		for (uint32_t n = 0, got; n < 6; n++) {
			assert_int_equal(send_number(0, n), FAR_OK);
			assert_int_equal(receive_number(1, &got), 4);
			assert_int_equal(got, n);
		}
	}
}

/* One impossible stamp: counted once, told, and mended by a new session. */
static void malformed_stamp(uint32_t stamp)
{
	static const bool news[] = { true, false, true };
	uint32_t n, before = side(0)->count.malformed;

	pair.side[0].news_count = 0;
	pair.side[0].news[0] = true;
	*pair_slot(&pair, 1, 2, 0) = stamp;
	assert_int_equal(receive_number(0, &n), FAR_ERR_TIMEOUT);
	assert_int_equal(side(0)->count.malformed, before + 1);
	assert_int_equal(far_mailbox_session(side(0)), 0);
	pair_settle(&pair);
	assert_int_equal(side(0)->count.malformed, before + 1);
	bound();
	expect_news(0, news + 1, 2);
}

static void malformed_stamps(void **state)
{
	uint32_t epoch;

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		epoch = (*pair_word(&pair, 1, SPEC_CONTROL) & 0xffff) << 8;
		malformed_stamp(i == 0   ? epoch | 65
				: i == 1 ? epoch | 255
				: i == 2 ? epoch | 1u << 24
				: i == 3 ? (epoch + 0x100) | 4
				: i == 4 ? 1
					 : UINT32_MAX);
	}
}

/*
 * A peer that lies about what it has taken loses messages of its own, finds out, and both start
 * anew.
 */
static void lies_about_room(void **state)
{
	static const uint32_t taken[] = { 5u << 24, 1, 0x80000000, 64, 0xff000000 };

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		uint32_t epoch = (*pair_word(&pair, 0, SPEC_CONTROL) & 0xffff) << 8, n;

		for (n = 0; n < 4; n++)
			assert_int_equal(send_number(0, n), FAR_OK);
		*pair_word(&pair, 1, SPEC_TAKEN + 2) = epoch + taken[i];
		assert_int_equal(send_number(0, 9), FAR_OK);
		assert_int_equal(receive_number(1, &n), FAR_ERR_TIMEOUT);
		assert_int_equal(side(1)->count.malformed, i + 1);
		assert_int_equal(side(0)->count.malformed, 0);
		pair.side[0].news_count = pair.side[1].news_count = 0;
		pair_settle(&pair);
		bound();
		assert_int_equal(send_number(0, 9), FAR_OK);
		assert_int_equal(receive_number(1, &n), 4);
		assert_int_equal(n, 9);
	}
}

/* A peer that was wild for a while, and then starts properly, finds our half repaired. */
static void own_words_are_repaired(void **state)
{
	(void)state;
	memset(pair.region, 0xff, pair.region_size);
	pair_reset(&pair, 1);
	pair_settle(&pair);
	bound();
}

static void a_dead_peer_is_noticed_by_its_heart(void **state)
{
	static const bool news[] = { true, false };
	struct far_clock *c = &pair.clock.clock;
	uint32_t session = far_mailbox_session(side(0));

	(void)state;
	for (int i = 0; i < 50; i++) { /* as long as both beat, nothing happens */
		far_mailbox_heartbeat(side(0), 100);
		far_mailbox_heartbeat(side(1), 100);
		c->ops->sleep_ms(c, 60);
	}
	pair_settle(&pair);
	assert_int_equal(far_mailbox_session(side(0)), session);
	far_mailbox_heartbeat(side(0), 100);
	c->ops->sleep_ms(c, 99);
	far_mailbox_heartbeat(side(0), 100);
	far_mailbox_poll(side(0), 0);
	assert_int_equal(far_mailbox_session(side(0)), session);
	c->ops->sleep_ms(c, 1);
	far_mailbox_heartbeat(side(0), 0); /* beats, does not watch */
	far_mailbox_poll(side(0), 0);
	assert_int_equal(far_mailbox_session(side(0)), session);
	far_mailbox_heartbeat(side(0), 100);
	far_mailbox_poll(side(0), 0);
	assert_int_equal(far_mailbox_session(side(0)), 0);
	expect_news(0, news, 2);
	c->ops->sleep_ms(c, 1000);
	far_mailbox_heartbeat(side(0), 100); /* unbound: there is nobody to miss */
	pair_settle(&pair);                  /* it was only slow: bound again */
	bound();
	far_mailbox_heartbeat(side(0), 100);
	pair_settle(&pair);
	bound();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_word_as_specified, start, stop),
		cmocka_unit_test_setup_teardown(a_side_writes_only_its_half, start, stop),
		cmocka_unit_test_setup_teardown(unbound_without_a_peer, start, stop),
		cmocka_unit_test_setup_teardown(a_restart_is_noticed, start, stop),
		cmocka_unit_test_setup_teardown(no_send_before_the_notice, start, stop),
		cmocka_unit_test_setup_teardown(waiting_messages_of_an_ended_session_are_counted,
						start, stop),
		cmocka_unit_test_setup_teardown(stop_is_told_to_the_peer, start, stop),
		cmocka_unit_test_setup_teardown(a_restart_rings, start, stop),
		cmocka_unit_test_setup_teardown(rings_alone_bind, start, stop),
		cmocka_unit_test_setup_teardown(what_an_earlier_run_left_does_not_bind, start,
						stop),
		cmocka_unit_test_setup_teardown(another_format_does_not_bind, start, stop),
		cmocka_unit_test_setup_teardown(epochs_over_many_restarts, start, stop),
		cmocka_unit_test_setup_teardown(any_memory_is_a_start, start, stop),
		cmocka_unit_test_setup_teardown(malformed_stamps, start, stop),
		cmocka_unit_test_setup_teardown(lies_about_room, start, stop),
		cmocka_unit_test_setup_teardown(own_words_are_repaired, start, stop),
		cmocka_unit_test_setup_teardown(a_dead_peer_is_noticed_by_its_heart, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
