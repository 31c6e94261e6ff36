/* SPDX-License-Identifier: Apache-2.0 */
/* Read, write and erase of a chip in its ROM loader. Arguments were checked by the core. */
#include "core/bytes.h"
#include "core/md5.h"
#include "device/esp/session.h"

enum {
	READ_CHUNK = 0x1000, /* bytes read between two checks */
	PAGE_PROGRAM = 0x02
};

/* ---- read ------------------------------------------------------------------------------------ */

static int read_unchecked(struct far_esp *e, uint32_t addr, uint8_t *buf, uint32_t len)
{
	int rc = FAR_OK;

	for (uint32_t at = 0; at < len && rc == FAR_OK; at += ESP_READ_MAX) {
		uint32_t n = far_min32(len - at, ESP_READ_MAX);

		rc = far_esp_read_slow(e, addr + at, n);
		if (rc == FAR_OK)
			memcpy(buf + at, e->_state.payload, n);
	}
	return rc;
}

/* Replies carry no checksum: what was read counts once its digest is the chip's. */
static int read_checked(struct far_esp *e, uint32_t addr, uint8_t *buf, uint32_t len)
{
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];

	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		int rc = read_unchecked(e, addr, buf, len);

		if (rc == FAR_OK)
			rc = far_esp_md5(e, addr, len, there);
		if (rc != FAR_OK)
			return rc;
		far_md5_of(buf, len, here);
		if (memcmp(here, there, sizeof(here)) == 0)
			return FAR_OK;
		e->retries++;
	}
	return FAR_ERR_VERIFY;
}

static int esp_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	struct far_esp *e = far_esp_of(f);
	int rc = far_esp_ready(e);

	if (rc == FAR_OK)
		rc = far_esp_widen(e);
	while (len > 0 && rc == FAR_OK) {
		uint32_t n = far_min32(len, READ_CHUNK);

		rc = read_checked(e, addr, buf, n);
		addr += n;
		buf += n;
		len -= n;
	}
	return far_esp_settle(e, rc, addr);
}

/* ---- erase ----------------------------------------------------------------------------------- */

/* All of it reads as erased, if that can be asked. */
static int prove_blank(struct far_esp *e, uint32_t addr, uint32_t len)
{
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];
	uint8_t blank[64];
	struct far_md5 sum;
	int rc;

	if (!far_esp_is_sighted(e))
		return FAR_OK;
	memset(blank, 0xFF, sizeof(blank));
	far_md5_init(&sum);
	for (uint32_t at = 0; at < len; at += sizeof(blank))
		far_md5_update(&sum, blank, sizeof(blank));
	far_md5_final(&sum, here);
	rc = far_esp_md5(e, addr, len, there);
	return rc == FAR_OK && memcmp(here, there, sizeof(here)) != 0 ? FAR_ERR_VERIFY : rc;
}

static int erase_once(struct far_esp *e, uint32_t addr, uint32_t len)
{
	uint32_t size;
	int rc = far_esp_erase_size(e, addr, len, &size);

	far_esp_open_stream(e, addr, len, 0);
	if (rc == FAR_OK && size > 0)
		rc = far_esp_begin_erasing(e, ESP_FLASH_BEGIN, size, size);
	return rc == FAR_OK ? prove_blank(e, addr, len) : rc;
}

static int esp_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	struct far_esp *e = far_esp_of(f);
	int rc = far_esp_ready(e);

	if (rc != FAR_OK)
		return far_esp_settle(e, rc, addr);
	rc = erase_once(e, addr, len);
	if (rc == FAR_ERR_VERIFY) /* or the question was damaged */
		rc = erase_once(e, addr, len);
	return rc == FAR_OK ? rc : far_esp_fail(e, rc, addr, addr, len);
}

/* ---- write ----------------------------------------------------------------------------------- */

/*
 * Blocks go in whole, and the ROM compares what it has programmed. So around and under what is to be
 * written stands what the flash holds already: the block buffer becomes the old content of
 * [at, at + block) with the bits cleared that buf, meant for addr, has cleared.
 */
static int compose(struct far_esp *e, uint32_t at, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	uint8_t *block = e->_state.config.block;
	uint8_t blank[FAR_MD5_LEN], there[FAR_MD5_LEN];
	int rc = far_esp_md5(e, at, e->_state.block, there);

	if (rc != FAR_OK)
		return rc;
	memset(block, 0xFF, e->_state.block);
	far_md5_of(block, e->_state.block, blank);
	if (memcmp(blank, there, sizeof(blank)) != 0)
		rc = read_checked(e, at, block, e->_state.block);
	for (uint32_t i = 0; i < e->_state.block; i++) {
		if (at + i >= addr && at + i - addr < len)
			block[i] &= buf[at + i - addr];
	}
	return rc;
}

/*
 * The block that was sent last is in its place. If it is not, it may be in another one, or damaged in
 * a way that its checksum did not show.
 */
static int prove_block(struct far_esp *e)
{
	uint32_t len = e->_state.block;
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];

	far_md5_of(e->_state.config.block, len, here);
	for (unsigned i = 0; i < 2; i++) { /* the question may have been damaged, too */
		int rc = far_esp_md5(e, e->_state.at - len, len, there);

		if (rc != FAR_OK || memcmp(here, there, sizeof(here)) == 0)
			return rc;
	}
	return FAR_ERR_VERIFY;
}

/* What of buf, meant for addr, falls into this sector. Doing it twice does no harm. */
static int write_sector(struct far_esp *e, uint32_t sector, uint32_t addr, const uint8_t *buf,
			uint32_t len)
{
	int rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, ESP_SECTOR, sector);

	e->_state.at = sector;
	while (rc == FAR_OK && e->_state.at < sector + ESP_SECTOR && e->_state.at < addr + len) {
		rc = compose(e, e->_state.at, addr, buf, len);
		if (rc == FAR_OK)
			rc = far_esp_send_block(e, e->_state.config.block, e->_state.block);
		if (rc == FAR_OK)
			rc = prove_block(e);
	}
	return rc;
}

static int write_sectors(struct far_esp *e, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	uint32_t sector = addr & ~(uint32_t)(ESP_SECTOR - 1);
	int rc = FAR_OK;

	for (; rc == FAR_OK && sector < addr + len; sector += ESP_SECTOR) {
		rc = FAR_ERR_TIMEOUT;
		for (unsigned i = 0; i < FAR_ESP_TRIES && rc == FAR_ERR_TIMEOUT; i++)
			rc = write_sector(e, sector, addr, buf, len);
	}
	return rc;
}

/* For a chip that cannot be read: words straight into the flash, blank where nothing is meant. */
static int write_words(struct far_esp *e, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	int rc = FAR_OK;

	for (uint32_t at = addr & ~3u; at < addr + len && rc == FAR_OK; at += 4) {
		uint32_t word = UINT32_MAX;

		for (unsigned i = 0; i < 4; i++) {
			if (at + i >= addr && at + i - addr < len)
				word &= ~((0xFFu ^ buf[at + i - addr]) << (8 * i));
		}
		e->_state.at = at;
		if (word != UINT32_MAX)
			rc = far_esp_spi_change(e, PAGE_PROGRAM, at, word, 32);
	}
	return rc;
}

static int esp_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	struct far_esp *e = far_esp_of(f);
	uint32_t first = addr & ~(uint32_t)(ESP_SECTOR - 1);
	uint32_t past = (addr + len + ESP_SECTOR - 1) & ~(uint32_t)(ESP_SECTOR - 1);
	int rc = far_esp_ready(e);

	if (rc == FAR_OK && (e->security & FAR_ESP_SECURE_DOWNLOAD) != 0)
		rc = FAR_ERR_NOTSUP;
	if (rc == FAR_OK)
		rc = far_esp_limit(e, past);
	if (rc != FAR_OK)
		return far_esp_settle(e, rc, addr);
	e->_state.at = addr;
	e->_state.deflate = e->_state.erased = e->_state.astray = 0;
	if ((f->info.caps & FAR_FLASH_CAN_READ) != 0)
		rc = write_sectors(e, addr, buf, len);
	else
		rc = write_words(e, addr, buf, len);
	/* What is not in its place may be in another. */
	if (rc == FAR_ERR_VERIFY)
		e->_state.astray = 1;
	else if (rc == FAR_OK && e->_state.astray)
		rc = FAR_ERR_PROTO;
	return rc == FAR_OK ? rc : far_esp_fail(e, rc, e->_state.at, first, past - first);
}

/* ---------------------------------------------------------------------------------------------- */

const struct far_flash_ops far_esp_rom_ops = {
	.read = esp_read,
	.write = esp_write,
	.erase = esp_erase,
	.digest = far_esp_digest,
	.replace_begin = far_esp_replace_begin,
	.replace_write = far_esp_replace_write,
	.replace_end = far_esp_replace_end,
};

int far_esp_init(struct far_esp *e, const struct far_esp_config *config)
{
	return far_esp_prepare(e, config, &far_esp_rom_ops, UINT8_MAX);
}
