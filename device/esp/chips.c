/* SPDX-License-Identifier: Apache-2.0 */
/* The chips, one row each. Register numbers: the chips' technical reference manuals. */
#include "device/esp/session.h"

enum {
	FULL = FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE |
	       FAR_FLASH_CAN_DEFLATE
};

/* Where a chip has no length registers, W1 and W2 stand in: it does not send them. */
static const struct far_esp_row rows[] = {
	{ .chip = FAR_ESP_8266,
	  .magic = 0xFFF0C101,
	  .bootloader = 0,
	  .mac = { 0x3FF00050, 0x3FF00054, 0x3FF0005C },
	  .spi = 0x60000200,
	  .reg = { 0x04, 0x1C, 0x20, 0x24, 0x44, 0x48, 0x40, 0x00 },
	  .lengths_in_usr1 = 1,
	  .addr_left = 1,
	  .begin_words = 4,
	  .caps = FAR_FLASH_CAN_REPLACE,
	  .block_max = 0x400 },
	{ .chip = FAR_ESP_32,
	  .magic = 0x00F01D83,
	  .bootloader = 0x1000,
	  .mac = { 0x3FF5A004, 0x3FF5A008 },
	  .spi = 0x3FF42000,
	  .reg = { 0x04, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x80, 0x00 },
	  .addr_left = 1,
	  .begin_words = 4,
	  .caps = FULL,
	  .block_max = FAR_ESP_BLOCK_MAX,
	  .clock = { 0x3FF40014, 0x3FF5F06C, 0x3FF5A010 } },
	{ .chip = FAR_ESP_32S2,
	  .magic = 0x000007C6,
	  .bootloader = 0x1000,
	  .mac = { 0x3F41A044, 0x3F41A048 },
	  .spi = 0x3F402000,
	  .reg = { 0x04, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x58, 0x00 },
	  .begin_words = 5,
	  .caps = FULL,
	  .block_max = FAR_ESP_BLOCK_MAX },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const struct far_esp_row *far_esp_row_by_magic(uint32_t magic)
{
	for (unsigned i = 0; i < ROWS; i++) {
		if (rows[i].magic == magic)
			return &rows[i];
	}
	return NULL;
}

const char *far_esp_chip_name(enum far_esp_chip chip)
{
	static const char *const names[] = { [FAR_ESP_UNKNOWN] = "unknown",
					     [FAR_ESP_8266] = "ESP8266",
					     [FAR_ESP_32] = "ESP32",
					     [FAR_ESP_32S2] = "ESP32-S2" };

	return names[chip < sizeof(names) / sizeof(names[0]) ? chip : FAR_ESP_UNKNOWN];
}

uint32_t far_esp_bootloader_offset(enum far_esp_chip chip)
{
	for (unsigned i = 0; i < ROWS; i++) {
		if (rows[i].chip == chip)
			return rows[i].bootloader;
	}
	return 0;
}
