/* SPDX-License-Identifier: Apache-2.0 */
/* As much of the C library's header as sim/nor needs. */
#ifndef FARFLASH_APP_MPS2_AN521_STDLIB_H
#define FARFLASH_APP_MPS2_AN521_STDLIB_H

#include <stddef.h>

/*
 * Memory of the board's model, aligned to 8; NULL: the heap of 16 KiB is used up. free gives back
 * the block that was asked for last; any other stays where it is until the core restarts.
 */
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void free(void *block);

#endif
