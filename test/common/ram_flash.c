/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "core/emulate.h"
#include "test/common/ram_flash.h"
#include "test/common/ref_md5.h"

static struct ram_flash *self(struct far_flash *f)
{
	return (struct ram_flash *)f;
}

/* Bytes of mem that are in use. */
static uint32_t span(const struct ram_flash *r)
{
	uint32_t size = r->flash.info.size;

	return size < sizeof(r->mem) ? size : (uint32_t)sizeof(r->mem);
}

/* The range is what flash.h promises to a device, and in our window. */
static void check(const struct ram_flash *r, uint32_t addr, uint32_t len, uint32_t unit)
{
	assert_true(addr <= r->flash.info.size && len <= r->flash.info.size - addr);
	assert_int_equal((addr | len) % unit, 0);
	assert_true(addr >= r->base && addr - r->base <= span(r) - len);
}

/* Up to a multiple of the sector size; len > 0. */
static uint32_t sectors(const struct ram_flash *r, uint32_t len)
{
	uint32_t sector = r->flash.info.sector_size;

	return (len - 1) / sector * sector + sector;
}

/*
 * Count a call. true: it must fail, with *done bytes (of len) done before. The record is made here.
 */
static bool fails(struct ram_flash *r, enum ram_call what, uint32_t addr, uint32_t len,
		  uint32_t *done)
{
	const struct ram_failure *f = &r->failure;

	r->counts[what]++;
	*done = len;
	if (f->at == 0 || (f->calls & 1u << what) == 0 || ++r->matching < f->at)
		return false;
	if (f->times != UINT32_MAX && r->matching - f->at >= f->times)
		return false;
	*done = f->done < len ? f->done : len;
	if (f->silent)
		return true;
	if (what == RAM_STREAM || what == RAM_END) /* what was erased at begin counts */
		far_flash_fail(&r->flash, f->err, r->stream_at + *done, f->peer_code, r->begin_addr,
			       sectors(r, r->begin_len));
	else
		far_flash_fail(&r->flash, f->err, addr + *done, f->peer_code, addr, *done);
	return true;
}

static int ram_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	struct ram_flash *r = self(f);
	uint32_t done;

	assert_true(f->info.caps & FAR_FLASH_CAN_READ);
	assert_non_null(buf);
	assert_true(len > 0);
	check(r, addr, len, 1);
	if (fails(r, RAM_READ, addr, 0, &done))
		return r->failure.err;
	memcpy(buf, ram_flash_at(r, addr), len);
	return FAR_OK;
}

static void program(struct ram_flash *r, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	uint8_t *to = ram_flash_at(r, addr);

	for (uint32_t i = 0; i < len; i++) {
		r->zeros_lost += (uint8_t)(~to[i] & buf[i]) != 0;
		to[i] &= buf[i];
		if (r->wear.flip != 0 && r->wear.times > 0 && addr + i == r->wear.addr) {
			to[i] &= (uint8_t)~r->wear.flip;
			r->wear.times -= r->wear.times != UINT32_MAX;
		}
	}
	r->written += len;
}

static int ram_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	struct ram_flash *r = self(f);
	uint32_t done;
	bool bad;

	assert_non_null(buf);
	assert_true(len > 0);
	check(r, addr, len, f->info.write_block);
	bad = fails(r, RAM_WRITE, addr, len, &done);
	program(r, addr, buf, done);
	return bad ? r->failure.err : FAR_OK;
}

/* A half-done erase leaves rubbish in what it has touched. */
static void wipe(struct ram_flash *r, uint32_t addr, uint32_t len, bool bad)
{
	memset(ram_flash_at(r, addr), bad ? 0x5A : r->flash.info.erase_value, len);
	r->erased += len;
}

static int ram_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	struct ram_flash *r = self(f);
	uint32_t done;
	bool bad;

	assert_true(len > 0);
	check(r, addr, len, f->info.sector_size);
	bad = fails(r, RAM_ERASE, addr, len, &done);
	wipe(r, addr, done, bad);
	return bad ? r->failure.err : FAR_OK;
}

static int digest(struct ram_flash *r, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	uint32_t done;

	assert_non_null(md5);
	check(r, addr, len, 1);
	if (fails(r, RAM_DIGEST, addr, 0, &done))
		return r->failure.err;
	ref_md5(ram_flash_at(r, addr), len, md5);
	md5[3] ^= len > 0 && len == r->lies_about;
	return FAR_OK;
}

static int ram_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	assert_true(f->info.caps & FAR_FLASH_CAN_DIGEST);
	return digest(self(f), addr, len, md5);
}

/* ---- native replace: erases at begin, writes bytes as they come ------------------------------ */

static int ram_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	struct ram_flash *r = self(f);
	uint32_t sector = f->info.sector_size;
	uint32_t whole = sectors(r, len);
	uint32_t done;
	bool bad;

	assert_true(len > 0);
	assert_true(stream_len == 0 || (f->info.caps & FAR_FLASH_CAN_DEFLATE) != 0);
	check(r, addr, whole, sector);
	bad = fails(r, RAM_BEGIN, addr, whole, &done);
	wipe(r, addr, done, bad);
	r->begin_addr = r->stream_at = addr;
	r->begin_len = len;
	r->begin_stream = stream_len;
	r->deflated += stream_len > 0;
	r->packed_len = 0;
	return bad ? r->failure.err : FAR_OK;
}

static int ram_stream(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	struct ram_flash *r = self(f);
	uint32_t done;
	bool bad;

	assert_non_null(data);
	assert_true(len > 0);
	bad = fails(r, RAM_STREAM, r->begin_addr, len, &done);
	if (r->begin_stream > 0) {
		assert_true(len <= r->begin_stream - r->packed_len);
		assert_true(len <= sizeof(r->packed) - r->packed_len);
		memcpy(r->packed + r->packed_len, data, len);
		r->packed_len += len;
		return bad ? r->failure.err : FAR_OK;
	}
	assert_true(len <= r->begin_len - (r->stream_at - r->begin_addr));
	program(r, r->stream_at, data, done);
	r->stream_at += done;
	return bad ? r->failure.err : FAR_OK;
}

static int ram_end(struct far_flash *f)
{
	struct ram_flash *r = self(f);
	static uint8_t plain[RAM_FLASH_BYTES];
	uLongf len = r->begin_len;
	uint32_t done;

	if (fails(r, RAM_END, r->begin_addr, r->begin_len, &done))
		return r->failure.err;
	if (r->begin_stream == 0) {
		assert_int_equal(r->stream_at - r->begin_addr, r->begin_len);
		return FAR_OK;
	}
	assert_int_equal(r->packed_len, r->begin_stream);
	assert_int_equal(uncompress(plain, &len, r->packed, r->packed_len), Z_OK);
	assert_int_equal(len, r->begin_len);
	program(r, r->begin_addr, plain, r->begin_len);
	return FAR_OK;
}

static int ram_sync(struct far_flash *f)
{
	struct ram_flash *r = self(f);
	uint32_t done;

	return fails(r, RAM_SYNC, r->base, f->info.sector_size, &done) ? r->failure.err : FAR_OK;
}

/* ---- for tests ------------------------------------------------------------------------------- */

void ram_flash_open(struct ram_flash *r, uint32_t size, uint32_t sector, uint32_t block,
		    uint8_t caps)
{
	static uint8_t pattern[RAM_FLASH_BYTES]; /* made once: tests open thousands */
	bool own_digest = (caps & FAR_FLASH_CAN_DIGEST) != 0;
	bool own_replace = (caps & FAR_FLASH_CAN_REPLACE) != 0;

	memset(r, 0, offsetof(struct ram_flash, packed));
	r->ops = (struct far_flash_ops){
		.read = ram_read,
		.write = ram_write,
		.erase = ram_erase,
		.digest = own_digest ? ram_digest : far_flash_emulate_digest,
		.replace_begin = own_replace ? ram_begin : far_flash_emulate_begin,
		.replace_write = own_replace ? ram_stream : far_flash_emulate_write,
		.replace_end = own_replace ? ram_end : far_flash_emulate_end,
		.sync = ram_sync,
	};
	r->flash.ops = &r->ops;
	r->flash.info = (struct far_flash_info){ .size = size,
						 .sector_size = sector,
						 .write_block = block,
						 .erase_value = 0xFF,
						 .caps = caps };
	r->base = size > sizeof(r->mem) ? size - (uint32_t)sizeof(r->mem) : 0;
	if (pattern[0] == pattern[1])
		ram_flash_pattern(pattern, sizeof(pattern), 0xF1A5);
	memcpy(r->mem, pattern, span(r));
	ram_flash_snapshot(r);
}

void ram_flash_without_replace(struct ram_flash *r)
{
	r->ops.replace_begin = NULL;
	r->ops.replace_write = NULL;
	r->ops.replace_end = NULL;
}

uint32_t ram_flash_calls(const struct ram_flash *r)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < RAM_CALLS; i++)
		sum += r->counts[i];
	return sum;
}

void ram_flash_forget(struct ram_flash *r)
{
	memset(r->counts, 0, sizeof(r->counts));
	memset(&r->failure, 0, sizeof(r->failure));
	memset(&r->wear, 0, sizeof(r->wear));
	r->matching = r->written = r->erased = r->deflated = r->zeros_lost = 0;
}

void ram_flash_snapshot(struct ram_flash *r)
{
	memcpy(r->before, r->mem, span(r));
}

void ram_flash_assert_only(const struct ram_flash *r, uint32_t addr, uint32_t len)
{
	uint32_t from = len > 0 ? addr - r->base : 0;
	uint32_t to = from + len;

	assert_true(from <= to && to <= span(r));
	if (memcmp(r->mem, r->before, from) != 0 ||
	    memcmp(r->mem + to, r->before + to, span(r) - to) != 0)
		fail_msg("bytes outside [%#x, +%#x) have changed", addr, len);
}

void ram_flash_assert_filled(const struct ram_flash *r, uint32_t addr, uint32_t len, uint8_t value)
{
	for (uint32_t i = 0; i < len; i++)
		if (r->mem[addr - r->base + i] != value)
			fail_msg("byte %#x is %#x, not %#x", addr + i, r->mem[addr - r->base + i],
				 value);
}

void ram_flash_assert_fault(const struct ram_flash *r, enum far_flash_op op, int err, uint32_t addr,
			    uint32_t peer_code, uint32_t touched_addr, uint32_t touched_len)
{
	const struct far_flash_fault *fault = &r->flash.fault;

	assert_int_equal(fault->op, op);
	assert_int_equal(fault->err, err);
	assert_int_equal(fault->addr, addr);
	assert_int_equal(fault->peer_code, peer_code);
	assert_int_equal(fault->touched_len, touched_len);
	if (touched_len > 0)
		assert_int_equal(fault->touched_addr, touched_addr);
}

void ram_flash_pattern(uint8_t *buf, uint32_t len, uint32_t seed)
{
	for (uint32_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		buf[i] = (uint8_t)(seed >> 24);
	}
}
