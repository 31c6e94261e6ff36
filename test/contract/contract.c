/* SPDX-License-Identifier: Apache-2.0 */
#include "test/contract/contract.h"

uint32_t ct_rand(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return x;
}

uint32_t ct_below(uint32_t *state, uint32_t limit)
{
	return (ct_rand(state) >> 8) % limit;
}

void ct_fill(uint32_t *state, uint8_t *buf, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(ct_rand(state) >> 16);
}

static uint32_t round_up(uint32_t n, uint32_t unit)
{
	return (n + unit - 1) / unit * unit;
}

uint32_t ct_blocks(const struct ct_world *w, uint32_t n)
{
	return round_up(n, w->flash->info.write_block);
}

uint32_t ct_sectors(const struct ct_world *w, uint32_t n)
{
	return round_up(n, w->flash->info.sector_size);
}

void ct_snapshot(struct ct_world *w)
{
	memcpy(w->snapshot, ct_at(w, w->base), CT_SPAN);
}

void ct_assert_only(const struct ct_world *w, uint32_t addr, uint32_t len)
{
	for (uint32_t i = 0; i < CT_SPAN; i++) {
		uint32_t at = w->base + i;

		if (*ct_at(w, at) != w->snapshot[i] && (at < addr || at - addr >= len))
			fail_msg("%s: byte %#x changed from %#x to %#x, outside %#x + %#x",
				 w->backend->name, at, w->snapshot[i], *ct_at(w, at), addr, len);
	}
}

void ct_assert_filled(const struct ct_world *w, uint32_t addr, uint32_t len, uint8_t value)
{
	for (uint32_t at = addr; at < addr + len; at++)
		if (*ct_at(w, at) != value)
			fail_msg("%s: byte %#x is %#x instead of %#x", w->backend->name, at,
				 *ct_at(w, at), value);
}

void ct_assert_rejected(const struct ct_world *w, int got, int err, enum far_flash_op op,
			uint32_t addr)
{
	const struct far_flash_fault *f = &w->flash->fault;

	assert_int_equal(got, err);
	assert_int_equal(f->err, err);
	assert_int_equal(f->op, op);
	assert_int_equal(f->addr, addr);
	assert_int_equal(f->peer_code, 0);
	assert_int_equal(f->touched_len, 0);
}

void ct_assert_ok(const struct ct_world *w, int got)
{
	if (got != FAR_OK)
		fail_msg("%s: %s in operation %d at %#x, peer code %#x", w->backend->name,
			 far_err_name(got), (int)w->flash->fault.op, w->flash->fault.addr,
			 w->flash->fault.peer_code);
	assert_int_equal(w->flash->fault.err, FAR_OK);
	assert_int_equal(w->flash->fault.touched_len, 0);
}

static int erase_and_write(struct ct_world *w, uint32_t addr, const uint8_t *data, uint32_t len)
{
	uint32_t whole = len & ~(w->flash->info.write_block - 1);
	uint8_t rest[32];
	int rc = far_flash_erase(w->flash, addr, ct_sectors(w, len));

	memset(rest, 0xff, sizeof(rest));
	memcpy(rest, data + whole, len - whole);
	if (rc == FAR_OK)
		rc = far_flash_write(w->flash, addr, data, whole);
	if (rc == FAR_OK)
		rc = far_flash_write(w->flash, addr + whole, rest, ct_blocks(w, len) - whole);
	return rc;
}

int ct_replace_all(struct ct_world *w, uint32_t addr, const uint8_t *data, uint32_t len,
		   uint32_t portion)
{
	int rc;

	if (w->backend->no_replace)
		return erase_and_write(w, addr, data, len);
	rc = far_flash_replace_begin(w->flash, addr, len, 0);
	for (uint32_t done = 0; rc == FAR_OK && done < len; done += portion)
		rc = far_flash_replace_write(w->flash, data + done,
					     len - done < portion ? len - done : portion);
	return rc == FAR_OK ? far_flash_replace_end(w->flash) : rc;
}
