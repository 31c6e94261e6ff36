/* SPDX-License-Identifier: Apache-2.0 */
/* What the chip prints. */
#include <stdio.h>

#include "sim/esp/chip.h"

void esp_print(struct far_sim_esp *e, const char *text)
{
	while (text && *text)
		esp_tx_byte(e, (uint8_t)*text++);
}

/* The ROM's report of the image it loads, from the image's own header. */
void esp_print_image(struct far_sim_esp *e)
{
	static const char *const modes[] = { "QIO", "QOUT", "DIO", "DOUT" };
	uint8_t header[8];
	char line[96];

	esp_flash_read(e, e->row->boot_offset, header, sizeof(header));
	if (e->row->first_rom)
		snprintf(line, sizeof(line), "load 0x%08lx\r\ntail 0\r\n",
			 (unsigned long)esp_le32(header + 4));
	else
		snprintf(line, sizeof(line), "mode:%s, clock div:1\r\nentry 0x%08lx\r\n",
			 modes[header[2] & 3u], (unsigned long)esp_le32(header + 4));
	esp_print(e, line);
}
