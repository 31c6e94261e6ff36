/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every access to memory that another core shares, so that there is one place to look for the
 * memory order (docs/SPEC-mailbox.md, "Memory order"). A word is read once per call, whole.
 */
#ifndef FARFLASH_LINK_SHARED_H
#define FARFLASH_LINK_SHARED_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* What follows in the program is not done before this load. */
static inline __attribute__((always_inline)) uint32_t far_shared_load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* Where nothing depends on when, or something else has the order. */
static inline uint32_t far_shared_peek(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* What precedes in the program is visible to whoever sees this store. */
static inline void far_shared_store(uint32_t *p, uint32_t value)
{
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
}

/* Stores before it are visible to the peer before loads after it are done. */
static inline void far_shared_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Words that may be of any type. */
typedef uint32_t __attribute__((may_alias)) far_shared_word;

/* Payload: ordered by the stamp's load or store beside it, never read twice. */
static inline void far_shared_put(uint32_t *to, const void *from, size_t len)
{
	if (len > 0)
		memcpy(to, from, len);
}

static inline void far_shared_get(void *to, const uint32_t *from, size_t len)
{
	if (len > 0)
		memcpy(to, from, len);
}

/* A whole payload, both ends aligned to 4: no loop, no call, half the instructions of memcpy. */
static inline void far_shared_words(far_shared_word *to, const far_shared_word *from)
{
#pragma GCC unroll 16
	for (uint32_t i = 0; i < 16; i++)
		to[i] = from[i];
}

static inline void far_shared_put_whole(uint32_t *to, const void *from)
{
	far_shared_words(to, from);
}

static inline void far_shared_get_whole(void *to, const uint32_t *from)
{
	far_shared_words(to, from);
}

#endif
