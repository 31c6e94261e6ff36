/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stub from a file, for the chip that the first byte chooses: what is taken lies in that chip's
 * RAM and is not longer than the protocol carries; what is not has an explanation.
 */
#include <stdlib.h>

#include "cli/stub.h"
#include "test/fuzz/input.h"

static void check(const struct far_esp_segment *s, const uint8_t *bytes)
{
	static volatile uint8_t sum; /* so that the bytes are read */

	FUZZ_ASSERT(s->len <= FAR_ESP_STUB_MAX && (s->len == 0 || s->bytes == bytes));
	for (uint32_t i = 0; i < s->len; i++)
		sum = (uint8_t)(sum ^ s->bytes[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct cli_stub stub;
	char why[200] = "", *text;
	bool good;

	if (len == 0)
		return 0;
	text = malloc(len);
	FUZZ_ASSERT(text != NULL);
	memcpy(text, data + 1, len - 1);
	text[len - 1] = '\0';
	good = cli_stub_parse(&stub, text, (enum far_esp_chip)(data[0] % FAR_ESP_CHIPS), why);
	free(text);
	FUZZ_ASSERT(good == (why[0] == '\0') && memchr(why, '\0', sizeof(why)) != NULL);
	if (!good)
		return 0;
	FUZZ_ASSERT(stub.stub.text.len > 0);
	check(&stub.stub.text, stub.bytes[0]);
	check(&stub.stub.data, stub.bytes[1]);
	return 0;
}
