/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Round trips as programs make them: by calls that wait, and from the doorbell's interrupt. Both
 * cores count together, so that a trip is what all of it costs: two sends, two receives, two rings,
 * and sleep and waking on both sides.
 */
#include "bench/board/trips.h"
#include "bench/board/count.h"

/* There and back; the answer lies where the question was. */
static int trip(struct far_mailbox *m, uint32_t message[FAR_MAILBOX_DATA_MAX / 4], uint32_t wait_ms)
{
	int rc = far_mailbox_send(m, BENCH_CHANNEL, message, FAR_MAILBOX_DATA_MAX, 0);

	if (rc == FAR_OK)
		rc = far_mailbox_receive(m, BENCH_CHANNEL, message, FAR_MAILBOX_DATA_MAX, wait_ms);
	return rc == (int)FAR_MAILBOX_DATA_MAX ? FAR_OK : FAR_ERR_TIMEOUT;
}

/* The first trip is when core 1 has appeared. */
static int trips(struct far_mailbox *m, const struct far_board *board)
{
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4] = { 0 };
	uint32_t began;
	int err = FAR_ERR_TIMEOUT;

	for (uint32_t i = 0; i < 10 && err != FAR_OK; i++) {
		(void)far_mailbox_poll(m, board->patience_ms);
		err = trip(m, message, board->patience_ms);
	}
	began = count_now();
	for (uint32_t i = 0; i < TRIPS && err == FAR_OK; i++)
		err = trip(m, message, board->patience_ms);
	if (err == FAR_OK)
		count_say(board->console, "mailbox round trip 64 bytes", count_now() - began,
			  TRIPS);
	return err;
}

/* The next one is sent from the interrupt that brought the answer. */
struct volley {
	struct far_mailbox *mailbox;
	volatile uint32_t left;
	volatile bool failed;
};

static void returned(void *user)
{
	struct volley *v = user;
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4];

	while (far_mailbox_receive_whole(v->mailbox, BENCH_CHANNEL, message) > 0) {
		if (--v->left > 0 &&
		    far_mailbox_send_whole(v->mailbox, BENCH_CHANNEL, message) != FAR_OK)
			v->failed = true;
	}
}

/* For count_sleep, with interrupts off: what it reads does not change under it. */
static bool is_over(void *ctx)
{
	const struct volley *v = ctx;

	return v->left == 0 || v->failed;
}

/* As trips, but in interrupt handlers on both sides, which otherwise sleep. */
static int volleys(struct far_mailbox *m, const struct far_board *board)
{
	struct volley v = { .mailbox = m, .left = TRIPS };
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4] = { 0 };
	uint32_t began = count_now();
	int err;

	(void)far_mailbox_set_enabled(m, true);
	far_bare_on_ring(returned, &v);
	err = far_mailbox_send_whole(m, BENCH_CHANNEL, message);
	if (err == FAR_OK)
		count_sleep(is_over, &v);
	far_bare_on_ring(NULL, NULL);
	(void)far_mailbox_set_enabled(m, false);
	if (err == FAR_OK && v.left == 0)
		count_say(board->console, "mailbox round trip 64 bytes; in interrupt handlers",
			  count_now() - began, TRIPS);
	return v.left == 0 ? err : FAR_ERR_TIMEOUT;
}

/* Trips first, as they wait for core 1 to appear; then it is there for the volleys. */
int trips_ask(struct far_mailbox *m, const struct far_board *board)
{
	int err = trips(m, board);

	return err == FAR_OK ? volleys(m, board) : err;
}

/* ---- core 1 ---------------------------------------------------------------------------------- */

/* As trips_answer, from the interrupt. */
struct echo {
	struct far_mailbox *mailbox;
	volatile uint32_t left;
};

static void echo(void *user)
{
	struct echo *e = user;
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4];

	while (far_mailbox_receive_whole(e->mailbox, BENCH_CHANNEL, message) > 0) {
		if (far_mailbox_send_whole(e->mailbox, BENCH_CHANNEL, message) == FAR_OK)
			e->left--;
	}
}

/* The last answer is in the mailbox then; core 0 finds it without us. */
static bool has_echoed(void *ctx)
{
	return ((const struct echo *)ctx)->left == 0;
}

/* Enabled for as long as a handler is there to take what comes. */
static void echo_all(struct far_mailbox *m)
{
	struct echo e = { .mailbox = m, .left = TRIPS };

	(void)far_mailbox_set_enabled(m, true);
	far_bare_on_ring(echo, &e);
	count_sleep(has_echoed, &e);
	far_bare_on_ring(NULL, NULL);
	(void)far_mailbox_set_enabled(m, false);
}

/* One more than TRIPS: the one by which core 0 has seen that we are here. */
int trips_answer(struct far_mailbox *m, const struct far_board *board)
{
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4];
	int err = FAR_OK;

	for (uint32_t i = 0; i < TRIPS + 1 && err == FAR_OK; i++) {
		int len = far_mailbox_receive(m, BENCH_CHANNEL, message, sizeof(message),
					      board->patience_ms);

		err = len < 0 ? len
			      : far_mailbox_send(m, BENCH_CHANNEL, message, (size_t)len,
						 board->patience_ms);
	}
	if (err == FAR_OK)
		echo_all(m);
	return err;
}

/* ---- both on one ----------------------------------------------------------------------------- */

/* Both ends are looked at anyhow. */
static void ring_nobody(struct far_doorbell *d)
{
	(void)d;
}

/* Side 0 asks, side 1 answers, by turns: TRIPS trips are 2 * TRIPS messages. */
int trips_alone(const struct far_board *board, const char *name)
{
	static const struct far_doorbell_ops ops = { .ring = ring_nobody };
	static uint32_t region[FAR_MAILBOX_REGION_SIZE(8) / 4];
	static struct far_mailbox side[2];
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4] = { 0 };
	struct far_doorbell bell = { .ops = &ops };
	struct far_mailbox_config config = board->mailbox;
	uint32_t began;
	int rc = FAR_OK;

	config.region = region;
	config.region_size = sizeof(region);
	config.doorbell = &bell;
	for (config.side = 0; config.side < 2; config.side++)
		(void)far_mailbox_init(&side[config.side], &config);
	for (uint32_t i = 0; i < 6; i++)
		(void)far_mailbox_poll(&side[i % 2], 0);
	began = count_now();
	for (uint32_t i = 0; i < 2 * TRIPS && rc >= 0; i++) {
		rc = far_mailbox_send_whole(&side[i % 2], BENCH_CHANNEL, message);
		if (rc == FAR_OK)
			rc = far_mailbox_receive_whole(&side[1 - i % 2], BENCH_CHANNEL, message);
	}
	count_say(board->console, name, count_now() - began, TRIPS);
	return rc < 0 ? rc : FAR_OK;
}
