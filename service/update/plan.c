/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "service/update/plan.h"
#include "core/bytes.h"
#include "core/md5.h"

enum {
	ATTEMPTS = 3,     /* at one question */
	QUERY_COST = 512, /* bytes: at 115200 bit/s 45 ms */
	GROWTH = 4,       /* of the step, with every answer that all is right */
	STEP_MAX = 1 << 16,
	/* Flash is read or hashed where it is at least so many times as fast as written. */
	HASH_SPEED = 16,
	/* Sectors that are taken unasked for different, after so many that were asked and are. */
	STREAK_MAX = 5
};

int far_update_report(const struct far_update_config *c, const struct far_update_result *r)
{
	return c->progress != NULL && c->progress(c->ctx, r) != 0 ? FAR_ERR_CANCELLED : FAR_OK;
}

/* ---- one question ---------------------------------------------------------------------------- */

/* Of the source's bytes, or of the flash's as they are read. */
static int digest(const struct far_update_config *c, struct far_update_run range, bool source,
		  uint8_t md5[FAR_MD5_LEN])
{
	struct far_md5 sum;

	far_md5_init(&sum);
	while (range.len > 0) {
		uint32_t n = far_min32(range.len, c->work_len);
		int rc = source ? c->read(c->ctx, range.offset, c->work, n)
				: far_flash_read(c->flash, c->addr + range.offset, c->work, n);

		if (rc != FAR_OK)
			return rc;
		far_md5_update(&sum, c->work, n);
		range.offset += n;
		range.len -= n;
	}
	far_md5_final(&sum, md5);
	return FAR_OK;
}

/* A supervisor need not serve digests, whatever its remotes are able to ask for. */
static int flash_digest(const struct far_update_config *c, struct far_update_run range,
			uint8_t md5[FAR_MD5_LEN])
{
	int rc = far_flash_digest(c->flash, c->addr + range.offset, range.len, md5);

	if (rc == FAR_ERR_NOTSUP && (c->flash->info.caps & FAR_FLASH_CAN_READ) != 0)
		rc = digest(c, range, false, md5);
	return rc;
}

/* A device that was lost in between may come back with the next call. */
int far_update_holds(const struct far_update_config *c, struct far_update_result *r,
		     struct far_update_run range)
{
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];
	int rc = digest(c, range, true, here);

	if (rc != FAR_OK)
		return rc;
	rc = FAR_ERR_TIMEOUT;
	for (unsigned i = 0; i < ATTEMPTS && (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO); i++) {
		r->queries++;
		rc = flash_digest(c, range, there);
		if (rc != FAR_OK && c->flash->fault.touched_len > 0) {
			/* The question itself has done harm. */
			r->touched_addr = c->flash->fault.touched_addr;
			r->touched_len = c->flash->fault.touched_len;
			return rc;
		}
	}
	return rc == FAR_OK ? memcmp(here, there, FAR_MD5_LEN) == 0 : rc;
}

/* ---- what a question is worth ---------------------------------------------------------------- */

/* In bytes that could be written instead. */
static uint32_t cost_of(const struct far_update_config *c, uint32_t len)
{
	uint32_t fixed = c->query_cost != 0 ? c->query_cost : QUERY_COST;

	return far_min32(fixed, FAR_UPDATE_SEGMENT_MAX) + len / HASH_SPEED;
}

/* The promise of update.h. A few questions are free, or small ranges would never be asked about. */
static bool pays(const struct far_update_plan *p, uint32_t len)
{
	const struct far_update_config *c = p->config;
	uint32_t free = 4 * cost_of(c, c->flash->info.sector_size);

	if (p->how >= FAR_UPDATE_EXACT)
		return true;
	return p->wasted + cost_of(c, len) <= free + c->len / 8 + p->right / 2;
}

/* ---- the way through the range --------------------------------------------------------------- */

/* Bytes from offset to the end of the count-th sector from there, or of the range. */
static uint32_t span(const struct far_update_config *c, uint32_t offset, uint32_t count)
{
	uint32_t sector = c->flash->info.sector_size;
	uint32_t first = sector - ((c->addr + offset) & (sector - 1)), left = c->len - offset;

	if (left <= first || (left - first) / sector < count - 1)
		return left;
	return first + (count - 1) * sector;
}

/* Sectors that [offset, end) reaches into. */
static uint32_t sectors(const struct far_update_config *c, uint32_t offset, uint32_t end)
{
	uint32_t sector = c->flash->info.sector_size;
	uint32_t skew = (c->addr + offset) & (sector - 1);

	return (end - offset + skew - 1) / sector + 1;
}

/*
 * The end of what may be written at once from offset on: the next multiple of the segment size,
 * counted from the last 64 KiB line.
 */
static uint32_t segment_end(const struct far_update_config *c, uint32_t offset)
{
	uint32_t size = far_min32(c->work_len, FAR_UPDATE_SEGMENT_MAX);
	uint32_t at = (c->addr + offset) % FAR_UPDATE_SEGMENT_MAX; /* within the line */
	uint32_t len = far_min32(size - at % size, FAR_UPDATE_SEGMENT_MAX - at);

	return offset + far_min32(len, c->len - offset);
}

/* Ask about the next n bytes, and go past them if they are right. 1, 0 or an error. */
static int ask(struct far_update_plan *p, uint32_t n)
{
	struct far_update_run range = { p->at, n };
	int right = far_update_holds(p->config, p->result, range);
	int rc = FAR_OK;

	if (right == 1) {
		p->at += n;
		p->right += n;
		p->streak = 0;
		p->result->done = p->at;
		rc = far_update_report(p->config, p->result);
	} else if (right == 0) {
		p->wasted += cost_of(p->config, n);
	}
	return rc == FAR_OK ? right : rc;
}

/* The next question where nothing is known, or something is known to differ up to bad_end. */
static uint32_t next_span(const struct far_update_plan *p, bool known)
{
	const struct far_update_config *c = p->config;
	uint32_t count = known ? (sectors(c, p->at, p->bad_end) + 1) / 2 : p->step;

	while (count > 1 && !pays(p, span(c, p->at, count)))
		count /= 2;
	return span(c, p->at, count);
}

/*
 * Find the next sector that differs: steps that grow while all is right, then halves. On return it
 * begins at p->at; or p->at is at the end.
 */
static int find(struct far_update_plan *p)
{
	const struct far_update_config *c = p->config;

	while (p->at < c->len) {
		bool known = p->bad_end > p->at;
		uint32_t n = next_span(p, known);
		int right;

		if ((known && n == p->bad_end - p->at) || !pays(p, n))
			return FAR_OK;
		right = ask(p, n);
		if (right < 0)
			return right;
		if (right == 0)
			p->bad_end = p->at + n;
		if (right == 0 && n <= span(c, p->at, 1))
			return FAR_OK;
		if (right == 1 && !known)
			p->step = far_min32(p->step * GROWTH, STEP_MAX);
	}
	return FAR_OK;
}

/*
 * Sectors that may be taken along without asking: the more have differed in a row, the more. In a
 * range of which nothing is right one in sixteen is asked about.
 */
static uint32_t unasked(const struct far_update_plan *p)
{
	if (p->how >= FAR_UPDATE_EXACT || p->streak == 0)
		return 0;
	return (1u << (far_min32(p->streak, STREAK_MAX) - 1)) - 1;
}

/* The sector at p->at differs: how far does it go? Moves p->at behind what is settled by that. */
static int extend(struct far_update_plan *p, struct far_update_run *run)
{
	const struct far_update_config *c = p->config;
	uint32_t from = p->at, limit = segment_end(c, from);
	int right = 0;

	p->streak++;
	p->at += span(c, p->at, 1 + unasked(p));
	while (p->at < limit && right == 0 && p->how != FAR_UPDATE_FIRST) {
		uint32_t n = span(c, p->at, 1);

		if (!pays(p, n)) {
			p->at = limit;
			break;
		}
		run->len = p->at - from;
		right = ask(p, n);
		if (right != 0)
			break;
		p->streak++;
		p->at += span(c, p->at, 1 + unasked(p));
	}
	if (right < 0)
		return right;
	run->offset = from;
	if (right == 0) {
		p->at = far_min32(p->at, limit);
		run->len = p->at - from;
	}
	p->bad_end = p->at;
	p->step = 1;
	return FAR_OK;
}

void far_update_plan_begin(struct far_update_plan *p, const struct far_update_config *config,
			   struct far_update_result *result, enum far_update_plan_how how)
{
	*p = (struct far_update_plan){ .config = config, .result = result, .how = how, .step = 1 };
	result->done = 0;
}

int far_update_plan_next(struct far_update_plan *p, struct far_update_run *run)
{
	int rc;

	run->len = 0;
	if (p->how == FAR_UPDATE_ALL) {
		run->offset = p->at;
		p->at = segment_end(p->config, p->at);
		run->len = p->at - run->offset;
		return FAR_OK;
	}
	rc = find(p);
	if (rc != FAR_OK || p->at == p->config->len)
		return rc;
	return extend(p, run);
}
