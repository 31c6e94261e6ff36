/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes on wires and in memory: little-endian words at any alignment, and the four memory
 * functions that every C compiler expects to find, also without a C library.
 */
#ifndef FARFLASH_CORE_BYTES_H
#define FARFLASH_CORE_BYTES_H

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

static inline uint32_t far_get_le16(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t far_get_le32(const uint8_t *p)
{
	return far_get_le16(p) | far_get_le16(p + 2) << 16;
}

static inline void far_put_le16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void far_put_le32(uint8_t *p, uint32_t v)
{
	far_put_le16(p, v);
	far_put_le16(p + 2, v >> 16);
}

/*
 * v in the order of the wire, for words that become bytes where they stand. Mostly that is v, but a
 * compiler sees it late, when it has made a function of it.
 */
static inline __attribute__((always_inline)) uint32_t far_to_le32(uint32_t v)
{
	union {
		uint8_t bytes[4];
		uint32_t word;
	} le;

	far_put_le32(le.bytes, v);
	return le.word;
}

static inline uint32_t far_min32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

#endif
