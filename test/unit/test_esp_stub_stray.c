/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to a stub that the line turns into others just as valid: another address, another
 * length. Each is a kind that the wire-fault sweep has found, by itself: whatever is erased or
 * written elsewhere, the call fails and tells that all of the flash may have changed; and what only
 * looks like it, does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

enum {
	SIZE = 0x40000,
	SECTOR = 0x1000,
	AT = 0x12000,
	LEN = 0x9000, /* of an image: three blocks of 0x4000 */
	/* Opcodes, and where their words are in a frame behind its C0. */
	FLASH_BEGIN = 0x02,
	FLASH_DATA = 0x03,
	DEFL_BEGIN = 0x10,
	DEFL_DATA = 0x11,
	DEFL_END = 0x12,
	MD5 = 0x13,
	ERASE_REGION = 0xD1,
	ERASE_ADDR = 8,
	ERASE_LEN = 12,
	BEGIN_SIZE = 8,
	BEGIN_ADDR = 20,
	CONTENT = 24 /* of a block */
};

static uint8_t image[LEN], before[SIZE];
static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
static const struct far_esp_stub_finder finder = { test_find_stub, NULL };

/* ---- a line that damages one request --------------------------------------------------------- */

struct damage {
	uint8_t op;
	unsigned nth;         /* of the requests of this opcode, from 1; 0: none */
	uint32_t at[2], bits; /* bytes of the frame in which these bits turn over; at 0: none */
	unsigned lost;        /* nth answer of lost_op that loses a byte; 0: none */
	uint8_t lost_op;
	/* What has come so far. */
	unsigned count[256], answers[256], struck;
	uint32_t index[2]; /* in the frame under way, of each direction */
	uint8_t now[2];    /* its opcode */
};

static size_t tap(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t *out, uint64_t *delay_ns)
{
	struct damage *d = ctx;
	uint32_t i = in == 0xC0 ? 0 : ++d->index[dir];

	(void)delay_ns;
	out[0] = in;
	d->index[dir] = i;
	if (i == 2) {
		d->now[dir] = in;
		*(dir == FAR_SIM_TO_CHIP ? &d->count[in] : &d->answers[in]) += 1;
	}
	if (i < 2)
		return 1;
	if (dir == FAR_SIM_TO_HOST) {
		bool lose = d->lost != 0 && d->now[dir] == d->lost_op &&
			    d->answers[d->lost_op] == d->lost && i == 4;

		d->struck += lose;
		return !lose;
	}
	if (d->nth == 0 || d->now[dir] != d->op || d->count[d->op] != d->nth)
		return 1;
	for (unsigned k = 0; k < 2; k++) {
		if (d->at[k] != 0 && i == d->at[k] + 1) {
			out[0] = (uint8_t)(in ^ d->bits);
			d->struck++;
		}
	}
	return 1;
}

/* Word at `word` of the nth request `op`: this bit of it turns over. */
static struct damage turns(uint8_t op, unsigned nth, uint32_t word, unsigned bit)
{
	return (struct damage){
		.op = op, .nth = nth, .at = { word + bit / 8 }, .bits = 1u << bit % 8
	};
}

/* ---- a chip full of other firmware ----------------------------------------------------------- */

/* [blank, blank_to) is erased already. */
static void open_chip(struct rig *r, struct damage *d, uint32_t blank, uint32_t blank_to)
{
	rig_open_chip(r, (struct far_sim_esp_config){ .chip = "esp32", .any_stub = true }, SIZE);
	r->config.block = block;
	r->config.block_len = sizeof(block);
	r->config.baud = 921600;
	for (uint32_t i = 0; i < SIZE; i++)
		before[i] =
			i >= blank && i < blank_to ? 0xFF : (uint8_t)(i * 2654435761u >> 17) & 0xFE;
	/* The die's memory is the die's: a test may still say what it holds from the start. */
	memcpy((uint8_t *)(uintptr_t)rig_memory(r), before, SIZE);
	assert_int_equal(far_esp_init_stub(&r->esp, &r->config, &finder), FAR_OK);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
	assert_int_equal(r->esp.loader, FAR_ESP_STUB);
	r->line.tap = tap;
	r->line.tap_ctx = d;
}

/* Has anything changed outside? */
static bool strayed(const struct rig *r, uint32_t addr, uint32_t len)
{
	return memcmp(rig_memory(r), before, addr) != 0 ||
	       memcmp(rig_memory(r) + addr + len, before + addr + len, SIZE - addr - len) != 0;
}

static void assert_tells_all(const struct rig *r, int rc)
{
	assert_int_not_equal(rc, FAR_OK);
	assert_int_equal(r->esp.flash.fault.touched_addr, 0);
	assert_int_equal(r->esp.flash.fault.touched_len, SIZE);
}

static bool is_blank(const struct rig *r, uint32_t addr, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (rig_memory(r)[addr + i] != 0xFF)
			return false;
	return true;
}

/* ---- erase ----------------------------------------------------------------------------------- */

/* 1: something outside has changed, and that is told. */
static int erase_strays(struct damage d, uint32_t blank, uint32_t blank_to)
{
	struct rig r;
	int rc, has;

	open_chip(&r, &d, blank, blank_to);
	rc = far_flash_erase(&r.esp.flash, AT, 4 * SECTOR);
	assert_int_equal(d.struck, 1);
	has = strayed(&r, AT, 4 * SECTOR);
	if (has) {
		assert_tells_all(&r, rc);
		assert_int_equal(rc, FAR_ERR_PROTO);
	}
	rig_close(&r);
	return has;
}

static void test_erase_at_another_place(void **state)
{
	(void)state;
	for (unsigned bit = 12; bit < 18; bit++) {
		assert_true(erase_strays(turns(ERASE_REGION, 1, ERASE_ADDR, bit), 0, 0));
		/* Also where an end of the range is blank: then it is not what shows it. */
		erase_strays(turns(ERASE_REGION, 1, ERASE_ADDR, bit), AT, AT + SECTOR);
		erase_strays(turns(ERASE_REGION, 1, ERASE_ADDR, bit), AT + 3 * SECTOR,
			     AT + 4 * SECTOR);
	}
}

static void test_erase_of_more(void **state)
{
	(void)state;
	for (unsigned bit = 12; bit < 18; bit++) {
		if (bit == 14 || bit == 15) /* makes it shorter; makes a frame's end of it */
			continue;
		if (AT + 4 * SECTOR + (1u << bit) > SIZE) /* refused */
			continue;
		assert_true(erase_strays(turns(ERASE_REGION, 1, ERASE_LEN, bit), 0, 0));
		/* The sector behind is blank: then it is not the one that tells. */
		if (bit > 12)
			assert_true(erase_strays(turns(ERASE_REGION, 1, ERASE_LEN, bit),
						 AT + 4 * SECTOR, AT + 5 * SECTOR));
	}
}

/*
 * An answer gets lost, and the request was carried out elsewhere: saying it again would hide that.
 */
static void test_erase_unanswered_elsewhere(void **state)
{
	struct damage d = turns(ERASE_REGION, 1, ERASE_ADDR, 13);
	struct rig r;

	(void)state;
	d.lost = 1;
	d.lost_op = ERASE_REGION;
	open_chip(&r, &d, 0, 0);
	assert_tells_all(&r, far_flash_erase(&r.esp.flash, AT, 4 * SECTOR));
	assert_int_equal(d.struck, 2);
	assert_true(strayed(&r, AT, 4 * SECTOR));
	rig_close(&r);
}

/* Faults that do no harm are got over: nothing is claimed that is not so. */
static void erase_succeeds(struct damage d, uint32_t blank, uint32_t blank_to, unsigned erases)
{
	struct rig r;

	open_chip(&r, &d, blank, blank_to);
	assert_int_equal(far_flash_erase(&r.esp.flash, AT, 4 * SECTOR), FAR_OK);
	assert_true(is_blank(&r, AT, 4 * SECTOR));
	assert_false(strayed(&r, AT, 4 * SECTOR));
	assert_int_equal(d.count[ERASE_REGION], erases);
	rig_close(&r);
}

static void test_erase_in_its_place(void **state)
{
	const struct damage none = { 0 };

	(void)state;
	erase_succeeds(none, 0, 0, 1);
	erase_succeeds(none, AT + SECTOR, AT + 2 * SECTOR, 1);
	erase_succeeds(none, AT + 3 * SECTOR, SIZE, 1); /* blank up to the end of the flash */
	erase_succeeds(none, AT, AT + 4 * SECTOR, 0);   /* nothing to do */
	erase_succeeds(none, AT - SECTOR, SIZE, 0);
	erase_succeeds((struct damage){ .lost = 1, .lost_op = ERASE_REGION }, 0, 0, 1);
	erase_succeeds(turns(ERASE_REGION, 1, ERASE_ADDR, 3), 0, 0, 2);  /* refused: no sector */
	erase_succeeds(turns(ERASE_REGION, 1, ERASE_ADDR, 25), 0, 0, 2); /* beyond the flash */
	/* A question that is damaged, each of them in turn. */
	for (unsigned nth = 1; nth <= 6; nth++) {
		erase_succeeds(turns(MD5, nth, ERASE_ADDR, 13), 0, 0, 1);
		erase_succeeds((struct damage){ .lost = nth, .lost_op = MD5 }, 0, 0, 1);
	}
}

/* ---- streams --------------------------------------------------------------------------------- */

static void write_strays(struct damage d, int packed)
{
	struct far_update_result result;
	struct rig r;
	unsigned faults = 1 + (d.lost != 0);
	int rc;

	open_chip(&r, &d, 0, 0);
	rig_fill(image, LEN, 41);
	if (packed) /* so that it can be */
		memset(image + LEN / 2, 0x5A, LEN / 2);
	rc = rig_update(&r, AT, image, LEN, packed, &result);
	assert_int_equal(d.struck, faults);
	assert_true(strayed(&r, AT, LEN));
	assert_true(rc == FAR_ERR_PROTO || rc == FAR_ERR_VERIFY);
	assert_int_equal(result.touched_addr, 0);
	assert_int_equal(result.touched_len, SIZE);
	rig_close(&r);
}

static void test_stream_at_another_place(void **state)
{
	(void)state;
	/*
	 * Also within its sector, so that it is shifted and runs over the end; not where all is
	 * beyond.
	 */
	for (unsigned bit = 4; bit < 18; bit++) {
		write_strays(turns(FLASH_BEGIN, 1, BEGIN_ADDR, bit), 0);
		write_strays(turns(DEFL_BEGIN, 1, BEGIN_ADDR, bit), 1);
	}
}

/* In doubt about a block the stream is begun again, in the right place: that hides nothing. */
static void test_stream_elsewhere_and_an_answer_lost(void **state)
{
	(void)state;
	for (unsigned nth = 1; nth <= 3; nth++) {
		struct damage d = turns(FLASH_BEGIN, 1, BEGIN_ADDR, 15);

		d.lost = nth;
		d.lost_op = FLASH_DATA;
		write_strays(d, 0);
	}
	for (unsigned nth = 1; nth <= 2; nth++) {
		struct damage d = turns(DEFL_BEGIN, 1, BEGIN_ADDR, 15);

		d.lost = nth;
		d.lost_op = DEFL_DATA;
		write_strays(d, 1);
	}
	for (unsigned bit = 12; bit < 18; bit++) {
		struct damage d = turns(DEFL_BEGIN, 1, BEGIN_ADDR, bit);

		d.lost = 1;
		d.lost_op = DEFL_END;
		write_strays(d, 1);
	}
}

/* The second begin of one stream, after a doubt, is watched as the first. */
static void test_second_begin_at_another_place(void **state)
{
	struct damage d = turns(FLASH_BEGIN, 2, BEGIN_ADDR, 16);

	(void)state;
	d.lost = 2;
	d.lost_op = FLASH_DATA;
	write_strays(d, 0);
}

static void write_succeeds(struct damage d, int packed, unsigned faults)
{
	struct far_update_result result;
	struct rig r;

	open_chip(&r, &d, 0, 0);
	rig_fill(image, LEN, 42);
	if (packed)
		memset(image + LEN / 2, 0x5A, LEN / 2);
	assert_int_equal(rig_update(&r, AT, image, LEN, packed, &result), FAR_OK);
	assert_int_equal(d.struck, faults);
	assert_true(result.verified);
	assert_memory_equal(rig_memory(&r) + AT, image, LEN);
	assert_false(strayed(&r, AT, LEN));
	rig_close(&r);
}

static void test_stream_in_its_place(void **state)
{
	static const uint8_t plain[] = { FLASH_BEGIN, FLASH_DATA, MD5 };
	static const uint8_t deflated[] = { DEFL_BEGIN, DEFL_DATA, DEFL_END, MD5 };
	struct damage twice = { .op = FLASH_DATA, .nth = 2, .at = { 2000, 7000 }, .bits = 4 };

	(void)state;
	for (unsigned nth = 1; nth <= 3; nth++) {
		for (size_t i = 0; i < sizeof(plain); i++) {
			struct damage d = { .lost = nth, .lost_op = plain[i] };

			write_succeeds(d, 0,
				       nth == 1 || plain[i] == FLASH_DATA ||
					       (plain[i] == MD5 && nth == 2));
		}
	}
	for (size_t i = 0; i < sizeof(deflated); i++)
		write_succeeds((struct damage){ .lost = 1, .lost_op = deflated[i] }, 1, 1);
	/*
	 * The block's check sum is an xor of 8 bits, which two bits that turn over get past:
	 * written again.
	 */
	write_succeeds(twice, 0, 2);
	twice.nth = 3;
	twice.at[0] = CONTENT + 10;
	twice.at[1] = CONTENT + 500;
	write_succeeds(twice, 0, 2);
	/* A damaged question is asked again. */
	write_succeeds(turns(MD5, 1, ERASE_ADDR, 13), 0, 1);
	write_succeeds(turns(MD5, 1, ERASE_ADDR, 13), 1, 1);
}

/*
 * What is in a sector already is merged with: one sector, one block, of which nothing but itself
 * tells.
 */
static void test_write_at_another_place(void **state)
{
	(void)state;
	rig_fill(image, LEN, 43);
	for (unsigned bit = 4; bit < 18; bit++) {
		struct damage d = turns(FLASH_BEGIN, 1, BEGIN_ADDR, bit);
		struct rig r;
		int rc;

		open_chip(&r, &d, 0, 0);
		rc = far_flash_write(&r.esp.flash, AT + 8, image, 100);
		assert_int_equal(d.struck, 1);
		assert_true(strayed(&r, AT, SECTOR));
		assert_tells_all(&r, rc);
		rig_close(&r);
	}
}

/* A sector whose damage no check sum has shown is not said to hold what it does not. */
static void test_write_damaged(void **state)
{
	struct damage d = {
		.op = FLASH_DATA, .nth = 1, .at = { CONTENT + 100, CONTENT + 900 }, .bits = 0x80
	};
	struct rig r;

	(void)state;
	rig_fill(image, LEN, 44);
	open_chip(&r, &d, 0, 0);
	assert_tells_all(&r, far_flash_write(&r.esp.flash, AT + 8, image, 100));
	assert_int_equal(d.struck, 2);
	rig_close(&r);
}

/*
 * A size of 64 KiB more lets the stub erase the whole unit in which the range begins. Only END
 * knows: the content is right.
 */
static void test_size_of_more(void **state)
{
	(void)state;
	rig_fill(image, LEN, 45);
	for (int packed = 0; packed < 2; packed++) {
		for (unsigned bit = 16; bit < 18; bit++) {
			struct damage d =
				turns(packed ? DEFL_BEGIN : FLASH_BEGIN, 1, BEGIN_SIZE, bit);
			struct rig r;
			int rc;

			open_chip(&r, &d, 0, 0);
			memset(image + LEN / 2, 0x5A, LEN / 2);
			rc = rig_replace(&r, 0x10000, image, LEN, 0, packed);
			assert_int_equal(d.struck, 1);
			assert_memory_equal(rig_memory(&r) + 0x10000, image, LEN);
			assert_true(strayed(&r, 0x10000, LEN));
			assert_tells_all(&r, rc);
			rig_close(&r);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_erase_at_another_place),
		cmocka_unit_test(test_erase_of_more),
		cmocka_unit_test(test_erase_unanswered_elsewhere),
		cmocka_unit_test(test_erase_in_its_place),
		cmocka_unit_test(test_stream_at_another_place),
		cmocka_unit_test(test_stream_elsewhere_and_an_answer_lost),
		cmocka_unit_test(test_second_begin_at_another_place),
		cmocka_unit_test(test_stream_in_its_place),
		cmocka_unit_test(test_write_at_another_place),
		cmocka_unit_test(test_write_damaged),
		cmocka_unit_test(test_size_of_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
