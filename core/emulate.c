/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digest and replace from read, erase and write, for devices that have nothing better. They name
 * these functions in their tables; one that has its own does not link them. What a stream needs to
 * remember stands in f->_replace, so that it costs no memory of its own:
 *   at         where the next byte goes
 *   erased_to  the end of the sectors erased so far
 *   tail       bytes that do not fill a write block yet
 */
#include "core/emulate.h"
#include "core/bytes.h"
#include "core/md5.h"

int far_flash_emulate_digest(struct far_flash *f, uint32_t addr, uint32_t len,
			     uint8_t md5[FAR_MD5_LEN])
{
	struct far_md5 sum;
	uint8_t buf[256]; /* more would be read faster, but this stack may be small */

	far_md5_init(&sum);
	while (len > 0) {
		uint32_t n = far_min32(len, sizeof(buf));
		int rc = f->ops->read(f, addr, buf, n);

		if (rc != FAR_OK)
			return rc;
		far_md5_update(&sum, buf, n);
		addr += n;
		len -= n;
	}
	far_md5_final(&sum, md5);
	return FAR_OK;
}

int far_flash_emulate_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	(void)len;          /* the choke point counts; only what is written gets erased */
	if (stream_len > 0) /* inflating would take 32 KiB */
		return FAR_ERR_NOTSUP;
	f->_replace.at = f->_replace.erased_to = addr;
	f->_replace.tail_len = 0;
	return FAR_OK;
}

/*
 * The record of one failed erase or write becomes one of the whole stream. beyond: bytes behind
 * what is erased that a device which recorded nothing may have touched.
 */
static int failed(struct far_flash *f, int rc, uint32_t beyond)
{
	struct far_flash_fault *fault = &f->fault;
	uint32_t begin = f->_replace.addr;
	uint32_t end = f->_replace.erased_to;

	far_flash_fail(f, rc, f->_replace.at, 0, end, beyond);
	if (fault->touched_len > 0 && fault->touched_addr + fault->touched_len > end)
		end = fault->touched_addr + fault->touched_len;
	fault->touched_addr = begin;
	fault->touched_len = end - begin;
	return rc;
}

/* n bytes, whole write blocks within one sector, go behind what is written already. */
static int put(struct far_flash *f, const uint8_t *data, uint32_t n)
{
	int rc;

	/* As late as can be: a stream that is given up early has spared the sectors behind. */
	if (f->_replace.at >= f->_replace.erased_to) {
		rc = f->ops->erase(f, f->_replace.erased_to, f->info.sector_size);
		if (rc != FAR_OK)
			return failed(f, rc, f->info.sector_size);
		f->_replace.erased_to += f->info.sector_size;
	}
	rc = f->ops->write(f, f->_replace.at, data, n);
	if (rc != FAR_OK)
		return failed(f, rc, 0);
	f->_replace.at += n;
	return FAR_OK;
}

/* Collect a write block in the tail; write it once it is whole. */
static int put_tail(struct far_flash *f, const uint8_t *data, uint32_t n)
{
	memcpy(f->_replace.tail + f->_replace.tail_len, data, n);
	f->_replace.tail_len += n;
	if (f->_replace.tail_len < f->info.write_block)
		return FAR_OK;
	f->_replace.tail_len = 0;
	return put(f, f->_replace.tail, f->info.write_block);
}

int far_flash_emulate_write(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	uint32_t unit = f->info.write_block;
	uint32_t sector = f->info.sector_size;
	int rc = FAR_OK;

	while (len > 0 && rc == FAR_OK) {
		uint32_t n;

		if (f->_replace.tail_len > 0 || len < unit) {
			n = far_min32(len, unit - f->_replace.tail_len);
			rc = put_tail(f, data, n);
		} else {
			/* Whole blocks straight from the caller, up to the end of the sector. */
			n = far_min32(len & ~(unit - 1), sector - (f->_replace.at & (sector - 1)));
			rc = put(f, data, n);
		}
		data += n;
		len -= n;
	}
	return rc;
}

int far_flash_emulate_end(struct far_flash *f)
{
	uint32_t len = f->_replace.tail_len;

	if (len == 0)
		return FAR_OK;
	/* Filled up with what programs nothing. */
	memset(f->_replace.tail + len, f->info.erase_value, f->info.write_block - len);
	return put(f, f->_replace.tail, f->info.write_block);
}
