/* SPDX-License-Identifier: Apache-2.0 */
#include "link/fragment.h"
#include "core/bytes.h"
#include "link/session.h"

int far_fragment_send(struct far_fragments *f, uint32_t timeout_ms)
{
	uint32_t *w = f->out.words, left, n, head;
	int rc = FAR_OK;

	while ((left = f->out.left) > 0) {
		head = f->out.head_len;
		n = far_min32(left, FAR_FRAGMENT_DATA_MAX);
		w[0] = head > 0 ? left | FAR_FRAGMENT_FIRST : left;
		memcpy((uint8_t *)FAR_FRAGMENT_DATA(w) + head, f->out.body, n - head);
		rc = far_mailbox_transfer(f->mailbox, f->session, f->channel, w,
					  FAR_FRAGMENT_HEAD + n, timeout_ms);
		if (rc != FAR_OK)
			break;
		f->out.left = left - n;
		f->out.body += n - head;
		f->out.head_len = 0;
	}
	return rc;
}

int far_fragment_receive(struct far_fragments *f, uint32_t words[FAR_MAILBOX_DATA_MAX / 4],
			 uint32_t timeout_ms)
{
	uint32_t session = f->session != 0 ? f->session : FAR_MAILBOX_ANY_SESSION;
	int len = far_mailbox_transfer(f->mailbox, session, f->channel, words, FAR_MAILBOX_TAKE,
				       timeout_ms);

	return len < 0 ? len : far_fragment_take(f, words, (uint32_t)len);
}
