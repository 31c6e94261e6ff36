/* SPDX-License-Identifier: Apache-2.0 */
/* Core 0's board: console, the NOR on the SPI bus, side 0 of the mailbox. */
#include "device/nor/nor.h"
#include "farflash/board.h"
#include "port/template/template.h"

static struct far_template_uart console;
static struct far_template_spi spi;
static struct far_nor nor;

int main(void);

/* A flash that does not answer leaves board.flash NULL, and the program says so. */
int main(void)
{
	struct far_board board;

	far_bare_board(&board);
	far_template_uart_init(&console, true);
	board.console = &console.uart.stream;
	far_template_spi_init(&spi, 33000000);
	if (far_nor_init(&nor, &spi.spi, board.clock) == FAR_OK)
		board.flash = &nor.flash;
	return far_app_main(&board);
}
