/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer that writes anything anywhere in the region, between any two accesses of ours. Whatever it
 * does: no access outside the region (the sanitizers watch), only codes that the header knows, no
 * message longer than 64 bytes, a bounded number of accesses per call; and once it stops and starts
 * properly, it is bound again without a restart of ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mailbox_hooked.h"

#define SLOTS 4u
#define WORDS (FAR_MAILBOX_REGION_SIZE(SLOTS) / 4)

/*
 * Accesses of one poll at most: a ring of each channel, and what it takes to begin anew each time.
 */
#define ACCESSES_MAX (4 * (SLOTS + 1) * (3 * 4 * SLOTS + 60))

static struct far_mailbox ours, wild;
static struct far_mailbox_config config[2];
static uint32_t *region;
static uint32_t accesses;
static uint32_t random_state;
static uint32_t scribbles_per_1024; /* chance of one at each access of ours */
static unsigned delivered, news;

static uint32_t roll(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* Blind writes rarely come far, so most are of a kind that nearly fits. */
static void scribble(void)
{
	uint32_t *word = &region[roll() % WORDS];

	if (roll() % 2 == 0) /* aim: control words, counts and first slots */
		word = &region[roll() % 2 * (WORDS / 2) + roll() % 120];
	switch (roll() % 6) {
	case 0:
		*word = roll();
		break;
	case 1:
		*word ^= 1u << roll() % 32;
		break;
	case 2:
		*word += 1u << 24;
		break;
	case 3:
		*word = region[roll() % WORDS];
		break;
	case 4:
		*word = 0;
		break;
	default:
		*word = (*word & 0xffffff00) | roll() % 80;
		break;
	}
}

static void access_shared(void)
{
	accesses++;
	if (roll() % 1024 < scribbles_per_1024)
		scribble();
}

static void ring(struct far_doorbell *d)
{
	(void)d;
}

static uint32_t now(struct far_clock *c)
{
	static uint32_t ms;

	(void)c;
	return ++ms;
}

static void sleep_ms(struct far_clock *c, uint32_t ms)
{
	(void)c;
	(void)ms;
}

static void callback(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		     size_t len)
{
	uint8_t sum = 0;

	(void)user;
	assert_true(len <= FAR_MAILBOX_DATA_MAX && channel < FAR_MAILBOX_CHANNELS);
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + ((const uint8_t *)data)[i]);
	delivered++;
	far_mailbox_send(m, channel, data, sum % 65 <= len ? sum % 65 : len, 0);
}

static void notice(struct far_mailbox *m, void *user, bool bound)
{
	(void)m;
	(void)user;
	(void)bound;
	news++;
}

static void check_send(int rc)
{
	assert_true(rc == FAR_OK || rc == FAR_ERR_BUSY || rc == FAR_ERR_TIMEOUT);
}

static void check_whole(int rc)
{
	assert_true(rc == FAR_ERR_TIMEOUT ||
		    (rc >= 0 && rc % FAR_MAILBOX_MORE <= 64 && rc < 2 * FAR_MAILBOX_MORE));
}

/* One of our calls, with a bound on what it may touch; a mailbox that waits makes two attempts. */
static void one_call(void)
{
	uint32_t words[16] = { 0 };
	uint8_t *buf = (uint8_t *)words;
	int rc;

	accesses = 0;
	switch (roll() % 8) {
	case 0:
		check_send(far_mailbox_send(&ours, roll() % 4, buf, roll() % 65, roll() % 3));
		break;
	case 1:
		rc = far_mailbox_receive(&ours, roll() % 4, buf, sizeof(words), roll() % 3);
		assert_true((rc >= 0 && rc <= 64) || rc == FAR_ERR_TIMEOUT);
		break;
	case 2:
		far_mailbox_set_enabled(&ours, roll() % 2);
		break;
	case 3:
		check_send(far_mailbox_send_whole(&ours, roll() % 4, words));
		break;
	case 4:
		check_whole(far_mailbox_receive_whole(&ours, roll() % 4, words));
		break;
	case 5:
		check_whole(far_mailbox_await_whole(&ours, roll() % 4, words, roll() % 3));
		break;
	default:
		rc = far_mailbox_poll(&ours, 0);
		assert_true(rc >= 0 && rc <= (int)(4 * SLOTS + 2));
		break;
	}
	assert_true(accesses <= 5 * ACCESSES_MAX);
}

/* The wild one also does proper things now and then, so that sessions come about to be spoilt. */
static void wild_turn(void)
{
	uint32_t chance = scribbles_per_1024;
	uint8_t buf[64];

	scribbles_per_1024 = 0;
	for (uint32_t i = 0; i < 3; i++)
		far_mailbox_poll(&wild, 0);
	check_send(far_mailbox_send(&wild, roll() % 4, region,
				    roll() % 2 == 0 ? FAR_MAILBOX_DATA_MAX : roll() % 65, 0));
	if (roll() % 2 == 0)
		far_mailbox_receive(&wild, roll() % 4, buf, sizeof(buf), 0);
	if (roll() % 64 == 0)
		far_mailbox_init(&wild, &config[1]);
	scribbles_per_1024 = chance;
}

static void proper_again(void)
{
	uint8_t out[64], in[64];
	uint32_t before;
	int rc = FAR_ERR_TIMEOUT;

	scribbles_per_1024 = 0;
	assert_int_equal(far_mailbox_init(&wild, &config[1]), FAR_OK);
	for (int i = 0; i < 6; i++) {
		far_mailbox_poll(&ours, 0);
		far_mailbox_poll(&wild, 0);
	}
	assert_true(far_mailbox_session(&ours) != 0);
	assert_int_equal(far_mailbox_session(&ours), far_mailbox_session(&wild));
	before = ours.count.malformed;
	for (uint8_t i = 0; i < 20; i++) {
		memset(out, i, sizeof(out));
		assert_int_equal(far_mailbox_send(&wild, 2, out, 64, 0), FAR_OK);
		far_mailbox_poll(&ours, 0);
		rc = far_mailbox_receive(&wild, 2, in, sizeof(in), 0);
		assert_true(rc >= 0); /* the callback answers with a part of it */
		assert_memory_equal(in, out, (size_t)rc);
	}
	assert_int_equal(ours.count.malformed, before);
}

static void scribbling(uint32_t seed, uint32_t chance, uint32_t calls)
{
	random_state = seed;
	scribbles_per_1024 = 0;
	memset(region, 0, WORDS * 4);
	assert_int_equal(far_mailbox_init(&ours, &config[0]), FAR_OK);
	assert_int_equal(far_mailbox_init(&wild, &config[1]), FAR_OK);
	for (uint32_t c = 0; c < 4; c++)
		if (c != 1)
			far_mailbox_register_callback(&ours, c, callback, NULL);
	for (uint32_t round = 0; round < 10; round++) {
		for (uint32_t i = 0; i < calls; i++) {
			scribbles_per_1024 = chance;
			wild_turn();
			one_call();
		}
		proper_again();
	}
}

static void at_every_rate(void **state)
{
	(void)state;
	for (uint32_t chance = 1; chance <= 1024; chance *= 2)
		for (uint32_t seed = 1; seed <= 20; seed++)
			scribbling(seed * 2654435761u, chance, 40);
	/* The test is about something: messages came, sessions came and were rejected. */
	assert_true(delivered > 10000 && news > 10000);
	assert_true(ours.count.malformed > 0 && ours.count.stale > 0);
}

int main(void)
{
	static const struct far_doorbell_ops bell_ops = { .ring = ring };
	static const struct far_clock_ops clock_ops = { .now_ms = now, .sleep_ms = sleep_ms };
	static struct far_doorbell bell = { &bell_ops };
	static struct far_clock clock = { &clock_ops };
	const struct CMUnitTest tests[] = { cmocka_unit_test(at_every_rate) };
	int failed;

	region = malloc(WORDS * 4);
	if (region == NULL)
		return 1;
	for (uint32_t i = 0; i < 2; i++)
		config[i] = (struct far_mailbox_config){ .region = region,
							 .region_size = WORDS * 4,
							 .side = i,
							 .slots = SLOTS,
							 .reserved = true,
							 .doorbell = &bell,
							 .clock = &clock,
							 .notice = i == 0 ? notice : NULL };
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(region);
	return failed;
}
