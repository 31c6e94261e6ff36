/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "test/powerloss/board.h"

struct far_sim_clock board_clock;
static struct far_sim_nor *die;
static struct far_sim_spi spi;
static struct far_nor nor;
static struct far_sim_fault *plan;
static uint8_t cells[POWERLOSS_SIZE];

void board_create(const uint8_t *contents, struct far_sim_fault *fault)
{
	const struct far_sim_nor_config config = { .size = sizeof(cells), .memory = cells };

	memcpy(cells, contents, sizeof(cells));
	plan = fault;
	far_sim_clock_init(&board_clock);
	die = far_sim_nor_new(&config);
	far_sim_nor_set_fault(die, plan);
	far_sim_spi_init(&spi, die, &board_clock.clock);
}

struct far_flash *board_boot(void)
{
	far_sim_fault_restore(plan);
	far_sim_nor_power_cycle(die);
	return far_nor_init(&nor, &spi.spi, &board_clock.clock) == FAR_OK ? &nor.flash : NULL;
}

const uint8_t *board_memory(void)
{
	return cells;
}

void board_destroy(void)
{
	far_sim_nor_free(die);
}
