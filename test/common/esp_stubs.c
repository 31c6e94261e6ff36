/* SPDX-License-Identifier: Apache-2.0 */
#include "test/common/esp_stubs.h"

enum { TEXT = 0x1A00, DATA = 0xD4 };

/* Some of SLIP's special bytes in the first block, and two blocks in all. */
static const uint8_t text[TEXT] = { 0xC0, 0xDB, 0xDC, 0x12, [0x1800] = 0x34, 0xC0 };
static const uint8_t data[DATA] = { 0xDB, 0xDD, 0x56 };

#define STUB(text_at, data_at, bss_at)                                                             \
	{                                                                                          \
		{ text_at, TEXT, text }, { data_at, DATA, data }, bss_at, (text_at) + 0x104        \
	}

static const struct far_esp_stub stubs[FAR_ESP_CHIPS] = {
	[FAR_ESP_8266] = STUB(0x4010C500, 0x3FFFAE6C, 0x3FFE8100),
	[FAR_ESP_32] = STUB(0x400A8000, 0x3FFDED6C, 0x3FFCC000),
	[FAR_ESP_32S2] = STUB(0x40028000, 0x3FFE2DC0, 0x3FFD0000),
	[FAR_ESP_32S3] = STUB(0x40378000, 0x3FCB2DC0, 0x3FCA0000),
	[FAR_ESP_32C2] = STUB(0x40380000, 0x3FCB6D6C, 0x3FCA4000),
	[FAR_ESP_32C3] = STUB(0x40380000, 0x3FC96D68, 0x3FC84000),
	[FAR_ESP_32C5] = STUB(0x40800000, 0x40852F0C, 0x40840000),
	[FAR_ESP_32C6] = STUB(0x40800000, 0x40852F0C, 0x40840000),
	[FAR_ESP_32C61] = STUB(0x40800000, 0x40816D68, 0x40804000),
	[FAR_ESP_32H2] = STUB(0x40800000, 0x40842D68, 0x40830000),
	[FAR_ESP_32P4] = STUB(0x4FF50000, 0x4FF72DB8, 0x4FF60000),
};

const struct far_esp_stub *test_stub(enum far_esp_chip chip)
{
	return &stubs[chip];
}

const struct far_esp_stub *test_find_stub(void *ctx, enum far_esp_chip chip, uint32_t revision)
{
	(void)revision;
	if (ctx != NULL)
		(*(int *)ctx)++;
	return test_stub(chip);
}
