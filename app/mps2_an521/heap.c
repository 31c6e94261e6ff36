/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A heap for the model of the flash, which asks for its few blocks once and for one more at a time,
 * for as long as a long frame lasts: a mark that goes up, and down again when the topmost block is
 * freed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SIZE  16384u
#define ALIGN 8u

static _Alignas(ALIGN) uint8_t heap[SIZE];
static size_t used, topmost; /* where the block asked for last begins */

void *malloc(size_t size)
{
	size_t room = (size + ALIGN - 1) / ALIGN * ALIGN;

	if (room < size || room > SIZE - used)
		return NULL;
	topmost = used;
	used += room;
	return heap + topmost;
}

void *calloc(size_t count, size_t size)
{
	void *block = size != 0 && count > SIZE / size ? NULL : malloc(count * size);

	if (block != NULL)
		memset(block, 0, count * size);
	return block;
}

void free(void *block)
{
	if (block == heap + topmost)
		used = topmost;
}
