/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of all lengths from and to all places, some of them by far_mailbox_send_whole and
 * far_mailbox_receive_whole, which go a way of their own: whatever the mixture, what arrives is
 * what was sent, in its order, and the counts are right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mailbox_pair.h"

#define STEPS    20000u
#define FIRST    2u
#define LAST     3u
#define CAPACITY 64u /* at least as many as a ring has slots */

/* What was sent on a channel and has not been taken. */
struct queue {
	uint8_t data[CAPACITY][FAR_MAILBOX_DATA_MAX];
	size_t len[CAPACITY];
	uint32_t in, out;
};

static struct pair pair;
static struct queue queue[FAR_MAILBOX_CHANNELS];
static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static uint32_t waiting(uint32_t channel)
{
	return queue[channel].in - queue[channel].out;
}

/* Half of them whole, and half of them aligned. */
static void send_one(struct far_mailbox *m, uint32_t channel)
{
	static _Alignas(4) uint8_t place[FAR_MAILBOX_DATA_MAX + 4];
	struct queue *q = &queue[channel];
	uint8_t *data = place + (draw(2) == 0 ? 0 : draw(4));
	size_t len = draw(2) == 0 ? FAR_MAILBOX_DATA_MAX : draw(FAR_MAILBOX_DATA_MAX + 1);
	uint32_t full = m->count.full, sent = m->count.sent;
	int rc;

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)draw(256);
	rc = data == place && len == FAR_MAILBOX_DATA_MAX
		     ? far_mailbox_send_whole(m, channel, (const uint32_t *)(const void *)data)
		     : far_mailbox_send(m, channel, data, len, 0);
	if (waiting(channel) == pair.slots) {
		assert_int_equal(rc, FAR_ERR_BUSY);
		assert_int_equal(m->count.full, full + 1);
		assert_int_equal(m->count.sent, sent);
		return;
	}
	assert_int_equal(rc, FAR_OK);
	assert_int_equal(m->count.sent, sent + 1);
	memcpy(q->data[q->in % CAPACITY], data, len);
	q->len[q->in++ % CAPACITY] = len;
}

static void expect(uint32_t channel, const void *data, size_t len)
{
	struct queue *q = &queue[channel];

	assert_int_not_equal(waiting(channel), 0);
	assert_int_equal(len, q->len[q->out % CAPACITY]);
	assert_memory_equal(data, q->data[q->out % CAPACITY], len);
	q->out++;
}

static void take_one(struct far_mailbox *m, uint32_t channel)
{
	static _Alignas(4) uint8_t place[FAR_MAILBOX_DATA_MAX + 4];
	uint8_t *data = place + draw(4);
	uint32_t received = m->count.received;
	int rc = data == place ? far_mailbox_receive_whole(m, channel, (uint32_t *)(void *)data)
			       : far_mailbox_receive(m, channel, data, FAR_MAILBOX_DATA_MAX, 0);

	if (data == place && waiting(channel) > 1)
		assert_true(rc >= FAR_MAILBOX_MORE);
	if (data == place && rc >= FAR_MAILBOX_MORE)
		rc -= FAR_MAILBOX_MORE;
	if (waiting(channel) == 0) {
		assert_int_equal(rc, FAR_ERR_TIMEOUT);
		assert_int_equal(m->count.received, received);
		return;
	}
	assert_in_range(rc, 0, FAR_MAILBOX_DATA_MAX);
	assert_int_equal(m->count.received, received + 1);
	expect(channel, data, (size_t)rc);
}

static void called(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		   size_t len)
{
	(void)m;
	*(unsigned *)user += 1;
	assert_int_equal((uintptr_t)data % 4, 0);
	expect(channel, data, len);
}

/* At most a ring's worth of each channel, which is all there can be. */
static void poll_all(struct far_mailbox *m)
{
	uint32_t all = waiting(FIRST) + waiting(LAST);
	unsigned calls = 0;

	for (uint32_t c = FIRST; c <= LAST; c++)
		assert_int_equal(far_mailbox_register_callback(m, c, called, &calls), FAR_OK);
	assert_int_equal(far_mailbox_poll(m, 0), all);
	assert_int_equal(calls, all);
	for (uint32_t c = FIRST; c <= LAST; c++)
		assert_int_equal(far_mailbox_register_callback(m, c, NULL, NULL), FAR_OK);
}

/* Everything that waits belongs to the session that ends with a reset of either side. */
static void reset_one(void)
{
	pair_reset(&pair, draw(2));
	pair_settle(&pair);
	pair.side[0].news_count = pair.side[1].news_count = 0;
	for (uint32_t c = FIRST; c <= LAST; c++)
		queue[c].out = queue[c].in;
}

static void mix(uint32_t slots)
{
	memset(queue, 0, sizeof(queue));
	seed = slots;
	pair_start(&pair, slots);
	for (uint32_t i = 0; i < 2; i++)
		pair.side[i].doorbell.ops = &pair_poll_ops;
	pair_settle(&pair);
	for (uint32_t i = 0; i < STEPS; i++) {
		uint32_t channel = FIRST + draw(2), what = draw(1000);

		if (what < 5)
			reset_one();
		else if (what < 30)
			poll_all(&pair.side[1].m);
		else if (what < 530)
			send_one(&pair.side[0].m, channel);
		else
			take_one(&pair.side[1].m, channel);
	}
	assert_int_equal(pair.side[0].m.count.malformed + pair.side[1].m.count.malformed, 0);
	pair_stop(&pair);
}

static void rings_of_all_sizes(void **state)
{
	(void)state;
	for (uint32_t slots = 1; slots <= FAR_MAILBOX_SLOTS_MAX; slots *= 2)
		mix(slots);
}

/* No channel is looked for in what belongs to others. */
static void no_such_channel(void **state)
{
	static const uint32_t bad[] = { 4, 5, 1u << 30, UINT32_MAX };
	uint8_t buf[FAR_MAILBOX_DATA_MAX] = { 0 };
	uint32_t words[FAR_MAILBOX_DATA_MAX / 4] = { 0 };

	(void)state;
	pair_start(&pair, 4);
	pair_settle(&pair);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(far_mailbox_send(&pair.side[0].m, bad[i], buf, sizeof(buf), 0),
				 FAR_ERR_ARG);
		assert_int_equal(far_mailbox_receive(&pair.side[0].m, bad[i], buf, sizeof(buf), 0),
				 FAR_ERR_ARG);
		assert_int_equal(far_mailbox_send_whole(&pair.side[0].m, bad[i], words),
				 FAR_ERR_ARG);
		assert_int_equal(far_mailbox_receive_whole(&pair.side[0].m, bad[i], words),
				 FAR_ERR_ARG);
	}
	pair_stop(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_of_all_sizes),
		cmocka_unit_test(no_such_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
