/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What far_mailbox_receive_whole says of more, and the wait for whole messages. A handler that is
 * rung takes what there is and looks again only where it was told of more; between any two of its
 * accesses the peer sends. Nothing may be left lying that nobody will be rung for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mailbox_hooked.h"

#define CHANNEL 3u
#define ROUNDS  12u /* more than once around the rings */

struct end {
	struct far_doorbell doorbell; /* first: the ops get back to it */
	struct far_mailbox m;
	bool rung;
	void (*in_wait)(struct end *e);
	int wait_rc;
};

static struct end end[2];
static uint32_t *region;
static uint32_t now_ms, naps;

static int await(uint32_t timeout_ms);

static uint32_t accesses, at; /* made by the handler; when the peer acts */
static uint32_t burst;        /* how many it sends then */
static bool in_handler;
static uint32_t sent, taken, looks_in_vain, told_of_more;

/* Every third one is short. */
static uint32_t length_of(uint32_t number, bool mixed)
{
	return mixed && number % 3 == 1 ? number % 64 : 64;
}

static bool mixed;

static int send_next(struct far_mailbox *m)
{
	uint32_t word[16];
	uint32_t len = length_of(sent, mixed);
	int rc;

	for (uint32_t i = 0; i < 16; i++)
		word[i] = sent * 16 + i;
	rc = len == 64 ? far_mailbox_send_whole(m, CHANNEL, word)
		       : far_mailbox_send(m, CHANNEL, word, len, 0);
	if (rc == FAR_OK)
		sent++;
	else
		assert_int_equal(rc, FAR_ERR_BUSY);
	return rc;
}

static void access_shared(void)
{
	if (!in_handler || ++accesses != at)
		return;
	in_handler = false; /* its accesses are not counted */
	for (uint32_t i = 0; i < burst; i++)
		(void)send_next(&end[0].m);
	in_handler = true;
}

static void ring(struct far_doorbell *d)
{
	end[d == &end[0].doorbell ? 1 : 0].rung = true;
}

static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct end *e = (struct end *)(void *)d;

	naps++;
	if (e->in_wait != NULL)
		e->in_wait(e);
	else if (!e->rung)
		now_ms += timeout_ms;
	e->rung = false;
	return e->wait_rc;
}

static uint32_t now(struct far_clock *c)
{
	(void)c;
	return now_ms;
}

static void sleep_ms(struct far_clock *c, uint32_t ms)
{
	(void)c;
	now_ms += ms;
}

static void start(uint32_t slots)
{
	static const struct far_doorbell_ops bell_ops = { .ring = ring, .wait = wait };
	static const struct far_clock_ops clock_ops = { .now_ms = now, .sleep_ms = sleep_ms };
	static struct far_clock clock = { &clock_ops };

	sent = taken = looks_in_vain = told_of_more = at = accesses = naps = 0;
	region = calloc(1, FAR_MAILBOX_REGION_SIZE(slots));
	assert_non_null(region);
	for (uint32_t i = 0; i < 2; i++) {
		const struct far_mailbox_config config = {
			.region = region,
			.region_size = FAR_MAILBOX_REGION_SIZE(slots),
			.side = i,
			.slots = slots,
			.doorbell = &end[i].doorbell,
			.clock = &clock,
		};

		end[i] = (struct end){ .doorbell.ops = &bell_ops };
		assert_int_equal(far_mailbox_init(&end[i].m, &config), FAR_OK);
	}
	for (uint32_t i = 0; i < 6; i++)
		(void)far_mailbox_poll(&end[i % 2].m, 0);
	assert_int_not_equal(far_mailbox_session(&end[1].m), 0);
}

static void stop(void)
{
	assert_int_equal(end[0].m.count.malformed + end[1].m.count.malformed, 0);
	assert_int_equal(end[0].m.count.sessions, 1);
	free(region);
	region = NULL;
}

static void check(const uint32_t *word, int rc)
{
	uint32_t len = (uint32_t)rc & (FAR_MAILBOX_MORE - 1u);
	uint32_t expected[16];

	assert_true(taken < sent);
	assert_int_equal(len, length_of(taken, mixed));
	for (uint32_t i = 0; i < 16; i++)
		expected[i] = taken * 16 + i;
	assert_memory_equal(word, expected, len);
	taken++;
}

/* As a program's: what is told of more is believed. */
static void handle(void)
{
	uint32_t word[16];
	int rc;

	in_handler = true;
	do {
		rc = far_mailbox_receive_whole(&end[1].m, CHANNEL, word);
		if (rc < 0) {
			assert_int_equal(rc, FAR_ERR_TIMEOUT);
			looks_in_vain++;
			break;
		}
		check(word, rc);
		told_of_more += rc >= FAR_MAILBOX_MORE;
	} while (rc >= FAR_MAILBOX_MORE);
	in_handler = false;
}

/* A bell that was rung is taken back before the handler looks. */
static void interrupts(void)
{
	while (end[1].rung) {
		end[1].rung = false;
		handle();
	}
}

/*
 * So many are there when the handler comes; at its n-th access come others. Returns how many it
 * made.
 */
static uint32_t run(uint32_t slots, uint32_t before, uint32_t n, uint32_t others)
{
	uint32_t all = 0;

	start(slots);
	(void)far_mailbox_set_enabled(&end[1].m, true);
	end[1].rung = false;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		accesses = 0;
		at = n;
		burst = others;
		for (uint32_t i = 0; i < before; i++)
			(void)send_next(&end[0].m);
		interrupts();
		all = accesses > all ? accesses : all;
		assert_int_equal(taken, sent); /* nothing lies there unnoticed */
	}
	assert_true(sent >= ROUNDS);
	stop();
	return all;
}

static void nothing_is_left_lying(void **state)
{
	(void)state;
	for (int m = 0; m < 2; m++)
		for (uint32_t slots = 1; slots <= 8; slots *= 2)
			for (uint32_t before = 1; before <= slots; before++)
				for (uint32_t others = 1; others <= 3; others++) {
					uint32_t all;

					mixed = m != 0;
					all = run(slots, before, 0, 0);
					for (uint32_t n = 1; n <= all; n++)
						(void)run(slots, before, n, others);
				}
}

/* Whole messages one at a time: once around the ring it is never looked in vain. */
static void no_look_in_vain(void **state)
{
	(void)state;
	mixed = false;
	start(4);
	(void)far_mailbox_set_enabled(&end[1].m, true);
	for (uint32_t i = 0; i < 100; i++) {
		if (i == 4)
			looks_in_vain = told_of_more = 0;
		assert_int_equal(send_next(&end[0].m), FAR_OK);
		interrupts();
	}
	assert_int_equal(looks_in_vain + told_of_more, 0);
	assert_int_equal(taken, 100);
	/* Three that wait: of two more it is told. */
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(send_next(&end[0].m), FAR_OK);
	interrupts();
	assert_int_equal(told_of_more, 2);
	assert_int_equal(taken, 103);
	stop();
}

/*
 * A peer that has begun anew is noticed by the next call, whichever: nothing goes to it, or comes
 * from it.
 */
static void restart_is_noticed_at_once(void **state)
{
	uint32_t word[16] = { 0 };

	(void)state;
	for (int call = 0; call < 3; call++) {
		struct far_mailbox_config config;

		start(4);
		config = end[0].m._state.config;
		assert_int_equal(far_mailbox_init(&end[0].m, &config), FAR_OK);
		assert_int_equal(call == 0   ? far_mailbox_send_whole(&end[1].m, CHANNEL, word)
				 : call == 1 ? far_mailbox_receive_whole(&end[1].m, CHANNEL, word)
					     : await(1),
				 FAR_ERR_TIMEOUT);
		assert_int_equal(far_mailbox_session(&end[1].m), 0);
		assert_int_equal(end[1].m.count.sent + end[1].m.count.received, 0);
		free(region);
	}
}

/* ---- the wait -------------------------------------------------------------------------------- */

static int await(uint32_t timeout_ms)
{
	uint32_t word[16];
	int rc = far_mailbox_await_whole(&end[1].m, CHANNEL, word, timeout_ms);

	if (rc >= 0)
		check(word, rc);
	return rc;
}

static uint32_t wants(void)
{
	return region[(FAR_MAILBOX_REGION_SIZE(4) / 8) + 2];
}

static void send_now(struct end *e)
{
	assert_int_equal(wants(), 1);
	assert_int_equal(send_next(&end[0].m), FAR_OK);
	assert_true(e->rung);
}

static void what_is_there_is_not_waited_for(void **state)
{
	(void)state;
	mixed = false;
	start(4);
	assert_int_equal(await(0), FAR_ERR_TIMEOUT);
	assert_int_equal(send_next(&end[0].m), FAR_OK);
	assert_int_equal(await(0),
			 64 + FAR_MAILBOX_MORE); /* it cannot know better, the first time */
	assert_int_equal(send_next(&end[0].m), FAR_OK);
	assert_in_range(await(1000), 64, 64 + FAR_MAILBOX_MORE);
	assert_int_equal(naps, 0);
	stop();
}

static void waits_until_it_comes(void **state)
{
	(void)state;
	for (int m = 0; m < 2; m++) {
		mixed = m != 0;
		start(4);
		end[1].in_wait = send_now;
		for (uint32_t i = 1; i <= 30; i++) {
			assert_in_range(await(1000), 0, 64 + FAR_MAILBOX_MORE);
			assert_int_equal(naps, i);
			assert_int_equal(wants(), 0);
		}
		stop();
	}
}

static void waits_no_longer_than_told(void **state)
{
	uint32_t before = now_ms;

	(void)state;
	mixed = false;
	start(4);
	assert_int_equal(await(250), FAR_ERR_TIMEOUT);
	assert_in_range(now_ms - before, 250, 251);
	assert_int_equal(wants(), 0);
	stop();
}

static void the_doorbells_error_ends_it(void **state)
{
	(void)state;
	start(4);
	end[1].wait_rc = FAR_ERR_CANCELLED;
	assert_int_equal(await(1000), FAR_ERR_CANCELLED);
	assert_int_equal(naps, 1);
	assert_int_equal(wants(), 0);
	stop();
}

static void no_such_channel(void **state)
{
	uint32_t word[16];

	(void)state;
	start(4);
	assert_int_equal(far_mailbox_await_whole(&end[1].m, 4, word, 1000), FAR_ERR_ARG);
	assert_int_equal(far_mailbox_await_whole(&end[1].m, 1, word, 1000), FAR_ERR_ARG);
	assert_int_equal(naps, 0);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_lying),
		cmocka_unit_test(no_look_in_vain),
		cmocka_unit_test(restart_is_noticed_at_once),
		cmocka_unit_test(what_is_there_is_not_waited_for),
		cmocka_unit_test(waits_until_it_comes),
		cmocka_unit_test(waits_no_longer_than_told),
		cmocka_unit_test(the_doorbells_error_ends_it),
		cmocka_unit_test(no_such_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
