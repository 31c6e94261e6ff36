/* SPDX-License-Identifier: Apache-2.0 */
#include "service/update/update.h"
#include "core/bytes.h"
#include "core/md5.h"

enum {
	ATTEMPTS = 3,  /* at one segment within a pass */
	SLICE = 0x1000 /* bytes given to the device between two looks at the progress callback */
};

/* One piece of the range: whole sectors but for the end of the last, never across a 64 KiB line. */
struct segment {
	uint32_t offset; /* in the source; its address is config->addr + offset */
	uint32_t len;
};

static uint32_t segment_size(const struct far_update_config *c)
{
	return far_min32(c->work_len, FAR_UPDATE_SEGMENT_MAX);
}

/*
 * The segment at offset: up to the next multiple of the segment size, counted from the last 64 KiB
 * line, so that large erases fit.
 */
static struct segment segment_at(const struct far_update_config *c, uint32_t offset)
{
	uint32_t size = segment_size(c);
	uint32_t at = (c->addr + offset) % FAR_UPDATE_SEGMENT_MAX; /* within the line */
	uint32_t len = far_min32(size - at % size, FAR_UPDATE_SEGMENT_MAX - at);

	return (struct segment){ offset, far_min32(len, c->len - offset) };
}

/* What is erased for the segment: its last sector whole. */
static uint32_t sectors_of(const struct far_update_config *c, struct segment s)
{
	return s.len + ((0u - s.len) & (c->flash->info.sector_size - 1));
}

static int check(const struct far_update_config *c, int writing)
{
	const struct far_flash_info *info;

	if (c->flash == NULL || c->read == NULL || c->work == NULL || c->len == 0)
		return FAR_ERR_ARG;
	info = &c->flash->info;
	if (c->addr > info->size || c->len > info->size - c->addr)
		return FAR_ERR_RANGE;
	if (segment_size(c) == 0 || segment_size(c) % info->sector_size != 0)
		return FAR_ERR_ARG;
	return writing && c->addr % info->sector_size != 0 ? FAR_ERR_ALIGN : FAR_OK;
}

static int can_verify(const struct far_flash *f)
{
	return (f->info.caps & (FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_READ)) != 0;
}

/*
 * Does the flash hold md5's content there? 1, 0 or an error. A device that was lost in between may
 * come back with the next call.
 */
static int holds(struct far_flash *f, uint32_t addr, uint32_t len, const uint8_t md5[FAR_MD5_LEN])
{
	uint8_t there[FAR_MD5_LEN];
	int rc = far_flash_digest(f, addr, len, there);

	for (unsigned i = 1; i < ATTEMPTS && (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO); i++)
		rc = far_flash_digest(f, addr, len, there);
	return rc == FAR_OK ? memcmp(md5, there, FAR_MD5_LEN) == 0 : rc;
}

static int report(const struct far_update_config *c, const struct far_update_result *r)
{
	return c->progress != NULL && c->progress(c->ctx, r) != 0 ? FAR_ERR_CANCELLED : FAR_OK;
}

/* ---- write ----------------------------------------------------------------------------------- */

/* Deliver stream, which stands for the segment s, and close it. */
static int deliver(const struct far_update_config *c, struct far_update_result *r, struct segment s,
		   const uint8_t *stream, uint32_t stream_len)
{
	uint32_t done;
	int rc = FAR_OK;

	for (uint32_t at = 0; at < stream_len && rc == FAR_OK; at += SLICE) {
		uint32_t n = far_min32(stream_len - at, SLICE);

		rc = far_flash_replace_write(c->flash, stream + at, n);
		if (rc != FAR_OK)
			return rc;
		r->sent += n;
		/* In units of 16 bytes, as the product of two segment sizes needs 33 bits. */
		done = far_min32(s.len, (s.len + 15) / 16 * (at + n) / stream_len * 16);
		if (s.offset + done > r->done) /* a second attempt does not run backwards */
			r->done = s.offset + done;
		rc = report(c, r);
		if (rc != FAR_OK) /* stopped half-way: say so where every other failure is told */
			return far_flash_fail(c->flash, rc, c->addr + s.offset + done, 0,
					      c->addr + s.offset, sectors_of(c, s));
	}
	return far_flash_replace_end(c->flash);
}

/* Replace one segment, whose bytes are in c->work; deflated if that is possible and shorter. */
static int put(const struct far_update_config *c, struct far_update_result *r, struct segment s,
	       int plain)
{
	const uint8_t *stream = c->work;
	uint32_t packed = 0;
	int rc;

	if (!plain && c->deflate != NULL && (c->flash->info.caps & FAR_FLASH_CAN_DEFLATE) != 0)
		packed = c->deflate(c->ctx, c->work, s.len, c->work + c->work_len, s.len);
	if (packed >= s.len) /* no gain, or more than it was allowed */
		packed = 0;
	if (packed > 0)
		stream = c->work + c->work_len;
	rc = far_flash_replace_begin(c->flash, c->addr + s.offset, s.len, packed);
	if (rc == FAR_OK)
		rc = deliver(c, r, s, stream, packed > 0 ? packed : s.len);
	if (rc == FAR_OK)
		r->written += s.len;
	return rc;
}

/* Worth another try: the line's doing, or what the line can make a peer say. */
static int may_pass(int rc)
{
	return rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO || rc == FAR_ERR_VERIFY ||
	       rc == FAR_ERR_REFUSED;
}

static int put_stubbornly(const struct far_update_config *c, struct far_update_result *r,
			  struct segment s)
{
	int rc = put(c, r, s, 0);

	for (unsigned i = 1; i < ATTEMPTS && may_pass(rc); i++) {
		r->repeated++;
		rc = put(c, r, s, i == ATTEMPTS - 1);
	}
	return rc;
}

/* One segment of a pass: skip it if it is right and looking is wanted, else write it. */
static int handle(const struct far_update_config *c, struct far_update_result *r, struct segment s)
{
	uint8_t md5[FAR_MD5_LEN];
	int right = 0;

	if (can_verify(c->flash) && (r->pass > 1 || c->diff)) {
		far_md5_of(c->work, s.len, md5);
		right = holds(c->flash, c->addr + s.offset, s.len, md5);
	}
	if (right < 0)
		return right;
	if (right) {
		if (r->pass == 1) /* later ones find what pass 1 has written */
			r->skipped += s.len;
		return FAR_OK;
	}
	if (r->pass > 1)
		r->repeated++;
	return put_stubbornly(c, r, s);
}

/* ---- passes ---------------------------------------------------------------------------------- */

/* Visit every segment; md5 becomes the source's digest. */
static int pass(const struct far_update_config *c, struct far_update_result *r,
		int (*visit)(const struct far_update_config *c, struct far_update_result *r,
			     struct segment s),
		uint8_t md5[FAR_MD5_LEN])
{
	struct far_md5 sum;

	far_md5_init(&sum);
	r->done = 0;
	while (r->done < c->len) {
		struct segment s = segment_at(c, r->done);
		int rc = c->read(c->ctx, s.offset, c->work, s.len);

		if (rc != FAR_OK)
			return rc;
		far_md5_update(&sum, c->work, s.len);
		if (visit != NULL)
			rc = visit(c, r, s);
		if (rc == FAR_ERR_VERIFY)
			r->first_bad = c->addr + s.offset;
		r->done = s.offset + s.len;
		if (rc == FAR_OK)
			rc = report(c, r);
		if (rc != FAR_OK)
			return rc;
	}
	far_md5_final(&sum, md5);
	return FAR_OK;
}

/* Look for the first segment that differs: FAR_ERR_VERIFY once it is found. */
static int locate(const struct far_update_config *c, struct far_update_result *r, struct segment s)
{
	uint8_t md5[FAR_MD5_LEN];
	int right;

	(void)r;
	far_md5_of(c->work, s.len, md5);
	right = holds(c->flash, c->addr + s.offset, s.len, md5);
	return right < 0 ? right : right ? FAR_OK : FAR_ERR_VERIFY;
}

/* The whole range against the source's digest: sets verified, or returns FAR_ERR_VERIFY. */
static int prove(const struct far_update_config *c, struct far_update_result *r,
		 const uint8_t md5[FAR_MD5_LEN])
{
	int right = holds(c->flash, c->addr, c->len, md5);

	if (right < 0)
		return right;
	r->verified = right != 0;
	return right ? FAR_OK : FAR_ERR_VERIFY;
}

int far_update_run(const struct far_update_config *c, struct far_update_result *r)
{
	uint8_t md5[FAR_MD5_LEN];
	int rc = check(c, 1);

	memset(r, 0, sizeof(*r));
	if (rc != FAR_OK)
		return rc;
	do {
		r->pass++;
		rc = pass(c, r, handle, md5);
		if (rc != FAR_OK || !can_verify(c->flash))
			return rc;
		rc = prove(c, r, md5);
	} while (rc == FAR_ERR_VERIFY && r->pass < FAR_UPDATE_PASSES);
	if (rc == FAR_ERR_VERIFY) {
		rc = pass(c, r, locate, md5);
		/* No segment differs, the whole does: the digests contradict each other. */
		rc = rc == FAR_OK ? FAR_ERR_PROTO : rc;
	}
	return rc;
}

int far_update_verify(const struct far_update_config *c, struct far_update_result *r)
{
	uint8_t md5[FAR_MD5_LEN];
	int rc = check(c, 0);

	memset(r, 0, sizeof(*r));
	if (rc == FAR_OK && !can_verify(c->flash))
		rc = FAR_ERR_NOTSUP;
	if (rc == FAR_OK)
		rc = pass(c, r, NULL, md5);
	if (rc == FAR_OK)
		rc = prove(c, r, md5);
	if (rc == FAR_ERR_VERIFY) {
		rc = pass(c, r, locate, md5);
		rc = rc == FAR_OK ? FAR_ERR_PROTO : rc;
	}
	return rc;
}
