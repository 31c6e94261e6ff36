/* SPDX-License-Identifier: Apache-2.0 */
/* service/update when nothing fails: segments, skips, deflate, arguments, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/update_job.h"

#define SECTOR  0x1000u
#define LINE    0x10000u
#define DIGEST  (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST)
#define NATIVE  (DIGEST | FAR_FLASH_CAN_REPLACE)
#define DEFLATE (NATIVE | FAR_FLASH_CAN_DEFLATE)

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct update_job job;

static void assert_result(uint32_t skipped, uint32_t written, uint32_t repeated, unsigned pass,
			  int verified)
{
	const struct far_update_result *r = &job.result;

	assert_int_equal(r->skipped, skipped);
	assert_int_equal(r->written, written);
	assert_int_equal(r->repeated, repeated);
	assert_int_equal(r->pass, pass);
	assert_int_equal(r->verified != 0, verified);
}

/* ---- whole jobs ------------------------------------------------------------------------------ */

/* At every place relative to the 64 KiB lines, of every length, on every kind of flash. */
static void any_range(void **state)
{
	static const uint8_t caps[] = { 0, FAR_FLASH_CAN_READ, FAR_FLASH_CAN_DIGEST, DIGEST,
					NATIVE };
	static const uint32_t addrs[] = { 0, SECTOR, LINE - SECTOR, LINE, LINE + 3 * SECTOR };
	static const uint32_t lens[] = { 1,          15,       SECTOR - 1, SECTOR,
					 SECTOR + 1, LINE - 1, LINE + 1,   2 * LINE + 77 };

	(void)state;
	for (size_t k = 0; k < COUNT(caps); k++)
		for (size_t i = 0; i < COUNT(addrs); i++)
			for (size_t n = 0; n < COUNT(lens); n++) {
				update_job_open(&job, caps[k], addrs[i], lens[n]);
				assert_int_equal(update_job_run(&job), FAR_OK);
				update_job_assert_done(&job);
				assert_result(0, lens[n], 0, 1, (caps[k] & DIGEST) != 0);
				assert_int_equal(job.result.sent, lens[n]);
				assert_int_equal(job.ram.erased, update_job_sectors(&job, lens[n]));
			}
}

/* The source checks that no segment crosses a 64 KiB line or exceeds the work memory. */
static void any_work_memory(void **state)
{
	static const uint32_t works[] = { SECTOR,  2 * SECTOR, 3 * SECTOR,   5 * SECTOR,
					  0x8000u, 0x10000u,   0x10000u + 1, JOB_WORK };

	(void)state;
	for (size_t i = 0; i < COUNT(works); i++)
		for (uint32_t addr = 0; addr < LINE; addr += 3 * SECTOR) {
			update_job_open(&job, NATIVE, addr, 2 * LINE + 5);
			job.config.work_len = works[i];
			assert_int_equal(update_job_run(&job), FAR_OK);
			update_job_assert_done(&job);
		}
}

/* Sectors and write blocks of other sizes. */
static void any_geometry(void **state)
{
	(void)state;
	for (uint32_t sector = 32; sector <= LINE; sector *= 2)
		for (uint32_t block = 1; block <= 32; block *= 4) {
			update_job_open(&job, FAR_FLASH_CAN_READ, 2 * sector, LINE + 333);
			ram_flash_open(&job.ram, RAM_FLASH_BYTES, sector, block,
				       FAR_FLASH_CAN_READ);
			assert_int_equal(update_job_run(&job), FAR_OK);
			update_job_assert_done(&job);
			assert_int_equal(job.result.verified != 0, 1);
		}
}

/* The whole flash, and its last sector. */
static void up_to_the_end(void **state)
{
	(void)state;
	update_job_open(&job, NATIVE, 0, RAM_FLASH_BYTES);
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
	update_job_open(&job, NATIVE, RAM_FLASH_BYTES - SECTOR, SECTOR - 1);
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
}

/* Without callbacks that are optional. */
static void no_progress(void **state)
{
	(void)state;
	update_job_open(&job, NATIVE, 0, LINE + 1);
	job.config.progress = NULL;
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
}

/* Somebody who watches is called often enough, and at the end. */
static void progress_is_fine_grained(void **state)
{
	(void)state;
	update_job_open(&job, NATIVE, 0, 3 * LINE);
	assert_int_equal(update_job_run(&job), FAR_OK);
	assert_true(job.steps >= 3 * LINE / SECTOR);
	assert_int_equal(job.last_done, 3 * LINE);
}

/* ---- diff ------------------------------------------------------------------------------------ */

/* Put the source on the flash, past the service. */
static void preload(uint32_t at, uint32_t len)
{
	memcpy(ram_flash_at(&job.ram, at), job.source + (at - job.config.addr), len);
	ram_flash_snapshot(&job.ram);
}

/* Nothing to do: not one byte is erased or written, not even behind the range's end. */
static void diff_all_right(void **state)
{
	(void)state;
	update_job_open(&job, NATIVE, SECTOR, 2 * LINE + 9);
	preload(SECTOR, 2 * LINE + 9);
	job.config.diff = 1;
	assert_int_equal(update_job_run(&job), FAR_OK);
	assert_result(2 * LINE + 9, 0, 0, 1, 1);
	assert_int_equal(job.result.sent, 0);
	assert_int_equal(job.ram.erased + job.ram.written, 0);
	ram_flash_assert_only(&job.ram, 0, 0);
	update_job_assert_done(&job);
}

/* Without diff all is written, right or not. */
static void no_diff(void **state)
{
	(void)state;
	update_job_open(&job, NATIVE, SECTOR, LINE);
	preload(SECTOR, LINE);
	assert_int_equal(update_job_run(&job), FAR_OK);
	assert_result(0, LINE, 0, 1, 1);
	update_job_assert_done(&job);
}

/* A flash that tells nothing cannot be compared: all is written, and not proved. */
static void diff_in_the_dark(void **state)
{
	(void)state;
	update_job_open(&job, 0, SECTOR, LINE);
	preload(SECTOR, LINE);
	job.config.diff = 1;
	assert_int_equal(update_job_run(&job), FAR_OK);
	assert_result(0, LINE, 0, 1, 0);
	update_job_assert_done(&job);
}

/* ---- deflate --------------------------------------------------------------------------------- */

static void deflate_used(void **state)
{
	(void)state;
	update_job_open(&job, DEFLATE, SECTOR, 2 * LINE + 5);
	memset(job.source, 'x', LINE); /* the first segments shrink, the pattern does not */
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
	assert_result(0, 2 * LINE + 5, 0, 1, 1);
	assert_int_equal(job.deflates, 3);
	assert_int_equal(job.ram.deflated, 2);
	assert_true(job.result.sent > LINE && job.result.sent < LINE + LINE / 4);
}

/* The other half of the work memory begins at work_len, however large the segments are. */
static void deflate_with_any_work(void **state)
{
	static const uint32_t works[] = { SECTOR, 3 * SECTOR, LINE, JOB_WORK };

	(void)state;
	for (size_t i = 0; i < COUNT(works); i++) {
		update_job_open(&job, DEFLATE, SECTOR, LINE + 5);
		memset(job.source, 'x', LINE);
		job.config.work_len = works[i];
		assert_int_equal(update_job_run(&job), FAR_OK);
		update_job_assert_done(&job);
		assert_true(job.ram.deflated > 0);
	}
}

/* What does not fit goes plain; so does what a broken callback claims to have made. */
static void deflate_does_not_fit(void **state)
{
	static const enum job_deflate how[] = { JOB_DOES_NOT_FIT, JOB_TOO_LONG };

	(void)state;
	for (size_t i = 0; i < COUNT(how); i++) {
		update_job_open(&job, DEFLATE, SECTOR, LINE + 5);
		job.how = how[i];
		assert_int_equal(update_job_run(&job), FAR_OK);
		update_job_assert_done(&job);
		assert_int_equal(job.deflates, 2);
		assert_int_equal(job.ram.deflated, 0);
		assert_int_equal(job.result.sent, LINE + 5);
	}
}

static void deflate_not_asked(void **state)
{
	(void)state;
	update_job_open(&job, DEFLATE, SECTOR, LINE);
	job.config.deflate = NULL;
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
	assert_int_equal(job.ram.deflated, 0);
	/* The flash does not take it. */
	update_job_open(&job, DEFLATE, SECTOR, LINE);
	job.ram.flash.info.caps = NATIVE;
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
	assert_int_equal(job.deflates, 0);
}

/* ---- arguments ------------------------------------------------------------------------------- */

static int (*const both[])(struct update_job *j) = { update_job_run, update_job_verify };

/* Refused before anything was read, asked or touched; the result is blank. */
static void assert_refused(int (*call)(struct update_job *j), int err)
{
	static const struct far_update_result blank;

	assert_int_equal(call(&job), err);
	assert_memory_equal(&job.result, &blank, sizeof(blank));
	assert_int_equal(ram_flash_calls(&job.ram) + job.reads + job.steps, 0);
	ram_flash_assert_only(&job.ram, 0, 0);
}

static struct far_update_config *fresh(void)
{
	update_job_open(&job, DEFLATE, SECTOR, LINE);
	return &job.config;
}

static void bad_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(both); i++) {
		fresh()->flash = NULL;
		assert_refused(both[i], FAR_ERR_ARG);
		fresh()->read = NULL;
		assert_refused(both[i], FAR_ERR_ARG);
		fresh()->work = NULL;
		assert_refused(both[i], FAR_ERR_ARG);
		fresh()->len = 0;
		assert_refused(both[i], FAR_ERR_ARG);
		fresh()->work_len = 0;
		assert_refused(both[i], FAR_ERR_ARG);
		fresh()->work_len = SECTOR - 1;
		assert_refused(both[i], FAR_ERR_ARG);
		fresh()->work_len = SECTOR + 1;
		assert_refused(both[i], FAR_ERR_ARG);
		fresh();
		job.ram.flash.info.sector_size = 2 * LINE; /* no segment can hold one */
		assert_refused(both[i], FAR_ERR_ARG);
	}
}

static void bad_ranges(void **state)
{
	static const uint32_t size = RAM_FLASH_BYTES;
	static const struct {
		uint32_t addr, len;
	} beyond[] = { { size, 1 },
		       { size - SECTOR, SECTOR + 1 },
		       { 0, size + 1 },
		       { SECTOR, size },
		       { SECTOR, UINT32_MAX },
		       { SECTOR, 0u - SECTOR },
		       { 0u - SECTOR, 2 * SECTOR },
		       { size + SECTOR, 1 } };

	(void)state;
	for (size_t i = 0; i < COUNT(both); i++) {
		for (size_t k = 0; k < COUNT(beyond); k++) {
			fresh()->addr = beyond[k].addr;
			job.config.len = beyond[k].len;
			assert_refused(both[i], FAR_ERR_RANGE);
		}
		fresh();
		job.ram.flash.info = (struct far_flash_info){ 0 }; /* not connected */
		assert_refused(both[i], FAR_ERR_RANGE);
	}
}

static void bad_alignment(void **state)
{
	static const uint32_t skews[] = { 1, 4, 256, SECTOR - 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(skews); i++) {
		fresh()->addr = SECTOR + skews[i];
		assert_refused(update_job_run, FAR_ERR_ALIGN);
	}
}

/* ---- near 4 GiB ------------------------------------------------------------------------------ */

/* The last bytes that a 32-bit address reaches. */
static void end_of_four_gib(void **state)
{
	uint32_t size = 0u - SECTOR;
	uint32_t len = 5 * LINE + 3 * SECTOR - 9;

	(void)state;
	for (unsigned native = 0; native < 2; native++) {
		update_job_open(&job, NATIVE, size - update_job_sectors(&job, len), len);
		ram_flash_open(&job.ram, size, SECTOR, 4, native ? NATIVE : FAR_FLASH_CAN_READ);
		job.config.addr = size - update_job_sectors(&job, len);
		assert_int_equal(update_job_run(&job), FAR_OK);
		update_job_assert_done(&job);
		assert_result(0, len, 0, 1, 1);
		assert_int_equal(update_job_verify(&job), FAR_OK);
	}
}

/* A job over all of it begins as any other. */
static void all_of_four_gib(void **state)
{
	(void)state;
	update_job_open(&job, NATIVE, 0, 0u - SECTOR);
	ram_flash_open(&job.ram, 0u - SECTOR, SECTOR, 4, NATIVE);
	job.ram.base = 0;
	job.read_fails_at = 4;
	job.read_err = FAR_ERR_IO;
	assert_int_equal(update_job_run(&job), FAR_ERR_IO);
	assert_int_equal(job.result.done, 3 * LINE);
	assert_int_equal(job.result.written, 3 * LINE);
	assert_memory_equal(job.ram.mem, job.source, (size_t)3 * LINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_range),
		cmocka_unit_test(any_work_memory),
		cmocka_unit_test(any_geometry),
		cmocka_unit_test(up_to_the_end),
		cmocka_unit_test(no_progress),
		cmocka_unit_test(progress_is_fine_grained),
		cmocka_unit_test(diff_all_right),
		cmocka_unit_test(no_diff),
		cmocka_unit_test(diff_in_the_dark),
		cmocka_unit_test(deflate_used),
		cmocka_unit_test(deflate_with_any_work),
		cmocka_unit_test(deflate_does_not_fit),
		cmocka_unit_test(deflate_not_asked),
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(bad_ranges),
		cmocka_unit_test(bad_alignment),
		cmocka_unit_test(end_of_four_gib),
		cmocka_unit_test(all_of_four_gib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
