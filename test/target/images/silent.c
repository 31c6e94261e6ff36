/* SPDX-License-Identifier: Apache-2.0 */
/* A core whose program is done before it began: it never takes its side of the mailbox. */
#include "farflash/board.h"

int far_app_main(const struct far_board *board)
{
	(void)board;
	return FAR_APP_DONE;
}
