/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/board/count.h"

uint32_t count_now(void)
{
	uint32_t low;

	__asm__ volatile("csrr %0, minstret" : "=r"(low)::"memory");
	return low;
}
