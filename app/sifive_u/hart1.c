/* SPDX-License-Identifier: Apache-2.0 */
/* Hart 1's board: words on UART0, side 1 of the mailbox, no flash. Linked with one core's program. */
#include "farflash/board.h"
#include "port/sifive_u/sifive_u.h"

static struct far_sifive_u_uart console;
static struct far_sifive_u_doorbell doorbell;

int main(void);

int main(void)
{
	struct far_board board = {
		.clock = &far_bare_clock,
		.console = &console.uart.stream,
		.patience_ms = far_sifive_u_patience_ms(),
		.rounds = far_sifive_u_rounds(),
	};

	far_sifive_u_uart_join(&console, 0);
	far_sifive_u_doorbell_init(&doorbell);
	far_sifive_u_mailbox(&board.mailbox, &doorbell);
	board.window = far_sifive_u_window(&board.window_len);
	far_sifive_u_draw_restart();
	return far_app_main(&board);
}
