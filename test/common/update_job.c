/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "test/common/update_job.h"

#define LINE 0x10000u

/* Whatever is asked lies in the range and fits in the work memory. */
static int job_read(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	struct update_job *j = ctx;
	const struct far_update_config *c = &j->config;

	assert_true(buf == c->work);
	assert_in_range(len, 1, c->work_len);
	assert_true(offset < c->len && len <= c->len - offset);
	j->read_bytes += len;
	if (++j->reads == j->read_fails_at)
		return j->read_err;
	memcpy(buf, j->source + offset, len);
	return FAR_OK;
}

/* Runs backwards only where a new pass or the search for the first bad sector begins. */
static int job_progress(void *ctx, const struct far_update_result *so_far)
{
	struct update_job *j = ctx;

	assert_true(so_far == &j->result);
	assert_true(so_far->done <= j->config.len);
	assert_true(so_far->pass <= FAR_UPDATE_PASSES);
	if (so_far->done < j->last_done && so_far->pass == j->last_pass && ++j->setbacks > 1)
		fail_msg("progress goes back from %u to %u", j->last_done, so_far->done);
	j->last_done = so_far->done;
	j->last_pass = so_far->pass;
	return ++j->steps == j->cancel_at ? 17 : 0;
}

static uint32_t job_deflate(void *ctx, const uint8_t *src, uint32_t len, uint8_t *dst, uint32_t cap)
{
	struct update_job *j = ctx;
	uLongf out = cap;

	assert_true(src == j->config.work && dst == src + j->config.work_len);
	assert_true(len > 0 && len <= j->config.work_len && cap <= j->config.work_len);
	j->deflates++;
	if (j->how == JOB_DOES_NOT_FIT)
		return 0;
	if (j->how == JOB_TOO_LONG)
		return cap + 0x100000u;
	return compress2(dst, &out, src, len, 9) == Z_OK ? (uint32_t)out : 0;
}

void update_job_open(struct update_job *j, uint8_t caps, uint32_t addr, uint32_t len)
{
	static uint8_t source[RAM_FLASH_BYTES]; /* made once: tests open thousands */

	if (source[0] == source[1])
		ram_flash_pattern(source, sizeof(source), 3);
	memset(j, 0, offsetof(struct update_job, ram));
	memset(&j->reads, 0,
	       offsetof(struct update_job, source) - offsetof(struct update_job, reads));
	memset(j->work, 0, sizeof(j->work));
	ram_flash_open(&j->ram, RAM_FLASH_BYTES, 0x1000, 4, caps);
	memcpy(j->source, source, sizeof(source));
	j->config = (struct far_update_config){ .flash = &j->ram.flash,
						.addr = addr,
						.len = len,
						.read = job_read,
						.progress = job_progress,
						.ctx = j,
						.work = j->work,
						.work_len = FAR_UPDATE_SEGMENT_MAX };
	if (caps & FAR_FLASH_CAN_DEFLATE)
		j->config.deflate = job_deflate;
}

void update_job_again(struct update_job *j)
{
	ram_flash_forget(&j->ram);
	j->reads = j->read_fails_at = j->read_bytes = 0;
	j->steps = j->cancel_at = j->last_done = j->last_pass = j->setbacks = j->deflates = 0;
}

int update_job_run(struct update_job *j)
{
	memset(&j->result, 0xA5, sizeof(j->result)); /* it is filled in every case */
	return far_update_run(&j->config, &j->result);
}

int update_job_verify(struct update_job *j)
{
	memset(&j->result, 0xA5, sizeof(j->result));
	return far_update_verify(&j->config, &j->result);
}

uint32_t update_job_sectors(const struct update_job *j, uint32_t len)
{
	uint32_t sector = j->ram.flash.info.sector_size;

	return (len + sector - 1) / sector * sector;
}

void update_job_assert_done(struct update_job *j)
{
	const struct far_update_config *c = &j->config;

	assert_memory_equal(ram_flash_at(&j->ram, c->addr), j->source, c->len);
	ram_flash_assert_only(&j->ram, c->addr, update_job_sectors(j, c->len));
	assert_int_equal(j->ram.zeros_lost, 0);
	assert_int_equal(j->result.done, c->len);
}
