/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailbox_pair.h"

static struct side *side_of(struct far_doorbell *d)
{
	return (struct side *)(void *)d;
}

static void ring(struct far_doorbell *d)
{
	side_of(d)->rings++;
}

static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct side *s = side_of(d);
	struct far_clock *c = &s->pair->clock.clock;

	assert_true(timeout_ms > 0);
	s->waits++;
	if (s->in_wait != NULL)
		s->in_wait(s);
	else
		c->ops->sleep_ms(c, timeout_ms);
	return s->wait_rc;
}

const struct far_doorbell_ops pair_ops = { .ring = ring, .wait = wait };
const struct far_doorbell_ops pair_poll_ops = { .ring = ring };

static void notice(struct far_mailbox *m, void *user, bool bound)
{
	struct side *s = user;

	assert_ptr_equal(m, &s->m);
	assert_true(s->news_count < PAIR_NEWS_MAX);
	assert_true(bound == (far_mailbox_session(m) != 0));
	s->news[s->news_count++] = bound;
}

void pair_callback(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		   size_t len)
{
	struct side *s = user;

	assert_ptr_equal(m, &s->m);
	assert_true(len <= FAR_MAILBOX_DATA_MAX);
	assert_int_equal((uintptr_t)data % 4, 0);
	memcpy(s->last, data, len);
	s->last_len = len;
	s->last_channel = channel;
	s->got++;
}

void pair_reset(struct pair *p, uint32_t side)
{
	struct side *s = &p->side[side];

	memset(&s->m, 0xa5, sizeof(s->m));
	assert_int_equal(far_mailbox_init(&s->m, &s->config), FAR_OK);
}

void pair_start(struct pair *p, uint32_t slots)
{
	memset(p, 0, sizeof(*p));
	far_sim_clock_init(&p->clock);
	p->slots = slots;
	p->region_size = FAR_MAILBOX_REGION_SIZE(slots);
	p->region = calloc(1, p->region_size);
	assert_non_null(p->region);
	for (uint32_t i = 0; i < 2; i++) {
		struct side *s = &p->side[i];

		s->pair = p;
		s->doorbell.ops = &pair_ops;
		s->config = (struct far_mailbox_config){ .region = p->region,
							 .region_size = p->region_size,
							 .side = i,
							 .slots = slots,
							 .reserved = true,
							 .doorbell = &s->doorbell,
							 .clock = &p->clock.clock,
							 .notice = notice,
							 .user = s };
		pair_reset(p, i);
	}
}

void pair_stop(struct pair *p)
{
	free(p->region);
}

void pair_settle(struct pair *p)
{
	int idle = 0;

	for (int i = 0; i < 100 && idle < 2; i++) {
		int a = far_mailbox_poll(&p->side[0].m, 0), b = far_mailbox_poll(&p->side[1].m, 0);

		idle = a + b == 0 ? idle + 1 : 0;
	}
	assert_int_equal(idle, 2);
}

uint32_t *pair_word(struct pair *p, uint32_t side, uint32_t word)
{
	return p->region + side * (p->region_size / 8) + word;
}

uint32_t *pair_slot(struct pair *p, uint32_t side, uint32_t channel, uint32_t slot)
{
	return pair_word(p, side, SPEC_RINGS + (slot * 4 + channel) * SPEC_SLOT);
}
