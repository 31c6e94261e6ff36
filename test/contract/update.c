/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The update job on every kind of flash, with replace and without: the same result, the same
 * report.
 */
#include "service/update/update.h"
#include "test/contract/contract.h"

#define SECTORS 5u
#define LEN     (4 * 0x1000u + 77)
#define CUTS    9u

static uint8_t wanted[LEN], work[0x10000];

static int read_wanted(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	(void)ctx;
	memcpy(buf, wanted + offset, len);
	return FAR_OK;
}

static int update(struct ct_world *w, struct far_update_result *result)
{
	const struct far_update_config job = { .flash = w->flash,
					       .addr = w->base,
					       .len = LEN,
					       .read = read_wanted,
					       .work = work,
					       .work_len = sizeof(work),
					       .diff = 1 };

	return far_update_run(&job, result);
}

/* Every second sector holds what is wanted, the rest does not: and bytes behind the range. */
static void prepare(struct ct_world *w)
{
	static const uint8_t zeros[256];
	uint32_t sector = w->flash->info.sector_size, seed = 51;

	assert_int_equal(sector, 0x1000);
	ct_fill(&seed, wanted, LEN);
	ct_assert_ok(w, far_flash_erase(w->flash, w->base, SECTORS * sector));
	for (uint32_t i = 0; i < SECTORS; i++) {
		if (i % 2 == 1)
			ct_assert_ok(w, far_flash_write(w->flash, w->base + i * sector,
							wanted + i * sector, sector));
		else
			ct_assert_ok(w, far_flash_write(w->flash, w->base + i * sector + 0x800,
							zeros, sizeof(zeros)));
	}
	ct_assert_ok(w, far_flash_write(w->flash, w->base + SECTORS * sector, zeros, 256));
	ct_snapshot(w);
}

static bool can_tell(const struct ct_world *w)
{
	return ct_can(w, FAR_FLASH_CAN_READ) || ct_can(w, FAR_FLASH_CAN_DIGEST);
}

static void assert_done(const struct ct_world *w)
{
	uint32_t whole = ct_sectors(w, LEN);

	assert_memory_equal(ct_at(w, w->base), wanted, LEN);
	ct_assert_filled(w, w->base + LEN, whole - LEN, 0xff);
	ct_assert_only(w, w->base, whole);
}

/* What differs, then nothing, then one sector. */
static void writes_what_differs(struct ct_world *w)
{
	struct far_update_result result;
	uint32_t sector = w->flash->info.sector_size;
	bool knows = can_tell(w);

	prepare(w);
	ct_assert_ok(w, update(w, &result));
	assert_done(w);
	assert_int_equal(result.verified != 0, knows);
	assert_int_equal(result.skipped + result.written, LEN);
	assert_int_equal(result.skipped, knows ? 2 * sector : 0);
	assert_int_equal(result.erased, knows ? 3 * sector : 5 * sector);
	ct_snapshot(w);
	ct_assert_ok(w, update(w, &result));
	assert_int_equal(result.written, knows ? 0 : LEN);
	assert_int_equal(result.touched_len, knows ? 0 : 5 * sector);
	wanted[2 * sector + 9] ^= 0xff;
	ct_assert_ok(w, update(w, &result));
	assert_done(w);
	assert_int_equal(result.written, knows ? sector : LEN);
	if (knows)
		assert_int_equal(result.touched_addr, w->base + 2 * sector);
}

/* The way breaks at moments from the first to the last: the same job completes. */
static void completes_after_any_cut(struct ct_world *w)
{
	struct far_update_result result;
	uint32_t traffic;

	prepare(w);
	traffic = w->backend->traffic(w);
	ct_assert_ok(w, update(w, &result));
	traffic = w->backend->traffic(w) - traffic;
	for (uint32_t i = 0; i < CUTS; i++) {
		prepare(w);
		w->backend->cut(w, (uint32_t)((uint64_t)(traffic - 1) * i / (CUTS - 1)));
		assert_int_equal(update(w, &result), FAR_ERR_IO);
		assert_false(result.verified);
		ct_assert_only(w, result.touched_addr, result.touched_len);
		assert_int_equal(w->backend->mend(w), FAR_OK);
		ct_assert_ok(w, update(w, &result));
		assert_int_equal(result.verified != 0, can_tell(w));
		assert_done(w);
	}
}

const struct ct_case ct_update[] = {
	{ "update: writes what differs", writes_what_differs },
	{ "update: completes after any cut", completes_after_any_cut },
	{ NULL, NULL },
};
