/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power fails at every write of a driver: while it makes, appends to, renames and deletes a
 * file, and while it collects garbage. After each cut a file that was closed is whole, old or new,
 * the others are untouched, each is listed once, and check finds traces but no damage.
 *
 * The driver here writes in the order that docs/SPEC-spiffs.md gives, a page in two halves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "service/spiffs/check.h"
#include "service/spiffs/spiffs.h"
#include "test/common/spiffs_image.h"

#define PAGE   256u
#define DATA   251u
#define BLOCKS 5u

static struct spiffs_image image;
static struct spiffs_flash flash;
static struct far_spiffs fs;
static uint8_t content[2000];

/* Writes that still happen; then the power is gone. */
static uint32_t writes_left;
static uint32_t writes_done;

static bool powered(void)
{
	if (writes_left == 0)
		return false;
	writes_left--;
	writes_done++;
	return true;
}

/* ---- what a driver writes -------------------------------------------------------------------- */

static void put_lookup(uint32_t page, uint32_t id)
{
	uint8_t *slot = spiffs_image_lookup(&image, page);

	if (powered()) {
		slot[0] &= (uint8_t)id;
		slot[1] &= (uint8_t)(id >> 8);
	}
}

/* The page that another image holds: the look-up, two halves that are not final, and that bit. */
static void put_page(uint32_t page, const uint8_t *bytes)
{
	uint8_t *to = spiffs_image_page(&image, page);

	put_lookup(page, (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8);
	if (powered()) {
		memcpy(to, bytes, PAGE / 2);
		to[4] |= 0x02;
	}
	if (powered())
		memcpy(to + PAGE / 2, bytes + PAGE / 2, PAGE / 2);
	if (powered())
		to[4] &= 0xFD;
}

static void drop_page(uint32_t page)
{
	put_lookup(page, 0);
	if (powered())
		spiffs_image_page(&image, page)[4] &= 0x7E;
}

/* The look-up page goes first, its magic with it. */
static void erase(uint32_t block)
{
	uint8_t *at = image.bytes + block * 4096;
	uint32_t magic = (uint32_t)(0x20140529 ^ PAGE ^ (BLOCKS - block));

	if (powered())
		memset(at, 0xFF, 2000);
	if (powered())
		memset(at, 0xFF, 4096);
	if (powered()) {
		at[252] = (uint8_t)magic;
		at[253] = (uint8_t)(magic >> 8);
	}
}

static const uint8_t *head(uint32_t id, const char *name, uint32_t size, const uint32_t *entries,
			   uint32_t n)
{
	static struct spiffs_image other;

	spiffs_image_open(&other, 1);
	spiffs_image_head(&other, 1, id, name, size, entries, n);
	return spiffs_image_page(&other, 1);
}

static const uint8_t *data(uint32_t id, uint32_t span, const uint8_t *bytes, uint32_t len)
{
	static struct spiffs_image other;

	spiffs_image_open(&other, 1);
	spiffs_image_data(&other, 1, id, span, bytes, len);
	return spiffs_image_page(&other, 1);
}

/* ---- jobs ------------------------------------------------------------------------------------ */

/* /keep in block 0 and /log in blocks 0 and 1, so that block 0 is worth collecting. */
static void start(void)
{
	for (uint32_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * 11 + i / 256);
	spiffs_image_open(&image, BLOCKS);
	spiffs_image_head(&image, 1, 1, "/keep", 3 * DATA, (const uint32_t[]){ 2, 3, 4 }, 3);
	for (uint32_t i = 0; i < 3; i++)
		spiffs_image_data(&image, 2 + i, 1, i, content + i * DATA, DATA);
	spiffs_image_head(&image, 5, 2, "/log", 300, (const uint32_t[]){ 6, 17 }, 2);
	spiffs_image_data(&image, 6, 2, 0, content, DATA);
	spiffs_image_data(&image, 17, 2, 1, content + DATA, 49);
}

/* Two more pages of data, then a head that knows them and the size. */
static void append(void)
{
	put_page(18, data(2, 2, content + 2 * DATA, DATA));
	put_page(19, data(2, 3, content + 3 * DATA, 7));
	/* What the last page of the old file has room for is written in place, behind its end. */
	if (powered())
		memcpy(spiffs_image_page(&image, 17) + 5, content + DATA, DATA);
	put_page(20, head(2, "/log", 3 * DATA + 7, (const uint32_t[]){ 6, 17, 18, 19 }, 4));
	drop_page(5);
}

/* The head is written without its size first. */
static void create(void)
{
	uint8_t unfinished[PAGE];

	memcpy(unfinished, head(3, "/new", 0xFFFFFFFF, NULL, 0), PAGE);
	put_page(18, unfinished);
	put_page(19, data(3, 0, content, 10));
	put_page(20, head(3, "/new", 10, (const uint32_t[]){ 19 }, 1));
	drop_page(18);
}

static void rename_log(void)
{
	put_page(18, head(2, "/old", 300, (const uint32_t[]){ 6, 17 }, 2));
	drop_page(5);
}

static void delete_log(void)
{
	if (powered())
		spiffs_image_page(&image, 5)[4] &= 0xBF;
	drop_page(6);
	drop_page(17);
	drop_page(5);
}

/* All that is live in block 0 goes to block 2, data before the heads that list them. */
static void collect(void)
{
	static uint8_t copy[PAGE];

	for (uint32_t i = 0; i < 3; i++) {
		memcpy(copy, data(1, i, content + i * DATA, DATA), PAGE);
		put_page(33 + i, copy);
		drop_page(2 + i);
	}
	put_page(36, head(1, "/keep", 3 * DATA, (const uint32_t[]){ 33, 34, 35 }, 3));
	drop_page(1);
	put_page(37, data(2, 0, content, DATA));
	drop_page(6);
	put_page(38, head(2, "/log", 300, (const uint32_t[]){ 37, 17 }, 2));
	drop_page(5);
	erase(0);
}

/* ---- what must hold -------------------------------------------------------------------------- */

/* Whole, with the first len bytes of content? false: it does not exist. */
static bool holds(const char *name, uint32_t len)
{
	uint8_t cache[64], buf[sizeof(content)];
	struct far_spiffs_file file;
	int rc = far_spiffs_open(&fs, &file, name, cache, sizeof(cache));

	if (rc == FAR_ERR_ABSENT)
		return false;
	assert_int_equal(rc, FAR_OK);
	if (file.size != len)
		return false;
	assert_int_equal(far_spiffs_read(&file, buf, sizeof(buf)), len);
	assert_memory_equal(buf, content, len);
	return true;
}

static bool exists(const char *name)
{
	struct far_spiffs_entry e;
	int rc = far_spiffs_stat(&fs, name, &e);

	assert_true(rc == FAR_OK || rc == FAR_ERR_ABSENT);
	return rc == FAR_OK;
}

static uint32_t listed(void)
{
	uint8_t seen[1] = { 0 };
	struct far_spiffs_walk walk = { .fs = &fs, .seen = seen, .seen_len = 1 };
	struct far_spiffs_entry e;
	uint32_t n = 0;

	while (far_spiffs_next(&walk, &e) == FAR_OK)
		n++;
	return n;
}

static uint32_t traces(void)
{
	static uint8_t work[FAR_SPIFFS_CHECK_WORK];
	uint8_t cache[64];
	const struct far_spiffs_check_config config = {
		.work = work, .work_len = sizeof(work), .cache = cache, .cache_len = sizeof(cache)
	};
	struct far_spiffs_counts counts;

	assert_int_equal(far_spiffs_check(&fs, &config, &counts), FAR_OK);
	return counts.traces;
}

/* Run the job with its power failing after every number of writes; after each, holds_still. */
static void cut_everywhere(void (*job)(void), void (*holds_still)(void))
{
	uint32_t all, with_traces = 0;

	start();
	writes_done = 0;
	writes_left = UINT32_MAX;
	job();
	all = writes_done;
	assert_true(all > 5);
	for (uint32_t n = 0; n <= all; n++) {
		const struct far_spiffs_config config = { .flash = &flash.flash,
							  .addr = 0x3000,
							  .len = BLOCKS * 4096 };

		start();
		writes_left = n;
		job();
		spiffs_flash_open(&flash, image.bytes, image.len, 0x3000);
		assert_int_equal(far_spiffs_mount(&fs, &config), FAR_OK);
		assert_true(holds("/keep", 3 * DATA));
		holds_still();
		with_traces += traces() > 0;
		if (n == 0 || n == all)
			assert_int_equal(traces(), 0);
	}
	assert_true(with_traces > all / 2);
}

static void log_old_or_new(void)
{
	assert_true(holds("/log", 300) || holds("/log", 3 * DATA + 7));
	assert_int_equal(listed(), 2);
}

static void new_or_empty(void)
{
	assert_true(holds("/log", 300));
	assert_true(!exists("/new") || holds("/new", 0) || holds("/new", 10));
	assert_int_equal(listed(), exists("/new") ? 3 : 2);
}

static void one_name_or_the_other(void)
{
	assert_true(holds("/log", 300) || holds("/old", 300));
	assert_int_equal(listed(), 2);
}

static void whole_or_gone(void)
{
	assert_true(!exists("/log") || holds("/log", 300));
	assert_int_equal(listed(), exists("/log") ? 2 : 1);
}

static void both(void)
{
	assert_true(holds("/log", 300));
	assert_int_equal(listed(), 2);
}

static void while_appending(void **state)
{
	(void)state;
	cut_everywhere(append, log_old_or_new);
	assert_true(holds("/log", 3 * DATA + 7)); /* the last time there was no cut */
}

static void while_creating(void **state)
{
	(void)state;
	cut_everywhere(create, new_or_empty);
	assert_true(holds("/new", 10));
}

static void while_renaming(void **state)
{
	(void)state;
	cut_everywhere(rename_log, one_name_or_the_other);
	assert_false(exists("/log"));
	assert_true(exists("/old"));
}

static void while_deleting(void **state)
{
	(void)state;
	cut_everywhere(delete_log, whole_or_gone);
	assert_false(exists("/log"));
}

static void while_collecting(void **state)
{
	(void)state;
	cut_everywhere(collect, both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_appending),  cmocka_unit_test(while_creating),
		cmocka_unit_test(while_renaming),   cmocka_unit_test(while_deleting),
		cmocka_unit_test(while_collecting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
