/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four functions that every C compiler expects to find, for images without a C library. By
 * words where both ends are aligned: payloads, windows and structs are.
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

/* From the lowest byte on: also right for a from above to that overlaps it. */
static void copy_up(uint8_t *t, const uint8_t *f, size_t n)
{
	if (is_aligned((uintptr_t)t | (uintptr_t)f)) {
		word *tw = (word *)(void *)t;
		const word *fw = (const word *)(const void *)f;

		for (; n >= 4 * WORD; n -= 4 * WORD, tw += 4, fw += 4) {
			word a = fw[0], b = fw[1], c = fw[2], d = fw[3];

			tw[0] = a;
			tw[1] = b;
			tw[2] = c;
			tw[3] = d;
		}
		for (; n >= WORD; n -= WORD)
			*tw++ = *fw++;
		t = (uint8_t *)tw;
		f = (const uint8_t *)fw;
	}
	while (n-- > 0)
		*t++ = *f++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	copy_up(to, from, n);
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if ((uintptr_t)t - (uintptr_t)f >= n)
		copy_up(t, f, n);
	else
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
