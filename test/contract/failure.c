/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the flash breaks: what is reported, what is touched, and that it can be mended. */
#include "test/contract/contract.h"

#define LEN  6007u
#define CUTS 13u

/* What cannot be reached fails with FAR_ERR_IO, call after call, and touches nothing. */
static void broken_way_is_io(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint8_t data[64] = { 0 };

	ct_snapshot(w);
	w->backend->cut(w, 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(far_flash_erase(f, w->base, f->info.sector_size), FAR_ERR_IO);
		assert_int_equal(f->fault.op, FAR_FLASH_OP_ERASE);
		assert_int_equal(f->fault.err, FAR_ERR_IO);
		assert_int_equal(f->fault.addr, w->base);
		assert_int_equal(far_flash_write(f, w->base, data, sizeof(data)), FAR_ERR_IO);
		assert_int_equal(f->fault.op, FAR_FLASH_OP_WRITE);
		assert_int_equal(ct_replace_all(w, w->base, data, sizeof(data), 64), FAR_ERR_IO);
		assert_int_equal(f->fault.op, w->backend->no_replace ? FAR_FLASH_OP_ERASE
								     : FAR_FLASH_OP_REPLACE);
		if (ct_can(w, FAR_FLASH_CAN_READ)) {
			assert_int_equal(far_flash_read(f, w->base, data, 1), FAR_ERR_IO);
			assert_int_equal(f->fault.op, FAR_FLASH_OP_READ);
			assert_int_equal(f->fault.touched_len, 0);
			assert_int_equal(far_flash_digest(f, w->base, 1, data), FAR_ERR_IO);
			assert_int_equal(f->fault.op, FAR_FLASH_OP_DIGEST);
			assert_int_equal(f->fault.touched_len, 0);
		}
	}
	ct_assert_only(w, 0, 0);
	assert_int_equal(w->backend->mend(w), FAR_OK);
	ct_assert_ok(w, far_flash_erase(f, w->base, f->info.sector_size));
}

/* Arguments are judged without the device: the same codes as with a good line. */
static void arguments_come_first(struct ct_world *w)
{
	struct far_flash *f = w->flash;

	w->backend->cut(w, 0);
	ct_assert_rejected(w, far_flash_write(f, w->base, NULL, 32), FAR_ERR_ARG,
			   FAR_FLASH_OP_WRITE, w->base);
	ct_assert_rejected(w, far_flash_erase(f, f->info.size, f->info.sector_size), FAR_ERR_RANGE,
			   FAR_FLASH_OP_ERASE, f->info.size);
	ct_assert_rejected(w, far_flash_erase(f, w->base + 1, 1), FAR_ERR_ALIGN, FAR_FLASH_OP_ERASE,
			   w->base + 1);
	ct_assert_ok(w, far_flash_write(f, w->base, NULL, 0));
}

static int erase_some(struct ct_world *w, const uint8_t *data)
{
	(void)data;
	return far_flash_erase(w->flash, w->base, ct_sectors(w, LEN));
}

static int write_some(struct ct_world *w, const uint8_t *data)
{
	return far_flash_write(w->flash, w->base + 0x8000, data, 2496 /* 32 * 78 */);
}

static int replace_some(struct ct_world *w, const uint8_t *data)
{
	return ct_replace_all(w, w->base, data, LEN, 1000);
}

/* What a call costs may depend on what it finds: always the same. */
static void prepare(struct ct_world *w, const uint8_t *data)
{
	ct_assert_ok(w, far_flash_erase(w->flash, w->base, 0x10000));
	ct_assert_ok(w, far_flash_write(w->flash, w->base + 0x1000, data, 512));
}

/*
 * Break the way at moments from the first to the last of a call. Whichever it is: the code is
 * FAR_ERR_IO, no byte outside the touched range has changed, and the same call works once the way
 * is mended.
 */
static void cut_everywhere(struct ct_world *w, int (*call)(struct ct_world *, const uint8_t *),
			   enum far_flash_op op)
{
	const struct far_flash_fault *fault = &w->flash->fault;
	uint32_t traffic, seed = 41;
	uint8_t data[LEN];

	ct_fill(&seed, data, sizeof(data));
	prepare(w, data);
	traffic = w->backend->traffic(w);
	ct_assert_ok(w, call(w, data));
	traffic = w->backend->traffic(w) - traffic;
	for (uint32_t i = 0; i < CUTS; i++) {
		prepare(w, data);
		ct_snapshot(w);
		w->backend->cut(w, (uint32_t)((uint64_t)(traffic - 1) * i / (CUTS - 1)));
		assert_int_equal(call(w, data), FAR_ERR_IO);
		assert_int_equal(fault->err, FAR_ERR_IO);
		assert_int_equal(fault->op, op);
		ct_assert_only(w, fault->touched_addr, fault->touched_len);
		assert_int_equal(w->backend->mend(w), FAR_OK);
		ct_assert_ok(w, call(w, data));
	}
}

static void cut_in_erase(struct ct_world *w)
{
	cut_everywhere(w, erase_some, FAR_FLASH_OP_ERASE);
}

static void cut_in_write(struct ct_world *w)
{
	cut_everywhere(w, write_some, FAR_FLASH_OP_WRITE);
}

static void cut_in_replace(struct ct_world *w)
{
	uint8_t data[LEN];
	uint32_t seed = 41;

	if (w->backend->no_replace)
		return;
	cut_everywhere(w, replace_some, FAR_FLASH_OP_REPLACE);
	ct_fill(&seed, data, sizeof(data));
	assert_memory_equal(ct_at(w, w->base), data, sizeof(data));
}

/* A stream whose way broke is over even if the way is mended at once. */
static void broken_stream_is_over(struct ct_world *w)
{
	struct far_flash *f = w->flash;
	uint8_t data[8000] = { 0 };
	int rc;

	if (w->backend->no_replace)
		return;
	ct_assert_ok(w, far_flash_replace_begin(f, w->base, 2 * sizeof(data), 0));
	w->backend->cut(w, 0);
	rc = far_flash_replace_write(f, data, sizeof(data));
	assert_int_equal(rc, FAR_ERR_IO);
	assert_int_equal(f->fault.op, FAR_FLASH_OP_REPLACE);
	assert_int_equal(w->backend->mend(w), FAR_OK);
	assert_int_equal(far_flash_replace_write(f, data, 1), FAR_ERR_STATE);
	assert_int_equal(far_flash_replace_end(f), FAR_ERR_STATE);
}

const struct ct_case ct_failure[] = {
	{ "a broken way is FAR_ERR_IO", broken_way_is_io },
	{ "arguments are judged first", arguments_come_first },
	{ "cut anywhere in an erase", cut_in_erase },
	{ "cut anywhere in a write", cut_in_write },
	{ "cut anywhere in a replace", cut_in_replace },
	{ "a broken stream is over", broken_stream_is_over },
	{ NULL, NULL },
};
