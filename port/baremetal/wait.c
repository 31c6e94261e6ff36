/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping without missing what it was for: the wait, the clock, the doorbell. */
#include "port/baremetal/control.h"

#define RINGS_PER_TURN 16u

bool far_bare_wait(bool (*ready)(void *ctx), void *ctx, uint32_t timeout_ms)
{
	uint64_t until = far_cpu_now_us() + (uint64_t)timeout_ms * FAR_BARE_US_PER_MS;

	for (;;) {
		uint32_t key = far_cpu_mask();
		bool is_ready = ready(ctx), over = far_cpu_now_us() >= until;

		if (!is_ready && !over)
			far_cpu_idle(until);
		far_cpu_restore(key);
		if (is_ready || over)
			return is_ready;
	}
}

static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

static void sleep_ms(struct far_clock *c, uint32_t ms)
{
	(void)c;
	(void)far_bare_wait(never, NULL, ms);
}

/*
 * Microseconds / 1000 modulo 2^32, without a 64-bit division: 2^32 is 4294967 * 1000 + 296. high
 * counts 71 minutes each, so that high * 296 stays small for 1900 years.
 */
static uint32_t now_ms(struct far_clock *c)
{
	uint64_t us = far_cpu_now_us();
	uint32_t high = (uint32_t)(us >> 32), low = (uint32_t)us;

	(void)c;
	if (high == 0)
		return low / 1000;
	return high * 4294967u + low / 1000 + (low % 1000 + high * 296u) / 1000;
}

static const struct far_clock_ops clock_ops = { .now_ms = now_ms, .sleep_ms = sleep_ms };

struct far_clock far_bare_clock = { .ops = &clock_ops };

static void ring(struct far_doorbell *d)
{
	(void)d;
	far_cpu_ring();
}

static void ignore(void *user)
{
	(void)user;
}

static volatile bool rung;
static void (*on_ring)(void *user) = ignore;
static void *on_ring_user;

void far_bare_on_ring(void (*handler)(void *user), void *user)
{
	uint32_t key = far_cpu_mask();

	on_ring = handler != NULL ? handler : ignore;
	on_ring_user = user;
	far_cpu_restore(key);
}

void far_bare_rung(void)
{
	rung = true;
	far_bare_obey();
	on_ring(on_ring_user);
}

/*
 * Others' handlers get their turn when nobody rings, and every so often: the other core must not be
 * able to ring them, or the time, off.
 */
bool far_bare_serve(bool (*ready)(void *ctx), void *ctx, uint32_t timeout_ms)
{
	uint64_t until = far_cpu_now_us() + (uint64_t)timeout_ms * FAR_BARE_US_PER_MS;
	uint32_t key = far_cpu_mask(), rings = 0;
	bool is_ready, over = timeout_ms == 0;

	while (!(is_ready = ready(ctx)) && !over) {
		far_cpu_idle(until);
		if (far_cpu_take_ring()) {
			far_bare_rung();
			if (++rings % RINGS_PER_TURN != 0)
				continue;
		}
		far_cpu_restore(key);
		(void)far_cpu_mask();
		over = far_cpu_now_us() >= until;
	}
	far_cpu_restore(key);
	return is_ready;
}

/* Masked. */
static bool was_rung(void)
{
	bool yes = rung;

	if (far_cpu_take_ring()) {
		yes = true;
		far_bare_obey();
	}
	rung = false;
	return yes;
}

/*
 * As far_bare_wait, which every message would have to pass through, with less to call: a ring that
 * ends the sleep is taken back before the interrupt gets a chance.
 */
static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	uint32_t key = far_cpu_mask();
	bool over = was_rung();

	(void)d;
	if (!over) {
		uint64_t until = far_cpu_now_us() + (uint64_t)timeout_ms * FAR_BARE_US_PER_MS;

		far_bare_meet();
		far_cpu_idle(until);
		while (!was_rung() && far_cpu_now_us() < until) {
			far_cpu_restore(key); /* what else has ended the sleep is handled */
			key = far_cpu_mask();
			if (was_rung())
				break;
			far_cpu_idle(until);
		}
	}
	far_cpu_restore(key);
	return FAR_OK;
}

static const struct far_doorbell_ops doorbell_ops = { .ring = ring, .wait = wait };

struct far_doorbell far_bare_doorbell = { .ops = &doorbell_ops };
