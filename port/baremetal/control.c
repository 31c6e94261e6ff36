/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When core 1 runs, how a core restarts, how the programs end. What is written to the page is
 * written before the doorbell rings.
 */
#include "port/baremetal/control.h"

#define SLOTS        8u
#define PATIENCE_MS  10000u
#define JITTER_LOOPS 1000u /* about a microsecond, so that every instruction may be hit */

uint32_t far_bare_started;

static bool met; /* core 0 has waited for core 1 */
static bool will_restart;

volatile struct far_bare_args *far_bare_args(void)
{
	volatile struct far_bare_args *a = &far_shared_args;

	return a->magic == FAR_CONTROL_ARGS ? a : NULL;
}

static bool is_run(uint32_t word)
{
	return (word & FAR_CONTROL_HIGH) == FAR_CONTROL_RUN;
}

/* The doorbell alone does not start it: memory holds anything when the power comes. */
bool far_bare_is_wanted(void)
{
	return is_run(far_shared_control.run);
}

void far_bare_meet(void)
{
	if (met)
		return;
	met = true;
	if (far_cpu_index() != 0 || is_run(far_shared_control.run))
		return;
	far_shared_control.result = 0;
	far_shared_control.run = FAR_CONTROL_RUN + 1;
	far_cpu_release();
}

void far_bare_start_again(uint32_t run)
{
	if (is_run(run) && far_cpu_index() != 0)
		far_cpu_restart();
	far_bare_started = run;
}

void far_bare_restart_other(void)
{
	uint32_t number = far_shared_control.run + 1;

	far_shared_control.run = FAR_CONTROL_RUN + (number & ~FAR_CONTROL_HIGH);
	far_cpu_ring();
}

static uint32_t patience_ms(void)
{
	uint32_t ms = far_bare_args() != NULL ? far_bare_args()->patience_ms : 0;

	return ms != 0 ? ms : PATIENCE_MS;
}

static const char *target_name(void)
{
	static const char *const names[] = { "esp32", "esp32s2", "esp8266" };
	uint32_t target = far_bare_args() != NULL ? far_bare_args()->target : 0;

	return target < sizeof(names) / sizeof(names[0]) ? names[target] : "unknown";
}

enum far_bare_lines far_bare_lines(void)
{
	uint32_t lines = far_bare_args() != NULL ? far_bare_args()->lines : 0;

	return lines <= FAR_BARE_LINES_IN_BAND ? (enum far_bare_lines)lines : FAR_BARE_LINES_NONE;
}

void far_bare_board(struct far_board *board)
{
	*board = (struct far_board){
		.clock = &far_bare_clock,
		.mailbox = {
			.region = far_shared_mailbox,
			.region_size = (uintptr_t)far_shared_mailbox_size,
			.side = far_cpu_index(),
			.slots = SLOTS,
			.doorbell = &far_bare_doorbell,
			.clock = &far_bare_clock,
		},
		.window = far_shared_window,
		.window_len = (uint32_t)(uintptr_t)far_shared_window_size,
		.patience_ms = patience_ms(),
		.target_name = target_name(),
		.rounds = far_bare_args() != NULL ? far_bare_args()->rounds : 0,
	};
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

/*
 * Draw the moment of this core's next restart, if the boot arguments ask for one: that either core
 * may be restarted at any moment is a promise, and so it can be tried.
 */
static void draw_restart(void)
{
	volatile struct far_bare_args *a = far_bare_args();
	uint32_t core = far_cpu_index();

	if (a == NULL || a->core[core].restarts == 0)
		return;
	a->core[core].restarts--;
	will_restart = true;
	far_cpu_restart_at(far_cpu_now_us() + 1 +
			   draw(&a->core[core].seed) % (a->core[core].restart_us + 1));
	for (uint32_t i = draw(&a->core[core].seed) % JITTER_LOOPS; i > 0; i--)
		__asm__ volatile("");
}

void far_bare_run(int (*program)(void))
{
	if (far_cpu_index() != 0) {
		far_bare_started = far_shared_control.run;
		far_shared_control.result = 0;
	}
	draw_restart();
	far_bare_end(program());
}

static bool is_over(void *ctx)
{
	(void)ctx;
	return (far_shared_control.result & FAR_CONTROL_HIGH) == FAR_CONTROL_RESULT;
}

/* A program that will be restarted is not over. */
static _Noreturn void stand_still(int result)
{
	if (!will_restart) {
		far_shared_control.result =
			FAR_CONTROL_RESULT | ((uint32_t)result & ~FAR_CONTROL_HIGH);
		far_cpu_ring();
	}
	for (;;) {
		uint32_t key = far_cpu_mask();

		far_cpu_idle(UINT64_MAX);
		far_cpu_restore(key); /* another start may have been asked for */
	}
}

void far_bare_end(int result)
{
	if (far_cpu_index() != 0)
		stand_still(result);
	far_cpu_restart_at(UINT64_MAX);
	if (is_run(far_shared_control.run) && result == FAR_APP_DONE) {
		if (far_bare_wait(is_over, NULL, patience_ms()))
			result = (int)(far_shared_control.result & ~FAR_CONTROL_HIGH);
		else
			result = FAR_APP_LOST;
	}
	far_cpu_exit(result);
}
