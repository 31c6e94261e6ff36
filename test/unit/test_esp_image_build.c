/* SPDX-License-Identifier: Apache-2.0 */
/* service/esp_image builds: byte for byte what was computed by hand, and what can be read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_image_rig.h"

#define PIECES 24

static struct image_rig rig; /* takes what is built */
static struct far_esp_image_piece pieces[PIECES];
static struct far_esp_image_build build;
static unsigned writes, fail_at;
static uint8_t noise[0x10000];

static int take(void *ctx, const uint8_t *data, uint32_t len)
{
	struct image_rig *r = ctx;

	if (++writes == fail_at)
		return FAR_ERR_IO;
	assert_true(len <= sizeof(r->bytes) - r->len);
	memcpy(r->bytes + r->len, data, len);
	r->len += len;
	return FAR_OK;
}

/* A build for a chip, without pieces yet; the header's fields are those of the images by hand. */
static void begin(const char *chip)
{
	rig.len = rig.fail_at = 0;
	memset(&build, 0, sizeof(build));
	build.chip = chip_named(chip);
	build.pieces = pieces;
	build.entry = 0x40080400;
	build.mode = 2;
	build.size = 2;
	build.append_hash = 1;
	build.max_rev_full = 0xFFFF;
	build.write = take;
	build.ctx = &rig;
	writes = fail_at = 0;
}

static void piece(uint32_t addr, uint32_t len, const void *data)
{
	pieces[build.count++] = (struct far_esp_image_piece){ addr, len, data, 0 };
}

/* Plan, write, and read again: it is as long as was planned, and sound. */
static void make(void)
{
	assert_int_equal(far_esp_image_plan(&build), FAR_OK);
	assert_int_equal(far_esp_image_write(&build), FAR_OK);
	assert_int_equal(rig.len, build.len);
	assert_int_equal(image_rig_read(&rig, build.chip), FAR_OK);
	assert_int_equal(rig.image.len, build.len);
	assert_int_equal(rig.image.segments, build.segments);
}

static void assert_segment(unsigned i, uint32_t addr, uint32_t len, uint32_t offset)
{
	assert_int_equal(rig.image.segment[i].addr, addr);
	assert_int_equal(rig.image.segment[i].len, len);
	assert_int_equal(rig.image.segment[i].offset, offset);
}

static void by_hand_esp32(void **state)
{
	(void)state;
	begin("esp32");
	build.max_rev_full = 399;
	piece(0x3FFB0000, 8, "farflash");
	make();
	assert_int_equal(rig.len, IMAGE_ESP32_LEN);
	assert_memory_equal(rig.bytes, image_esp32, IMAGE_ESP32_LEN);
}

static void by_hand_esp8266(void **state)
{
	(void)state;
	begin("esp8266");
	build.entry = 0x40100004;
	build.mode = 1;
	build.size = 0;
	build.freq = 0xF;
	piece(0x40100000, 4, "\x01\x02\x03\x04");
	piece(0x3FFE8000, 4, "\x10\x20\x30\x40");
	make();
	/* By address, which is the other way round than in the image by hand. */
	assert_int_equal(rig.len, IMAGE_ESP8266_LEN);
	assert_memory_equal(rig.bytes, image_esp8266, 8);
	assert_memory_equal(rig.bytes + 8, image_esp8266 + 20, 12);
	assert_memory_equal(rig.bytes + 20, image_esp8266 + 8, 12);
	assert_memory_equal(rig.bytes + 32, image_esp8266 + 32, 16);
}

/* Every field of the extended header at its place. */
static void header_fields(void **state)
{
	(void)state;
	begin("esp32c6");
	build.append_hash = 0;
	build.min_rev = 7;
	build.min_rev_full = 0x0102;
	build.max_rev_full = 0x0304;
	build.freq = 2;
	build.size = 4;
	piece(0x40800000, 4, noise);
	make();
	assert_memory_equal(rig.bytes,
			    "\xE9\x01\x02\x42\x00\x04\x08\x40\xEE\x00\x00\x00\x0D\x00\x07\x02\x01"
			    "\x04\x03\x00\x00\x00\x00\x00",
			    24);
	assert_int_equal(rig.len, 48);
}

/*
 * A mapped segment at an offset of 0x20 fits right behind the header. The next, at 0x18 in its
 * page, wants offset 0x10018, with its head at 0x10010: the gap from 0x128 on takes a segment of
 * 0x10010 - 0x130 = 0xFEE0 bytes. What is to be loaded has 0x10 bytes less and is not split, so
 * that 0x10 bytes are left: a head of 8 and padding of 8.
 */
static void gap_by_hand(void **state)
{
	(void)state;
	begin("esp32");
	piece(0x400D0018, 0x40, noise);
	piece(0x3F400020, 0x108, noise + 1);
	piece(0x3FFB0000, 0xFED0, noise);
	make();
	assert_int_equal(build.segments, 4);
	assert_segment(0, 0x3F400020, 0x108, 0x20);
	assert_segment(1, 0x3FFB0000, 0xFED0, 0x130);
	assert_segment(2, 0, 8, 0x10008);
	assert_segment(3, 0x400D0018, 0x40, 0x10018);
}

/* As before, but 0x1000 bytes more than the gap takes: the rest follows at the end. */
static void split_by_hand(void **state)
{
	(void)state;
	begin("esp32");
	piece(0x400D0018, 0x40, noise);
	piece(0x3F400020, 0x108, noise + 1);
	piece(0x3FFB0000, 0xFEE0, noise);
	piece(0x3FFBFEE0, 0x1000, noise + 7);
	make();
	assert_int_equal(build.segments, 4);
	assert_segment(1, 0x3FFB0000, 0xFEE0, 0x130);
	assert_segment(2, 0x400D0018, 0x40, 0x10018);
	assert_segment(3, 0x3FFBFEE0, 0x1000, 0x10060);
	assert_memory_equal(rig.bytes + 0x10060, noise + 7, 0x1000);
}

/* What would leave 4 or 8 bytes of the gap, too few for another segment, is cut shorter. */
static void no_page_is_wasted(void **state)
{
	(void)state;
	for (uint32_t less = 0; less <= 16; less += 4) {
		begin("esp32");
		piece(0x400D0018, 0x40, noise);
		piece(0x3F400020, 0x108, noise + 1);
		piece(0x3FFB0000, 0xFEE0 - less, noise);
		make();
		assert_segment(1, 0x3FFB0000,
			       less == 4   ? 0xFED4
			       : less == 8 ? 0xFED4
					   : 0xFEE0 - less,
			       0x130);
		assert_true(rig.len < 0x10100);
	}
}

/* Nothing is left to be loaded: zeros alone fill the gap. */
static void padding_only(void **state)
{
	(void)state;
	begin("esp32c3");
	piece(0x42010020, 0x40, noise);
	piece(0x3C000020, 0x108, noise + 1);
	make();
	assert_int_equal(build.segments, 3);
	assert_segment(1, 0, 0xFEE8, 0x130);
	assert_segment(2, 0x42010020, 0x40, 0x10020);
	for (uint32_t i = 0; i < 0xFEE8; i++)
		assert_int_equal(rig.bytes[0x130 + i], 0);
}

/* In a gap of 8 bytes there is room for a head only: a segment without bytes is not made. */
static void narrow_gap(void **state)
{
	(void)state;
	for (uint32_t gap = 0; gap <= 12; gap += 4) {
		begin("esp32");
		piece(0x3F400020 + gap, 0x40, noise);
		make();
		assert_segment(build.segments - 1, 0x3F400020 + gap, 0x40,
			       0x20 + gap + (gap == 4 || gap == 8 ? 0x10000 : 0));
		assert_int_equal(build.segments, gap == 0 ? 1 : 2);
		if (gap > 0)
			assert_segment(0, 0, gap == 12 ? 4 : 0x10000 - 8 + gap, 0x20);
	}
}

/* A mapped segment that reaches a few bytes into its last page is made to reach 0x24 bytes. */
static void last_page(void **state)
{
	static const struct {
		uint32_t len, want;
	} cases[] = {
		{ 0xFFE0, 0xFFE0 }, /* ends with its page */
		{ 0xFFE4, 0x10004 },  { 0x10000, 0x10004 },
		{ 0x10004, 0x10004 }, { 0x10008, 0x10008 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static uint8_t large[0x11000];

		begin("esp32");
		piece(0x3F400020, cases[i].len, large);
		make();
		assert_segment(0, 0x3F400020, cases[i].want, 0x20);
	}
}

/* Smaller pages, where the program asks for them, mean smaller gaps. */
static void smaller_pages(void **state)
{
	(void)state;
	for (uint32_t page = 0x2000; page <= 0x10000; page *= 2) {
		begin("esp32c2");
		build.page = page;
		piece(0x42000020 + page, 0x40, noise);
		piece(0x3C000020, 0x100, noise);
		make();
		assert_segment(2, 0x42000020 + page, 0x40, page + 0x20);
	}
}

/* The application's description leads, even if its address does not. */
static void first(void **state)
{
	(void)state;
	begin("esp32c6");
	piece(0x42000020, 0x40, noise);
	piece(0x42010020, 0x100, noise);
	piece(0x42010120, 0x80, noise + 3);
	pieces[1].first = 1;
	make();
	assert_segment(0, 0x42010020, 0x180, 0x20);
	assert_segment(2, 0x42000020, 0x40, 0x10020);
}

/* Pieces that adjoin, or share a word, become one segment; zeros fill the word. */
static void joined(void **state)
{
	(void)state;
	begin("esp32");
	piece(0x3FFB0009, 2, "67");
	piece(0x3FFB0004, 5, "12345");
	piece(0x3FFB0002, 2, "ab");
	piece(0x3FFB0010, 1, "x");
	make();
	assert_int_equal(build.segments, 2);
	assert_segment(0, 0x3FFB0000, 12, 32);
	assert_memory_equal(rig.bytes + 32, "\0\0ab1234567\0", 12);
	assert_segment(1, 0x3FFB0010, 4, 52);
	assert_memory_equal(rig.bytes + 52, "x\0\0\0", 4);
}

/* ---- what cannot be built -------------------------------------------------------------------- */

static void refused(enum far_esp_image_bad bad, uint32_t addr)
{
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_RANGE);
	assert_int_equal(build.bad, bad);
	assert_int_equal(build.pieces[build.bad_piece].addr, addr);
}

static void bad_pieces(void **state)
{
	(void)state;
	begin("esp32");
	piece(0x3FFB0004, 4, noise);
	piece(0x3FFB0000, 5, noise);
	refused(FAR_ESP_IMAGE_BAD_OVERLAP, 0x3FFB0004);
	begin("esp32");
	piece(0x3FFB0000, 4, noise);
	piece(0x3FFB0000, 4, noise);
	refused(FAR_ESP_IMAGE_BAD_OVERLAP, 0x3FFB0000);
	begin("esp32");
	piece(0x3F400020, 4, noise);
	piece(0x3F40FFFC, 4, noise);
	refused(FAR_ESP_IMAGE_BAD_PAGE, 0x3F40FFFC);
	begin("esp32");
	piece(0xFFFFFFF0, 16, noise);
	refused(FAR_ESP_IMAGE_BAD_LEN, 0xFFFFFFF0);
	begin("esp32");
	piece(0x3FFB0000, 0x10000001, noise);
	refused(FAR_ESP_IMAGE_BAD_LEN, 0x3FFB0000);
	begin("esp32");
	for (uint32_t i = 0; i < 17; i++)
		piece(0x3FFB0000 + 8 * i, 4, noise);
	refused(FAR_ESP_IMAGE_BAD_COUNT, 0x3FFB0080);
	build.count = 16;
	make();
}

static void arguments(void **state)
{
	(void)state;
	begin("esp32");
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_ARG); /* no pieces */
	piece(0x3FFB0000, 0, noise);
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_ARG);
	begin("esp32");
	piece(0x3FFB0000, 4, NULL);
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_ARG);
	begin("esp8266");
	piece(0x40210000, 4, noise); /* mapped: not part of what the ROM loads */
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_ARG);
	begin("esp32");
	piece(0x3FFB0000, 4, noise);
	build.page = 0x1000;
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_ARG);
	build.page = 0;
	build.freq = 16;
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_ARG);
	build.freq = 0;
	build.size = 16;
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_ARG);
	build.size = 0;
	build.chip = NULL;
	assert_int_equal(far_esp_image_plan(&build), FAR_ERR_ARG);
}

/* Every write fails once: its code comes back, and nothing is written behind it. */
static void every_write_fails(void **state)
{
	unsigned n;

	(void)state;
	begin("esp32");
	piece(0x3F400020, 0x100, noise);
	piece(0x3FFB0000, 100, noise);
	assert_int_equal(far_esp_image_plan(&build), FAR_OK);
	for (n = 1;; n++) {
		int err;

		rig.len = writes = 0;
		fail_at = n;
		err = far_esp_image_write(&build);
		if (err == FAR_OK)
			break;
		assert_int_equal(err, FAR_ERR_IO);
		assert_int_equal(writes, n);
	}
	assert_true(n > 6);
}

/* ---- any program ----------------------------------------------------------------------------- */

static uint32_t seed;

static uint32_t below(uint32_t limit)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % limit;
}

/* Some pieces from addr on, now and then with room between them. */
static void scatter(uint32_t addr, uint32_t room)
{
	for (unsigned n = 1 + below(5); n > 0; n--) {
		uint32_t len = 1 + below(below(4) ? 300 : 0x4000);

		piece(addr, len, noise + below(0x4000));
		addr += len;
		if (below(2))
			addr = (addr + room - 1) / room * room + below(room / 2);
	}
}

/* The bytes of a piece are where the chip will have them, in one segment or several. */
static void assert_loaded(const struct far_esp_image_piece *p)
{
	uint32_t found = 0;

	for (unsigned i = 0; i < rig.image.segments; i++) {
		const struct far_esp_image_segment *s = &rig.image.segment[i];
		uint32_t from = p->addr > s->addr ? p->addr : s->addr;
		uint32_t end =
			p->addr + p->len < s->addr + s->len ? p->addr + p->len : s->addr + s->len;

		if (s->addr == 0 || from >= end)
			continue;
		assert_memory_equal(rig.bytes + s->offset + (from - s->addr),
				    p->data + (from - p->addr), end - from);
		found += end - from;
	}
	assert_int_equal(found, p->len);
}

static void assert_mapped(void)
{
	for (unsigned i = 0; i < rig.image.segments; i++) {
		const struct far_esp_image_segment *s = &rig.image.segment[i];

		if (far_esp_image_is_mapped(build.chip, s->addr))
			assert_int_equal(s->addr % build.page, s->offset % build.page);
	}
}

/* A thousand programs of every chip, reproducible by their numbers. */
static void any_program(void **state)
{
	unsigned made = 0;

	(void)state;
	for (unsigned n = 0; n < 1000; n++) {
		const struct far_esp_image_chip *chip = far_esp_image_chip_row(1 + n % 10);
		int err;

		seed = n;
		begin(chip->name);
		build.page = 0x2000u << below(4);
		scatter(chip->mapped[0].begin + below(0x100), build.page);
		if (chip->mapped[1].end && below(2))
			scatter(chip->mapped[1].begin + below(0x100), build.page);
		if (below(4))
			scatter(0x50000000 + below(64), 64);
		for (unsigned i = build.count; i > 1; i--) { /* in any order */
			struct far_esp_image_piece swap = pieces[i - 1];
			unsigned k = below(i);

			pieces[i - 1] = pieces[k];
			pieces[k] = swap;
		}
		err = far_esp_image_plan(&build);
		if (err == FAR_ERR_RANGE) {
			assert_true(build.bad == FAR_ESP_IMAGE_BAD_COUNT ||
				    build.bad == FAR_ESP_IMAGE_BAD_PAGE);
			continue;
		}
		make();
		assert_mapped();
		for (unsigned i = 0; i < build.count; i++)
			assert_loaded(&pieces[i]);
		made++;
	}
	assert_true(made > 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand_esp32), cmocka_unit_test(by_hand_esp8266),
		cmocka_unit_test(header_fields), cmocka_unit_test(gap_by_hand),
		cmocka_unit_test(split_by_hand), cmocka_unit_test(no_page_is_wasted),
		cmocka_unit_test(padding_only),  cmocka_unit_test(last_page),
		cmocka_unit_test(smaller_pages), cmocka_unit_test(first),
		cmocka_unit_test(joined),        cmocka_unit_test(bad_pieces),
		cmocka_unit_test(arguments),     cmocka_unit_test(every_write_fails),
		cmocka_unit_test(narrow_gap),    cmocka_unit_test(any_program),
	};

	for (uint32_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(below(255) + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
