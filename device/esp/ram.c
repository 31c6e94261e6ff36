/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes for the chip's RAM, and the jump to them. */
#include "core/bytes.h"
#include "device/esp/ram.h"
#include "device/esp/session.h"

enum { MEM_BLOCK = 0x1800 };

static uint32_t block_of(const struct far_esp *e)
{
	uint32_t limit = e->_state.config.block_limit;

	return limit != 0 && limit < MEM_BLOCK ? limit : MEM_BLOCK;
}

/* The rest of a segment, as a download of its own. *at stands behind what has arrived. */
static int load_rest(struct far_esp *e, const struct far_esp_segment *s, uint32_t *at)
{
	uint32_t *words = e->_state.words, block = block_of(e);
	int rc;

	words[0] = s->len - *at;
	words[1] = (words[0] + block - 1) / block;
	words[2] = block;
	words[3] = s->addr + *at;
	rc = far_esp_command(e, ESP_MEM_BEGIN, 4, ESP_REPLY_MS);
	for (uint32_t n = 0; rc == FAR_OK && *at < s->len; n++) {
		uint32_t len = far_min32(s->len - *at, block);

		e->_state.sequence = n;
		rc = far_esp_send_data(e, ESP_MEM_DATA, s->bytes + *at, len, ESP_REPLY_MS);
		if (rc == FAR_OK)
			*at += len;
	}
	return rc;
}

/*
 * Writing RAM twice does no harm: whatever went wrong, the block in doubt is sent again, as the
 * first of a download that begins with it. So it does not matter which numbers broken blocks have
 * used up.
 */
int far_esp_load(struct far_esp *e, const struct far_esp_segment *s)
{
	uint32_t at = 0;
	int rc = FAR_OK;

	for (unsigned i = 0; i < FAR_ESP_TRIES && at < s->len; i++) {
		rc = load_rest(e, s, &at);
		if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
			int in_step = far_esp_resync(e);

			rc = in_step == FAR_OK ? rc : in_step;
			if (in_step != FAR_OK)
				break;
		}
		if (far_esp_is_final(rc))
			break;
		e->retries += rc != FAR_OK;
	}
	return rc;
}

int far_esp_jump(struct far_esp *e, uint32_t entry)
{
	e->_state.words[0] = 0;
	e->_state.words[1] = entry;
	return far_esp_command(e, ESP_MEM_END | ESP_ONCE, 2, ESP_JUMP_MS);
}

int far_esp_runs_ram(const struct far_esp *e)
{
	uint32_t fuses = FAR_ESP_SECURE_DOWNLOAD;

	if (e->chip == FAR_ESP_32S3)
		fuses |= FAR_ESP_SECURE_BOOT;
	return (e->security & fuses) == 0;
}

/* Reconnecting by itself would hide that the RAM has lost what it was given. */
static int may_load(const struct far_esp *e)
{
	if (!e->_state.connected)
		return FAR_ERR_STATE;
	if (!far_esp_runs_ram(e))
		return FAR_ERR_NOTSUP;
	return e->loader == FAR_ESP_ROM ? FAR_OK : FAR_ERR_BUSY;
}

/* Is this word there? Asked twice: answers have no checksum. *addr is left where it is not. */
static int expect(struct far_esp *e, const struct far_esp_segment *s, uint32_t offset,
		  uint32_t *addr)
{
	uint32_t value = 0;
	int rc = FAR_ERR_VERIFY;

	*addr = s->addr + offset;
	for (unsigned i = 0; i < 2 && rc == FAR_ERR_VERIFY; i++) {
		rc = far_esp_peek(e, *addr, &value);
		if (rc == FAR_OK && value != far_get_le32(s->bytes + offset))
			rc = FAR_ERR_VERIFY;
	}
	return rc;
}

static int check(const struct far_esp_segment *s)
{
	if (s->addr % 4 != 0 || s->len % 4 != 0)
		return FAR_ERR_ALIGN;
	return s->bytes == NULL || s->len == 0 || s->addr + s->len < s->addr ? FAR_ERR_ARG : FAR_OK;
}

/* The first word, and the last of each block: a byte too few or too many moves all behind it. */
static int prove(struct far_esp *e, const struct far_esp_segment *s, uint32_t *addr)
{
	uint32_t block = block_of(e);
	int rc = expect(e, s, 0, addr);

	for (uint32_t at = 0; at < s->len && rc == FAR_OK; at += block)
		rc = expect(e, s, at + far_min32(s->len - at, block) - 4, addr);
	return rc;
}

int far_esp_ram_write(struct far_esp *e, const struct far_esp_segment *s)
{
	uint32_t addr = s->addr;
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = check(s);
	if (rc == FAR_OK)
		rc = may_load(e);
	if (rc == FAR_OK)
		rc = far_esp_load(e, s);
	if (rc == FAR_OK)
		rc = prove(e, s, &addr);
	return far_esp_settle(e, rc, addr);
}

/*
 * A refusal may be that of a damaged copy. Where SYNC is answered after a lost reply the ROM is
 * still there.
 */
static int jump(struct far_esp *e, uint32_t entry)
{
	int rc = FAR_ERR_REFUSED;

	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		rc = far_esp_jump(e, entry);
		if (rc == FAR_OK || far_esp_is_final(rc))
			break;
		if (rc != FAR_ERR_REFUSED && far_esp_resync(e) != FAR_OK)
			return FAR_ERR_TIMEOUT;
		e->retries++;
	}
	return rc;
}

int far_esp_ram_run(struct far_esp *e, uint32_t entry)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = may_load(e);
	if (rc == FAR_OK) {
		rc = jump(e, entry);
		if (rc != FAR_ERR_REFUSED) {
			e->_state.connected = 0;
			e->flash.info.size = 0;
		}
	}
	return far_esp_settle(e, rc, entry);
}
