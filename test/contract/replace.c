/* SPDX-License-Identifier: Apache-2.0 */
/* The stream: begin, write in any portions, end; and every way to get that wrong. */
#include "test/contract/contract.h"

#define DATA_MAX 0x5000u

/* The range holds data, the rest of its last sector is erased, nothing else has changed. */
static void assert_replaced(const struct ct_world *w, uint32_t addr, const uint8_t *data,
			    uint32_t len)
{
	uint32_t whole = ct_sectors(w, len);

	assert_memory_equal(ct_at(w, addr), data, len);
	ct_assert_filled(w, addr + len, whole - len, w->flash->info.erase_value);
	ct_assert_only(w, addr, whole);
}

/* Bytes that a replace has to get rid of, in the range and behind it. */
static void soil(struct ct_world *w)
{
	static const uint8_t zeros[64] = { 0 };

	for (uint32_t off = 0; off < 0x8000; off += 0x800)
		ct_assert_ok(w, far_flash_write(w->flash, w->base + off, zeros, sizeof(zeros)));
	ct_snapshot(w);
}

static void any_length(struct ct_world *w)
{
	uint32_t sector = w->flash->info.sector_size;
	const uint32_t lens[] = {
		1,     2,    3,          31,     33,         255,        257,
		1021,  2048, sector - 1, sector, sector + 1, 2 * sector, 3 * sector - 1,
		0x4001
	};
	uint8_t data[DATA_MAX];
	uint32_t seed = 21;

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		uint32_t addr = w->base + (uint32_t)(i % 3) * sector;

		ct_fill(&seed, data, lens[i]);
		soil(w);
		ct_assert_ok(w, ct_replace_all(w, addr, data, lens[i], lens[i]));
		assert_replaced(w, addr, data, lens[i]);
	}
}

static void any_portions(struct ct_world *w)
{
	static const uint32_t portions[] = { 1, 3, 7, 64, 255, 256, 257, 1000, 1024, 4095, 4097 };
	uint8_t data[DATA_MAX];
	uint32_t seed = 22;

	for (size_t i = 0; i < sizeof(portions) / sizeof(portions[0]); i++) {
		uint32_t len = portions[i] < 64 ? 1501 : 9013;

		ct_fill(&seed, data, len);
		soil(w);
		ct_assert_ok(w, ct_replace_all(w, w->base, data, len, portions[i]));
		assert_replaced(w, w->base, data, len);
	}
}

/* Portions of no two equal lengths, empty ones among them. */
static void mixed_portions(struct ct_world *w)
{
	uint8_t data[DATA_MAX];
	uint32_t seed = 23;
	uint32_t len = 0x4321;

	ct_fill(&seed, data, len);
	soil(w);
	ct_assert_ok(w, far_flash_replace_begin(w->flash, w->base, len, 0));
	for (uint32_t done = 0; done < len;) {
		uint32_t n = ct_below(&seed, 700);

		n = n < len - done ? n : len - done;
		ct_assert_ok(w, far_flash_replace_write(w->flash, data + done, n));
		done += n;
		ct_assert_ok(w, far_flash_replace_write(w->flash, NULL, 0));
	}
	ct_assert_ok(w, far_flash_replace_end(w->flash));
	assert_replaced(w, w->base, data, len);
}

static void to_the_very_end(struct ct_world *w)
{
	uint32_t sector = w->flash->info.sector_size;
	uint32_t addr = w->flash->info.size - 2 * sector;
	uint8_t data[DATA_MAX];
	uint32_t seed = 24;

	ct_fill(&seed, data, 2 * sector);
	ct_assert_ok(w, ct_replace_all(w, addr, data, 2 * sector, 999));
	assert_memory_equal(ct_at(w, addr), data, 2 * sector);
	ct_assert_ok(w, ct_replace_all(w, addr, data, 2 * sector - 5, 4096));
	assert_memory_equal(ct_at(w, addr), data, 2 * sector - 5);
	ct_assert_filled(w, addr + 2 * sector - 5, 5, 0xFF);
}

static void erased_data_comes_out_erased(struct ct_world *w)
{
	uint8_t data[0x2100];

	memset(data, 0xFF, sizeof(data));
	soil(w);
	ct_assert_ok(w, ct_replace_all(w, w->base, data, sizeof(data), 0x400));
	assert_replaced(w, w->base, data, sizeof(data));
}

/* ---- misuse ---------------------------------------------------------------------------------- */

static void without_begin(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint8_t byte = 0;

	ct_snapshot(w);
	assert_int_equal(far_flash_replace_write(f, &byte, 1), FAR_ERR_STATE);
	assert_int_equal(f->fault.err, FAR_ERR_STATE);
	assert_int_equal(f->fault.op, FAR_FLASH_OP_REPLACE);
	assert_int_equal(f->fault.touched_len, 0);
	assert_int_equal(far_flash_replace_end(f), FAR_ERR_STATE);
	assert_int_equal(f->fault.touched_len, 0);
	ct_assert_only(w, 0, 0);
}

static void end_is_only_once(struct ct_world *w)
{
	uint8_t data[10] = { 1, 2, 3 };

	ct_assert_ok(w, ct_replace_all(w, w->base, data, sizeof(data), 4));
	ct_snapshot(w);
	assert_int_equal(far_flash_replace_end(w->flash), FAR_ERR_STATE);
	assert_int_equal(far_flash_replace_write(w->flash, data, 1), FAR_ERR_STATE);
	assert_int_equal(w->flash->fault.touched_len, 0);
	ct_assert_only(w, 0, 0);
}

/* After an error in a stream: on record, over, touched range honest, and begin again recovers. */
static void assert_over(struct ct_world *w, int rc, int err, uint32_t len)
{
	struct far_flash *f = w->flash;
	const struct far_flash_fault fault = f->fault;
	uint8_t data[DATA_MAX];
	uint32_t seed = 25;

	assert_int_equal(rc, err);
	assert_int_equal(fault.err, err);
	assert_int_equal(fault.op, FAR_FLASH_OP_REPLACE);
	ct_assert_only(w, fault.touched_addr, fault.touched_len);
	assert_int_equal(far_flash_replace_write(f, data, 1), FAR_ERR_STATE);
	assert_int_equal(far_flash_replace_end(f), FAR_ERR_STATE);
	ct_snapshot(w);
	ct_fill(&seed, data, len);
	ct_assert_ok(w, ct_replace_all(w, w->base, data, len, 777));
	assert_replaced(w, w->base, data, len);
}

static void too_much(struct ct_world *w)
{
	uint8_t data[DATA_MAX] = { 0 };
	struct far_flash *f = w->flash;

	soil(w);
	ct_assert_ok(w, far_flash_replace_begin(f, w->base, 5000, 0));
	ct_assert_ok(w, far_flash_replace_write(f, data, 4999));
	assert_over(w, far_flash_replace_write(f, data, 2), FAR_ERR_RANGE, 5000);
	soil(w);
	ct_assert_ok(w, far_flash_replace_begin(f, w->base, 10, 0));
	assert_over(w, far_flash_replace_write(f, data, UINT32_MAX), FAR_ERR_RANGE, 10);
}

static void too_little(struct ct_world *w)
{
	uint8_t data[DATA_MAX] = { 0 };
	struct far_flash *f = w->flash;

	soil(w);
	ct_assert_ok(w, far_flash_replace_begin(f, w->base, 5000, 0));
	assert_over(w, far_flash_replace_end(f), FAR_ERR_STATE, 5000);
	soil(w);
	ct_assert_ok(w, far_flash_replace_begin(f, w->base, 5000, 0));
	ct_assert_ok(w, far_flash_replace_write(f, data, 4999));
	assert_over(w, far_flash_replace_end(f), FAR_ERR_STATE, 5000);
}

static void null_data(struct ct_world *w)
{
	soil(w);
	ct_assert_ok(w, far_flash_replace_begin(w->flash, w->base, 100, 0));
	assert_over(w, far_flash_replace_write(w->flash, NULL, 1), FAR_ERR_ARG, 100);
}

/* Any other call abandons the stream; a failed one, too. */
static void other_calls_abandon(struct ct_world *w)
{
	uint8_t data[64] = { 0 };
	struct far_flash *f = w->flash;

	for (unsigned i = 0; i < 7; i++) {
		ct_assert_ok(w, far_flash_replace_begin(f, w->base, sizeof(data), 0));
		ct_assert_ok(w, far_flash_replace_write(f, data, 1));
		if (i == 0)
			far_flash_read(f, w->base, data, 4);
		else if (i == 1)
			ct_assert_ok(w, far_flash_write(f, w->base + 0x10000, data, 32));
		else if (i == 2)
			ct_assert_ok(w, far_flash_erase(f, w->base + 0x10000, f->info.sector_size));
		else if (i == 3)
			far_flash_digest(f, w->base, 4, data);
		else if (i == 4)
			ct_assert_ok(w, far_flash_sync(f));
		else if (i == 5)
			assert_int_equal(far_flash_replace_begin(f, w->base + 1, 1, 0),
					 FAR_ERR_ALIGN);
		else
			assert_int_equal(far_flash_erase(f, w->base + 1, 1), FAR_ERR_ALIGN);
		assert_int_equal(far_flash_replace_write(f, data, 1), FAR_ERR_STATE);
		assert_int_equal(far_flash_replace_end(f), FAR_ERR_STATE);
	}
}

/* A new begin takes over, and nothing of the old stream is left in it. */
static void begin_again(struct ct_world *w)
{
	uint8_t old[100], data[3000];
	uint32_t seed = 26;

	memset(old, 0x55, sizeof(old));
	ct_fill(&seed, data, sizeof(data));
	soil(w);
	ct_assert_ok(w, far_flash_replace_begin(w->flash, w->base, 6000, 0));
	ct_assert_ok(w, far_flash_replace_write(w->flash, old, 33));
	ct_assert_ok(w, ct_replace_all(w, w->base, data, sizeof(data), 500));
	assert_memory_equal(ct_at(w, w->base), data, sizeof(data));
	ct_assert_filled(w, w->base + sizeof(data), 4096 - sizeof(data), 0xFF);
}

const struct ct_case ct_replace[] = {
	{ "replace: any length", any_length },
	{ "replace: any portions", any_portions },
	{ "replace: mixed portions", mixed_portions },
	{ "replace: to the very end", to_the_very_end },
	{ "replace: erased data comes out erased", erased_data_comes_out_erased },
	{ "replace: without begin", without_begin },
	{ "replace: end is only once", end_is_only_once },
	{ "replace: too much", too_much },
	{ "replace: too little", too_little },
	{ "replace: NULL data", null_data },
	{ "replace: other calls abandon it", other_calls_abandon },
	{ "replace: begin again", begin_again },
	{ NULL, NULL },
};
