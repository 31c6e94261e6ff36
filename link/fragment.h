/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of 16 to 65,535 bytes over one mailbox channel, in fragments of up to 60. The mailbox
 * loses nothing within a session, so a hole means that the sender gave up or that the peer is not
 * to be trusted: the message is dropped, and the next one starts clean.
 *
 * One message at a time per channel and direction; nothing else is sent on that channel.
 * Format: docs/SPEC-mailbox.md, "Fragments".
 */
#ifndef FARFLASH_LINK_FRAGMENT_H
#define FARFLASH_LINK_FRAGMENT_H

#include "core/bytes.h"
#include "farflash/mailbox.h"
#include "link/session.h"

#define FAR_FRAGMENT_HEAD     4u
#define FAR_FRAGMENT_FIRST    0x10000u /* in the head: one begins; below: bytes left of it */
#define FAR_FRAGMENT_DATA_MAX (FAR_MAILBOX_DATA_MAX - FAR_FRAGMENT_HEAD)
#define FAR_FRAGMENT_LEN_MAX  65535u

#define FAR_FRAGMENT_MESSAGE_HEAD 16u /* bytes of a message that are kept apart from the rest */

/*
 * One end of such a channel. Zero it, set mailbox, channel, and before anything else in each
 * session: session, out.words[0] 0 and in.left 0.
 */
struct far_fragments {
	struct far_mailbox *mailbox;
	uint32_t channel;
	/*
	 * As far_mailbox_session named it: nothing goes into, or comes from, another. 0: from any;
	 * and what is sent goes into the one that there is, or will be, which is then named here.
	 */
	uint32_t session;
	/* How far the incoming message is. */
	struct {
		uint32_t got, left; /* bytes */
	} in;
	/*
	 * The outgoing message: FAR_FRAGMENT_MESSAGE_HEAD bytes, then a body. To begin one, while
	 * words[0] is 0, set all.
	 */
	struct {
		const uint8_t *body; /* must stay as it is until all is sent; not NULL */
		/*
		 * The fragment that is sent next: bytes of the message still to send, with
		 * FAR_FRAGMENT_FIRST at first; then the message's head.
		 */
		uint32_t words[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)];
	} out;
};

/* Where the head of a message goes. */
#define FAR_FRAGMENT_DATA(words) ((words) + FAR_FRAGMENT_HEAD / sizeof(uint32_t))

/*
 * Send what is left of the outgoing message, waiting up to timeout_ms for room for each fragment.
 * FAR_OK: all is sent. FAR_ERR_BUSY: not all yet, call again to go on. Other errors are
 * far_mailbox_send's, and the message is lost: FAR_ERR_TIMEOUT when its session is over.
 *
 * In the header, as who uses it calls it in one place, and is shorter for it.
 */
static inline int far_fragment_send(struct far_fragments *f, uint32_t timeout_ms)
{
	uint32_t *w = f->out.words, left;
	int rc = FAR_OK;

	while ((left = w[0]) > 0) {
		/* the bit that says that it is the first is so many times the head's length */
		uint32_t head = left / (FAR_FRAGMENT_FIRST / FAR_FRAGMENT_MESSAGE_HEAD) &
				FAR_FRAGMENT_MESSAGE_HEAD;
		uint32_t n;

		left &= FAR_FRAGMENT_LEN_MAX;
		n = far_min32(left, FAR_FRAGMENT_DATA_MAX);
		memcpy((uint8_t *)FAR_FRAGMENT_DATA(w) + head, f->out.body, n - head);
		rc = far_mailbox_transfer(f->mailbox, f->session, f->channel, w,
					  FAR_FRAGMENT_HEAD + n, timeout_ms);
		if (rc != FAR_OK)
			break;
		f->session = far_mailbox_session_told(f->mailbox);
		w[0] = left - n;
		f->out.body += n - head;
	}
	return rc;
}

/* What far_fragment_receive does with a mailbox message of len bytes that has come. */
static inline int far_fragment_take(struct far_fragments *f, const uint32_t *words, uint32_t len)
{
	uint32_t left = words[0], at = f->in.got, n;

	if (left & FAR_FRAGMENT_FIRST) {
		left ^= FAR_FRAGMENT_FIRST;
		f->in.left = left;
		at = 0;
	}
	n = far_min32(left, FAR_FRAGMENT_DATA_MAX);
	if (left - 1 >= FAR_FRAGMENT_LEN_MAX || left != f->in.left ||
	    len != FAR_FRAGMENT_HEAD + n) {
		f->in.left = 0;
		return FAR_ERR_PROTO;
	}
	f->in.got = at + n;
	f->in.left = left - n;
	return (int)at;
}

/*
 * Receive a fragment, waiting up to timeout_ms: behind its head, which is words[0], bytes of a
 * message. Returns from which byte on, and in.got says how far they reach. 0 begins a message, of
 * in.got + in.left bytes; in.left 0 ends one. Who does not want the rest zeroes in.left.
 *
 * FAR_ERR_PROTO: this was no fragment, or not the one that is due; what was begun is dropped.
 * FAR_ERR_BUSY: none came. FAR_ERR_TIMEOUT: the session is over. Or the error of the doorbell's
 * wait.
 */
static inline int far_fragment_receive(struct far_fragments *f,
				       uint32_t words[FAR_MAILBOX_DATA_MAX / 4],
				       uint32_t timeout_ms)
{
	int len = far_mailbox_transfer(f->mailbox, f->session, f->channel, words, FAR_MAILBOX_TAKE,
				       timeout_ms);

	return len < 0 ? len : far_fragment_take(f, words, (uint32_t)len);
}

#endif
