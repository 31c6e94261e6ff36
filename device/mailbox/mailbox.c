/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, their replies, and the kind of remote that does without window, streams and reports. */
#include "core/bytes.h"
#include "device/mailbox/internal.h"
#include "link/session.h"

/* So long at most without a look at the session, or at whether the supervisor wants us to listen. */
#define SLICE_MS  10u
#define UNIT      32u /* pieces are multiples of the largest write block */
#define PIECE_MAX 0x10000u

#define NOTHING 1u /* due: no request begins like this */

/* stream and end: what they go on with is lost with the session */
#define GOES_ON(op) (((op)&6) == 4)

static uint32_t now_ms(const struct far_mailbox_flash_state *s)
{
	return s->clock->ops->now_ms(s->clock);
}

/* ---- requests and replies -------------------------------------------------------------------- */

void far_mailbox_flash_ask(struct far_mailbox_flash_state *s, uint32_t at, uint32_t n,
			   uint32_t extra)
{
	uint32_t *head = FAR_FRAGMENT_DATA(s->link.out.words), left = FAR_SERVICE_REQUEST;
	uint32_t op = s->call.op & 0xff, word = (s->word >> FAR_SERVICE_TAG_POS) + 1;

	word = word << FAR_SERVICE_TAG_POS | op << FAR_SERVICE_OP_POS;
	s->word = s->due = head[0] = word;
	head[1] = s->call.addr + at;
	head[2] = n;
	head[3] = extra;
	s->call.sent = at + n;
	s->call.to = s->call.data;
	if (s->call.op >> 12 == 0) /* an answer of fixed length is one of the whole call */
		s->call.to += at;
	s->link.out.body = s->call.to;
	if (op & FAR_SERVICE_SENDS)
		left += n;
	s->link.out.head_len = FAR_SERVICE_REQUEST;
	s->link.out.left = left;
	s->call.since = now_ms(s);
}

static void late(struct far_mailbox_flash_state *s)
{
	uint8_t *m = (uint8_t *)s - offsetof(struct far_mailbox_flash, _state);

	((struct far_mailbox_flash *)(void *)m)->late++;
}

/*
 * The first fragment of a reply, with its head at w. FAR_OK: it is the one that is due, done, and
 * as long as it has to be. 1: a late one. A failure is noted.
 */
static int answered(struct far_mailbox_flash_state *s, const uint32_t *w)
{
	uint32_t err = w[0] & FAR_SERVICE_ERR, op = s->call.op, n = w[1], len = op >> 12;

	if ((w[0] ^ err) != s->due) {
		s->link.in.left = 0;
		late(s);
		return 1;
	}
	if ((op & 0xff) == FAR_SERVICE_READ)
		len = n;
	if (err != 0)
		len = 4 * FAR_SERVICE_FAULT_WORDS;
	if (s->link.in.got + s->link.in.left != FAR_SERVICE_REPLY + len)
		return FAR_ERR_PROTO;
	if (err != 0) {
		s->due = NOTHING;
		s->call.done = n - s->call.addr;
		s->call.code = w[2];
		s->call.end = w[3];
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

	if (far_mailbox_session(s->link.mailbox) != s->link.session)
		return FAR_ERR_TIMEOUT;
	if (at < 0)
		return at == FAR_ERR_TIMEOUT || at == FAR_ERR_PROTO ? FAR_OK : at;
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
 * Only what moves the call forward counts as life. The first request to a supervisor goes into
 * whichever session there is, or will be.
 */
int far_mailbox_flash_await(struct far_mailbox_flash_state *s, uint32_t n)
{
	int rc;

	s->call.n = n;
	do {
		uint32_t left = s->link.out.left, now;
		bool seeking = left > 0 && (s->call.op & 0xff) == FAR_SERVICE_INFO;

		if (seeking) {
			s->link.session = far_mailbox_session(s->link.mailbox);
			s->link.in.left = 0; /* what was begun to come is of another, or late */
		}
		rc = far_fragment_send(&s->link, SLICE_MS);
		if (rc == FAR_OK || rc == FAR_ERR_BUSY || rc == FAR_ERR_TIMEOUT)
			rc = listen(s, SLICE_MS);
		now = now_ms(s);
		if (rc > 0 || s->link.out.left != left)
			s->call.since = now;
		else if (seeking && rc == FAR_ERR_TIMEOUT)
			rc = FAR_OK;
		if (rc == FAR_OK && now - s->call.since >= s->timeout_ms)
			rc = FAR_ERR_TIMEOUT;
	} while (rc >= 0 && s->due != NOTHING);
	return rc;
}

/* ---- finding the supervisor ------------------------------------------------------------------ */

/* An info as farflash/flash.h promises it to users: size, sector size, write block. */
static bool is_sane(const uint32_t *w)
{
	uint32_t sector = w[1] - 1, block = w[2] - 1;

	return w[0] != 0 && ((w[1] | w[0]) & sector) == 0 && block < UNIT && (w[2] & block) == 0 &&
	       sector >= block;
}

/* Take in what the supervisor says. Once open, the flash has to stay of the same shape. */
static int learn(struct far_mailbox_flash *m, const uint32_t *w)
{
	struct far_flash_info *i = &m->flash.info;
	uint32_t value = w[3];

	m->_state.piece_max = w[4] & (PIECE_MAX - UNIT);
	m->_state.window_len = w[5];
	memcpy(&m->grant, w + 6, sizeof(m->grant));
	if (value >> 16 != FAR_SERVICE_VERSION || m->_state.piece_max == 0 || !is_sane(w))
		return FAR_ERR_PROTO;
	if (i->size != 0 && ((i->size ^ w[0]) | (i->sector_size ^ w[1]) | (i->write_block ^ w[2]) |
			     (i->erase_value ^ (uint8_t)value)) != 0)
		return FAR_ERR_STATE;
	*i = (struct far_flash_info){ w[0], w[1], w[2], (uint8_t)value, (uint8_t)(value >> 8) };
	if (m->flash.ops->replace_begin == NULL)
		i->caps &= FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST;
	return FAR_OK;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static int run(struct far_mailbox_flash_state *s, uint32_t addr, void *data, uint32_t len,
	       uint32_t op)
{
	s->call.op = op;
	s->call.addr = addr;
	s->call.data = data;
	s->call.len = len;
	return s->carry(s);
}

/* Ask for the info: its answer says that nothing older can come to pass any more. */
static int find(struct far_mailbox_flash *m)
{
	uint32_t info[FAR_SERVICE_INFO_WORDS];
	int rc;

	rc = run(&m->_state, 0, info, 0,
		 FAR_SERVICE_INFO | FAR_MAILBOX_FLASH_DATA(4 * FAR_SERVICE_INFO_WORDS));
	return rc == FAR_OK ? learn(m, info) : rc;
}

/* In the session in which the supervisor was found all is well; unless it is over. */
int far_mailbox_flash_perform(struct far_flash *f, uint32_t addr, void *data, uint32_t len,
			      uint32_t op)
{
	struct far_mailbox_flash_state *s = far_mailbox_flash_state(f);
	uint32_t changed = 0;
	int rc = FAR_ERR_TIMEOUT;

	s->call.done = s->call.sent = s->call.code = 0;
	s->call.end = UINT32_MAX;
	if (s->link.session != 0)
		rc = listen(s, 0); /* a reply is a late one */
	if (rc < 0 && !GOES_ON(op))
		rc = find((struct far_mailbox_flash *)(void *)f);
	if (rc < 0)
		s->link.session = 0;
	else
		rc = run(s, addr, data, len, op);
	if (rc == FAR_OK)
		return FAR_OK;
	if (s->due != NOTHING) /* it may still be done: have that ruled out first */
		s->link.session = 0;
	if (op & (FAR_MAILBOX_FLASH_CHANGES | (FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE)
						      << FAR_SERVICE_RIGHTS_POS))
		changed = far_min32(s->call.end - addr, s->call.sent);
	return far_flash_fail(f, rc, addr + s->call.done, s->call.code, addr, changed);
}

int far_mailbox_flash_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	return far_mailbox_flash_perform(f, addr, buf, len, FAR_SERVICE_READ);
}

int far_mailbox_flash_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	return far_mailbox_flash_perform(f, addr, (void *)(uintptr_t)buf, len, FAR_SERVICE_WRITE);
}

int far_mailbox_flash_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	return far_mailbox_flash_perform(f, addr, f, len, FAR_SERVICE_ERASE);
}

int far_mailbox_flash_digest(struct far_flash *f, uint32_t addr, uint32_t len,
			     uint8_t md5[FAR_MD5_LEN])
{
	return far_mailbox_flash_perform(f, addr, md5, len,
					 FAR_SERVICE_DIGEST | FAR_MAILBOX_FLASH_DATA(FAR_MD5_LEN));
}

/* The length is what may have changed if it fails. */
int far_mailbox_flash_sync(struct far_flash *f)
{
	return far_mailbox_flash_perform(f, 0, f, f->info.size,
					 FAR_SERVICE_SYNC | FAR_MAILBOX_FLASH_CHANGES);
}

int far_mailbox_flash_start(struct far_mailbox_flash *m,
			    const struct far_mailbox_flash_config *config,
			    const struct far_flash_ops *ops, far_mailbox_flash_carry *carry)
{
	struct far_mailbox_flash_state *s = &m->_state;
	int rc = FAR_ERR_ARG;

	memset(m, 0, offsetof(struct far_mailbox_flash, _state.config));
	far_flash_start(&m->flash, FAR_FLASH_OP_SESSION);
	m->flash.ops = ops;
	s->carry = carry;
	s->clock = config->clock;
	s->timeout_ms = config->timeout_ms;
	s->link.mailbox = config->mailbox;
	s->link.channel = config->channel != 0 ? config->channel : FAR_MAILBOX_FLASH_CHANNEL;
	if (config->mailbox != NULL && config->clock != NULL && config->timeout_ms > 0)
		rc = find(m);
	return rc == FAR_OK ? FAR_OK : far_flash_fail(&m->flash, rc, 0, 0, 0, 0);
}

/* ---- the simple kind ------------------------------------------------------------------------- */

/* One request at a time. How far a reply got is where the next one begins. */
static int carry_inline(struct far_mailbox_flash_state *s)
{
	int rc;

	do {
		uint32_t at = s->call.done, n = s->call.len - at;

		if (s->call.op & FAR_SERVICE_SENDS)
			n = far_min32(n, s->piece_max);
		far_mailbox_flash_ask(s, at, n, at);
		rc = far_mailbox_flash_await(s, n);
		if (rc < 0)
			return rc;
		s->call.done = at + s->call.count;
	} while (s->call.done < s->call.len);
	return FAR_OK;
}

int far_mailbox_flash_open_inline(struct far_mailbox_flash *m,
				  const struct far_mailbox_flash_config *config)
{
	static const struct far_flash_ops ops = { .read = far_mailbox_flash_read,
						  .write = far_mailbox_flash_write,
						  .erase = far_mailbox_flash_erase,
						  .digest = far_mailbox_flash_digest,
						  .sync = far_mailbox_flash_sync };

	return far_mailbox_flash_start(m, config, &ops, carry_inline);
}
