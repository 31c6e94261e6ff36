/* SPDX-License-Identifier: Apache-2.0 */
/* The rows for device/esp: chips behind their serial loaders, on a virtual line. */
#include <stdlib.h>

#include "device/esp/stub.h"
#include "sim/clock/clock.h"
#include "sim/esp/esp.h"
#include "sim/line/line.h"
#include "sim/nor/nor.h"
#include "test/common/esp_stubs.h"
#include "test/contract/contract.h"

#define FLASH_SIZE 0x100000u
#define FIRST_BAUD 115200u

struct esp_world {
	struct ct_world world; /* first */
	struct far_sim_clock clock;
	struct far_sim_nor *die;
	struct far_sim_esp *chip;
	struct far_sim_line line;
	struct far_esp esp;
	uint8_t block[FAR_ESP_BLOCK_MAX];
	uint32_t bytes_left; /* bytes to the chip until the line is gone */
	bool cut;
};

static struct esp_world *of_world(struct ct_world *w)
{
	return (struct esp_world *)(void *)w;
}

/* The cable is pulled in the middle of a byte: that byte and all behind it are lost. */
static size_t tap(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t *out, uint64_t *delay_ns)
{
	struct esp_world *e = ctx;

	(void)delay_ns;
	if (dir == FAR_SIM_TO_CHIP && e->cut && e->bytes_left-- == 0)
		e->line.gone = true;
	if (e->line.gone)
		return 0;
	out[0] = in;
	return 1;
}

static struct ct_world *make(const struct ct_backend *backend, const char *chip_name, bool stub)
{
	const struct far_sim_nor_config die_config = { .size = FLASH_SIZE };
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	struct far_sim_esp_config chip_config = { .chip = chip_name, .any_stub = stub };
	struct far_esp_config config = { .block_len = stub ? 0x1000 : FAR_ESP_BLOCK_MAX };
	struct esp_world *e = calloc(1, sizeof(*e));

	if (e == NULL)
		abort();
	far_sim_clock_init(&e->clock);
	e->die = far_sim_nor_new(&die_config);
	chip_config.nor = e->die;
	e->chip = far_sim_esp_new(&chip_config);
	if (e->die == NULL || e->chip == NULL ||
	    far_sim_line_init(&e->line, &e->clock, e->chip) != FAR_OK)
		abort();
	e->line.tap = tap;
	e->line.tap_ctx = e;
	config.stream = &e->line.stream;
	config.clock = &e->clock.clock;
	config.block = e->block;
	if ((stub ? far_esp_init_stub(&e->esp, &config, &finder)
		  : far_esp_init(&e->esp, &config)) != FAR_OK ||
	    far_esp_connect(&e->esp) != FAR_OK)
		abort();
	if (e->esp.flash.info.size == 0 && far_esp_set_flash_size(&e->esp, FLASH_SIZE) != FAR_OK)
		abort();
	e->world.backend = backend;
	e->world.flash = &e->esp.flash;
	e->world.memory = far_sim_nor_memory(e->die);
	e->world.base = backend->base;
	return &e->world;
}

static struct ct_world *make_esp8266(void)
{
	return make(&ct_esp8266, "esp8266", false);
}

static struct ct_world *make_esp32(void)
{
	return make(&ct_esp32, "esp32", false);
}

static struct ct_world *make_esp32s2(void)
{
	return make(&ct_esp32s2, "esp32s2", false);
}

static struct ct_world *make_esp32_stub(void)
{
	return make(&ct_esp32_stub, "esp32", true);
}

static void esp_free(struct ct_world *w)
{
	struct esp_world *e = of_world(w);

	far_sim_line_free(&e->line);
	far_sim_esp_free(e->chip);
	far_sim_nor_free(e->die);
	free(e);
}

static uint32_t esp_traffic(struct ct_world *w)
{
	return (uint32_t)of_world(w)->line.counts.to_chip;
}

static void esp_cut(struct ct_world *w, uint32_t after)
{
	of_world(w)->cut = true;
	of_world(w)->bytes_left = after;
}

/* Plug it in again: the chip is reset and a new session begins. */
static int esp_mend(struct ct_world *w)
{
	struct esp_world *e = of_world(w);
	int rc;

	e->cut = false;
	e->line.gone = false;
	rc = e->line.stream.ops->set_baud(&e->line.stream, FIRST_BAUD);
	if (rc == FAR_OK)
		rc = far_esp_connect(&e->esp);
	if (rc == FAR_OK && e->esp.flash.info.size == 0)
		rc = far_esp_set_flash_size(&e->esp, FLASH_SIZE);
	return rc;
}

#define ROW(chip)                                                                                  \
	{                                                                                          \
		.name = #chip, .make = make_##chip, .free = esp_free, .traffic = esp_traffic,      \
		.cut = esp_cut, .mend = esp_mend, .base = 0x10000                                  \
	}

const struct ct_backend ct_esp8266 = ROW(esp8266);
const struct ct_backend ct_esp32 = ROW(esp32);
const struct ct_backend ct_esp32s2 = ROW(esp32s2);
const struct ct_backend ct_esp32_stub = ROW(esp32_stub);
