/* SPDX-License-Identifier: Apache-2.0 */
/* Core 1's board: UART1, side 1 of the mailbox, no flash. */
#include "farflash/board.h"
#include "port/mps2_an521/mps2_an521.h"

static struct far_mps2_an521_uart console;

int main(void);

int main(void)
{
	struct far_board board;

	far_bare_board(&board);
	far_mps2_an521_uart_init(&console, true);
	board.console = &console.uart.stream;
	return far_app_main(&board);
}
