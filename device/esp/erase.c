/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An erase that goes astray is noticed.
 *
 * FLASH_BEGIN and DEFL_BEGIN erase, carry no checksum, and are answered without a word on what was
 * erased. Damaged on the line they may name another place or length that is just as valid. So the
 * ROM is told first that the flash ends where the range does: of what lies beyond it then refuses
 * to erase or program anything. What is left is a place below. Then the range's last sector is not
 * erased: it is looked at before, and marked if it is blank, and after.
 */
#include "core/bytes.h"
#include "device/esp/session.h"

int far_esp_is_sighted(const struct far_esp *e)
{
	return (e->_state.row->family->caps & FAR_FLASH_CAN_DIGEST) != 0 &&
	       (e->security & FAR_ESP_SECURE_DOWNLOAD) == 0;
}

/* MD5 of 4,096 bytes of 0xFF. */
static const uint8_t blank_md5[FAR_MD5_LEN] = { 0x6A, 0xE5, 0x9E, 0x64, 0x85, 0x03, 0x77, 0xEE,
						0x54, 0x70, 0xC8, 0x54, 0x76, 0x15, 0x51, 0xEA };

int far_esp_look(struct far_esp *e, uint32_t sector, uint8_t md5[FAR_MD5_LEN])
{
	int rc = far_esp_md5(e, sector, ESP_SECTOR, md5);

	return rc == FAR_OK ? memcmp(md5, blank_md5, FAR_MD5_LEN) == 0 : rc;
}

/*
 * Is this sector as it must be, blank (1) or not (0)? Asked twice: the first answer may be damaged.
 */
static int is(struct far_esp *e, uint32_t sector, int blank)
{
	uint8_t there[FAR_MD5_LEN];
	int rc;

	for (unsigned i = 0; i < 2; i++) {
		rc = far_esp_look(e, sector, there);
		if (rc < 0)
			return rc;
		if (rc == blank)
			return 1;
	}
	return 0;
}

/* Program a few bytes at the start of a blank sector, which is about to be erased. */
static int mark(struct far_esp *e, uint32_t sector)
{
	int rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, ESP_SECTOR, sector);

	if (rc == FAR_OK) /* any that are not blank */
		rc = far_esp_send_data(e, ESP_FLASH_DATA, blank_md5, sizeof(blank_md5),
				       ESP_REPLY_MS);
	return rc;
}

/*
 * Make the range's last sector blank, by erasing all of it with op, or not blank, by a mark (op 0).
 * If the answer is lost the sector tells: what was carried out, and has not changed it, has changed
 * another one. It is never said again blindly.
 */
static int make(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes)
{
	uint32_t sector = e->_state.end - ESP_SECTOR;
	int done = 0;

	for (unsigned i = 0; i <= FAR_ESP_TRIES; i++) {
		/* Before the first erase it is known not to be blank. */
		int rc = i > 0 || op == 0 ? is(e, sector, op != 0) : 0;

		if (rc != 0)
			return rc < 0 ? rc : FAR_OK;
		if (done) {
			e->_state.astray = 1;
			return FAR_ERR_PROTO;
		}
		rc = op == 0 ? mark(e, sector) : far_esp_begin(e, op, size, bytes, e->_state.begin);
		done = rc == FAR_OK;
		if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
			rc = far_esp_resync(e);
			done = e->_state.loader.heard;
		} else if (rc == FAR_ERR_REFUSED && op == 0) {
			/* The mark arrived damaged, or was tried. */
			done = e->_state.peer_error == ESP_ERROR_FLASH;
			rc = FAR_OK;
		}
		if (rc != FAR_OK)
			return rc;
		e->retries += !done;
	}
	return FAR_ERR_TIMEOUT;
}

int far_esp_begin_erasing(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes)
{
	int rc = FAR_ERR_REFUSED;

	/* A refusal: the end itself may have arrived damaged. */
	for (unsigned i = 0; i < 2 && rc == FAR_ERR_REFUSED; i++) {
		rc = far_esp_limit(e, e->_state.end);
		if (rc == FAR_OK && far_esp_is_sighted(e)) {
			rc = make(e, 0, 0, 0);
			if (rc == FAR_OK)
				rc = make(e, op, size, bytes);
		} else if (rc == FAR_OK) {
			rc = far_esp_begin(e, op, size, bytes, e->_state.begin);
		}
		if (rc == FAR_ERR_REFUSED)
			e->_state.limit = 0;
	}
	return rc;
}
