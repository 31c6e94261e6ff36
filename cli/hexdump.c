/* SPDX-License-Identifier: Apache-2.0 */
/* The lines are core/text's, which the flash shell prints, too: one look everywhere. */
#include "cli/hexdump.h"

#include "core/text.h"

void cli_hexdump(FILE *out, uint32_t addr, const uint8_t *data, size_t len)
{
	for (size_t done = 0; done < len; done += FAR_TEXT_DUMP_BYTES) {
		char line[FAR_TEXT_DUMP_LINE];
		struct far_text text = { .at = line, .cap = sizeof(line) };
		size_t left = len - done;
		far_text_dump(&text, addr + (uint32_t)done, data + done,
			      left < FAR_TEXT_DUMP_BYTES ? left : FAR_TEXT_DUMP_BYTES);
		fwrite(line, 1, text.len, out);
	}
}
