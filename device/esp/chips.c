/* SPDX-License-Identifier: Apache-2.0 */
/* The chips, one row each. Register numbers: the chips' technical reference manuals. */
#include "device/esp/session.h"

enum {
	FULL = FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE |
	       FAR_FLASH_CAN_DEFLATE
};

/* Where a chip has no length registers, W1 and W2 stand in: it does not send them. */
static const struct far_esp_family esp8266 = {
	.reg = { 0x04, 0x1C, 0x20, 0x24, 0x44, 0x48, 0x40, 0x00 },
	.lengths_in_usr1 = 1,
	.addr_left = 1,
	.begin_words = 4,
	.caps = FAR_FLASH_CAN_REPLACE,
	.block_max = 0x400,
};
static const struct far_esp_family esp32 = {
	.reg = { 0x04, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x80, 0x00 },
	.addr_left = 1,
	.begin_words = 4,
	.caps = FULL,
	.block_max = FAR_ESP_BLOCK_MAX,
};
static const struct far_esp_family newer = {
	.reg = { 0x04, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x58, 0x00 },
	.begin_words = 5,
	.caps = FULL,
	.block_max = FAR_ESP_BLOCK_MAX,
};

/* In the order of enum far_esp_chip. */
static const struct far_esp_row rows[] = {
	{ 0x60000200, 0x3FF00050, &esp8266, FAR_ESP_8266, NO_IMAGE_ID, 0, CLOCK_EXACT },
	{ 0x3FF42000, 0x3FF5A004, &esp32, FAR_ESP_32, 0, 1, CLOCK_MEASURED },
	{ 0x3F402000, 0x3F41A044, &newer, FAR_ESP_32S2, 2, 1, CLOCK_EXACT },
	{ 0x60002000, 0x60007044, &newer, FAR_ESP_32S3, 9, 0, CLOCK_EXACT },
	{ 0x60002000, 0x60008840, &newer, FAR_ESP_32C2, 12, 0, CLOCK_40 },
	{ 0x60002000, 0x60008844, &newer, FAR_ESP_32C3, 5, 0, CLOCK_EXACT },
	{ 0x60003000, 0x600B4844, &newer, FAR_ESP_32C5, 23, 2, CLOCK_TOLD },
	{ 0x60003000, 0x600B0844, &newer, FAR_ESP_32C6, 13, 0, CLOCK_EXACT },
	{ 0x60003000, 0x600B4844, &newer, FAR_ESP_32C61, 20, 0, CLOCK_EXACT },
	{ 0x60003000, 0x600B0844, &newer, FAR_ESP_32H2, 16, 0, CLOCK_EXACT },
	{ 0x5008D000, 0x5012D044, &newer, FAR_ESP_32P4, 18, 2, CLOCK_EXACT },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

_Static_assert((int)ROWS + 1 == (int)FAR_ESP_CHIPS, "one row for each chip");

/*
 * Of the chips that tell no id. The words of the others change with every revision of their ROMs.
 */
const struct far_esp_row *far_esp_row_by_magic(uint32_t magic)
{
	static const uint32_t known[] = { 0xFFF0C101, 0x00F01D83, 0x000007C6 };
	unsigned i = 0;

	while (i < 3 && known[i] != magic)
		i++;
	return i < 3 ? &rows[i] : NULL;
}

/* The first two chips have no command that tells it. */
const struct far_esp_row *far_esp_row_by_id(uint32_t id)
{
	for (unsigned i = FAR_ESP_32S2 - 1; i < ROWS; i++) {
		if (rows[i].id == id)
			return &rows[i];
	}
	return NULL;
}

const struct far_esp_row *far_esp_row_of(enum far_esp_chip chip)
{
	unsigned index = (unsigned)chip - 1;

	return index < ROWS ? &rows[index] : NULL;
}

const char *far_esp_chip_name(enum far_esp_chip chip)
{
	static const char *const names[FAR_ESP_CHIPS] = {
		[FAR_ESP_UNKNOWN] = "unknown", [FAR_ESP_8266] = "ESP8266",
		[FAR_ESP_32] = "ESP32",        [FAR_ESP_32S2] = "ESP32-S2",
		[FAR_ESP_32S3] = "ESP32-S3",   [FAR_ESP_32C2] = "ESP32-C2",
		[FAR_ESP_32C3] = "ESP32-C3",   [FAR_ESP_32C5] = "ESP32-C5",
		[FAR_ESP_32C6] = "ESP32-C6",   [FAR_ESP_32C61] = "ESP32-C61",
		[FAR_ESP_32H2] = "ESP32-H2",   [FAR_ESP_32P4] = "ESP32-P4"
	};

	return names[(unsigned)chip < FAR_ESP_CHIPS ? chip : FAR_ESP_UNKNOWN];
}

uint32_t far_esp_bootloader_offset(enum far_esp_chip chip)
{
	const struct far_esp_row *row = far_esp_row_of(chip);

	return row != NULL ? (uint32_t)row->boot_sector * ESP_SECTOR : 0;
}

uint32_t far_esp_image_id(enum far_esp_chip chip)
{
	const struct far_esp_row *row = far_esp_row_of(chip);

	return row != NULL && row->id != NO_IMAGE_ID ? row->id : FAR_ESP_NO_ID;
}
