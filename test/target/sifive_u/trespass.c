/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hart 1 does what it is locked out of, TRESPASS. If nothing stops it, it says so and ends well,
 * which is the test's failure.
 */
#include "farflash/board.h"

enum trespass { FLASH, HOST_MEMORY, HOST_TIMER, DMA, MAPPED_FLASH, INTERRUPTS, PROGRAM, STACK };

static volatile uint32_t sink;

static volatile uint32_t *at(uintptr_t address)
{
	return (volatile uint32_t *)address;
}

/* Deep enough for any stack here; volatile, so that it is none but a recursion. */
static uint32_t dig(volatile uint32_t depth) /* NOLINT(misc-no-recursion) */
{
	volatile uint32_t room[64];

	room[0] = depth;
	return depth == 0 ? room[0] : dig(depth - 1) + room[0];
}

static void trespass(enum trespass what)
{
	switch (what) {
	case FLASH:
		*at(0x10040018) = 2; /* CSMODE: select the part */
		break;
	case HOST_MEMORY:
		sink = *at(0x80040000);
		break;
	case HOST_TIMER:
		*at(0x02004000) = 0;
		break;
	case DMA:
		*at(0x03000000) = 1;
		break;
	case MAPPED_FLASH:
		sink = *at(0x20000000);
		break;
	case INTERRUPTS:
		*at(0x0c002000) = 0;
		break;
	case PROGRAM:
		*at(0x80080000) = 0;
		break;
	case STACK:
		sink = dig(1000);
		break;
	}
}

int far_app_main(const struct far_board *board)
{
	static const uint8_t text[] = "nothing stopped it\n";

	trespass(TRESPASS);
	(void)board->console->ops->write(board->console, text, sizeof(text) - 1);
	return FAR_APP_DONE;
}
