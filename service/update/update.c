/* SPDX-License-Identifier: Apache-2.0 */
#include "service/update/plan.h"
#include "core/bytes.h"

enum {
	ATTEMPTS = 3,  /* at one run of sectors within a pass */
	SLICE = 0x1000 /* bytes given to the device between two looks at the progress callback */
};

/* What is erased for the run: its last sector whole. */
static uint32_t sectors_of(const struct far_update_config *c, struct far_update_run run)
{
	return run.len + ((0u - run.len) & (c->flash->info.sector_size - 1));
}

static int check(const struct far_update_config *c, int writing)
{
	const struct far_flash_info *info;
	uint32_t segment = far_min32(c->work_len, FAR_UPDATE_SEGMENT_MAX);

	if (c->flash == NULL || c->read == NULL || c->work == NULL || c->len == 0)
		return FAR_ERR_ARG;
	info = &c->flash->info;
	if (c->addr > info->size || c->len > info->size - c->addr)
		return FAR_ERR_RANGE;
	if (segment == 0 || segment % info->sector_size != 0)
		return FAR_ERR_ARG;
	return writing && c->addr % info->sector_size != 0 ? FAR_ERR_ALIGN : FAR_OK;
}

static int can_verify(const struct far_flash *f)
{
	return (f->info.caps & (FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_READ)) != 0;
}

/* ---- write ----------------------------------------------------------------------------------- */

/* The runs of a job, of each of its passes, come in rising order. */
static void touch(struct far_update_result *r, uint32_t addr, uint32_t len)
{
	uint32_t end = r->touched_addr + r->touched_len;

	if (len == 0)
		return;
	if (r->touched_len == 0 || addr < r->touched_addr)
		r->touched_addr = addr;
	if (r->touched_len == 0 || addr + len > end)
		end = addr + len;
	r->touched_len = end - r->touched_addr;
}

/*
 * n more bytes went to the device, so that done of the run's are there. Who stops half-way finds
 * that where every other failure is told.
 */
static int advance(const struct far_update_config *c, struct far_update_result *r,
		   struct far_update_run run, uint32_t n, uint32_t done)
{
	int rc;

	r->sent += n;
	if (run.offset + done > r->done) /* a second attempt does not run backwards */
		r->done = run.offset + done;
	rc = far_update_report(c, r);
	if (rc == FAR_OK)
		return FAR_OK;
	return far_flash_fail(c->flash, rc, c->addr + run.offset + done, 0, c->addr + run.offset,
			      sectors_of(c, run));
}

/* Deliver stream, which stands for the run, and close it. */
static int deliver(const struct far_update_config *c, struct far_update_result *r,
		   struct far_update_run run, const uint8_t *stream, uint32_t stream_len)
{
	for (uint32_t at = 0; at < stream_len; at += SLICE) {
		uint32_t n = far_min32(stream_len - at, SLICE);
		int rc = far_flash_replace_write(c->flash, stream + at, n);

		/* In units of 16 bytes, as the product of two lengths of 64 KiB needs 33 bits. */
		if (rc == FAR_OK)
			rc = advance(c, r, run, n,
				     far_min32(run.len,
					       (run.len + 15) / 16 * (at + n) / stream_len * 16));
		if (rc != FAR_OK)
			return rc;
	}
	return far_flash_replace_end(c->flash);
}

/*
 * Without replace: each sector is erased when its turn comes, so that a cut leaves one that is
 * neither old nor new. The last write block is filled up with what programs nothing.
 */
static int rewrite(const struct far_update_config *c, struct far_update_result *r,
		   struct far_update_run run)
{
	const struct far_flash_info *info = &c->flash->info;
	uint32_t addr = c->addr + run.offset;
	uint32_t len = run.len + ((0u - run.len) & (info->write_block - 1)), n;
	int rc = FAR_OK;

	memset(c->work + run.len, info->erase_value, len - run.len);
	for (uint32_t at = 0; at < len && rc == FAR_OK; at += n) {
		n = far_min32(len - at, far_min32(info->sector_size, SLICE));
		if ((at & (info->sector_size - 1)) == 0) {
			rc = far_flash_erase(c->flash, addr + at, info->sector_size);
			if (rc != FAR_OK)
				break;
			touch(r, addr + at, info->sector_size);
		}
		rc = far_flash_write(c->flash, addr + at, c->work + at, n);
		if (rc == FAR_OK)
			rc = advance(c, r, run, far_min32(n, run.len - at),
				     far_min32(at + n, run.len));
	}
	return rc;
}

/* Replace a run, whose bytes are in c->work; deflated if that is possible and shorter. */
static int put(const struct far_update_config *c, struct far_update_result *r,
	       struct far_update_run run, int plain)
{
	const struct far_flash_fault *fault = &c->flash->fault;
	const uint8_t *stream = c->work;
	uint32_t packed = 0;
	int rc;

	if (!plain && c->deflate != NULL && (c->flash->info.caps & FAR_FLASH_CAN_DEFLATE) != 0)
		packed = c->deflate(c->ctx, c->work, run.len, c->work + c->work_len, run.len);
	if (packed >= run.len) /* no gain, or more than it was allowed */
		packed = 0;
	if (packed > 0)
		stream = c->work + c->work_len;
	rc = far_flash_replace_begin(c->flash, c->addr + run.offset, run.len, packed);
	if (rc == FAR_ERR_NOTSUP && fault->touched_len == 0)
		rc = rewrite(c, r, run);
	else if (rc == FAR_OK)
		rc = deliver(c, r, run, stream, packed > 0 ? packed : run.len);
	if (rc != FAR_OK) { /* it may know of more than it was given */
		touch(r, fault->touched_addr, fault->touched_len);
		return rc;
	}
	touch(r, c->addr + run.offset, sectors_of(c, run));
	r->written += run.len;
	r->erased += sectors_of(c, run);
	return FAR_OK;
}

/* Worth another try: the line's doing, or what the line can make a peer say. */
static int may_pass(int rc)
{
	return rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO || rc == FAR_ERR_VERIFY ||
	       rc == FAR_ERR_REFUSED;
}

/* Something outside the run may have changed: that no further attempt can mend. */
static int has_strayed(const struct far_update_config *c, struct far_update_run run)
{
	const struct far_flash_fault *fault = &c->flash->fault;
	uint32_t addr = c->addr + run.offset, len = sectors_of(c, run);

	return fault->touched_len > 0 && (fault->touched_addr < addr || fault->touched_len > len ||
					  fault->touched_addr - addr > len - fault->touched_len);
}

static int put_stubbornly(const struct far_update_config *c, struct far_update_result *r,
			  struct far_update_run run)
{
	int rc = c->read(c->ctx, run.offset, c->work, run.len);

	if (rc != FAR_OK)
		return rc;
	rc = put(c, r, run, 0);
	for (unsigned i = 1; i < ATTEMPTS && may_pass(rc) && !has_strayed(c, run); i++) {
		r->repeated++;
		rc = put(c, r, run, i == ATTEMPTS - 1);
	}
	if (rc == FAR_ERR_VERIFY)
		r->first_bad = c->addr + run.offset;
	if (run.offset + run.len > r->done) /* the plan may have looked further already */
		r->done = run.offset + run.len;
	return rc == FAR_OK ? far_update_report(c, r) : rc;
}

/* ---- passes ---------------------------------------------------------------------------------- */

static int has_changed(const struct far_update_result *r)
{
	return r->written > 0 || r->repeated > 0;
}

/* Replace what differs, as far as is asked. */
static int pass(const struct far_update_config *c, struct far_update_result *r)
{
	enum far_update_plan_how how = c->diff ? FAR_UPDATE_THRIFT : FAR_UPDATE_ALL;
	struct far_update_plan plan;
	struct far_update_run run;
	int rc;

	if (r->pass++ > 0)
		how = FAR_UPDATE_EXACT;
	else if (!can_verify(c->flash))
		how = FAR_UPDATE_ALL;
	far_update_plan_begin(&plan, c, r, how);
	do {
		rc = far_update_plan_next(&plan, &run);
		if (r->pass == 1) /* later passes find what this one has written */
			r->skipped = plan.right;
		if (rc != FAR_OK || run.len == 0)
			return rc;
		r->repeated += r->pass > 1;
		rc = put_stubbornly(c, r, run);
	} while (rc == FAR_OK);
	return rc;
}

/* Look for what differs: FAR_ERR_VERIFY if there is anything. */
static int locate(const struct far_update_config *c, struct far_update_result *r)
{
	struct far_update_plan plan;
	struct far_update_run run;
	int found = 0, rc;

	far_update_plan_begin(&plan, c, r,
			      c->differs != NULL ? FAR_UPDATE_EXACT : FAR_UPDATE_FIRST);
	for (;;) {
		rc = far_update_plan_next(&plan, &run);
		if (rc != FAR_OK || run.len == 0)
			break;
		if (!found)
			r->first_bad = c->addr + run.offset;
		found = 1;
		if (c->differs == NULL || c->differs(c->ctx, c->addr + run.offset, run.len) != 0)
			break;
	}
	return rc == FAR_OK && found ? FAR_ERR_VERIFY : rc;
}

/* The whole range against the source's digest: sets verified, or returns FAR_ERR_VERIFY. */
static int prove(const struct far_update_config *c, struct far_update_result *r)
{
	int right = far_update_holds(c, r, (struct far_update_run){ 0, c->len });

	if (right < 0)
		return right;
	r->verified = right != 0;
	return right ? FAR_OK : FAR_ERR_VERIFY;
}

/* The whole differs. If no part does, the digests contradict each other. */
static int accuse(const struct far_update_config *c, struct far_update_result *r)
{
	int rc = locate(c, r);

	return rc == FAR_OK ? FAR_ERR_PROTO : rc;
}

/*
 * A deflated stream carries a check sum of what it inflates to. Confirmed, and not there, it is in
 * another place: a damaged request may have named one. No further pass can mend that.
 */
static int has_missed(const struct far_update_config *c, struct far_update_result *r)
{
	int rc = prove(c, r); /* or the question was damaged */

	if (rc == FAR_ERR_VERIFY) {
		touch(r, 0, c->flash->info.size);
		rc = FAR_ERR_PROTO;
	}
	return rc;
}

int far_update_run(const struct far_update_config *c, struct far_update_result *r)
{
	int rc = check(c, 1);

	memset(r, 0, sizeof(*r));
	if (rc != FAR_OK)
		return rc;
	do {
		rc = pass(c, r);
		if (rc != FAR_OK || !can_verify(c->flash))
			return rc;
		/* What was asked about and not written since needs no second look. */
		r->verified = !has_changed(r);
		if (!r->verified)
			rc = prove(c, r);
		if (rc == FAR_ERR_VERIFY && r->sent < r->written)
			rc = has_missed(c, r);
	} while (rc == FAR_ERR_VERIFY && r->pass < FAR_UPDATE_PASSES);
	return rc == FAR_ERR_VERIFY ? accuse(c, r) : rc;
}

int far_update_verify(const struct far_update_config *c, struct far_update_result *r)
{
	int rc = check(c, 0);

	memset(r, 0, sizeof(*r));
	if (rc == FAR_OK && !can_verify(c->flash))
		rc = FAR_ERR_NOTSUP;
	if (rc == FAR_OK)
		rc = prove(c, r);
	if (rc == FAR_ERR_VERIFY)
		return accuse(c, r);
	if (rc == FAR_OK)
		r->done = c->len;
	return rc == FAR_OK ? far_update_report(c, r) : rc;
}
