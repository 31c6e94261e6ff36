/* SPDX-License-Identifier: Apache-2.0 */
/* service/esp_image reads images that were put together by hand from the tables of the format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_image_rig.h"
#include "test/common/ram_flash.h"

static struct image_rig rig;

/* By hand: the same program as version 2, with a mapped segment of two words before it. */
static const uint8_t esp8266_v2[] = {
	0xEA, 0x04, 0x01, 0x0F, 0x04, 0x00, 0x10, 0x40, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00,
	0x00, 0x00, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0x00, 0x11, 0xE9, 0x01, 0x01, 0x0F,
	0x04, 0x00, 0x10, 0x40, 0x00, 0x00, 0x10, 0x40, 0x04, 0x00, 0x00, 0x00, 0x01, 0x02,
	0x03, 0x04, 0x00, 0x00, 0x00, 0xEB, 0x12, 0x34, 0x56, 0x78, /* a CRC of the bootloader's */
};

static void assert_problem(enum far_esp_image_problem problem, uint32_t at)
{
	assert_int_equal(rig.image.problem, problem);
	assert_int_equal(rig.image.problem_at, at);
}

static void assert_segment(unsigned i, uint32_t addr, uint32_t len, uint32_t offset)
{
	assert_int_equal(rig.image.segment[i].addr, addr);
	assert_int_equal(rig.image.segment[i].len, len);
	assert_int_equal(rig.image.segment[i].offset, offset);
}

static void by_hand_esp32(void **state)
{
	const struct far_esp_image *m = &rig.image;

	(void)state;
	image_rig_load(&rig, image_esp32, sizeof(image_esp32));
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
	assert_problem(FAR_ESP_IMAGE_FINE, 0);
	assert_ptr_equal(m->chip, chip_named("esp32"));
	assert_int_equal(m->version, 1);
	assert_string_equal(far_esp_image_mode_name(m->mode), "dio");
	assert_string_equal(far_esp_image_size_name(m->chip, m->size), "4MB");
	assert_int_equal(far_esp_image_freq_mhz(m->chip, m->freq), 40);
	assert_int_equal(m->entry, 0x40080400);
	assert_int_equal(m->has_extended, 1);
	assert_int_equal(m->wp_pin, 0xEE);
	assert_int_equal(m->chip_id, 0);
	assert_int_equal(m->min_rev_full, 0);
	assert_int_equal(m->max_rev_full, 399);
	assert_int_equal(m->segments, 1);
	assert_segment(0, 0x3FFB0000, 8, 32);
	assert_int_equal(m->checksum, 0xEA);
	assert_int_equal(m->checksum_computed, 0xEA);
	assert_int_equal(m->checksum_at, 47);
	assert_int_equal(m->hash_at, 48);
	assert_memory_equal(m->hash_computed, image_esp32 + 48, FAR_SHA256_LEN);
	assert_int_equal(m->len, sizeof(image_esp32));
}

static void by_hand_esp8266(void **state)
{
	const struct far_esp_image *m = &rig.image;

	(void)state;
	image_rig_load(&rig, image_esp8266, sizeof(image_esp8266));
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
	assert_ptr_equal(m->chip, chip_named("esp8266"));
	assert_int_equal(m->has_extended, 0);
	assert_string_equal(far_esp_image_mode_name(m->mode), "qout");
	assert_string_equal(far_esp_image_size_name(m->chip, m->size), "512KB");
	assert_int_equal(far_esp_image_freq_mhz(m->chip, m->freq), 80);
	assert_int_equal(m->segments, 2);
	assert_segment(0, 0x40100000, 4, 16);
	assert_segment(1, 0x3FFE8000, 4, 28);
	assert_int_equal(m->checksum_at, 47);
	assert_int_equal(m->hash_at, 0);
	assert_int_equal(m->len, sizeof(image_esp8266));
}

static void by_hand_version_2(void **state)
{
	(void)state;
	image_rig_load(&rig, esp8266_v2, sizeof(esp8266_v2));
	assert_int_equal(image_rig_read(&rig, chip_named("esp8266")), FAR_OK);
	assert_int_equal(rig.image.version, 2);
	assert_int_equal(rig.image.segments, 2);
	assert_segment(0, 0, 8, 16);
	assert_segment(1, 0x40100000, 4, 40);
	assert_int_equal(rig.image.checksum, 0xEB);
	assert_int_equal(rig.image.len, 48);
}

/* Version 2, broken in each of the ways that only it has. */
static void version_2_broken(void **state)
{
	(void)state;
	image_rig_load(&rig, esp8266_v2, sizeof(esp8266_v2));
	rig.bytes[1] = 3;
	assert_int_equal(image_rig_read(&rig, NULL), FAR_ERR_PROTO);
	assert_problem(FAR_ESP_IMAGE_SEGMENT_COUNT, 1);
	image_rig_load(&rig, esp8266_v2, sizeof(esp8266_v2));
	rig.bytes[24] = 0xE8;
	assert_int_equal(image_rig_read(&rig, NULL), FAR_ERR_PROTO);
	assert_problem(FAR_ESP_IMAGE_NO_MAGIC, 24);
	image_rig_load(&rig, esp8266_v2, sizeof(esp8266_v2));
	rig.bytes[25] = 16; /* one place is taken by the mapped segment */
	assert_int_equal(image_rig_read(&rig, NULL), FAR_ERR_PROTO);
	assert_problem(FAR_ESP_IMAGE_SEGMENT_COUNT, 25);
	image_rig_load(&rig, esp8266_v2, sizeof(esp8266_v2));
	rig.len = 30;
	assert_int_equal(image_rig_read(&rig, NULL), FAR_ERR_PROTO);
	assert_problem(FAR_ESP_IMAGE_CUT_OFF, 24);
}

/* Every chip, every number of segments that there can be, with and without a hash. */
static void every_chip(void **state)
{
	const struct far_esp_image_chip *chip;

	(void)state;
	for (unsigned row = 0; (chip = far_esp_image_chip_row(row)); row++)
		for (unsigned count = 1; count <= 16; count++) {
			int hash = chip->id != 0xFFFF && count % 2;

			image_rig_begin(&rig, chip->id);
			for (unsigned i = 0; i < count; i++)
				image_rig_segment(&rig, 0x3FFE8000 + 0x100 * i, 4 * i, i);
			image_rig_end(&rig, hash);
			assert_int_equal(image_rig_read(&rig, chip), FAR_OK);
			assert_ptr_equal(rig.image.chip, chip);
			assert_int_equal(rig.image.segments, count);
			assert_int_equal(rig.image.segment[count - 1].len, 4 * (count - 1));
			assert_int_equal(rig.image.len, rig.len);
			assert_int_equal(rig.image.hash_appended, hash);
		}
}

/* The rows: no id, name or family twice, and what the vendor documents for each. */
static void rows(void **state)
{
	static const struct {
		const char *name;
		uint32_t bootloader, family;
		uint16_t id;
		const char *fastest;
	} known[] = {
		{ "esp8266", 0, 0x7EAB61ED, 0xFFFF, "80m" },
		{ "esp32", 0x1000, 0x1C5F21B0, 0, "80m" },
		{ "esp32s2", 0x1000, 0xBFDD4EEE, 2, "80m" },
		{ "esp32s3", 0, 0xC47E5767, 9, "80m" },
		{ "esp32c2", 0, 0x2B88D29C, 12, "60m" },
		{ "esp32c3", 0, 0xD42BA06C, 5, "80m" },
		{ "esp32c5", 0x2000, 0xF71C0343, 23, "80m" },
		{ "esp32c6", 0, 0x540DDF62, 13, "80m" },
		{ "esp32c61", 0, 0x77D850C4, 20, "80m" },
		{ "esp32h2", 0, 0x332726F6, 16, "48m" },
		{ "esp32p4", 0x2000, 0x3D308E94, 18, "80m" },
	};
	unsigned count = sizeof(known) / sizeof(known[0]);

	(void)state;
	assert_non_null(far_esp_image_chip_row(count - 1));
	assert_null(far_esp_image_chip_row(count));
	for (unsigned i = 0; i < count; i++) {
		const struct far_esp_image_chip *chip = chip_named(known[i].name);

		assert_int_equal(chip->bootloader, known[i].bootloader);
		assert_int_equal(chip->uf2_family, known[i].family);
		assert_int_equal(chip->id, known[i].id);
		assert_true(far_esp_image_freq_code(chip, known[i].fastest) >= 0);
		assert_ptr_equal(far_esp_image_chip_by_id(chip->id),
				 chip->id == 0xFFFF ? NULL : chip);
		for (unsigned k = 0; k < i; k++)
			assert_ptr_not_equal(chip, chip_named(known[k].name));
	}
	assert_null(far_esp_image_chip_by_name("esp32c"));
	assert_null(far_esp_image_chip_by_name("esp32c66"));
	assert_null(far_esp_image_chip_by_name(""));
	assert_ptr_equal(far_esp_image_chip_by_name("ESP32-s2"), chip_named("esp32-S2"));
}

/* Mode, frequency and size, both ways; what no chip or not this chip has is -1. */
static void codes(void **state)
{
	const struct far_esp_image_chip *chip, *old = chip_named("esp8266");

	(void)state;
	for (unsigned row = 0; (chip = far_esp_image_chip_row(row)); row++) {
		for (unsigned code = 0; code < 16; code++) {
			const char *size = far_esp_image_size_name(chip, code);

			if (size)
				assert_int_equal(far_esp_image_size_code(chip, size), code);
		}
		for (unsigned i = 0; chip->freqs[i].mhz; i++)
			assert_true(far_esp_image_freq_mhz(chip, chip->freqs[i].code) > 0);
		assert_int_equal(far_esp_image_freq_mhz(chip, 7), 0);
		assert_int_equal(far_esp_image_freq_code(chip, "33m"), -1);
		assert_int_equal(far_esp_image_freq_code(chip, "m"), -1);
		assert_int_equal(far_esp_image_freq_code(chip, "20"), -1);
		assert_int_equal(far_esp_image_freq_code(chip, "20mm"), -1);
		assert_int_equal(far_esp_image_freq_code(chip, "99999999999999999999m"), -1);
		assert_int_equal(far_esp_image_size_code(chip, "3MB"), -1);
		assert_int_equal(far_esp_image_size_code(chip, ""), -1);
		assert_int_equal(far_esp_image_size_code(chip, "1"), -1);
		assert_null(far_esp_image_size_name(chip, 16));
	}
	assert_int_equal(far_esp_image_size_code(old, "4MB"), 4);
	assert_int_equal(far_esp_image_size_code(old, "4m"), 4);
	assert_int_equal(far_esp_image_size_code(old, "4MB-c1"), 6);
	assert_int_equal(far_esp_image_size_code(chip_named("esp32"), "4MB"), 2);
	assert_int_equal(far_esp_image_size_code(chip_named("esp32"), "4MB-c1"), -1);
	assert_int_equal(far_esp_image_size_code(chip_named("esp32"), "256KB"), -1);
	assert_int_equal(far_esp_image_size_code_of(old, 2u << 20), 3);
	assert_int_equal(far_esp_image_size_code_of(old, 256u << 10), 1);
	assert_int_equal(far_esp_image_size_code_of(old, 3u << 20), -1);
	assert_int_equal(far_esp_image_size_code_of(chip_named("esp32c6"), 16u << 20), 4);
	assert_int_equal(far_esp_image_freq_code(chip_named("esp32"), "26MHz"), 1);
	assert_int_equal(far_esp_image_freq_code(chip_named("esp32c2"), "15m"), 2);
	assert_int_equal(far_esp_image_freq_code(chip_named("esp32c6"), "80m"), 0);
	assert_int_equal(far_esp_image_mode_code("DOUT"), 3);
	assert_int_equal(far_esp_image_mode_code("fast"), -1);
	assert_null(far_esp_image_mode_name(4));
}

/* Every bit of the image, wrong: nothing passes, and no sound part is blamed. */
static void every_bit(void **state)
{
	(void)state;
	for (uint32_t bit = 0; bit < 8 * sizeof(image_esp32); bit++) {
		int err;

		image_rig_load(&rig, image_esp32, sizeof(image_esp32));
		rig.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		err = image_rig_read(&rig, NULL);
		/* Without its flag the hash is bytes that follow: only this bit is not seen. */
		if (bit == 23 * 8) {
			assert_int_equal(err, FAR_OK);
			assert_int_equal(rig.image.len, 48);
			continue;
		}
		assert_true(err == FAR_ERR_PROTO || err == FAR_ERR_VERIFY);
		assert_int_not_equal(rig.image.problem, FAR_ESP_IMAGE_FINE);
	}
}

/* What is wrong, and where. */
static void problems(void **state)
{
	static const struct {
		uint32_t at;
		uint8_t byte;
		int err;
		enum far_esp_image_problem problem;
		uint32_t problem_at;
	} cases[] = {
		{ 0, 0xE8, FAR_ERR_PROTO, FAR_ESP_IMAGE_NO_MAGIC, 0 },
		{ 1, 0, FAR_ERR_PROTO, FAR_ESP_IMAGE_SEGMENT_COUNT, 1 },
		{ 1, 17, FAR_ERR_PROTO, FAR_ESP_IMAGE_SEGMENT_COUNT, 1 },
		{ 1, 255, FAR_ERR_PROTO, FAR_ESP_IMAGE_SEGMENT_COUNT, 1 },
		{ 12, 77, FAR_ERR_PROTO, FAR_ESP_IMAGE_OTHER_CHIP, 12 },
		{ 13, 1, FAR_ERR_PROTO, FAR_ESP_IMAGE_OTHER_CHIP, 12 },
		{ 23, 2, FAR_ERR_PROTO, FAR_ESP_IMAGE_HASH_FLAG, 23 },
		{ 28, 0xFF, FAR_ERR_PROTO, FAR_ESP_IMAGE_CUT_OFF, 24 },
		{ 31, 0xFF, FAR_ERR_PROTO, FAR_ESP_IMAGE_CUT_OFF, 24 },
		{ 28, 9, FAR_ERR_PROTO, FAR_ESP_IMAGE_SEGMENT_LEN, 28 },
		{ 1, 2, FAR_ERR_PROTO, FAR_ESP_IMAGE_CUT_OFF, 40 },
		{ 32, 'F', FAR_ERR_VERIFY, FAR_ESP_IMAGE_BAD_CHECKSUM, 47 },
		{ 47, 0, FAR_ERR_VERIFY, FAR_ESP_IMAGE_BAD_CHECKSUM, 47 },
		{ 40, 1, FAR_ERR_VERIFY, FAR_ESP_IMAGE_BAD_HASH, 48 },
		{ 79, 0, FAR_ERR_VERIFY, FAR_ESP_IMAGE_BAD_HASH, 48 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		image_rig_load(&rig, image_esp32, sizeof(image_esp32));
		rig.bytes[cases[i].at] = cases[i].byte;
		assert_int_equal(image_rig_read(&rig, NULL), cases[i].err);
		assert_problem(cases[i].problem, cases[i].problem_at);
		assert_true(strlen(far_esp_image_problem_text(cases[i].problem)) > 10);
	}
	assert_non_null(far_esp_image_problem_text((enum far_esp_image_problem)99));
}

/* An image of one chip is not one of another, whichever two. */
static void other_chip(void **state)
{
	const struct far_esp_image_chip *is, *want;

	(void)state;
	for (unsigned i = 0; (is = far_esp_image_chip_row(i)); i++)
		for (unsigned k = 0; (want = far_esp_image_chip_row(k)); k++) {
			image_rig_begin(&rig, is->id);
			image_rig_segment(&rig, 0x3FFE8000, 16, 1);
			image_rig_end(&rig, 0);
			assert_int_equal(image_rig_read(&rig, want),
					 is == want ? FAR_OK : FAR_ERR_PROTO);
			assert_ptr_equal(rig.image.chip, is);
			if (is != want)
				assert_problem(FAR_ESP_IMAGE_OTHER_CHIP, 12);
		}
}

/* Cut off anywhere: never FAR_OK, never a read beyond the end (the rig's source checks). */
static void every_truncation(void **state)
{
	(void)state;
	for (uint32_t len = 0; len < sizeof(image_esp32); len++) {
		image_rig_load(&rig, image_esp32, sizeof(image_esp32));
		rig.len = len;
		assert_int_equal(image_rig_read(&rig, NULL), FAR_ERR_PROTO);
	}
	for (uint32_t len = 0; len < sizeof(image_esp8266); len++) {
		image_rig_load(&rig, image_esp8266, sizeof(image_esp8266));
		rig.len = len;
		assert_int_equal(image_rig_read(&rig, NULL), FAR_ERR_PROTO);
	}
	for (uint32_t len = 0; len < 48; len++) {
		image_rig_load(&rig, esp8266_v2, sizeof(esp8266_v2));
		rig.len = len;
		assert_int_equal(image_rig_read(&rig, NULL), FAR_ERR_PROTO);
	}
}

/* The n-th read fails, for every n: its code comes back, and no later read is made. */
static void every_read_fails(void **state)
{
	unsigned n;

	(void)state;
	for (n = 1;; n++) {
		int err;

		image_rig_load(&rig, image_esp32, sizeof(image_esp32));
		rig.fail_at = n;
		err = image_rig_read(&rig, NULL);
		if (err == FAR_OK)
			break;
		assert_int_equal(err, FAR_ERR_IO);
		assert_int_equal(rig.reads, n);
	}
	assert_true(n > 5);
}

static void arguments(void **state)
{
	struct far_esp_image_source source;

	(void)state;
	image_rig_load(&rig, image_esp32, sizeof(image_esp32));
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
	source = rig.source;
	source.work_len = FAR_ESP_IMAGE_WORK_MIN - 1;
	assert_int_equal(far_esp_image_read(&rig.image, &source, NULL), FAR_ERR_ARG);
	source = rig.source;
	source.work = NULL;
	assert_int_equal(far_esp_image_read(&rig.image, &source, NULL), FAR_ERR_ARG);
	source = rig.source;
	source.read = NULL;
	assert_int_equal(far_esp_image_read(&rig.image, &source, NULL), FAR_ERR_ARG);
}

/* ---- from a flash ---------------------------------------------------------------------------- */

static struct ram_flash ram;

static void in_a_flash(void **state)
{
	struct far_esp_image_in_flash at = { &ram.flash, 0x1000 };
	struct far_esp_image_source source = { far_esp_image_read_flash, &at, 0x1000, rig.work,
					       sizeof(rig.work) };
	struct far_esp_image image;

	(void)state;
	ram_flash_open(&ram, RAM_FLASH_BYTES, 0x1000, 1, FAR_FLASH_CAN_READ);
	memcpy(ram_flash_at(&ram, 0x1000), image_esp32, sizeof(image_esp32));
	assert_int_equal(far_esp_image_read(&image, &source, NULL), FAR_OK);
	assert_int_equal(image.len, sizeof(image_esp32));
	at.addr = UINT32_MAX;
	assert_int_equal(far_esp_image_read_flash(&at, 1, rig.work, 1), FAR_ERR_RANGE);
	at.addr = ram.flash.info.size - 16; /* the flash ends before the image does */
	assert_int_equal(far_esp_image_read(&image, &source, NULL), FAR_ERR_RANGE);
}

/* ---- what an application tells --------------------------------------------------------------- */

/* An application description by the vendor's layout, in the second mapped segment of three. */
static void put_description(uint8_t *at)
{
	memset(at, 0, 256);
	memcpy(at, "\x32\x54\xCD\xAB\x07", 5);
	memcpy(at + 16, "v1.2-dirty", 10);
	memset(at + 48, 'p', 32); /* fills its field: no zero */
	memcpy(at + 80, "12:34:56", 8);
	memcpy(at + 96, "Jan  1 2024", 11);
	memcpy(at + 112, "v5.1", 4);
	memset(at + 144, 0xA5, 32);
}

static void application(void **state)
{
	struct far_esp_image_app app;
	char full[33] = "";

	(void)state;
	image_rig_begin(&rig, 0);
	image_rig_segment(&rig, 0x3FFB0000, 256, 1);
	put_description(rig.bytes + rig.len - 256); /* not mapped: does not count */
	image_rig_segment(&rig, 0x3F400020, 100, 2);
	image_rig_segment(&rig, 0x3F410020, 256, 3);
	put_description(rig.bytes + rig.len - 256);
	rig.bytes[rig.len - 256 + 4] = 9;
	image_rig_end(&rig, 1);
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
	assert_int_equal(far_esp_image_read_app(&rig.image, &rig.source, &app), FAR_OK);
	assert_int_equal(app.secure_version, 9);
	assert_string_equal(app.version, "v1.2-dirty");
	memset(full, 'p', 32);
	assert_string_equal(app.project, full);
	assert_string_equal(app.time, "12:34:56");
	assert_string_equal(app.date, "Jan  1 2024");
	assert_string_equal(app.idf, "v5.1");
	assert_int_equal(app.elf_hash[31], 0xA5);

	rig.fail_at = rig.reads + 1;
	assert_int_equal(far_esp_image_read_app(&rig.image, &rig.source, &app), FAR_ERR_IO);
	image_rig_load(&rig, image_esp32, sizeof(image_esp32));
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
	assert_int_equal(far_esp_image_read_app(&rig.image, &rig.source, &app), FAR_ERR_NOTSUP);
}

/* ---- changing the header --------------------------------------------------------------------- */

static int change(int mode, int freq, int size, struct far_esp_image_patch *patch)
{
	const struct far_esp_image_change c = { mode, freq, size };

	return far_esp_image_change(&rig.image, &rig.source, &c, patch);
}

/* dout, 80m, 4MB: bytes 2 and 3 become 03 2F, and the hash is sha256sum's of the new 48 bytes. */
static void change_by_hand(void **state)
{
	static const uint8_t hash[] = {
		0xf6, 0xd7, 0xff, 0x70, 0xf7, 0xcb, 0xbc, 0xf8, 0xac, 0x60, 0x80,
		0x88, 0x4e, 0xc2, 0x66, 0xd2, 0xfd, 0xbd, 0x2c, 0x06, 0x11, 0xec,
		0xff, 0x70, 0x58, 0xc9, 0x9e, 0x1b, 0x54, 0xa0, 0x92, 0x4d,
	};
	struct far_esp_image_patch patch;
	uint8_t whole[sizeof(image_esp32)];

	(void)state;
	image_rig_load(&rig, image_esp32, sizeof(image_esp32));
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
	assert_int_equal(change(3, 0xF, 2, &patch), FAR_OK);
	memcpy(whole, image_esp32, sizeof(image_esp32));
	far_esp_image_apply(&patch, 0, whole, sizeof(whole));
	assert_int_equal(whole[2], 3);
	assert_int_equal(whole[3], 0x2F);
	assert_memory_equal(whole + 48, hash, sizeof(hash));
	assert_memory_equal(whole + 4, image_esp32 + 4, 44);

	/* In pieces of any length it is the same. */
	for (uint32_t n = 1; n <= sizeof(image_esp32); n++) {
		uint8_t pieces[sizeof(image_esp32)];

		memcpy(pieces, image_esp32, sizeof(image_esp32));
		for (uint32_t at = 0; at < sizeof(image_esp32); at += n)
			far_esp_image_apply(&patch, at, pieces + at,
					    n < sizeof(image_esp32) - at
						    ? n
						    : (uint32_t)sizeof(image_esp32) - at);
		assert_memory_equal(pieces, whole, sizeof(whole));
	}
	image_rig_load(&rig, whole, sizeof(whole));
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
}

/* Each member alone; -1 keeps. An image without a hash changes in two bytes only. */
static void change_one(void **state)
{
	struct far_esp_image_patch patch;

	(void)state;
	image_rig_load(&rig, image_esp8266, sizeof(image_esp8266));
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
	assert_int_equal(change(-1, -1, -1, &patch), FAR_OK);
	assert_memory_equal(patch.head, image_esp8266, 4);
	assert_int_equal(patch.hash_at, 0);
	assert_int_equal(change(2, -1, -1, &patch), FAR_OK);
	assert_memory_equal(patch.head, "\xE9\x02\x02\x0F", 4);
	assert_int_equal(change(-1, 1, -1, &patch), FAR_OK);
	assert_memory_equal(patch.head, "\xE9\x02\x01\x01", 4);
	assert_int_equal(change(-1, -1, 4, &patch), FAR_OK);
	assert_memory_equal(patch.head, "\xE9\x02\x01\x4F", 4);
}

static void change_refused(void **state)
{
	struct far_esp_image_patch patch;

	(void)state;
	image_rig_load(&rig, image_esp32, sizeof(image_esp32));
	assert_int_equal(image_rig_read(&rig, NULL), FAR_OK);
	assert_int_equal(change(16, -1, -1, &patch), FAR_ERR_ARG);
	assert_int_equal(change(-1, 16, -1, &patch), FAR_ERR_ARG);
	assert_int_equal(change(-1, -1, 16, &patch), FAR_ERR_ARG);
	for (unsigned n = 1; n <= 2; n++) {
		rig.fail_at = rig.reads + n;
		assert_int_equal(change(1, -1, -1, &patch), FAR_ERR_IO);
	}
	rig.bytes[40] = 1;
	assert_int_equal(image_rig_read(&rig, NULL), FAR_ERR_VERIFY);
	assert_int_equal(change(1, -1, -1, &patch), FAR_ERR_ARG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand_esp32),
		cmocka_unit_test(by_hand_esp8266),
		cmocka_unit_test(by_hand_version_2),
		cmocka_unit_test(version_2_broken),
		cmocka_unit_test(every_chip),
		cmocka_unit_test(rows),
		cmocka_unit_test(codes),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(problems),
		cmocka_unit_test(other_chip),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(every_read_fails),
		cmocka_unit_test(arguments),
		cmocka_unit_test(in_a_flash),
		cmocka_unit_test(application),
		cmocka_unit_test(change_by_hand),
		cmocka_unit_test(change_one),
		cmocka_unit_test(change_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
