/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual time. It moves only when somebody waits: a time-out of a minute costs nothing, and two
 * runs of the same program see the same times.
 */
#ifndef FARFLASH_SIM_CLOCK_H
#define FARFLASH_SIM_CLOCK_H

#include <stdint.h>

#include "farflash/clock.h"

#define FAR_SIM_NEVER UINT64_MAX

struct far_sim_clock {
	struct far_clock clock; /* what the code under test is given */
	uint64_t now_ns;        /* since far_sim_clock_init */
};

/* Time starts at 0. The caller owns c. */
void far_sim_clock_init(struct far_sim_clock *c);

/* Move to t_ns; a time that has passed already, and FAR_SIM_NEVER, change nothing. */
void far_sim_clock_advance_to(struct far_sim_clock *c, uint64_t t_ns);

/* The virtual clock that was given away as c; NULL if c is another kind of clock, or NULL. */
struct far_sim_clock *far_sim_clock_of(struct far_clock *c);

#endif
