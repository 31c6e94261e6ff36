/* SPDX-License-Identifier: Apache-2.0 */
/* The chips, one row each. Register numbers: the chips' technical reference manuals. */
#include "device/esp/session.h"

enum {
	FULL = FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE |
	       FAR_FLASH_CAN_DEFLATE
};

/* Where a chip has no length registers, W1 and W2 stand in: it does not send them. */
static const struct far_esp_family old = {
	.reg = { 0x04, 0x1C, 0x20, 0x24, 0x44, 0x48, 0x40, 0x00 },
	.lengths_in_usr1 = 1,
	.addr_shift = 8,
	.begin_words = 4,
	.caps = FAR_FLASH_CAN_REPLACE,
	.block_max = 0x400,
	.old = &far_esp_old_ways,
};
static const struct far_esp_family first = {
	.reg = { 0x04, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x80, 0x00 },
	.addr_shift = 8,
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

/* One by one, so that a program links those that it names. */
const struct far_esp_row far_esp_esp8266 = { 0xFFF0C101, 0x60000200,   0x3FF00050,
					     &old,       FAR_ESP_8266, NO_IMAGE_ID,
					     0,          CLOCK_EXACT,  NULL };
const struct far_esp_row far_esp_esp32 = { 0x00F01D83, 0x3FF42000,     0x3FF5A004,
					   &first,     FAR_ESP_32,     0,
					   1,          CLOCK_MEASURED, far_esp_correct_rate };
const struct far_esp_row far_esp_esp32s2 = { 0x000007C6, 0x3F402000,   0x3F41A044,
					     &newer,     FAR_ESP_32S2, 2,
					     1,          CLOCK_EXACT,  NULL };
const struct far_esp_row far_esp_esp32s3 = { 0, 0x60002000, 0x60007044,  &newer, FAR_ESP_32S3,
					     9, 0,          CLOCK_EXACT, NULL };
const struct far_esp_row far_esp_esp32c2 = { 0,      0x60002000,   0x60008840,
					     &newer, FAR_ESP_32C2, 12,
					     0,      CLOCK_40,     far_esp_correct_rate };
const struct far_esp_row far_esp_esp32c3 = { 0, 0x60002000, 0x60008844,  &newer, FAR_ESP_32C3,
					     5, 0,          CLOCK_EXACT, NULL };
const struct far_esp_row far_esp_esp32c5 = { 0,      0x60003000,   0x600B4844,
					     &newer, FAR_ESP_32C5, 23,
					     2,      CLOCK_TOLD,   far_esp_correct_rate };
const struct far_esp_row far_esp_esp32c6 = { 0,  0x60003000, 0x600B0844,  &newer, FAR_ESP_32C6,
					     13, 0,          CLOCK_EXACT, NULL };
const struct far_esp_row far_esp_esp32c61 = { 0,  0x60003000, 0x600B4844,  &newer, FAR_ESP_32C61,
					      20, 0,          CLOCK_EXACT, NULL };
const struct far_esp_row far_esp_esp32h2 = { 0,  0x60003000, 0x600B0844,  &newer, FAR_ESP_32H2,
					     16, 0,          CLOCK_EXACT, NULL };
const struct far_esp_row far_esp_esp32p4 = { 0,  0x5008D000, 0x5012D044,  &newer, FAR_ESP_32P4,
					     18, 2,          CLOCK_EXACT, NULL };

/* In the order of enum far_esp_chip. */
const struct far_esp_row *const far_esp_all_chips[] = {
	&far_esp_esp8266,  &far_esp_esp32,   &far_esp_esp32s2, &far_esp_esp32s3,
	&far_esp_esp32c2,  &far_esp_esp32c3, &far_esp_esp32c5, &far_esp_esp32c6,
	&far_esp_esp32c61, &far_esp_esp32h2, &far_esp_esp32p4, NULL,
};

_Static_assert(sizeof(far_esp_all_chips) / sizeof(far_esp_all_chips[0]) == FAR_ESP_CHIPS,
	       "one row for each chip");

static const struct far_esp_row *row_of(enum far_esp_chip chip)
{
	unsigned index = (unsigned)chip - 1;

	return index < FAR_ESP_CHIPS ? far_esp_all_chips[index] : NULL;
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
	const struct far_esp_row *row = row_of(chip);

	return row != NULL ? (uint32_t)row->boot_sector * ESP_SECTOR : 0;
}

uint32_t far_esp_image_id(enum far_esp_chip chip)
{
	const struct far_esp_row *row = row_of(chip);

	return row != NULL && row->id != NO_IMAGE_ID ? row->id : FAR_ESP_NO_ID;
}
