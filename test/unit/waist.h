/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flashes in worlds whose calls of waist 2 can be made to fail, one after the other, once and from
 * then on, and the sweep over all of them: the code that comes out is the one that went in, it is
 * recorded, and what it says of the flash is true.
 */
#ifndef FARFLASH_TEST_UNIT_WAIST_H
#define FARFLASH_TEST_UNIT_WAIST_H

#include <stddef.h>

#include "farflash/flash.h"

enum { WAIST_SIZE = 0x40000, WAIST_SECTOR = 0x1000, WAIST_AT = 0x21000 };

/*
 * The truth, and what it was when the world was made: a pattern, but for a blank sector at
 * WAIST_AT.
 */
extern uint8_t waist_cells[WAIST_SIZE], waist_was[WAIST_SIZE];

/* Called when a world is new: more for its cells. NULL: nothing. */
extern void (*waist_fill)(uint8_t *cells);

struct waist_world {
	/*
	 * A flash in a new world; *rc is what opening it returns, and the flash has the record of
	 * that.
	 */
	struct far_flash *(*open)(int *rc);
	void (*close)(void);
};

/*
 * A NOR part on a bus, chips behind a stream (a ROM, a stub), another core's flash behind a
 * doorbell: all of it, or without replace.
 */
extern const struct waist_world waist_nor, waist_esp32, waist_esp8266, waist_stub, waist_mailbox,
	waist_mailbox_inline;

struct waist_call {
	const char *name;
	/* NULL: opening itself. Asserts that what it has got is right if it returns FAR_OK. */
	int (*make)(struct far_flash *f);
	/* Where it tells what it has touched, if that is not the flash's record. */
	const uint32_t *touched_addr, *touched_len;
};

/*
 * Each call of waist 2 under each of these fails. every: but only one in so many, where all would
 * take too long.
 */
void waist_sweep(const struct waist_world *world, const struct waist_call *calls, size_t count,
		 uint32_t every);

#endif
