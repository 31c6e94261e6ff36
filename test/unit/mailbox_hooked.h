/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox with a hook before every access to the shared region: the same source, compiled with
 * accessors that tell. A payload is moved word by word, so that it can be torn.
 * Include it in place of link/mailbox.c, and define access_shared().
 */
#ifndef FARFLASH_TEST_MAILBOX_HOOKED_H
#define FARFLASH_TEST_MAILBOX_HOOKED_H

#define FARFLASH_LINK_SHARED_H /* these instead of link/shared.h */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/bytes.h"

static void access_shared(void);

static inline uint32_t far_shared_load(const uint32_t *p)
{
	access_shared();
	return *(const volatile uint32_t *)p;
}

static inline uint32_t far_shared_peek(const uint32_t *p)
{
	return far_shared_load(p);
}

static inline void far_shared_store(uint32_t *p, uint32_t value)
{
	access_shared();
	*(volatile uint32_t *)p = value;
}

static inline void far_shared_fence(void)
{
}

static inline void far_shared_put(uint32_t *to, const void *from, size_t len)
{
	for (size_t at = 0; at < len; at += 4) {
		access_shared();
		memcpy((uint8_t *)to + at, (const uint8_t *)from + at, len - at < 4 ? len - at : 4);
	}
}

static inline void far_shared_get(void *to, const uint32_t *from, size_t len)
{
	for (size_t at = 0; at < len; at += 4) {
		access_shared();
		memcpy((uint8_t *)to + at, (const uint8_t *)from + at, len - at < 4 ? len - at : 4);
	}
}

/* In four pieces: enough to be torn, and few enough to try all places in pairs. */
static inline void far_shared_put_whole(uint32_t *to, const void *from)
{
	for (size_t at = 0; at < 64; at += 16) {
		access_shared();
		memcpy((uint8_t *)to + at, (const uint8_t *)from + at, 16);
	}
}

static inline void far_shared_get_whole(void *to, const uint32_t *from)
{
	far_shared_put_whole((uint32_t *)to, from);
}

#include "link/mailbox.c"
#include "link/mailbox_whole.c"

#endif
