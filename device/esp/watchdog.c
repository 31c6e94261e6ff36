/* SPDX-License-Identifier: Apache-2.0 */
/* A reset that needs no line: by the watchdog of the chip's low-power domain. */
#include "core/bytes.h"
#include "device/esp/session.h"

enum {
	CONFIG1 = 0x04, /* how long, in ticks of the slow clock */
	PROTECT = 0x18,
	TICKS = 2000, /* some 15 ms */
	WORDS = 4     /* of one register in WRITE_REG */
};

#define KEY    0x50D83AA1u
#define ENABLE (1u << 31 | 5u << 28 | 1u << 8 | 2u) /* stage 0 resets the whole chip */

/*
 * Its first configuration register, of those chips whose manuals agree with what is in use. The
 * ESP32-C6, C61 and H2 have one as well, but a reset by it does not bring all of them back.
 */
static const uint32_t base[FAR_ESP_CHIPS] = {
	[FAR_ESP_32S2] = 0x3F408094, [FAR_ESP_32S3] = 0x60008098, [FAR_ESP_32C2] = 0x60008084,
	[FAR_ESP_32C3] = 0x60008090, [FAR_ESP_32C5] = 0x600B1C00, [FAR_ESP_32P4] = 0x50116000,
};

int far_esp_watchdog_reset(struct far_esp *e)
{
	uint32_t at = base[e->chip];
	const uint32_t words[4 * WORDS] = {
		at + PROTECT, KEY,    UINT32_MAX, 0, at + CONFIG1, TICKS, UINT32_MAX, 0,
		at,           ENABLE, UINT32_MAX, 0, at + PROTECT, 0,     UINT32_MAX, 0,
	};
	int rc = FAR_OK;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	if (!e->_state.connected)
		rc = FAR_ERR_STATE;
	else if (at == 0 || (e->security & FAR_ESP_SECURE_DOWNLOAD) != 0)
		rc = FAR_ERR_NOTSUP;
	if (rc == FAR_OK) {
		memcpy(e->_state.words, words, sizeof(words));
		rc = far_esp_command(e, ESP_WRITE_REG | ESP_ONCE, 4 * WORDS, ESP_REPLY_MS);
		if (rc != FAR_ERR_REFUSED) {
			e->_state.connected = 0;
			e->flash.info.size = 0;
		}
	}
	return far_esp_settle(e, rc, 0);
}
