/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/hexdump.h"

#include <inttypes.h>

#define PER_LINE 16

static char printable(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7F ? (char)byte : '.';
}

static void dump_line(FILE *out, uint32_t addr, const uint8_t *data, size_t len)
{
	fprintf(out, "%08" PRIX32 ":", addr);
	for (size_t i = 0; i < PER_LINE; i++) {
		const char *gap = i == PER_LINE / 2 ? "  " : " ";
		if (i < len)
			fprintf(out, "%s%02x", gap, data[i]);
		else
			fprintf(out, "%s  ", gap);
	}
	fputs(" |", out);
	for (size_t i = 0; i < PER_LINE; i++) {
		if (i == PER_LINE / 2)
			putc(' ', out);
		putc(i < len ? printable(data[i]) : ' ', out);
	}
	fputs("|\n", out);
}

void cli_hexdump(FILE *out, uint32_t addr, const uint8_t *data, size_t len)
{
	for (size_t done = 0; done < len; done += PER_LINE) {
		size_t n = len - done < PER_LINE ? len - done : PER_LINE;
		dump_line(out, addr + (uint32_t)done, data + done, n);
	}
}
