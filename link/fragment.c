/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "link/fragment.h"

/*
 * The head of a fragment, little-endian: bits 0-15 bytes of the message from this fragment on, 16-23
 * number of the message, 24 set on its first fragment.
 */
#define FIRST (1u << 24)

int far_fragment_begin(struct far_fragment_out *o, uint32_t session, const void *head,
		       size_t head_len, const void *body, size_t body_len)
{
	if (head_len > FAR_FRAGMENT_DATA_MAX || body_len > FAR_FRAGMENT_LEN_MAX - head_len ||
	    head_len + body_len == 0)
		return FAR_ERR_RANGE;
	o->session = session;
	o->head = head;
	o->head_len = (uint32_t)head_len;
	o->body = body;
	o->body_len = (uint32_t)body_len;
	o->at = 0;
	o->number++;
	return FAR_OK;
}

/* The head travels in the first fragment, so that all others are plain pieces of the body. */
static uint32_t fill(const struct far_fragment_out *o, uint8_t *f)
{
	uint32_t left = o->head_len + o->body_len - o->at;
	uint32_t n = far_min32(left, FAR_FRAGMENT_DATA_MAX);
	uint32_t from_head = o->at == 0 ? o->head_len : 0;

	far_put_le32(f, left | (uint32_t)o->number << 16 | (o->at == 0 ? FIRST : 0));
	f += FAR_FRAGMENT_HEAD;
	if (from_head > 0)
		memcpy(f, o->head, from_head);
	if (n > from_head)
		memcpy(f + from_head, o->body + (o->at + from_head - o->head_len), n - from_head);
	return n;
}

int far_fragment_send(struct far_fragment_out *o, struct far_mailbox *m, uint32_t channel,
		      uint32_t timeout_ms)
{
	uint8_t f[FAR_MAILBOX_DATA_MAX];

	while (o->at < o->head_len + o->body_len) {
		uint32_t n = fill(o, f);
		int rc = FAR_ERR_TIMEOUT;

		if (o->session == far_mailbox_session(m))
			rc = far_mailbox_send(m, channel, f, FAR_FRAGMENT_HEAD + n, timeout_ms);
		if (rc != FAR_OK)
			return rc;
		o->at += n;
	}
	return FAR_OK;
}

static int drop(struct far_fragment_in *i)
{
	if (i->left > 0)
		i->dropped++;
	i->left = 0;
	return FAR_ERR_PROTO;
}

int far_fragment_take(struct far_fragment_in *i, uint32_t session, const void *data, size_t len)
{
	uint32_t n = (uint32_t)len - FAR_FRAGMENT_HEAD, head, left;

	if (len < FAR_FRAGMENT_HEAD || len > FAR_MAILBOX_DATA_MAX)
		return drop(i);
	head = far_get_le32(data);
	left = head & 0xffff;
	if (head & FIRST) {
		drop(i);
		i->got = 0;
		i->left = left;
		i->session = session;
		i->number = (uint8_t)(head >> 16);
	}
	if (left == 0 || left != i->left || session != i->session ||
	    head >> 16 != ((head & FIRST) >> 16 | i->number) ||
	    n != far_min32(left, FAR_FRAGMENT_DATA_MAX) || left > i->cap - i->got)
		return drop(i);
	memcpy(i->buf + i->got, (const uint8_t *)data + FAR_FRAGMENT_HEAD, n);
	i->got += n;
	i->left -= n;
	return i->left == 0 ? (int)i->got : 0;
}
