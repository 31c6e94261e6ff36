/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hart 0's board: UART0 as its console, the NOR on QSPI0, side 0 of the mailbox, another chip on
 * UART1. Linked with one core's program.
 */
#include "device/nor/nor.h"
#include "farflash/board.h"
#include "port/sifive_u/sifive_u.h"

/* What command 03 reads with on the slowest parts that device/nor knows. */
#define NOR_HZ 33000000u

static struct far_sifive_u_uart console;
static struct far_sifive_u_target target;
static struct far_sifive_u_qspi qspi;
static struct far_nor nor;

int main(void);

/* A board without a flash is one, too: the program says what it lacks. */
int main(void)
{
	struct far_board board;

	far_bare_board(&board);
	far_sifive_u_uart_init(&console, 0, true);
	board.console = &console.uart.stream;
	far_sifive_u_target_init(&target, far_bare_lines());
	board.target = target.stream;
	far_sifive_u_qspi_init(&qspi, NOR_HZ);
	if (far_nor_init(&nor, &qspi.spi, board.clock) == FAR_OK)
		board.flash = &nor.flash;
	return far_app_main(&board);
}
