/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data blocks: each gets into the flash exactly once, whatever the line does.
 *
 * The ROM numbers the blocks of a stream from 0 and moves its flash address on only when it has
 * programmed one. A block that arrives broken uses its number up all the same: the data has to go
 * again under the next one. A number that was used already is refused, so after a lost reply a
 * block can be sent again without harm; the refusal then leaves open whether the lost reply said
 * "programmed" or "broken". In a range that was erased for the stream the flash itself is asked. Of
 * a zlib stream, or of a block that changes nothing, it cannot tell: then the stream is given up,
 * and whoever began it may begin it again.
 */
#include "core/bytes.h"
#include "device/esp/session.h"

enum {
	SLACK = 32, /* numbers of a zlib stream that may be used up by broken blocks */
	READ_DATA = 0x03
};

uint32_t far_esp_block_size(const struct far_esp *e, int deflate)
{
	uint32_t size = far_min32(e->_state.config.block_len, e->_state.row->family->block_max);
	uint32_t even = ESP_SECTOR;

	if (e->_state.small_blocks)
		return FAR_ESP_BLOCK_MIN;
	/* Plain blocks fill sectors evenly: the last one, padded, stays inside its sector. */
	while (even > size)
		even /= 2;
	return deflate ? size : even;
}

/* What erases is not repeated here: erase.c looks first. */
static int begin_once(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes, uint32_t offset)
{
	int deflate = op == ESP_DEFL_BEGIN;
	int watched = size > 0 && far_esp_is_sighted(e);
	uint32_t block = far_esp_block_size(e, deflate);
	uint32_t blocks = deflate ? SLACK : 0;
	uint32_t *words = e->_state.words;

	for (uint32_t at = 0; at < bytes; at += block)
		blocks++;
	words[0] = size;
	words[1] = e->_state.numbers = blocks;
	words[2] = e->_state.block = block;
	words[3] = offset;
	words[4] = e->_state.encrypt; /* not every chip takes this word */
	e->_state.sequence = 0;
	return far_esp_command(e, watched ? op | ESP_ONCE : op, e->_state.row->family->begin_words,
			       ESP_ERASE_MS + size / 1024 * 40);
}

int far_esp_begin(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes, uint32_t offset)
{
	for (unsigned i = 0;; i++) {
		int rc = begin_once(e, op, size, bytes, offset);

		/* The first refusal may be that of a damaged copy. */
		if (rc != FAR_ERR_REFUSED || i == 2)
			return rc;
		if (i == 0)
			continue;
		/*
		 * Not every ROM may take the large blocks; the small ones are what all tools use.
		 */
		if (e->_state.peer_error != ESP_ERROR_INVALID || e->_state.small_blocks)
			return rc;
		e->_state.small_blocks = 1;
	}
}

int far_esp_send_data(struct far_esp *e, uint8_t op, const uint8_t *data, uint32_t len,
		      uint32_t timeout_ms)
{
	int rc;

	e->_state.request.body = data;
	e->_state.request.body_len = len;
	rc = far_esp_four_words(e, op | ESP_ONCE, len, e->_state.sequence, timeout_ms);
	e->_state.request.body_len = 0;
	return rc;
}

/* One block, once. */
static int send_once(struct far_esp *e, const uint8_t *data, uint32_t len)
{
	uint8_t op = ESP_FLASH_DATA;
	uint32_t timeout_ms = ESP_REPLY_MS;

	/* A few compressed bytes may mean programming the whole range: 16 ms per KiB. */
	if (e->_state.deflate) {
		op = ESP_DEFL_DATA;
		timeout_ms += (e->_state.end - e->_state.begin) / 64;
	}
	return far_esp_send_data(e, op, data, len, timeout_ms);
}

/*
 * The number of this plain block is used up: programmed or not? 1, 0, or an error. Any word of it
 * that is not blank tells. If it is all blank there was nothing to program, and the chip is given
 * the next block's place anew, which it takes at the start of a sector only.
 */
static int was_programmed(struct far_esp *e, const uint8_t *data, uint32_t len)
{
	uint32_t next = e->_state.at + len, at = e->_state.at, wanted = UINT32_MAX;
	int rc;

	for (; at < next && wanted == UINT32_MAX; at += 4, data += 4)
		wanted = far_get_le32(data);
	if (wanted == UINT32_MAX) {
		if (next % ESP_SECTOR != 0)
			return FAR_ERR_TIMEOUT;
		rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, e->_state.end - next, next);
		e->_state.sequence = UINT32_MAX; /* one before the first */
		return rc == FAR_OK ? 1 : rc;
	}
	for (unsigned tries = 0; tries < FAR_ESP_TRIES; tries++) {
		struct far_esp_spi word = { READ_DATA, 0, 32, at - 4, 0 };

		rc = far_esp_spi(e, &word);
		if (rc != FAR_OK)
			return rc;
		if (word.data == UINT32_MAX)
			return 0;
		if (word.data == wanted || e->_state.encrypt)
			return 1;
	}
	return FAR_ERR_VERIFY;
}

/* What the reply to a block means for the next try: FAR_OK: try again; 1: it is in; or an error. */
static int weigh(struct far_esp *e, int rc, const uint8_t *data, uint32_t len, int *doubt)
{
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
		*doubt = 1;
		return far_esp_resync(e);
	}
	if (rc != FAR_ERR_REFUSED)
		return rc;
	if (e->_state.peer_error == ESP_ERROR_CHECKSUM) {
		e->_state.sequence++;
		*doubt = 0;
		return e->_state.deflate && e->_state.sequence >= e->_state.numbers ? rc : FAR_OK;
	}
	if (e->_state.peer_error != ESP_ERROR_INVALID)
		return e->_state.peer_error == ESP_ERROR_FLASH ? FAR_ERR_VERIFY : rc;
	if (!*doubt) {
		/* We have lost nothing, so this may answer a damaged copy: ask again. */
		*doubt = 1;
		return FAR_OK;
	}
	*doubt = 0;
	if (e->_state.deflate || !e->_state.erased)
		return e->_state.deflate ? FAR_ERR_TIMEOUT : FAR_ERR_STATE;
	rc = was_programmed(e, data, len);
	if (rc == FAR_ERR_NOTSUP) /* secure download mode: it cannot be asked */
		return FAR_ERR_TIMEOUT;
	if (rc == 0)
		e->_state.sequence++;
	return rc;
}

int far_esp_send_block(struct far_esp *e, const uint8_t *data, uint32_t len)
{
	int doubt = 0;

	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		int rc = send_once(e, data, len);

		rc = rc == FAR_OK ? 1 : weigh(e, rc, data, len, &doubt);
		if (rc == 1) {
			e->_state.sequence++;
			e->_state.at += len;
			return FAR_OK;
		}
		if (rc != FAR_OK)
			return rc;
		e->retries++;
	}
	return doubt && !e->_state.erased ? FAR_ERR_STATE : FAR_ERR_TIMEOUT;
}
