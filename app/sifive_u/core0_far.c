/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hart 0's board, with another chip's flash as its own: a chip on UART1, behind its serial loader.
 * So whoever asks hart 0 for a flash, which hart 1 does by mailbox, is given one that neither hart
 * has.
 */
#include "device/esp/esp.h"
#include "farflash/board.h"
#include "port/sifive_u/sifive_u.h"

static struct far_sifive_u_uart console;
static struct far_sifive_u_target target;
static struct far_esp esp;
static uint8_t block[4096]; /* a sector: what one erase and one try at writing it take */

int main(void);

int main(void)
{
	struct far_board board;
	struct far_esp_config config = { .block = block, .block_len = sizeof(block) };

	far_bare_board(&board);
	config.clock = board.clock;
	far_sifive_u_uart_init(&console, 0, true);
	board.console = &console.uart.stream;
	far_sifive_u_target_init(&target, far_bare_lines());
	config.stream = target.stream;
	if (far_esp_init(&esp, &config) == FAR_OK && far_esp_connect(&esp) == FAR_OK)
		board.flash = &esp.flash;
	return far_app_main(&board);
}
