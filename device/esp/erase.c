/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An erase that goes astray is noticed.
 *
 * FLASH_BEGIN and DEFL_BEGIN erase, carry no checksum, and are answered without a word on what was
 * erased. Damaged on the line they may name another place or length that is just as valid. So the
 * ROM is told first that the flash ends where the range does: of what lies beyond it then refuses to
 * erase or program anything. What is left is a place below. Then the range's last sector is not
 * erased: it is looked at before, and marked if it is blank, and after.
 */
#include "core/bytes.h"
#include "device/esp/session.h"

int far_esp_is_sighted(const struct far_esp *e)
{
	return (e->_state.row->family->caps & FAR_FLASH_CAN_DIGEST) != 0 &&
	       (e->security & FAR_ESP_SECURE_DOWNLOAD) == 0;
}

int far_esp_look(struct far_esp *e, uint32_t sector, uint8_t md5[FAR_MD5_LEN])
{
	/* MD5 of 4,096 bytes of 0xFF. */
	static const uint8_t blank[FAR_MD5_LEN] = {
		0x6A, 0xE5, 0x9E, 0x64, 0x85, 0x03, 0x77, 0xEE,
		0x54, 0x70, 0xC8, 0x54, 0x76, 0x15, 0x51, 0xEA
	};
	int rc = far_esp_md5(e, sector, ESP_SECTOR, md5);

	return rc == FAR_OK ? memcmp(md5, blank, sizeof(blank)) == 0 : rc;
}

/* Is this sector as it must be, blank (1) or not (0)? Asked twice: the first answer may be damaged. */
static int is(struct far_esp *e, uint32_t sector, int blank)
{
	uint8_t there[FAR_MD5_LEN];
	int rc = far_esp_look(e, sector, there);

	if (rc >= 0 && rc != blank)
		rc = far_esp_look(e, sector, there);
	return rc < 0 ? rc : rc == blank;
}

/*
 * Program a few bytes at the start of a blank sector, which is about to be erased. 1: the chip has
 * done it, or may have; 0: it has not; or an error.
 */
static int mark(struct far_esp *e, uint32_t sector)
{
	static const uint8_t zeros[16];
	int rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, ESP_SECTOR, sector);

	if (rc != FAR_OK)
		return rc;
	rc = far_esp_send_data(e, ESP_FLASH_DATA, 0, zeros, sizeof(zeros), ESP_REPLY_MS);
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
		rc = far_esp_resync(e);
		return rc == FAR_OK ? e->_state.loader.heard != 0 : rc;
	}
	if (rc == FAR_ERR_REFUSED) /* the block arrived damaged, or was tried */
		return e->_state.peer_error == ESP_ERROR_FLASH;
	return rc == FAR_OK ? 1 : rc;
}

/* The sector shows whether it is erased: it is not blank. FAR_ERR_PROTO: another one was marked. */
static int prepare(struct far_esp *e, uint32_t sector)
{
	int set = is(e, sector, 0);

	for (unsigned i = 0; i < FAR_ESP_TRIES && set == 0; i++) {
		int marked = mark(e, sector);

		set = marked < 0 ? marked : is(e, sector, 0);
		if (set == 0 && marked) {
			e->_state.astray = 1;
			return FAR_ERR_PROTO;
		}
	}
	return set == 0 ? FAR_ERR_TIMEOUT : set < 0 ? set : FAR_OK;
}

/*
 * Let a sector that is prepared be erased with the rest. If the answer is lost the sector tells: what
 * was carried out, and has not erased it, has erased another one. It is never said again blindly.
 */
static int begin_watched(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes,
			 uint32_t last)
{
	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		int rc = far_esp_begin(e, op, size, bytes, e->_state.begin);
		int done = rc == FAR_OK, erased;

		if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
			rc = far_esp_resync(e);
			done = e->_state.loader.heard;
		}
		if (rc != FAR_OK)
			return rc;
		erased = is(e, last, 1);
		if (erased != 0)
			return erased < 0 ? erased : FAR_OK;
		if (done) {
			e->_state.astray = 1;
			return FAR_ERR_PROTO;
		}
		e->retries++;
	}
	return FAR_ERR_TIMEOUT;
}

int far_esp_begin_erasing(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes)
{
	uint32_t last = e->_state.end - ESP_SECTOR;
	int rc = FAR_ERR_REFUSED;

	/* A refusal: the end itself may have arrived damaged. */
	for (unsigned i = 0; i < 2 && rc == FAR_ERR_REFUSED; i++) {
		rc = far_esp_limit(e, e->_state.end);
		if (rc == FAR_OK && !far_esp_is_sighted(e))
			rc = far_esp_begin(e, op, size, bytes, e->_state.begin);
		else if (rc == FAR_OK)
			rc = prepare(e, last);
		if (rc == FAR_OK && far_esp_is_sighted(e))
			rc = begin_watched(e, op, size, bytes, last);
		if (rc == FAR_ERR_REFUSED)
			e->_state.limit = 0;
	}
	return rc;
}
