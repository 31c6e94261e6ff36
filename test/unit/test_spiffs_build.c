/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service/spiffs/build: its images, byte for byte, beside ones put together by hand; its refusals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/spiffs/build.h"
#include "test/common/spiffs_image.h"

#define PER_PAGE 251u
#define IN_HEAD  103u /* data pages that a head lists */
#define IN_INDEX 124u

static struct spiffs_image wanted;
static uint8_t made[SPIFFS_IMAGE_MAX];
static uint8_t block[0x10000];
static uint8_t content[0x100000];

/* What the builder has written so far, and what it must be told. */
static struct {
	uint32_t len;
	uint32_t fail_at; /* offset at which writing fails; UINT32_MAX: never */
} out;

static struct far_spiffs_build_config config;
static struct far_spiffs_build build;

static int take(void *ctx, uint32_t offset, const uint8_t *data, uint32_t len)
{
	assert_ptr_equal(ctx, &out);
	assert_int_equal(offset, out.len);
	if (offset == out.fail_at)
		return FAR_ERR_IO;
	memcpy(made + offset, data, len);
	out.len += len;
	return FAR_OK;
}

static int forget(void *ctx, uint32_t offset, const uint8_t *data, uint32_t len)
{
	(void)data;
	assert_ptr_equal(ctx, &out);
	assert_int_equal(offset, out.len);
	out.len += len;
	return FAR_OK;
}

static int begin(uint32_t blocks)
{
	for (uint32_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * 7 + i / 251);
	out.len = 0;
	out.fail_at = UINT32_MAX;
	config = (struct far_spiffs_build_config){ .size = blocks * 4096,
						   .block = block,
						   .block_len = sizeof(block),
						   .write = take,
						   .ctx = &out };
	return far_spiffs_build_begin(&build, &config);
}

/* A file with the first len bytes of content, in pieces of this size. */
static void add(const char *name, uint32_t len, uint32_t piece)
{
	assert_int_equal(far_spiffs_build_file(&build, name, len), FAR_OK);
	for (uint32_t at = 0; at < len; at += piece) {
		uint32_t n = len - at < piece ? len - at : piece;

		assert_int_equal(far_spiffs_build_data(&build, content + at, n), FAR_OK);
	}
}

static void end_as_wanted(void)
{
	assert_int_equal(far_spiffs_build_end(&build), FAR_OK);
	assert_int_equal(out.len, wanted.len);
	for (uint32_t i = 0; i < wanted.len; i++)
		if (made[i] != wanted.bytes[i])
			fail_msg("byte %#x is %#x, not %#x", i, made[i], wanted.bytes[i]);
}

/* The page behind this one that is no look-up. */
static uint32_t next(uint32_t page)
{
	page++;
	return page % 16 == 0 ? page + 1 : page;
}

/* Lay the first len bytes of content down from the page at on, as spiffsgen does. */
static uint32_t lay(uint32_t at, uint32_t id, const char *name, uint32_t len)
{
	uint32_t pages = (len + PER_PAGE - 1) / PER_PAGE, span = 0, index = 0;
	uint32_t table[IN_INDEX];

	do {
		uint32_t limit = index == 0 ? IN_HEAD : IN_INDEX, n = 0, where = at;

		while (n < limit && span + n < pages)
			table[n++] = where = next(where);
		if (index == 0)
			spiffs_image_head(&wanted, at, id, name, len, table, n);
		else
			spiffs_image_index(&wanted, at, id, index, table, n);
		for (uint32_t i = 0; i < n; i++, span++) {
			uint32_t done = span * PER_PAGE;

			spiffs_image_data(&wanted, table[i], id, span, content + done,
					  len - done < PER_PAGE ? len - done : PER_PAGE);
		}
		at = next(where);
		index++;
	} while (span < pages);
	return at;
}

/* ---- layout ---------------------------------------------------------------------------------- */

/* Every byte of the specification's example, written out. */
static void example_of_the_specification(void **state)
{
	static const uint8_t head[] = { 0x01, 0x80, 0, 0,   0xF8, 0xFF, 0xFF, 0xFF, 2,  0,
					0,    0,    1, '/', 'a',  '.',  't',  'x',  't' };

	(void)state;
	memset(wanted.bytes, 0xFF, 0x3000);
	wanted.len = 0x3000;
	memcpy(wanted.bytes, "\x01\x80\x01\x00", 4);
	memcpy(wanted.bytes + 0xFC, "\x2A\x04", 2);
	memcpy(wanted.bytes + 0x10FC, "\x2B\x04", 2);
	memcpy(wanted.bytes + 0x20FC, "\x28\x04", 2);
	memset(wanted.bytes + 0x100, 0, 49);
	memcpy(wanted.bytes + 0x100, head, sizeof(head));
	memcpy(wanted.bytes + 0x100 + 49, "\x02\x00", 2);
	memcpy(wanted.bytes + 0x200, "\x01\x00\x00\x00\xFChi", 7);

	assert_int_equal(begin(3), FAR_OK);
	assert_int_equal(far_spiffs_build_file(&build, "/a.txt", 2), FAR_OK);
	assert_int_equal(far_spiffs_build_data(&build, "hi", 2), FAR_OK);
	end_as_wanted();
}

static void nothing(void **state)
{
	(void)state;
	spiffs_image_open(&wanted, 5);
	assert_int_equal(begin(5), FAR_OK);
	end_as_wanted();
}

/* The sizes at which something changes; pieces of any size. */
static void single_files(void **state)
{
	static const uint32_t sizes[] = {
		0,
		1,
		250,
		251,
		252,
		13 * PER_PAGE, /* up to one page before the end of the first block */
		14 * PER_PAGE, /* to its end */
		14 * PER_PAGE + 1,
		29 * PER_PAGE,
		IN_HEAD * PER_PAGE,
		IN_HEAD * PER_PAGE + 1,
		(IN_HEAD + 1) * PER_PAGE,
		(IN_HEAD + IN_INDEX) * PER_PAGE,
		(IN_HEAD + IN_INDEX) * PER_PAGE + 1,
		(IN_HEAD + 3 * IN_INDEX) * PER_PAGE + 77,
	};
	static const uint32_t pieces[] = { 1, 250, 251, 252, 4096, sizeof(content) };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			assert_int_equal(begin(40), FAR_OK);
			spiffs_image_open(&wanted, 40);
			lay(1, 1, "/file", sizes[i]);
			add("/file", sizes[i], pieces[k]);
			end_as_wanted();
		}
}

/* Where a file begins in a block, and that ids count up. */
static void files_behind_each_other(void **state)
{
	static const char *const names[] = { "/0", "/1", "/2", "/3", "/4", "/dir/x", "/dir/y" };

	(void)state;
	for (uint32_t first = 0; first < 20; first++) {
		uint32_t at = 1;

		assert_int_equal(begin(64), FAR_OK);
		spiffs_image_open(&wanted, 64);
		for (uint32_t i = 0; i < 7; i++) {
			uint32_t len = i == 0 ? first * PER_PAGE : i * i * i * 100;

			add(names[i], len, 1000);
			at = lay(at, i + 1, names[i], len);
		}
		end_as_wanted();
	}
}

/* To the last page; one byte more is refused, and changes nothing. */
static void full_image(void **state)
{
	uint32_t len = (4 * 15 - 1) * PER_PAGE;

	(void)state;
	assert_int_equal(begin(4), FAR_OK);
	assert_int_equal(build.pages_left, 60);
	assert_int_equal(far_spiffs_build_file(&build, "/f", len + 1), FAR_ERR_RANGE);
	assert_int_equal(far_spiffs_build_file(&build, "/f", UINT32_MAX), FAR_ERR_RANGE);
	spiffs_image_open(&wanted, 4);
	lay(1, 1, "/f", len);
	add("/f", len, 999);
	assert_int_equal(build.pages_left, 0);
	assert_int_equal(far_spiffs_build_file(&build, "/g", 0), FAR_ERR_RANGE);
	end_as_wanted();
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void impossible(void **state)
{
	struct far_spiffs_build_config c;

	(void)state;
	assert_int_equal(begin(3), FAR_OK);
	c = config;
	c.block = NULL;
	assert_int_equal(far_spiffs_build_begin(&build, &c), FAR_ERR_ARG);
	assert_int_equal(far_spiffs_build_file(&build, "/a", 0), FAR_ERR_STATE);
	assert_int_equal(far_spiffs_build_data(&build, "", 0), FAR_ERR_STATE);
	assert_int_equal(far_spiffs_build_end(&build), FAR_ERR_STATE);
	c = config;
	c.write = NULL;
	assert_int_equal(far_spiffs_build_begin(&build, &c), FAR_ERR_ARG);
	c = config;
	c.block_len = 4095;
	assert_int_equal(far_spiffs_build_begin(&build, &c), FAR_ERR_ARG);
	c.block_len = 4096;
	assert_int_equal(far_spiffs_build_begin(&build, &c), FAR_OK);
	c.size = 4097;
	assert_int_equal(far_spiffs_build_begin(&build, &c), FAR_ERR_ALIGN);
	c.size = 0x1000000;
	assert_int_equal(far_spiffs_build_begin(&build, &c), FAR_ERR_RANGE);
	c.params.page_size = 100;
	assert_int_equal(far_spiffs_build_begin(&build, &c), FAR_ERR_ARG);
	assert_int_equal(out.len, 0);
}

/* Each refusal leaves all as it was. */
static void wrong_names_and_lengths(void **state)
{
	static const char name31[] = "/012345678901234567890123456789";

	(void)state;
	assert_int_equal(strlen(name31), 31);
	assert_int_equal(begin(6), FAR_OK);
	spiffs_image_open(&wanted, 6);
	lay(lay(lay(1, 1, name31, 300), 2, "/b", 0), 3, "/b1", 5);

	assert_int_equal(far_spiffs_build_file(&build, NULL, 0), FAR_ERR_ARG);
	assert_int_equal(far_spiffs_build_file(&build, "", 0), FAR_ERR_ARG);
	assert_int_equal(far_spiffs_build_file(&build, "/0123456789012345678901234567890", 0),
			 FAR_ERR_ARG);
	assert_int_equal(far_spiffs_build_file(&build, name31, 300), FAR_OK);
	assert_int_equal(far_spiffs_build_data(&build, content, 301), FAR_ERR_RANGE);
	assert_int_equal(far_spiffs_build_data(&build, content, 299), FAR_OK);
	assert_int_equal(far_spiffs_build_file(&build, "/b", 0), FAR_ERR_STATE);
	assert_int_equal(far_spiffs_build_end(&build), FAR_ERR_STATE);
	assert_int_equal(far_spiffs_build_data(&build, content + 299, 2), FAR_ERR_RANGE);
	assert_int_equal(far_spiffs_build_data(&build, content + 299, 1), FAR_OK);
	assert_int_equal(far_spiffs_build_data(&build, NULL, 0), FAR_OK);

	assert_int_equal(far_spiffs_build_file(&build, name31, 0), FAR_ERR_STATE);
	assert_int_equal(far_spiffs_build_file(&build, "/", 0), FAR_ERR_STATE);
	add("/b", 0, 1);
	assert_int_equal(far_spiffs_build_file(&build, "/b", 0), FAR_ERR_STATE);
	assert_int_equal(far_spiffs_build_file(&build, "/a\xFF", 0), FAR_ERR_STATE);
	add("/b1", 5, 1);
	assert_int_equal(far_spiffs_build_file(&build, "/b1\xFF", 6 * 15 * 251), FAR_ERR_RANGE);
	end_as_wanted();
	assert_int_equal(far_spiffs_build_end(&build), FAR_ERR_STATE);
}

/* Whichever block cannot be written: the error comes up, and all is over. */
static void writing_fails(void **state)
{
	(void)state;
	for (uint32_t bad = 0; bad < 6; bad++) {
		int rc;

		assert_int_equal(begin(6), FAR_OK);
		out.fail_at = bad * 4096;
		rc = far_spiffs_build_file(&build, "/f", 40 * PER_PAGE);
		if (rc == FAR_OK)
			rc = far_spiffs_build_data(&build, content, 40 * PER_PAGE);
		if (rc == FAR_OK)
			rc = far_spiffs_build_end(&build);
		assert_int_equal(rc, FAR_ERR_IO);
		assert_int_equal(out.len, bad * 4096);
		assert_int_equal(far_spiffs_build_end(&build), FAR_ERR_STATE);
		assert_int_equal(far_spiffs_build_file(&build, "/g", 0), FAR_ERR_STATE);
	}
}

/* 32766 files are the most: ids end there. */
static void most_files(void **state)
{
	static uint8_t small[64 * 64];
	char name[8] = "/00000";

	(void)state;
	out.len = 0;
	out.fail_at = UINT32_MAX;
	config = (struct far_spiffs_build_config){ .params = { .page_size = 64, .name_len = 8 },
						   .size = 600 * 4096,
						   .block = small,
						   .block_len = sizeof(small),
						   .write = forget,
						   .ctx = &out };
	assert_int_equal(far_spiffs_build_begin(&build, &config), FAR_OK);
	for (uint32_t i = 0; i < 32766; i++) {
		for (uint32_t k = 0, v = i; k < 5; k++, v /= 10)
			name[5 - k] = (char)('0' + v % 10);
		assert_int_equal(far_spiffs_build_file(&build, name, 0), FAR_OK);
	}
	assert_true(build.pages_left > 0);
	assert_int_equal(far_spiffs_build_file(&build, "/99999", 0), FAR_ERR_RANGE);
	assert_int_equal(far_spiffs_build_end(&build), FAR_OK);
	assert_int_equal(out.len, 600 * 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_of_the_specification),
		cmocka_unit_test(nothing),
		cmocka_unit_test(single_files),
		cmocka_unit_test(files_behind_each_other),
		cmocka_unit_test(full_image),
		cmocka_unit_test(impossible),
		cmocka_unit_test(wrong_names_and_lengths),
		cmocka_unit_test(writing_fails),
		cmocka_unit_test(most_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
