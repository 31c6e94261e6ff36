/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command and its reply, and what to do when the line loses either.
 *
 * The loader answers in order and one at a time. So once a SYNC has been answered every earlier
 * reply has been sent, however late, and nothing old can be taken for new.
 */
#include "core/bytes.h"
#include "device/esp/session.h"

enum {
	FRAMES_MAX = 100, /* replies to other requests that are passed over in search of ours */
	QUIET_MS = 50,    /* longer than any USB adapter holds bytes back */
	SYNC_MS = 500,
	STATUS_LEN = 2 /* bytes of status that tell; most ROMs send two more, which do not */
};

uint32_t far_esp_wire_ms(const struct far_esp *e, uint32_t len)
{
	/*
	 * 10 bits a byte, up to twice as many bytes once escaped, and as much again for slow ports.
	 * Counted, not divided: small cores have no division.
	 */
	uint32_t per_ms = (e->_state.config.stream->baud >> 10) + 1, ms = 0;

	for (uint32_t bits = len * 40; bits >= per_ms; bits -= per_ms)
		ms++;
	return ms;
}

int far_esp_is_final(int rc)
{
	return rc == FAR_ERR_IO || rc == FAR_ERR_CANCELLED;
}

/* What comes before the status in a reply that succeeds, at least. */
static uint32_t payload_of(const struct far_esp *e, uint8_t op)
{
	switch (op) {
	case ESP_READ_SLOW:
		return ESP_READ_MAX;
	case ESP_MD5: /* the ROM's is in digits */
		return e->loader == FAR_ESP_STUB ? FAR_MD5_LEN : 2 * FAR_MD5_LEN;
	case ESP_SECURITY:
		return ESP_SECURITY_SHORT;
	default:
		return 0;
	}
}

/*
 * Does this reply succeed, and is it of the shape asked for? Only the first status byte tells; the
 * second is an error code on failure and stale otherwise. A refusal may come with or without the
 * payload.
 */
static int judge(struct far_esp *e, const struct far_loader_reply *reply, uint32_t payload_len)
{
	uint32_t status_len = reply->len;

	if (payload_len == ESP_SECURITY_SHORT && reply->len >= ESP_SECURITY_LEN)
		payload_len = ESP_SECURITY_LEN;
	if (status_len > 2 * STATUS_LEN)
		status_len -= payload_len;
	if (status_len != STATUS_LEN && status_len != 2 * STATUS_LEN)
		return FAR_ERR_PROTO;
	const uint8_t *status = reply->data + reply->len - status_len;

	e->_state.unproved = 0;
	e->_state.payload = reply->data;
	e->_state.payload_len = (uint8_t)payload_len;
	e->_state.value = reply->value;
	/* Where a stub was, a ROM's refusal is no answer: the chip has been reset. */
	e->_state.peer_error = status[e->loader == FAR_ESP_STUB ? 0 : 1];
	if (e->loader == FAR_ESP_STUB ? status[0] >= ESP_STUB_ERRORS : status[0] == 1)
		return FAR_ERR_REFUSED;
	return status[0] == 0 && reply->len == payload_len + status_len ? FAR_OK : FAR_ERR_PROTO;
}

/* The status of a reply to any request; of a frame without one, what is there. */
static const uint8_t *status_of(const struct far_esp *e, const struct far_loader_reply *reply)
{
	const uint8_t *past = reply->data + reply->len;

	return e->loader == FAR_ESP_STUB || reply->len < 2 * STATUS_LEN ? past - STATUS_LEN
									: past - 2 * STATUS_LEN;
}

/*
 * A ROM answers what it does not know with its previous reply, whatever that was about, but for the
 * status; after a SYNC that is eight replies.
 */
static int is_unknown(const struct far_esp *e, const struct far_loader_reply *reply)
{
	const uint8_t *status = status_of(e, reply);

	return e->loader != FAR_ESP_STUB && reply->len >= STATUS_LEN && status[0] == 1 &&
	       status[1] == ESP_ERROR_INVALID;
}

/*
 * Does it say that a command was carried out which nobody gave: the second answer to one request,
 * or one in another shape, or under a number that no single fault makes of ours? Then the line has
 * made two commands out of one. A ROM that answers in a stub's place does it no harm.
 */
static void note(struct far_esp *e, const struct far_loader_reply *reply)
{
	unsigned differs = reply->op ^ e->_state.asked;
	const uint8_t *status = status_of(e, reply);
	uint32_t least = e->_state.answer_len;

	e->_state.refused |= status[0]; /* of a frame without status: of its header */
	if (reply->op == ESP_SYNC || reply->len < STATUS_LEN ||
	    (e->loader == FAR_ESP_STUB && reply->len == least + 2 * STATUS_LEN))
		return;
	if ((status[0] == 0 || (status[0] == 1 && status[1] == ESP_ERROR_FLASH)) &&
	    (e->_state.answers != 0 || reply->len < least || (differs & (differs - 1)) != 0 ||
	     (differs != 0 && reply->len > least + 2 * STATUS_LEN)))
		e->_state.astray = 1;
	e->_state.answers = 1;
}

/*
 * Take note of what comes until nothing does for quiet_ms. FAR_OK, FAR_ERR_TIMEOUT if that never
 * happens, FAR_ERR_IO, FAR_ERR_CANCELLED.
 */
static int sift(struct far_esp *e, uint32_t quiet_ms)
{
	struct far_loader *l = &e->_state.loader;
	struct far_loader_reply reply;
	unsigned left = FRAMES_MAX;
	uint8_t heard = l->heard;
	int rc;

	do {
		l->heard = 0;
		rc = far_loader_receive(l, &reply, quiet_ms);
		if (far_esp_is_final(rc))
			return rc;
		if (rc == FAR_OK)
			note(e, &reply);
		heard |= l->heard;
	} while (--left > 0 && (rc != FAR_ERR_TIMEOUT || l->heard));
	l->heard = heard;
	far_loader_forget(l);
	return left > 0 ? FAR_OK : FAR_ERR_TIMEOUT;
}

/* Wait for the reply to op. Late answers to an earlier SYNC are passed over: they do no harm. */
static int await(struct far_esp *e, uint8_t op, uint32_t timeout_ms)
{
	uint32_t payload_len = op == ESP_SYNC ? 0 : e->_state.answer_len;
	struct far_loader_reply reply;
	int rc;

	for (unsigned i = 0; i < FRAMES_MAX; i++) {
		rc = far_loader_receive(&e->_state.loader, &reply, timeout_ms);
		/* Of a digest's digits no fault makes a shorter frame. */
		if (rc == FAR_ERR_PROTO && payload_len == 2 * FAR_MD5_LEN)
			e->_state.astray |= reply.len > 0 && reply.len < payload_len;
		else if (rc == FAR_OK)
			note(e, &reply);
		if (rc != FAR_OK)
			return rc;
		if (reply.op == op)
			return judge(e, &reply, payload_len);
		if (is_unknown(e, &reply)) {
			e->_state.peer_error = ESP_ERROR_INVALID;
			rc = sift(e, QUIET_MS);
			return far_esp_is_final(rc) ? rc : FAR_ERR_REFUSED;
		}
		if (reply.op != ESP_SYNC)
			break;
	}
	return FAR_ERR_PROTO;
}

int far_esp_exchange(struct far_esp *e, const struct far_loader_request *request,
		     uint32_t timeout_ms)
{
	struct far_loader *l = &e->_state.loader;
	int rc = sift(e, 0);

	l->heard = 0;
	if (request->op != ESP_SYNC) {
		e->_state.asked = request->op;
		e->_state.answer_len = (uint8_t)payload_of(e, request->op);
		e->_state.answers = e->_state.refused = 0;
	}
	if (rc == FAR_OK || rc == FAR_ERR_TIMEOUT)
		rc = far_loader_send(l, request);
	if (rc != FAR_OK)
		return rc;
	timeout_ms += far_esp_wire_ms(e, request->body_len + 4 * FAR_LOADER_REPLY_MAX);
	return await(e, request->op, timeout_ms);
}

int far_esp_sync(struct far_esp *e, uint32_t timeout_ms)
{
	/* The run of 55 lets the ROM measure the rate. */
	static const uint8_t sync[36] = {
		0x07, 0x07, 0x12, 0x20, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
		0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
		0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
	};
	static const struct far_loader_request request = { ESP_SYNC, sizeof(sync), sync, NULL, 0 };
	uint32_t value = 0;
	uint8_t strange = 0;
	int answered = 0;
	int rc = far_esp_exchange(e, &request, timeout_ms);

	/*
	 * Older replies and noise come first, and are what SYNC is there to get rid of. Each SYNC
	 * is answered eight times.
	 */
	for (unsigned i = 0; i < FRAMES_MAX && rc != FAR_ERR_TIMEOUT && !far_esp_is_final(rc);
	     i++) {
		if (rc == FAR_OK) {
			answered = 1;
			value |= e->_state.value;
		} else {
			strange = 1;
			if (rc == FAR_ERR_REFUSED && e->_state.deferred < e->_state.peer_error)
				e->_state.deferred = e->_state.peer_error;
		}
		rc = await(e, ESP_SYNC, answered ? QUIET_MS : timeout_ms);
	}
	e->_state.value = value;
	e->_state.loader.heard = strange;
	return rc == FAR_ERR_TIMEOUT && answered ? FAR_OK : rc;
}

int far_esp_resync(struct far_esp *e)
{
	struct far_loader *l = &e->_state.loader;
	uint8_t heard = 0;
	int rc = FAR_ERR_TIMEOUT;

	e->resyncs++;
	e->_state.deferred = 0;
	for (unsigned i = 0; i < FAR_ESP_TRIES && rc != FAR_OK && !far_esp_is_final(rc); i++) {
		/* A frame cut short waits in the chip for its end: give it one, twice. */
		rc = far_slip_delimit(l->stream);
		if (rc == FAR_OK)
			rc = far_slip_delimit(l->stream);
		if (rc == FAR_OK)
			rc = sift(e, QUIET_MS);
		heard |= l->heard;
		if (rc == FAR_OK)
			rc = far_esp_sync(e, SYNC_MS);
	}
	l->heard |= heard;
	/* Where a stub was and a ROM answers the chip has been reset. */
	if (rc == FAR_OK && e->_state.connected && e->loader == FAR_ESP_STUB &&
	    e->_state.value != 0)
		rc = FAR_ERR_TIMEOUT;
	if (rc != FAR_OK)
		e->_state.connected = 0;
	return rc;
}

/* The words become the bytes of the request's head where they stand: no second copy. */
int far_esp_command(struct far_esp *e, unsigned op, unsigned count, uint32_t timeout_ms)
{
	struct far_loader_request *request = &e->_state.request;
	uint32_t *words = e->_state.words;
	unsigned refusals = 0;
	int rc = FAR_ERR_TIMEOUT;

	for (unsigned i = 0; i < count; i++)
		words[i] = far_to_le32(words[i]);
	request->op = (uint8_t)op;
	request->head_len = (uint8_t)(4 * count);
	request->head = (uint8_t *)words;
	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		rc = far_esp_exchange(e, request, timeout_ms);
		if ((op & ESP_ONCE) != 0)
			return rc;
		if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO) {
			int in_step = far_esp_resync(e);

			if (in_step != FAR_OK)
				return in_step;
		} else if (rc != FAR_ERR_REFUSED || ++refusals > 1) {
			return rc;
		}
		/* Commands carry no checksum: the first refusal may be one of a damaged copy. */
		e->retries++;
	}
	return rc;
}

int far_esp_four_words(struct far_esp *e, unsigned op, uint32_t first, uint32_t second,
		       uint32_t timeout_ms)
{
	uint32_t *words = e->_state.words;

	words[0] = first;
	words[1] = second;
	words[2] = words[3] = 0;
	return far_esp_command(e, op, 4, timeout_ms);
}

int far_esp_fence(struct far_esp *e)
{
	int rc = far_esp_sync(e, SYNC_MS);

	if (far_esp_is_final(rc) || (rc == FAR_OK && !e->_state.loader.heard))
		return rc;
	rc = far_esp_resync(e);
	return rc == FAR_OK ? 1 : rc;
}

int far_esp_fail(struct far_esp *e, int rc, uint32_t addr, uint32_t touched, uint32_t touched_len)
{
	if (e->_state.astray) {
		touched = 0;
		touched_len = e->flash.info.size;
		e->_state.astray = 0;
		rc = rc == FAR_OK ? FAR_ERR_PROTO : rc;
	}
	if (rc == FAR_OK)
		return rc;
	return far_flash_fail(&e->flash, rc, addr, rc == FAR_ERR_REFUSED ? e->_state.peer_error : 0,
			      touched, touched_len);
}

int far_esp_settle(struct far_esp *e, int rc, uint32_t addr)
{
	return far_esp_fail(e, rc, addr, 0, 0);
}
