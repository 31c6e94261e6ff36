/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of waist 2 fails, one after the other, once and from then on, under every public call
 * of a flash: see waist.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/esp.h"
#include "test/unit/waist.h"

enum { LEN = 700 };

static uint8_t data[LEN];

static int call_read(struct far_flash *f)
{
	uint8_t got[LEN];
	int rc = far_flash_read(f, WAIST_AT - 100, got, LEN);

	if (rc == FAR_OK)
		assert_memory_equal(got, waist_cells + WAIST_AT - 100, LEN);
	return rc;
}

static int call_write(struct far_flash *f)
{
	int rc = far_flash_write(f, WAIST_AT, data, LEN);

	if (rc == FAR_OK)
		assert_memory_equal(waist_cells + WAIST_AT, data, LEN);
	return rc;
}

static int call_erase(struct far_flash *f)
{
	int rc = far_flash_erase(f, WAIST_AT + WAIST_SECTOR, 2 * WAIST_SECTOR);

	for (uint32_t i = 0; rc == FAR_OK && i < 2 * WAIST_SECTOR; i++)
		assert_int_equal(waist_cells[WAIST_AT + WAIST_SECTOR + i], 0xff);
	return rc;
}

static int call_digest(struct far_flash *f)
{
	uint8_t md5[FAR_MD5_LEN];

	return far_flash_digest(f, WAIST_AT, 3000, md5);
}

static int call_replace(struct far_flash *f)
{
	int rc = far_flash_replace_begin(f, WAIST_AT + WAIST_SECTOR, LEN, 0);

	if (rc == FAR_OK)
		rc = far_flash_replace_write(f, data, 300);
	if (rc == FAR_OK)
		rc = far_flash_replace_write(f, data + 300, LEN - 300);
	if (rc == FAR_OK)
		rc = far_flash_replace_end(f);
	if (rc == FAR_OK)
		assert_memory_equal(waist_cells + WAIST_AT + WAIST_SECTOR, data, LEN);
	return rc;
}

static int call_sync(struct far_flash *f)
{
	return far_flash_sync(f);
}

static struct far_esp *session_of(struct far_flash *f)
{
	return (struct far_esp *)(void *)((uint8_t *)f - offsetof(struct far_esp, flash));
}

static int call_set_baud(struct far_flash *f)
{
	return far_esp_set_baud(session_of(f), 460800);
}

static int call_read_mac(struct far_flash *f)
{
	uint8_t mac[6];

	return far_esp_read_mac(session_of(f), mac);
}

static int call_leave(struct far_flash *f)
{
	return far_esp_leave(session_of(f));
}

static const struct waist_call calls[] = {
	{ .name = "open" },
	{ .name = "read", .make = call_read },
	{ .name = "write", .make = call_write },
	{ .name = "erase", .make = call_erase },
	{ .name = "digest", .make = call_digest },
	{ .name = "replace", .make = call_replace },
	{ .name = "sync", .make = call_sync },
	{ .name = "set_baud", .make = call_set_baud },
	{ .name = "read_mac", .make = call_read_mac },
	{ .name = "leave", .make = call_leave },
};

enum { CALLS_OF_ANY_FLASH = 7, CALLS_OF_ESP = 10 };

static void spi_under_nor(void **state)
{
	(void)state;
	waist_sweep(&waist_nor, calls, CALLS_OF_ANY_FLASH, 1);
}

static void stream_under_esp(void **state)
{
	(void)state;
	waist_sweep(&waist_esp32, calls, CALLS_OF_ESP, 1);
}

/* This one can neither be read nor asked for a digest. */
static void stream_under_esp8266(void **state)
{
	static const struct waist_call able[] = {
		{ .name = "open" },
		{ .name = "write", .make = call_write },
		{ .name = "erase", .make = call_erase },
		{ .name = "replace", .make = call_replace },
		{ .name = "read_mac", .make = call_read_mac },
		{ .name = "leave", .make = call_leave },
	};
	(void)state;

	waist_sweep(&waist_esp8266, able, sizeof(able) / sizeof(able[0]), 61);
}

static void stream_under_a_stub(void **state)
{
	(void)state;
	waist_sweep(&waist_stub, calls, CALLS_OF_ESP, 17);
}

static void doorbell_under_mailbox(void **state)
{
	(void)state;
	waist_sweep(&waist_mailbox, calls, CALLS_OF_ANY_FLASH, 1);
}

static int make_data(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < LEN; i++)
		data[i] = (uint8_t)(i * 7);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spi_under_nor),          cmocka_unit_test(stream_under_esp),
		cmocka_unit_test(stream_under_esp8266),   cmocka_unit_test(stream_under_a_stub),
		cmocka_unit_test(doorbell_under_mailbox),
	};

	return cmocka_run_group_tests(tests, make_data, NULL);
}
