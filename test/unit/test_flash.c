/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/flash.c: what the waist promises about arguments, codes and records, on a flash in RAM that
 * fails on demand. Streams: test_replace.c, emulation: test_emulate.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/ram_flash.h"
#include "test/common/ref_md5.h"

#define KIB    1024u
#define SIZE   (256 * KIB)
#define SECTOR (4 * KIB)
#define ALL    (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE)

static struct ram_flash ram;
static struct far_flash *const flash = &ram.flash;
static uint8_t data[64 * KIB];
static uint8_t md5[FAR_MD5_LEN];

static int open_all(void **state)
{
	(void)state;
	ram_flash_open(&ram, SIZE, SECTOR, 4, ALL);
	ram_flash_pattern(data, sizeof(data), 7);
	return 0;
}

/* Refused before the device heard of it. */
static void assert_rejected(int rc, enum far_flash_op op, int err, uint32_t addr)
{
	assert_int_equal(rc, err);
	ram_flash_assert_fault(&ram, op, err, addr, 0, 0, 0);
	assert_int_equal(ram_flash_calls(&ram), 0);
	ram_flash_assert_only(&ram, 0, 0);
}

/* One call of each kind; buf is where data comes from or goes to. */
static int call(enum far_flash_op op, uint32_t addr, void *buf, uint32_t len)
{
	switch (op) {
	case FAR_FLASH_OP_READ:
		return far_flash_read(flash, addr, buf, len);
	case FAR_FLASH_OP_WRITE:
		return far_flash_write(flash, addr, buf, len);
	case FAR_FLASH_OP_ERASE:
		return far_flash_erase(flash, addr, len);
	case FAR_FLASH_OP_DIGEST:
		return far_flash_digest(flash, addr, len, buf);
	case FAR_FLASH_OP_REPLACE:
		return far_flash_replace_begin(flash, addr, len, 0);
	case FAR_FLASH_OP_SYNC:
		return far_flash_sync(flash);
	case FAR_FLASH_OP_NONE:
	case FAR_FLASH_OP_SESSION:
	default:
		far_flash_start(flash, op);
		return FAR_OK;
	}
}

static const enum far_flash_op ranged[] = { FAR_FLASH_OP_READ, FAR_FLASH_OP_WRITE,
					    FAR_FLASH_OP_ERASE, FAR_FLASH_OP_DIGEST,
					    FAR_FLASH_OP_REPLACE };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- err.h ----------------------------------------------------------------------------------- */

static void every_code_has_its_name(void **state)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
		{ FAR_OK, "ok" },
		{ 1, "ok" },
		{ 4711, "ok" },
		{ FAR_ERR_ARG, "arg" },
		{ FAR_ERR_RANGE, "range" },
		{ FAR_ERR_ALIGN, "align" },
		{ FAR_ERR_STATE, "state" },
		{ FAR_ERR_IO, "io" },
		{ FAR_ERR_TIMEOUT, "timeout" },
		{ FAR_ERR_BUSY, "busy" },
		{ FAR_ERR_CANCELLED, "cancelled" },
		{ FAR_ERR_PROTO, "proto" },
		{ FAR_ERR_REFUSED, "refused" },
		{ FAR_ERR_NOTSUP, "notsup" },
		{ FAR_ERR_VERIFY, "verify" },
		{ FAR_ERR_ABSENT, "absent" },
	};
	unsigned known = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(far_err_name(names[i].err), names[i].name);
	for (int err = -1; err > -100; err--)
		known += strcmp(far_err_name(err), "unknown") != 0;
	assert_int_equal(known, COUNT(names) - 3);
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void ranges(void **state)
{
	static const struct {
		uint32_t addr, len;
	} beyond[] = {
		{ SIZE, SECTOR },
		{ SIZE - SECTOR, 2 * SECTOR },
		{ 0, SIZE + SECTOR },
		{ 0, 0x80000000 },
		{ SECTOR, 0u - SECTOR },     /* the sum is 0 */
		{ 2 * SECTOR, 0u - SECTOR }, /* the sum is small */
		{ 0u - SECTOR, SECTOR },
		{ 0u - SECTOR, 2 * SECTOR },
		{ 0u - SECTOR, 0 }, /* nothing, nowhere */
		{ SIZE + SECTOR, 0 },
		{ 1, SIZE }, /* told before the alignment */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(beyond); i++)
		for (size_t k = 0; k < COUNT(ranged); k++)
			assert_rejected(call(ranged[k], beyond[i].addr, data, beyond[i].len),
					ranged[k], FAR_ERR_RANGE, beyond[i].addr);
}

/* A device that is not connected has size 0 and whatever else in its info. */
static void not_connected(void **state)
{
	(void)state;
	flash->info = (struct far_flash_info){ 0 };
	for (size_t k = 0; k < COUNT(ranged); k++) {
		assert_rejected(call(ranged[k], 0, data, 1), ranged[k], FAR_ERR_RANGE, 0);
		assert_rejected(call(ranged[k], 4096, data, 4096), ranged[k], FAR_ERR_RANGE, 4096);
	}
}

static void null(void **state)
{
	(void)state;
	assert_rejected(far_flash_read(flash, 8, NULL, 4), FAR_FLASH_OP_READ, FAR_ERR_ARG, 8);
	assert_rejected(far_flash_write(flash, 8, NULL, 4), FAR_FLASH_OP_WRITE, FAR_ERR_ARG, 8);
	assert_rejected(far_flash_digest(flash, 8, 4, NULL), FAR_FLASH_OP_DIGEST, FAR_ERR_ARG, 8);
	assert_rejected(far_flash_digest(flash, 8, 0, NULL), FAR_FLASH_OP_DIGEST, FAR_ERR_ARG, 8);
}

static void write_is_whole_blocks(void **state)
{
	(void)state;
	for (uint32_t block = 1; block <= 32; block *= 2) {
		ram_flash_open(&ram, SIZE, SECTOR, block, ALL);
		for (uint32_t skew = 1; skew < block; skew++) {
			assert_rejected(far_flash_write(flash, skew, data, block),
					FAR_FLASH_OP_WRITE, FAR_ERR_ALIGN, skew);
			assert_rejected(far_flash_write(flash, block, data, skew),
					FAR_FLASH_OP_WRITE, FAR_ERR_ALIGN, block);
			assert_rejected(far_flash_write(flash, skew, data, block - skew),
					FAR_FLASH_OP_WRITE, FAR_ERR_ALIGN, skew);
		}
		assert_int_equal(far_flash_erase(flash, 0, SECTOR), FAR_OK);
		for (uint32_t len = block; len <= 4 * block; len += block)
			assert_int_equal(far_flash_write(flash, len * 4, data, len), FAR_OK);
	}
}

static void erase_is_whole_sectors(void **state)
{
	(void)state;
	for (uint32_t sector = 256; sector <= 64 * KIB; sector *= 4) {
		static const uint32_t skews[] = { 1, 16, 128, 255 };

		ram_flash_open(&ram, SIZE, sector, 1, ALL);
		for (size_t i = 0; i < COUNT(skews); i++) {
			uint32_t skew = skews[i];

			assert_rejected(far_flash_erase(flash, skew, sector), FAR_FLASH_OP_ERASE,
					FAR_ERR_ALIGN, skew);
			assert_rejected(far_flash_erase(flash, sector, skew), FAR_FLASH_OP_ERASE,
					FAR_ERR_ALIGN, sector);
			assert_rejected(far_flash_erase(flash, skew, sector - skew),
					FAR_FLASH_OP_ERASE, FAR_ERR_ALIGN, skew);
			assert_rejected(far_flash_replace_begin(flash, skew, sector, 0),
					FAR_FLASH_OP_REPLACE, FAR_ERR_ALIGN, skew);
		}
		assert_int_equal(far_flash_erase(flash, sector, 2 * sector), FAR_OK);
		ram_flash_assert_filled(&ram, sector, 2 * sector, 0xFF);
		ram_flash_assert_only(&ram, sector, 2 * sector);
	}
}

static void nothing_to_do(void **state)
{
	uint8_t want[FAR_MD5_LEN];

	(void)state;
	for (size_t k = 0; k < COUNT(ranged); k++) {
		if (ranged[k] == FAR_FLASH_OP_DIGEST || ranged[k] == FAR_FLASH_OP_REPLACE)
			continue;
		assert_int_equal(call(ranged[k], SECTOR, NULL, 0), FAR_OK);
		assert_int_equal(call(ranged[k], SIZE, NULL, 0), FAR_OK);
		ram_flash_assert_fault(&ram, ranged[k], FAR_OK, 0, 0, 0, 0);
	}
	assert_int_equal(ram_flash_calls(&ram), 0);
	assert_rejected(far_flash_replace_begin(flash, SECTOR, 0, 0), FAR_FLASH_OP_REPLACE,
			FAR_ERR_ARG, SECTOR);
	assert_int_equal(far_flash_digest(flash, SIZE, 0, md5), FAR_OK);
	ref_md5(data, 0, want);
	assert_memory_equal(md5, want, sizeof(want));
}

/* Every set of caps: what it allows reaches the device, the rest does not. */
static void caps(void **state)
{
	(void)state;
	for (uint8_t set = 0; set < 16; set++) {
		int read = (set & FAR_FLASH_CAN_READ) ? FAR_OK : FAR_ERR_NOTSUP;
		int digest = (set & FAR_FLASH_CAN_DIGEST) ? FAR_OK : read;
		int deflate = (set & FAR_FLASH_CAN_DEFLATE) ? FAR_OK : FAR_ERR_NOTSUP;

		/* Deflate without replace is no device; the core does not care. */
		ram_flash_open(&ram, SIZE, SECTOR, 4, set | FAR_FLASH_CAN_REPLACE);
		assert_int_equal(far_flash_read(flash, 4, data, 4), read);
		if (read != FAR_OK)
			assert_rejected(read, FAR_FLASH_OP_READ, FAR_ERR_NOTSUP, 4);
		assert_int_equal(far_flash_digest(flash, 4, 4, md5), digest);
		if (digest != FAR_OK)
			assert_rejected(digest, FAR_FLASH_OP_DIGEST, FAR_ERR_NOTSUP, 4);
		assert_int_equal(far_flash_digest(flash, 4, 0, md5), digest);
		ram_flash_forget(&ram);
		assert_int_equal(far_flash_replace_begin(flash, SECTOR, 9, 5), deflate);
		if (deflate != FAR_OK)
			assert_rejected(deflate, FAR_FLASH_OP_REPLACE, FAR_ERR_NOTSUP, SECTOR);
		assert_int_equal(far_flash_replace_begin(flash, SECTOR, 9, 0), FAR_OK);
	}
}

/* ---- what the calls do ----------------------------------------------------------------------- */

static void data_goes_through(void **state)
{
	uint8_t back[100], want[FAR_MD5_LEN];

	(void)state;
	assert_int_equal(far_flash_erase(flash, SECTOR, SECTOR), FAR_OK);
	assert_int_equal(far_flash_write(flash, SECTOR + 8, data, 100), FAR_OK);
	assert_int_equal(far_flash_read(flash, SECTOR + 8, back, 100), FAR_OK);
	assert_memory_equal(back, data, 100);
	assert_memory_equal(ram_flash_at(&ram, SECTOR + 8), data, 100);
	ram_flash_assert_filled(&ram, SECTOR, 8, 0xFF);
	ram_flash_assert_filled(&ram, SECTOR + 108, SECTOR - 108, 0xFF);
	ram_flash_assert_only(&ram, SECTOR, SECTOR);
	assert_int_equal(far_flash_digest(flash, SECTOR + 8, 99, md5), FAR_OK);
	ref_md5(data, 99, want);
	assert_memory_equal(md5, want, sizeof(want));
	assert_int_equal(far_flash_sync(flash), FAR_OK);
	assert_int_equal(ram.counts[RAM_SYNC], 1);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_SYNC, FAR_OK, 0, 0, 0, 0);
}

static void sync_may_be_missing(void **state)
{
	(void)state;
	ram.ops.sync = NULL;
	assert_int_equal(far_flash_sync(flash), FAR_OK);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_SYNC, FAR_OK, 0, 0, 0, 0);
}

/* The last bytes of the largest flash there can be. */
static void end_of_four_gib(void **state)
{
	uint32_t size = 0u - SECTOR;

	(void)state;
	ram_flash_open(&ram, size, SECTOR, 4, ALL);
	assert_int_equal(far_flash_erase(flash, size - SECTOR, SECTOR), FAR_OK);
	assert_int_equal(far_flash_write(flash, size - 4, data, 4), FAR_OK);
	assert_memory_equal(ram_flash_at(&ram, size - 4), data, 4);
	assert_int_equal(far_flash_read(flash, size - 1, md5, 1), FAR_OK);
	assert_int_equal(md5[0], data[3]);
	assert_int_equal(far_flash_read(flash, size - 1, md5, 2), FAR_ERR_RANGE);
	assert_int_equal(far_flash_digest(flash, size - 5, 5, md5), FAR_OK);
	assert_int_equal(far_flash_digest(flash, 1, UINT32_MAX, md5), FAR_ERR_RANGE);
	assert_int_equal(far_flash_replace_begin(flash, size - SECTOR, SECTOR, 0), FAR_OK);
	assert_int_equal(far_flash_replace_begin(flash, size - SECTOR, SECTOR + 1, 0),
			 FAR_ERR_RANGE);
}

/* ---- records --------------------------------------------------------------------------------- */

static const int codes[] = { FAR_ERR_STATE,   FAR_ERR_IO,        FAR_ERR_TIMEOUT,
			     FAR_ERR_BUSY,    FAR_ERR_CANCELLED, FAR_ERR_PROTO,
			     FAR_ERR_REFUSED, FAR_ERR_NOTSUP,    FAR_ERR_VERIFY };

static const struct {
	enum far_flash_op op;
	enum ram_call call;
	bool changes; /* may change the flash */
} plain[] = {
	{ FAR_FLASH_OP_READ, RAM_READ, false },
	{ FAR_FLASH_OP_WRITE, RAM_WRITE, true },
	{ FAR_FLASH_OP_ERASE, RAM_ERASE, true },
	{ FAR_FLASH_OP_DIGEST, RAM_DIGEST, false },
};

/* What a device reports stands as it is. */
static void device_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++)
		for (size_t k = 0; k < COUNT(plain); k++) {
			uint32_t done = plain[k].changes ? 12 : 0;

			open_all(NULL);
			ram.failure =
				(struct ram_failure){ RAM_ANY, 1, 1, codes[i], 77, 12, false };
			assert_int_equal(call(plain[k].op, SECTOR, data, SECTOR), codes[i]);
			ram_flash_assert_fault(&ram, plain[k].op, codes[i], SECTOR + done, 77,
					       SECTOR, done);
			assert_int_equal(ram_flash_calls(&ram), 1);
			ram_flash_assert_only(&ram, SECTOR, done);
			/* The next call clears it, even one that does nothing. */
			assert_int_equal(far_flash_read(flash, 0, data, 0), FAR_OK);
			ram_flash_assert_fault(&ram, FAR_FLASH_OP_READ, FAR_OK, 0, 0, 0, 0);
		}
}

/* A device that says nothing may have touched all it was asked to change. */
static void device_is_silent(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++)
		for (size_t k = 0; k < COUNT(plain); k++) {
			uint32_t touched = plain[k].changes ? SECTOR : 0;

			open_all(NULL);
			ram.failure = (struct ram_failure){ RAM_ANY, 1, 1, codes[i], 77, 12, true };
			assert_int_equal(call(plain[k].op, SECTOR, data, SECTOR), codes[i]);
			ram_flash_assert_fault(&ram, plain[k].op, codes[i], SECTOR, 0, SECTOR,
					       touched);
		}
}

static void sync_fails(void **state)
{
	(void)state;
	ram.failure = (struct ram_failure){ RAM_ANY, 1, 1, FAR_ERR_IO, 3, 8, false };
	assert_int_equal(far_flash_sync(flash), FAR_ERR_IO);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_SYNC, FAR_ERR_IO, 8, 3, 0, 8);
	ram_flash_forget(&ram);
	ram.failure = (struct ram_failure){ RAM_ANY, 1, 1, FAR_ERR_IO, 3, 8, true };
	assert_int_equal(far_flash_sync(flash), FAR_ERR_IO);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_SYNC, FAR_ERR_IO, 0, 0, 0, SIZE);
}

static void first_error_wins(void **state)
{
	(void)state;
	far_flash_start(flash, FAR_FLASH_OP_SESSION);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_SESSION, FAR_OK, 0, 0, 0, 0);
	assert_int_equal(far_flash_fail(flash, FAR_ERR_TIMEOUT, 1, 2, 3, 4), FAR_ERR_TIMEOUT);
	assert_int_equal(far_flash_fail(flash, FAR_ERR_IO, 5, 6, 7, 8), FAR_ERR_IO);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_SESSION, FAR_ERR_TIMEOUT, 1, 2, 3, 4);
	far_flash_start(flash, FAR_FLASH_OP_ERASE);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_ERASE, FAR_OK, 0, 0, 0, 0);
}

/* A failed call leaves nothing behind that would spoil the next. */
static void every_call_after_a_failure(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(plain); k++)
		for (size_t n = 0; n < COUNT(plain); n++) {
			ram_flash_forget(&ram);
			ram.failure =
				(struct ram_failure){ RAM_ANY, 1, 1, FAR_ERR_IO, 9, 0, false };
			assert_int_equal(call(plain[k].op, 0, data, SECTOR), FAR_ERR_IO);
			assert_int_equal(call(plain[n].op, 0, data, SECTOR), FAR_OK);
			ram_flash_assert_fault(&ram, plain[n].op, FAR_OK, 0, 0, 0, 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_code_has_its_name, open_all),
		cmocka_unit_test_setup(ranges, open_all),
		cmocka_unit_test_setup(not_connected, open_all),
		cmocka_unit_test_setup(null, open_all),
		cmocka_unit_test_setup(write_is_whole_blocks, open_all),
		cmocka_unit_test_setup(erase_is_whole_sectors, open_all),
		cmocka_unit_test_setup(nothing_to_do, open_all),
		cmocka_unit_test_setup(caps, open_all),
		cmocka_unit_test_setup(data_goes_through, open_all),
		cmocka_unit_test_setup(sync_may_be_missing, open_all),
		cmocka_unit_test_setup(end_of_four_gib, open_all),
		cmocka_unit_test_setup(device_reports, open_all),
		cmocka_unit_test_setup(device_is_silent, open_all),
		cmocka_unit_test_setup(sync_fails, open_all),
		cmocka_unit_test_setup(first_error_wins, open_all),
		cmocka_unit_test_setup(every_call_after_a_failure, open_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
