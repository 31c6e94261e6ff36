/* SPDX-License-Identifier: Apache-2.0 */
/* A chip behind its serial loader: its power fails, or the host's, in mid-stream. */
#include <string.h>

#include "device/esp/esp.h"
#include "sim/line/line.h"
#include "test/powerloss/runner.h"

static struct far_sim_clock the_clock;
static struct far_sim_nor *die;
static struct far_sim_esp *chip;
static struct far_sim_line line;
static struct far_esp esp;
static struct far_sim_fault *plan;
static uint8_t cells[POWERLOSS_SIZE], block[FAR_ESP_BLOCK_MAX];

/* The host is gone: its port with it. The chip goes on as it is. */
static void happened(void *ctx, enum far_sim_fault_kind kind)
{
	(void)ctx;
	if (kind == FAR_SIM_FAULT_VANISH)
		line.gone = true;
}

static void power_up(void)
{
	const struct far_sim_esp_config config = { .chip = "esp32", .nor = die };

	chip = far_sim_esp_new(&config);
	far_sim_line_init(&line, &the_clock, chip);
	line.tap = far_sim_line_fault_tap;
	line.tap_ctx = plan;
}

static void power_down(void)
{
	far_sim_line_free(&line);
	far_sim_esp_free(chip);
}

static void create(const uint8_t *contents, struct far_sim_fault *fault)
{
	const struct far_sim_nor_config config = { .size = sizeof(cells), .memory = cells };

	memcpy(cells, contents, sizeof(cells));
	plan = fault;
	far_sim_clock_init(&the_clock);
	die = far_sim_nor_new(&config);
	far_sim_nor_set_fault(die, plan);
	power_up();
}

static struct far_flash *boot(void)
{
	const struct far_esp_config config = { .stream = &line.stream,
					       .clock = &the_clock.clock,
					       .block = block,
					       .block_len = sizeof(block) };

	plan->happened = happened;
	line.gone = false;
	if (plan->off) {
		power_down();
		far_sim_nor_power_cycle(die);
		power_up();
	}
	far_sim_fault_restore(plan);
	line.stream.baud = 115200;
	/* The smallest part that the loader knows is larger than the runner's. */
	if (far_esp_init(&esp, &config) != FAR_OK || far_esp_connect(&esp) != FAR_OK ||
	    far_esp_set_flash_size(&esp, POWERLOSS_SIZE) != FAR_OK)
		return NULL;
	return &esp.flash;
}

static const uint8_t *memory(void)
{
	return cells;
}

static void destroy(void)
{
	power_down();
	far_sim_nor_free(die);
}

int main(int argc, char **argv)
{
	static const struct powerloss_world world = {
		.name = "esp32",
		.create = create,
		.boot = boot,
		.memory = memory,
		.destroy = destroy,
		.cuts = { { "cut=op:", 1 }, { "vanish=out:", 211 }, { "vanish=in:", 13 } },
		.rounds = 200,
	};

	return powerloss_main(argc, argv, &world);
}
