/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both kinds of a remote are made of: how a call of the flash becomes requests, and what
 * replies do to it. How it is cut into requests, and what goes through the window, is decided in
 * carry(), of which each kind has its own, beside CAPS, what it can make use of. All is static
 * here, so that each kind is compiled as a whole: what is called in one place needs no frame, which
 * is a sixth of the code.
 */
#ifndef FARFLASH_DEVICE_MAILBOX_CALL_H
#define FARFLASH_DEVICE_MAILBOX_CALL_H

#include "core/bytes.h"
#include "device/mailbox/mailbox.h"

/* What an op says beside its enum far_service_op. */
#define CHANGES 0x100u      /* the flash, though it takes no right to */
#define DATA(n) ((n) << 12) /* bytes of data in its reply, but for read */

/*
 * So long at most without a look at the session, or at whether the supervisor wants us to listen.
 */
#define SLICE_MS  10u
#define UNIT      32u /* pieces are multiples of the largest write block */
#define PIECE_MAX 0x10000u

#define NOTHING 1u /* due: no request begins like this */

/* Requests, until all of the call is done. FAR_OK, or the error that ended it. */
static int carry(struct far_mailbox_flash_state *s);

static uint32_t now_ms(const struct far_mailbox_flash_state *s)
{
	return s->clock->ops->now_ms(s->clock);
}

static const struct far_mailbox_flash_said *said_to(const struct far_mailbox_flash_state *s)
{
	const uint8_t *m = (const uint8_t *)s - offsetof(struct far_mailbox_flash, _state);

	return &((const struct far_mailbox_flash *)(const void *)m)->said;
}

/* Bytes of one request's data. */
static uint32_t piece_max(const struct far_mailbox_flash_state *s)
{
	return said_to(s)->piece_max & (PIECE_MAX - UNIT);
}

/* ---- requests and replies -------------------------------------------------------------------- */

/* Prepare the request for n bytes from byte at of the call on. The one before must be sent. */
static void ask(struct far_mailbox_flash_state *s, uint32_t at, uint32_t n, uint32_t extra)
{
	uint32_t *w = s->link.out.words, left = FAR_SERVICE_REQUEST;
	uint32_t op = s->call.op, word = (s->word >> FAR_SERVICE_TAG_POS) + 1;

	word = word << FAR_SERVICE_TAG_POS | (op & 0xff) << FAR_SERVICE_OP_POS;
	s->word = s->due = w[1] = word;
	w[2] = s->call.addr + at;
	w[3] = n;
	w[4] = extra;
	s->call.sent = at + n;
	s->call.to = s->call.data;
	if (op >> 12 == 0) /* an answer of fixed length is one of the whole call */
		s->call.to += at;
	s->link.out.body = s->call.to;
	if (op & FAR_SERVICE_SENDS)
		left += n;
	w[0] = FAR_FRAGMENT_FIRST | left;
}

/*
 * The first fragment of a reply, with its head at w. FAR_OK: it is the one that is due, done, and
 * as long as it has to be. 1: a late one. A failure is noted.
 */
static int answered(struct far_mailbox_flash_state *s, const uint32_t *w)
{
	uint32_t err = w[0] & FAR_SERVICE_ERR, op = s->call.op, n = w[2], len = op >> 12;

	if ((w[0] ^ err) != s->due) {
		s->link.in.left = 0;
		s->late++;
		return 1;
	}
	if ((op & 0xff) == FAR_SERVICE_READ)
		len = n;
	if (err != 0)
		len = 0;
	if (s->link.in.got + s->link.in.left != FAR_SERVICE_REPLY + len)
		return FAR_ERR_PROTO;
	if (err != 0) {
		s->due = NOTHING;
		s->call.done = w[1] - s->call.addr;
		s->call.end = n;
		s->call.code = w[3];
		return -(int)err;
	}
	/* some of what was asked for, unless that was nothing */
	s->call.count = n;
	return n <= s->call.n && (n > 0 || s->call.n == 0) ? FAR_OK : FAR_ERR_PROTO;
}

/* Listen for timeout_ms at most. 1: the call at hand has moved forward; FAR_OK: it has not. */
static int listen(struct far_mailbox_flash_state *s, uint32_t timeout_ms)
{
	uint32_t w[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)], n;
	uint8_t *from = (uint8_t *)(w + 1);
	int rc, at = far_fragment_receive(&s->link, w, timeout_ms);

	if (at < 0)
		return at == FAR_ERR_BUSY || at == FAR_ERR_PROTO ? FAR_OK : at;
	if (at == 0) {
		rc = answered(s, w + 1);
		if (rc != FAR_OK)
			return rc < 0 ? rc : FAR_OK;
		at = FAR_SERVICE_REPLY;
		from += at;
	}
	n = s->link.in.got - (uint32_t)at;
	memcpy(s->call.to, from, n);
	s->call.to += n;
	if (s->link.in.left == 0)
		s->due = NOTHING;
	return 1;
}

/*
 * Send, if there is something to send, until the request s->due is answered: n bytes at most. Only
 * what moves the call forward counts as life. The first request to a supervisor goes into whichever
 * session there is, or will be.
 */
static int await(struct far_mailbox_flash_state *s, uint32_t n)
{
	uint32_t left = UINT32_MAX, since = 0, now;
	int rc;

	s->call.n = n;
	do {
		rc = far_fragment_send(&s->link, SLICE_MS);
		if (rc == FAR_OK || rc == FAR_ERR_BUSY)
			rc = listen(s, SLICE_MS);
		now = now_ms(s);
		if (rc > 0 || s->link.out.words[0] != left) {
			left = s->link.out.words[0];
			since = now;
		} else if (rc == FAR_OK && now - since >= s->timeout_ms) {
			rc = FAR_ERR_TIMEOUT;
		}
	} while (rc >= 0 && s->due != NOTHING);
	return rc;
}

/* One call, in the session that there is. */
static __attribute__((noinline)) int run(struct far_mailbox_flash_state *s, uint32_t addr,
					 void *data, uint32_t len, uint32_t op)
{
	s->call.op = op;
	s->call.addr = addr;
	s->call.data = data;
	s->call.len = len;
	s->call.done = s->call.sent = s->call.code = 0;
	s->call.end = UINT32_MAX;
	s->link.in.left = 0; /* what was begun to come is late */
	return carry(s);
}

/* ---- finding the supervisor ------------------------------------------------------------------ */

/* An info as farflash/flash.h promises it to users. */
static bool is_sane(const struct far_mailbox_flash_said *w)
{
	uint32_t sector = w->sector_size - 1, block = w->write_block - 1;

	/* powers of two, each a multiple of the one before */
	return w->size != 0 && block < UNIT &&
	       ((w->write_block & block) | (block & ~sector) |
		((w->sector_size | w->size) & sector)) == 0;
}

#define INFO (FAR_SERVICE_INFO | DATA(4u * FAR_SERVICE_INFO_WORDS))
_Static_assert(sizeof(struct far_mailbox_flash_said) == 4u * FAR_SERVICE_INFO_WORDS,
	       "an answer to INFO lands there");

/*
 * In whichever session there is, ask for what the supervisor says of its flash. Once open, that has
 * to stay of the same shape. The answer says that nothing older can come to pass any more.
 */
static int find(struct far_mailbox_flash *m)
{
	struct far_mailbox_flash_state *s = &m->_state;
	struct far_mailbox_flash_said *w = &m->said;
	struct far_flash_info *i = &m->flash.info;
	uint32_t session;
	int rc;

	s->link.session = 0;
	rc = run(s, CAPS, w, 0, INFO);
	if (rc != FAR_OK)
		return rc;
	session = s->link.session;
	s->link.session = 0;
	if (w->about >> 16 != FAR_SERVICE_VERSION || piece_max(s) == 0 || !is_sane(w))
		return FAR_ERR_PROTO;
	if (i->size != 0 &&
	    ((i->size ^ w->size) | (i->sector_size ^ w->sector_size) |
	     (i->write_block ^ w->write_block) | (i->erase_value ^ (uint8_t)w->about)) != 0)
		return FAR_ERR_STATE;
	i->size = w->size;
	i->sector_size = w->sector_size;
	i->write_block = w->write_block;
	i->erase_value = (uint8_t)w->about;
	i->caps = (uint8_t)(w->about >> 8);
	s->link.session = session;
	return FAR_OK;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/*
 * Record a failure as one of a change of [addr, addr + len); what the supervisor said is in
 * call.end.
 */
static void failed(struct far_mailbox_flash *m, int err, uint32_t addr, uint32_t op)
{
	struct far_mailbox_flash_state *s = &m->_state;
	uint32_t changed = 0;

	if (s->due != NOTHING) /* it may still be done: have that ruled out first */
		s->link.session = 0;
	if (op &
	    (CHANGES | (FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE) << FAR_SERVICE_RIGHTS_POS))
		changed = far_min32(s->call.end - addr, s->call.sent);
	far_flash_fail(&m->flash, err, addr + s->call.done, s->call.code, addr, changed);
}

/*
 * A call. In the session in which the supervisor was found all is well; unless it is over: then it
 * is found again first, but not for what goes on with something begun. op 0: to find it is all.
 */
static int perform(struct far_mailbox_flash *m, uint32_t addr, void *data, uint32_t len,
		   uint32_t op, bool goes_on)
{
	struct far_mailbox_flash_state *s = &m->_state;
	int rc = FAR_OK;

	if (s->link.session == 0 || listen(s, 0) < 0) { /* a reply is a late one */
		if (goes_on) {
			s->link.session = s->call.done = s->call.sent = 0;
			rc = FAR_ERR_TIMEOUT;
		} else {
			rc = find(m);
		}
	}
	if (rc == FAR_OK && op != 0)
		rc = run(s, addr, data, len, op);
	if (rc != FAR_OK)
		failed(m, rc, addr, op);
	return rc;
}

static int call(struct far_flash *f, uint32_t addr, void *data, uint32_t len, uint32_t op)
{
	return perform((struct far_mailbox_flash *)(void *)f, addr, data, len, op, false);
}

static int mailbox_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	return call(f, addr, buf, len, FAR_SERVICE_READ);
}

static int mailbox_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	return call(f, addr, (void *)(uintptr_t)buf, len, FAR_SERVICE_WRITE);
}

static int mailbox_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	return call(f, addr, f, len, FAR_SERVICE_ERASE);
}

static int mailbox_digest(struct far_flash *f, uint32_t addr, uint32_t len,
			  uint8_t md5[FAR_MD5_LEN])
{
	return call(f, addr, md5, len, FAR_SERVICE_DIGEST | DATA(FAR_MD5_LEN));
}

/* The length is what may have changed if it fails. */
static int mailbox_sync(struct far_flash *f)
{
	return call(f, 0, f, f->info.size, FAR_SERVICE_SYNC | CHANGES);
}

static int start(struct far_mailbox_flash *m, const struct far_mailbox_flash_config *config,
		 const struct far_flash_ops *ops)
{
	struct far_mailbox_flash_state *s = &m->_state;

	memset(m, 0, offsetof(struct far_mailbox_flash, _state.config));
	m->flash.fault.op = FAR_FLASH_OP_SESSION;
	m->flash.ops = ops;
	s->clock = config->clock;
	s->timeout_ms = config->timeout_ms;
	s->link.mailbox = config->mailbox;
	s->link.channel = config->channel != 0 ? config->channel : FAR_MAILBOX_FLASH_CHANNEL;
	if (config->mailbox != NULL && config->clock != NULL && config->timeout_ms > 0)
		return call(&m->flash, 0, NULL, 0, 0);
	m->flash.fault.err = FAR_ERR_ARG;
	return FAR_ERR_ARG;
}

#endif
