/* SPDX-License-Identifier: Apache-2.0 */
/* Deflated streams, for the flashes that take them; for the others, that they say so. */
#include <stdlib.h>
#include <zlib.h>

#include "test/contract/contract.h"

#define DATA_MAX 0xC000u

struct stream {
	uint8_t *bytes;
	uint32_t len;
};

static struct stream deflated(const uint8_t *data, uint32_t len, int level)
{
	uLongf out_len = compressBound(len);
	struct stream s = { .bytes = malloc(out_len) };

	if (s.bytes == NULL || compress2(s.bytes, &out_len, data, len, level) != Z_OK)
		abort();
	s.len = (uint32_t)out_len;
	return s;
}

/* Text-like: repeats itself from far behind, so that the window is used. */
static void fill_compressible(uint32_t *seed, uint8_t *data, uint32_t len)
{
	for (uint32_t i = 0; i < len;) {
		uint32_t n = 1 + ct_below(seed, 200);
		uint32_t back = 1 + ct_below(seed, 30000);

		for (; n > 0 && i < len; n--, i++)
			data[i] = back <= i && n > 20 ? data[i - back] : (uint8_t)ct_rand(seed);
	}
}

static int send(struct ct_world *w, uint32_t addr, uint32_t len, const struct stream *s,
		uint32_t portion)
{
	int rc = far_flash_replace_begin(w->flash, addr, len, s->len);

	for (uint32_t done = 0; rc == FAR_OK && done < s->len; done += portion)
		rc = far_flash_replace_write(w->flash, s->bytes + done,
					     s->len - done < portion ? s->len - done : portion);
	return rc == FAR_OK ? far_flash_replace_end(w->flash) : rc;
}

static void roundtrip(struct ct_world *w, const uint8_t *data, uint32_t len, int level,
		      uint32_t portion)
{
	static const uint8_t zeros[64] = { 0 };
	struct stream s = deflated(data, len, level);
	uint32_t whole = ct_sectors(w, len);

	ct_assert_ok(w, far_flash_write(w->flash, w->base + whole - 64, zeros, sizeof(zeros)));
	ct_assert_ok(w, far_flash_write(w->flash, w->base + whole, zeros, sizeof(zeros)));
	ct_snapshot(w);
	ct_assert_ok(w, send(w, w->base, len, &s, portion));
	assert_memory_equal(ct_at(w, w->base), data, len);
	ct_assert_filled(w, w->base + len, whole - len, 0xFF);
	ct_assert_only(w, w->base, whole);
	free(s.bytes);
}

static void any_length(struct ct_world *w)
{
	static const uint32_t lens[] = { 1, 3, 100, 4095, 4096, 4097, 20000, 0xB001 };
	static uint8_t data[DATA_MAX];
	uint32_t seed = 31;

	if (!ct_can(w, FAR_FLASH_CAN_DEFLATE))
		return;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		fill_compressible(&seed, data, lens[i]);
		roundtrip(w, data, lens[i], 9, 1024);
	}
}

static void any_portions(struct ct_world *w)
{
	static const uint32_t portions[] = { 1, 13, 1000, 0x4001 };
	static uint8_t data[DATA_MAX];
	uint32_t seed = 32;

	if (!ct_can(w, FAR_FLASH_CAN_DEFLATE))
		return;
	for (size_t i = 0; i < sizeof(portions) / sizeof(portions[0]); i++) {
		uint32_t len = portions[i] == 1 ? 3000 : 17000;

		fill_compressible(&seed, data, len);
		roundtrip(w, data, len, 6, portions[i]);
	}
}

/* Stored blocks make the stream longer than the data; a constant makes it tiny. */
static void extremes(struct ct_world *w)
{
	static uint8_t data[DATA_MAX];
	uint32_t seed = 33;

	if (!ct_can(w, FAR_FLASH_CAN_DEFLATE))
		return;
	ct_fill(&seed, data, 10000);
	roundtrip(w, data, 10000, 0, 2048);
	memset(data, 0x42, sizeof(data));
	roundtrip(w, data, sizeof(data), 9, 2048);
}

static void announced_is_counted_in_stream_bytes(struct ct_world *w)
{
	static uint8_t data[DATA_MAX];
	struct far_flash *f = w->flash;
	uint32_t seed = 34;
	struct stream s;

	fill_compressible(&seed, data, 9000);
	s = deflated(data, 9000, 9);
	if (!ct_can(w, FAR_FLASH_CAN_DEFLATE)) {
		ct_assert_rejected(w, far_flash_replace_begin(f, w->base, 9000, s.len),
				   FAR_ERR_NOTSUP, FAR_FLASH_OP_REPLACE, w->base);
	} else {
		ct_assert_ok(w, far_flash_replace_begin(f, w->base, 9000, s.len));
		ct_assert_ok(w, far_flash_replace_write(f, s.bytes, s.len - 1));
		assert_int_equal(far_flash_replace_end(f), FAR_ERR_STATE);
		ct_assert_ok(w, far_flash_replace_begin(f, w->base, 9000, s.len));
		ct_assert_ok(w, far_flash_replace_write(f, s.bytes, s.len - 1));
		assert_int_equal(far_flash_replace_write(f, s.bytes, 2), FAR_ERR_RANGE);
		ct_assert_ok(w, send(w, w->base, 9000, &s, 512));
		assert_memory_equal(ct_at(w, w->base), data, 9000);
	}
	free(s.bytes);
}

/* A stream that was damaged before it was sent is no success, and the flash works on. */
static void damaged_stream_fails(struct ct_world *w)
{
	static uint8_t data[DATA_MAX];
	uint32_t seed = 35;
	struct stream s;

	if (!ct_can(w, FAR_FLASH_CAN_DEFLATE))
		return;
	fill_compressible(&seed, data, 12000);
	s = deflated(data, 12000, 9);
	ct_snapshot(w);
	for (uint32_t i = 0; i < 64; i++)
		s.bytes[s.len / 2 + i] ^= 0xFF;
	assert_int_not_equal(send(w, w->base, 12000, &s, 1024), FAR_OK);
	assert_int_equal(w->flash->fault.op, FAR_FLASH_OP_REPLACE);
	ct_assert_only(w, w->flash->fault.touched_addr, w->flash->fault.touched_len);
	free(s.bytes);
	roundtrip(w, data, 12000, 9, 1024);
}

const struct ct_case ct_deflate[] = {
	{ "deflate: any length", any_length },
	{ "deflate: any portions", any_portions },
	{ "deflate: extremes", extremes },
	{ "deflate: the stream's bytes count", announced_is_counted_in_stream_bytes },
	{ "deflate: a damaged stream fails", damaged_stream_fails },
	{ NULL, NULL },
};
