/* SPDX-License-Identifier: Apache-2.0 */
/* Streams that the chip encrypts, by a stub: what the flash then holds, and when it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

#define MIB 0x100000u

static uint8_t image[0x6000];
static uint8_t back[0x6000];
static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
static int asked;
static const struct far_esp_stub_finder finder = { test_find_stub, &asked };

static void connect(struct rig *r)
{
	r->config.block = block;
	r->config.block_len = sizeof(block);
	assert_int_equal(far_esp_init_stub(&r->esp, &r->config, &finder), FAR_OK);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
	assert_int_equal(r->esp.loader, FAR_ESP_STUB);
}

static void encrypted_writes(const char *chip)
{
	struct far_sim_esp_config config = {
		.chip = chip, .flash_crypt_count = 1, .flash_key = 99, .any_stub = true
	};
	struct far_update_result result;
	struct rig r;

	rig_fill(image, sizeof(image), 9);
	rig_open_chip(&r, config, MIB);
	connect(&r);
	assert_int_equal(far_esp_set_encrypt(&r.esp, 1), FAR_OK);
	assert_int_equal(rig_update(&r, 0x2000, image, 0x5003, 1, &result), FAR_OK);
	assert_int_equal(result.verified, 0);
	memcpy(back, rig_memory(&r) + 0x2000, 0x5003);
	assert_memory_not_equal(back, image, 0x5003);
	far_sim_esp_crypt(r.chip, 0x2000, back, 0x5003);
	assert_memory_equal(back, image, 0x5003);
	assert_int_equal(far_flash_write(&r.esp.flash, 0x2000, image, 1), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_set_encrypt(&r.esp, 0), FAR_OK);
	assert_int_equal(rig_update(&r, 0x10000, image, 0x5003, 1, &result), FAR_OK);
	assert_int_equal(result.verified, 1);
	rig_close(&r);
}

/* The ESP32's cipher works in blocks of twice the others' size, and its ROM cannot encrypt. */
static void test_encrypted_writes(void **state)
{
	struct far_sim_esp_config config = { .chip = "esp32",
					     .flash_crypt_count = 3,
					     .any_stub = true };
	struct rig r;

	(void)state;
	encrypted_writes("esp32c6");
	encrypted_writes("esp32");
	rig_open_chip(&r, config, MIB);
	connect(&r);
	assert_int_equal(far_esp_set_encrypt(&r.esp, 1), FAR_ERR_STATE);
	assert_true((r.esp.flash.info.caps & FAR_FLASH_CAN_DIGEST) != 0);
	rig_close(&r);
}

/*
 * The fuse of an ESP32 with an even counter, one bit of one answer about it turned over: not
 * believed.
 */
static void test_damaged_counter(void **state)
{
	struct far_sim_esp_config config = { .chip = "esp32",
					     .flash_crypt_count = 3,
					     .any_stub = true };

	(void)state;
	for (unsigned at = 0; at < 40; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct rig_plan plan = { .fault = RIG_CORRUPT,
						 .dir = FAR_SIM_TO_HOST,
						 .at = at,
						 .flip = (uint8_t)(1u << bit) };
			struct rig r;

			rig_open_chip(&r, config, MIB);
			connect(&r);
			rig_arm(&r, plan);
			assert_int_not_equal(far_esp_set_encrypt(&r.esp, 1), FAR_OK);
			rig_close(&r);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encrypted_writes),
		cmocka_unit_test(test_damaged_counter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
