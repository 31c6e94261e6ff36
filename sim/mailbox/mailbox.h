/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two cores that share a mailbox region, on the virtual clock. Each core runs its own program; at
 * every access to the region the other core may go on instead, what was stored may not be visible
 * yet, the core may be reset, a doorbell may get lost, and somebody may write anything into the
 * region. One seed decides it all: the same seed gives the same run.
 *
 * The region has no truth of its own: each core sees a copy, and what the one stores reaches the
 * other's copy when the model says so. The code under test is built with accessors that call the
 * far_sim_shared functions below.
 *
 * The memory model is as weak as C11 allows two sides that load in program order: plain stores
 * become visible in any order, a release store after every store before it, all of them before a
 * fence's or a doorbell's end; stores to the same word in their order.
 */
#ifndef FARFLASH_SIM_MAILBOX_H
#define FARFLASH_SIM_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/mailbox.h"
#include "sim/clock/clock.h"

#define FAR_SIM_ACCESS_NS 20u /* what an access takes; and reading the clock, which is one, too */

/* "One in N" is on average, by the seed; 0: never. */
struct far_sim_mailbox_faults {
	uint32_t seed;
	uint32_t switch_in;   /* the other core goes on after one access in so many */
	uint32_t late_ns;     /* a store is visible to the other core up to so much later */
	uint32_t lose_ring;   /* one ring in so many is lost; what it waits for times out */
	uint32_t reset_in[2]; /* a core is reset before one of its accesses in so many */
	uint32_t reset_at[2]; /* ... and before exactly this access of its own, from 1 */
	uint32_t scribble_in; /* one access in so many: nonsense in a word somewhere */
	/*
	 * Accesses of both cores together after which there is no loss, reset or scribbling any
	 * more; if there was scribbling, core 1 is reset then. 0: it does not end.
	 */
	uint32_t until;
};

/* A core's program. Called again after each reset of the core, with nothing but user kept. */
typedef void (*far_sim_program)(void *user, const struct far_mailbox_config *config);

struct far_sim_mailbox {
	struct far_sim_clock *clock; /* moves with every access, and when both cores wait */
	uint32_t slots;
	/* How each core's mailbox is configured comes from here; add notice, user and reserved. */
	far_sim_program program[2];
	void *user[2];
	struct far_sim_mailbox_faults faults;
	/* What has happened; filled in by far_sim_mailbox_run. */
	struct {
		uint32_t accesses[2], resets[2];
		uint32_t switches, rings, lost_rings, late_stores, scribbles;
	} count;
};

/*
 * Run both programs from a region full of noise until both have returned: FAR_OK. FAR_ERR_TIMEOUT:
 * limit_ms of virtual time have passed first, and what still ran was abandoned where it stood.
 * FAR_ERR_IO: no memory or threads. FAR_ERR_ARG: slots.
 * Each program runs on a thread of its own, one at a time; it must not hold anything of this
 * process when it can be reset, which is at every access, clock reading and wait.
 */
int far_sim_mailbox_run(struct far_sim_mailbox *m, uint32_t limit_ms);

/* The accesses of the core that is running, to its region; of anybody else, to any memory. */
uint32_t far_sim_shared_load(const uint32_t *p);
void far_sim_shared_store(uint32_t *p, uint32_t value);
void far_sim_shared_fence(void);
void far_sim_shared_put(uint32_t *to, const void *from, size_t len);
void far_sim_shared_get(void *to, const uint32_t *from, size_t len);

#endif
