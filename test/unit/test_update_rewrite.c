/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service/update on a flash without replace: erase and write, with the same result and the same
 * report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/update_job.h"

#define SECTOR 0x1000u
#define LINE   0x10000u
#define READ   FAR_FLASH_CAN_READ
#define DIGEST FAR_FLASH_CAN_DIGEST

#define ADDR (LINE - 2 * SECTOR)
#define LEN  (5 * SECTOR + 77)

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct update_job job;
static const struct far_update_result *const result = &job.result;

static void open_without(uint8_t caps, uint32_t addr, uint32_t len)
{
	update_job_open(&job, caps, addr, len);
	ram_flash_without_replace(&job.ram);
}

/* What is behind the range in its last sector is erased, and nothing was written to it. */
static void assert_done(void)
{
	uint32_t len = job.config.len, whole = update_job_sectors(&job, len);

	update_job_assert_done(&job);
	ram_flash_assert_filled(&job.ram, job.config.addr + len, whole - len, 0xff);
}

/* The same job on the flash as it was left. */
static void assert_resumes(void)
{
	update_job_again(&job);
	job.config.diff = 1;
	assert_int_equal(update_job_run(&job), FAR_OK);
	assert_true(result->verified);
	assert_int_equal(result->skipped + result->written, job.config.len);
	update_job_assert_done(&job);
}

/* ---- when nothing fails ---------------------------------------------------------------------- */

static void any_range(void **state)
{
	static const uint8_t caps[] = { 0, READ, DIGEST, READ | DIGEST };
	static const uint32_t addrs[] = { 0, SECTOR, LINE - SECTOR, LINE + 3 * SECTOR };
	static const uint32_t lens[] = { 1,      3,          4,        SECTOR - 1,
					 SECTOR, SECTOR + 1, LINE + 1, 2 * LINE + 77 };

	(void)state;
	for (size_t k = 0; k < COUNT(caps); k++)
		for (size_t i = 0; i < COUNT(addrs); i++)
			for (size_t n = 0; n < COUNT(lens); n++) {
				uint32_t whole;

				open_without(caps[k], addrs[i], lens[n]);
				whole = update_job_sectors(&job, lens[n]);
				assert_int_equal(update_job_run(&job), FAR_OK);
				assert_done();
				assert_int_equal(result->verified != 0, caps[k] != 0);
				assert_int_equal(result->sent, lens[n]);
				assert_int_equal(job.ram.erased, whole);
				assert_int_equal(job.ram.counts[RAM_ERASE], whole / SECTOR);
			}
}

static void any_geometry(void **state)
{
	(void)state;
	for (uint32_t sector = 32; sector <= LINE; sector *= 2)
		for (uint32_t block = 1; block <= 32; block *= 2) {
			update_job_open(&job, READ, 2 * sector, LINE + 333);
			ram_flash_open(&job.ram, RAM_FLASH_BYTES, sector, block, READ);
			ram_flash_without_replace(&job.ram);
			assert_int_equal(update_job_run(&job), FAR_OK);
			assert_done();
			assert_true(result->verified);
		}
}

/*
 * The smallest work memory that holds the range's end has room for the last write block, and no
 * more.
 */
static void any_work_memory(void **state)
{
	static const uint32_t works[] = { SECTOR, 3 * SECTOR, LINE };

	(void)state;
	for (size_t i = 0; i < COUNT(works); i++)
		for (uint32_t rest = 1; rest <= 33; rest++) {
			update_job_open(&job, READ, SECTOR, works[i] - rest);
			ram_flash_open(&job.ram, RAM_FLASH_BYTES, SECTOR, 32, READ);
			ram_flash_without_replace(&job.ram);
			job.config.work_len = works[i];
			memset(job.work + works[i], 0xa5, 32);
			assert_int_equal(update_job_run(&job), FAR_OK);
			assert_done();
			for (unsigned k = 0; k < 32; k++)
				assert_int_equal(job.work[works[i] + k], 0xa5);
		}
}

/* Some of it is right: what is skipped, written and told is what it is with replace. */
static void same_report_as_with_replace(void **state)
{
	struct far_update_result with;

	(void)state;
	for (uint32_t wrong = 0; wrong < 64; wrong++)
		for (unsigned without = 0; without < 2; without++) {
			update_job_open(&job, READ, ADDR, LEN);
			memcpy(ram_flash_at(&job.ram, ADDR), job.source, LEN);
			for (uint32_t i = 0; i < 6; i++)
				*ram_flash_at(&job.ram, ADDR + i * SECTOR + 3) ^= wrong >> i & 1;
			ram_flash_snapshot(&job.ram);
			if (without)
				ram_flash_without_replace(&job.ram);
			job.config.diff = 1;
			assert_int_equal(update_job_run(&job), FAR_OK);
			update_job_assert_done(&job);
			if (without)
				assert_memory_equal(&with, result, sizeof(with));
			with = *result;
		}
	assert_int_equal(with.skipped, 0);
}

/* It says that it takes deflated streams, and has none: what is deflated is not what is written. */
static void nothing_deflated(void **state)
{
	(void)state;
	open_without(READ | FAR_FLASH_CAN_DEFLATE, SECTOR, LINE + 5);
	memset(job.source, 'x', LINE);
	assert_int_equal(update_job_run(&job), FAR_OK);
	assert_done();
	assert_int_equal(result->sent, LINE + 5);
}

/* ---- when something does --------------------------------------------------------------------- */

/* A peer that has no streams says so, having touched nothing: then without. */
static void only_a_harmless_no_is_one(void **state)
{
	(void)state;
	for (uint32_t done = 0; done <= SECTOR; done += SECTOR) {
		update_job_open(&job, READ | FAR_FLASH_CAN_REPLACE, ADDR, LEN);
		job.ram.failure = (struct ram_failure){
			1u << RAM_BEGIN, 1, UINT32_MAX, FAR_ERR_NOTSUP, 0, done, false
		};
		assert_int_equal(update_job_run(&job), done ? FAR_ERR_NOTSUP : FAR_OK);
		if (done == 0)
			update_job_assert_done(&job);
		assert_int_equal(job.ram.counts[RAM_ERASE], done ? 0 : 6);
		assert_int_equal(result->touched_len, done ? done : 6 * SECTOR);
	}
}

/* Each sector is old or new, but for so many. */
static void assert_in_between(uint32_t most)
{
	uint32_t between = 0;

	for (uint32_t at = 0; at < LEN; at += SECTOR) {
		uint32_t n = LEN - at < SECTOR ? LEN - at : SECTOR;
		const uint8_t *is = ram_flash_at(&job.ram, ADDR + at);

		between += memcmp(is, job.source + at, n) != 0 &&
			   memcmp(is, job.ram.before + ADDR + at, SECTOR) != 0;
	}
	assert_in_range(between, 0, most);
}

/*
 * Every call fails, once or from then on, half-way: the code comes out, what is told of the flash
 * is so, and the job can be completed.
 */
static void sweep(uint8_t caps, int err, uint32_t times, uint32_t done)
{
	for (uint32_t n = 1;; n++) {
		int rc;

		open_without(caps, ADDR, LEN);
		job.ram.failure = (struct ram_failure){ RAM_ANY, n, times, err, 0, done, false };
		rc = update_job_run(&job);
		if (job.ram.matching < n) {
			assert_int_equal(rc, FAR_OK);
			assert_true(n > 12);
			return;
		}
		ram_flash_assert_only(&job.ram, result->touched_addr, result->touched_len);
		assert_in_range(result->touched_len, 0, 6 * SECTOR);
		if (rc == FAR_OK) {
			assert_true(err == FAR_ERR_TIMEOUT && times == 1);
			assert_done();
		} else {
			assert_int_equal(rc, err);
			assert_int_equal(job.ram.flash.fault.err, err);
			assert_false(result->verified);
			/* Another attempt begins with the run's first sector. */
			assert_in_between(err == FAR_ERR_IO ? 1 : 2);
			assert_resumes();
		}
	}
}

static void every_call_fails(void **state)
{
	(void)state;
	for (uint32_t done = 0; done <= 2048; done += 1024) {
		sweep(READ, FAR_ERR_IO, 1, done);
		sweep(READ, FAR_ERR_TIMEOUT, 1, done);
		sweep(DIGEST, FAR_ERR_IO, UINT32_MAX, done);
		sweep(DIGEST, FAR_ERR_TIMEOUT, UINT32_MAX, done);
	}
}

/* What may pass is tried three times, from the run's beginning. */
static void attempts(void **state)
{
	static const int passing[] = { FAR_ERR_TIMEOUT, FAR_ERR_PROTO, FAR_ERR_VERIFY,
				       FAR_ERR_REFUSED };
	static const enum ram_call calls[] = { RAM_ERASE, RAM_WRITE };

	(void)state;
	for (size_t i = 0; i < COUNT(passing); i++)
		for (size_t k = 0; k < COUNT(calls); k++)
			for (uint32_t times = 1; times <= 3; times++) {
				int rc;

				/* The second sector of a run, which the 64 KiB line ends. */
				open_without(READ, ADDR, LEN);
				job.ram.failure = (struct ram_failure){ 1u << calls[k], 2, 1,
									passing[i],     1, 8,
									false };
				/* Of a later attempt it is the second again. */
				job.ram.failure.times = times == 3 ? UINT32_MAX : times;
				rc = update_job_run(&job);
				assert_int_equal(rc, times == 3 ? passing[i] : FAR_OK);
				assert_int_equal(result->repeated, times == 3 ? 2 : times);
				if (times < 3) {
					assert_done();
					continue;
				}
				assert_int_equal(result->touched_addr, ADDR);
				assert_in_range(result->touched_len, SECTOR, 2 * SECTOR);
				assert_resumes();
			}
}

static void cancelled_at_every_step(void **state)
{
	unsigned in_runs = 0;

	(void)state;
	for (uint32_t step = 1;; step++) {
		const struct far_flash_fault *fault = &job.ram.flash.fault;
		int rc;

		open_without(READ, ADDR, LEN);
		job.cancel_at = step;
		rc = update_job_run(&job);
		if (rc == FAR_OK) {
			assert_int_equal(job.steps, step - 1);
			break;
		}
		assert_int_equal(rc, FAR_ERR_CANCELLED);
		assert_int_equal(job.steps, step);
		ram_flash_assert_only(&job.ram, result->touched_addr, result->touched_len);
		in_runs += fault->err == FAR_ERR_CANCELLED;
		assert_in_between(1);
		assert_resumes();
	}
	assert_int_equal(in_runs, 6);
}

/* A cell that loses its bit: written again, and in the end named. */
static void wrong_bits(void **state)
{
	uint32_t spot = ADDR + 3 * SECTOR;

	(void)state;
	for (uint32_t times = 1; times <= 3; times++) {
		open_without(READ, ADDR, LEN);
		while (!(job.source[spot - ADDR] & 1))
			spot++;
		job.ram.wear = (struct ram_wear){ spot, 1, times == 3 ? UINT32_MAX : times };
		assert_int_equal(update_job_run(&job), times == 3 ? FAR_ERR_VERIFY : FAR_OK);
		assert_int_equal(result->repeated, times == 3 ? 2 : times);
		assert_int_equal(result->verified != 0, times < 3);
		if (times == 3)
			assert_int_equal(result->first_bad, ADDR + 3 * SECTOR);
	}
}

static int no_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	(void)len, (void)md5;
	return far_flash_fail(f, FAR_ERR_NOTSUP, addr, 0, 0, 0);
}

/* It can be read, and whoever holds it serves no digest: it is read. */
static void no_digest_served(void **state)
{
	(void)state;
	for (uint32_t wrong = 0; wrong < 2; wrong++) {
		open_without(READ | DIGEST, ADDR, LEN);
		job.ram.ops.digest = no_digest;
		memcpy(ram_flash_at(&job.ram, ADDR), job.source, LEN);
		*ram_flash_at(&job.ram, ADDR + 2 * SECTOR) ^= (uint8_t)wrong;
		ram_flash_snapshot(&job.ram);
		job.config.diff = 1;
		assert_int_equal(update_job_verify(&job), wrong ? FAR_ERR_VERIFY : FAR_OK);
		assert_int_equal(update_job_run(&job), FAR_OK);
		assert_int_equal(result->written, wrong * SECTOR);
		assert_true(result->verified);
		update_job_assert_done(&job);
	}
}

/*
 * A read that fails in place of a digest is asked again as a digest is; one that stays ends the
 * job.
 */
static void no_digest_and_a_bad_line(void **state)
{
	(void)state;
	for (uint32_t times = 1; times <= 3; times++) {
		int rc;

		open_without(READ, ADDR, LEN);
		job.ram.ops.digest = no_digest;
		job.ram.failure = (struct ram_failure){
			1u << RAM_READ, 1, times, FAR_ERR_TIMEOUT, 0, 0, false
		};
		job.config.diff = 1;
		rc = update_job_run(&job);
		assert_int_equal(rc, times < 3 ? FAR_OK : FAR_ERR_TIMEOUT);
		assert_int_equal(result->verified != 0, times < 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_range),
		cmocka_unit_test(any_geometry),
		cmocka_unit_test(any_work_memory),
		cmocka_unit_test(same_report_as_with_replace),
		cmocka_unit_test(nothing_deflated),
		cmocka_unit_test(only_a_harmless_no_is_one),
		cmocka_unit_test(every_call_fails),
		cmocka_unit_test(attempts),
		cmocka_unit_test(cancelled_at_every_step),
		cmocka_unit_test(wrong_bits),
		cmocka_unit_test(no_digest_served),
		cmocka_unit_test(no_digest_and_a_bad_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
