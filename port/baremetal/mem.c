/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four functions that every C compiler expects to find, for images without a C library. By words
 * where both ends are aligned: payloads, windows and structs are.
 */
#include <stddef.h>
#include <stdint.h>

#define WORD sizeof(uint32_t)

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

static size_t is_aligned(uintptr_t both)
{
	return both % WORD == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (is_aligned((uintptr_t)t | (uintptr_t)f)) {
		word *tw = to;
		const word *fw = from;

		for (; n >= 8 * WORD; n -= 8 * WORD, tw += 8, fw += 8) {
			word a = fw[0], b = fw[1], c = fw[2], d = fw[3];
			word e = fw[4], f8 = fw[5], g = fw[6], h = fw[7];

			tw[0] = a, tw[1] = b, tw[2] = c, tw[3] = d;
			tw[4] = e, tw[5] = f8, tw[6] = g, tw[7] = h;
		}
		for (; n >= WORD; n -= WORD)
			*tw++ = *fw++;
		t = (uint8_t *)tw;
		f = (const uint8_t *)fw;
	}
	while (n-- > 0)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if ((uintptr_t)t - (uintptr_t)f >= n)
		return memcpy(to, from, n);
	while (n-- > 0)
		t[n] = f[n];
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	uint8_t *t = to;

	if (is_aligned((uintptr_t)t)) {
		word *tw = to;
		word value = (uint8_t)byte * 0x01010101u;

		for (; n >= WORD; n -= WORD)
			*tw++ = value;
		t = (uint8_t *)tw;
	}
	while (n-- > 0)
		*t++ = (uint8_t)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n > 0; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}
