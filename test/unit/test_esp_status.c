/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash's status registers through the chip, on flashes that differ, and on a disturbed line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

enum { SIZE = 0x100000 };

static const char *const names[] = { "esp8266",  "esp32",   "esp32s2", "esp32s3",
				     "esp32c2",  "esp32c3", "esp32c5", "esp32c6",
				     "esp32c61", "esp32h2", "esp32p4" };

static void connected(struct rig *r, const char *chip)
{
	rig_open(r, chip, SIZE);
	assert_int_equal(far_esp_init(&r->esp, &r->config), FAR_OK);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
}

/* Off and on again: what was written for good is there still. */
static void power_cycle(struct rig *r)
{
	far_sim_esp_power(r->chip, r->clock.now_ns, false);
	far_sim_nor_power_cycle(r->nor);
	far_sim_esp_power(r->chip, r->clock.now_ns, true);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
}

static uint32_t status_of(struct rig *r, unsigned registers)
{
	uint32_t status = UINT32_MAX;

	assert_int_equal(far_esp_read_status(&r->esp, registers, &status), FAR_OK);
	return status;
}

static void test_every_chip(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct rig r;
		uint32_t three;

		connected(&r, names[i]);
		assert_int_equal(status_of(&r, 2), 0);
		three = status_of(&r, 3);
		/* Until the power goes. */
		assert_int_equal(far_esp_write_status(&r.esp, 2, 0x4200, 0), FAR_OK);
		assert_int_equal(status_of(&r, 2), 0x4200);
		assert_int_equal(status_of(&r, 1), 0);
		assert_int_equal(status_of(&r, 3), three | 0x4200);
		power_cycle(&r);
		assert_int_equal(status_of(&r, 2), 0);
		/* For good. */
		assert_int_equal(far_esp_write_status(&r.esp, 2, 0x0200, 1), FAR_OK);
		power_cycle(&r);
		assert_int_equal(status_of(&r, 2), 0x0200);
		/* The first alone leaves the second, on this flash. */
		assert_int_equal(far_esp_write_status(&r.esp, 1, 0x1C, 0), FAR_OK);
		assert_int_equal(status_of(&r, 2), 0x021C);
		assert_int_equal(far_esp_write_status(&r.esp, 3, three, 1), FAR_OK);
		assert_int_equal(status_of(&r, 3), three);
		assert_int_equal(r.esp.retries, 0);
		/* The loader has its controller back. */
		assert_int_equal(rig_replace(&r, 0x1000, (const uint8_t *)"12345678", 8, 0, 0),
				 FAR_OK);
		assert_memory_equal(rig_memory(&r) + 0x1000, "12345678", 8);
		rig_close(&r);
	}
}

/* Bits that it does not take are told, and it is not left write enabled. */
static void test_what_it_does_not_take(void **state)
{
	struct rig r;
	uint32_t status;

	(void)state;
	connected(&r, "esp32");
	assert_int_equal(far_esp_write_status(&r.esp, 1, 3, 0), FAR_OK);
	assert_int_equal(status_of(&r, 1), 0);
	assert_int_equal(far_esp_write_status(&r.esp, 3, 0x080000, 0), FAR_ERR_VERIFY);
	assert_int_equal(r.esp.flash.fault.err, FAR_ERR_VERIFY);
	assert_int_equal(r.esp.flash.fault.touched_len, 0);
	assert_int_equal(status_of(&r, 1) & 2, 0);
	/* Impossible ones. */
	assert_int_equal(far_esp_read_status(&r.esp, 0, &status), FAR_ERR_ARG);
	assert_int_equal(far_esp_read_status(&r.esp, 4, &status), FAR_ERR_ARG);
	assert_int_equal(far_esp_write_status(&r.esp, 0, 0, 0), FAR_ERR_ARG);
	assert_int_equal(far_esp_write_status(&r.esp, 4, 0, 0), FAR_ERR_ARG);
	assert_int_equal(far_esp_write_status(&r.esp, 1, 0x100, 0), FAR_ERR_ARG);
	assert_int_equal(far_esp_write_status(&r.esp, 3, 0x1000000, 0), FAR_ERR_ARG);
	rig_close(&r);
	rig_open_chip(&r, (struct far_sim_esp_config){ .chip = "esp32c3", .secure_download = true },
		      SIZE);
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_read_status(&r.esp, 1, &status), FAR_ERR_STATE);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_set_flash_size(&r.esp, SIZE), FAR_OK);
	assert_int_equal(far_esp_read_status(&r.esp, 1, &status), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_write_status(&r.esp, 1, 0, 0), FAR_ERR_NOTSUP);
	rig_close(&r);
}

/* Any command: identity, a read at an address, and those that are none. */
static void test_commands(void **state)
{
	struct far_esp_spi c = { .opcode = 0x9F, .in_bits = 24, .addr = FAR_ESP_NO_ADDR };
	struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		connected(&r, names[i]);
		assert_int_equal(rig_replace(&r, 0x1000, (const uint8_t *)"abcdefgh", 8, 0, 0),
				 FAR_OK);
		c = (struct far_esp_spi){ 0x9F, 0, 24, FAR_ESP_NO_ADDR, 0 };
		assert_int_equal(far_esp_flash_command(&r.esp, &c), FAR_OK);
		assert_int_equal(c.data & 0xFFFFFF, r.esp.flash_id);
		c = (struct far_esp_spi){ 0x03, 0, 32, 0x1002, 0 };
		assert_int_equal(far_esp_flash_command(&r.esp, &c), FAR_OK);
		assert_int_equal(c.data, 0x66656463);
		c = (struct far_esp_spi){ 0x03, 0, 33, 0x1002, 0 };
		assert_int_equal(far_esp_flash_command(&r.esp, &c), FAR_ERR_ARG);
		c = (struct far_esp_spi){ 0x03, 8, 8, 0x1002, 0 };
		assert_int_equal(far_esp_flash_command(&r.esp, &c), FAR_ERR_ARG);
		rig_close(&r);
	}
}

/* With one fault at every byte: what is read is right, or the call fails. */
static void test_faults(void **state)
{
	unsigned good = 0, all = 0;
	struct rig r;
	uint64_t bytes[2];

	(void)state;
	connected(&r, "esp32c6");
	assert_int_equal(far_esp_write_status(&r.esp, 2, 0x4200, 0), FAR_OK);
	rig_arm(&r, (struct rig_plan){ 0 });
	assert_int_equal(status_of(&r, 2), 0x4200);
	memcpy(bytes, r.plan.seen, sizeof(bytes));
	for (int dir = FAR_SIM_TO_CHIP; dir <= FAR_SIM_TO_HOST; dir++) {
		for (uint64_t at = 0; at < bytes[dir]; at++) {
			uint32_t status = 0;
			int rc;

			/*
			 * To the chip: answers alone are asked twice; a request may write anything.
			 */
			if (dir == FAR_SIM_TO_CHIP && at % 3 != 0)
				continue;
			rig_arm(&r,
				(struct rig_plan){ .fault = dir == FAR_SIM_TO_CHIP ? RIG_DROP
										   : RIG_CORRUPT,
						   .dir = (enum far_sim_dir)dir,
						   .at = at,
						   .flip = (uint8_t)(1u << at % 8) });
			rc = far_esp_read_status(&r.esp, 2, &status);
			if (rc == FAR_OK && dir == FAR_SIM_TO_HOST)
				assert_int_equal(status, 0x4200);
			good += rc == FAR_OK && dir == FAR_SIM_TO_HOST;
			all += dir == FAR_SIM_TO_HOST;
			/* A cut WRITE_REG may crash the chip: then there is an end, and a word. */
			assert_true(rc == FAR_OK || rc == FAR_ERR_TIMEOUT);
			rig_arm(&r, (struct rig_plan){ 0 });
			if (rc != FAR_OK || dir == FAR_SIM_TO_CHIP) {
				assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
				assert_int_equal(far_esp_write_status(&r.esp, 2, 0x4200, 0),
						 FAR_OK);
			}
		}
	}
	assert_int_equal(good, all);
	rig_close(&r);
}

/* The same by a stub, which goes on to write as before. */
static void test_by_stub(void **state)
{
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct rig r;

		rig_open_chip(&r, (struct far_sim_esp_config){ .chip = names[i], .any_stub = true },
			      SIZE);
		r.config.block = block;
		r.config.block_len = sizeof(block);
		assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &finder), FAR_OK);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(r.esp.loader, FAR_ESP_STUB);
		assert_int_equal(far_esp_write_status(&r.esp, 2, 0x4200, 1), FAR_OK);
		assert_int_equal(status_of(&r, 2), 0x4200);
		assert_int_equal(rig_replace(&r, 0x1000, (const uint8_t *)"12345678", 8, 0, 1),
				 FAR_OK);
		assert_memory_equal(rig_memory(&r) + 0x1000, "12345678", 8);
		rig_close(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_chip), cmocka_unit_test(test_what_it_does_not_take),
		cmocka_unit_test(test_commands),   cmocka_unit_test(test_faults),
		cmocka_unit_test(test_by_stub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
