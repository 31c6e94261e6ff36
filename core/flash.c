/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The waist: every public flash call enters here, is checked once, and reaches the device with
 * arguments that it may trust.
 */
#include <stddef.h>

#include "farflash/flash.h"

/* Whatever was open ends here: a stream that somebody read or erased in between proves nothing. */
void far_flash_start(struct far_flash *f, enum far_flash_op op)
{
	f->fault = (struct far_flash_fault){ .op = op };
	f->_replace.open = 0;
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

/* Checks common to all calls: buf and the range, both ends in multiples of unit. */
static int enter(struct far_flash *f, enum far_flash_op op, uint32_t addr, const void *buf,
		 uint32_t len, uint32_t unit)
{
	far_flash_start(f, op);
	if (buf == NULL && len > 0)
		return FAR_ERR_ARG;
	/* In this order no sum can wrap. A flash that is not connected has size 0. */
	if (addr > f->info.size || len > f->info.size - addr)
		return FAR_ERR_RANGE;
	return ((addr | len) & (unit - 1)) != 0 ? FAR_ERR_ALIGN : FAR_OK;
}

/* In one place, as each of them alone would take as much code. */
static int access(struct far_flash *f, enum far_flash_op op, uint32_t addr, void *buf, uint32_t len)
{
	const struct far_flash_ops *ops = f->ops;
	uint32_t unit = 1, touched = 0;
	int rc;

	if (op != FAR_FLASH_OP_READ)
		unit = op == FAR_FLASH_OP_WRITE ? f->info.write_block : f->info.sector_size;
	rc = enter(f, op, addr, buf, len, unit);
	if (rc == FAR_OK && len > 0) {
		touched = len;
		if (op == FAR_FLASH_OP_WRITE) {
			rc = ops->write(f, addr, buf, len);
		} else if (op == FAR_FLASH_OP_ERASE) {
			rc = ops->erase(f, addr, len);
		} else {
			touched = 0;
			rc = FAR_ERR_NOTSUP;
			if (f->info.caps & FAR_FLASH_CAN_READ)
				rc = ops->read(f, addr, buf, len);
		}
	}
	return settle(f, rc, addr, touched);
}

int far_flash_read(struct far_flash *f, uint32_t addr, void *buf, uint32_t len)
{
	return access(f, FAR_FLASH_OP_READ, addr, buf, len);
}

int far_flash_write(struct far_flash *f, uint32_t addr, const void *buf, uint32_t len)
{
	/* access() only hands it on to ops->write, which takes it as const again. */
	return access(f, FAR_FLASH_OP_WRITE, addr, (void *)(uintptr_t)buf, len);
}

int far_flash_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	return access(f, FAR_FLASH_OP_ERASE, addr, f, len); /* f: some buffer that is not NULL */
}

int far_flash_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	int rc = enter(f, FAR_FLASH_OP_DIGEST, addr, f, len, 1);

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
static int replace_step(struct far_flash *f, int rc, uint8_t open)
{
	uint32_t len = f->_replace.len;
	uint32_t rest = (0u - len) & (f->info.sector_size - 1);

	f->_replace.open = rc == FAR_OK ? open : 0;
	return settle(f, rc, f->_replace.addr, len + rest);
}

int far_flash_replace_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	int rc = enter(f, FAR_FLASH_OP_REPLACE, addr, f, len, 1);

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
