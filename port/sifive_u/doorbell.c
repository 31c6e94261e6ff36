/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doorbell is the other hart's software interrupt. Who waits does so masked, sees the interrupt
 * pending and takes it back: a ring then costs neither side a trap. One that comes at another time is
 * kept by the handler for the next wait.
 */
#include "port/sifive_u/internal.h"

#define SLOTS 8u

static volatile bool rung;

static uint32_t msip(uint32_t hart)
{
	return FAR_CLINT_MSIP + 4 * hart;
}

static void ring(struct far_doorbell *d)
{
	(void)d;
	/* What was written to memory is there before the other hart is told. */
	__asm__ volatile("fence rw, o" ::: "memory");
	far_reg_set(FAR_CLINT, msip(1 - far_sifive_u_hart()), 1);
}

/* Masked. */
static bool was_rung(uint32_t hart)
{
	bool yes = rung;

	if ((far_reg_get(FAR_CLINT, msip(hart)) & 1) != 0) {
		far_reg_set(FAR_CLINT, msip(hart), 0);
		__asm__ volatile("fence o, r" ::: "memory");
		yes = true;
		if (hart != 0)
			far_sifive_u_obey();
	}
	rung = false;
	return yes;
}

static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	uint32_t hart = far_sifive_u_hart(), key;
	uint64_t until = 0, now;

	(void)d;
	if (hart == 0)
		far_sifive_u_release();
	for (;;) {
		bool over;

		key = far_cpu_mask();
		over = was_rung(hart);
		if (!over) {
			now = far_cpu_now_us();
			if (until == 0)
				until = now + (uint64_t)timeout_ms * FAR_BARE_US_PER_MS;
			over = now >= until;
		}
		if (!over)
			far_cpu_idle(until);
		far_cpu_restore(key);
		if (over)
			return FAR_OK;
	}
}

void far_sifive_u_rung(void)
{
	uint32_t hart = far_sifive_u_hart();

	far_reg_set(FAR_CLINT, msip(hart), 0);
	rung = true;
	if (hart != 0)
		far_sifive_u_obey();
}

static const struct far_doorbell_ops ops = { .ring = ring, .wait = wait };

void far_sifive_u_doorbell_init(struct far_sifive_u_doorbell *d)
{
	d->doorbell.ops = &ops;
	FAR_CSR_SET(mie, 1u << FAR_IRQ_SOFTWARE);
}

void far_sifive_u_mailbox(struct far_mailbox_config *config, struct far_sifive_u_doorbell *d)
{
	*config = (struct far_mailbox_config){
		.region = far_shared_mailbox,
		.region_size = (uintptr_t)far_shared_mailbox_size,
		.side = far_sifive_u_hart(),
		.slots = SLOTS,
		.doorbell = &d->doorbell,
		.clock = &far_bare_clock,
	};
}

void *far_sifive_u_window(uint32_t *len)
{
	*len = (uint32_t)(uintptr_t)far_shared_window_size;
	return far_shared_window;
}
