/* SPDX-License-Identifier: Apache-2.0 */
/* Hart 0's board: UART0, the NOR on QSPI0, side 0 of the mailbox. Linked with one core's program. */
#include "device/nor/nor.h"
#include "farflash/board.h"
#include "port/sifive_u/sifive_u.h"

/* What command 03 reads with on the slowest parts that device/nor knows. */
#define NOR_HZ 33000000u

static struct far_sifive_u_uart console;
static struct far_sifive_u_qspi qspi;
static struct far_sifive_u_doorbell doorbell;
static struct far_nor nor;

int main(void);

/* A board without a flash is one, too: the program says what it lacks. */
int main(void)
{
	struct far_board board = {
		.clock = &far_bare_clock,
		.console = &console.uart.stream,
		.patience_ms = far_sifive_u_patience_ms(),
		.rounds = far_sifive_u_rounds(),
	};

	far_sifive_u_uart_init(&console, 0, true);
	far_sifive_u_qspi_init(&qspi, NOR_HZ);
	if (far_nor_init(&nor, &qspi.spi, &far_bare_clock) == FAR_OK)
		board.flash = &nor.flash;
	far_sifive_u_doorbell_init(&doorbell);
	far_sifive_u_mailbox(&board.mailbox, &doorbell);
	board.window = far_sifive_u_window(&board.window_len);
	far_sifive_u_draw_restart();
	return far_app_main(&board);
}
