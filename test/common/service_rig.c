/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "test/common/service_rig.h"

#define IDLE_MAX 10000u

static void ring(struct far_doorbell *d)
{
	(void)d;
}

static int remote_waits(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct rig_bell *b = (struct rig_bell *)(void *)d;
	struct rig *g = b->rig;
	struct far_clock *c = &g->clock.clock;
	bool did = false;

	assert_true(timeout_ms > 0);
	g->waits++;
	if (g->wait_ok != UINT32_MAX && g->wait_ok-- == 0) {
		g->wait_ok = 0;
		return g->wait_rc;
	}
	if (g->hook != NULL && !g->in_hook) {
		g->in_hook = true;
		g->hook(g);
		g->in_hook = false;
	}
	if (g->step != NULL)
		did = g->step(g, b->number) != 0;
	else if (!g->dead)
		did = far_supervisor_step(&g->supervisor);
	g->steps += did;
	if (!did)
		c->ops->sleep_ms(c, timeout_ms);
	return FAR_OK;
}

static int owner_waits(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct far_clock *c = &((struct rig_bell *)(void *)d)->rig->clock.clock;

	assert_true(timeout_ms > 0);
	c->ops->sleep_ms(c, timeout_ms);
	return FAR_OK;
}

static const struct far_doorbell_ops remote_ops = { .ring = ring, .wait = remote_waits };
static const struct far_doorbell_ops owner_ops = { .ring = ring, .wait = owner_waits };

static void mailbox(struct rig *g, struct rig_remote *r, uint32_t side)
{
	const struct far_mailbox_config config = {
		.region = r->region,
		.region_size = FAR_MAILBOX_REGION_SIZE(r->slots),
		.side = side,
		.slots = r->slots,
		.doorbell = side == 0 ? &r->owner_bell.doorbell : &r->bell.doorbell,
		.clock = &g->clock.clock,
	};
	struct far_mailbox *m = side == 0 ? &r->owner : &r->mailbox;

	memset(m, 0xa5, sizeof(*m));
	assert_int_equal(far_mailbox_init(m, &config), FAR_OK);
}

void rig_reset_supervisor(struct rig *g)
{
	const struct far_supervisor_config config = {
		.flash = &g->flash.flash,
		.clock = &g->clock.clock,
		.hold_ms = 500,
		.ops = g->ops,
	};

	memset(&g->supervisor, 0xa5, sizeof(g->supervisor));
	assert_int_equal(far_supervisor_init(&g->supervisor, &config), FAR_OK);
	g->supervisor.config.turn_ms = g->turn_ms;
	for (uint32_t i = 0; i < 2; i++) {
		struct rig_remote *r = &g->remote[i];

		mailbox(g, r, 0);
		memset(&r->served, 0xa5, sizeof(r->served));
		memset(r->queue, 0xa5, sizeof(r->queue));
		assert_int_equal(far_supervisor_add_remote(&g->supervisor, &r->served, &r->config),
				 FAR_OK);
	}
}

void rig_reset_remote(struct rig *g, uint32_t number)
{
	struct rig_remote *r = &g->remote[number];

	mailbox(g, r, 1);
	memset(&r->flash, 0xa5, sizeof(r->flash));
	memset(&r->link, 0, sizeof(r->link));
	r->link.mailbox = &r->mailbox;
	r->link.channel = 2;
}

static void prepare(struct rig *g, struct rig_remote *r, uint32_t number, bool window)
{
	r->slots = RIG_SLOTS;
	r->region = calloc(1, FAR_MAILBOX_REGION_SIZE(FAR_MAILBOX_SLOTS_MAX));
	r->window = window ? calloc(1, RIG_WINDOW) : NULL;
	assert_non_null(r->region);
	r->owner_bell = (struct rig_bell){ { &owner_ops }, g, number };
	r->bell = (struct rig_bell){ { &remote_ops }, g, number };
	r->config = (struct far_supervisor_remote_config){
		.mailbox = &r->owner,
		.grants = r->grants,
		.buf = r->queue,
		.data_max = RIG_DATA_MAX,
		.window = r->window,
		.window_len = window ? RIG_WINDOW : 0,
	};
	r->flash_config = (struct far_mailbox_flash_config){
		.mailbox = &r->mailbox,
		.clock = &g->clock.clock,
		.window = r->window,
		.window_len = window ? RIG_WINDOW : 0,
		.timeout_ms = RIG_TIMEOUT,
	};
	rig_grant(g, number, 0, RIG_SIZE,
		  FAR_SERVICE_MAY_READ | FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE);
}

/* Kept for the next: new memory of this size costs more than what most tests do with it. */
static struct rig *spare;

struct rig *rig_new(uint8_t caps, bool window)
{
	struct rig *g = spare != NULL ? spare : malloc(sizeof(*g));

	assert_non_null(g);
	spare = NULL;
	memset(g, 0, offsetof(struct rig, flash)); /* the flash is opened anew anyhow */
	memset(&g->supervisor, 0, sizeof(*g) - offsetof(struct rig, supervisor));
	far_sim_clock_init(&g->clock);
	ram_flash_open(&g->flash, RIG_SIZE, RIG_SECTOR, 4, caps);
	g->wait_ok = UINT32_MAX;
	g->ops = far_supervisor_all;
	for (uint32_t i = 0; i < 2; i++)
		prepare(g, &g->remote[i], i, window);
	rig_reset_supervisor(g);
	rig_reset_remote(g, 0);
	rig_reset_remote(g, 1);
	return g;
}

void rig_free(struct rig *g)
{
	for (uint32_t i = 0; i < 2; i++) {
		free(g->remote[i].region);
		free(g->remote[i].window);
	}
	free(spare);
	spare = g;
}

void rig_grant(struct rig *g, uint32_t number, uint32_t addr, uint32_t len, uint32_t rights)
{
	struct rig_remote *r = &g->remote[number];

	r->grants[0] = (struct far_supervisor_grant){ addr, len, rights };
	r->config.grant_count = r->served.config.grant_count = 1;
}

struct far_flash *rig_open(struct rig *g, uint32_t number)
{
	struct rig_remote *r = &g->remote[number];

	assert_int_equal(far_mailbox_flash_open(&r->flash, &r->flash_config), FAR_OK);
	return &r->flash.flash;
}

uint32_t rig_settle(struct rig *g)
{
	uint32_t n = 0;

	while (far_supervisor_step(&g->supervisor)) {
		assert_true(++n < IDLE_MAX);
		g->steps++;
	}
	return n;
}

void rig_bind(struct rig *g, uint32_t number)
{
	struct rig_remote *r = &g->remote[number];

	for (int i = 0; i < 4; i++) {
		far_mailbox_poll(&r->mailbox, 0);
		rig_settle(g);
	}
	assert_true(far_mailbox_session(&r->mailbox) != 0);
	assert_int_equal(far_mailbox_session(&r->mailbox), far_mailbox_session(&r->owner));
}

void rig_send(struct rig *g, uint32_t number, const struct rig_request *q)
{
	struct rig_remote *r = &g->remote[number];
	const uint32_t head[] = { q->flags | (uint32_t)q->op << 8 | (uint32_t)q->tag << 16, q->addr,
				  q->len, q->extra };
	int rc = FAR_ERR_BUSY;

	memcpy(FAR_FRAGMENT_DATA(r->link.out.words), head, sizeof(head));
	r->link.session = far_mailbox_session(&r->mailbox);
	r->link.out.words[0] = FAR_FRAGMENT_FIRST | ((uint32_t)sizeof(head) + q->data_len);
	r->link.out.body = q->data != NULL ? q->data : (const uint8_t *)g;
	for (uint32_t i = 0; i < IDLE_MAX && rc == FAR_ERR_BUSY; i++) {
		rc = far_fragment_send(&r->link, 0);
		if (rc == FAR_ERR_BUSY)
			far_supervisor_step(&g->supervisor);
		if (rc == FAR_ERR_BUSY && g->careless)
			far_mailbox_receive(&r->mailbox, 2, r->raw, sizeof(r->raw), 0);
	}
	assert_int_equal(rc, FAR_OK);
}

uint32_t rig_reply(struct rig *g, uint32_t number)
{
	struct rig_remote *r = &g->remote[number];
	uint32_t w[FAR_MAILBOX_DATA_MAX / 4];

	for (uint32_t i = 0; i < IDLE_MAX; i++) {
		int at = far_fragment_receive(&r->link, w, 0);

		if (at == FAR_ERR_BUSY && !far_supervisor_step(&g->supervisor))
			return 0;
		if (at == FAR_ERR_BUSY)
			continue;
		assert_true(at >= 0);
		assert_true(r->link.in.got <= sizeof(r->raw));
		memcpy(r->raw + at, w + 1, r->link.in.got - (uint32_t)at);
		if (r->link.in.left == 0)
			return r->link.in.got;
	}
	fail_msg("the supervisor never ends");
	return 0;
}

uint32_t rig_ask(struct rig *g, uint32_t number, const struct rig_request *q, int err)
{
	const uint8_t *raw = g->remote[number].raw;
	uint32_t n;

	rig_send(g, number, q);
	n = rig_reply(g, number);
	assert_true(n >= FAR_SERVICE_REPLY);
	assert_int_equal(raw[0], (q->flags & ~FAR_SERVICE_ERR) | (uint32_t)-err);
	assert_int_equal(raw[1], q->op);
	assert_int_equal(far_get_le16(raw + 2), q->tag);
	if (err != FAR_OK)
		assert_int_equal(n, FAR_SERVICE_REPLY);
	return n;
}
