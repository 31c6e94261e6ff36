/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "test/common/changed.h"

uint32_t first_change(const uint8_t *before, const uint8_t *is, uint32_t size, uint32_t addr,
		      uint32_t len)
{
	for (uint32_t at = 0; at < size; at += 1024) {
		uint32_t end = size - at < 1024 ? size : at + 1024;

		/* Nearly everywhere nothing has. */
		if (memcmp(before + at, is + at, end - at) == 0)
			continue;
		for (uint32_t i = at; i < end; i++)
			if (before[i] != is[i] && (i < addr || i - addr >= len))
				return i;
	}
	return size;
}
