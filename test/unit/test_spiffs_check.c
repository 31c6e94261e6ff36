/* SPDX-License-Identifier: Apache-2.0 */
/* service/spiffs/check: each finding, where it is, and that nothing else is found; counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "service/spiffs/check.h"
#include "test/common/spiffs_image.h"

#define ADDR 0x4000u

static struct spiffs_image image;
static struct spiffs_flash flash;
static struct far_spiffs fs;
static struct far_spiffs_counts counts;
static uint8_t work[FAR_SPIFFS_CHECK_WORK], cache[64];

/* What was reported, in order. */
static struct far_spiffs_finding found[40];
static uint32_t found_count;

static void report(void *ctx, const struct far_spiffs_finding *f)
{
	assert_ptr_equal(ctx, &found);
	assert_true(found_count < sizeof(found) / sizeof(found[0]));
	found[found_count++] = *f;
}

static struct far_spiffs_check_config config = { .report = report,
						 .ctx = &found,
						 .work = work,
						 .work_len = sizeof(work),
						 .cache = cache,
						 .cache_len = sizeof(cache) };

static void mount(void)
{
	const struct far_spiffs_config c = { .flash = &flash.flash,
					     .addr = ADDR,
					     .len = image.len };

	spiffs_flash_open(&flash, image.bytes, image.len, ADDR);
	assert_int_equal(far_spiffs_mount(&fs, &c), FAR_OK);
	found_count = 0;
}

static int check(void)
{
	int rc;

	mount();
	rc = far_spiffs_check(&fs, &config, &counts);
	assert_int_equal(found_count, counts.traces + counts.damages);
	assert_int_equal(counts.pages,
			 counts.free + counts.deleted + counts.index + counts.data + counts.half);
	assert_int_equal(rc, counts.damages > 0 ? FAR_ERR_VERIFY : FAR_OK);
	return rc;
}

/* /a with two pages, /b empty; blocks 2 and 3 have nothing. */
static void sound(void)
{
	spiffs_image_open(&image, 4);
	spiffs_image_head(&image, 1, 1, "/a", 300, (const uint32_t[]){ 2, 17 }, 2);
	spiffs_image_data(&image, 2, 1, 0, "x", 1);
	spiffs_image_data(&image, 17, 1, 1, "y", 1);
	spiffs_image_head(&image, 3, 2, "/b", 0, NULL, 0);
}

/* Just this was found. */
static void only(enum far_spiffs_trouble trouble, uint32_t page, uint32_t id, uint32_t span,
		 uint32_t lost)
{
	check();
	assert_int_equal(found_count, 1);
	assert_int_equal(found[0].trouble, trouble);
	assert_int_equal(found[0].page, page);
	assert_int_equal(found[0].id, id);
	assert_int_equal(found[0].span, span);
	assert_int_equal(found[0].lost, lost);
	assert_int_equal(counts.damages, trouble >= FAR_SPIFFS_DAMAGE);
}

static void nothing_wrong(void **state)
{
	(void)state;
	sound();
	assert_int_equal(check(), FAR_OK);
	assert_int_equal(found_count, 0);
	assert_int_equal(counts.files, 2);
	assert_int_equal(counts.bytes, 300);
	assert_int_equal(counts.pages, 60);
	assert_int_equal(counts.index, 2);
	assert_int_equal(counts.data, 2);
	assert_int_equal(counts.free, 56);
	/* A file that was deleted is nothing wrong. */
	spiffs_image_delete(&image, 3);
	assert_int_equal(check(), FAR_OK);
	assert_int_equal(found_count, 0);
	assert_int_equal(counts.deleted, 1);
	/* Nor is a page whose look-up was deleted, and the power failed then. */
	memset(spiffs_image_lookup(&image, 5), 0, 2);
	assert_int_equal(check(), FAR_OK);
	assert_int_equal(found_count, 0);
}

static void traces(void **state)
{
	uint8_t *p;

	(void)state;
	sound();
	image.bytes[3 * 4096 + 252] ^= 1;
	only(FAR_SPIFFS_NO_MAGIC, 48, 0, 0, 0);
	assert_int_equal(counts.deleted, 15);

	sound(); /* look-up only; then a page without its last bit; one that is half deleted */
	memset(spiffs_image_lookup(&image, 20), 1, 1);
	memset(spiffs_image_lookup(&image, 20) + 1, 0, 1);
	only(FAR_SPIFFS_PAGE_HALF, 20, 1, 0, 0);
	spiffs_image_header(&image, 20, 1, 2, 0xFE);
	only(FAR_SPIFFS_PAGE_HALF, 20, 1, 0, 0);
	spiffs_image_header(&image, 20, 1, 2, 0x7C);
	only(FAR_SPIFFS_PAGE_HALF, 20, 1, 0, 0);

	sound();
	memset(spiffs_image_page(&image, 3) + 8, 0xFF, 4);
	only(FAR_SPIFFS_FILE_UNFINISHED, 3, 2, 0, 0);
	assert_int_equal(counts.files, 2);

	sound();
	p = spiffs_image_page(&image, 3);
	p[4] &= 0xBF;
	only(FAR_SPIFFS_FILE_DELETING, 3, 2, 0, 0);
	assert_int_equal(counts.files, 1);

	sound();
	spiffs_image_head(&image, 40, 2, "/c", 5, NULL, 0);
	only(FAR_SPIFFS_FILE_TWICE, 40, 2, 0, 0);

	sound(); /* moved, and the index not yet written */
	spiffs_image_data(&image, 33, 1, 1, "y", 1);
	spiffs_image_delete(&image, 17);
	only(FAR_SPIFFS_PAGE_MOVED, 33, 1, 1, 0);

	sound(); /* written, and the index not yet */
	spiffs_image_data(&image, 33, 1, 2, "z", 1);
	only(FAR_SPIFFS_PAGE_ORPHAN, 33, 1, 2, 0);
	spiffs_image_header(&image, 33, 9 | 0x8000, 1, SPIFFS_INDEX);
	only(FAR_SPIFFS_PAGE_ORPHAN, 33, 9, 1, 0);
}

static void damage(void **state)
{
	(void)state;
	sound();
	spiffs_image_lookup(&image, 2)[0] = 3; /* the file finds its page all the same */
	only(FAR_SPIFFS_CONTRADICTION, 2, 3, 0, 0);
	sound();
	spiffs_image_header(&image, 34, 1, 7, SPIFFS_INDEX);
	only(FAR_SPIFFS_CONTRADICTION, 34, 1, 7, 0);

	for (uint32_t at = 0; at < 256; at += 51) {
		sound();
		spiffs_image_page(&image, 63)[at] = 0xFE;
		only(FAR_SPIFFS_NOT_BLANK, 63, 0, 0, 0);
	}

	sound();
	spiffs_image_page(&image, 3)[13] = 0;
	only(FAR_SPIFFS_BAD_NAME, 3, 2, 0, 0);
	sound();
	memset(spiffs_image_page(&image, 3) + 13, 'n', 32);
	only(FAR_SPIFFS_BAD_NAME, 3, 2, 0, 0);

	sound();
	spiffs_image_page(&image, 3)[11] = 1;
	only(FAR_SPIFFS_BAD_SIZE, 3, 2, 0, 0);

	sound();
	memset(spiffs_image_page(&image, 17), 0xFF, 256);
	memset(spiffs_image_lookup(&image, 17), 0xFF, 2);
	only(FAR_SPIFFS_DATA_LOST, 1, 1, 1, 1);
}

/* More than fit: all lost from the second on; and an index page that is nowhere. */
static void large_files(void **state)
{
	uint32_t table[103];

	(void)state;
	spiffs_image_open(&image, 9);
	for (uint32_t i = 0; i < 103; i++)
		table[i] = 0xFFFF;
	table[0] = 2;
	spiffs_image_head(&image, 1, 1, "/a", 103 * 251, table, 103);
	spiffs_image_data(&image, 2, 1, 0, "x", 1);
	only(FAR_SPIFFS_DATA_LOST, 1, 1, 1, 102);

	spiffs_image_delete(&image, 2);
	for (uint32_t i = 0, page = 3; i < 103; page++)
		if (page % 16 != 0) {
			spiffs_image_data(&image, page, 1, i, "x", 1);
			table[i++] = page;
		}
	spiffs_image_head(&image, 1, 1, "/a", 103 * 251 + 1, table, 103);
	only(FAR_SPIFFS_INDEX_LOST, 1, 1, 1, 0);
}

static int stop_at;

static int stop(void *ctx)
{
	(void)ctx;
	return --stop_at == 0;
}

static void arguments_and_failures(void **state)
{
	struct far_spiffs_check_config c = config;

	(void)state;
	sound();
	mount();
	c.work_len = 64 / 8;
	assert_int_equal(far_spiffs_check(&fs, &c, &counts), FAR_ERR_ARG);
	c.work_len = 64 / 8 + 1; /* then heads of one id are not told apart */
	c.report = NULL;
	assert_int_equal(far_spiffs_check(&fs, &c, &counts), FAR_OK);
	c.cache_len = 1;
	assert_int_equal(far_spiffs_check(&fs, &c, &counts), FAR_ERR_ARG);
	c = config;
	c.work = NULL;
	assert_int_equal(far_spiffs_check(&fs, &c, &counts), FAR_ERR_ARG);

	c = config;
	c.progress = stop;
	for (int n = 1; n <= 6; n++) { /* two files, four blocks */
		stop_at = n;
		assert_int_equal(far_spiffs_check(&fs, &c, &counts), FAR_ERR_CANCELLED);
	}
	stop_at = 7;
	assert_int_equal(far_spiffs_check(&fs, &c, &counts), FAR_OK);

	for (uint64_t n = 1;; n++) {
		int rc;

		flash.reads = 0;
		flash.fail_at = n;
		rc = far_spiffs_check(&fs, &config, &counts);
		assert_true(rc == FAR_ERR_TIMEOUT || flash.reads < n);
		if (flash.reads < n)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_wrong),
		cmocka_unit_test(traces),
		cmocka_unit_test(damage),
		cmocka_unit_test(large_files),
		cmocka_unit_test(arguments_and_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
