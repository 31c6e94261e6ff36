/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Core 0: asks and waits for answers, counting. The flash is not measured: the board's is a model,
 * which takes a real part's time, and that is no instructions.
 */
#include "bench/board/trips.h"

int far_app_main(const struct far_board *board)
{
	static struct far_mailbox mailbox;
	int err = far_mailbox_init(&mailbox, &board->mailbox);

	if (err == FAR_OK)
		err = trips_ask(&mailbox, board);
	if (err == FAR_OK)
		err = trips_alone(
			board, "mailbox round trip 64 bytes; both ends on one core; no doorbell");
	return err == FAR_OK ? FAR_APP_DONE : FAR_APP_LOST;
}
