/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that somebody has spoilt: nothing outside is read, work is bounded, nothing crashes. Each
 * case comes from one number, which a failure prints. And the shapes that one would build on
 * purpose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/spiffs_exercise.h"

#define CASES  20000u
#define BLOCKS 6u

static struct spiffs_image image;
static uint8_t spoilt[SPIFFS_IMAGE_MAX];
static struct spiffs_flash flash;
static const struct far_spiffs_params defaults;
static const struct far_spiffs_params no_magic = { .no_magic = 1 };
static uint32_t seed;

static uint32_t random_below(uint32_t limit)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(seed >> 4) * limit >> 28);
}

static struct spiffs_exercised exercise(const struct far_spiffs_params *params)
{
	/* A copy of just that size, so that the sanitizer sees a byte beyond. */
	uint8_t *copy = malloc(image.len);
	struct spiffs_exercised x;

	assert_non_null(copy);
	memcpy(copy, image.bytes, image.len);
	spiffs_flash_open(&flash, copy, image.len, 0x5000);
	x = spiffs_exercise(&flash, params);
	free(copy);
	return x;
}

/* Three files: two small ones, and one with two index pages, in blocks that are not all full. */
static void sound_image(void)
{
	static const uint8_t data[251] = { 1, 2, 3 };
	uint32_t many[110], n = 0;

	spiffs_image_open(&image, BLOCKS + 3);
	spiffs_image_head(&image, 1, 1, "/a", 300, (const uint32_t[]){ 2, 3 }, 2);
	spiffs_image_data(&image, 2, 1, 0, data, 251);
	spiffs_image_data(&image, 3, 1, 1, data, 49);
	spiffs_image_head(&image, 4, 2, "/empty", 0, NULL, 0);
	for (uint32_t page = 6; n < 110; page++) {
		if (page % 16 == 0 || page % 16 == 15)
			continue;
		spiffs_image_data(&image, page, 3, n, data, 251);
		many[n++] = page;
	}
	spiffs_image_head(&image, 5, 3, "/large", 110 * 251, many, 103);
	spiffs_image_index(&image, 15, 3, 1, many + 103, 7);
}

static void sound(void **state)
{
	struct spiffs_exercised x;

	(void)state;
	sound_image();
	x = exercise(&defaults);
	assert_int_equal(x.mounted, FAR_OK);
	assert_int_equal(x.files, 3);
	assert_int_equal(x.read, 3);
	assert_int_equal(x.checked, FAR_OK);
}

/* Where a change does something: look-ups, headers, heads, tables; or anywhere. */
static uint32_t place(void)
{
	uint32_t page = random_below(image.len / 256) * 256;

	switch (random_below(6)) {
	case 0:
		return page / 4096 * 4096 + random_below(32);
	case 1:
		return page + random_below(5);
	case 2:
		return 0x100 + random_below(0x500); /* the heads */
	case 3:
		return 0xF00 + random_below(0x20); /* the second index page */
	case 4:
		return page + random_below(256);
	default:
		return 0x500 + 49 + random_below(206); /* the table of /large */
	}
}

static void spoil(uint32_t at)
{
	static const uint8_t values[] = { 0x00, 0xFF, 0x80, 0x7F, 0xF8, 0xFC, 0x01, 0x03 };

	switch (random_below(4)) {
	case 0:
		image.bytes[at] ^= (uint8_t)(1u << random_below(8));
		break;
	case 1:
		image.bytes[at] = values[random_below(sizeof(values))];
		break;
	case 2: /* a page over another, as moved ones are */
		memmove(image.bytes + at / 256 * 256,
			image.bytes + random_below(image.len / 256) * 256, 256);
		break;
	default:
		image.bytes[at] = (uint8_t)random_below(256);
	}
}

static void any_damage(void **state)
{
	const char *one = getenv("SPIFFS_CASE");
	uint32_t first = one ? (uint32_t)strtoul(one, NULL, 0) : 0;
	uint32_t last = one ? first + 1 : CASES;
	uint32_t mounted = 0, broken = 0, whole = 0;

	(void)state;
	sound_image();
	memcpy(spoilt, image.bytes, image.len);
	for (uint32_t n = first; n < last; n++) {
		struct spiffs_exercised x;

		spiffs_exercise_case = n; /* replay with SPIFFS_CASE=n */
		seed = n * 2654435761u;
		memcpy(image.bytes, spoilt, image.len);
		for (uint32_t i = random_below(8) + 1; i > 0; i--)
			spoil(place());
		x = exercise(random_below(4) == 0 ? &no_magic : &defaults);
		mounted += x.mounted == FAR_OK;
		broken += x.broken > 0;
		whole += x.broken == 0 && x.read >= 3;
	}
	if (one)
		return;
	/* It must not all have been in vain. */
	assert_true(mounted > CASES * 9 / 10);
	assert_true(broken > CASES / 10 && whole > CASES / 10);
}

/* Nothing but noise behind right magics, and without any. */
static void noise(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 300; n++) {
		seed = n;
		spiffs_image_open(&image, 4);
		for (uint32_t i = 0; i < image.len; i++)
			if (i % 4096 < 252 || i % 4096 >= 256)
				image.bytes[i] = (uint8_t)random_below(256);
		assert_int_equal(exercise(n % 2 ? &defaults : &no_magic).mounted, FAR_OK);
	}
}

/* ---- built on purpose ------------------------------------------------------------------------ */

/* Every page claims to be the same page of the same file: searches find them all, and none fits. */
static void all_pages_the_same(void **state)
{
	uint32_t table[103];

	(void)state;
	for (uint32_t i = 0; i < 103; i++)
		table[i] = 17;
	spiffs_image_open(&image, 64);
	for (uint32_t page = 0; page < 64 * 16; page++)
		if (page % 16 != 0)
			spiffs_image_header(&image, page, 1, 0x7000, SPIFFS_DATA);
	spiffs_image_head(&image, 1, 1, "/x", 900 * 251, table, 103);
	assert_int_equal(exercise(&defaults).broken, 1);
}

/* Every page is a head of its own, with the largest size that passes. */
static void all_pages_heads(void **state)
{
	(void)state;
	spiffs_image_open(&image, 64);
	for (uint32_t page = 0; page < 64 * 16; page++)
		if (page % 16 != 0)
			spiffs_image_head(&image, page, page, "/x", 960 * 251, NULL, 0);
	assert_int_equal(exercise(&defaults).broken, 960);
}

/* Each page in the wrong place: as many as a block has are forgiven, not one more. */
static void all_pages_moved(void **state)
{
	(void)state;
	for (uint32_t pages = 15; pages <= 18; pages++) {
		uint32_t table[20];

		spiffs_image_open(&image, 4);
		for (uint32_t i = 0; i < pages; i++) {
			table[i] = 63;
			spiffs_image_data(&image, 2 + i + (i > 13), 1, i, "x", 1);
		}
		spiffs_image_head(&image, 1, 1, "/x", pages * 251, table, pages);
		assert_int_equal(exercise(&defaults).broken, pages > 16);
	}
}

/* Sizes at which a sum might wrap. */
static void sizes(void **state)
{
	static const uint32_t sizes[] = { 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 60 * 251 + 1 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		spiffs_image_open(&image, 4);
		spiffs_image_head(&image, 1, 1, "/x", sizes[i], NULL, 0);
		assert_int_equal(exercise(&defaults).broken, 1);
	}
}

/* Entries that point to look-ups, beyond the end, to the file's own index. */
static void entries(void **state)
{
	static const uint32_t wrong[] = { 0, 16, 1, 64, 0x7FFF, 0xFFFE, 0xFFFF };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		spiffs_image_open(&image, 4);
		spiffs_image_head(&image, 1, 1, "/x", 10, &wrong[i], 1);
		assert_int_equal(exercise(&defaults).broken, 1);
	}
}

/* The words of a look-up can read like the header of a page of data. */
static void look_up_as_data(void **state)
{
	(void)state;
	spiffs_image_open(&image, 4);
	memcpy(spiffs_image_page(&image, 16), "\x01\x00\x00\x00\xFC\x00", 6);
	spiffs_image_head(&image, 1, 1, "/x", 10, (const uint32_t[]){ 16 }, 1);
	assert_int_equal(exercise(&defaults).broken, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound),           cmocka_unit_test(any_damage),
		cmocka_unit_test(noise),           cmocka_unit_test(all_pages_the_same),
		cmocka_unit_test(all_pages_heads), cmocka_unit_test(all_pages_moved),
		cmocka_unit_test(sizes),           cmocka_unit_test(entries),
		cmocka_unit_test(look_up_as_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
