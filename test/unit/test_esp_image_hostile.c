/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service/esp_image on images that nobody has made: every extreme of every field, every cut, random
 * mutations. Reads outside the image fail in the rig, writes outside memory in the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_image_rig.h"

static struct image_rig rig;
static uint8_t good[0x2000];
static uint32_t good_len, head_len;

/* An image with a bit of everything. */
static void make(uint16_t chip_id)
{
	image_rig_begin(&rig, chip_id);
	head_len = rig.len;
	image_rig_segment(&rig, chip_id == 0xFFFF ? 0x40100000 : 0x3F400020, 0x120, 1);
	memcpy(rig.bytes + head_len + 8, "\x32\x54\xCD\xAB", 4);
	image_rig_segment(&rig, 0x3FFE8000, 0, 2);
	image_rig_segment(&rig, 0, 0x200, 3);
	image_rig_end(&rig, chip_id != 0xFFFF);
	good_len = rig.len;
	memcpy(good, rig.bytes, good_len);
}

static void reset(void)
{
	image_rig_load(&rig, good, good_len);
}

/* Whatever it is: a known code, members within their bounds, and all calls can be made. */
static void try_all(const struct far_esp_image_chip *chip)
{
	const struct far_esp_image_change change = { 3, 1, 1 };
	struct far_esp_image_app app;
	struct far_esp_image_patch patch;
	int err = image_rig_read(&rig, chip);

	assert_true(err == FAR_OK || err == FAR_ERR_PROTO || err == FAR_ERR_VERIFY);
	assert_int_equal(err == FAR_OK, rig.image.problem == FAR_ESP_IMAGE_FINE);
	assert_true(rig.image.segments <= FAR_ESP_IMAGE_SEGMENTS);
	assert_true(rig.image.len <= rig.len && rig.image.problem_at <= rig.len);
	err = far_esp_image_read_app(&rig.image, &rig.source, &app);
	assert_true(err == FAR_OK || err == FAR_ERR_NOTSUP);
	err = far_esp_image_change(&rig.image, &rig.source, &change, &patch);
	assert_int_equal(err, rig.image.problem == FAR_ESP_IMAGE_FINE ? FAR_OK : FAR_ERR_ARG);
	if (err == FAR_OK)
		far_esp_image_apply(&patch, 0, rig.bytes, rig.len);
}

/* Every byte of the headers takes every value. */
static void every_byte(void **state)
{
	static const uint16_t ids[] = { 0, 0xFFFF, 13 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		make(ids[i]);
		for (uint32_t at = 0; at < head_len + 12; at++)
			for (unsigned v = 0; v < 256; v++) {
				reset();
				rig.bytes[at] = (uint8_t)v;
				try_all(NULL);
			}
	}
}

/*
 * Every length of every segment, and every address, at and around the limits of its type and file.
 */
static void extremes(void **state)
{
	static const uint32_t values[] = {
		0,          1,          3,          4,          0x7FFFFFFF, 0x80000000,
		0x80000001, 0xFFFFFFF0, 0xFFFFFFFB, 0xFFFFFFFC, 0xFFFFFFFF, 0x10000,
	};

	(void)state;
	make(0);
	for (uint32_t head = head_len, k = 0; k < 3; k++) {
		uint32_t len = k == 0 ? 0x120 : k == 1 ? 0 : 0x200;

		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) + 64; i++) {
			/* The last ones end the segment around the end of the file. */
			size_t fixed = sizeof(values) / sizeof(values[0]);
			uint32_t v = i < fixed ? values[i]
					       : good_len - head - 8 - 48 + (uint32_t)(i - fixed);

			for (uint32_t field = 0; field < 8; field += 4) {
				reset();
				for (unsigned b = 0; b < 4; b++)
					rig.bytes[head + field + b] = (uint8_t)(v >> 8 * b);
				try_all(NULL);
			}
		}
		head += 8 + len;
	}
}

static void every_cut(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		make(i ? 0xFFFF : 5);
		for (uint32_t len = 0; len < good_len; len++) {
			reset();
			rig.len = len;
			try_all(NULL);
			assert_int_not_equal(rig.image.problem, FAR_ESP_IMAGE_FINE);
		}
	}
}

/* Mutations by number: bytes set to anything, runs filled, the end cut or made longer. */
static void mutations(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 20000; n++) {
		uint32_t seed = n * 2654435761u + 1;

		if (n % 1000 == 0)
			make((uint16_t)(n % 3000 == 0 ? 0xFFFF : n % 2000 == 0 ? 0 : 9));
		reset();
		for (unsigned k = 1 + n % 7; k > 0; k--) {
			uint32_t at, limit = k % 2 ? head_len + 16 : good_len;

			seed = seed * 1664525u + 1013904223u;
			at = (seed >> 8) % limit;
			rig.bytes[at] = (uint8_t)(seed % 5 == 0 ? 0xFF : seed >> 24);
		}
		if (n % 11 == 0)
			rig.len = seed % (good_len + 100);
		try_all(n % 2 ? NULL : far_esp_image_chip_row(n % 12));
	}
}

/* Nothing but noise, with and without the first byte of an image. */
static void noise(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (uint32_t n = 0; n < 20000; n++) {
		for (uint32_t i = 0; i < 256; i++) {
			seed = seed * 1664525u + 1013904223u;
			rig.bytes[i] = (uint8_t)(seed >> 24);
		}
		if (n % 4)
			rig.bytes[0] = n % 4 == 1 ? 0xEA : 0xE9;
		if (n % 8 > 3)
			rig.bytes[12] = rig.bytes[13] = 0;
		rig.len = 256;
		try_all(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte), cmocka_unit_test(extremes),
		cmocka_unit_test(every_cut),  cmocka_unit_test(mutations),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
