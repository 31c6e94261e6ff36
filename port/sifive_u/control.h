/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page that both harts share beside the mailbox: how hart 1 is started, how it ends, and what the
 * loader tells the programs. Hart 0 believes nothing of it that hart 1 could turn against it.
 */
#ifndef FARFLASH_PORT_SIFIVE_U_CONTROL_H
#define FARFLASH_PORT_SIFIVE_U_CONTROL_H

#include <stdint.h>

#define FAR_CONTROL_RUN    0x52550000u /* with the number of the start in the low half */
#define FAR_CONTROL_RESULT 0x52530000u /* with a program's result in the low half */
#define FAR_CONTROL_ARGS   0x47524146u /* "FARG" */
#define FAR_CONTROL_HIGH   0xffff0000u

struct far_sifive_u_control {
	/*
	 * Written by hart 0: FAR_CONTROL_RUN + n is the n-th start of hart 1; with anything else there
	 * hart 1 waits. A hart 0 that restarts finds it and leaves hart 1 alone.
	 */
	uint32_t run;
	/* Written by hart 1: FAR_CONTROL_RESULT + code once its program has returned, else 0. */
	uint32_t result;
};

/*
 * Boot arguments, put there by who loads the images, words in this order, and valid with
 * FAR_CONTROL_ARGS in front. Without them all are 0.
 */
struct far_sifive_u_args {
	uint32_t magic;
	uint32_t rounds;      /* board.h */
	uint32_t patience_ms; /* board.h; 0: 10 s */
	/*
	 * Restarts that a hart does to itself, to prove that the other one minds nothing: so many
	 * times still, each after 0 to restart_us microseconds, drawn from seed. Counted down there.
	 */
	struct {
		uint32_t restarts, restart_us, seed;
	} hart[2];
};

/* Where memory.ld says. */
extern volatile struct far_sifive_u_control far_shared_control;
extern volatile struct far_sifive_u_args far_shared_args;

#endif
