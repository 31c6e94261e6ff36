/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each operation is the same call on the parent, further up. The parent's public calls are used,
 * not its table: they judge the range once more, and they keep the parent's one stream apart from
 * the rest.
 */
#include "device/partition/partition.h"
#include "core/bytes.h"

#define MAY_REPLACE (FAR_PARTITION_WRITE | FAR_PARTITION_ERASE)

static struct far_partition *self_of(struct far_flash *f)
{
	return (struct far_partition *)(void *)f;
}

/* An address of the parent as one of the window; what lies outside becomes the nearer end. */
static uint32_t inside(const struct far_partition *p, uint32_t at)
{
	return at < p->_state.base ? 0 : far_min32(at - p->_state.base, p->flash.info.size);
}

/* The parent's record of a failure becomes the window's. */
static int settle(struct far_partition *p, int rc)
{
	const struct far_flash_fault *fault = &p->_state.parent->fault;
	uint32_t from = inside(p, fault->touched_addr);
	uint32_t to = inside(p, fault->touched_addr + fault->touched_len);

	if (rc == FAR_OK)
		return FAR_OK;
	return far_flash_fail(&p->flash, rc, inside(p, fault->addr), fault->peer_code, from,
			      to - from);
}

static int lacks(const struct far_partition *p, uint32_t rights)
{
	return (p->_state.rights & rights) != rights;
}

/* Nothing was touched. */
static int refuse(struct far_flash *f, uint32_t addr)
{
	return far_flash_fail(f, FAR_ERR_REFUSED, addr, 0, 0, 0);
}

/* ---- read, write, erase ---------------------------------------------------------------------- */

static int partition_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	struct far_partition *p = self_of(f);

	return settle(p, far_flash_read(p->_state.parent, p->_state.base + addr, buf, len));
}

static int partition_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	struct far_partition *p = self_of(f);

	if (lacks(p, FAR_PARTITION_WRITE))
		return refuse(f, addr);
	return settle(p, far_flash_write(p->_state.parent, p->_state.base + addr, buf, len));
}

static int partition_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	struct far_partition *p = self_of(f);

	if (lacks(p, FAR_PARTITION_ERASE))
		return refuse(f, addr);
	return settle(p, far_flash_erase(p->_state.parent, p->_state.base + addr, len));
}

static int partition_digest(struct far_flash *f, uint32_t addr, uint32_t len,
			    uint8_t md5[FAR_MD5_LEN])
{
	struct far_partition *p = self_of(f);

	return settle(p, far_flash_digest(p->_state.parent, p->_state.base + addr, len, md5));
}

static int partition_sync(struct far_flash *f)
{
	struct far_partition *p = self_of(f);

	return settle(p, far_flash_sync(p->_state.parent));
}

/* ---- replace --------------------------------------------------------------------------------- */

static int partition_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	struct far_partition *p = self_of(f);

	if (lacks(p, MAY_REPLACE))
		return refuse(f, addr);
	return settle(p, far_flash_replace_begin(p->_state.parent, p->_state.base + addr, len,
						 stream_len));
}

/*
 * Is the parent's stream the one that was begun here, and as far as it was left? Another window may
 * have begun its own since: bytes meant for this range would go to that one.
 */
static int is_own(const struct far_partition *p)
{
	const struct far_flash *f = &p->flash, *parent = p->_state.parent;

	return parent->_replace.open &&
	       parent->_replace.addr == p->_state.base + f->_replace.addr &&
	       parent->_replace.len == f->_replace.len && parent->_replace.left == f->_replace.left;
}

/* A stream that was lost is on the core's record, with all that it covers. */
static int partition_stream(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	struct far_partition *p = self_of(f);

	if (!is_own(p))
		return FAR_ERR_STATE;
	return settle(p, far_flash_replace_write(p->_state.parent, data, len));
}

static int partition_end(struct far_flash *f)
{
	struct far_partition *p = self_of(f);

	return is_own(p) ? settle(p, far_flash_replace_end(p->_state.parent)) : FAR_ERR_STATE;
}

/* ---------------------------------------------------------------------------------------------- */

static const struct far_flash_ops partition_ops = {
	.read = partition_read,
	.write = partition_write,
	.erase = partition_erase,
	.digest = partition_digest,
	.replace_begin = partition_begin,
	.replace_write = partition_stream,
	.replace_end = partition_end,
	.sync = partition_sync,
};

/* What the rights and the window's bounds leave of the parent's abilities. */
static uint8_t caps_of(const struct far_flash_info *parent, uint32_t len, uint32_t rights)
{
	uint32_t caps = parent->caps;

	if ((rights & FAR_PARTITION_READ) == 0)
		caps &= ~(uint32_t)(FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST);
	if ((rights & MAY_REPLACE) != MAY_REPLACE)
		caps &= ~(uint32_t)(FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE);
	if (len < parent->size)
		caps &= ~(uint32_t)FAR_FLASH_CAN_DEFLATE;
	return (uint8_t)caps;
}

int far_partition_init(struct far_partition *p, struct far_flash *parent, uint32_t addr,
		       uint32_t len, uint32_t rights)
{
	const struct far_flash_info *info;

	if (p == NULL || parent == NULL || parent == &p->flash || len == 0 ||
	    (rights & ~(uint32_t)FAR_PARTITION_ALL) != 0)
		return FAR_ERR_ARG;
	info = &parent->info;
	if (info->size == 0)
		return FAR_ERR_STATE;
	if (addr > info->size || len > info->size - addr)
		return FAR_ERR_RANGE;
	if (((addr | len) & (info->sector_size - 1)) != 0)
		return FAR_ERR_ALIGN;
	memset(p, 0, sizeof(*p));
	p->flash.ops = &partition_ops;
	p->flash.info = *info;
	p->flash.info.size = len;
	p->flash.info.caps = caps_of(info, len, rights);
	p->_state.parent = parent;
	p->_state.base = addr;
	p->_state.rights = rights;
	return FAR_OK;
}
