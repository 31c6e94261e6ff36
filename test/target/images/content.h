/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer writes, known to it on its hart and to the judge on this machine. */
#ifndef FARFLASH_TEST_TARGET_CONTENT_H
#define FARFLASH_TEST_TARGET_CONTENT_H

#include <stdint.h>

#define CONTENT_ADDR   0x3b0000u
#define CONTENT_LEN    0x30000u
#define CONTENT_SECTOR 4096u

/* No two generations agree in a byte of any sector, and no two sectors are alike. */
static inline uint8_t content(uint32_t generation, uint32_t offset)
{
	return (uint8_t)(offset * 7 + offset / 251 + offset / CONTENT_SECTOR * 31 + generation);
}

#endif
