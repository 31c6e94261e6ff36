/* SPDX-License-Identifier: Apache-2.0 */
#include "port/baremetal/baremetal.h"

uint32_t far_bare_stack_used(const uint32_t *low, const uint32_t *high)
{
	while (low < high && *low == FAR_BARE_PAINT)
		low++;
	return (uint32_t)((uintptr_t)high - (uintptr_t)low);
}
