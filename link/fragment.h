/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of 1 to 65,535 bytes over one mailbox channel, in fragments of up to 60. The mailbox
 * loses nothing within a session, so a hole means that the sender gave up or that the peer is not
 * to be trusted: the message is dropped, and the next one starts clean.
 *
 * One message at a time per channel and direction; nothing else is sent on that channel.
 * Format: docs/SPEC-mailbox.md, "Fragments".
 */
#ifndef FARFLASH_LINK_FRAGMENT_H
#define FARFLASH_LINK_FRAGMENT_H

#include "farflash/mailbox.h"

#define FAR_FRAGMENT_HEAD     4u
#define FAR_FRAGMENT_DATA_MAX (FAR_MAILBOX_DATA_MAX - FAR_FRAGMENT_HEAD)
#define FAR_FRAGMENT_LEN_MAX  65535u

/* One outgoing message. Zero it once; it keeps the number from message to message. */
struct far_fragment_out {
	const uint8_t *head, *body;
	uint32_t head_len, body_len;
	uint32_t at;      /* bytes that are sent */
	uint32_t session; /* the only one in which it may be sent */
	uint8_t number;
};

/*
 * Prepare a message for this session (far_mailbox_session): head_len (0 to 60) bytes of head, then
 * body_len of body. Both must stay as they are until it is sent. FAR_ERR_RANGE: head or the whole is
 * too long, or nothing.
 */
int far_fragment_begin(struct far_fragment_out *o, uint32_t session, const void *head,
		       size_t head_len, const void *body, size_t body_len);

/*
 * Send what is left of it, waiting up to timeout_ms for room for each fragment. FAR_OK: all is sent.
 * FAR_ERR_BUSY: not all yet, call again to go on. Other errors are far_mailbox_send's, and this
 * message is lost: FAR_ERR_TIMEOUT when its session is over.
 */
int far_fragment_send(struct far_fragment_out *o, struct far_mailbox *m, uint32_t channel,
		      uint32_t timeout_ms);

/* Collects incoming messages. Zero it, then set buf and cap. */
struct far_fragment_in {
	uint8_t *buf; /* cap bytes; holds a message once it is complete */
	uint32_t cap;
	uint32_t got, left; /* bytes of the message begun */
	uint32_t session;
	uint32_t dropped; /* messages begun and not completed, or longer than cap */
	uint8_t number;
};

/*
 * Take one mailbox message that came in this session (far_mailbox_session). > 0: buf holds a
 * complete message of so many bytes, until the next call; 0: go on; FAR_ERR_PROTO: this was
 * none, or its message has a hole or is longer than cap; what was begun is dropped.
 */
int far_fragment_take(struct far_fragment_in *i, uint32_t session, const void *data, size_t len);

#endif
