/* SPDX-License-Identifier: Apache-2.0 */
/* What a chip tells of its security fuses, and writing through its flash encryption. */
#include "core/bytes.h"
#include "device/esp/session.h"

/* FAR_ERR_NOTSUP where the chip has no such command. */
static int ask(struct far_esp *e)
{
	int rc = far_esp_ready(e);

	if (rc != FAR_OK)
		return rc;
	return far_esp_has_security(e) ? far_esp_ask_security(e) : FAR_ERR_NOTSUP;
}

int far_esp_read_security(struct far_esp *e, struct far_esp_security *security)
{
	const uint8_t *p;
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = ask(e);
	if (rc != FAR_OK)
		return far_esp_settle(e, rc, 0);
	p = e->_state.payload;
	security->flags = far_get_le32(p);
	security->crypt_count = p[4];
	memcpy(security->key_purpose, p + 5, sizeof(security->key_purpose));
	security->chip_id = security->api = FAR_ESP_NO_ID;
	if (e->_state.payload_len >= ESP_SECURITY_LEN) {
		security->chip_id = far_get_le32(p + 12);
		security->api = far_get_le32(p + 16);
	}
	return FAR_OK;
}

/* An odd number of bits set: encryption is on. */
static int is_on(uint8_t count)
{
	count ^= count >> 4;
	count ^= (uint8_t)(count >> 2);
	count ^= (uint8_t)(count >> 1);
	return count & 1;
}

int far_esp_set_encrypt(struct far_esp *e, int on)
{
	int rc = FAR_OK;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	if (on) {
		rc = ask(e);
		if (rc == FAR_OK && !is_on(e->_state.payload[4]))
			rc = FAR_ERR_STATE;
	}
	if (rc != FAR_OK)
		return far_esp_settle(e, rc, 0);
	e->_state.encrypt = on != 0;
	far_esp_set_caps(e);
	return FAR_OK;
}
