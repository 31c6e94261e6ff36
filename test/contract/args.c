/* SPDX-License-Identifier: Apache-2.0 */
/* What every call rejects, with which code, and before anything reaches the flash. */
#include "test/contract/contract.h"

static void info_is_sane(struct ct_world *w)
{
	const struct far_flash_info *i = &w->flash->info;

	assert_true(i->size >= w->base + CT_SPAN);
	assert_true(i->sector_size > 0 && (i->sector_size & (i->sector_size - 1)) == 0);
	assert_in_range(i->write_block, 1, 32);
	assert_int_equal(i->write_block & (i->write_block - 1), 0);
	assert_int_equal(i->sector_size % i->write_block, 0);
	assert_int_equal(i->size % i->sector_size, 0);
	assert_int_equal(i->erase_value, 0xFF);
	assert_int_equal(i->caps & ~(FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST |
				     FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE),
			 0);
}

/* The table of operations is whole, and caps do not contradict each other. */
static void caps_are_honest(struct ct_world *w)
{
	const struct far_flash_ops *ops = w->flash->ops;

	assert_non_null(ops->write);
	assert_non_null(ops->erase);
	assert_non_null(ops->digest);
	if (!w->backend->no_replace) {
		assert_non_null(ops->replace_begin);
		assert_non_null(ops->replace_write);
		assert_non_null(ops->replace_end);
	}
	assert_false(w->backend->no_replace && ct_can(w, FAR_FLASH_CAN_REPLACE));
	if (ct_can(w, FAR_FLASH_CAN_READ))
		assert_non_null(ops->read);
	if (ct_can(w, FAR_FLASH_CAN_DEFLATE))
		assert_true(ct_can(w, FAR_FLASH_CAN_REPLACE));
}

static void without_read_there_is_none(struct ct_world *w)
{
	uint8_t buf[4];
	int rc = far_flash_read(w->flash, w->base, buf, sizeof(buf));

	if (ct_can(w, FAR_FLASH_CAN_READ))
		ct_assert_ok(w, rc);
	else
		ct_assert_rejected(w, rc, FAR_ERR_NOTSUP, FAR_FLASH_OP_READ, w->base);
}

static void without_digest_and_read_there_is_none(struct ct_world *w)
{
	uint8_t md5[FAR_MD5_LEN];
	int rc = far_flash_digest(w->flash, w->base, 4, md5);

	if (ct_can(w, FAR_FLASH_CAN_READ) || ct_can(w, FAR_FLASH_CAN_DIGEST))
		ct_assert_ok(w, rc);
	else
		ct_assert_rejected(w, rc, FAR_ERR_NOTSUP, FAR_FLASH_OP_DIGEST, w->base);
}

static void null_is_no_buffer(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint32_t n = f->info.write_block;

	ct_assert_rejected(w, far_flash_read(f, w->base, NULL, n), FAR_ERR_ARG, FAR_FLASH_OP_READ,
			   w->base);
	ct_assert_rejected(w, far_flash_write(f, w->base, NULL, n), FAR_ERR_ARG, FAR_FLASH_OP_WRITE,
			   w->base);
	ct_assert_rejected(w, far_flash_digest(f, w->base, n, NULL), FAR_ERR_ARG,
			   FAR_FLASH_OP_DIGEST, w->base);
}

/* Nothing to do is not an error, and needs no buffer. */
static void length_zero_does_nothing(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint8_t byte;

	ct_snapshot(w);
	if (ct_can(w, FAR_FLASH_CAN_READ)) {
		ct_assert_ok(w, far_flash_read(f, w->base, &byte, 0));
		ct_assert_ok(w, far_flash_read(f, w->base, NULL, 0));
		ct_assert_ok(w, far_flash_read(f, f->info.size, &byte, 0));
	}
	ct_assert_ok(w, far_flash_write(f, w->base, &byte, 0));
	ct_assert_ok(w, far_flash_write(f, w->base, NULL, 0));
	ct_assert_ok(w, far_flash_write(f, f->info.size, &byte, 0));
	ct_assert_ok(w, far_flash_erase(f, w->base, 0));
	ct_assert_ok(w, far_flash_erase(f, f->info.size, 0));
	ct_assert_only(w, 0, 0);
}

/* Not even then may the address lie outside. */
static void length_zero_outside_is_refused(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint32_t addr = f->info.size + f->info.sector_size;
	uint8_t md5[FAR_MD5_LEN] = { 0 };

	ct_assert_rejected(w, far_flash_write(f, addr, md5, 0), FAR_ERR_RANGE, FAR_FLASH_OP_WRITE,
			   addr);
	ct_assert_rejected(w, far_flash_erase(f, addr, 0), FAR_ERR_RANGE, FAR_FLASH_OP_ERASE, addr);
	ct_assert_rejected(w, far_flash_digest(f, addr, 0, md5), FAR_ERR_RANGE, FAR_FLASH_OP_DIGEST,
			   addr);
}

/* A range that is not all inside, in every way that a 32-bit sum can be fooled. */
struct beyond {
	uint32_t addr, len;
};

static void reject_range(struct ct_world *w, struct beyond b)
{
	struct far_flash *f = w->flash;
	static uint8_t buf[64]; /* never used: nothing may be read or written */

	ct_assert_rejected(w, far_flash_read(f, b.addr, buf, b.len), FAR_ERR_RANGE,
			   FAR_FLASH_OP_READ, b.addr);
	ct_assert_rejected(w, far_flash_write(f, b.addr, buf, b.len), FAR_ERR_RANGE,
			   FAR_FLASH_OP_WRITE, b.addr);
	ct_assert_rejected(w, far_flash_erase(f, b.addr, b.len), FAR_ERR_RANGE, FAR_FLASH_OP_ERASE,
			   b.addr);
	ct_assert_rejected(w, far_flash_digest(f, b.addr, b.len, buf), FAR_ERR_RANGE,
			   FAR_FLASH_OP_DIGEST, b.addr);
	ct_assert_rejected(w, far_flash_replace_begin(f, b.addr, b.len, 0), FAR_ERR_RANGE,
			   FAR_FLASH_OP_REPLACE, b.addr);
}

static void ranges_end_at_the_end(struct ct_world *w)
{
	uint32_t size = w->flash->info.size;
	uint32_t sector = w->flash->info.sector_size;
	const struct beyond all[] = {
		{ size, sector },
		{ size - sector, 2 * sector },
		{ 0, size + sector },
		{ size + sector, sector },
		{ sector, size },
		{ sector, 0u - sector },      /* sums up to 0 */
		{ 2 * sector, 0u - sector },  /* sums up to a sector */
		{ 0u - sector, sector },      /* sums up to 0 */
		{ 0u - sector, 2 * sector },  /* sums up to a sector */
		{ 0x80000000u, 0x80000000u }, /* sums up to 0 */
		{ 0, 0u - sector },
	};

	ct_snapshot(w);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		reject_range(w, all[i]);
	ct_assert_only(w, 0, 0);
}

static void last_bytes_are_usable(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint32_t unit = f->info.write_block;
	uint32_t addr = f->info.size - unit;
	uint8_t data[32], back[32];
	uint32_t seed = 9;

	ct_fill(&seed, data, sizeof(data));
	ct_assert_ok(w,
		     far_flash_erase(f, f->info.size - f->info.sector_size, f->info.sector_size));
	ct_assert_ok(w, far_flash_write(f, addr, data, unit));
	assert_memory_equal(ct_at(w, addr), data, unit);
	if (ct_can(w, FAR_FLASH_CAN_READ)) {
		ct_assert_ok(w, far_flash_read(f, addr, back, unit));
		assert_memory_equal(back, data, unit);
	}
}

static void erase_is_by_sectors(struct ct_world *w)
{
	uint32_t sector = w->flash->info.sector_size;
	const struct beyond all[] = { { 1, sector },          { 0, 1 },
				      { 0, sector - 1 },      { 0, sector + 1 },
				      { sector / 2, sector }, { sector - 1, 2 } };

	ct_snapshot(w);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		uint32_t addr = w->base + all[i].addr;

		ct_assert_rejected(w, far_flash_erase(w->flash, addr, all[i].len), FAR_ERR_ALIGN,
				   FAR_FLASH_OP_ERASE, addr);
	}
	ct_assert_only(w, 0, 0);
}

static void write_is_by_blocks(struct ct_world *w)
{
	uint32_t unit = w->flash->info.write_block;
	uint8_t data[64] = { 0 };

	ct_snapshot(w);
	for (uint32_t i = 1; i < unit; i++) {
		ct_assert_rejected(w, far_flash_write(w->flash, w->base + i, data, unit),
				   FAR_ERR_ALIGN, FAR_FLASH_OP_WRITE, w->base + i);
		ct_assert_rejected(w, far_flash_write(w->flash, w->base, data, i), FAR_ERR_ALIGN,
				   FAR_FLASH_OP_WRITE, w->base);
		ct_assert_rejected(w, far_flash_write(w->flash, w->base, data, unit + i),
				   FAR_ERR_ALIGN, FAR_FLASH_OP_WRITE, w->base);
	}
	ct_assert_only(w, 0, 0);
}

static void replace_begins_at_a_sector(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint32_t sector = f->info.sector_size;

	ct_snapshot(w);
	ct_assert_rejected(w, far_flash_replace_begin(f, w->base + 1, sector, 0), FAR_ERR_ALIGN,
			   FAR_FLASH_OP_REPLACE, w->base + 1);
	ct_assert_rejected(w, far_flash_replace_begin(f, w->base + sector / 2, 1, 0), FAR_ERR_ALIGN,
			   FAR_FLASH_OP_REPLACE, w->base + sector / 2);
	ct_assert_rejected(w, far_flash_replace_begin(f, w->base, 0, 0), FAR_ERR_ARG,
			   FAR_FLASH_OP_REPLACE, w->base);
	if (!ct_can(w, FAR_FLASH_CAN_DEFLATE))
		ct_assert_rejected(w, far_flash_replace_begin(f, w->base, sector, 20),
				   FAR_ERR_NOTSUP, FAR_FLASH_OP_REPLACE, w->base);
	ct_assert_only(w, 0, 0);
}

/* Said at once, and with nothing touched; what would go on with a stream finds none. */
static void without_replace_there_is_none(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint8_t byte = 0;

	if (!w->backend->no_replace)
		return;
	ct_snapshot(w);
	ct_assert_rejected(w, far_flash_replace_begin(f, w->base, 100, 0), FAR_ERR_NOTSUP,
			   FAR_FLASH_OP_REPLACE, w->base);
	assert_int_equal(far_flash_replace_write(f, &byte, 1), FAR_ERR_STATE);
	assert_int_equal(f->fault.touched_len, 0);
	assert_int_equal(far_flash_replace_end(f), FAR_ERR_STATE);
	assert_int_equal(f->fault.touched_len, 0);
	ct_assert_only(w, 0, 0);
}

static void next_call_clears_the_fault(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint8_t md5[FAR_MD5_LEN];

	for (unsigned i = 0; i < 5; i++) {
		int rc = FAR_OK;

		assert_int_equal(far_flash_erase(f, w->base + 1, 1), FAR_ERR_ALIGN);
		assert_int_equal(f->fault.err, FAR_ERR_ALIGN);
		if (i == 0)
			rc = far_flash_erase(f, w->base, 0);
		else if (i == 1)
			rc = far_flash_write(f, w->base, md5, 0);
		else if (i == 2)
			rc = far_flash_sync(f);
		else if (i == 3 && !w->backend->no_replace)
			rc = far_flash_replace_begin(f, w->base, 1, 0);
		else if (ct_can(w, FAR_FLASH_CAN_READ))
			rc = far_flash_digest(f, w->base, 0, md5);
		else
			continue;
		ct_assert_ok(w, rc);
	}
}

const struct ct_case ct_args[] = {
	{ "info is sane", info_is_sane },
	{ "caps are honest", caps_are_honest },
	{ "without CAN_READ read is refused", without_read_there_is_none },
	{ "digest needs a means", without_digest_and_read_there_is_none },
	{ "NULL is no buffer", null_is_no_buffer },
	{ "length 0 does nothing", length_zero_does_nothing },
	{ "length 0 outside is refused", length_zero_outside_is_refused },
	{ "ranges end at the end", ranges_end_at_the_end },
	{ "the last bytes are usable", last_bytes_are_usable },
	{ "erase is by sectors", erase_is_by_sectors },
	{ "write is by blocks", write_is_by_blocks },
	{ "replace begins at a sector", replace_begins_at_a_sector },
	{ "without replace it is refused", without_replace_there_is_none },
	{ "the next call clears the fault", next_call_clears_the_fault },
	{ NULL, NULL },
};
