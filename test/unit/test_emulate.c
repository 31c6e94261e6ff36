/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/emulate.c behind core/flash.c: a replace put together from erase and write, a digest from
 * read, on every shape of flash, in every portion, and with every call below failing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/ram_flash.h"
#include "test/common/ref_md5.h"

#define KIB   1024u
#define SIZE  (256 * KIB)
#define LEN   700u /* three sectors of the small flash, the last in part */
#define SMALL 256u
#define BOTH  (1u << RAM_ERASE | 1u << RAM_WRITE)

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct ram_flash ram;
static struct far_flash *const flash = &ram.flash;
static uint8_t data[160 * KIB];

static int fill(void **state)
{
	(void)state;
	ram_flash_pattern(data, sizeof(data), 7);
	return 0;
}

static uint32_t whole(uint32_t len)
{
	return (len + flash->info.sector_size - 1) / flash->info.sector_size *
	       flash->info.sector_size;
}

static int replace(uint32_t addr, uint32_t len, uint32_t portion)
{
	int rc = far_flash_replace_begin(flash, addr, len, 0);

	for (uint32_t at = 0; at < len && rc == FAR_OK; at += portion)
		rc = far_flash_replace_write(flash, data + at,
					     portion < len - at ? portion : len - at);
	return rc == FAR_OK ? far_flash_replace_end(flash) : rc;
}

/* The range holds the data, the rest of its last sector is blank, nothing else has changed. */
static void assert_replaced(uint32_t addr, uint32_t len)
{
	assert_memory_equal(ram_flash_at(&ram, addr), data, len);
	ram_flash_assert_filled(&ram, addr + len, whole(len) - len, flash->info.erase_value);
	ram_flash_assert_only(&ram, addr, whole(len));
	assert_int_equal(ram.zeros_lost, 0);
	assert_int_equal(ram.erased, whole(len));
}

/* ---- replace --------------------------------------------------------------------------------- */

/* Every portion up to a bit over a sector, for every write block and every end. */
static void every_portion(void **state)
{
	static const uint32_t lens[] = { 1, 31, 32, 33, SMALL - 1, SMALL, SMALL + 1, LEN };

	(void)state;
	for (uint32_t block = 1; block <= 32; block *= 2)
		for (size_t i = 0; i < COUNT(lens); i++)
			for (uint32_t portion = 1; portion <= SMALL + 3; portion++) {
				ram_flash_open(&ram, 4 * KIB, SMALL, block, FAR_FLASH_CAN_READ);
				assert_int_equal(replace(3 * SMALL, lens[i], portion), FAR_OK);
				assert_replaced(3 * SMALL, lens[i]);
			}
}

static void every_sector_size(void **state)
{
	(void)state;
	for (uint32_t sector = 32; sector <= 64 * KIB; sector *= 2)
		for (uint32_t block = 1; block <= 32; block *= 2) {
			const uint32_t lens[] = { 1, sector - 1, sector, sector + 1,
						  2 * sector + 19 };

			for (size_t i = 0; i < COUNT(lens); i++) {
				ram_flash_open(&ram, SIZE, sector, block, 0);
				assert_int_equal(replace(sector, lens[i], 999), FAR_OK);
				assert_replaced(sector, lens[i]);
			}
		}
}

static uint32_t rand_below(uint32_t *seed, uint32_t limit)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % limit;
}

/* Portions at random, pieces of nothing among them. */
static void random_portions(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 300; seed++) {
		uint32_t s = seed;
		uint32_t len = 1 + rand_below(&s, 5000);
		uint32_t block = 1u << rand_below(&s, 6);

		ram_flash_open(&ram, 16 * KIB, 1024, block, 0);
		assert_int_equal(far_flash_replace_begin(flash, 2048, len, 0), FAR_OK);
		for (uint32_t at = 0; at < len;) {
			uint32_t n = rand_below(&s, 3) ? rand_below(&s, 40) : rand_below(&s, 2500);

			n = n < len - at ? n : len - at;
			assert_int_equal(far_flash_replace_write(flash, data + at, n), FAR_OK);
			at += n;
		}
		assert_int_equal(far_flash_replace_end(flash), FAR_OK);
		assert_replaced(2048, len);
	}
}

/* A sector is erased when the stream reaches it, not before. */
static void erases_as_it_goes(void **state)
{
	(void)state;
	ram_flash_open(&ram, 4 * KIB, SMALL, 4, 0);
	assert_int_equal(far_flash_replace_begin(flash, 0, LEN, 0), FAR_OK);
	ram_flash_assert_only(&ram, 0, 0);
	assert_int_equal(far_flash_replace_write(flash, data, SMALL), FAR_OK);
	ram_flash_assert_only(&ram, 0, SMALL);
	assert_int_equal(far_flash_replace_write(flash, data + SMALL, 8), FAR_OK);
	ram_flash_assert_only(&ram, 0, 2 * SMALL);
	/* Abandoned here: what was done stays, and a new stream starts afresh. */
	assert_int_equal(far_flash_read(flash, 0, NULL, 0), FAR_OK);
	ram_flash_forget(&ram);
	assert_int_equal(replace(0, LEN, 50), FAR_OK);
	assert_replaced(0, LEN);
}

/* Bytes held back for a write block do not leak into the next stream. */
static void tail_does_not_leak(void **state)
{
	(void)state;
	ram_flash_open(&ram, 4 * KIB, SMALL, 32, 0);
	assert_int_equal(far_flash_replace_begin(flash, 0, LEN, 0), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data + 99, 45), FAR_OK);
	assert_int_equal(far_flash_erase(flash, 0, SMALL), FAR_OK);
	ram_flash_forget(&ram);
	assert_int_equal(replace(0, LEN, 50), FAR_OK);
	assert_replaced(0, LEN);
}

/* A memory that erases to zeros has its last block filled up with zeros. */
static void other_erase_value(void **state)
{
	(void)state;
	ram_flash_open(&ram, 4 * KIB, SMALL, 32, 0);
	flash->info.erase_value = 0xF7;
	memset(data, 0x11, 45); /* clears bits of the erase value only where it has them */
	assert_int_equal(far_flash_replace_begin(flash, 0, 45, 0), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data, 45), FAR_OK);
	assert_int_equal(far_flash_replace_end(flash), FAR_OK);
	assert_replaced(0, 45);
	fill(NULL);
}

static void last_sector_of_four_gib(void **state)
{
	uint32_t size = 0u - SMALL;

	(void)state;
	ram_flash_open(&ram, size, SMALL, 4, 0);
	assert_int_equal(replace(size - 3 * SMALL, 3 * SMALL, 100), FAR_OK);
	assert_replaced(size - 3 * SMALL, 3 * SMALL);
	assert_int_equal(replace(size - SMALL, 7, 100), FAR_OK);
}

/* ---- replace, failing ------------------------------------------------------------------------ */

/*
 * What a failed stream must tell: its code, a place in the range, touched bytes that begin where
 * the stream does, end within its sectors, and include all that has changed.
 */
static void assert_told(uint32_t addr, uint32_t len, int err, uint32_t peer_code)
{
	const struct far_flash_fault *fault = &flash->fault;

	assert_int_equal(fault->op, FAR_FLASH_OP_REPLACE);
	assert_int_equal(fault->err, err);
	assert_int_equal(fault->peer_code, peer_code);
	assert_in_range(fault->addr, addr, addr + whole(len));
	if (fault->touched_len > 0)
		assert_int_equal(fault->touched_addr, addr);
	assert_true(fault->touched_len <= whole(len));
	ram_flash_assert_only(&ram, addr, fault->touched_len);
}

static void sweep(uint32_t block, uint32_t portion, uint32_t done, bool silent)
{
	for (uint32_t n = 1;; n++) {
		ram_flash_open(&ram, 4 * KIB, SMALL, block, 0);
		ram.failure = (struct ram_failure){ BOTH, n, 1, FAR_ERR_REFUSED, 42, done, silent };
		if (replace(SMALL, LEN, portion) == FAR_OK) {
			assert_true(n > 6); /* three erases, and some writes */
			return;
		}
		assert_told(SMALL, LEN, FAR_ERR_REFUSED, silent ? 0 : 42);
		assert_int_equal(far_flash_replace_write(flash, data, 1), FAR_ERR_STATE);
		ram_flash_forget(&ram);
		assert_int_equal(replace(SMALL, LEN, portion), FAR_OK);
		assert_replaced(SMALL, LEN);
	}
}

static void every_call_fails(void **state)
{
	static const uint32_t dones[] = { 0, 1, 8, SMALL };

	(void)state;
	for (uint32_t block = 1; block <= 32; block *= 2)
		for (size_t i = 0; i < COUNT(dones); i++) {
			sweep(block, 100, dones[i], false);
			sweep(block, 100, dones[i], true);
			sweep(block, LEN, dones[i], false);
			sweep(block, 5, dones[i], true);
		}
}

/* Fail the nth erase or write of a stream at addr, in portions of SMALL. */
static void fail_at(unsigned call, uint32_t n, uint32_t addr, uint32_t done, bool silent)
{
	ram_flash_forget(&ram);
	ram_flash_snapshot(&ram);
	ram.failure = (struct ram_failure){ 1u << call, n, 1, FAR_ERR_IO, 0, done, silent };
	assert_int_equal(replace(addr, LEN, SMALL), FAR_ERR_IO);
}

/* Exactly what may have changed: not less, and no sector that was never reached. */
static void touched_is_exact(void **state)
{
	const uint32_t a = 4 * SMALL;
	const enum far_flash_op op = FAR_FLASH_OP_REPLACE;

	(void)state;
	ram_flash_open(&ram, 4 * KIB, SMALL, 4, 0);
	fail_at(RAM_ERASE, 1, a, 0, false);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a, 0, 0, 0);
	fail_at(RAM_ERASE, 1, a, 9, false);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a + 9, 0, a, 9);
	fail_at(RAM_ERASE, 2, a, 9, false);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a + SMALL + 9, 0, a, SMALL + 9);
	fail_at(RAM_WRITE, 1, a, 0, false);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a, 0, a, SMALL);
	fail_at(RAM_WRITE, 2, a, 16, false);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a + SMALL + 16, 0, a, 2 * SMALL);
}

/* The same, where the device has not recorded anything. */
static void touched_of_silent_failures(void **state)
{
	const uint32_t a = 4 * SMALL;
	const enum far_flash_op op = FAR_FLASH_OP_REPLACE;

	(void)state;
	ram_flash_open(&ram, 4 * KIB, SMALL, 4, 0);
	fail_at(RAM_ERASE, 1, a, 9, true);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a, 0, a, SMALL);
	fail_at(RAM_ERASE, 3, a, 9, true);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a + 2 * SMALL, 0, a, 3 * SMALL);
	fail_at(RAM_WRITE, 1, a, 9, true);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a, 0, a, SMALL);
	fail_at(RAM_WRITE, 3, a, 9, true);
	ram_flash_assert_fault(&ram, op, FAR_ERR_IO, a + 2 * SMALL, 0, a, 3 * SMALL);
	/* The last sectors of the flash: the record does not reach beyond it. */
	fail_at(RAM_WRITE, 3, 4 * KIB - 3 * SMALL, 9, true);
	assert_int_equal(flash->fault.touched_addr + flash->fault.touched_len, 4 * KIB);
}

/* The failure that comes last, when end writes the held-back bytes. */
static void end_fails(void **state)
{
	(void)state;
	ram_flash_open(&ram, 4 * KIB, SMALL, 32, 0);
	assert_int_equal(far_flash_replace_begin(flash, SMALL, 20, 0), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data, 20), FAR_OK);
	assert_int_equal(ram_flash_calls(&ram), 0);
	ram.failure = (struct ram_failure){ 1u << RAM_WRITE, 1, 1, FAR_ERR_TIMEOUT, 1, 0, false };
	assert_int_equal(far_flash_replace_end(flash), FAR_ERR_TIMEOUT);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_REPLACE, FAR_ERR_TIMEOUT, SMALL, 1, SMALL, SMALL);
	assert_int_equal(far_flash_replace_end(flash), FAR_ERR_STATE);
}

/* ---- digest ---------------------------------------------------------------------------------- */

static void digest_of_everything(void **state)
{
	static const uint32_t lens[] = { 0, 1, 63, 255, 256, 257, 511, 512, 4000, 70001 };
	uint8_t md5[FAR_MD5_LEN], want[FAR_MD5_LEN];

	(void)state;
	ram_flash_open(&ram, SIZE, 4 * KIB, 4, FAR_FLASH_CAN_READ);
	for (size_t i = 0; i < COUNT(lens); i++)
		for (uint32_t addr = 0; addr < 3; addr++) {
			assert_int_equal(far_flash_digest(flash, addr, lens[i], md5), FAR_OK);
			ref_md5(ram.mem + addr, lens[i], want);
			assert_memory_equal(md5, want, sizeof(want));
		}
	assert_int_equal(ram.counts[RAM_DIGEST], 0);
}

static void digest_fails(void **state)
{
	uint8_t md5[FAR_MD5_LEN];
	uint32_t n = 1;
	int rc;

	(void)state;
	ram_flash_open(&ram, SIZE, 4 * KIB, 4, FAR_FLASH_CAN_READ);
	for (;; n++) {
		ram_flash_forget(&ram);
		ram.failure = (struct ram_failure){ RAM_ANY, n, 1, FAR_ERR_PROTO, 8, 0, false };
		rc = far_flash_digest(flash, 100, 1000, md5);
		if (rc == FAR_OK)
			break;
		assert_int_equal(rc, FAR_ERR_PROTO);
		assert_int_equal(ram_flash_calls(&ram), n);
		assert_in_range(flash->fault.addr, 100, 1099);
		ram_flash_assert_fault(&ram, FAR_FLASH_OP_DIGEST, FAR_ERR_PROTO, flash->fault.addr,
				       8, 0, 0);
	}
	assert_int_equal(n, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_portion),
		cmocka_unit_test(every_sector_size),
		cmocka_unit_test(random_portions),
		cmocka_unit_test(erases_as_it_goes),
		cmocka_unit_test(tail_does_not_leak),
		cmocka_unit_test(other_erase_value),
		cmocka_unit_test(last_sector_of_four_gib),
		cmocka_unit_test(every_call_fails),
		cmocka_unit_test(touched_is_exact),
		cmocka_unit_test(touched_of_silent_failures),
		cmocka_unit_test(end_fails),
		cmocka_unit_test(digest_of_everything),
		cmocka_unit_test(digest_fails),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
