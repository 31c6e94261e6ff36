/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of waist 2 fails, one after the other, once and from then on, under every service that
 * works on a flash of this board or of another core: see waist.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "service/esp_image/esp_image.h"
#include "service/partition_table/partition_table.h"
#include "service/spiffs/spiffs.h"
#include "service/update/update.h"
#include "test/common/esp_image_rig.h"
#include "test/common/spiffs_image.h"
#include "test/unit/waist.h"

enum { TABLE = 0x8000, FILES = 0x10000, IMAGE = 0x30000, LEN = WAIST_SECTOR + 500 };

static struct spiffs_image files;
static uint8_t wanted[LEN], text[100];
static struct far_update_result result;

/* ---- what is in the flash -------------------------------------------------------------------- */

static void put_table(uint8_t *cells)
{
	struct far_partition_entry entries[2] = {
		{ .label = "nvs", .type = 1, .subtype = 2, .addr = 0x9000, .size = 0x6000 },
		{ .label = "app", .type = 0, .subtype = 0, .addr = 0x10000, .size = 0x20000 },
	};
	struct far_partition_table t;

	far_partition_table_init(&t, entries, 2);
	t.count = 2;
	assert_int_equal(far_partition_table_put(&t, cells + TABLE, 1), FAR_OK);
}

static void fill(uint8_t *cells)
{
	const uint32_t pages[] = { 3 };

	put_table(cells);
	memset(text, 'x', sizeof(text));
	spiffs_image_open(&files, 4);
	spiffs_image_head(&files, 2, 1, "/a", sizeof(text), pages, 1);
	spiffs_image_data(&files, 3, 1, 0, text, sizeof(text));
	memcpy(cells + FILES, files.bytes, files.len);
	memcpy(cells + IMAGE, image_esp32, IMAGE_ESP32_LEN);
	/* The update finds its first sector right, and the rest to be written. */
	for (uint32_t i = 0; i < LEN; i++)
		wanted[i] = (uint8_t)(i * 7);
	memcpy(cells + WAIST_AT, wanted, WAIST_SECTOR);
}

/* ---- services -------------------------------------------------------------------------------- */

static int read_wanted(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	(void)ctx;
	memcpy(buf, wanted + offset, len);
	return FAR_OK;
}

static struct far_update_config job_of(struct far_flash *f)
{
	static uint8_t work[WAIST_SECTOR];

	return (struct far_update_config){ .flash = f,
					   .addr = WAIST_AT,
					   .len = LEN,
					   .read = read_wanted,
					   .work = work,
					   .work_len = sizeof(work),
					   .diff = 1 };
}

static int call_update(struct far_flash *f)
{
	const struct far_update_config job = job_of(f);
	int rc = far_update_run(&job, &result);

	if (rc == FAR_OK) {
		assert_true(result.verified);
		assert_memory_equal(waist_cells + WAIST_AT, wanted, LEN);
	} else {
		assert_false(result.verified);
	}
	return rc;
}

/* It differs, and that is no failure of the flash. */
static int call_verify(struct far_flash *f)
{
	const struct far_update_config job = job_of(f);
	int rc = far_update_verify(&job, &result);

	assert_true(rc != FAR_OK);
	if (rc == FAR_ERR_VERIFY)
		assert_int_equal(result.first_bad, WAIST_AT + WAIST_SECTOR);
	return rc == FAR_ERR_VERIFY ? FAR_OK : rc;
}

static int call_spiffs(struct far_flash *f)
{
	const struct far_spiffs_config config = { .flash = f, .addr = FILES, .len = files.len };
	struct far_spiffs fs;
	struct far_spiffs_file file;
	uint8_t cache[64], got[sizeof(text) + 1];
	int rc = far_spiffs_mount(&fs, &config);

	if (rc == FAR_OK)
		rc = far_spiffs_open(&fs, &file, "/a", cache, sizeof(cache));
	if (rc == FAR_OK)
		rc = (int)far_spiffs_read(&file, got, sizeof(got));
	if (rc < 0)
		return rc;
	assert_int_equal(rc, sizeof(text));
	assert_memory_equal(got, text, sizeof(text));
	return FAR_OK;
}

static int call_table(struct far_flash *f)
{
	struct far_partition_entry entries[4];
	struct far_partition_table t;
	int rc;

	far_partition_table_init(&t, entries, 4);
	rc = far_partition_table_read(&t, f, TABLE);
	if (rc == FAR_OK)
		assert_true(t.count == 2 && strcmp(entries[1].label, "app") == 0);
	else
		assert_int_equal(t.problem.kind, FAR_PARTITION_FINE);
	return rc;
}

static int call_image(struct far_flash *f)
{
	struct far_esp_image_in_flash place = { f, IMAGE };
	uint8_t work[FAR_ESP_IMAGE_WORK_MIN];
	const struct far_esp_image_source source = { far_esp_image_read_flash, &place, 0x1000, work,
						     sizeof(work) };
	struct far_esp_image image;
	int rc = far_esp_image_read(&image, &source, NULL);

	if (rc == FAR_OK)
		assert_int_equal(image.len, IMAGE_ESP32_LEN);
	return rc;
}

static const struct waist_call calls[] = {
	{ "update", call_update, &result.touched_addr, &result.touched_len },
	{ "verify", call_verify, NULL, NULL },
	{ "spiffs", call_spiffs, NULL, NULL },
	{ "partition table", call_table, NULL, NULL },
	{ "image", call_image, NULL, NULL },
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static void on_a_nor_part(void **state)
{
	(void)state;
	waist_sweep(&waist_nor, calls, CALLS, 1);
}

static void on_another_cores_flash(void **state)
{
	(void)state;
	waist_sweep(&waist_mailbox, calls, CALLS, 1);
}

/* What has no replace: only the update does anything else there. */
static void on_another_cores_flash_inline(void **state)
{
	(void)state;
	waist_sweep(&waist_mailbox_inline, calls, 1, 1);
}

/* All that a chip's line carries for them is much: a part of it. */
static void on_a_chip(void **state)
{
	(void)state;
	waist_sweep(&waist_esp32, calls, CALLS, 17);
}

static int use_fill(void **state)
{
	(void)state;
	waist_fill = fill;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_nor_part),
		cmocka_unit_test(on_another_cores_flash),
		cmocka_unit_test(on_another_cores_flash_inline),
		cmocka_unit_test(on_a_chip),
	};

	return cmocka_run_group_tests(tests, use_fill, NULL);
}
