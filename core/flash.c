/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The waist: every public flash call enters here, is checked once, and reaches the device with
 * arguments that it may trust.
 */
#include <stddef.h>

#include "farflash/flash.h"

/*
 * Whatever was open ends here: a stream that somebody read or erased in between proves nothing.
 * Field by field, which is shorter than a call that clears them.
 */
static inline void start(struct far_flash *f, enum far_flash_op op)
{
	f->fault.err = FAR_OK;
	f->fault.op = op;
	f->fault.addr = 0;
	f->fault.peer_code = 0;
	f->fault.touched_addr = 0;
	f->fault.touched_len = 0;
	f->_replace.open = 0;
}

void far_flash_start(struct far_flash *f, enum far_flash_op op)
{
	start(f, op);
}

int far_flash_fail(struct far_flash *f, int err, uint32_t addr, uint32_t peer_code,
		   uint32_t touched_addr, uint32_t touched_len)
{
	struct far_flash_fault *fault = &f->fault;

	/* The first failure is the cause; what follows, in cleaning up, is not. */
	if (fault->err == FAR_OK) {
		fault->err = err;
		fault->addr = addr;
		fault->peer_code = peer_code;
		fault->touched_addr = touched_addr;
		fault->touched_len = touched_len;
	}
	return err;
}

/* What became of a call. A device that failed without a word is assumed to have touched it all. */
static int settle(struct far_flash *f, int rc, uint32_t addr, uint32_t touched_len)
{
	return rc == FAR_OK ? FAR_OK : far_flash_fail(f, rc, addr, 0, addr, touched_len);
}

/*
 * Is the range in the flash, both ends in multiples of unit? A flash that is not connected has size
 * 0.
 */
static inline int check(const struct far_flash *f, uint32_t addr, uint32_t len, uint32_t unit)
{
	/* In this order no sum can wrap. */
	if (addr > f->info.size || len > f->info.size - addr)
		return FAR_ERR_RANGE;
	return ((addr | len) & (unit - 1)) != 0 ? FAR_ERR_ALIGN : FAR_OK;
}

/* In one place, as each of them alone would take as much code. unit: of addr and len. */
static int access(struct far_flash *f, uint32_t addr, void *buf, uint32_t len, uint32_t unit,
		  enum far_flash_op op)
{
	uint32_t touched = 0;
	int rc;

	start(f, op);
	rc = check(f, addr, len, unit);
	if (rc != FAR_OK || len == 0)
		return settle(f, rc, addr, 0);
	if (buf == NULL) {
		rc = FAR_ERR_ARG;
	} else if (op != FAR_FLASH_OP_READ) {
		touched = len;
		rc = op == FAR_FLASH_OP_WRITE ? f->ops->write(f, addr, buf, len)
					      : f->ops->erase(f, addr, len);
	} else {
		rc = FAR_ERR_NOTSUP;
		if (f->info.caps & FAR_FLASH_CAN_READ)
			rc = f->ops->read(f, addr, buf, len);
	}
	return settle(f, rc, addr, touched);
}

int far_flash_read(struct far_flash *f, uint32_t addr, void *buf, uint32_t len)
{
	return access(f, addr, buf, len, 1, FAR_FLASH_OP_READ);
}

int far_flash_write(struct far_flash *f, uint32_t addr, const void *buf, uint32_t len)
{
	/* access() only hands it on to ops->write, which takes it as const again. */
	return access(f, addr, (void *)(uintptr_t)buf, len, f->info.write_block,
		      FAR_FLASH_OP_WRITE);
}

int far_flash_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	/* f: some buffer that is not NULL */
	return access(f, addr, f, len, f->info.sector_size, FAR_FLASH_OP_ERASE);
}

int far_flash_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	int rc;

	far_flash_start(f, FAR_FLASH_OP_DIGEST);
	rc = check(f, addr, len, 1);
	if (rc == FAR_OK && md5 == NULL)
		rc = FAR_ERR_ARG;
	if (rc == FAR_OK) {
		rc = FAR_ERR_NOTSUP;
		if (f->info.caps & (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST))
			rc = f->ops->digest(f, addr, len, md5);
	}
	return settle(f, rc, addr, 0);
}

int far_flash_sync(struct far_flash *f)
{
	far_flash_start(f, FAR_FLASH_OP_SYNC);
	/* A device without it has all in the flash when a call returns. */
	return f->ops->sync == NULL ? FAR_OK : settle(f, f->ops->sync(f), 0, f->info.size);
}

/* ---- replace --------------------------------------------------------------------------------- */

/*
 * The stream goes on, or ends. The sectors under its range are erased whole, so the last one counts
 * whole.
 */
static int replace_step(struct far_flash *f, int rc, uint32_t open)
{
	uint32_t len = f->_replace.len;
	uint32_t rest = (0u - len) & (f->info.sector_size - 1);

	f->_replace.open = rc == FAR_OK ? open : 0;
	return settle(f, rc, f->_replace.addr, len + rest);
}

int far_flash_replace_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	int rc;

	far_flash_start(f, FAR_FLASH_OP_REPLACE);
	rc = check(f, addr, len, 1);
	if (rc == FAR_OK && len == 0)
		rc = FAR_ERR_ARG;
	else if (rc == FAR_OK && (addr & (f->info.sector_size - 1)) != 0)
		rc = FAR_ERR_ALIGN;
	else if (rc == FAR_OK && (f->ops->replace_begin == NULL ||
				  (stream_len > 0 && (f->info.caps & FAR_FLASH_CAN_DEFLATE) == 0)))
		rc = FAR_ERR_NOTSUP;
	if (rc != FAR_OK)
		return settle(f, rc, addr, 0);
	f->_replace.addr = addr;
	f->_replace.len = len;
	f->_replace.left = stream_len > 0 ? stream_len : len;
	return replace_step(f, f->ops->replace_begin(f, addr, len, stream_len), 1);
}

/* write and end need an open stream. */
static int replace_open(struct far_flash *f)
{
	if (f->_replace.open)
		return FAR_OK;
	far_flash_start(f, FAR_FLASH_OP_REPLACE);
	return settle(f, FAR_ERR_STATE, f->_replace.addr, 0);
}

int far_flash_replace_write(struct far_flash *f, const void *data, uint32_t len)
{
	int rc = replace_open(f);

	if (rc != FAR_OK || len == 0)
		return rc;
	if (data == NULL)
		rc = FAR_ERR_ARG;
	else if (len > f->_replace.left)
		rc = FAR_ERR_RANGE;
	else
		rc = f->ops->replace_write(f, data, len);
	f->_replace.left -= len;
	return replace_step(f, rc, 1);
}

int far_flash_replace_end(struct far_flash *f)
{
	int rc = replace_open(f);

	if (rc != FAR_OK)
		return rc;
	/* A stream that was not given whole is none: the range is neither old nor new. */
	return replace_step(f, f->_replace.left == 0 ? f->ops->replace_end(f) : FAR_ERR_STATE, 0);
}
