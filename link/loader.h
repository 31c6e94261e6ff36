/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of the ESP serial loader: one request out, one reply in. Knows the envelope (direction,
 * opcode, size, checksum, value) and nothing of what the opcodes mean.
 */
#ifndef FARFLASH_LINK_LOADER_H
#define FARFLASH_LINK_LOADER_H

#include <stdint.h>

#include "core/bytes.h"
#include "farflash/clock.h"
#include "farflash/stream.h"
#include "link/slip.h"

/* The longest reply any ROM sends: 64 bytes read from flash, 8 of header, 4 of status. */
#define FAR_LOADER_REPLY_MAX 80
/* Direction, opcode, size 16, checksum or value 32. */
#define FAR_LOADER_HEADER_LEN 8

struct far_loader {
	struct far_stream *stream;
	struct far_clock *clock;
	struct far_slip_decoder slip;
	uint8_t rx_pos, rx_len; /* in rx: bytes taken from the stream and not yet decoded */
	uint8_t heard;          /* set when anything at all has come; the owner clears it */
	uint8_t rx[64];
	union {
		uint8_t bytes[FAR_LOADER_REPLY_MAX];
		uint32_t words[FAR_LOADER_REPLY_MAX / 4]; /* the same, in the wire's order */
	} frame;
};

/*
 * A request: head is the fixed part of its data, body what follows and is covered by the checksum
 * (NULL with length 0: none). head_len + body_len is at most 65535.
 */
struct far_loader_request {
	uint8_t op;
	uint8_t head_len;
	const uint8_t *head;
	const uint8_t *body;
	uint32_t body_len;
};

/* A reply; data points into the loader's frame and holds until its next call. */
struct far_loader_reply {
	uint8_t op;
	uint8_t len; /* of data: payload, then status */
	uint32_t value;
	const uint8_t *data;
};

/* stream and clock outlive l. */
void far_loader_init(struct far_loader *l, struct far_stream *stream, struct far_clock *clock);

/* Send one request (it may be held back until the next receive). FAR_OK or the stream's error. */
int far_loader_send(struct far_loader *l, const struct far_loader_request *request);

/*
 * Wait at most timeout_ms for one whole frame. FAR_OK: reply is filled. FAR_ERR_TIMEOUT;
 * FAR_ERR_PROTO: a frame came that is no reply (broken, short, wrong direction or size), of len
 * bytes in all, or 0 if it was broken; FAR_ERR_IO, FAR_ERR_CANCELLED.
 */
int far_loader_receive(struct far_loader *l, struct far_loader_reply *reply, uint32_t timeout_ms);

/*
 * The same for a frame without an envelope, as flasher stubs send them: its payload goes into buf,
 * at most cap bytes. Returns their count, > 0, or as above; FAR_ERR_PROTO also for a longer frame.
 */
int far_loader_receive_raw(struct far_loader *l, uint8_t *buf, uint32_t cap, uint32_t timeout_ms);

/* Send such a frame. FAR_OK or the stream's error. */
int far_loader_send_raw(struct far_loader *l, const uint8_t *data, uint32_t len);

/* What has come so far belongs to no frame: the next one starts afresh. */
void far_loader_forget(struct far_loader *l);

/* Word n of the data of the last reply; there must be as many. */
static inline uint32_t far_loader_word(const struct far_loader *l, unsigned n)
{
	return far_to_le32(l->frame.words[FAR_LOADER_HEADER_LEN / 4 + n]);
}

#endif
