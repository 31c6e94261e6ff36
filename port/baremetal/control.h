/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page that both cores share beside the mailbox: how core 1 is started, how it ends, and what
 * the loader tells the programs. Core 0 believes nothing of it that core 1 could turn against it.
 */
#ifndef FARFLASH_PORT_BAREMETAL_CONTROL_H
#define FARFLASH_PORT_BAREMETAL_CONTROL_H

#include "port/baremetal/baremetal.h"

#define FAR_CONTROL_RUN    0x52550000u /* with the number of the start in the low half */
#define FAR_CONTROL_RESULT 0x52530000u /* with a program's result in the low half */
#define FAR_CONTROL_ARGS   0x47524146u /* "FARG" */
#define FAR_CONTROL_HIGH   0xffff0000u

struct far_bare_control {
	/*
	 * Written by core 0: FAR_CONTROL_RUN + n is the n-th start of core 1; with anything else
	 * there core 1 waits. A core 0 that restarts finds it and leaves core 1 alone.
	 */
	uint32_t run;
	/* Written by core 1: FAR_CONTROL_RESULT + code once its program has returned, else 0. */
	uint32_t result;
};

/*
 * Boot arguments, put there by who loads the images, words in this order, and valid with
 * FAR_CONTROL_ARGS in front. Without them all are 0.
 */
struct far_bare_args {
	uint32_t magic;
	uint32_t rounds;      /* board.h */
	uint32_t patience_ms; /* board.h; 0: 10 s */
	/*
	 * Restarts that a core does to itself, to prove that the other one minds nothing: so many
	 * times still, each after 0 to restart_us microseconds, drawn from seed. Counted down
	 * there.
	 */
	struct {
		uint32_t restarts, restart_us, seed;
	} core[2];
	uint32_t target; /* which chip to program: 0 esp32, 1 esp32s2, 2 esp8266 */
	uint32_t lines;  /* enum far_bare_lines: how its boot strap and reset are reached */
};

/* The linker script says where; of the sizes and the memory only the addresses mean anything. */
extern volatile struct far_bare_control far_shared_control;
extern volatile struct far_bare_args far_shared_args;
extern char far_shared_mailbox[], far_shared_mailbox_size[];
extern char far_shared_window[], far_shared_window_size[];

/* NULL: none were given. */
volatile struct far_bare_args *far_bare_args(void);

/* Core 0: let core 1 begin, if it has not. */
void far_bare_meet(void);

/* The word that this start of core 1 obeys, and what is done when there is another one. */
extern uint32_t far_bare_started;
void far_bare_start_again(uint32_t run);

/* Core 1: has core 0 asked for another start? Then this does not return. Each ring comes here. */
static inline void far_bare_obey(void)
{
	uint32_t run = far_shared_control.run;

	if (run != far_bare_started)
		far_bare_start_again(run);
}

#endif
