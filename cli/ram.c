/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the memory maps of the technical reference manuals; chips that share their addresses cannot
 * be told apart by them. On the newer chips one RAM has both code and data.
 */
#include "cli/ram.h"

#include <stddef.h>

struct range {
	uint32_t first, past;
	enum cli_ram kind;
};

#define RANGES 5

static const struct range map[FAR_ESP_CHIPS][RANGES] = {
	[FAR_ESP_8266] = { { 0x3FFE8000, 0x40000000, CLI_RAM_DATA },
			   { 0x40100000, 0x40110000, CLI_RAM_CODE } },
	[FAR_ESP_32] = { { 0x3FF80000, 0x3FF82000, CLI_RAM_DATA },
			 { 0x3FFAE000, 0x40000000, CLI_RAM_DATA },
			 { 0x40080000, 0x400C0000, CLI_RAM_CODE },
			 { 0x400C0000, 0x400C2000, CLI_RAM_CODE },
			 { 0x50000000, 0x50002000, CLI_RAM_DATA } },
	[FAR_ESP_32S2] = { { 0x3FF9E000, 0x3FFA0000, CLI_RAM_DATA },
			   { 0x3FFB0000, 0x40000000, CLI_RAM_DATA },
			   { 0x40020000, 0x40072000, CLI_RAM_CODE },
			   { 0x50000000, 0x50002000, CLI_RAM_DATA } },
	[FAR_ESP_32S3] = { { 0x3FC88000, 0x3FD00000, CLI_RAM_DATA },
			   { 0x40370000, 0x403E0000, CLI_RAM_CODE },
			   { 0x50000000, 0x50002000, CLI_RAM_DATA },
			   { 0x600FE000, 0x60100000, CLI_RAM_CODE } },
	[FAR_ESP_32C2] = { { 0x3FCA0000, 0x3FCE0000, CLI_RAM_DATA },
			   { 0x4037C000, 0x403C0000, CLI_RAM_CODE } },
	[FAR_ESP_32C3] = { { 0x3FC80000, 0x3FCE0000, CLI_RAM_DATA },
			   { 0x4037C000, 0x403E0000, CLI_RAM_CODE },
			   { 0x50000000, 0x50002000, CLI_RAM_CODE } },
	[FAR_ESP_32C5] = { { 0x40800000, 0x40860000, CLI_RAM_CODE },
			   { 0x50000000, 0x50004000, CLI_RAM_CODE } },
	[FAR_ESP_32C6] = { { 0x40800000, 0x40880000, CLI_RAM_CODE },
			   { 0x50000000, 0x50004000, CLI_RAM_CODE } },
	[FAR_ESP_32C61] = { { 0x40800000, 0x40850000, CLI_RAM_CODE } },
	[FAR_ESP_32H2] = { { 0x40800000, 0x40850000, CLI_RAM_CODE },
			   { 0x50000000, 0x50001000, CLI_RAM_CODE } },
	[FAR_ESP_32P4] = { { 0x30100000, 0x30102000, CLI_RAM_CODE },
			   { 0x4FF00000, 0x4FFC0000, CLI_RAM_CODE },
			   { 0x50108000, 0x50110000, CLI_RAM_CODE } },
};

enum cli_ram cli_ram_at(enum far_esp_chip chip, uint32_t addr, uint32_t len)
{
	for (size_t i = 0; i < RANGES; i++) {
		const struct range *r = &map[chip][i];
		if (addr >= r->first && addr < r->past && len <= r->past - addr)
			return r->kind;
	}
	return CLI_RAM_NONE;
}
