/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reset by the chip's own watchdog: those that have one for it leave the loader, the others say
 * no.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

enum { SIZE = 0x100000 };

static int can(enum far_esp_chip chip)
{
	return chip == FAR_ESP_32S2 || chip == FAR_ESP_32S3 || chip == FAR_ESP_32C2 ||
	       chip == FAR_ESP_32C3 || chip == FAR_ESP_32C5 || chip == FAR_ESP_32P4;
}

static void open_chip(struct rig *r, enum far_esp_chip chip, struct far_sim_esp_config config)
{
	const char *from = far_esp_chip_name(chip);
	char name[16] = "";

	for (size_t n = 0; *from != '\0'; from++) {
		if (*from != '-')
			name[n++] = (char)tolower((unsigned char)*from);
	}
	config.chip = name;
	rig_open_chip(r, config, SIZE);
	assert_int_equal(far_esp_init(&r->esp, &r->config), FAR_OK);
}

/* The chip prints its banner again: a reset that the watchdog names. */
static int has_been_reset(struct rig *r)
{
	char heard[600] = "";
	size_t len = 0;
	int n;

	do {
		n = r->line.stream.ops->read(&r->line.stream, (uint8_t *)heard + len,
					     sizeof(heard) - 1 - len, 100);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && len < sizeof(heard) - 1);
	return strstr(heard, "rst:0x10") != NULL;
}

static void test_every_chip(void **state)
{
	(void)state;
	for (enum far_esp_chip chip = FAR_ESP_UNKNOWN + 1; chip < FAR_ESP_CHIPS; chip++) {
		struct rig r;

		open_chip(&r, chip, (struct far_sim_esp_config){ 0 });
		assert_int_equal(far_esp_watchdog_reset(&r.esp), FAR_ERR_STATE);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(far_esp_watchdog_reset(&r.esp),
				 can(chip) ? FAR_OK : FAR_ERR_NOTSUP);
		if (can(chip)) {
			/* With its crystal the ESP32-C2 prints at a rate that is not ours. */
			assert_true(has_been_reset(&r) || chip == FAR_ESP_32C2);
			assert_string_not_equal(far_sim_esp_mode(r.chip), "rom");
			assert_int_equal(far_esp_watchdog_reset(&r.esp), FAR_ERR_STATE);
		} else {
			assert_string_equal(far_sim_esp_mode(r.chip), "rom");
		}
		/* Connected again, or still. */
		if (can(chip))
			assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(rig_replace(&r, 0x1000, (const uint8_t *)"12345678", 8, 0, 0),
				 FAR_OK);
		rig_close(&r);
	}
}

static void test_by_stub(void **state)
{
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
	struct rig r;

	(void)state;
	open_chip(&r, FAR_ESP_32S3, (struct far_sim_esp_config){ .any_stub = true });
	r.config.block = block;
	r.config.block_len = sizeof(block);
	r.config.baud = 921600;
	assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &finder), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(r.esp.loader, FAR_ESP_STUB);
	assert_int_equal(far_esp_watchdog_reset(&r.esp), FAR_OK);
	r.clock.clock.ops->sleep_ms(&r.clock.clock, 100);
	(void)r.line.stream.ops->read(&r.line.stream, block, sizeof(block), 100);
	assert_string_not_equal(far_sim_esp_mode(r.chip), "stub");
	rig_close(&r);
}

static void test_secure_download(void **state)
{
	struct rig r;

	(void)state;
	open_chip(&r, FAR_ESP_32C3, (struct far_sim_esp_config){ .secure_download = true });
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_watchdog_reset(&r.esp), FAR_ERR_NOTSUP);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_chip),
		cmocka_unit_test(test_by_stub),
		cmocka_unit_test(test_secure_download),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
