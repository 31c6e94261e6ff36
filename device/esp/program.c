/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it takes to program a chip and prove it: replace and digest. The rest of the flash operations
 * is in flash.c, and is linked only where it is wanted.
 */
#include "core/bytes.h"
#include "device/esp/session.h"

enum { BLOCK_SECTORS = 16, SECTOR_ERASE = 0x20 };

struct far_esp *far_esp_of(struct far_flash *f)
{
	return (struct far_esp *)f;
}

/* ---- digest ---------------------------------------------------------------------------------- */

/* Value of a lower-case hexadecimal digit; above 15 if it is none. */
static unsigned hex(uint8_t c)
{
	return c >= 'a' && c <= 'f'     ? c - 'a' + 10u
	       : (unsigned)c - '0' < 10 ? (unsigned)c - '0'
					: 16;
}

/* The ROM answers with 32 hexadecimal digits; anything else is a damaged reply. */
static int parse_md5(const uint8_t *text, uint8_t md5[FAR_MD5_LEN])
{
	for (unsigned i = 0; i < FAR_MD5_LEN; i++) {
		unsigned high = hex(text[2 * i]), low = hex(text[2 * i + 1]);

		if (high > 15 || low > 15)
			return FAR_ERR_PROTO;
		md5[i] = (uint8_t)(high << 4 | low);
	}
	return FAR_OK;
}

int far_esp_md5(struct far_esp *e, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	uint32_t words[4] = { addr, len, 0, 0 };
	int rc = FAR_ERR_PROTO;

	for (unsigned i = 0; i < FAR_ESP_TRIES && rc == FAR_ERR_PROTO; i++) {
		rc = far_esp_command(e, ESP_MD5, words, 4, 2 * FAR_MD5_LEN,
				     ESP_ERASE_MS + len / 128);
		if (rc == FAR_OK)
			rc = parse_md5(e->_state.payload, md5);
	}
	return rc;
}

int far_esp_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	struct far_esp *e = far_esp_of(f);
	int rc = FAR_ERR_REFUSED;

	/* A refusal: where the flash ends may have arrived damaged. */
	for (unsigned i = 0; i < 2 && rc == FAR_ERR_REFUSED; i++) {
		rc = far_esp_ready(e);
		if (rc == FAR_OK)
			rc = far_esp_widen(e);
		if (rc == FAR_OK)
			rc = far_esp_md5(e, addr, len, md5);
		if (rc == FAR_ERR_REFUSED)
			e->_state.limit = 0;
	}
	return far_esp_settle(e, rc, addr);
}

/* ---- replace --------------------------------------------------------------------------------- */

/*
 * What to tell FLASH_BEGIN so that exactly len bytes from addr on are erased.
 *
 * The ESP8266's ROM, told to erase n sectors, erases those up to the next 64 KiB boundary (head of
 * them) and then starts counting again: min(2n, n + head) sectors in all. An odd number of sectors
 * below 2 * head cannot be had that way: the last one is then erased by hand, before.
 */
int far_esp_erase_size(struct far_esp *e, uint32_t addr, uint32_t len, uint32_t *size_word)
{
	uint32_t sectors = len / ESP_SECTOR;
	uint32_t head = BLOCK_SECTORS - addr / ESP_SECTOR % BLOCK_SECTORS;
	int rc = FAR_OK;

	*size_word = len;
	if (e->chip != FAR_ESP_8266)
		return FAR_OK;
	if (sectors >= 2 * head) {
		*size_word = (sectors - head) * ESP_SECTOR;
		return FAR_OK;
	}
	if (sectors % 2 != 0)
		rc = far_esp_spi_change(e, SECTOR_ERASE, addr + len - ESP_SECTOR, 0, 0);
	*size_word = sectors / 2 * ESP_SECTOR;
	return rc;
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

		if (n == block) {
			rc = send(e, data, block); /* from where it lies */
		} else {
			memcpy(buffer + e->_state.fill, data, n);
			e->_state.fill += n;
			if (e->_state.fill == block) {
				rc = send(e, buffer, block);
				e->_state.fill = 0;
			}
		}
		data += n;
		len -= n;
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

int far_esp_init_programmer(struct far_esp *e, const struct far_esp_config *config)
{
	return far_esp_prepare(e, config, &program_ops, (uint8_t) ~(unsigned)FAR_FLASH_CAN_READ);
}
