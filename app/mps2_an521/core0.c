/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Core 0's board: UART0, side 0 of the mailbox, and a NOR that the board does not have: sim/nor
 * with the PSRAM's first 4 MiB as its cells, behind the driver that a real one has. It does what a
 * part does and no more, in the time that a part takes; what it holds lasts as long as the PSRAM's
 * contents.
 */
#include "device/nor/nor.h"
#include "farflash/board.h"
#include "port/mps2_an521/mps2_an521.h"
#include "sim/nor/nor.h"

#define NOR_SIZE 0x400000u

static struct far_mps2_an521_uart console;
static struct far_sim_spi spi;
static struct far_nor nor;

int main(void);

static struct far_flash *open_flash(struct far_clock *clock)
{
	const struct far_sim_nor_config config = {
		.size = NOR_SIZE,
		.memory = (uint8_t *)FAR_MPS2_AN521_PSRAM,
	};
	struct far_sim_nor *die = far_sim_nor_new(&config);

	if (die == NULL)
		return NULL;
	far_sim_spi_init(&spi, die, clock);
	return far_nor_init(&nor, &spi.spi, clock) == FAR_OK ? &nor.flash : NULL;
}

int main(void)
{
	struct far_board board;

	far_bare_board(&board);
	far_mps2_an521_uart_init(&console, true);
	board.console = &console.uart.stream;
	board.flash = open_flash(board.clock);
	return far_app_main(&board);
}
