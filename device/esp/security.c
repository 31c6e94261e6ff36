/* SPDX-License-Identifier: Apache-2.0 */
/* What a chip tells of its security fuses, and writing through its flash encryption. */
#include "core/bytes.h"
#include "device/esp/session.h"

enum { CRYPT_SHIFT = 20, CRYPT_MASK = 0x7F };

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
	rc = far_esp_settle(e, ask(e), 0);
	if (rc != FAR_OK)
		return rc;
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

static int read_count(struct far_esp *e, uint32_t word[3])
{
	return far_esp_peek(e, e->_state.row->mac - 4, word);
}

/*
 * The counter of an ESP32, which keeps it in the fuse word before its MAC's and tells it by
 * READ_REG alone. Its ROM cannot encrypt, its stub can.
 */
static int ask_esp32(struct far_esp *e, uint8_t *count)
{
	uint32_t word[3] = { 0 };
	int rc = FAR_ERR_NOTSUP;

	if (e->loader == FAR_ESP_STUB)
		rc = far_esp_read_surely(e, read_count, word);
	*count = word[0] >> CRYPT_SHIFT & CRYPT_MASK;
	return rc;
}

/* FAR_ERR_NOTSUP: what answers cannot encrypt. */
static int count_of(struct far_esp *e, uint8_t *count)
{
	int rc = far_esp_ready(e);

	if (rc == FAR_OK && e->chip == FAR_ESP_32)
		return ask_esp32(e, count);
	if (rc == FAR_OK)
		rc = ask(e);
	if (rc == FAR_OK)
		*count = e->_state.payload[4];
	return rc;
}

int far_esp_set_encrypt(struct far_esp *e, int on)
{
	uint8_t count = 0;
	int rc = FAR_OK;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	if (on) {
		rc = count_of(e, &count);
		if (rc == FAR_OK && !is_on(count))
			rc = FAR_ERR_STATE;
	}
	rc = far_esp_settle(e, rc, 0);
	if (rc != FAR_OK)
		return rc;
	e->_state.encrypt = on != 0;
	far_esp_set_caps(e);
	return FAR_OK;
}
