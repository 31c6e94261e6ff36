/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "test/common/esp_rig.h"

uint32_t rig_random(uint32_t *state)
{
	/* xorshift32 */
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

void rig_fill(uint8_t *data, size_t len, uint32_t seed)
{
	static const uint8_t special[4] = { 0xC0, 0xDB, 0xFF, 0x00 };
	uint32_t state = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		uint32_t r = rig_random(&state);

		data[i] = r % 16 == 0 ? special[r >> 8 & 3] : (uint8_t)(r >> 16);
	}
}

static int strikes(struct rig_plan *p, enum far_sim_dir dir, uint64_t index)
{
	if (p->rate != 0)
		return rig_random(&p->seed) % p->rate == 0;
	return p->fault != RIG_NONE && dir == p->dir && index == p->at;
}

static size_t tap(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t *out, uint64_t *delay_ns)
{
	struct rig_plan *p = ctx;
	uint64_t index = p->seen[dir]++;
	enum rig_fault fault = p->fault;

	out[0] = in;
	if (!strikes(p, dir, index))
		return 1;
	p->done++;
	if (p->rate != 0) {
		fault = RIG_DROP + rig_random(&p->seed) % 3;
		p->flip = (uint8_t)(1 + rig_random(&p->seed) % 255);
	}
	switch (fault) {
	case RIG_DROP:
		return 0;
	case RIG_CORRUPT:
		out[0] = in ^ p->flip;
		return 1;
	case RIG_DOUBLE:
		out[1] = in;
		return 2;
	case RIG_DELAY:
		*delay_ns = p->delay_ns;
		return 1;
	case RIG_NONE:
	default:
		return 1;
	}
}

/*
 * The cells of the last flash, for the next rig: megabytes that sanitizers would map anew, page by
 * page. A block of exactly its size, so that a byte beyond is seen.
 */
static uint8_t *spare;
static uint32_t spare_size;

static uint8_t *take_cells(uint32_t size)
{
	uint8_t *cells = spare;

	if (spare_size != size) {
		free(spare);
		cells = NULL;
	}
	spare = NULL;
	spare_size = 0;
	if (cells == NULL)
		cells = malloc(size);
	assert_non_null(cells);
	memset(cells, 0xff, size);
	return cells;
}

static void give_cells(uint8_t *cells, uint32_t size)
{
	free(spare);
	spare = cells;
	spare_size = size;
}

void rig_open(struct rig *r, const char *chip, uint32_t flash_size)
{
	rig_open_chip(r, (struct far_sim_esp_config){ .chip = chip }, flash_size);
}

void rig_open_chip(struct rig *r, struct far_sim_esp_config esp, uint32_t flash_size)
{
	const struct far_sim_nor_config nor = { .size = flash_size,
						.memory = take_cells(flash_size) };

	memset(r, 0, sizeof(*r));
	r->cells = nor.memory;
	r->size = flash_size;
	far_sim_clock_init(&r->clock);
	r->nor = far_sim_nor_new(&nor);
	assert_non_null(r->nor);
	esp.nor = r->nor;
	r->chip = far_sim_esp_new(&esp);
	assert_non_null(r->chip);
	assert_int_equal(far_sim_line_init(&r->line, &r->clock, r->chip), FAR_OK);
	r->line.tap = tap;
	r->line.tap_ctx = &r->plan;
	r->config = (struct far_esp_config){ .stream = &r->line.stream,
					     .clock = &r->clock.clock,
					     .block = r->block,
					     .block_len = sizeof(r->block) };
	assert_int_equal(far_esp_init(&r->esp, &r->config), FAR_OK);
}

void rig_close(struct rig *r)
{
	far_sim_line_free(&r->line);
	far_sim_esp_free(r->chip);
	far_sim_nor_free(r->nor);
	give_cells(r->cells, r->size);
}

void rig_arm(struct rig *r, struct rig_plan plan)
{
	plan.seen[0] = plan.seen[1] = 0;
	plan.done = 0;
	r->plan = plan;
}

const uint8_t *rig_memory(const struct rig *r)
{
	return far_sim_nor_memory(r->nor);
}

/* Deliver a stream in portions and end it. */
static int deliver(struct far_flash *f, const uint8_t *data, uint32_t len, uint32_t portion)
{
	int rc = FAR_OK;

	if (portion == 0)
		portion = len;
	for (uint32_t at = 0; at < len && rc == FAR_OK; at += portion)
		rc = far_flash_replace_write(f, data + at, len - at < portion ? len - at : portion);
	return rc == FAR_OK ? far_flash_replace_end(f) : rc;
}

int rig_replace(struct rig *r, uint32_t addr, const uint8_t *data, uint32_t len, uint32_t portion,
		int packed)
{
	struct far_flash *f = &r->esp.flash;
	uLongf packed_len = compressBound(len);
	uint8_t *stream;
	int rc;

	if (!packed) {
		rc = far_flash_replace_begin(f, addr, len, 0);
		return rc == FAR_OK ? deliver(f, data, len, portion) : rc;
	}
	stream = malloc(packed_len);
	assert_non_null(stream);
	assert_int_equal(compress2(stream, &packed_len, data, len, 9), Z_OK);
	rc = far_flash_replace_begin(f, addr, len, (uint32_t)packed_len);
	if (rc == FAR_OK)
		rc = deliver(f, stream, (uint32_t)packed_len, portion);
	free(stream);
	return rc;
}

static int source_read(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	const uint8_t *const *data = ctx;

	memcpy(buf, *data + offset, len);
	return FAR_OK;
}

static uint32_t source_deflate(void *ctx, const uint8_t *src, uint32_t len, uint8_t *dst,
			       uint32_t cap)
{
	uLongf packed_len = cap;

	(void)ctx;
	return compress2(dst, &packed_len, src, len, 9) == Z_OK ? (uint32_t)packed_len : 0;
}

int rig_update(struct rig *r, uint32_t addr, const uint8_t *data, uint32_t len, int packed,
	       struct far_update_result *result)
{
	uint8_t *work = malloc(2 * FAR_UPDATE_SEGMENT_MAX);
	const struct far_update_config config = { .flash = &r->esp.flash,
						  .addr = addr,
						  .len = len,
						  .read = source_read,
						  .deflate = packed ? source_deflate : NULL,
						  .ctx = &data,
						  .work = work,
						  .work_len = FAR_UPDATE_SEGMENT_MAX };
	int rc;

	assert_non_null(work);
	rc = far_update_run(&config, result);
	free(work);
	return rc;
}
