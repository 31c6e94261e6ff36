/* SPDX-License-Identifier: Apache-2.0 */
/* What has changed in a flash, for tests that ask thousands of times. */
#ifndef FARFLASH_TEST_CHANGED_H
#define FARFLASH_TEST_CHANGED_H

#include <stdint.h>

/*
 * The first of size bytes that differs from before outside [addr, addr + len); size if there is
 * none.
 */
uint32_t first_change(const uint8_t *before, const uint8_t *is, uint32_t size, uint32_t addr,
		      uint32_t len);

#endif
