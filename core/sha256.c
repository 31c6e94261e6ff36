/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 in a loop over its table, with the message schedule in a ring of 16 words: small, and a
 * quarter of the stack that the usual 64 words take.
 */
#include "core/sha256.h"
#include "core/bytes.h"

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t roots[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

/* The same of the square roots of the first 8 primes. */
static const uint32_t first_state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

/* This hash is big-endian, unlike all else on these wires. */
static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static uint32_t turn(uint32_t v, unsigned right)
{
	return v >> right | v << (32 - right);
}

/* Word i of the schedule, from round 16 on made of those that the ring still holds. */
static uint32_t schedule(uint32_t w[16], unsigned i)
{
	uint32_t a = w[(i + 1) % 16], b = w[(i + 14) % 16];

	if (i >= 16)
		w[i % 16] += (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[(i + 9) % 16] +
			     (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
	return w[i % 16];
}

/* One block of 64 bytes; FIPS 180-4, 6.2.2. v is a to h. */
static void transform(uint32_t state[8], const uint8_t block[64])
{
	uint32_t w[16], v[8];

	for (unsigned i = 0; i < 16; i++)
		w[i] = get_be32(block + 4 * i);
	memcpy(v, state, sizeof(v));
	for (unsigned i = 0; i < 64; i++) {
		uint32_t a = v[0], e = v[4];
		uint32_t t = v[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
			     ((e & v[5]) ^ (~e & v[6])) + roots[i] + schedule(w, i);
		uint32_t u = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) +
			     ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(v[0])); /* h = g, g = f, ... b = a */
		v[4] += t;
		v[0] = t + u;
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] += v[i];
}

void far_sha256_init(struct far_sha256 *s)
{
	memcpy(s->state, first_state, sizeof(s->state));
	s->len = 0;
}

void far_sha256_update(struct far_sha256 *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0) {
		size_t used = s->len % 64;
		size_t n = 64 - used < len ? 64 - used : len;

		memcpy(s->block + used, p, n);
		s->len += n;
		p += n;
		len -= n;
		if (used + n == 64)
			transform(s->state, s->block);
	}
}

void far_sha256_final(struct far_sha256 *s, uint8_t digest[FAR_SHA256_LEN])
{
	uint8_t tail[8], pad = 0x80;

	put_be32(tail, (uint32_t)(s->len >> 29)); /* the length in bits */
	put_be32(tail + 4, (uint32_t)(s->len << 3));
	do {
		far_sha256_update(s, &pad, 1);
		pad = 0;
	} while (s->len % 64 != 56);
	far_sha256_update(s, tail, sizeof(tail));
	for (unsigned i = 0; i < 8; i++)
		put_be32(digest + 4 * i, s->state[i]);
}
