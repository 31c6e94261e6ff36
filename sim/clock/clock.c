/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sim/clock/clock.h"

#define NS_PER_MS 1000000u
#define LAST_NS   (FAR_SIM_NEVER - 1)

static uint32_t clock_now_ms(struct far_clock *clock)
{
	const struct far_sim_clock *c = (const struct far_sim_clock *)clock;

	return (uint32_t)(c->now_ns / NS_PER_MS); /* wraps at 2^32 as farflash/clock.h says */
}

static void clock_sleep_ms(struct far_clock *clock, uint32_t ms)
{
	struct far_sim_clock *c = (struct far_sim_clock *)clock;
	uint64_t ns = (uint64_t)ms * NS_PER_MS;

	/* At the end of time (584 years) the clock stands still rather than going back. */
	c->now_ns = ns > LAST_NS - c->now_ns ? LAST_NS : c->now_ns + ns;
}

static const struct far_clock_ops ops = { .now_ms = clock_now_ms, .sleep_ms = clock_sleep_ms };

void far_sim_clock_init(struct far_sim_clock *c)
{
	c->clock.ops = &ops;
	c->now_ns = 0;
}

void far_sim_clock_advance_to(struct far_sim_clock *c, uint64_t t_ns)
{
	if (t_ns != FAR_SIM_NEVER && t_ns > c->now_ns)
		c->now_ns = t_ns;
}

struct far_sim_clock *far_sim_clock_of(struct far_clock *c)
{
	/* Only the clocks of this file hold this table, and the clock is the first member. */
	return c != NULL && c->ops == &ops ? (struct far_sim_clock *)c : NULL;
}
