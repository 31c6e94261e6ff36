/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programming through a stub.
 *
 * It has no sequence check, and it answers a block as soon as it has it: what goes wrong in
 * programming block n is the answer to whatever comes next, which is then not carried out. A block
 * that arrives broken is refused and changes nothing. So every answer speaks of two blocks, and
 * when one is lost: both are looked for by their digests, and then the stream is begun again at the
 * first sector that is not in. A deflated stream cannot be joined in the middle: it is given up,
 * and whoever began it may begin it again.
 *
 * BEGIN has no checksum, and, damaged, names another valid place. It erases nothing yet; but the
 * blocks go there. A plain stream's first block is in its place, or all of it may be elsewhere. Of
 * a deflated one nobody here knows the content; that it is not there although its own check sum was
 * right is noticed by who asks for the digest. If it is given up, what it has left at its beginning
 * is remembered until a second attempt tells what should be there.
 */
#include "core/bytes.h"
#include "core/md5.h"
#include "device/esp/session.h"

enum {
	BROKEN_LENGTH = 0xC0, /* these four: the block did not arrive well, nothing was changed */
	BROKEN_CHECKSUM = 0xC1,
	BROKEN_BLOCK = 0xC2,
	BROKEN_COMMAND = 0xC3,
	NO_STREAM = 0xC6,
	/* Bytes at the beginning of a deflated stream: less than any first block makes. */
	WITNESS = 0x800,
	ERASE_UNIT = 0x10000 /* erased at once where the stream's size allows it */
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
	e->_state.first_at = e->_state.at;
	e->_state.first_len = e->_state.last_len = 0;
	return far_esp_command(e, op, e->_state.encrypt ? 5 : 4, ESP_ERASE_MS);
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

/* ---- is it where it belongs? ----------------------------------------------------------------- */

/* As much of a block as is asked about: of the first its beginning, of the last its end. */
static uint32_t part_of(uint32_t len)
{
	return far_min32(len, ESP_SECTOR);
}

/* The stream ends with that. */
static int stumble(struct far_esp *e, int rc)
{
	e->_state.stumbled = rc != FAR_OK;
	return rc;
}

static int gone_astray(struct far_esp *e)
{
	e->_state.astray = 1;
	return FAR_ERR_PROTO;
}

/*
 * Plain: is the first block where it belongs, and so all of them? Where it does, its sector has
 * changed.
 */
static int holds_first(struct far_esp *e)
{
	return far_esp_stub_holds(e, e->_state.first_at, part_of(e->_state.first_len),
				  e->_state.first_md5);
}

/* Plain: and the last one? */
static int holds_last(struct far_esp *e)
{
	uint32_t part = part_of(e->_state.last_len);

	return far_esp_stub_holds(e, e->_state.at - part, part, e->_state.last_md5);
}

/* The last block has failed for the reason rc. */
static int lose_last(struct far_esp *e, int rc, uint8_t code)
{
	e->_state.at -= e->_state.last_len;
	e->_state.peer_error = code;
	return rc;
}

/*
 * Plain: what was taken since begin is in the flash. deferred: the error that came in place of an
 * answer, or 0. Where a stream has failed before, its first block may be there from then.
 */
static int prove_taken(struct far_esp *e, uint8_t deferred)
{
	int is_one = e->_state.at - e->_state.last_len == e->_state.first_at;
	int first, last = 1;

	if (e->_state.last_len == 0)
		return FAR_OK;
	if (e->_state.encrypt)
		return is_deferred(deferred) ? lose_last(e, FAR_ERR_REFUSED, deferred)
					     : FAR_ERR_TIMEOUT;
	first = holds_first(e);
	if (first == 1 && !is_one)
		last = holds_last(e);
	if (first == 1 && last == 1)
		return FAR_OK;
	if (is_deferred(deferred)) {
		/* One that fails at once has met the flash's end, or nothing that can be told. */
		e->_state.astray |= first == 0 && !is_one;
		return lose_last(e, FAR_ERR_REFUSED, deferred);
	}
	if (first < 0 || last < 0)
		return first < 0 ? first : last;
	e->_state.astray |= first == 0 || e->_state.stumbled;
	return lose_last(e, FAR_ERR_VERIFY, 0);
}

/*
 * Deflated: rc is why it is given up. If any block was taken, or may_be, it has written something
 * somewhere.
 */
static int leave_doubt(struct far_esp *e, int rc, int may_be)
{
	uint8_t there[FAR_MD5_LEN];
	int asked, same = 0;

	if ((e->_state.sequence == 0 && !may_be) || e->_state.encrypt)
		return rc;
	if (e->_state.doubt_len > 0) {
		same = far_esp_stub_holds(e, e->_state.begin, WITNESS, e->_state.doubt_md5);
		return same == 0 ? gone_astray(e) : same < 0 ? same : rc;
	}
	for (unsigned i = 0; i < FAR_ESP_TRIES && same == 0; i++) {
		asked = far_esp_stub_md5(e, e->_state.begin, WITNESS, there);
		if (asked != FAR_OK)
			return asked;
		same = i > 0 && memcmp(there, e->_state.doubt_md5, sizeof(there)) == 0;
		memcpy(e->_state.doubt_md5, there, sizeof(there));
	}
	e->_state.doubt_len = e->_state.end - e->_state.begin;
	e->_state.doubt_at = e->_state.begin;
	return rc;
}

/*
 * The stream is in its place: what an earlier one has left there is of the same kind, or it was
 * elsewhere.
 */
static int settle_doubt(struct far_esp *e)
{
	int same = 1;

	if (e->_state.doubt_len > 0)
		same = far_esp_stub_holds(e, e->_state.begin, WITNESS, e->_state.doubt_md5);
	e->_state.doubt_len = 0;
	if (same == 0)
		return gone_astray(e);
	return same < 0 ? same : FAR_OK;
}

/*
 * Does a 64 KiB unit begin in the range which the range does not fill? Then a damaged size has
 * erased all of that unit. END tells whether the size was right.
 */
static int may_overrun(const struct far_esp *e)
{
	uint32_t last = (e->_state.end - 1) & ~(uint32_t)(ERASE_UNIT - 1);

	return last >= e->_state.begin && e->_state.end % ERASE_UNIT != 0;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void accept(struct far_esp *e, const uint8_t *data, uint32_t len)
{
	e->_state.sequence++;
	e->_state.last_len = 0;
	if (e->_state.deflate)
		return;
	far_md5_of(data + len - part_of(len), part_of(len), e->_state.last_md5);
	e->_state.last_len = len;
	if (e->_state.first_len == 0) {
		far_md5_of(data, part_of(len), e->_state.first_md5);
		e->_state.first_len = len;
	}
	e->_state.at += len;
}

/*
 * Plain, after a lost answer: 1: the block in doubt is in; FAR_OK: it may be sent as the first of a
 * new stream. If none was taken since begin nothing has proved its place: where the block has not
 * gone there, but an answer had come, it may be elsewhere.
 */
static int join_again(struct far_esp *e, const uint8_t *data, uint32_t len)
{
	uint8_t md5[FAR_MD5_LEN];
	int rc = far_esp_resync(e), in = 0;
	int may_stray = far_esp_may_be_done(e) && e->_state.last_len == 0;

	if (rc == FAR_OK)
		rc = prove_taken(e, e->_state.deferred);
	if (rc == FAR_OK && !e->_state.encrypt) {
		far_md5_of(data, len, md5);
		in = far_esp_stub_holds(e, e->_state.at, len, md5);
		rc = in < 0 ? in : in == 0 && may_stray ? gone_astray(e) : FAR_OK;
	}
	if (rc != FAR_OK)
		return rc;
	if (in == 1)
		accept(e, data, len);
	if (e->_state.at < e->_state.stop)
		rc = begin(e, e->_state.stop - e->_state.at, e->_state.stop - e->_state.at);
	return rc == FAR_OK ? in : rc;
}

/*
 * What the answer to a block means: FAR_OK: send it again; 1: it is in; or the error that ends the
 * stream.
 */
static int weigh(struct far_esp *e, int rc, const uint8_t *data, uint32_t len)
{
	uint8_t code = e->_state.peer_error;

	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
		if (!e->_state.deflate)
			return join_again(e, data, len);
		rc = far_esp_resync(e);
		return rc == FAR_OK ? leave_doubt(e, FAR_ERR_TIMEOUT, far_esp_may_be_done(e)) : rc;
	}
	if (rc != FAR_ERR_REFUSED)
		return rc;
	if (code >= BROKEN_LENGTH && code <= BROKEN_COMMAND)
		return FAR_OK;
	if (is_deferred(code))
		rc = e->_state.deflate ? leave_doubt(e, rc, 0) : prove_taken(e, code);
	e->_state.peer_error = code;
	return rc;
}

/* Tried too often: what was taken before is in its place, or that is told. */
static int give_up(struct far_esp *e)
{
	int rc = e->_state.deflate ? leave_doubt(e, FAR_ERR_TIMEOUT, 0) : prove_taken(e, 0);

	return rc == FAR_OK ? FAR_ERR_TIMEOUT : rc;
}

/* The last attempt at a deflated stream has left something else there than this one will. */
static int contradicts(const struct far_esp *e, const uint8_t *data, uint32_t len)
{
	uint8_t md5[FAR_MD5_LEN];

	if (e->_state.doubt_len == 0 || e->_state.deflate || e->_state.at != e->_state.begin ||
	    len < WITNESS)
		return 0;
	far_md5_of(data, WITNESS, md5);
	return memcmp(md5, e->_state.doubt_md5, sizeof(md5)) != 0;
}

static int send_block(struct far_esp *e, const uint8_t *data, uint32_t len)
{
	uint8_t op = e->_state.deflate ? ESP_DEFL_DATA : ESP_FLASH_DATA;
	uint32_t in_flash = len;

	if (!e->_state.deflate) /* the last one's padding is not written */
		in_flash = far_min32(len, e->_state.stop - e->_state.at);
	if (contradicts(e, data, in_flash))
		return stumble(e, gone_astray(e));
	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		int rc = far_esp_send_data(e, op, data, len, busy_ms(e));

		if (rc == FAR_OK) {
			accept(e, data, in_flash);
			return rc;
		}
		rc = weigh(e, rc, data, in_flash);
		if (rc != FAR_OK)
			return rc < 0 ? stumble(e, rc) : FAR_OK;
		e->retries++;
	}
	return stumble(e, give_up(e));
}

/* ---- the end of a stream --------------------------------------------------------------------- */

static int say_end(struct far_esp *e)
{
	unsigned op = e->_state.deflate ? ESP_DEFL_END : ESP_FLASH_END;

	e->_state.words[0] = 1; /* stay */
	return far_esp_command(e, op | ESP_ONCE, 1, busy_ms(e));
}

/* END's answer speaks of the last block, and of the size that BEGIN named. */
static int finish_unseen(struct far_esp *e)
{
	int rc = say_end(e);
	uint8_t code;

	if (rc == FAR_ERR_REFUSED && !is_deferred(e->_state.peer_error))
		rc = say_end(e); /* it may have been asked in a damaged way */
	code = e->_state.peer_error;
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
		rc = far_esp_resync(e);
		if (rc == FAR_OK && e->_state.deflate)
			rc = leave_doubt(e, FAR_ERR_TIMEOUT, 0);
		else if (rc == FAR_OK)
			rc = prove_taken(e, e->_state.deferred);
		return rc;
	}
	if (rc != FAR_ERR_REFUSED)
		return rc;
	if (code == BROKEN_LENGTH && may_overrun(e))
		return gone_astray(e);
	if (!is_deferred(code)) /* the stub misses something: not to be told apart */
		rc = FAR_ERR_TIMEOUT;
	rc = e->_state.deflate ? leave_doubt(e, rc, 0) : rc;
	if (is_deferred(code))
		e->_state.at -= e->_state.last_len;
	e->_state.peer_error = code;
	return rc;
}

/*
 * Plain: the size that BEGIN named was the right one. *deferred: the error of the last block, if
 * that is told.
 */
static int prove_size(struct far_esp *e, uint8_t *deferred)
{
	unsigned refusals = 0;

	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		int rc = say_end(e);
		uint8_t code = e->_state.peer_error;

		if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
			rc = far_esp_resync(e);
			code = e->_state.deferred;
		} else if (rc == FAR_OK || rc != FAR_ERR_REFUSED || (i > 0 && code == NO_STREAM)) {
			return rc == FAR_ERR_REFUSED ? FAR_OK : rc;
		} else if (code == BROKEN_LENGTH && refusals++ > 0) {
			return gone_astray(e);
		}
		if (is_deferred(code))
			*deferred = code;
		if (is_deferred(code) || rc == FAR_ERR_IO || rc == FAR_ERR_CANCELLED)
			return is_deferred(code) ? FAR_OK : rc;
	}
	return FAR_ERR_TIMEOUT;
}

/*
 * Plain: a digest's answer comes after the last block is programmed, or in its place what went
 * wrong with that. It is the first block's, and so speaks of the place of all of them.
 */
static int finish_plain(struct far_esp *e)
{
	uint8_t deferred = 0;
	int rc = may_overrun(e) ? prove_size(e, &deferred) : FAR_OK;

	if (rc != FAR_OK)
		return rc;
	if (deferred == 0) {
		rc = far_esp_four_words(e, ESP_MD5 | ESP_ONCE, e->_state.first_at,
					part_of(e->_state.first_len), busy_ms(e));
		if (rc == FAR_OK && !e->_state.stumbled &&
		    memcmp(e->_state.payload, e->_state.first_md5, FAR_MD5_LEN) == 0)
			return FAR_OK;
		deferred = rc == FAR_ERR_REFUSED ? e->_state.peer_error : 0;
	}
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
		rc = far_esp_resync(e);
		deferred = e->_state.deferred;
	}
	return far_esp_is_final(rc) || rc == FAR_ERR_TIMEOUT ? rc : prove_taken(e, deferred);
}

static int finish(struct far_esp *e)
{
	int unseen = e->_state.deflate || e->_state.encrypt;
	int rc = unseen ? finish_unseen(e) : finish_plain(e);

	if (rc == FAR_OK)
		rc = settle_doubt(e);
	return stumble(e, rc);
}

int far_esp_stub_program(struct far_esp *e, uint32_t addr, const uint8_t *data, uint32_t len)
{
	int rc;

	far_esp_open_stream(e, addr, len, 0);
	e->_state.stop = addr + len;
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
	/* In whole blocks of the ESP32's cipher: two of others. */
	if (e->_state.encrypt && stream_len == 0)
		len = bytes = (len + 31) & ~31u;
	e->_state.stop = addr + len;
	if (e->_state.doubt_at != addr || e->_state.doubt_len != e->_state.end - addr)
		e->_state.doubt_len = 0;
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
