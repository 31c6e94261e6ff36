/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads, one side each, flat out: FARFLASH_STRESS_MESSAGES (1,000,000) messages each way
 * together, over all channels, spinning and sleeping. None lost, none doubled, none out of order,
 * none torn. Built once plain and once with the thread sanitizer.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "farflash/mailbox.h"

#define SLOTS   4u
#define LONG_MS 20000u /* a wait that must not come to its end */

struct side {
	struct far_doorbell doorbell; /* first: the ops get back to the side */
	struct side *peer;
	pthread_mutex_t mutex;
	pthread_cond_t rung;
	bool pending;
	unsigned overslept; /* waits that nobody ended */
	struct far_mailbox m;
	struct far_mailbox_config config;
	uint32_t out[4], in[4]; /* numbers of the next messages per channel */
	uint32_t share;         /* messages to send, and to get, on each channel */
	uint32_t wait_ms;
	const char *error;
};

static _Alignas(128) uint8_t region[FAR_MAILBOX_REGION_SIZE(SLOTS)];
static struct side side[2];

static void ring(struct far_doorbell *d)
{
	struct side *s = ((struct side *)(void *)d)->peer;

	pthread_mutex_lock(&s->mutex);
	s->pending = true;
	pthread_cond_signal(&s->rung);
	pthread_mutex_unlock(&s->mutex);
}

static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct side *s = (struct side *)(void *)d;
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (time_t)(timeout_ms / 1000) + 1;
	pthread_mutex_lock(&s->mutex);
	while (!s->pending && rc == 0)
		rc = pthread_cond_timedwait(&s->rung, &s->mutex, &until);
	s->pending = false;
	s->overslept += rc == ETIMEDOUT;
	pthread_mutex_unlock(&s->mutex);
	return FAR_OK;
}

static uint32_t now(struct far_clock *c)
{
	struct timespec t;

	(void)c;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint32_t)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static void sleep_ms(struct far_clock *c, uint32_t ms)
{
	struct timespec t = { .tv_nsec = (long)ms * 1000000 };

	(void)c;
	nanosleep(&t, NULL);
}

/*
 * Length and contents follow from channel and number; the first word is the number. Every third is
 * whole.
 */
static uint32_t fill(void *place, uint32_t channel, uint32_t number)
{
	uint8_t *data = place;
	uint32_t len = number % 3 == 0 ? 64 : 4 + (number * 7 + channel * 13) % 61;

	memcpy(data, &number, 4);
	memset(data + 4, (int)(number + channel), len - 4);
	return len;
}

static void take(struct far_mailbox *m, void *user, uint32_t channel, const void *data, size_t len)
{
	struct side *s = user;
	uint8_t expected[64];

	(void)m;
	if (len != fill(expected, channel, s->in[channel]) || memcmp(data, expected, len) != 0)
		s->error = "a message that is not the next one";
	s->in[channel]++;
}

/* One more on each channel that is not through; whether anything could be sent. */
static int send_now(struct side *s, uint32_t channel, const uint32_t *data, uint32_t len)
{
	return len == 64 ? far_mailbox_send_whole(&s->m, channel, data)
			 : far_mailbox_send(&s->m, channel, data, len, 0);
}

static bool send_some(struct side *s)
{
	uint32_t data[16];
	bool sent = false;

	for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++) {
		uint32_t len = fill(data, c, s->out[c]);
		int rc = s->out[c] == s->share ? FAR_ERR_BUSY : send_now(s, c, data, len);

		if (rc == FAR_OK)
			s->out[c]++;
		else if (rc != FAR_ERR_BUSY)
			s->error = "a send failed";
		sent = sent || rc == FAR_OK;
	}
	return sent;
}

static bool is_done(const struct side *s)
{
	for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++)
		if (s->in[c] < s->share || s->out[c] < s->share)
			return false;
	return true;
}

/* Sleeping, the wait ends with a message, and the peer's messages tell of room well enough. */
static void *flood(void *arg)
{
	struct side *s = arg;

	while (far_mailbox_session(&s->m) == 0)
		far_mailbox_poll(&s->m, 100);
	while (!is_done(s) && s->error == NULL) {
		bool sent = send_some(s);

		if (far_mailbox_poll(&s->m, sent ? 0 : s->wait_ms) == 0 && !sent)
			sched_yield();
	}
	return NULL;
}

/* One channel, one direction: the sender sleeps for room, the receiver for messages. */
static void *pour(void *arg)
{
	struct side *s = arg;
	uint32_t data[16];

	while (far_mailbox_session(&s->m) == 0)
		far_mailbox_poll(&s->m, 100);
	while (s->out[3] < s->share && s->error == NULL) {
		uint32_t len = fill(data, 3, s->out[3]++);

		if (send_now(s, 3, data, len) != FAR_OK &&
		    far_mailbox_send(&s->m, 3, data, len, LONG_MS) != FAR_OK)
			s->error = "no room came";
	}
	return NULL;
}

static void *catch (void *arg)
{
	struct side *s = arg;
	uint32_t data[16];

	while (far_mailbox_session(&s->m) == 0)
		far_mailbox_poll(&s->m, 100);
	while (s->in[3] < s->share && s->error == NULL) {
		int len = s->in[3] % 2 == 0
				  ? far_mailbox_receive(&s->m, 3, data, sizeof(data), LONG_MS)
				  : far_mailbox_await_whole(&s->m, 3, data, LONG_MS);

		if (len >= FAR_MAILBOX_MORE)
			len -= FAR_MAILBOX_MORE;
		if (len < 0)
			s->error = "no message came";
		else
			take(&s->m, s, 3, data, (size_t)len);
	}
	return NULL;
}

static void start(uint32_t i, uint32_t share, uint32_t wait_ms)
{
	static const struct far_doorbell_ops bell_ops = { .ring = ring, .wait = wait };
	static const struct far_clock_ops clock_ops = { .now_ms = now, .sleep_ms = sleep_ms };
	static struct far_clock clock = { &clock_ops };
	struct side *s = &side[i];

	memset(s, 0, sizeof(*s));
	s->doorbell.ops = &bell_ops;
	s->peer = &side[1 - i];
	s->share = share;
	s->wait_ms = wait_ms;
	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->rung, NULL);
	s->config = (struct far_mailbox_config){ .region = region,
						 .region_size = sizeof(region),
						 .side = i,
						 .slots = SLOTS,
						 .reserved = true,
						 .doorbell = &s->doorbell,
						 .clock = &clock };
}

static void stress(void *(*first)(void *), void *(*second)(void *), uint32_t share,
		   uint32_t wait_ms)
{
	pthread_t thread[2];

	start(0, share, wait_ms);
	start(1, share, wait_ms);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(far_mailbox_init(&side[i].m, &side[i].config), FAR_OK);
		for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS && first == flood; c++)
			far_mailbox_register_callback(&side[i].m, c, take, &side[i]);
	}
	assert_int_equal(pthread_create(&thread[0], NULL, first, &side[0]), 0);
	assert_int_equal(pthread_create(&thread[1], NULL, second, &side[1]), 0);
	for (uint32_t i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (uint32_t i = 0; i < 2; i++) {
		if (side[i].error != NULL)
			fail_msg("side %u: %s", i, side[i].error);
		assert_int_equal(side[i].m.count.sessions, 1);
		assert_int_equal(side[i].m.count.malformed + side[i].m.count.stale, 0);
		/* A doorbell that is lost shows as a sleep to its end. */
		assert_int_equal(side[i].overslept, 0);
	}
}

static uint32_t messages(void)
{
	const char *text = getenv("FARFLASH_STRESS_MESSAGES");
	unsigned long n = text != NULL ? strtoul(text, NULL, 0) : 1000000;

	assert_true(n >= 80 && n <= UINT32_MAX);
	return (uint32_t)n;
}

/* Of all messages 8 in 10 go here, the rest asleep. */
static void spinning(void **state)
{
	(void)state;
	stress(flood, flood, messages() / 10, 0);
}

static void sleeping(void **state)
{
	(void)state;
	stress(flood, flood, messages() / 80, LONG_MS);
}

static void sleeping_for_room(void **state)
{
	(void)state;
	stress(pour, catch, messages() / 20, LONG_MS);
	stress(catch, pour, messages() / 20, LONG_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spinning),
		cmocka_unit_test(sleeping),
		cmocka_unit_test(sleeping_for_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
