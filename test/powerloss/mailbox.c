/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash behind another core: the power of the core that owns it fails, or the core that uses it
 * is reset while its requests are under way. Each wait of the remote lets the supervisor do one
 * step, and counts as a byte that the host sends: vanish=out:N resets the remote in its Nth wait.
 */
#include <stdbool.h>
#include <string.h>

#include "device/mailbox/mailbox.h"
#include "service/supervisor/supervisor.h"
#include "test/powerloss/board.h"

#define SLOTS    8u
#define DATA_MAX 256u
#define WINDOW   8192u

static uint32_t region[FAR_MAILBOX_REGION_SIZE(SLOTS) / 4], window[WINDOW / 4];
static struct far_mailbox owner, mailbox;
static struct far_supervisor supervisor;
static struct far_supervisor_remote remote;
static struct far_mailbox_flash flash;
static _Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(DATA_MAX)];
static struct far_sim_fault *plan;
static bool owner_up, with_window;
/* A remote with everything, or one that has no replace. */
static int (*open_flash)(struct far_mailbox_flash *,
			 const struct far_mailbox_flash_config *) = far_mailbox_flash_open;

static const struct far_supervisor_grant grant = {
	.len = POWERLOSS_SIZE,
	.rights = FAR_SERVICE_MAY_READ | FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE,
};

static void ring(struct far_doorbell *d)
{
	(void)d;
}

static void sleep_ms(uint32_t ms)
{
	board_clock.clock.ops->sleep_ms(&board_clock.clock, ms);
}

/* The remote waits: the owner's core works, unless its power is gone. */
static int remote_waits(struct far_doorbell *d, uint32_t timeout_ms)
{
	uint64_t delay = 0;
	uint8_t to[1];

	(void)d;
	far_sim_fault_byte(plan, true, 0, to, 1, &delay);
	if (plan->vanished)
		return FAR_ERR_CANCELLED;
	if (plan->off || !far_supervisor_step(&supervisor))
		sleep_ms(timeout_ms);
	return FAR_OK;
}

static int owner_waits(struct far_doorbell *d, uint32_t timeout_ms)
{
	(void)d;
	sleep_ms(timeout_ms);
	return FAR_OK;
}

static struct far_doorbell owner_bell, bell;

static bool start_mailbox(struct far_mailbox *m, uint32_t side, struct far_doorbell *doorbell)
{
	const struct far_mailbox_config config = {
		.region = region,
		.region_size = sizeof(region),
		.side = side,
		.slots = SLOTS,
		.doorbell = doorbell,
		.clock = &board_clock.clock,
	};

	return far_mailbox_init(m, &config) == FAR_OK;
}

static bool boot_owner(void)
{
	const struct far_supervisor_config config = { .flash = board_boot(),
						      .clock = &board_clock.clock,
						      .ops = far_supervisor_all };
	const struct far_supervisor_remote_config served = {
		.mailbox = &owner,
		.grants = &grant,
		.grant_count = 1,
		.buf = queue,
		.data_max = DATA_MAX,
		.window = with_window ? window : NULL,
		.window_len = with_window ? WINDOW : 0,
	};

	return start_mailbox(&owner, 0, &owner_bell) &&
	       far_supervisor_init(&supervisor, &config) == FAR_OK &&
	       far_supervisor_add_remote(&supervisor, &remote, &served) == FAR_OK;
}

/* The owner's core goes on while the remote's restarts, in the middle of whatever it does. */
static struct far_flash *boot(void)
{
	static const struct far_doorbell_ops owner_ops = { .ring = ring, .wait = owner_waits };
	static const struct far_doorbell_ops ops = { .ring = ring, .wait = remote_waits };
	const struct far_mailbox_flash_config config = {
		.mailbox = &mailbox,
		.clock = &board_clock.clock,
		.window = with_window ? window : NULL,
		.window_len = with_window ? WINDOW : 0,
		.timeout_ms = 1000,
	};

	owner_bell.ops = &owner_ops;
	bell.ops = &ops;
	if (!owner_up || plan->off)
		owner_up = boot_owner();
	far_sim_fault_restore(plan);
	if (!owner_up || !start_mailbox(&mailbox, 1, &bell) ||
	    open_flash(&flash, &config) != FAR_OK)
		return NULL;
	return &flash.flash;
}

static void create(const uint8_t *contents, struct far_sim_fault *fault)
{
	plan = fault;
	owner_up = false;
	memset(region, 0xa5, sizeof(region));
	board_create(contents, fault);
}

int main(int argc, char **argv)
{
	static struct powerloss_world world = {
		.name = "mailbox",
		.create = create,
		.boot = boot,
		.memory = board_memory,
		.destroy = board_destroy,
		.cuts = { { "cut=op:", 1 }, { "vanish=out:", 3 } },
		.rounds = 150,
	};
	static const char *const names[] = { "mailbox", "mailbox-window", "mailbox-inline" };
	int rc = FAR_OK;

	for (unsigned i = 0; i < 3 && rc == FAR_OK; i++) {
		size_t len = strlen(names[i]);

		world.name = names[i];
		with_window = i == 1;
		if (i == 2)
			open_flash = far_mailbox_flash_open_inline;
		if (argc < 3 || (strncmp(argv[2], names[i], len) == 0 && argv[2][len] == '/'))
			rc = powerloss_main(argc, argv, &world);
	}
	return rc;
}
