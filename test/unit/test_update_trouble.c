/* SPDX-License-Identifier: Apache-2.0 */
/* service/update when things fail: wrong bits, line errors, cancelled jobs, broken sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/update_job.h"

#define SECTOR  0x1000u
#define LINE    0x10000u
#define READ    FAR_FLASH_CAN_READ
#define NATIVE  (READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE)
#define DEFLATE (NATIVE | FAR_FLASH_CAN_DEFLATE)

#define ADDR SECTOR
#define LEN  (2 * LINE + 77) /* three segments: 15 sectors, 16 sectors, one and a bit */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct update_job job;
static const struct far_update_result *const result = &job.result;

static int setup(void **state)
{
	(void)state;
	update_job_open(&job, NATIVE, ADDR, LEN);
	return 0;
}

/* Where the segment with this address begins, and how long it is. */
static uint32_t segment_of(uint32_t addr)
{
	uint32_t start = addr / LINE * LINE;

	return start < ADDR ? ADDR : start;
}

static uint32_t segment_len(uint32_t addr)
{
	uint32_t end = addr / LINE * LINE + LINE;

	return (end < ADDR + LEN ? end : ADDR + LEN) - segment_of(addr);
}

/* The same for its sector: what a later pass replaces. */
static uint32_t sector_of(uint32_t addr)
{
	return addr / SECTOR * SECTOR;
}

static uint32_t sector_len(uint32_t addr)
{
	uint32_t end = sector_of(addr) + SECTOR;

	return (end < ADDR + LEN ? end : ADDR + LEN) - sector_of(addr);
}

/* An address in the range whose wanted byte has bit 0 set, so that it can be spoilt. */
static uint32_t weak_spot(uint32_t addr)
{
	while (!(job.source[addr - ADDR] & 1))
		addr++;
	assert_true(addr < ADDR + LEN);
	return addr;
}

/* The same job once more, on the flash as it was left: it completes what was cut. */
static void assert_resumes(void)
{
	update_job_again(&job);
	job.config.diff = 1;
	assert_int_equal(update_job_run(&job), FAR_OK);
	assert_int_equal(result->verified != 0, 1);
	assert_int_equal(result->skipped + result->written, LEN);
	update_job_assert_done(&job);
}

/* ---- wrong bits ------------------------------------------------------------------------------ */

static const uint32_t spots[] = { ADDR, LINE - 9, LINE, 2 * LINE - 9, 2 * LINE, ADDR + LEN - 30 };

/* Spoilt once: a second pass writes that sector, and only that, again. */
static void wrong_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(spots); i++) {
		uint32_t spot;

		setup(NULL);
		spot = weak_spot(spots[i]);
		job.ram.wear = (struct ram_wear){ spot, 1, 1 };
		assert_int_equal(update_job_run(&job), FAR_OK);
		update_job_assert_done(&job);
		assert_int_equal(result->pass, 2);
		assert_int_equal(result->verified != 0, 1);
		assert_int_equal(result->repeated, 1);
		assert_int_equal(result->skipped, 0); /* the others are right because written */
		assert_int_equal(result->written, LEN + sector_len(spot));
	}
}

/* Spoilt twice: the third pass is the last that helps. */
static void wrong_twice(void **state)
{
	(void)state;
	job.ram.wear = (struct ram_wear){ weak_spot(LINE), 1, 2 };
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
	assert_int_equal(result->pass, 3);
	assert_int_equal(result->repeated, 2);
}

/* A cell that never holds its bit: all passes, then the place is named. */
static void wrong_for_ever(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(spots); i++) {
		uint32_t spot;

		setup(NULL);
		spot = weak_spot(spots[i]);
		job.ram.wear = (struct ram_wear){ spot, 1, UINT32_MAX };
		assert_int_equal(update_job_run(&job), FAR_ERR_VERIFY);
		assert_int_equal(result->first_bad, sector_of(spot));
		assert_int_equal(result->pass, FAR_UPDATE_PASSES);
		assert_int_equal(result->verified, 0);
		assert_int_equal(result->repeated, FAR_UPDATE_PASSES - 1);
		assert_int_equal(result->written, LEN + 2 * sector_len(spot));
		/* Everything else is in place, and the work was bounded. */
		*ram_flash_at(&job.ram, spot) |= 1;
		assert_memory_equal(ram_flash_at(&job.ram, ADDR), job.source, LEN);
		assert_int_equal(job.ram.counts[RAM_BEGIN], 5);
	}
}

/* Where nothing can be proved nothing is claimed. */
static void wrong_in_the_dark(void **state)
{
	(void)state;
	update_job_open(&job, 0, ADDR, LEN);
	job.ram.wear = (struct ram_wear){ weak_spot(LINE), 1, UINT32_MAX };
	assert_int_equal(update_job_run(&job), FAR_OK);
	assert_int_equal(result->verified, 0);
	assert_int_equal(result->pass, 1);
	assert_int_equal(result->written, LEN);
}

/* The whole is said to differ and each part to be right: then the flash talks nonsense. */
static void digests_that_contradict(void **state)
{
	(void)state;
	job.ram.lies_about = LEN;
	assert_int_equal(update_job_run(&job), FAR_ERR_PROTO);
	assert_int_equal(result->verified, 0);
	assert_int_equal(result->pass, FAR_UPDATE_PASSES);
	assert_int_equal(result->written, LEN); /* the parts are right: nothing to write again */
	assert_int_equal(result->repeated, 0);
	update_job_again(&job);
	assert_int_equal(update_job_verify(&job), FAR_ERR_PROTO);
}

/* ---- the line -------------------------------------------------------------------------------- */

static const int passing[] = { FAR_ERR_TIMEOUT, FAR_ERR_PROTO, FAR_ERR_VERIFY, FAR_ERR_REFUSED };
static const int lasting[] = { FAR_ERR_IO, FAR_ERR_CANCELLED, FAR_ERR_NOTSUP, FAR_ERR_BUSY,
			       FAR_ERR_STATE };
static const enum ram_call stages[] = { RAM_BEGIN, RAM_STREAM, RAM_END };

/* The second segment fails so often, at this stage. Its first streams, times in a row. */
static int run_failing(enum ram_call stage, uint32_t times, int err, uint8_t caps)
{
	update_job_open(&job, caps, ADDR, LEN);
	job.ram.failure =
		(struct ram_failure){ 1u << stage, stage == RAM_STREAM ? 16 : 2, times, err, 1, 8,
				      false };
	return update_job_run(&job);
}

static void line_errors_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(passing); i++)
		for (size_t k = 0; k < COUNT(stages); k++)
			for (uint32_t times = 1; times <= 2; times++) {
				assert_int_equal(run_failing(stages[k], times, passing[i], NATIVE),
						 FAR_OK);
				update_job_assert_done(&job);
				assert_int_equal(result->repeated, times);
				assert_int_equal(result->written, LEN);
				assert_int_equal(result->pass, 1);
				assert_int_equal(job.ram.counts[RAM_BEGIN], 3 + times);
			}
}

/* Three attempts, not more; and then the flash's own record stands. */
static void line_errors_that_stay(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(passing); i++)
		for (size_t k = 0; k < COUNT(stages); k++) {
			assert_int_equal(run_failing(stages[k], UINT32_MAX, passing[i], NATIVE),
					 passing[i]);
			assert_int_equal(job.ram.counts[RAM_BEGIN], 1 + 3);
			assert_int_equal(result->repeated, 2);
			assert_int_equal(result->written, LINE - ADDR);
			assert_int_equal(result->verified, 0);
			assert_int_equal(job.ram.flash.fault.err, passing[i]);
			assert_int_equal(job.ram.flash.fault.peer_code, 1);
			if (passing[i] == FAR_ERR_VERIFY)
				assert_int_equal(result->first_bad, LINE);
			ram_flash_assert_only(&job.ram, ADDR, 2 * LINE - ADDR);
			assert_resumes();
		}
}

/* What does not go away by trying again is not tried again. */
static void other_errors_end_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lasting); i++)
		for (size_t k = 0; k < COUNT(stages); k++) {
			assert_int_equal(run_failing(stages[k], 1, lasting[i], NATIVE), lasting[i]);
			assert_int_equal(job.ram.counts[RAM_BEGIN], 2);
			assert_int_equal(result->repeated, 0);
			assert_int_equal(job.ram.flash.fault.err, lasting[i]);
			assert_resumes();
		}
}

/* A deflated stream that fails twice goes plain: perhaps it was the deflating. */
static void last_attempt_is_plain(void **state)
{
	(void)state;
	update_job_open(&job, DEFLATE, ADDR, LINE - ADDR);
	memset(job.source, 'x', sizeof(job.source));
	job.ram.failure =
		(struct ram_failure){ 1u << RAM_STREAM, 1, 2, FAR_ERR_TIMEOUT, 0, 8, false };
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
	assert_int_equal(job.ram.deflated, 2);
	assert_int_equal(job.ram.begin_stream, 0);
	assert_int_equal(result->repeated, 2);
	assert_int_equal(result->sent, LINE - ADDR); /* of those that failed nothing counts */
}

/*
 * Every call to the device fails once, with an error that ends the job or one that may pass;
 * whatever comes of it, nothing outside the range changes and the job can be completed.
 */
static void sweep(uint8_t caps, int err, uint32_t done)
{
	for (uint32_t n = 1;; n++) {
		int rc;

		update_job_open(&job, caps, ADDR, LEN);
		job.config.work_len = 8 * SECTOR;
		job.ram.failure = (struct ram_failure){ RAM_ANY, n, 1, err, 0, done, false };
		rc = update_job_run(&job);
		ram_flash_assert_only(&job.ram, ADDR, update_job_sectors(&job, LEN));
		if (job.ram.matching < n) {
			assert_int_equal(rc, FAR_OK);
			assert_true(n > 20);
			return;
		}
		if (rc == FAR_OK) {
			assert_int_equal(err, FAR_ERR_TIMEOUT); /* passed */
			update_job_assert_done(&job);
		} else {
			assert_int_equal(rc, err);
			assert_int_equal(job.ram.flash.fault.err, err);
			assert_int_equal(result->verified, 0);
		}
		if (n % 16 == 0 || n < 12)
			assert_resumes();
	}
}

static void every_call_fails(void **state)
{
	(void)state;
	sweep(NATIVE, FAR_ERR_IO, 0);
	sweep(NATIVE, FAR_ERR_TIMEOUT, 100);
	sweep(FAR_FLASH_CAN_DIGEST, FAR_ERR_IO, 100);
	sweep(FAR_FLASH_CAN_DIGEST, FAR_ERR_TIMEOUT, 0);
}

/* ---- cancelled ------------------------------------------------------------------------------- */

/* At every step: it stops at once, tells what may have changed, and can be completed. */
static void cancelled_at_every_step(void **state)
{
	unsigned in_segments = 0;

	(void)state;
	for (uint32_t step = 1;; step++) {
		const struct far_flash_fault *fault = &job.ram.flash.fault;
		int rc;

		update_job_open(&job, NATIVE, ADDR, LEN);
		job.cancel_at = step;
		rc = update_job_run(&job);
		if (rc == FAR_OK) {
			assert_int_equal(job.steps, step - 1);
			assert_true(in_segments > LEN / SECTOR);
			break;
		}
		assert_int_equal(rc, FAR_ERR_CANCELLED);
		assert_int_equal(job.steps, step);
		assert_int_equal(result->verified, 0);
		assert_int_equal(result->pass, 1);
		/* In the middle of a segment the flash's record tells its sectors. */
		if (fault->err != FAR_OK) {
			uint32_t at = ADDR + result->written;
			uint32_t len = segment_len(at);

			ram_flash_assert_fault(&job.ram, FAR_FLASH_OP_REPLACE, FAR_ERR_CANCELLED,
					       fault->addr, 0, at, update_job_sectors(&job, len));
			assert_in_range(fault->addr, at + 1, at + len);
			assert_int_equal(ADDR + result->done, at + len);
			ram_flash_assert_only(&job.ram, ADDR, at + fault->touched_len - ADDR);
			in_segments++;
		}
		assert_resumes();
	}
}

/* In later passes and in the search for the first bad segment, too. */
static void cancelled_at_every_step_of_a_hopeless_job(void **state)
{
	(void)state;
	for (uint32_t step = 1;; step += 3) {
		int rc;

		setup(NULL);
		job.ram.wear = (struct ram_wear){ weak_spot(ADDR + LEN - 30), 1, UINT32_MAX };
		job.cancel_at = step;
		rc = update_job_run(&job);
		if (job.steps < step) {
			assert_int_equal(rc, FAR_ERR_VERIFY);
			break;
		}
		assert_int_equal(rc, FAR_ERR_CANCELLED);
		assert_int_equal(result->verified, 0);
	}
}

/* ---- the source ------------------------------------------------------------------------------ */

static void every_read_of_the_source_fails(void **state)
{
	static const int errs[] = { FAR_ERR_IO, FAR_ERR_TIMEOUT, FAR_ERR_CANCELLED, -77 };

	(void)state;
	/* One read for each segment's write, then the whole once more for the proof. */
	for (size_t i = 0; i < COUNT(errs); i++)
		for (uint32_t n = 1; n <= 7; n++) {
			int rc;

			setup(NULL);
			job.read_fails_at = n;
			job.read_err = errs[i];
			rc = update_job_run(&job);
			assert_int_equal(rc, n <= 6 ? errs[i] : FAR_OK);
			assert_int_equal(job.reads, n <= 6 ? n : 6);
			assert_int_equal(job.ram.counts[RAM_BEGIN], n <= 3 ? n - 1 : 3);
			assert_int_equal(job.ram.flash.fault.err, FAR_OK);
			assert_int_equal(result->verified, n == 7);
			assert_resumes();
		}
	/* In the second pass. */
	setup(NULL);
	job.ram.wear = (struct ram_wear){ weak_spot(LINE), 1, 1 };
	job.read_fails_at = 7;
	job.read_err = FAR_ERR_IO;
	assert_int_equal(update_job_run(&job), FAR_ERR_IO);
	assert_int_equal(result->pass, 2);
	assert_resumes();
}

/* ---- verify ---------------------------------------------------------------------------------- */

static void preload(uint32_t addr, uint32_t len)
{
	memcpy(ram_flash_at(&job.ram, addr), job.source, len);
	ram_flash_snapshot(&job.ram);
}

/* Any address and length; and never a byte written. */
static void verify_any_range(void **state)
{
	static const uint32_t addrs[] = {
		0, 1, SECTOR - 1, LINE - 1, LINE, LINE + 1, 3 * LINE - 5
	};
	static const uint32_t lens[] = { 1, 2, SECTOR, LINE - 1, LINE, LINE + 1, 2 * LINE + 3 };
	static const uint8_t caps[] = { READ, FAR_FLASH_CAN_DIGEST };

	(void)state;
	for (size_t k = 0; k < COUNT(caps); k++)
		for (size_t i = 0; i < COUNT(addrs); i++)
			for (size_t n = 0; n < COUNT(lens); n++) {
				update_job_open(&job, caps[k], addrs[i], lens[n]);
				preload(addrs[i], lens[n]);
				assert_int_equal(update_job_verify(&job), FAR_OK);
				assert_int_equal(result->verified != 0, 1);
				assert_int_equal(result->done, lens[n]);
				assert_int_equal(result->written + result->sent, 0);
				assert_int_equal(job.ram.counts[RAM_WRITE], 0);
				assert_int_equal(job.ram.counts[RAM_ERASE], 0);
				ram_flash_assert_only(&job.ram, 0, 0);
			}
}

static void verify_finds_the_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(spots); i++)
		for (size_t k = i; k < COUNT(spots); k++) {
			setup(NULL);
			preload(ADDR, LEN);
			*ram_flash_at(&job.ram, spots[i]) ^= 0x80;
			if (k != i)
				*ram_flash_at(&job.ram, spots[k]) ^= 0x80;
			ram_flash_snapshot(&job.ram);
			assert_int_equal(update_job_verify(&job), FAR_ERR_VERIFY);
			assert_int_equal(result->first_bad,
					 spots[i] < SECTOR ? ADDR : sector_of(spots[i]));
			assert_int_equal(result->verified, 0);
			ram_flash_assert_only(&job.ram, 0, 0);
		}
	/* A byte before or behind the range is none of its business. */
	setup(NULL);
	preload(ADDR, LEN);
	*ram_flash_at(&job.ram, ADDR - 1) ^= 0x80;
	*ram_flash_at(&job.ram, ADDR + LEN) ^= 0x80;
	assert_int_equal(update_job_verify(&job), FAR_OK);
}

static void verify_in_the_dark(void **state)
{
	(void)state;
	update_job_open(&job, FAR_FLASH_CAN_REPLACE, ADDR, LEN);
	assert_int_equal(update_job_verify(&job), FAR_ERR_NOTSUP);
	assert_int_equal(job.reads + ram_flash_calls(&job.ram), 0);
}

/* The source, the flash and the user may each end it, at every step. */
static void verify_stops(void **state)
{
	(void)state;
	for (uint32_t n = 1; n <= 6; n++) {
		/* All wrong: the whole in three reads, and a search that ends with the first. */
		setup(NULL);
		job.read_fails_at = n;
		job.read_err = FAR_ERR_IO;
		assert_int_equal(update_job_verify(&job), n <= 4 ? FAR_ERR_IO : FAR_ERR_VERIFY);
		setup(NULL);
		preload(ADDR, LEN);
		job.cancel_at = n;
		assert_int_equal(update_job_verify(&job), n == 1 ? FAR_ERR_CANCELLED : FAR_OK);
		setup(NULL);
		/* A digest is asked for three times, should the line have swallowed it. */
		job.ram.failure = (struct ram_failure){ RAM_ANY, n, 2, FAR_ERR_PROTO, 0, 0, false };
		assert_int_equal(update_job_verify(&job), FAR_ERR_VERIFY);
		setup(NULL);
		job.ram.failure = (struct ram_failure){ RAM_ANY, n, 3, FAR_ERR_PROTO, 0, 0, false };
		assert_int_equal(update_job_verify(&job), n <= 2 ? FAR_ERR_PROTO : FAR_ERR_VERIFY);
	}
}

/* The search tells of its progress, and can be stopped at every step. */
static void verify_search_stops(void **state)
{
	uint32_t step = 0;
	int rc;

	(void)state;
	do {
		setup(NULL);
		preload(ADDR, LEN);
		*ram_flash_at(&job.ram, ADDR + LEN - 1) ^= 1;
		job.cancel_at = ++step;
		rc = update_job_verify(&job);
		assert_int_equal(rc, job.steps < step ? FAR_ERR_VERIFY : FAR_ERR_CANCELLED);
		assert_int_equal(result->verified, 0);
	} while (rc == FAR_ERR_CANCELLED);
	assert_true(step > 3);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wrong_once),
		TEST(wrong_twice),
		TEST(wrong_for_ever),
		TEST(wrong_in_the_dark),
		TEST(digests_that_contradict),
		TEST(line_errors_pass),
		TEST(line_errors_that_stay),
		TEST(other_errors_end_it),
		TEST(last_attempt_is_plain),
		TEST(every_call_fails),
		TEST(cancelled_at_every_step),
		TEST(cancelled_at_every_step_of_a_hopeless_job),
		TEST(every_read_of_the_source_fails),
		TEST(verify_any_range),
		TEST(verify_finds_the_first),
		TEST(verify_in_the_dark),
		TEST(verify_stops),
		TEST(verify_search_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
