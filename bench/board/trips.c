/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Round trips as programs make them: by calls that wait, and from the doorbell's interrupt. Both
 * cores count together, so that a trip is what all of it costs: two sends, two receives, two rings,
 * and sleep and waking on both sides.
 */
#include "bench/board/trips.h"
#include "bench/board/count.h"

/* Send and wait: by the calls for any message, or by those for whole ones. */
typedef int trip_call(struct far_mailbox *m, uint32_t message[FAR_MAILBOX_DATA_MAX / 4],
		      uint32_t wait_ms);

/* There and back; the answer lies where the question was. */
static int trip(struct far_mailbox *m, uint32_t message[FAR_MAILBOX_DATA_MAX / 4], uint32_t wait_ms)
{
	int rc = far_mailbox_send(m, BENCH_CHANNEL, message, FAR_MAILBOX_DATA_MAX, 0);

	if (rc == FAR_OK)
		rc = far_mailbox_receive(m, BENCH_CHANNEL, message, FAR_MAILBOX_DATA_MAX, wait_ms);
	return rc;
}

static int trip_whole(struct far_mailbox *m, uint32_t message[FAR_MAILBOX_DATA_MAX / 4],
		      uint32_t wait_ms)
{
	int rc = far_mailbox_send_whole(m, BENCH_CHANNEL, message);

	return rc == FAR_OK ? far_mailbox_await_whole(m, BENCH_CHANNEL, message, wait_ms) : rc;
}

/* The first trip is when core 1 has appeared. */
static int trips(struct far_mailbox *m, const struct far_board *board, trip_call *call,
		 const char *name)
{
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4] = { 0 };
	uint32_t began;
	int rc = FAR_ERR_TIMEOUT;

	for (uint32_t i = 0; i < 10 && rc < 0; i++) {
		if (far_mailbox_session(m) == 0)
			(void)far_mailbox_poll(m, board->patience_ms);
		rc = call(m, message, board->patience_ms);
	}
	began = count_now();
	for (uint32_t i = 0; i < TRIPS && rc >= 0; i++)
		rc = call(m, message, board->patience_ms);
	if (rc < 0)
		return rc;
	count_say(board->console, name, count_now() - began, TRIPS);
	return FAR_OK;
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
	int rc;

	do {
		rc = far_mailbox_receive_whole(v->mailbox, BENCH_CHANNEL, message);
		if (rc < 0)
			break;
		if (--v->left > 0 &&
		    far_mailbox_send_whole(v->mailbox, BENCH_CHANNEL, message) != FAR_OK)
			v->failed = true;
	} while (rc >= FAR_MAILBOX_MORE);
}

/* For who sleeps, with interrupts off: what it reads does not change under it. */
static bool is_over(void *ctx)
{
	const struct volley *v = ctx;

	return v->left == 0 || v->failed;
}

/* As trips, but by handlers of the doorbell on both sides, which otherwise sleep. */
static int volleys(struct far_mailbox *m, const struct far_board *board, const char *name,
		   void (*sleep)(bool (*is_over)(void *ctx), void *ctx))
{
	struct volley v = { .mailbox = m, .left = TRIPS };
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4] = { 0 };
	uint32_t began = count_now();
	int err;

	(void)far_mailbox_set_enabled(m, true);
	far_bare_on_ring(returned, &v);
	err = far_mailbox_send_whole(m, BENCH_CHANNEL, message);
	if (err == FAR_OK)
		sleep(is_over, &v);
	far_bare_on_ring(NULL, NULL);
	(void)far_mailbox_set_enabled(m, false);
	if (err == FAR_OK && v.left == 0)
		count_say(board->console, name, count_now() - began, TRIPS);
	return v.left == 0 ? err : FAR_ERR_TIMEOUT;
}

/* Trips first, as they wait for core 1 to appear; then it is there for the volleys. */
int trips_ask(struct far_mailbox *m, const struct far_board *board)
{
	int err = trips(m, board, trip, "mailbox round trip 64 bytes");

	if (err == FAR_OK)
		err = trips(m, board, trip_whole, "mailbox round trip 64 bytes; whole messages");

	if (err == FAR_OK)
		err = volleys(m, board, "mailbox round trip 64 bytes; in interrupt handlers",
			      count_sleep);
	if (err == FAR_OK)
		err = volleys(m, board,
			      "mailbox round trip 64 bytes; in handlers called from the sleep",
			      count_serve);
	return err;
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
	int rc;

	do {
		rc = far_mailbox_receive_whole(e->mailbox, BENCH_CHANNEL, message);
		if (rc < 0)
			break;
		if (far_mailbox_send_whole(e->mailbox, BENCH_CHANNEL, message) == FAR_OK)
			e->left--;
	} while (rc >= FAR_MAILBOX_MORE);
}

/* The last answer is in the mailbox then; core 0 finds it without us. */
static bool has_echoed(void *ctx)
{
	return ((const struct echo *)ctx)->left == 0;
}

/* Enabled for as long as a handler is there to take what comes. */
static void echo_all(struct far_mailbox *m, void (*sleep)(bool (*is_over)(void *ctx), void *ctx))
{
	struct echo e = { .mailbox = m, .left = TRIPS };
	uint32_t key = far_cpu_mask();

	(void)far_mailbox_set_enabled(m, true);
	far_bare_on_ring(echo, &e);
	echo(&e); /* what had come before anybody was rung for it */
	far_cpu_restore(key);
	sleep(has_echoed, &e);
	far_bare_on_ring(NULL, NULL);
	(void)far_mailbox_set_enabled(m, false);
}

static int answer(struct far_mailbox *m, uint32_t wait_ms)
{
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4];
	int rc = far_mailbox_receive(m, BENCH_CHANNEL, message, sizeof(message), wait_ms);

	return rc < 0 ? rc : far_mailbox_send(m, BENCH_CHANNEL, message, (size_t)rc, wait_ms);
}

static int answer_whole(struct far_mailbox *m, uint32_t wait_ms)
{
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4];
	int rc = far_mailbox_await_whole(m, BENCH_CHANNEL, message, wait_ms);

	return rc < 0 ? rc : far_mailbox_send_whole(m, BENCH_CHANNEL, message);
}

/* One more than TRIPS of each: the one by which core 0 has seen that we are here. */
int trips_answer(struct far_mailbox *m, const struct far_board *board)
{
	int err = FAR_OK;

	for (uint32_t i = 0; i < TRIPS + 1 && err == FAR_OK; i++)
		err = answer(m, board->patience_ms);
	for (uint32_t i = 0; i < TRIPS + 1 && err == FAR_OK; i++)
		err = answer_whole(m, board->patience_ms);
	if (err == FAR_OK) {
		echo_all(m, count_sleep);
		echo_all(m, count_serve);
	}
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
