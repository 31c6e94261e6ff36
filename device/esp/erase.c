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

/* Is this sector blank? 1, 0 or an error. */
static int is_blank(struct far_esp *e, uint32_t sector)
{
	/* MD5 of 4,096 bytes of 0xFF. */
	static const uint8_t blank[FAR_MD5_LEN] = {
		0x6A, 0xE5, 0x9E, 0x64, 0x85, 0x03, 0x77, 0xEE,
		0x54, 0x70, 0xC8, 0x54, 0x76, 0x15, 0x51, 0xEA
	};
	uint8_t there[FAR_MD5_LEN];
	int rc = far_esp_md5(e, sector, ESP_SECTOR, there);

	return rc == FAR_OK ? memcmp(there, blank, sizeof(blank)) == 0 : rc;
}

/*
 * The sector is (blank 1) or is not blank, as it must be: FAR_OK. Else something is where it should
 * not be. The question may have been damaged, too: it is asked twice.
 */
static int expect(struct far_esp *e, uint32_t sector, int blank)
{
	for (unsigned i = 0; i < 2; i++) {
		int rc = is_blank(e, sector);

		if (rc < 0 || rc == blank)
			return rc < 0 ? rc : FAR_OK;
	}
	e->_state.astray = 1;
	return FAR_ERR_PROTO;
}

/* Program a few bytes at the start of a blank sector, which is about to be erased. */
static int mark(struct far_esp *e, uint32_t sector)
{
	static const uint8_t zeros[16];
	int rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, ESP_SECTOR, sector);

	if (rc == FAR_OK)
		rc = far_esp_send_data(e, ESP_FLASH_DATA, 0, zeros, sizeof(zeros), ESP_REPLY_MS);
	if (rc == FAR_OK)
		return expect(e, sector, 0);
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO)
		rc = far_esp_resync(e);
	if (rc != FAR_ERR_REFUSED)
		return rc;
	/* It has tried, here or elsewhere; or the block arrived damaged. */
	e->_state.astray = e->_state.peer_error == ESP_ERROR_FLASH;
	return e->_state.astray ? FAR_ERR_VERIFY : FAR_OK;
}

/* The sector shows whether it is erased: it is not blank. */
static int prepare(struct far_esp *e, uint32_t sector)
{
	int blank = is_blank(e, sector);

	for (unsigned i = 0; i < FAR_ESP_TRIES && blank == 1; i++) {
		int rc = mark(e, sector);

		blank = rc == FAR_OK ? is_blank(e, sector) : rc;
	}
	return blank == 1 ? FAR_ERR_TIMEOUT : blank;
}

static int begin_watched(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes)
{
	uint32_t last = e->_state.end - ESP_SECTOR;
	int watched = far_esp_is_sighted(e);
	int rc = far_esp_limit(e, e->_state.end);

	if (rc == FAR_OK && watched)
		rc = prepare(e, last);
	if (rc == FAR_OK)
		rc = far_esp_begin(e, op, size, bytes, e->_state.begin);
	if (rc == FAR_OK && watched)
		rc = expect(e, last, 1);
	return rc == FAR_OK && e->_state.astray ? FAR_ERR_PROTO : rc;
}

int far_esp_begin_erasing(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes)
{
	int rc = FAR_ERR_REFUSED;

	e->_state.astray = 0;
	/* A refusal: the end itself may have arrived damaged. */
	for (unsigned i = 0; i < 2 && rc == FAR_ERR_REFUSED; i++) {
		rc = begin_watched(e, op, size, bytes);
		if (rc == FAR_ERR_REFUSED)
			e->_state.limit = 0;
	}
	return rc;
}
