/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "test/common/ref_md5.h"

static uint32_t turn_left(uint32_t v, unsigned by)
{
	return v << by | v >> (32 - by);
}

static uint32_t word_at(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void add_block(uint32_t state[4], const uint32_t sines[64], const uint8_t *p)
{
	static const unsigned turns[16] = { 7, 12, 17, 22, 5, 9,  14, 20,
					    4, 11, 16, 23, 6, 10, 15, 21 };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

	for (unsigned i = 0; i < 64; i++) {
		uint32_t f = i < 16   ? ((b & c) | (~b & d))
			     : i < 32 ? ((d & b) | (~d & c))
			     : i < 48 ? (b ^ c ^ d)
				      : (c ^ (b | ~d));
		unsigned word = i < 16 ? i : i < 32 ? 5 * i + 1 : i < 48 ? 3 * i + 5 : 7 * i;
		uint32_t sum = a + f + sines[i] + word_at(p + 4 * (word % 16));

		a = d;
		d = c;
		c = b;
		b += turn_left(sum, turns[i / 16 * 4 + i % 4]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

void ref_md5(const uint8_t *data, size_t len, uint8_t digest[16])
{
	ref_md5_counting(data, len, len, digest);
}

void ref_md5_counting(const uint8_t *data, size_t len, uint64_t counted, uint8_t digest[16])
{
	uint32_t state[4] = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476 };
	uint64_t bits = counted * 8;
	uint8_t tail[128] = { 0 };
	size_t rest = len % 64;
	size_t end = rest < 56 ? 64 : 128;
	uint32_t sines[64];

	for (unsigned i = 0; i < 64; i++)
		sines[i] = (uint32_t)floor(fabs(sin(i + 1.0)) * 4294967296.0);
	for (size_t at = 0; at + 64 <= len; at += 64)
		add_block(state, sines, data + at);
	if (rest > 0)
		memcpy(tail, data + len - rest, rest);
	tail[rest] = 0x80;
	for (unsigned i = 0; i < 8; i++)
		tail[end - 8 + i] = (uint8_t)(bits >> (8 * i));
	for (size_t at = 0; at < end; at += 64)
		add_block(state, sines, tail + at);
	for (unsigned i = 0; i < 16; i++)
		digest[i] = (uint8_t)(state[i / 4] >> (8 * (i % 4)));
}
