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
		far_esp_remember_md5(e, there);
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

void far_esp_blank_md5(uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	uint8_t blank[64];
	struct far_md5 sum;

	memset(blank, 0xFF, sizeof(blank));
	far_md5_init(&sum);
	for (uint32_t at = 0; at < len; at += sizeof(blank))
		far_md5_update(&sum, blank, sizeof(blank));
	far_md5_final(&sum, md5);
}

/* All of it reads as erased, if that can be asked. */
static int prove_blank(struct far_esp *e, uint32_t addr, uint32_t len)
{
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];
	int rc;

	if (!far_esp_is_sighted(e))
		return FAR_OK;
	far_esp_blank_md5(len, here);
	rc = far_esp_md5(e, addr, len, there);
	if (rc != FAR_OK)
		return rc;
	far_esp_remember_md5(e, there);
	return memcmp(here, there, sizeof(here)) != 0 ? FAR_ERR_VERIFY : FAR_OK;
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
	return far_esp_fail(e, rc, addr, addr, len);
}

/* ---- write ----------------------------------------------------------------------------------- */

/* What is to be written, and what the block in doubt was to become. */
struct merge {
	uint32_t addr, len;
	const uint8_t *buf;
	uint32_t past;            /* where that block ends; 0: none yet */
	uint8_t md5[FAR_MD5_LEN]; /* its digest */
};

/*
 * Blocks go in whole, and the ROM compares what it has programmed. So around and under what is to
 * be written stands what the flash holds already: the block buffer becomes the old content of the
 * next block with the bits cleared that buf has cleared. Where that was tried before it must come
 * to the same again: else wrong bits were programmed, and would now pass for old ones. md5: of the
 * block.
 */
static int compose(struct far_esp *e, struct merge *m, int blank, uint8_t md5[FAR_MD5_LEN])
{
	uint8_t *block = e->_state.config.block;
	uint32_t at = e->_state.at, past = at + e->_state.block;
	int rc = FAR_OK;

	if (blank)
		memset(block, 0xFF, e->_state.block);
	else
		rc = read_checked(e, at, block, e->_state.block);
	if (rc != FAR_OK)
		return rc;
	for (uint32_t i = 0; i < e->_state.block; i++) {
		if (at + i >= m->addr && at + i - m->addr < m->len)
			block[i] &= m->buf[at + i - m->addr];
	}
	far_md5_of(block, e->_state.block, md5);
	if (past > m->past) {
		m->past = past;
		memcpy(m->md5, md5, FAR_MD5_LEN);
	}
	return past < m->past || memcmp(md5, m->md5, FAR_MD5_LEN) == 0 ? FAR_OK : FAR_ERR_VERIFY;
}

/*
 * Does the sector hold this? The question may have been damaged: it is asked twice. FAR_ERR_VERIFY
 * then: what is missing may be in another place, or damaged in a way that no checksum has shown.
 */
static int prove(struct far_esp *e, uint32_t addr, uint32_t len, const uint8_t md5[FAR_MD5_LEN])
{
	uint8_t there[FAR_MD5_LEN];

	for (unsigned i = 0; i < 2; i++) {
		int rc = far_esp_md5(e, addr, len, there);

		if (rc != FAR_OK || memcmp(md5, there, sizeof(there)) == 0)
			return rc;
	}
	return FAR_ERR_VERIFY;
}

/*
 * Ready to program the sector. FLASH_BEGIN, damaged, might erase it: what it held must be in it
 * still. 1: it was blank, 0: it was not, or an error.
 */
static int open_sector(struct far_esp *e, uint32_t sector)
{
	uint8_t before[FAR_MD5_LEN], again[FAR_MD5_LEN];
	int rc = far_esp_limit(e, sector + ESP_SECTOR);
	int blank = rc == FAR_OK ? far_esp_look(e, sector, before) : rc;

	if (blank == 0) { /* damaged answers differ */
		blank = far_esp_look(e, sector, again);
		if (blank >= 0 && memcmp(before, again, sizeof(again)) != 0)
			return FAR_ERR_TIMEOUT;
	}
	if (blank < 0)
		return blank;
	rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, ESP_SECTOR, sector);
	if (rc == FAR_OK && !blank)
		rc = prove(e, sector, ESP_SECTOR, before);
	return rc == FAR_OK ? blank : rc;
}

/* What falls into this sector. FAR_ERR_TIMEOUT: do it again, that does no harm. */
static int write_sector(struct far_esp *e, uint32_t sector, struct merge *m)
{
	int blank = open_sector(e, sector);
	int rc = blank < 0 ? blank : FAR_OK;
	uint8_t md5[FAR_MD5_LEN];

	e->_state.at = sector;
	while (rc == FAR_OK && e->_state.at < sector + ESP_SECTOR &&
	       e->_state.at < m->addr + m->len) {
		uint32_t at = e->_state.at;

		int sent;

		rc = compose(e, m, blank, md5);
		if (rc != FAR_OK)
			return rc;
		sent = far_esp_send_block(e, e->_state.config.block, e->_state.block);
		if (sent != FAR_OK && sent != FAR_ERR_STATE)
			return sent;
		rc = prove(e, at, e->_state.block, md5);
		if (sent == FAR_ERR_STATE && rc == FAR_OK)
			rc = FAR_ERR_TIMEOUT;
	}
	return rc;
}

static int write_sectors(struct far_esp *e, struct merge *m)
{
	uint32_t sector = m->addr & ~(uint32_t)(ESP_SECTOR - 1);
	int rc = FAR_OK;

	for (; rc == FAR_OK && sector < m->addr + m->len; sector += ESP_SECTOR) {
		rc = FAR_ERR_TIMEOUT;
		for (unsigned i = 0; i < FAR_ESP_TRIES && rc == FAR_ERR_TIMEOUT; i++)
			rc = write_sector(e, sector, m);
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
	struct merge m = { .addr = addr, .len = len, .buf = buf };
	uint32_t first = addr & ~(uint32_t)(ESP_SECTOR - 1);
	uint32_t past = (addr + len + ESP_SECTOR - 1) & ~(uint32_t)(ESP_SECTOR - 1);
	int rc = far_esp_ready(e);

	if (rc == FAR_OK && (e->security & FAR_ESP_SECURE_DOWNLOAD) != 0)
		rc = FAR_ERR_NOTSUP;
	if (rc != FAR_OK)
		return far_esp_settle(e, rc, addr);
	e->_state.at = addr;
	e->_state.deflate = e->_state.erased = 0;
	if ((f->info.caps & FAR_FLASH_CAN_READ) != 0)
		rc = write_sectors(e, &m);
	else
		rc = write_words(e, addr, buf, len);
	/* What is not in its place may be in another. */
	e->_state.astray |= rc == FAR_ERR_VERIFY;
	return far_esp_fail(e, rc, e->_state.at, first, past - first);
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
	return far_esp_prepare(e, config, far_esp_all_chips, &far_esp_rom_ops);
}
