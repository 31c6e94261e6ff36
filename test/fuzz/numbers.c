/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers on the command line: nothing but a number is one, and one is printed as it was read. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/numbers.h"
#include "test/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[64], back[24];
	uint32_t value = 0xdead, again;
	size_t n = len < sizeof(text) - 1 ? len : sizeof(text) - 1;

	memcpy(text, data, n);
	text[n] = '\0';
	if (cli_parse_number(text, &value) != CLI_NUMBER_OK) {
		FUZZ_ASSERT(value == 0xdead);
		return 0;
	}
	cli_format_size(value, back);
	snprintf(text, sizeof(text), "%lu", (unsigned long)value);
	FUZZ_ASSERT(cli_parse_number(text, &again) == CLI_NUMBER_OK && again == value);
	return 0;
}
