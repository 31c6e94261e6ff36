/* SPDX-License-Identifier: Apache-2.0 */
/* Core 1: answers. */
#include "bench/board/trips.h"

int far_app_main(const struct far_board *board)
{
	static struct far_mailbox mailbox;
	int err = far_mailbox_init(&mailbox, &board->mailbox);

	if (err == FAR_OK)
		err = trips_answer(&mailbox, board);
	return err == FAR_OK ? FAR_APP_DONE : FAR_APP_LOST;
}
