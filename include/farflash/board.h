/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a board supplies to a program: one that runs on a core of a chip, on two cores under an
 * emulator, or as a process. The program names no port; the port names no program. Each core's
 * part is linked with one port, whose start-up code fills in struct far_board and calls
 * far_app_main once.
 *
 * An image that holds the parts of several cores compiles each with a name of its own for the
 * entry (-Dfar_app_main=...).
 */
#ifndef FARFLASH_BOARD_H
#define FARFLASH_BOARD_H

#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/flash.h"
#include "farflash/mailbox.h"
#include "farflash/stream.h"

/*
 * The result of a program, with the numbers of the farflash command. A port without processes shows
 * it as it can: a halt, a reset, a register.
 */
enum far_app_exit {
	FAR_APP_DONE = 0,
	FAR_APP_NO_BOARD = 2,     /* the board lacks, or has lost, what the program needs */
	FAR_APP_NO_PEER = 3,      /* the other core never appeared */
	FAR_APP_LOST = 4,         /* the other core was there and stopped answering */
	FAR_APP_PROTOCOL = 5,     /* it answers nonsense */
	FAR_APP_REFUSED = 6,      /* it answers no, or the flash does */
	FAR_APP_MISMATCH = 7,     /* the flash does not hold what was written */
	FAR_APP_INTERRUPTED = 130 /* the user ended it: a call returned FAR_ERR_CANCELLED */
};

/*
 * Everything here stays valid and in place until far_app_main returns. What is NULL is not there on
 * this board; clock and console always are, and where there is another core a complete mailbox.
 * Nothing else in the program uses the same flash, mailbox, console or target meanwhile.
 */
struct far_board {
	struct far_clock *clock;
	/*
	 * Text for a person, and keys from one where the board can read. Lines end in \n: the port
	 * makes of it what its terminal needs, and shows what is typed: the program does not echo.
	 * drain before far_app_main returns.
	 */
	struct far_stream *console;
	/*
	 * As far_mailbox_init takes it: region, region_size, side, slots, doorbell and clock are
	 * set. The program copies it and adds reserved, notice and user. Side 0 is the core that
	 * started first and owns the flash (PRO_CPU), side 1 the other (APP_CPU). The other side's
	 * program may start before, after, and again.
	 */
	struct far_mailbox_config mailbox;
	/* The flash that this core can reach itself; NULL where it has to ask the other one. */
	struct far_flash *flash;
	/*
	 * RAM for bulk data, shared with the other core, which may write there at any time: read
	 * once, then check. Aligned to 64; NULL and 0: none. Both sides are given the same bytes
	 * and the same length, though not always at the same address.
	 */
	void *window;
	uint32_t window_len;
	/*
	 * The serial line to another chip, which this board can program: its modem lines are that
	 * chip's boot strap and reset, as farflash/stream.h has them. NULL: there is none.
	 */
	struct far_stream *target;
	/* Which chip that is to be: "esp32", "esp32s2", "esp8266"; NULL: the program's default. */
	const char *target_name;
	/*
	 * How long to wait for the other core to appear, and for an answer, in milliseconds; > 0.
	 * A program that serves waits in pieces of this, without an end.
	 */
	uint32_t patience_ms;
	/* How often a program that repeats itself does what it does; 0: without an end. */
	uint32_t rounds;
};

/*
 * The program of this core. Never waits longer than board says without saying so on the console.
 * Returns when done, or when the user asks to stop: an enum far_app_exit.
 */
int far_app_main(const struct far_board *board);

#endif
