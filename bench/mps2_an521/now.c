/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Cortex-M33 in QEMU has no counter of instructions. With -icount shift=0 each takes a nanosecond
 * of the board's time, and timer 1 of the dual timer, which the port runs for its clock, counts
 * that downwards at 20 MHz: in steps of 50 instructions. It also counts while both cores sleep, so
 * what is measured must not wait for anything but the other core.
 */
#include "bench/board/count.h"
#include "port/mps2_an521/internal.h"

uint32_t count_now(void)
{
	return 0u -
	       far_reg_get(FAR_TIMER, FAR_TIMER_VALUE) * (1000000000u / FAR_MPS2_AN521_CLOCK_HZ);
}
