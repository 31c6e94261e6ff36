/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programming through a stub.
 *
 * It has no sequence check, and it answers a block as soon as it has it: what goes wrong in programming
 * block n is the answer to whatever comes next, which is then not carried out. A block that arrives
 * broken is refused and changes nothing. So every answer speaks of two blocks, and when one is lost:
 * the block before is proved by its digest, and then the stream is begun again at the sector at which
 * the block in doubt starts. A deflated stream cannot be joined in the middle: it is given up, and
 * whoever began it may begin it again.
 */
#include "core/bytes.h"
#include "core/md5.h"
#include "device/esp/session.h"

enum {
	BROKEN_LENGTH = 0xC0, /* these four: the block did not arrive well, nothing was changed */
	BROKEN_CHECKSUM = 0xC1,
	BROKEN_BLOCK = 0xC2,
	BROKEN_COMMAND = 0xC3,
	NO_STREAM = 0xC6
};

/* The largest block that fills sectors evenly, or the whole stream if that is shorter. */
static uint32_t block_size(const struct far_esp *e, uint32_t stream_bytes)
{
	uint32_t size = FAR_ESP_STUB_BLOCK_MAX;

	while (size > far_min32(e->_state.config.block_len, FAR_ESP_STUB_BLOCK_MAX))
		size /= 2;
	return far_min32(size, (stream_bytes + 3) & ~3u);
}

/* Nothing is erased here: the stub does that as the blocks come. */
static int begin(struct far_esp *e, uint32_t size, uint32_t bytes)
{
	uint32_t *words = e->_state.words;
	uint8_t op = e->_state.deflate ? ESP_DEFL_BEGIN : ESP_FLASH_BEGIN;

	words[0] = size;
	words[1] = (bytes + e->_state.block - 1) / e->_state.block;
	words[2] = e->_state.block;
	words[3] = e->_state.at;
	words[4] = e->_state.encrypt;
	e->_state.sequence = 0;
	return far_esp_command(e, op, words, e->_state.encrypt ? 5 : 4, 0, ESP_ERASE_MS);
}

/* How long the block before may keep the stub: all its sectors erased, 40 ms per KiB. */
static uint32_t busy_ms(const struct far_esp *e)
{
	uint32_t kib = FAR_ESP_STUB_BLOCK_MAX / 1024;

	if (e->_state.deflate)
		kib = (e->_state.end - e->_state.begin) / 1024;
	return ESP_ERASE_MS + kib * 40;
}

/* The code of an error that belongs to the block before: its place is where the stream stands. */
static int is_deferred(uint8_t code)
{
	return code > BROKEN_COMMAND && code != NO_STREAM;
}

/* The block before is in the flash. After a resynchronisation it has been told if it is not. */
static int prove_last(struct far_esp *e)
{
	uint32_t len = e->_state.last_len;
	uint8_t there[FAR_MD5_LEN];
	int rc = FAR_OK;

	if (is_deferred(e->_state.deferred)) {
		e->_state.peer_error = e->_state.deferred;
		rc = FAR_ERR_REFUSED;
	} else if (len > 0 && !e->_state.encrypt) {
		rc = far_esp_stub_md5(e, e->_state.at - len, len, there);
		if (rc == FAR_OK && memcmp(there, e->_state.last_md5, sizeof(there)) != 0)
			rc = FAR_ERR_VERIFY;
	} else if (len > 0) {
		rc = FAR_ERR_TIMEOUT;
	}
	if (rc != FAR_OK)
		e->_state.at -= len;
	return rc;
}

/* After a lost answer: FAR_OK, and the block in doubt may be sent as the first of a new stream. */
static int join_again(struct far_esp *e)
{
	int rc = far_esp_resync(e);

	if (rc == FAR_OK)
		rc = e->_state.deflate ? FAR_ERR_TIMEOUT : prove_last(e);
	return rc == FAR_OK ? begin(e, e->_state.stop - e->_state.at, e->_state.stop - e->_state.at)
			    : rc;
}

/* What the answer to a block means: FAR_OK: send it again; or the error that ends the stream. */
static int weigh(struct far_esp *e, int rc)
{
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO)
		return join_again(e);
	if (rc != FAR_ERR_REFUSED)
		return rc;
	if (e->_state.peer_error < BROKEN_LENGTH || e->_state.peer_error > BROKEN_COMMAND) {
		if (is_deferred(e->_state.peer_error))
			e->_state.at -= e->_state.last_len;
		return rc;
	}
	return FAR_OK;
}

static int send_block(struct far_esp *e, const uint8_t *data, uint32_t len)
{
	uint8_t op = e->_state.deflate ? ESP_DEFL_DATA : ESP_FLASH_DATA;
	uint32_t in_flash = len;

	if (!e->_state.deflate) /* the last one's padding is not written */
		in_flash = far_min32(len, e->_state.stop - e->_state.at);
	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		int rc = far_esp_send_data(e, op, e->_state.sequence, data, len, busy_ms(e));

		if (rc == FAR_OK) {
			e->_state.sequence++;
			e->_state.last_len = 0;
			if (!e->_state.deflate) {
				e->_state.last_len = in_flash;
				far_md5_of(data, in_flash, e->_state.last_md5);
				e->_state.at += in_flash;
			}
			return FAR_OK;
		}
		rc = weigh(e, rc);
		if (rc != FAR_OK)
			return rc;
		e->retries++;
	}
	return FAR_ERR_TIMEOUT;
}

/* END's answer speaks of the last block. If it is lost the digest can tell, but for deflate. */
static int finish(struct far_esp *e)
{
	uint32_t stay = 1;
	int rc = far_esp_once(e, e->_state.deflate ? ESP_DEFL_END : ESP_FLASH_END, &stay, 1, 0,
			      busy_ms(e));

	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
		rc = far_esp_resync(e);
		if (rc == FAR_OK)
			rc = e->_state.deflate ? FAR_ERR_TIMEOUT : prove_last(e);
	} else if (rc == FAR_ERR_REFUSED && is_deferred(e->_state.peer_error)) {
		e->_state.at -= e->_state.last_len;
	} else if (rc == FAR_ERR_REFUSED) {
		/* Asked in a damaged way, or the stub misses something: not to be told apart. */
		rc = FAR_ERR_TIMEOUT;
	}
	return rc;
}

int far_esp_stub_program(struct far_esp *e, uint32_t addr, const uint8_t *data, uint32_t len)
{
	int rc;

	far_esp_open_stream(e, addr, len, 0);
	e->_state.stop = addr + len;
	e->_state.last_len = 0;
	e->_state.block = len;
	rc = begin(e, len, len);
	if (rc == FAR_OK)
		rc = send_block(e, data, len);
	return rc == FAR_OK ? finish(e) : rc;
}

int far_esp_stub_replace_begin(struct far_flash *f, uint32_t addr, uint32_t len,
			       uint32_t stream_len)
{
	struct far_esp *e = far_esp_of(f);
	uint32_t bytes = stream_len > 0 ? stream_len : len;
	int rc = far_esp_ready(e);

	if (rc != FAR_OK)
		return far_esp_settle(e, rc, addr);
	far_esp_open_stream(e, addr, len, stream_len);
	if (e->_state.encrypt &&
	    stream_len == 0) /* in whole blocks of the ESP32's cipher: two of others */
		len = bytes = (len + 31) & ~31u;
	e->_state.stop = addr + len;
	e->_state.last_len = 0;
	e->_state.block = block_size(e, bytes);
	rc = begin(e, len, bytes);
	return far_esp_stream_fail(e, rc);
}

int far_esp_stub_replace_write(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	return far_esp_gather(far_esp_of(f), data, len, send_block);
}

int far_esp_stub_replace_end(struct far_flash *f)
{
	struct far_esp *e = far_esp_of(f);
	int rc = far_esp_flush(e, send_block);

	if (rc != FAR_OK)
		return rc;
	rc = finish(e);
	return far_esp_stream_fail(e, rc);
}
