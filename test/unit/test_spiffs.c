/* SPDX-License-Identifier: Apache-2.0 */
/* service/spiffs reads what the format says: images made by hand, every call, every argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "service/spiffs/spiffs.h"
#include "test/common/spiffs_image.h"

#define ADDR     0x11000u /* where the image is in the flash */
#define PER_PAGE 251u

static struct spiffs_image image;
static struct spiffs_flash flash;
static struct far_spiffs fs;
static struct far_spiffs_file file;
static uint8_t cache[248];

static int mount_with(const struct far_spiffs_params *params)
{
	struct far_spiffs_config config = { .flash = &flash.flash, .addr = ADDR };

	spiffs_flash_open(&flash, image.bytes, image.len, ADDR);
	config.len = image.len;
	if (params != NULL)
		config.params = *params;
	return far_spiffs_mount(&fs, &config);
}

static int mount(void)
{
	return mount_with(NULL);
}

static int open_file(const char *name)
{
	return far_spiffs_open(&fs, &file, name, cache, sizeof(cache));
}

/* ---- by hand --------------------------------------------------------------------------------- */

/* Every byte of the specification's example, written out. */
static void example_of_the_specification(void **state)
{
	static const uint8_t lookup[] = { 0x01, 0x80, 0x01, 0x00 };
	static const uint8_t head[] = { 0x01, 0x80, 0, 0,   0xF8, 0xFF, 0xFF, 0xFF, 2,  0,
					0,    0,    1, '/', 'a',  '.',  't',  'x',  't' };
	static const uint8_t page_of_data[] = { 2, 0 };
	static const uint8_t data[] = { 0x01, 0, 0, 0, 0xFC, 'h', 'i' };
	uint8_t buf[8];

	(void)state;
	memset(image.bytes, 0xFF, 0x3000);
	image.len = 0x3000;
	memcpy(image.bytes, lookup, sizeof(lookup));
	memcpy(image.bytes + 0xFC, "\x2A\x04", 2);
	memcpy(image.bytes + 0x10FC, "\x2B\x04", 2);
	memcpy(image.bytes + 0x20FC, "\x28\x04", 2);
	memset(image.bytes + 0x100, 0, 49);
	memcpy(image.bytes + 0x100, head, sizeof(head));
	memcpy(image.bytes + 0x100 + 49, page_of_data, sizeof(page_of_data));
	memcpy(image.bytes + 0x200, data, sizeof(data));

	assert_int_equal(mount(), FAR_OK);
	assert_int_equal(open_file("/a.txt"), FAR_OK);
	assert_int_equal(file.size, 2);
	assert_int_equal(file.id, 1);
	assert_int_equal(file.unfinished, 0);
	assert_int_equal(far_spiffs_read(&file, buf, sizeof(buf)), 2);
	assert_memory_equal(buf, "hi", 2);
	assert_int_equal(far_spiffs_read(&file, buf, sizeof(buf)), 0);
}

/* ---- mount ----------------------------------------------------------------------------------- */

static void impossible_mounts(void **state)
{
	struct far_spiffs_config config = { .flash = NULL };

	(void)state;
	spiffs_image_open(&image, 4);
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_ERR_ARG);
	spiffs_flash_open(&flash, image.bytes, image.len, ADDR);
	config.flash = &flash.flash;
	config.addr = flash.flash.info.size + 1;
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_ERR_RANGE);
	config.addr = ADDR;
	config.len = flash.flash.info.size - ADDR + 1;
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_ERR_RANGE);
	config.len = UINT32_MAX;
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_ERR_RANGE);
	config.len = 4095;
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_ERR_ALIGN);
	assert_int_equal(flash.reads, 0);
	flash.flash.info.caps = 0;
	config.len = image.len;
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_ERR_NOTSUP);
}

/* len 0: to the end of the flash. */
static void mount_the_rest(void **state)
{
	struct far_spiffs_config config = { .flash = &flash.flash, .addr = ADDR };

	(void)state;
	spiffs_image_open(&image, 4);
	spiffs_flash_open(&flash, image.bytes, image.len, ADDR);
	flash.flash.info.size = ADDR + image.len;
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_OK);
	assert_int_equal(fs.len, image.len);
	config.addr = flash.flash.info.size;
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_ERR_ALIGN);
}

/* One block may lack its magic, whichever and whatever is there; two may not. */
static void magic(void **state)
{
	(void)state;
	for (uint32_t bad = 0; bad < 4; bad++) {
		spiffs_image_open(&image, 4);
		memset(image.bytes + bad * 4096 + 252, 0x12, 2);
		assert_int_equal(mount(), FAR_OK);
		assert_int_equal(fs.bad_block, bad);
		assert_int_equal(fs.bad_magic, 0x1212);
		image.bytes[(bad + 1) % 4 * 4096 + 253] ^= 0x80;
		assert_int_equal(mount(), FAR_ERR_VERIFY);
		assert_int_equal(fs.bad_block, bad < 3 ? bad : 0);
		assert_int_equal(fs.bad_addr, ADDR + (bad < 3 ? bad + 1 : 3) * 4096 + 252);
	}
	spiffs_image_open(&image, 1);
	assert_int_equal(mount(), FAR_OK);
	image.bytes[252] ^= 1;
	assert_int_equal(mount(), FAR_ERR_VERIFY);
	assert_int_equal(fs.bad_magic, 0x0429);
	/* An image of another length, and one that is erased. */
	spiffs_image_open(&image, 4);
	image.len = 3 * 4096;
	assert_int_equal(mount(), FAR_ERR_VERIFY);
	memset(image.bytes, 0xFF, image.len);
	assert_int_equal(mount(), FAR_ERR_VERIFY);
	assert_int_equal(fs.bad_block, 0);
	assert_int_equal(fs.bad_magic, 0xFFFF);
	assert_int_equal(mount_with(&(struct far_spiffs_params){ .no_magic = 1 }), FAR_OK);
}

/* Nothing in a block whose erase was cut counts, though it looks like a file. */
static void block_without_magic_is_empty(void **state)
{
	(void)state;
	spiffs_image_open(&image, 4);
	spiffs_image_head(&image, 17, 1, "/stale", 0, NULL, 0);
	spiffs_image_head(&image, 33, 2, "/file", 2, (const uint32_t[]){ 18 }, 1);
	spiffs_image_data(&image, 18, 2, 0, "no", 2);
	memset(image.bytes + 4096 + 252, 0xFF, 2);
	assert_int_equal(mount(), FAR_OK);
	assert_int_equal(open_file("/stale"), FAR_ERR_ABSENT);
	assert_int_equal(open_file("/file"), FAR_OK);
	assert_int_equal(far_spiffs_read(&file, cache, 2), FAR_ERR_VERIFY);
	assert_int_equal(fs.bad_addr, ADDR + 33 * 256 + 49);
	assert_int_equal(file.at, 0);
}

/* Every row of possible and impossible sizes. */
static void geometries(void **state)
{
	static const struct {
		struct far_spiffs_params params;
		uint32_t size;
		int result;
		uint32_t lookup_pages, data_len, head_table, head_entries, index_entries;
	} rows[] = {
		{ { 0 }, 0xF0000, FAR_OK, 1, 251, 49, 103, 124 },
		{ { .aligned_tables = 1 }, 4096, FAR_OK, 1, 251, 50, 103, 124 },
		{ { .block_size = 65536 }, 65536, FAR_OK, 2, 251, 49, 103, 124 },
		{ { .page_size = 1024 }, 4096, FAR_OK, 1, 1019, 49, 487, 508 },
		{ { .name_len = 64, .meta_len = FAR_SPIFFS_NO_META },
		  4096,
		  FAR_OK,
		  1,
		  251,
		  77,
		  89,
		  124 },
		{ { .page_size = 64, .name_len = 45 }, 4096, FAR_OK, 2, 59, 62, 1, 28 },
		{ { .page_size = 64, .name_len = 45, .aligned_tables = 1 },
		  4096,
		  FAR_OK,
		  2,
		  59,
		  62,
		  1,
		  28 },
		{ { .page_size = 64, .name_len = 46 }, 4096, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { .page_size = 32 }, 4096, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { .page_size = 65536, .block_size = 131072 },
		  131072,
		  FAR_ERR_ARG,
		  0,
		  0,
		  0,
		  0,
		  0 },
		{ { .page_size = 192 }, 4096, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { .block_size = 4000 }, 4000, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { .block_size = 256 }, 256, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { .name_len = 257, .page_size = 1024 }, 4096, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { .name_len = 250 }, 4096, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { .meta_len = 0x7FFFFFFF }, 4096, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		/* 127 pages and a magic do not fit 128 words; without the magic they do. */
		{ { .block_size = 32768 }, 32768, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { .block_size = 32768, .no_magic = 1 }, 32768, FAR_OK, 1, 251, 49, 103, 124 },
		{ { .block_size = 40960 }, 40960, FAR_ERR_ARG, 0, 0, 0, 0, 0 },
		{ { 0 }, 0, FAR_ERR_ALIGN, 0, 0, 0, 0, 0 },
		{ { 0 }, 4097, FAR_ERR_ALIGN, 0, 0, 0, 0, 0 },
		{ { 0 }, 0x1000000 - 4096, FAR_OK, 1, 251, 49, 103, 124 },
		{ { 0 }, 0x1000000, FAR_ERR_RANGE, 0, 0, 0, 0, 0 },
		{ { .page_size = 32768, .block_size = 0x80000000u },
		  0x80000000u,
		  FAR_ERR_ARG,
		  0,
		  0,
		  0,
		  0,
		  0 },
	};
	struct far_spiffs_geometry g;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc = far_spiffs_geometry(&g, &rows[i].params, rows[i].size);

		if (rc != rows[i].result)
			fail_msg("row %zu: %d", i, rc);
		if (rc != FAR_OK)
			continue;
		assert_int_equal(g.lookup_pages, rows[i].lookup_pages);
		assert_int_equal(g.data_len, rows[i].data_len);
		assert_int_equal(g.head_table, rows[i].head_table);
		assert_int_equal(g.head_entries, rows[i].head_entries);
		assert_int_equal(g.index_entries, rows[i].index_entries);
	}
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names(void **state)
{
	static const char *const there[] = { "/a",
					     "/ab",
					     "a",
					     "/A",
					     "/dir/a",
					     "/0123456789012345678901234567890",
					     "/01234567890123456789012345678901" };
	static const char *const absent[] = { "/",
					      "/abc",
					      "b",
					      "/0123456789012345678901234567",
					      "/dir",
					      "/dir/",
					      "/012345678901234567890123456789012",
					      "/01234567890123456789012345678901x" };

	(void)state;
	spiffs_image_open(&image, 4);
	/* No room for a NUL: spiffsgen allows that. */
	assert_int_equal(strlen(there[5]), 32);
	for (uint32_t i = 0; i < 5; i++)
		spiffs_image_head(&image, i + 1, i + 1, there[i], 0, NULL, 0);
	spiffs_image_head(&image, 6, 6, there[5], 0, NULL, 0);
	assert_int_equal(mount(), FAR_OK);
	for (uint32_t i = 0; i < 6; i++) {
		struct far_spiffs_entry e;

		assert_int_equal(open_file(there[i]), FAR_OK);
		assert_int_equal(file.id, i + 1);
		assert_int_equal(far_spiffs_stat(&fs, there[i], &e), FAR_OK);
		assert_string_equal(e.name, there[i]);
		assert_int_equal(e.page, i + 1);
		assert_int_equal(e.meta_at, ADDR + (i + 1) * 256 + 45);
	}
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_int_equal(open_file(absent[i]), FAR_ERR_ABSENT);
	assert_int_equal(open_file(there[6]), FAR_ERR_ABSENT);
	assert_int_equal(open_file(""), FAR_ERR_ARG);
	assert_int_equal(open_file(NULL), FAR_ERR_ARG);
	assert_int_equal(far_spiffs_open(&fs, &file, "/a", NULL, 10), FAR_ERR_ARG);
	assert_int_equal(far_spiffs_open(&fs, &file, "/a", cache, 1), FAR_ERR_ARG);
	assert_int_equal(far_spiffs_open(&fs, &file, "/a", cache, 2), FAR_OK);
}

/* The first of several, as list shows them all. */
static void same_name_twice(void **state)
{
	struct far_spiffs_walk walk = { .fs = &fs };
	struct far_spiffs_entry e;

	(void)state;
	spiffs_image_open(&image, 4);
	spiffs_image_head(&image, 9, 5, "/x", 0, NULL, 0);
	spiffs_image_head(&image, 3, 6, "/x", 0, NULL, 0);
	assert_int_equal(mount(), FAR_OK);
	assert_int_equal(open_file("/x"), FAR_OK);
	assert_int_equal(file.id, 6);
	assert_int_equal(far_spiffs_next(&walk, &e), FAR_OK);
	assert_int_equal(e.id, 6);
	assert_int_equal(far_spiffs_next(&walk, &e), FAR_OK);
	assert_int_equal(e.id, 5);
	assert_int_equal(far_spiffs_next(&walk, &e), FAR_ERR_ABSENT);
	/* An entry found before opens just that one, as long as it is there. */
	e.page = 9;
	e.id = 5;
	assert_int_equal(far_spiffs_open_entry(&fs, &file, &e, cache, sizeof(cache)), FAR_OK);
	assert_int_equal(file.id, 5);
	spiffs_image_delete(&image, 9);
	assert_int_equal(far_spiffs_open_entry(&fs, &file, &e, cache, sizeof(cache)),
			 FAR_ERR_ABSENT);
	e.page = UINT32_MAX;
	assert_int_equal(far_spiffs_open_entry(&fs, &file, &e, cache, sizeof(cache)),
			 FAR_ERR_ABSENT);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* /large: two index pages, 110 pages of data, each filled with its number. */
static void large_image(void)
{
	uint8_t data[PER_PAGE];
	uint32_t many[110], n = 0;

	spiffs_image_open(&image, 9);
	for (uint32_t page = 1; n < 110; page++) {
		if (page % 16 == 0 || page == 5 || page == 100)
			continue;
		memset(data, (int)n, sizeof(data));
		spiffs_image_data(&image, page, 7, n, data, sizeof(data));
		many[n++] = page;
	}
	spiffs_image_head(&image, 100, 7, "/large", 109 * PER_PAGE + 5, many, 103);
	spiffs_image_index(&image, 5, 7, 1, many + 103, 7);
}

/* What reading costs: two reads for each page, and those of the index. */
static void cost(void **state)
{
	static uint8_t buf[110 * PER_PAGE];
	uint64_t before;

	(void)state;
	large_image();
	assert_int_equal(mount(), FAR_OK);
	assert_int_equal(flash.reads, 9);
	assert_int_equal(open_file("/large"), FAR_OK);
	before = flash.reads;
	assert_int_equal(far_spiffs_read(&file, buf, sizeof(buf)), file.size);
	/* 110 pages; two fillings of the cache; one search. */
	assert_true(flash.reads - before <= 2 * 110 + 2 + 9 + 1);
	for (uint32_t i = 0; i < file.size; i++)
		assert_int_equal(buf[i], i / PER_PAGE);
}

/* Whatever read fails, the error comes up, nothing is made up, and the next try is right. */
static void every_read_fails_once(void **state)
{
	static uint8_t buf[110 * PER_PAGE];

	(void)state;
	large_image();
	for (uint64_t n = 1;; n++) {
		int32_t got;
		int rc;

		rc = mount();
		assert_int_equal(rc, FAR_OK);
		flash.fail_at = flash.reads + n;
		rc = open_file("/large");
		if (rc == FAR_ERR_TIMEOUT) {
			assert_int_equal(flash.flash.fault.op, FAR_FLASH_OP_READ);
			rc = open_file("/large");
		}
		assert_int_equal(rc, FAR_OK);
		got = far_spiffs_read(&file, buf, sizeof(buf));
		if (got == FAR_ERR_TIMEOUT)
			got = (int32_t)file.at +
			      far_spiffs_read(&file, buf + file.at, sizeof(buf) - file.at);
		assert_int_equal(got, file.size);
		for (uint32_t i = 0; i < file.size; i++)
			if (buf[i] != i / PER_PAGE)
				fail_msg("read %d fails: byte %u is wrong", (int)n, i);
		if (flash.reads < flash.fail_at)
			break;
	}
}

/* The walk goes on behind a failure; mount and stat report theirs. */
static void failing_walks(void **state)
{
	struct far_spiffs_walk walk = { .fs = &fs };
	struct far_spiffs_config config = { .flash = &flash.flash, .addr = ADDR };
	struct far_spiffs_entry e;
	unsigned failures = 0;

	(void)state;
	spiffs_image_open(&image, 4);
	for (uint32_t i = 0; i < 4; i++)
		spiffs_image_head(&image, 16 * i + 2, i + 1, "/x", 0, NULL, 0);
	for (uint64_t n = 1; n < 20; n++) {
		unsigned found = 0;
		int rc;

		assert_int_equal(mount(), FAR_OK);
		walk.at = 0;
		flash.fail_at = flash.reads + n;
		while ((rc = far_spiffs_next(&walk, &e)) != FAR_ERR_ABSENT) {
			assert_true(rc == FAR_OK || rc == FAR_ERR_TIMEOUT);
			found += rc == FAR_OK;
			failures += rc == FAR_ERR_TIMEOUT;
		}
		assert_true(found >= 3);
	}
	assert_true(failures >= 12);
	config.len = image.len;
	flash.reads = 0;
	flash.fail_at = 3;
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_ERR_TIMEOUT);
}

/* Two files, two images, at once. */
static void independent(void **state)
{
	static struct spiffs_image other;
	uint8_t cache_a[2], cache_b[2];
	struct spiffs_flash flash2;
	struct far_spiffs fs2;
	struct far_spiffs_file a, b;
	const struct far_spiffs_config config = { .flash = &flash2.flash };
	uint8_t x, y;

	(void)state;
	large_image();
	assert_int_equal(mount(), FAR_OK);
	spiffs_image_open(&other, 2);
	spiffs_image_head(&other, 1, 7, "/large", 300, (const uint32_t[]){ 3, 2 }, 2);
	spiffs_image_data(&other, 3, 7, 0, "\xAA", 1);
	spiffs_image_data(&other, 2, 7, 1, "\xBB", 1);
	spiffs_flash_open(&flash2, other.bytes, other.len, 0);
	flash2.flash.info.size = other.len;
	assert_int_equal(far_spiffs_mount(&fs2, &config), FAR_OK);
	assert_int_equal(open_file("/large"), FAR_OK);
	assert_int_equal(far_spiffs_open(&fs, &a, "/large", cache_a, 2), FAR_OK);
	assert_int_equal(far_spiffs_open(&fs2, &b, "/large", cache_b, 2), FAR_OK);
	for (uint32_t i = 0; i < 109; i += 7) {
		far_spiffs_seek(&a, i * PER_PAGE);
		far_spiffs_seek(&b, i % 2 * PER_PAGE);
		far_spiffs_seek(&file, (108 - i) * PER_PAGE);
		assert_int_equal(far_spiffs_read(&a, &x, 1), 1);
		assert_int_equal(far_spiffs_read(&b, &y, 1), 1);
		assert_int_equal(x, i);
		assert_int_equal(y, i % 2 ? 0xBB : 0xAA);
		assert_int_equal(far_spiffs_read(&file, &x, 1), 1);
		assert_int_equal(x, 108 - i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_of_the_specification),
		cmocka_unit_test(impossible_mounts),
		cmocka_unit_test(mount_the_rest),
		cmocka_unit_test(magic),
		cmocka_unit_test(block_without_magic_is_empty),
		cmocka_unit_test(geometries),
		cmocka_unit_test(names),
		cmocka_unit_test(same_name_twice),
		cmocka_unit_test(cost),
		cmocka_unit_test(every_read_fails_once),
		cmocka_unit_test(failing_walks),
		cmocka_unit_test(independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
