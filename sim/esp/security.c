/* SPDX-License-Identifier: Apache-2.0 */
/* What the chip's security fuses do: flash encryption, and what GET_SECURITY_INFO tells of them. */
#include <string.h>

#include "sim/esp/chip.h"

#define FLAG_SECURE_BOOT     (1u << 0)
#define FLAG_SECURE_DOWNLOAD (1u << 2)
#define CRYPT_UNIT           16u /* bytes of one cipher block */
#define INFO_CRYPT_COUNT     4u  /* places in the payload */
#define INFO_LAST_KEY        11u
#define INFO_CHIP_ID         12u

/* An odd number of burned bits switches encryption on, an even one off again. */
bool esp_encrypts(const struct far_sim_esp *e)
{
	uint8_t n = e->crypt_count;

	return ((n ^ n >> 1 ^ n >> 2) & 1u) != 0;
}

bool esp_crypt_aligned(const struct far_sim_esp *e, uint32_t addr, uint32_t len)
{
	return addr % e->row->crypt_align == 0 && len % e->row->crypt_align == 0;
}

/* A bijection that spreads every bit of x over all of the result (the finalizer of splitmix64). */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

/* Two 64-bit words for every cipher block, from its number and the key. */
void far_sim_esp_crypt(const struct far_sim_esp *e, uint32_t addr, uint8_t *buf, size_t len)
{
	for (size_t i = 0; i < len; i++, addr++) {
		uint64_t unit = addr / CRYPT_UNIT * 2u + addr % CRYPT_UNIT / 8u;
		uint64_t pad = mix(e->flash_key ^ mix(unit + 0x9E3779B97F4A7C15u));

		buf[i] ^= (uint8_t)(pad >> addr % 8u * 8u);
	}
}

/*
 * Flags, number of encryptions, seven key purposes, and except on the S2 chip id and ECO version.
 */
size_t esp_security_info(const struct far_sim_esp *e, uint8_t info[ESP_INFO_MAX])
{
	uint32_t flags = (e->secure_boot ? FLAG_SECURE_BOOT : 0) |
			 (e->secure_download ? FLAG_SECURE_DOWNLOAD : 0);

	memset(info, 0, ESP_INFO_MAX);
	esp_put_le32(info, flags);
	info[INFO_CRYPT_COUNT] = e->crypt_count;
	info[INFO_LAST_KEY] = e->row->last_key;
	if (e->row->info_len == ESP_INFO_MAX)
		esp_put_le32(info + INFO_CHIP_ID, e->row->chip_id);
	return e->row->info_len;
}
