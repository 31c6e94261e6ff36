/* SPDX-License-Identifier: Apache-2.0 */
/* Read, write, erase and digest by a stub. Arguments were checked by the core. */
#include "core/bytes.h"
#include "core/md5.h"
#include "device/esp/session.h"

enum {
	PACKET = 0x1000,      /* bytes per frame of a read: the most that stubs send */
	READ_CHUNK = 0x10000, /* bytes per digest, as long as the line is good */
	READ_SMALL = 0x1000   /* once it was not */
};

/* ---- digest ---------------------------------------------------------------------------------- */

static int ask_md5(struct far_esp *e, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	int rc = far_esp_four_words(e, ESP_MD5, addr, len, ESP_ERASE_MS + len / 128);

	if (rc == FAR_OK)
		memcpy(md5, e->_state.payload, FAR_MD5_LEN);
	return rc;
}

int far_esp_stub_md5(struct far_esp *e, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	int rc = ask_md5(e, addr, len, md5);

	if (rc == FAR_OK)
		far_esp_remember_md5(e, md5);
	return rc;
}

int far_esp_stub_holds(struct far_esp *e, uint32_t addr, uint32_t len,
		       const uint8_t md5[FAR_MD5_LEN])
{
	uint8_t there[FAR_MD5_LEN];

	for (unsigned i = 0; i < 2; i++) {
		int rc = far_esp_stub_md5(e, addr, len, there);

		if (rc != FAR_OK)
			return rc;
		if (memcmp(there, md5, FAR_MD5_LEN) == 0)
			return 1;
	}
	return 0;
}

static int stub_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	struct far_esp *e = far_esp_of(f);
	int rc = far_esp_ready(e);

	e->_state.doubt_len = 0;
	if (rc == FAR_OK)
		rc = ask_md5(e, addr, len, md5);
	if (rc == FAR_OK && far_esp_may_be_old(e, md5)) {
		rc = far_esp_sync(e, ESP_REPLY_MS);
		if (rc == FAR_OK)
			rc = ask_md5(e, addr, len, md5);
	}
	return far_esp_settle(e, rc, addr);
}

/* ---- read ------------------------------------------------------------------------------------ */

/* The frames of one read, each acknowledged by the number of bytes that have come in all. */
static int take_frames(struct far_esp *e, uint8_t *buf, uint32_t len)
{
	struct far_loader *l = &e->_state.loader;
	uint8_t count[4];

	for (uint32_t at = 0; at < len;) {
		uint32_t n = far_min32(len - at, PACKET);
		int rc = far_loader_receive_raw(l, buf + at, n,
						ESP_REPLY_MS + far_esp_wire_ms(e, n));

		if (rc < 0)
			return rc;
		if ((uint32_t)rc != n)
			return FAR_ERR_PROTO;
		at += n;
		far_put_le32(count, at);
		rc = far_loader_send_raw(l, count, sizeof(count));
		if (rc != FAR_OK)
			return rc;
	}
	return FAR_OK;
}

/*
 * One read. The digest that the stub sends behind it proves the data, but not the place: the
 * request has no checksum. That of the place, asked for by another request, does.
 */
static int read_once(struct far_esp *e, uint32_t addr, uint8_t *buf, uint32_t len)
{
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];
	uint32_t *words = e->_state.words;
	int rc;

	words[0] = addr;
	words[1] = len;
	words[2] = PACKET;
	words[3] = 1; /* frame in flight */
	rc = far_esp_command(e, ESP_READ_FLASH | ESP_ONCE, 4, ESP_REPLY_MS);
	if (rc == FAR_OK)
		rc = take_frames(e, buf, len);
	if (rc != FAR_OK)
		return rc;
	rc = far_loader_receive_raw(&e->_state.loader, there, sizeof(there), ESP_ERASE_MS);
	if (rc < 0)
		return rc;
	far_md5_of(buf, len, here);
	if (rc != FAR_MD5_LEN || memcmp(here, there, sizeof(here)) != 0)
		return FAR_ERR_PROTO;
	rc = far_esp_stub_md5(e, addr, len, there);
	if (rc != FAR_OK)
		return rc;
	return memcmp(here, there, sizeof(here)) == 0 ? FAR_OK : FAR_ERR_PROTO;
}

static int read_all(struct far_esp *e, uint32_t addr, uint8_t *buf, uint32_t len)
{
	uint32_t chunk = READ_CHUNK;
	unsigned bad = 0;
	int rc = FAR_OK;

	while (len > 0 && bad < FAR_ESP_TRIES) {
		uint32_t n = far_min32(len, chunk);

		rc = read_once(e, addr, buf, n);
		if (rc == FAR_OK) {
			addr += n;
			buf += n;
			len -= n;
			bad = 0;
			continue;
		}
		if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
			int in_step = far_esp_resync(e);

			rc = in_step == FAR_OK ? rc : in_step;
			if (in_step != FAR_OK)
				break;
		} else if (rc != FAR_ERR_REFUSED) {
			break;
		}
		e->retries++;
		chunk = READ_SMALL;
		bad++;
	}
	e->_state.at = addr;
	return rc;
}

static int stub_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	struct far_esp *e = far_esp_of(f);
	int rc = far_esp_ready(e);

	e->_state.at = addr;
	if (rc == FAR_OK)
		rc = read_all(e, addr, buf, len);
	return far_esp_settle(e, rc, e->_state.at);
}

/* ---- erase ----------------------------------------------------------------------------------- */

static int stub_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	struct far_esp *e = far_esp_of(f);
	int rc = far_esp_ready(e);

	if (rc != FAR_OK)
		return far_esp_settle(e, rc, addr);
	e->_state.doubt_len = 0;
	/* All of it: that cannot be another place, and may be said twice. */
	if (addr == 0 && len == f->info.size)
		rc = far_esp_command(e, ESP_ERASE_FLASH, 0, ESP_ERASE_MS + len / 1024 * 40);
	else
		rc = far_esp_stub_erase(e, addr, len);
	return far_esp_fail(e, rc, addr, addr, len);
}

/* ---- write ----------------------------------------------------------------------------------- */

/* The stub erases what it writes, unless it is blank: so what the sector holds is merged first. */
static int write_sector(struct far_esp *e, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	uint8_t *sector = e->_state.config.block;
	uint32_t at = addr % ESP_SECTOR, changed = 0;
	int rc = read_all(e, addr - at, sector, ESP_SECTOR);

	if (rc != FAR_OK)
		return rc;
	for (uint32_t i = 0; i < len; i++) {
		changed |= sector[at + i] & ~(uint32_t)buf[i];
		sector[at + i] &= buf[i];
	}
	rc = changed != 0 ? FAR_ERR_TIMEOUT : FAR_OK;
	for (unsigned i = 0; i < FAR_ESP_TRIES && rc == FAR_ERR_TIMEOUT; i++)
		rc = far_esp_stub_program(e, addr - at, sector, ESP_SECTOR);
	return rc;
}

static int stub_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	struct far_esp *e = far_esp_of(f);
	uint32_t first = addr & ~(uint32_t)(ESP_SECTOR - 1);
	uint32_t past = (addr + len + ESP_SECTOR - 1) & ~(uint32_t)(ESP_SECTOR - 1);
	int rc = far_esp_ready(e);

	if (rc != FAR_OK)
		return far_esp_settle(e, rc, addr);
	/* What a stub encrypts cannot be merged with what is there. */
	if (e->_state.encrypt)
		return far_esp_settle(e, FAR_ERR_NOTSUP, addr);
	e->_state.doubt_len = 0;
	while (rc == FAR_OK && len > 0) {
		uint32_t n = far_min32(len, ESP_SECTOR - addr % ESP_SECTOR);

		rc = write_sector(e, addr, buf, n);
		addr += n;
		buf += n;
		len -= n;
	}
	return far_esp_fail(e, rc, e->_state.at, first, past - first);
}

/* ---------------------------------------------------------------------------------------------- */

const struct far_flash_ops far_esp_stub_flash_ops = {
	.read = stub_read,
	.write = stub_write,
	.erase = stub_erase,
	.digest = stub_digest,
	.replace_begin = far_esp_stub_replace_begin,
	.replace_write = far_esp_stub_replace_write,
	.replace_end = far_esp_stub_replace_end,
};
