/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as Intel hex. What is taken has ranges in order and apart; written again and parsed
 * again they are the same.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/intel_hex.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void same(const struct cli_hex *a, const struct cli_hex *b)
{
	must(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		must(a->ranges[i].addr == b->ranges[i].addr &&
		     a->ranges[i].len == b->ranges[i].len);
		must(memcmp(a->ranges[i].data, b->ranges[i].data, a->ranges[i].len) == 0);
	}
}

static void round_trip(const struct cli_hex *hex)
{
	char error[CLI_HEX_ERROR_MAX], *text;
	struct cli_hex again;
	uint32_t upper = 0;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	must(out != NULL);
	for (size_t i = 0; i < hex->count; i++) {
		const struct cli_hex_range *r = &hex->ranges[i];

		must(r->len > 0 && (i == 0 || r->addr > r[-1].addr + r[-1].len));
		must(cli_hex_write(out, r->addr, r->data, r->len, &upper));
	}
	must(cli_hex_write_end(out));
	fclose(out);
	must(cli_hex_parse(&again, (const uint8_t *)text, len, error));
	same(hex, &again);
	cli_hex_free(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	char error[CLI_HEX_ERROR_MAX] = "";
	struct cli_hex hex;

	cli_hex_detect("a.bin", input, len);
	if (cli_hex_parse(&hex, input, len, error))
		round_trip(&hex);
	else
		must(strncmp(error, "line ", 5) == 0);
	cli_hex_free(&hex);
	return 0;
}
