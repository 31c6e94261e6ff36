/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "test/common/every.h"

uint32_t test_every(void)
{
	const char *text = getenv("FARFLASH_TEST_EVERY");
	uint32_t every = text != NULL ? (uint32_t)strtoul(text, NULL, 10) : 1;

	return every > 0 ? every : 1;
}
