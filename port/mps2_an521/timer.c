/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: a counter that both cores read, and each core's SysTick to be woken by. The counter's 32
 * bits last 214 s. Each core makes 64 of them, by adding up what has gone by since it last looked;
 * a tick at least every 800 ms, which is as long as SysTick's 24 bits last, makes sure that it
 * looks.
 */
#include "port/mps2_an521/internal.h"

#define TICKS_PER_US (FAR_MPS2_AN521_CLOCK_HZ / 1000000u)
#define LONGEST_US   800000u
#define LOOKS_MAX    100u /* for that edge, which is one instruction away */
#define NEVER        UINT64_MAX

static uint64_t now_us; /* at the count `looked` */
static uint32_t looked; /* of the counter, which is made to count up */
static uint64_t restart_at = NEVER;
static uint64_t tick_at; /* or has come, and its handler will set the next */

static uint32_t count(void)
{
	return ~far_reg_get(FAR_TIMER, FAR_TIMER_VALUE);
}

uint64_t far_cpu_now_us(void)
{
	uint32_t key = far_cpu_mask();
	uint32_t us = (count() - looked) / TICKS_PER_US;
	uint64_t now = now_us + us;

	looked += us * TICKS_PER_US;
	now_us = now;
	far_cpu_restore(key);
	return now;
}

/*
 * A tick at us, or before, if that is too far away. False: us has passed, the tick comes now. What
 * SysTick begins with at the clock's next edge is RVR as it is then; what is written there
 * afterwards is the next period: the longest, for one tick is enough.
 */
static bool set_timer(uint64_t us)
{
	uint64_t now = far_cpu_now_us();
	uint32_t wait = LONGEST_US;

	if (us <= now)
		wait = 1;
	else if (us - now < LONGEST_US)
		wait = (uint32_t)(us - now) + 1; /* now may be nearly over */
	tick_at = now + wait - 1;
	far_reg_set(FAR_SYSTICK, FAR_SYSTICK_RVR, wait * TICKS_PER_US - 1);
	far_reg_set(FAR_SYSTICK, FAR_SYSTICK_CVR, 0); /* begins anew */
	far_reg_set(FAR_SYSTICK, FAR_SYSTICK_CSR, FAR_SYSTICK_RUN);
	for (uint32_t looks = 0; looks < LOOKS_MAX; looks++) {
		if (far_reg_get(FAR_SYSTICK, FAR_SYSTICK_CVR) != 0)
			break;
	}
	far_reg_set(FAR_SYSTICK, FAR_SYSTICK_RVR, FAR_SYSTICK_LIMIT);
	return us > now;
}

_Static_assert(LONGEST_US *TICKS_PER_US <= FAR_SYSTICK_LIMIT, "SysTick has 24 bits");

/*
 * PRIMASK keeps handlers from running, not wfi from seeing what is pending. The tick is left as it
 * is afterwards: when it comes its handler sets the next. So one that comes earlier than asked for
 * is left, too: most sleeps end otherwise, long before, and the others are slept on.
 */
void far_cpu_idle(uint64_t until_us)
{
	uint64_t us = until_us < restart_at ? until_us : restart_at;

	if (us >= tick_at || set_timer(us))
		__asm__ volatile("dsb\n\twfi" ::: "memory");
}

void far_cpu_restart_at(uint64_t us)
{
	uint32_t key = far_cpu_mask();

	restart_at = us;
	(void)set_timer(us);
	far_cpu_restore(key);
}

void far_mps2_an521_tick(void)
{
	if (far_cpu_now_us() >= restart_at)
		far_cpu_restart();
	(void)set_timer(restart_at);
}

/* A core that restarts leaves the counter to the other one as it is. */
void far_mps2_an521_time_init(void)
{
	if ((far_reg_get(FAR_TIMER, FAR_TIMER_CONTROL) & FAR_TIMER_ENABLE) == 0)
		far_reg_set(FAR_TIMER, FAR_TIMER_CONTROL, FAR_TIMER_ENABLE | FAR_TIMER_32BIT);
	looked = count();
	(void)set_timer(NEVER);
}
