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

/* In words where both sides are aligned: half the instructions of memcpy, and a message is short. */
static inline void far_shared_copy(void *to, const void *from, size_t len)
{
	far_shared_word *t = to;
	const far_shared_word *f = from;

	for (; (((uintptr_t)t | (uintptr_t)f) & 3) == 0 && len >= 16; len -= 16, t += 4, f += 4) {
		t[0] = f[0];
		t[1] = f[1];
		t[2] = f[2];
		t[3] = f[3];
	}
	if (len > 0)
		memcpy(t, f, len);
}

/* Payload: ordered by the stamp's load or store beside it, never read twice. */
static inline void far_shared_put(uint32_t *to, const void *from, size_t len)
{
	far_shared_copy(to, from, len);
}

static inline void far_shared_get(void *to, const uint32_t *from, size_t len)
{
	far_shared_copy(to, from, len);
}

#endif
