/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/bare_cpu.h"

struct bare_cpu cpu;

/* What a linker script supplies on a board. */
volatile struct far_bare_control far_shared_control;
volatile struct far_bare_args far_shared_args;
char far_shared_mailbox[64], far_shared_mailbox_size[1];
char far_shared_window[64], far_shared_window_size[1];

void bare_cpu_reset(uint32_t index)
{
	memset(&cpu, 0, sizeof(cpu));
	cpu.index = index;
	cpu.restart_at = UINT64_MAX;
}

void bare_cpu_power_up(void)
{
	far_shared_control.run = 0x12345678; /* memory holds anything then */
	far_shared_control.result = 0xdeadbeef;
	far_shared_args.magic = 0;
}

void bare_cpu_plan(uint64_t at_us, void (*event)(void))
{
	for (unsigned i = 0; i < BARE_EVENTS; i++) {
		if (cpu.plan[i].event == NULL) {
			cpu.plan[i].at_us = at_us;
			cpu.plan[i].event = event;
			return;
		}
	}
	fail_msg("too many events");
}

uint32_t far_cpu_index(void)
{
	return cpu.index;
}

/* The doorbell's handler is the port's: it takes the ring back. */
static void handle(void)
{
	while (!cpu.masked && (cpu.pending || cpu.rung)) {
		cpu.masked = true;
		cpu.handled++;
		if (cpu.rung) {
			(void)far_cpu_take_ring();
			far_bare_rung();
		} else {
			cpu.pending = false;
			cpu.handler();
		}
		cpu.masked = false;
	}
}

uint32_t far_cpu_mask(void)
{
	uint32_t before = !cpu.masked;
	void (*last)(void) = before ? cpu.masking : NULL;

	cpu.masked = true;
	if (last != NULL) {
		cpu.masking = NULL;
		last();
	}
	return before;
}

void far_cpu_restore(uint32_t key)
{
	if (key != 0)
		cpu.masked = false;
	handle();
}

/* Time passes also by asking for it, so that a loop that polls it comes to its end. */
uint64_t far_cpu_now_us(void)
{
	return cpu.now_us++;
}

void far_cpu_idle(uint64_t until_us)
{
	assert_true(cpu.masked);
	cpu.idles++;
	if (cpu.asleep != NULL)
		cpu.asleep();
	while (!cpu.pending && !cpu.rung && cpu.now_us < until_us) {
		unsigned next = BARE_EVENTS;

		for (unsigned i = 0; i < BARE_EVENTS; i++)
			if (cpu.plan[i].event != NULL &&
			    (next == BARE_EVENTS || cpu.plan[i].at_us < cpu.plan[next].at_us))
				next = i;
		if (next == BARE_EVENTS && until_us == UINT64_MAX)
			fail_msg("sleeps for ever");
		if (next == BARE_EVENTS || cpu.plan[next].at_us > until_us) {
			cpu.now_us = until_us;
			break;
		}
		if (cpu.now_us < cpu.plan[next].at_us)
			cpu.now_us = cpu.plan[next].at_us;
		void (*event)(void) = cpu.plan[next].event;
		cpu.plan[next].event = NULL;
		event();
	}
}

void far_cpu_ring(void)
{
	cpu.rings_out++;
}

bool far_cpu_take_ring(void)
{
	bool was = cpu.rung;

	assert_true(cpu.masked);
	cpu.rung = false;
	return was;
}

void far_cpu_release(void)
{
	cpu.releases++;
}

void far_cpu_restart_at(uint64_t us)
{
	cpu.restart_at = us;
}

void far_cpu_restart(void)
{
	longjmp(cpu.end, BARE_RESTARTED);
}

void far_cpu_exit(int code)
{
	cpu.exit_code = code;
	longjmp(cpu.end, BARE_EXITED);
}
