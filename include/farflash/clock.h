/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time, as a port or the simulator supplies it. With the simulator's virtual clock a sleep costs
 * nothing and every run is the same to the microsecond.
 */
#ifndef FARFLASH_CLOCK_H
#define FARFLASH_CLOCK_H

#include <stdint.h>

struct far_clock;

struct far_clock_ops {
	/*
	 * Required. Milliseconds since any fixed moment, monotonic, wrapping at 2^32: compare by
	 * subtraction only. Any context. Resolution 10 ms or better.
	 */
	uint32_t (*now_ms)(struct far_clock *c);
	/* Required. Return after at least ms milliseconds. Never from an interrupt handler. */
	void (*sleep_ms)(struct far_clock *c, uint32_t ms);
};

struct far_clock {
	const struct far_clock_ops *ops;
};

#endif
