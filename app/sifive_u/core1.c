/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hart 1's board: words on UART0, side 1 of the mailbox, no flash. Linked with one core's program.
 */
#include "farflash/board.h"
#include "port/sifive_u/sifive_u.h"

static struct far_sifive_u_uart console;

int main(void);

int main(void)
{
	struct far_board board;

	far_bare_board(&board);
	far_sifive_u_uart_join(&console, 0);
	board.console = &console.uart.stream;
	return far_app_main(&board);
}
