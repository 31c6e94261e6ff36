/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, FIPS 180-4: the digest that ends an ESP firmware image. */
#ifndef FARFLASH_CORE_SHA256_H
#define FARFLASH_CORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define FAR_SHA256_LEN 32

struct far_sha256 {
	uint32_t state[8];
	uint64_t len; /* bytes so far */
	uint8_t block[64];
};

void far_sha256_init(struct far_sha256 *s);
void far_sha256_update(struct far_sha256 *s, const void *data, size_t len);
/* s is spent afterwards: init it again. */
void far_sha256_final(struct far_sha256 *s, uint8_t digest[FAR_SHA256_LEN]);

#endif
