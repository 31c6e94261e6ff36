/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Core 1 does what it is locked out of: TRESPASS at ADDRESS. If nothing stops it, it says so and
 * ends well, which is the test's failure.
 */
#include "farflash/board.h"
#include "port/baremetal/baremetal.h"

enum trespass { READ, WRITE, RUN, DIG, MASKED_READ };

static volatile uint32_t sink;

/* Deep enough for any stack here; volatile, so that it is none but a recursion. */
static uint32_t dig(volatile uint32_t depth) /* NOLINT(misc-no-recursion) */
{
	volatile uint32_t room[64];

	room[0] = depth;
	return depth == 0 ? room[0] : dig(depth - 1) + room[0];
}

static void trespass(enum trespass what, uintptr_t address)
{
	switch (what) {
	case MASKED_READ:
		(void)far_cpu_mask();
		sink = *(volatile uint32_t *)address;
		break;
	case READ:
		sink = *(volatile uint32_t *)address;
		break;
	case WRITE:
		*(volatile uint32_t *)address = 2;
		break;
	case RUN:
		((void (*)(void))address)();
		break;
	case DIG:
		sink = dig(1000);
		break;
	}
}

int far_app_main(const struct far_board *board)
{
	static const uint8_t text[] = "nothing stopped it\n";

	trespass(TRESPASS, ADDRESS);
	(void)board->console->ops->write(board->console, text, sizeof(text) - 1);
	return FAR_APP_DONE;
}
