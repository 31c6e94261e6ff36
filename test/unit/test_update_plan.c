/* SPDX-License-Identifier: Apache-2.0 */
/* service/update, which questions it asks: what is skipped, what is taken along, what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/update_job.h"

#define SECTOR 0x1000u
#define LINE   0x10000u
#define NATIVE (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE)
#define QUERY  512u /* cost of a question, as update.h says, beside a sixteenth of its length */

static struct update_job job;
static const struct far_update_result *const result = &job.result;
static uint32_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)random_state * below) >> 32);
}

/* A job whose range is right on the flash, all of it. */
static void open_right(uint32_t addr, uint32_t len)
{
	update_job_open(&job, NATIVE, addr, len);
	memcpy(ram_flash_at(&job.ram, addr), job.source, len);
	job.config.diff = 1;
}

static void spoil(uint32_t offset)
{
	*ram_flash_at(&job.ram, job.config.addr + offset) ^= 0x04;
}

/* What was written is right, what was right is untouched, and the numbers add up. */
static void assert_done(void)
{
	assert_int_equal(update_job_run(&job), FAR_OK);
	update_job_assert_done(&job);
	assert_int_equal(result->skipped + result->written, job.config.len);
	assert_int_equal(result->erased, job.ram.erased);
	assert_int_equal(result->queries, job.ram.counts[RAM_DIGEST]);
	assert_int_equal(result->pass, 1);
	assert_int_equal(result->verified, 1);
	assert_int_equal(result->touched_len > 0, result->written > 0);
}

/* Nothing to do takes a handful of questions that cover the range once, and not one byte. */
static void unchanged(void **state)
{
	(void)state;
	for (uint32_t sectors = 1; sectors <= 64; sectors *= 2) {
		open_right(SECTOR, sectors * SECTOR - 7);
		ram_flash_snapshot(&job.ram);
		assert_done();
		assert_int_equal(result->written + result->erased + result->sent, 0);
		ram_flash_assert_only(&job.ram, 0, 0);
		assert_true(result->queries <= 4);
		assert_int_equal(job.read_bytes, job.config.len);
	}
}

/* One byte changed, wherever it is, rewrites its sector and nothing else. */
static void one_byte(void **state)
{
	const uint32_t len = 6 * LINE + 77;

	(void)state;
	for (uint32_t at = 5; at < len; at += 3 * SECTOR + 501) {
		uint32_t sector = at / SECTOR * SECTOR, left = len - sector;

		open_right(2 * SECTOR, len);
		spoil(at);
		ram_flash_snapshot(&job.ram);
		assert_done();
		assert_int_equal(result->written, left < SECTOR ? left : SECTOR);
		assert_int_equal(result->erased, SECTOR);
		assert_int_equal(result->touched_addr, 2 * SECTOR + sector);
		assert_int_equal(result->touched_len, SECTOR);
		ram_flash_assert_only(&job.ram, result->touched_addr, SECTOR);
		assert_true(result->queries <= 16);
	}
}

/* A wholly different range is not probed to death. */
static void all_different(void **state)
{
	uint32_t sectors = 7 * LINE / SECTOR;

	(void)state;
	update_job_open(&job, NATIVE, LINE, 7 * LINE);
	job.config.diff = 1;
	assert_done();
	assert_int_equal(result->written, 7 * LINE);
	assert_true(result->queries <= sectors / 16 + 8);
	assert_int_equal(job.ram.counts[RAM_BEGIN], 7); /* and in whole lines */
}

/* What a job that was cut off has done already is found at once, wherever the cut was. */
static void resumed(void **state)
{
	const uint32_t len = 7 * LINE;

	(void)state;
	for (uint32_t done = 0; done <= len; done += 5 * SECTOR) {
		update_job_open(&job, NATIVE, LINE, len);
		memcpy(ram_flash_at(&job.ram, LINE), job.source, done);
		job.config.diff = 1;
		assert_done();
		assert_int_equal(result->skipped, done);
		assert_true(result->queries <= (len - done) / LINE + 24);
	}
}

/* Neighbours go together, in one stream up to the 64 KiB line. */
static void neighbours(void **state)
{
	(void)state;
	open_right(0, 4 * LINE);
	for (uint32_t i = 12; i < 20; i++) /* four before the line, four behind it */
		spoil(i * SECTOR + i);
	ram_flash_snapshot(&job.ram);
	assert_done();
	assert_int_equal(job.ram.counts[RAM_BEGIN], 2);
	assert_in_range(result->written, 8 * SECTOR, 12 * SECTOR);
	assert_int_equal(result->touched_addr, 12 * SECTOR);
}

static int note(void *ctx, uint32_t addr, uint32_t len)
{
	struct update_job *j = ctx;

	for (uint32_t at = addr; at < addr + len; at++)
		j->work[JOB_WORK + at / SECTOR] = 1;
	return 0;
}

/* Every sector that differs is told, and no other; nothing is written. */
static void differences(void **state)
{
	(void)state;
	for (random_state = 0; random_state < 40;) {
		uint32_t seed = random_state, len = SECTOR + draw(6 * LINE), addr = draw(LINE);
		uint8_t wrong[RAM_FLASH_BYTES / SECTOR] = { 0 }, any = 0;

		open_right(addr, len);
		memset(job.work, 0, sizeof(job.work));
		job.config.differs = note;
		for (uint32_t n = draw(9); n > 0; n--) {
			uint32_t at = draw(len);

			wrong[(addr + at) / SECTOR] = 1;
			*ram_flash_at(&job.ram, addr + at) = (uint8_t)~job.source[at];
			any = 1;
		}
		ram_flash_snapshot(&job.ram);
		assert_int_equal(update_job_verify(&job), any ? FAR_ERR_VERIFY : FAR_OK);
		assert_memory_equal(job.work + JOB_WORK, wrong, sizeof(wrong));
		ram_flash_assert_only(&job.ram, 0, 0);
		random_state = seed + 1;
	}
}

static int enough(void *ctx, uint32_t addr, uint32_t len)
{
	(void)len;
	*(uint32_t *)(void *)((struct update_job *)ctx)->work = addr;
	return 1;
}

static void differences_stop(void **state)
{
	uint32_t first;

	(void)state;
	open_right(0, 4 * LINE);
	spoil(LINE + 5);
	spoil(3 * LINE);
	job.config.differs = enough;
	assert_int_equal(update_job_verify(&job), FAR_ERR_VERIFY);
	memcpy(&first, job.work, sizeof(first));
	assert_int_equal(first, LINE);
	assert_int_equal(result->first_bad, LINE);
}

/*
 * Random flashes, from all right to all wrong, scattered and clustered: always right in the end,
 * and never dearer than the promise of update.h, whatever a question costs on this link.
 */
static void never_dear(void **state)
{
	static const uint32_t costs[] = { 0, 1, 4096, UINT32_MAX };

	(void)state;
	for (uint32_t seed = 0; seed < 300; seed++) {
		uint32_t cost = costs[seed % 4], len, density, cluster;
		uint32_t fixed = cost == 0 ? QUERY : cost > LINE ? LINE : cost;
		uint32_t promised;

		random_state = seed;
		len = 1 + draw(7 * LINE);
		density = draw(101);
		cluster = 1 + draw(30);
		open_right(draw(8) * SECTOR, len);
		job.config.query_cost = cost;
		for (uint32_t at = 0; at < len; at += SECTOR * cluster)
			for (uint32_t i = 0; draw(100) < density && i < cluster; i++)
				if (at + i * SECTOR < len)
					spoil(at + i * SECTOR);
		ram_flash_snapshot(&job.ram);
		assert_done();
		/*
		 * Right answers save a sector each; wrong ones are paid for; and there is the
		 * proof.
		 */
		promised = 4 * (fixed + SECTOR / 16) + len / 8 + result->skipped / 2;
		assert_true(result->queries <= result->skipped / SECTOR + 1 + promised / fixed + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unchanged),        cmocka_unit_test(one_byte),
		cmocka_unit_test(all_different),    cmocka_unit_test(resumed),
		cmocka_unit_test(neighbours),       cmocka_unit_test(differences),
		cmocka_unit_test(differences_stop), cmocka_unit_test(never_dear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
