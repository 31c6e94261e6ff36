/* SPDX-License-Identifier: Apache-2.0 */
/* As much of the C library's header as sim/nor needs; port/baremetal has the functions. */
#ifndef FARFLASH_APP_MPS2_AN521_STRING_H
#define FARFLASH_APP_MPS2_AN521_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
