/* SPDX-License-Identifier: Apache-2.0 */
/* Core 1's board: a console of its own, side 1 of the mailbox, no flash. */
#include "farflash/board.h"
#include "port/template/template.h"

static struct far_template_uart console;

int main(void);

int main(void)
{
	struct far_board board;

	far_bare_board(&board);
	far_template_uart_init(&console, true);
	board.console = &console.uart.stream;
	return far_app_main(&board);
}
