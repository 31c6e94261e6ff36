/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it takes to program a chip and prove it: replace and digest. The rest of the flash
 * operations is in flash.c, and is linked only where it is wanted.
 */
#include "core/bytes.h"
#include "device/esp/session.h"

struct far_esp *far_esp_of(struct far_flash *f)
{
	return (struct far_esp *)(void *)((uint8_t *)f - offsetof(struct far_esp, flash));
}

/* ---- digest ---------------------------------------------------------------------------------- */

/* The ROM answers with 32 lower-case hexadecimal digits; anything else is a damaged reply. */
static int parse_md5(const uint8_t *text, uint8_t md5[FAR_MD5_LEN])
{
	for (unsigned i = 0; i < 2 * FAR_MD5_LEN; i++) {
		unsigned digit = text[i] - (unsigned)'0';

		if (digit > 9) {
			digit = text[i] - (unsigned)'a' + 10;
			if (digit < 10 || digit > 15)
				return FAR_ERR_PROTO;
		}
		md5[i / 2] = (uint8_t)((unsigned)md5[i / 2] << 4 | digit);
	}
	return FAR_OK;
}

int far_esp_md5(struct far_esp *e, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	int rc = FAR_ERR_PROTO;

	for (unsigned i = 0; i < FAR_ESP_TRIES && rc == FAR_ERR_PROTO; i++) {
		rc = far_esp_four_words(e, ESP_MD5, addr, len, ESP_ERASE_MS + len / 128);
		if (rc == FAR_OK)
			rc = parse_md5(e->_state.payload, md5);
	}
	return rc;
}

int far_esp_may_be_old(struct far_esp *e, const uint8_t md5[FAR_MD5_LEN])
{
	unsigned first = md5[0], before = e->_state.told[0], last = e->_state.told[1];

	far_esp_remember_md5(e, md5);
	return first == last || first == before;
}

int far_esp_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	struct far_esp *e = far_esp_of(f);
	int rc = FAR_ERR_REFUSED;

	/*
	 * A refusal: where the flash ends may have arrived damaged. It is told anew where an answer
	 * may be an old one, too: to that no digest is an answer.
	 */
	for (unsigned i = 0; i < 2 && rc == FAR_ERR_REFUSED; i++) {
		rc = far_esp_ready(e);
		if (rc == FAR_OK)
			rc = far_esp_widen(e);
		if (rc == FAR_OK)
			rc = far_esp_md5(e, addr, len, md5);
		if (rc == FAR_OK && i == 0 && far_esp_may_be_old(e, md5))
			rc = FAR_ERR_REFUSED;
		if (rc == FAR_ERR_REFUSED)
			e->_state.limit = 0;
	}
	return far_esp_settle(e, rc, addr);
}

/* ---- replace --------------------------------------------------------------------------------- */

int far_esp_erase_size(struct far_esp *e, uint32_t addr, uint32_t len, uint32_t *size_word)
{
	const struct far_esp_old *old = e->_state.row->family->old;

	*size_word = len;
	return old != NULL ? old->erase_size(e, addr, len, size_word) : FAR_OK;
}

int far_esp_stream_fail(struct far_esp *e, int rc)
{
	return far_esp_fail(e, rc, e->_state.at, e->_state.begin, e->_state.end - e->_state.begin);
}

void far_esp_open_stream(struct far_esp *e, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	e->_state.begin = e->_state.at = addr;
	e->_state.end = (addr + len + ESP_SECTOR - 1) & ~(uint32_t)(ESP_SECTOR - 1);
	e->_state.fill = 0;
	e->_state.erased = 1;
	e->_state.deflate = stream_len > 0;
}

int far_esp_replace_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	struct far_esp *e = far_esp_of(f);
	uint32_t size;
	int rc = far_esp_ready(e);

	if (rc != FAR_OK)
		return far_esp_settle(e, rc, addr);
	far_esp_open_stream(e, addr, len, stream_len);
	if (stream_len > 0) {
		/* The inflated size, in the ROM's unit. */
		size = (len + FAR_ESP_BLOCK_MIN - 1) & ~(FAR_ESP_BLOCK_MIN - 1);
		rc = far_esp_begin_erasing(e, ESP_DEFL_BEGIN, size, stream_len);
	} else {
		rc = far_esp_erase_size(e, addr, e->_state.end - addr, &size);
		if (rc == FAR_OK)
			rc = far_esp_begin_erasing(e, ESP_FLASH_BEGIN, size, len);
	}
	return far_esp_stream_fail(e, rc);
}

int far_esp_gather(struct far_esp *e, const uint8_t *data, uint32_t len, far_esp_send *send)
{
	uint8_t *buffer = e->_state.config.block;
	uint32_t block = e->_state.block;
	int rc = FAR_OK;

	while (len > 0 && rc == FAR_OK) {
		uint32_t n = far_min32(len, block - e->_state.fill);

		memcpy(buffer + e->_state.fill, data, n);
		data += n;
		len -= n;
		e->_state.fill += n;
		if (e->_state.fill == block) {
			rc = send(e, buffer, block);
			e->_state.fill = 0;
		}
	}
	return far_esp_stream_fail(e, rc);
}

int far_esp_flush(struct far_esp *e, far_esp_send *send)
{
	uint8_t *buffer = e->_state.config.block;
	uint32_t len = e->_state.fill;
	int rc;

	if (len == 0)
		return FAR_OK;
	if (!e->_state.deflate) {
		memset(buffer + len, 0xFF, e->_state.block - len);
		len = e->_state.block;
	}
	rc = send(e, buffer, len);
	e->_state.fill = 0;
	return far_esp_stream_fail(e, rc);
}

int far_esp_replace_write(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	return far_esp_gather(far_esp_of(f), data, len, far_esp_send_block);
}

int far_esp_replace_end(struct far_flash *f)
{
	return far_esp_flush(far_esp_of(f), far_esp_send_block);
}

/* ---- a session that only programs ------------------------------------------------------------ */

static int no_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	(void)buf, (void)len;
	return far_flash_fail(f, FAR_ERR_NOTSUP, addr, 0, 0, 0);
}

static int no_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	return no_write(f, addr, NULL, len);
}

static const struct far_flash_ops program_ops = {
	.write = no_write,
	.erase = no_erase,
	.digest = far_esp_digest,
	.replace_begin = far_esp_replace_begin,
	.replace_write = far_esp_replace_write,
	.replace_end = far_esp_replace_end,
};

int far_esp_init_programmer(struct far_esp *e, const struct far_esp_config *config,
			    const struct far_esp_row *const *chips)
{
	return far_esp_prepare(e, config, chips, &program_ops);
}
