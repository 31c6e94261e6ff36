/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MD5, RFC 1321: the digest that every loader of the field speaks. Against faults, not attackers.
 */
#ifndef FARFLASH_CORE_MD5_H
#define FARFLASH_CORE_MD5_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/flash.h"

struct far_md5 {
	uint32_t state[4];
	uint32_t len; /* bytes so far; the format's upper limit is beyond 32 bits, ours is not */
	uint32_t block[16]; /* the bytes under way, as they come */
};

void far_md5_init(struct far_md5 *m);
void far_md5_update(struct far_md5 *m, const void *data, size_t len);
/* m is spent afterwards: init it again. */
void far_md5_final(struct far_md5 *m, uint8_t digest[FAR_MD5_LEN]);

/* All in one: the digest of len bytes. */
void far_md5_of(const void *data, size_t len, uint8_t digest[FAR_MD5_LEN]);

#endif
