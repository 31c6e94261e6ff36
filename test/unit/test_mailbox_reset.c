/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reset of either side, and acts of the other side, between any two accesses to the shared region.
 *
 * Two sides exchange numbered messages. At the n-th access that a side makes, one of three things
 * happens: this side is reset there (a jump out of the call; all it knew is lost), the other side
 * takes a whole turn, or the other side is reset and takes a turn. All n, and all pairs, are tried.
 * Every message must be of its session, whole, and the next in order; in the end both must be bound
 * and messages flow. A failure prints the pair.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mailbox_hooked.h"

#define SLOTS 2u
#define WORDS                                                                                      \
	4u /* of a message: session, number, and both again, inverted; repeated in whole ones */
#define TURNS 8u

enum act { SELF_RESET, PEER_TURN, PEER_RESET, ACTS };

struct app {
	struct far_mailbox m;
	uint32_t out, in; /* numbers of the next messages in this session */
	uint32_t got;     /* messages in this session */
};

static uint32_t region[FAR_MAILBOX_REGION_SIZE(SLOTS) / 4];
static struct app app[2];
static struct far_mailbox_config config[2];
static uint32_t
	whole; /* side whose messages are whole ones, by the calls for those; or 2: both; 3: none */

static struct {
	uint32_t access;  /* made so far, by turns that are not nested */
	uint32_t at[2];   /* when something happens */
	enum act what[2]; /* what */
	uint32_t active;  /* side whose turn it is, or 2 */
	bool nested;
	jmp_buf reset;
} plan;

static void turn(uint32_t side);
static void reset(uint32_t side);

static void act(enum act what)
{
	uint32_t peer = 1 - plan.active;

	if (what == SELF_RESET)
		longjmp(plan.reset, 1);
	plan.nested = true;
	if (what == PEER_RESET)
		reset(peer);
	turn(peer);
	plan.nested = false;
}

static void access_shared(void)
{
	if (plan.nested || plan.active > 1)
		return;
	plan.access++;
	for (int i = 0; i < 2; i++)
		if (plan.access == plan.at[i])
			act(plan.what[i]);
}

static void ring(struct far_doorbell *d)
{
	(void)d;
}

static uint32_t now(struct far_clock *c)
{
	(void)c;
	return 0;
}

static void sleep_never(struct far_clock *c, uint32_t ms)
{
	(void)c;
	(void)ms;
	fail();
}

static void notice(struct far_mailbox *m, void *user, bool bound)
{
	struct app *a = user;

	(void)m;
	(void)bound;
	a->out = a->in = a->got = 0;
}

static void reset(uint32_t side)
{
	memset(&app[side], 0xa5, sizeof(app[side]));
	assert_int_equal(far_mailbox_init(&app[side].m, &config[side]), FAR_OK);
}

static bool sends_whole(uint32_t side)
{
	return whole == side || whole == 2;
}

static bool is_repeated(const uint32_t *word, uint32_t len)
{
	for (uint32_t i = WORDS; i < len / 4; i++)
		if (word[i] != word[i - WORDS])
			return false;
	return true;
}

static void check_message(struct app *a, const uint32_t *word, int len)
{
	uint32_t expected = sends_whole(a == &app[0]) ? FAR_MAILBOX_DATA_MAX : WORDS * 4;

	if (len != (int)expected || !is_repeated(word, expected) ||
	    word[0] != far_mailbox_session(&a->m) || word[1] != a->in || word[2] != ~word[0] ||
	    word[3] != ~word[1]) {
		print_error("length %d, session %x, number %u; expected session %x, number %u\n",
			    len, word[0], word[1], far_mailbox_session(&a->m), a->in);
		print_error("at access %u act %d, at %u act %d\n", plan.at[0], plan.what[0],
			    plan.at[1], plan.what[1]);
		fail();
	}
	a->in++;
	a->got++;
}

static int send_one(struct far_mailbox *m, const uint32_t *word)
{
	uint32_t out[FAR_MAILBOX_DATA_MAX / 4];

	for (uint32_t i = 0; i < FAR_MAILBOX_DATA_MAX / 4; i++)
		out[i] = word[i % WORDS];
	return sends_whole(m == &app[1].m) ? far_mailbox_send_whole(m, 2, out)
					   : far_mailbox_send(m, 2, out, WORDS * 4, 0);
}

/* What it says of more is for who is rung: test_mailbox_whole. */
static int take_one(struct far_mailbox *m, uint32_t *word)
{
	int len;

	if (!sends_whole(m == &app[0].m))
		return far_mailbox_receive(m, 2, word, FAR_MAILBOX_DATA_MAX, 0);
	len = far_mailbox_receive_whole(m, 2, word);
	return len >= FAR_MAILBOX_MORE ? len - FAR_MAILBOX_MORE : len;
}

/* What an application does in its loop: see to the session, send one, take what there is. */
static void turn(uint32_t side)
{
	struct app *a = &app[side];
	uint32_t word[16], session;
	int len;

	far_mailbox_poll(&a->m, 0);
	session = far_mailbox_session(&a->m);
	if (session != 0) {
		uint32_t out[WORDS] = { session, a->out, ~session, ~a->out };

		if (send_one(&a->m, out) == FAR_OK && far_mailbox_session(&a->m) == session)
			a->out++;
	}
	for (uint32_t i = 0; i < SLOTS; i++) {
		len = take_one(&a->m, word);
		if (len >= 0)
			check_message(a, word, len);
	}
}

/* Turns in alternation, with what is planned; then undisturbed ones, and both must be in order. */
static void run(void)
{
	plan.active = 2;
	plan.access = 0;
	memset(region, 0, sizeof(region));
	reset(0);
	reset(1);
	for (volatile uint32_t i = 0; i < TURNS; i++) {
		plan.active = i % 2;
		if (setjmp(plan.reset) == 0) {
			turn(i % 2);
		} else {
			plan.active = 2;
			reset(i % 2);
		}
	}
	plan.active = 2;
	for (uint32_t i = 0; i < 24; i++)
		turn(i % 2);
	for (uint32_t i = 0; i < 2; i++) {
		assert_true(far_mailbox_session(&app[i].m) != 0);
		assert_true(app[i].got >= 8);
		assert_int_equal(app[i].m.count.malformed, 0);
	}
}

static uint32_t undisturbed(void)
{
	plan.at[0] = plan.at[1] = 0;
	run();
	return plan.access;
}

static void one_disturbance(void)
{
	uint32_t all = undisturbed();

	assert_true(all > 100);
	for (uint32_t i = 1; i <= all; i++)
		for (int what = 0; what < ACTS; what++) {
			plan.at[0] = i;
			plan.what[0] = (enum act)what;
			run();
		}
}

static void one_disturbance_anywhere(void **state)
{
	(void)state;
	for (whole = 0; whole <= 3; whole++)
		one_disturbance();
}

static void two_disturbances(void)
{
	uint32_t all = undisturbed();

	for (uint32_t i = 1; i <= all; i++)
		for (uint32_t j = i + 1; j <= all + 20; j++)
			for (uint32_t what = 0; what < ACTS * ACTS; what++) {
				plan.at[0] = i;
				plan.at[1] = j;
				plan.what[0] = (enum act)(what % ACTS);
				plan.what[1] = (enum act)(what / ACTS);
				run();
			}
}

static void two_disturbances_anywhere(void **state)
{
	(void)state;
	for (whole = 2; whole <= 3; whole++)
		two_disturbances();
}

int main(void)
{
	static const struct far_doorbell_ops bell_ops = { .ring = ring };
	static const struct far_clock_ops clock_ops = { .now_ms = now, .sleep_ms = sleep_never };
	static struct far_doorbell bell = { &bell_ops };
	static struct far_clock clock = { &clock_ops };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_disturbance_anywhere),
		cmocka_unit_test(two_disturbances_anywhere),
	};

	for (uint32_t i = 0; i < 2; i++)
		config[i] = (struct far_mailbox_config){ .region = region,
							 .region_size = sizeof(region),
							 .side = i,
							 .slots = SLOTS,
							 .doorbell = &bell,
							 .clock = &clock,
							 .notice = notice,
							 .user = &app[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
