/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In place of link/shared.h (compile with -include): the mailbox's accesses go through the virtual
 * cores of sim/mailbox. With a mutation, one thing is missing that the mailbox cannot do without.
 */
#ifndef FARFLASH_LINK_SHARED_H
#define FARFLASH_LINK_SHARED_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "sim/mailbox/mailbox.h"

static inline uint32_t far_shared_load(const uint32_t *p)
{
	return far_sim_shared_load(p);
}

static inline uint32_t far_shared_peek(const uint32_t *p)
{
	return far_sim_shared_load(p);
}

static inline void far_shared_store(uint32_t *p, uint32_t value)
{
#ifdef MUTATION_PLAIN_STORE
	far_sim_shared_put(p, &value, sizeof(value));
#else
	far_sim_shared_store(p, value);
#endif
}

static inline void far_shared_fence(void)
{
#ifndef MUTATION_NO_FENCE
	far_sim_shared_fence();
#endif
}

static inline void far_shared_put(uint32_t *to, const void *from, size_t len)
{
	far_sim_shared_put(to, from, len);
}

static inline void far_shared_get(void *to, const uint32_t *from, size_t len)
{
	far_sim_shared_get(to, from, len);
}

static inline void far_shared_put_whole(uint32_t *to, const void *from)
{
	far_shared_put(to, from, 64);
}

static inline void far_shared_get_whole(void *to, const uint32_t *from)
{
	far_shared_get(to, from, 64);
}

#endif
