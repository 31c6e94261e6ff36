/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core for the tests of port/baremetal: virtual time, interrupts that become pending at moments
 * given, handlers that run when they are unmasked, a doorbell, and an end that comes back to the
 * test.
 */
#ifndef FARFLASH_TEST_BARE_CPU_H
#define FARFLASH_TEST_BARE_CPU_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "port/baremetal/control.h"

#define BARE_EVENTS 8u

enum bare_end { BARE_RUNS, BARE_RESTARTED, BARE_EXITED };

struct bare_cpu {
	uint64_t now_us;
	uint32_t index;
	bool masked, rung;  /* rung: the doorbell is pending */
	unsigned idles;     /* sleeps begun */
	unsigned handled;   /* handlers run, of any kind */
	unsigned rings_out; /* to the other core */
	unsigned releases;
	uint64_t restart_at;
	int exit_code;
	jmp_buf end; /* where restart and exit go */
	/*
	 * What happens while the core sleeps: at at_us, event is called, as the device would act.
	 */
	struct {
		uint64_t at_us;
		void (*event)(void);
	} plan[BARE_EVENTS];
	bool pending;          /* a device's interrupt */
	void (*handler)(void); /* runs for it, with interrupts masked */
	void (*masking)(void); /* NULL, or a handler that runs once, just before the next mask */
	void (*asleep)(void);  /* NULL, or called on every sleep: what a hostile moment brings */
};

extern struct bare_cpu cpu;

/* All as after a reset of core `index`, with the shared page left as it is. */
void bare_cpu_reset(uint32_t index);
/* The shared page as when the power comes. */
void bare_cpu_power_up(void);
/* event will happen at at_us, if the core sleeps then. */
void bare_cpu_plan(uint64_t at_us, void (*event)(void));

/* setjmp for what may end the core: BARE_RUNS at first, then how it has ended. */
#define bare_cpu_ends() ((enum bare_end)setjmp(cpu.end))

#endif
