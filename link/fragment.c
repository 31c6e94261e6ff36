/* SPDX-License-Identifier: Apache-2.0 */
#include "link/fragment.h"
#include "core/bytes.h"
#include "link/session.h"

/* The head of a fragment: bytes of the message from this fragment on; and if it is the first one: */
#define FIRST 0x10000u

int far_fragment_send(struct far_fragments *f, uint32_t timeout_ms)
{
	uint32_t w[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)];
	int rc = FAR_OK;

	while (f->out.left > 0) {
		uint32_t n = far_min32(f->out.left, FAR_FRAGMENT_DATA_MAX), head = f->out.head_len;

		w[0] = head > 0 ? f->out.left | FIRST : f->out.left;
		memcpy(w + 1, f->out.head, head);
		memcpy((uint8_t *)(w + 1) + head, f->out.body, n - head);
		rc = far_mailbox_transfer(f->mailbox, f->session, f->channel, w,
					  FAR_FRAGMENT_HEAD + n, timeout_ms);
		if (rc != FAR_OK)
			break;
		f->out.left -= n;
		f->out.body += n - head;
		f->out.head_len = 0;
	}
	return rc;
}

int far_fragment_take(struct far_fragments *f, const uint32_t *words, uint32_t len)
{
	uint32_t left = words[0], at = f->in.got, n;

	if (left & FIRST) {
		left ^= FIRST;
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

int far_fragment_receive(struct far_fragments *f, uint32_t words[FAR_MAILBOX_DATA_MAX / 4],
			 uint32_t timeout_ms)
{
	int len = far_mailbox_transfer(f->mailbox, f->session, f->channel, words, FAR_MAILBOX_TAKE,
				       timeout_ms);

	return len < 0 ? len : far_fragment_take(f, words, (uint32_t)len);
}
