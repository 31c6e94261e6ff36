/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MD5 in a loop over tables rather than unrolled: about a quarter of the code for the same result.
 * The flash at the far end is a hundred times slower than either form.
 */
#include "core/md5.h"
#include "core/bytes.h"

/* floor(2^32 * |sin(i + 1)|), RFC 1321 section 3.4. */
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

/* Of the four rounds. */
static const uint8_t rotations[4][4] = {
	{ 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 }
};

/*
 * The order in which the rounds take the words of a block: word = first + step * i, mod 16. One hex
 * digit a round, the first round's lowest; what stands above a digit does not matter.
 */
enum { FIRST = 0x0510, STEP = 0x7351 };

/*
 * One block of 64 bytes; RFC 1321, 3.4, with the four steps of a round made one by moving a to d
 * on.
 */
static void transform(uint32_t state[4], const uint32_t block[16])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

	for (unsigned i = 0; i < 64; i++) {
		unsigned round = i / 16;
		unsigned word = ((FIRST >> 4 * round) + (STEP >> 4 * round) * i) % 16;
		unsigned turn = rotations[round][i % 4];
		uint32_t mix = b ^ c ^ d; /* the auxiliary functions F, G, H, I */

		if (round == 0)
			mix = d ^ (b & (c ^ d));
		else if (round == 1)
			mix = c ^ (d & (b ^ c));
		else if (round == 3)
			mix = c ^ (b | ~d);
		a += mix + far_to_le32(block[word]) + sines[i];
		mix = d; /* from here on only a place to keep it */
		d = c;
		c = b;
		b += a << turn | a >> (32 - turn);
		a = mix;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

void far_md5_init(struct far_md5 *m)
{
	m->state[0] = 0x67452301;
	m->state[1] = 0xefcdab89;
	m->state[2] = 0x98badcfe;
	m->state[3] = 0x10325476;
	m->len = 0;
}

void far_md5_update(struct far_md5 *m, const void *data, size_t len)
{
	const uint8_t *p = data;

	/* 2^32 is a multiple of 64: a length that wraps does no harm here. */
	for (; len > 0; len--) {
		((uint8_t *)m->block)[m->len++ % 64] = *p++;
		if (m->len % 64 == 0)
			transform(m->state, m->block);
	}
}

void far_md5_final(struct far_md5 *m, uint8_t digest[FAR_MD5_LEN])
{
	uint8_t tail[8];
	uint8_t pad = 0x80; /* a one bit, then zeros up to eight bytes before the end of a block */

	/* The length in bits, 64 wide. */
	far_put_le32(tail, m->len << 3);
	far_put_le32(tail + 4, m->len >> 29);
	do {
		far_md5_update(m, &pad, 1);
		pad = 0;
	} while (m->len % 64 != 56);
	far_md5_update(m, tail, sizeof(tail));
	for (unsigned i = 0; i < FAR_MD5_LEN; i++)
		digest[i] = (uint8_t)(m->state[i / 4] >> 8 * (i % 4));
}

void far_md5_of(const void *data, size_t len, uint8_t digest[FAR_MD5_LEN])
{
	struct far_md5 sum;

	far_md5_init(&sum);
	far_md5_update(&sum, data, len);
	far_md5_final(&sum, digest);
}
