/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the flash that both programs measure with. */
#ifndef FARFLASH_BENCH_SIFIVE_U_RANGE_H
#define FARFLASH_BENCH_SIFIVE_U_RANGE_H

#define FLASH_ADDR 0x3b0000u
#define FLASH_LEN  0x10000u

#endif
