/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When hart 1 runs, how a hart restarts, how the programs end. The order in which this page is written
 * is kept by fences; the doorbell says that there is something to see.
 */
#include "farflash/board.h"
#include "port/sifive_u/internal.h"

#define PATIENCE_MS  10000u
#define JITTER_LOOPS 1000u /* about a tick of the clock, so that every instruction may be hit */

static uint32_t started; /* the word that this start of hart 1 obeys */

static volatile struct far_sifive_u_control *control(void)
{
	return &far_shared_control;
}

/* NULL: none were given. */
static volatile struct far_sifive_u_args *args(void)
{
	volatile struct far_sifive_u_args *a = &far_shared_args;

	return a->magic == FAR_CONTROL_ARGS ? a : NULL;
}

static bool is_run(uint32_t word)
{
	return (word & FAR_CONTROL_HIGH) == FAR_CONTROL_RUN;
}

/* The doorbell alone does not start it: memory holds anything when the power comes. */
void far_sifive_u_hold(void)
{
	uint32_t hart = far_sifive_u_hart();

	if (hart == 0)
		return;
	FAR_CSR_SET(mie, 1u << FAR_IRQ_SOFTWARE);
	while (!is_run(control()->run)) {
		__asm__ volatile("wfi");
		far_reg_set(FAR_CLINT, FAR_CLINT_MSIP + 4 * hart, 0);
		__asm__ volatile("fence" ::: "memory");
	}
}

void far_sifive_u_begin(void)
{
	far_sifive_u_protect();
	if (far_sifive_u_hart() == 0) {
		far_sifive_u_plic_init();
	} else {
		started = control()->run;
		control()->result = 0;
	}
	far_cpu_restore(FAR_MSTATUS_MIE);
}

void far_sifive_u_obey(void)
{
	uint32_t run = control()->run;

	if (run != started && is_run(run))
		far_sifive_u_restart();
}

static void wake_other(void)
{
	__asm__ volatile("fence rw, rw\n\tfence rw, o" ::: "memory");
	far_reg_set(FAR_CLINT, FAR_CLINT_MSIP + 4 * (1 - far_sifive_u_hart()), 1);
}

void far_sifive_u_release(void)
{
	if (is_run(control()->run))
		return;
	control()->result = 0;
	control()->run = FAR_CONTROL_RUN + 1;
	wake_other();
}

void far_sifive_u_restart_other(void)
{
	uint32_t number = control()->run + 1;

	control()->run = FAR_CONTROL_RUN + (number & ~FAR_CONTROL_HIGH);
	wake_other();
}

void far_sifive_u_restart(void)
{
	(void)far_cpu_mask();
	__asm__ volatile("j _start");
	__builtin_unreachable();
}

uint32_t far_sifive_u_rounds(void)
{
	return args() != NULL ? args()->rounds : 0;
}

uint32_t far_sifive_u_patience_ms(void)
{
	uint32_t ms = args() != NULL ? args()->patience_ms : 0;

	return ms != 0 ? ms : PATIENCE_MS;
}

/* xorshift32, with its state where the next start finds it. */
static uint32_t draw(volatile uint32_t *state)
{
	uint32_t x = *state != 0 ? *state : 1;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

void far_sifive_u_draw_restart(void)
{
	volatile struct far_sifive_u_args *a = args();
	uint32_t hart = far_sifive_u_hart();

	if (a == NULL || a->hart[hart].restarts == 0)
		return;
	a->hart[hart].restarts--;
	far_sifive_u_restart_at(far_cpu_now_us() + 1 +
				draw(&a->hart[hart].seed) % (a->hart[hart].restart_us + 1));
	for (uint32_t i = draw(&a->hart[hart].seed) % JITTER_LOOPS; i > 0; i--)
		__asm__ volatile("");
}

static bool is_over(void *ctx)
{
	(void)ctx;
	return (control()->result & FAR_CONTROL_HIGH) == FAR_CONTROL_RESULT;
}

void far_sifive_u_end(int result)
{
	far_sifive_u_restart_at(0);
	if (far_sifive_u_hart() != 0) {
		control()->result = FAR_CONTROL_RESULT | ((uint32_t)result & ~FAR_CONTROL_HIGH);
		wake_other();
		for (;;)
			far_cpu_idle(UINT64_MAX);
	}
	if (is_run(control()->run) && result == FAR_APP_DONE) {
		if (far_bare_wait(is_over, NULL, far_sifive_u_patience_ms()))
			result = (int)(control()->result & ~FAR_CONTROL_HIGH);
		else
			result = FAR_APP_LOST;
	}
	far_sifive_u_exit(result);
}
