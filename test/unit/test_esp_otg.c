/* SPDX-License-Identifier: Apache-2.0 */
/* Chips that are reached by their own USB-OTG, which loses blocks of more than 0x800 bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/ram.h"
#include "test/common/esp_rig.h"

enum { SIZE = 0x400000, LEN = 0x6123 };

/* The ROM's word for the port in use, and what it says over USB-OTG. */
static const struct {
	const char *name;
	uint32_t addr, value, ram;
} chips[] = {
	{ "esp32s2", 0x3FFFFD14, 2, 0x3FFE0000 },
	{ "esp32s3", 0x3FCEF14C, 3, 0x3FCA0000 },
	{ "esp32p4", 0x4FF3FEC8, 5, 0x4FF60000 },
};

static uint8_t image[LEN];

static void open_otg(struct rig *r, const char *name, uint32_t limit)
{
	rig_fill(image, sizeof(image), 17);
	rig_open_chip(r, (struct far_sim_esp_config){ .chip = name, .usb_otg = true }, SIZE);
	r->config.block_limit = limit;
	if (limit != 0)
		r->config.block_len = limit;
	assert_int_equal(far_esp_init(&r->esp, &r->config), FAR_OK);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
}

/* Everything that sends blocks, in both forms, to the flash and to the RAM. */
static void test_small_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
		const struct far_esp_segment segment = { chips[i].ram, 0x2004, image };
		uint32_t value = 0, last = 0;
		struct rig r;

		open_otg(&r, chips[i].name, FAR_ESP_OTG_BLOCK);
		assert_int_equal(far_esp_read_reg(&r.esp, chips[i].addr, &value), FAR_OK);
		assert_int_equal(value, chips[i].value);
		for (int packed = 0; packed < 2; packed++) {
			uint32_t at = 0x10000u << packed;

			assert_int_equal(rig_replace(&r, at, image, LEN, 0, packed), FAR_OK);
			assert_memory_equal(rig_memory(&r) + at, image, LEN);
		}
		assert_int_equal(far_flash_write(&r.esp.flash, 0x40010, image, 0x1000), FAR_OK);
		assert_memory_equal(rig_memory(&r) + 0x40010, image, 0x1000);
		assert_int_equal(far_esp_ram_write(&r.esp, &segment), FAR_OK);
		assert_int_equal(far_esp_read_reg(&r.esp, chips[i].ram + 0x2000, &last), FAR_OK);
		assert_memory_equal(&last, image + 0x2000, 4);
		assert_int_equal(r.esp.resyncs, 0);
		rig_close(&r);
	}
}

/* Blocks of the usual size get no answer there; each call ends, and nothing is in the flash. */
static void test_large_blocks_are_lost(void **state)
{
	const struct far_esp_segment segment = { 0x3FCA0000, 0x2000, image };
	struct rig r;

	(void)state;
	open_otg(&r, "esp32s3", 0);
	assert_int_not_equal(rig_replace(&r, 0x10000, image, LEN, 0, 0), FAR_OK);
	for (uint32_t i = 0; i < LEN; i++)
		assert_int_equal(rig_memory(&r)[0x10000 + i], 0xFF);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_not_equal(far_esp_ram_write(&r.esp, &segment), FAR_OK);
	rig_close(&r);
}

/* On a UART none of this shows: the word says another port, and blocks have their full size. */
static void test_uart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
		uint32_t value = 0;
		struct rig r;

		rig_open(&r, chips[i].name, SIZE);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(far_esp_read_reg(&r.esp, chips[i].addr, &value), FAR_OK);
		assert_int_not_equal(value, chips[i].value);
		assert_int_equal(rig_replace(&r, 0x10000, image, LEN, 0, 0), FAR_OK);
		assert_int_equal(r.esp.resyncs, 0);
		rig_close(&r);
	}
}

/* No other chip has such a port. */
static void test_who_has_one(void **state)
{
	(void)state;
	for (size_t i = 0; far_sim_esp_chip_name(i) != NULL; i++) {
		const char *name = far_sim_esp_chip_name(i);
		bool has = strcmp(name, "esp32s2") == 0 || strcmp(name, "esp32s3") == 0 ||
			   strncmp(name, "esp32p4", 7) == 0;

		assert_int_equal(far_sim_esp_can(name, FAR_SIM_ESP_USB_OTG), has);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_blocks),
		cmocka_unit_test(test_large_blocks_are_lost),
		cmocka_unit_test(test_uart),
		cmocka_unit_test(test_who_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
