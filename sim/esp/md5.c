/* SPDX-License-Identifier: Apache-2.0 */
/* MD5, from RFC 1321. */
#include <string.h>

#include "sim/esp/chip.h"

#define BLOCK 64u
#define READ  4096u /* a multiple of BLOCK */

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
	0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
	0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
	0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
	0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
	0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
	0xeb86d391,
};

static const uint8_t shifts[4][4] = {
	{ 7, 12, 17, 22 },
	{ 5, 9, 14, 20 },
	{ 4, 11, 16, 23 },
	{ 6, 10, 15, 21 },
};

/* The functions F, G, H and I of the four rounds. */
static uint32_t mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	if (round == 0)
		return (b & c) | (~b & d);
	if (round == 1)
		return (d & b) | (~d & c);
	if (round == 2)
		return b ^ c ^ d;
	return c ^ (b | ~d);
}

/*
 * Each round takes the sixteen words of the block in another order: from start on in strides of
 * step.
 */
static void add_block(uint32_t state[4], const uint8_t *block)
{
	static const uint8_t step[4] = { 1, 5, 3, 7 }, start[4] = { 0, 1, 5, 0 };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

	for (unsigned i = 0; i < 64; i++) {
		unsigned round = i / 16u;
		unsigned word = (start[round] + step[round] * i) % 16u;
		unsigned shift = shifts[round][i % 4u];
		uint32_t sum = a + mix(round, b, c, d) + sines[i] + esp_le32(block + 4u * word);

		a = d;
		d = c;
		c = b;
		b += sum << shift | sum >> (32u - shift);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

/*
 * The message is fetched piece by piece, because it is as long as a flash. The last piece, which
 * may be empty, gets the padding behind it: one or two blocks.
 */
void esp_md5(uint8_t digest[16], void (*read)(void *ctx, uint8_t *buf, uint32_t pos, uint32_t len),
	     void *ctx, uint32_t len)
{
	uint32_t state[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	uint8_t buf[READ + 2u * BLOCK];

	for (uint32_t pos = 0;; pos += READ) {
		bool last = len - pos < READ;
		uint32_t n = last ? len - pos : READ;
		uint32_t used = n;

		read(ctx, buf, pos, n);
		if (last) { /* a one bit, zeros, the length in bits */
			used = (n + 9u + BLOCK - 1u) / BLOCK * BLOCK;
			memset(buf + n, 0, used - n);
			buf[n] = 0x80;
			esp_put_le32(buf + used - 8, len << 3);
			esp_put_le32(buf + used - 4, len >> 29);
		}
		for (uint32_t at = 0; at < used; at += BLOCK)
			add_block(state, buf + at);
		if (last)
			break;
	}
	for (size_t i = 0; i < 4; i++)
		esp_put_le32(digest + 4u * i, state[i]);
}
