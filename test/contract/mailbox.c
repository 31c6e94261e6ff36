/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows for device/mailbox: a NOR flash behind a supervisor behind a mailbox, inline, through a
 * window, and by a remote that does without streams; and a chip behind its loader in the NOR's
 * place. What breaks is the mailbox: the remote's wait fails, and the supervisor sees no more.
 */
#include <stdlib.h>

#include "device/mailbox/mailbox.h"
#include "service/supervisor/supervisor.h"
#include "sim/clock/clock.h"
#include "test/contract/contract.h"

#define SLOTS    8u
#define DATA_MAX 512u
#define WINDOW   8192u

struct mailbox_world {
	struct ct_world world; /* first */
	struct far_doorbell owner_bell, bell;
	struct far_sim_clock clock;
	struct ct_world *served; /* the flash that the supervisor has */
	uint32_t region[FAR_MAILBOX_REGION_SIZE(SLOTS) / 4];
	struct far_mailbox owner, mailbox;
	struct far_supervisor supervisor;
	struct far_supervisor_grant grant;
	struct far_supervisor_remote remote;
	_Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(DATA_MAX)];
	uint32_t window[WINDOW / 4];
	struct far_mailbox_flash flash;
	uint32_t waits;      /* so far */
	uint32_t waits_left; /* until the way breaks */
	bool cut;
};

static struct mailbox_world *of_world(struct ct_world *w)
{
	return (struct mailbox_world *)(void *)w;
}

static void ring(struct far_doorbell *d)
{
	(void)d;
}

/* One step of the supervisor, or else time passes. */
static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct mailbox_world *m =
		(struct mailbox_world *)(void *)((char *)d - offsetof(struct mailbox_world, bell));
	struct far_clock *c = &m->clock.clock;

	if (m->cut && m->waits_left == 0)
		return FAR_ERR_IO;
	if (m->cut)
		m->waits_left--;
	m->waits++;
	if (!far_supervisor_step(&m->supervisor))
		c->ops->sleep_ms(c, timeout_ms);
	return FAR_OK;
}

static const struct far_doorbell_ops owner_ops = { .ring = ring };
static const struct far_doorbell_ops ops = { .ring = ring, .wait = wait };

static int make_mailbox(struct mailbox_world *m, uint32_t side)
{
	const struct far_mailbox_config config = {
		.region = m->region,
		.region_size = sizeof(m->region),
		.side = side,
		.slots = SLOTS,
		.doorbell = side == 0 ? &m->owner_bell : &m->bell,
		.clock = &m->clock.clock,
	};

	return far_mailbox_init(side == 0 ? &m->owner : &m->mailbox, &config);
}

static int make_supervisor(struct mailbox_world *m, bool window)
{
	const struct far_supervisor_config config = { .flash = m->served->flash,
						      .clock = &m->clock.clock,
						      .ops = far_supervisor_all };
	const struct far_supervisor_remote_config remote = {
		.mailbox = &m->owner,
		.grants = &m->grant,
		.grant_count = 1,
		.buf = m->queue,
		.data_max = DATA_MAX,
		.window = window ? m->window : NULL,
		.window_len = window ? WINDOW : 0,
	};
	int rc = far_supervisor_init(&m->supervisor, &config);

	m->grant = (struct far_supervisor_grant){ 0, m->served->flash->info.size,
						  FAR_SERVICE_MAY_READ | FAR_SERVICE_MAY_WRITE |
							  FAR_SERVICE_MAY_ERASE };
	return rc == FAR_OK ? far_supervisor_add_remote(&m->supervisor, &m->remote, &remote) : rc;
}

static struct ct_world *
make(const struct ct_backend *backend, bool window, const struct ct_backend *served,
     int (*open)(struct far_mailbox_flash *, const struct far_mailbox_flash_config *))
{
	struct mailbox_world *m = calloc(1, sizeof(*m));
	struct far_mailbox_flash_config flash;

	if (m == NULL)
		abort();
	m->served = served->make();
	m->owner_bell.ops = &owner_ops;
	m->bell.ops = &ops;
	far_sim_clock_init(&m->clock);
	if (make_mailbox(m, 0) != FAR_OK || make_mailbox(m, 1) != FAR_OK ||
	    make_supervisor(m, window) != FAR_OK)
		abort();
	flash = (struct far_mailbox_flash_config){
		.mailbox = &m->mailbox,
		.clock = &m->clock.clock,
		.window = window ? m->window : NULL,
		.window_len = window ? WINDOW : 0,
		.timeout_ms = 1000,
	};
	if (open(&m->flash, &flash) != FAR_OK)
		abort();
	m->world.backend = backend;
	m->world.flash = &m->flash.flash;
	m->world.memory = m->served->memory;
	m->world.base = backend->base;
	return &m->world;
}

static struct ct_world *make_inline(void)
{
	return make(&ct_mailbox, false, &ct_nor, far_mailbox_flash_open);
}

static struct ct_world *make_window(void)
{
	return make(&ct_mailbox_window, true, &ct_nor, far_mailbox_flash_open);
}

static struct ct_world *make_small(void)
{
	return make(&ct_mailbox_inline, false, &ct_nor, far_mailbox_flash_open_inline);
}

static struct ct_world *make_esp(void)
{
	return make(&ct_mailbox_esp, true, &ct_esp32, far_mailbox_flash_open);
}

static void mailbox_free(struct ct_world *w)
{
	struct ct_world *served = of_world(w)->served;

	served->backend->free(served);
	free(of_world(w));
}

static uint32_t mailbox_traffic(struct ct_world *w)
{
	return of_world(w)->waits;
}

static void mailbox_cut(struct ct_world *w, uint32_t after)
{
	of_world(w)->cut = true;
	of_world(w)->waits_left = after;
}

static int mailbox_mend(struct ct_world *w)
{
	of_world(w)->cut = false;
	return FAR_OK;
}

const struct ct_backend ct_mailbox = {
	.name = "mailbox",
	.make = make_inline,
	.free = mailbox_free,
	.traffic = mailbox_traffic,
	.cut = mailbox_cut,
	.mend = mailbox_mend,
	.base = 0x20000,
};

const struct ct_backend ct_mailbox_window = {
	.name = "mailbox-window",
	.make = make_window,
	.free = mailbox_free,
	.traffic = mailbox_traffic,
	.cut = mailbox_cut,
	.mend = mailbox_mend,
	.base = 0x20000,
};

const struct ct_backend ct_mailbox_inline = {
	.name = "mailbox-inline",
	.make = make_small,
	.free = mailbox_free,
	.traffic = mailbox_traffic,
	.cut = mailbox_cut,
	.mend = mailbox_mend,
	.base = 0x20000,
	.no_replace = true,
};

const struct ct_backend ct_mailbox_esp = {
	.name = "mailbox-esp",
	.make = make_esp,
	.free = mailbox_free,
	.traffic = mailbox_traffic,
	.cut = mailbox_cut,
	.mend = mailbox_mend,
	.base = 0x20000,
};
