/* SPDX-License-Identifier: Apache-2.0 */
#include "device/mailbox/mailbox.h"
#include "core/bytes.h"
#include "core/emulate.h"

/* So long at most without a look at the session, or at whether the supervisor wants us to listen. */
#define SLICE_MS 10u
#define UNIT     32u /* pieces are multiples of the largest write block */
#define ERR_MAX  63u /* above any enum far_err without its sign */

#define CAPS_ALL                                                                                   \
	(FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE)

/* One call: one request, or several pieces that cover len bytes. */
struct call {
	uint8_t op;          /* enum far_service_op */
	uint8_t depth;       /* requests under way at once */
	uint8_t under_way;   /* requests begun and not answered */
	uint8_t begun;       /* any of them */
	uint8_t stop;        /* 1: the user wants to cancel; 2: the supervisor is told */
	uint8_t window;      /* the data goes through the window */
	uint8_t fixed;       /* bytes in the reply, whatever len is; 0: those of the piece */
	uint32_t addr, len;  /* as in the requests, all together */
	uint32_t extra;      /* of begin */
	uint32_t piece;      /* len of one request, but for the last */
	uint8_t *in;         /* where data of replies goes; NULL: they have none */
	const uint8_t *out;  /* data of requests; NULL: they have none */
	uint32_t sent, done; /* bytes of len in requests begun, and answered */
	uint32_t reported;   /* as done, of the request at hand */
	uint32_t most;       /* bytes of its reply that have come */
	uint32_t life,
		since; /* how far transfers had come when last they moved, and when that was */
};

static struct far_mailbox_flash *self_of(struct far_flash *f)
{
	return (struct far_mailbox_flash *)(void *)f;
}

static uint32_t now_ms(const struct far_mailbox_flash *m)
{
	struct far_clock *clock = m->_state.config.clock;

	return clock->ops->now_ms(clock);
}

static int receive(struct far_mailbox_flash *m, uint8_t f[FAR_MAILBOX_DATA_MAX],
		   uint32_t timeout_ms)
{
	return far_mailbox_receive(m->_state.config.mailbox, m->_state.config.channel, f,
				   FAR_MAILBOX_DATA_MAX, timeout_ms);
}

/* The half of the window that a request uses. */
static uint32_t window_at(const struct far_mailbox_flash *m, uint32_t tag)
{
	return tag % 2 * m->_state.window_half;
}

static uint8_t *window_of(const struct far_mailbox_flash *m, uint32_t tag)
{
	return (uint8_t *)m->_state.config.window + window_at(m, tag);
}

static void request(struct far_mailbox_flash *m, uint32_t op, uint32_t window, uint32_t addr,
		    uint32_t len, uint32_t extra)
{
	uint32_t head[] = { op | window << 8 | (uint32_t)m->_state.tag << FAR_SERVICE_TAG_POS, addr,
			    len, extra };

	far_service_put(m->_state.head, head, 4);
}

/* The tag of the oldest request under way. */
static uint32_t oldest(const struct far_mailbox_flash *m, const struct call *c)
{
	return (m->_state.tag - c->under_way + 1u) & 0xffff;
}

static uint32_t piece_of(const struct call *c, uint32_t from)
{
	return far_min32(c->len - from, c->piece);
}

/* The last message is sent: begin the next, if it is time for one. */
static bool go_on(struct far_mailbox_flash *m, struct call *c)
{
	uint32_t n = piece_of(c, c->sent), body_len = 0, extra = c->extra;
	const uint8_t *body = c->out != NULL ? c->out + c->sent : NULL;

	if (c->stop == 1 && c->under_way > 0) {
		c->stop = 2;
		request(m, FAR_SERVICE_CANCEL, 0, oldest(m, c), 0, 0);
	} else if (c->stop == 0 && (!c->begun || (c->sent < c->len && c->under_way < c->depth))) {
		m->_state.tag++;
		if (c->window) {
			extra = window_at(m, m->_state.tag);
			if (body != NULL)
				memcpy(window_of(m, m->_state.tag), body, n);
		} else if (body != NULL) {
			body_len = n;
		}
		request(m, c->op, c->window, c->addr + c->sent, n, extra);
		c->begun = 1;
		c->under_way++;
		c->sent += n;
	} else {
		return false;
	}
	far_fragment_begin(&m->_state.out, m->_state.session, m->_state.head, FAR_SERVICE_REQUEST,
			   body, body_len);
	return true;
}

static void report(struct far_mailbox_flash *m, struct call *c, uint32_t done)
{
	const struct far_mailbox_flash_config *config = &m->_state.config;

	c->since = now_ms(m);
	if (config->progress != NULL && c->len > 0 && c->stop == 0 &&
	    config->progress(config->ctx, done, c->len) != 0)
		c->stop = 1;
}

/*
 * The supervisor says no, or that the flash has failed. err and fault come from the wire: numbers that
 * cannot be are not believed.
 */
static int failed(struct far_mailbox_flash *m, const struct call *c, uint32_t err,
		  const uint32_t *fault)
{
	uint32_t at = fault[2], len = fault[3], size = m->flash.info.size;

	if (err - 1 >= ERR_MAX || at > size || len > size - at)
		return FAR_ERR_PROTO;
	if (c->op == FAR_SERVICE_WRITE || c->op == FAR_SERVICE_ERASE) {
		if (len > 0 && (at < c->addr || at - c->addr + len > c->sent))
			return FAR_ERR_PROTO;
		if (c->done > 0) { /* earlier pieces have changed what they cover */
			len = len > 0 ? at - c->addr + len : c->done;
			at = c->addr;
		}
	}
	if (len > 0 || c->op < FAR_SERVICE_STREAM)
		far_flash_fail(&m->flash, -(int)err, fault[0], fault[1], at, len);
	return -(int)err;
}

static int completed(struct far_mailbox_flash *m, struct call *c, const uint8_t *data, uint32_t len,
		     uint32_t tag)
{
	uint32_t n = piece_of(c, c->done), expected = c->fixed;

	if (c->in != NULL && expected == 0) {
		expected = n;
		if (c->window) {
			data = window_of(m, tag);
			len += n;
		}
	}
	if (len != expected)
		return FAR_ERR_PROTO;
	if (c->in != NULL)
		memcpy(c->in + c->done, data, len);
	c->done += n;
	report(m, c, c->done);
	return FAR_OK;
}

/* A whole message has come: the reply that is waited for, or one that is late. */
static int answered(struct far_mailbox_flash *m, struct call *c, uint32_t len)
{
	uint32_t words[(FAR_SERVICE_REPLY + FAR_SERVICE_FAULT) / 4], tag = oldest(m, c);
	uint32_t n = piece_of(c, c->done), kind;

	/* What is beyond its end is old, but there: the buffer holds at least this much. */
	far_service_get(words, m->_state.in.buf, sizeof(words) / 4);
	kind = words[0] >> 8 & 0xff;
	words[0] &= ~0xff00u;
	if (len < FAR_SERVICE_REPLY || c->under_way == 0 ||
	    words[0] != (c->op | tag << FAR_SERVICE_TAG_POS)) {
		m->late++;
		return FAR_OK;
	}
	if (kind == FAR_SERVICE_PROGRESS) {
		if (words[1] > c->reported && words[1] < n) {
			c->reported = words[1];
			report(m, c, c->done + words[1]);
		}
		return FAR_OK;
	}
	c->under_way--;
	c->reported = c->most = 0;
	if (kind == FAR_SERVICE_DONE)
		return completed(m, c, m->_state.in.buf + FAR_SERVICE_REPLY,
				 len - FAR_SERVICE_REPLY, tag);
	if (kind == FAR_SERVICE_FAILED && len == sizeof(words))
		return failed(m, c, words[1], words + 2);
	return FAR_ERR_PROTO;
}

/* Listen for timeout_ms at most. */
static int listen(struct far_mailbox_flash *m, struct call *c, uint32_t timeout_ms)
{
	uint8_t f[FAR_MAILBOX_DATA_MAX];
	int n = receive(m, f, timeout_ms);

	if (far_mailbox_session(m->_state.config.mailbox) != m->_state.session)
		return FAR_ERR_TIMEOUT;
	if (n < 0)
		return n == FAR_ERR_TIMEOUT ? FAR_OK : n;
	n = far_fragment_take(&m->_state.in, m->_state.session, f, (size_t)n);
	if (m->_state.in.got > c->most)
		c->most = m->_state.in.got;
	return n > 0 ? answered(m, c, (uint32_t)n) : FAR_OK;
}

/* Whether the call has waited for too long. Only what moves it forward counts as life. */
static bool is_over(const struct far_mailbox_flash *m, struct call *c)
{
	uint32_t life = m->_state.out.at + c->most;

	if (life != c->life) {
		c->life = life;
		c->since = now_ms(m);
	}
	return now_ms(m) - c->since >= m->_state.config.timeout_ms;
}

static int exchange(struct far_mailbox_flash *m, struct call *c)
{
	const struct far_mailbox_flash_config *config = &m->_state.config;
	int rc = FAR_OK;

	c->since = now_ms(m);
	m->_state.out.head_len = m->_state.out.body_len = 0;
	do {
		rc = far_fragment_send(&m->_state.out, config->mailbox, config->channel, SLICE_MS);
		if (rc == FAR_OK && go_on(m, c))
			continue;
		if (rc == FAR_OK || rc == FAR_ERR_BUSY)
			rc = listen(m, c, rc == FAR_OK && c->under_way > 0 ? SLICE_MS : 0);
		if (rc == FAR_OK && is_over(m, c))
			rc = FAR_ERR_TIMEOUT;
	} while (rc == FAR_OK && (c->under_way > 0 || (c->done < c->len && c->stop == 0)));
	if (rc == FAR_OK && c->done < c->len)
		rc = FAR_ERR_CANCELLED;
	if (rc != FAR_OK && c->under_way > 0)
		m->_state.session = 0; /* it may still be done: have that ruled out first */
	return rc;
}

/* ---- finding the supervisor ------------------------------------------------------------------ */

static const struct far_flash_ops plain_ops, stream_ops;

/* An info as farflash/flash.h promises it to users. */
static bool is_sane(const struct far_flash_info *i)
{
	uint32_t sector = i->sector_size - 1, block = i->write_block - 1;

	return i->size != 0 && (i->sector_size & sector) == 0 && (i->size & sector) == 0 &&
	       block < UNIT && (i->write_block & block) == 0 && i->sector_size >= i->write_block;
}

/* Take in what the supervisor says. Once open, the flash has to stay of the same shape. */
static int learn(struct far_mailbox_flash *m)
{
	const struct far_mailbox_flash_config *config = &m->_state.config;
	struct far_flash_info *have = &m->flash.info;
	struct far_flash_info info;
	uint32_t w[FAR_SERVICE_INFO_LEN / 4];

	far_service_get(w, m->_state.in.buf + FAR_SERVICE_REPLY, FAR_SERVICE_INFO_LEN / 4);
	memset(&info, 0, sizeof(info)); /* they are compared as a whole */
	info.size = w[0];
	info.sector_size = w[1];
	info.write_block = w[2] & 0xff;
	info.erase_value = (uint8_t)(w[2] >> 8);
	info.caps = (uint8_t)(w[2] >> 16) & CAPS_ALL;
	m->_state.inline_max = far_min32(w[3], config->buf_len - FAR_SERVICE_REPLY) & ~(UNIT - 1);
	m->_state.window_half = far_min32(w[4], config->window_len) / 2 & ~(UNIT - 1);
	m->grant.addr = w[5];
	m->grant.len = w[6];
	m->grant.rights = w[7] & 0xff;
	m->grant.count = w[7] >> 8;
	if (w[2] >> 24 != FAR_SERVICE_VERSION || m->_state.inline_max == 0 || !is_sane(&info))
		return FAR_ERR_PROTO;
	if (have->size == 0)
		memcpy(have, &info, sizeof(info));
	if (memcmp(have, &info, sizeof(info)) != 0)
		return FAR_ERR_STATE;
	if (info.caps & FAR_FLASH_CAN_REPLACE)
		m->flash.ops = &stream_ops;
	return FAR_OK;
}

/*
 * In the session in which the supervisor was found all is well. Else wait for a session, and ask for
 * the info: its answer says that nothing older can come to pass any more.
 */
static int find(struct far_mailbox_flash *m)
{
	struct far_mailbox *mailbox = m->_state.config.mailbox;
	uint8_t b[FAR_MAILBOX_DATA_MAX];
	struct call c = { .op = FAR_SERVICE_INFO, .depth = 1, .fixed = FAR_SERVICE_INFO_LEN };
	uint32_t since = now_ms(m);
	int rc;

	while (far_mailbox_session(mailbox) == 0) {
		rc = receive(m, b, 1);
		if (rc < 0 && rc != FAR_ERR_TIMEOUT)
			return rc;
		if (now_ms(m) - since >= m->_state.config.timeout_ms)
			return FAR_ERR_TIMEOUT;
	}
	m->_state.session = far_mailbox_session(mailbox);
	rc = exchange(m, &c);
	if (rc == FAR_OK)
		rc = learn(m);
	if (rc != FAR_OK)
		m->_state.session = 0;
	return rc;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/*
 * One call. What is read, written or streamed goes piece by piece, through the window if there is
 * one; two pieces of a read are under way at once: while one is copied out here, the supervisor
 * reads the next. All else is one request.
 */
static int perform(struct far_flash *f, uint32_t op, uint32_t addr, uint32_t len, uint32_t extra,
		   uint8_t *in, const uint8_t *out)
{
	struct far_mailbox_flash *m = self_of(f);
	bool changes = op == FAR_SERVICE_WRITE || op == FAR_SERVICE_ERASE;
	bool goes_on = op == FAR_SERVICE_STREAM || op == FAR_SERVICE_END;
	struct call c = { .op = (uint8_t)op, .addr = addr, .len = len, .extra = extra };
	int rc = FAR_ERR_TIMEOUT;

	c.depth = op == FAR_SERVICE_READ ? 2 : 1;
	c.fixed = op == FAR_SERVICE_DIGEST ? FAR_MD5_LEN : 0;
	c.in = in;
	c.out = out;
	if (m->_state.session != 0)
		rc = listen(m, &c, 0); /* what became of the session; a reply is a late one */
	if (rc == FAR_ERR_TIMEOUT && !goes_on)
		rc = find(m);
	c.piece = len;
	if (out != NULL || op == FAR_SERVICE_READ) {
		c.window = m->_state.window_half > 0;
		c.piece = c.window ? m->_state.window_half : m->_state.inline_max;
	}
	if (rc == FAR_OK)
		rc = exchange(m, &c);
	/* What is not recorded here may have touched all that the core knows to be at stake. */
	if (rc != FAR_OK && !goes_on && (changes || !c.begun || op < FAR_SERVICE_BEGIN))
		far_flash_fail(f, rc, addr + c.done, 0, addr, changes ? c.sent : 0);
	return rc;
}

static int mailbox_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	return perform(f, FAR_SERVICE_READ, addr, len, 0, buf, NULL);
}

static int mailbox_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	return perform(f, FAR_SERVICE_WRITE, addr, len, 0, NULL, buf);
}

static int mailbox_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	return perform(f, FAR_SERVICE_ERASE, addr, len, 0, NULL, NULL);
}

static int mailbox_digest(struct far_flash *f, uint32_t addr, uint32_t len,
			  uint8_t md5[FAR_MD5_LEN])
{
	return perform(f, FAR_SERVICE_DIGEST, addr, len, 0, md5, NULL);
}

static int mailbox_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	return perform(f, FAR_SERVICE_BEGIN, addr, len, stream_len, NULL, NULL);
}

static int mailbox_stream(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	return perform(f, FAR_SERVICE_STREAM, 0, len, 0, NULL, data);
}

static int mailbox_end(struct far_flash *f)
{
	return perform(f, FAR_SERVICE_END, 0, 0, 0, NULL, NULL);
}

static int mailbox_sync(struct far_flash *f)
{
	return perform(f, FAR_SERVICE_SYNC, 0, 0, 0, NULL, NULL);
}

/* A flash without streams of its own is erased and written, which lets other remotes in between. */
static const struct far_flash_ops plain_ops = {
	.read = mailbox_read,
	.write = mailbox_write,
	.erase = mailbox_erase,
	.digest = mailbox_digest,
	.replace_begin = far_flash_emulate_begin,
	.replace_write = far_flash_emulate_write,
	.replace_end = far_flash_emulate_end,
	.sync = mailbox_sync,
};

static const struct far_flash_ops stream_ops = {
	.read = mailbox_read,
	.write = mailbox_write,
	.erase = mailbox_erase,
	.digest = mailbox_digest,
	.replace_begin = mailbox_begin,
	.replace_write = mailbox_stream,
	.replace_end = mailbox_end,
	.sync = mailbox_sync,
};

int far_mailbox_flash_open(struct far_mailbox_flash *m,
			   const struct far_mailbox_flash_config *config)
{
	uint32_t channel = config->channel != 0 ? config->channel : FAR_MAILBOX_FLASH_CHANNEL;
	int rc = FAR_ERR_ARG;

	memset(m, 0, sizeof(*m));
	m->flash.ops = &plain_ops;
	far_flash_start(&m->flash, FAR_FLASH_OP_SESSION);
	m->_state.config = *config;
	m->_state.config.channel = channel;
	m->_state.in.buf = config->buf;
	m->_state.in.cap = config->buf_len;
	if (config->mailbox != NULL && config->clock != NULL && config->buf != NULL &&
	    config->buf_len >= FAR_MAILBOX_FLASH_BUF_MIN && config->timeout_ms > 0 &&
	    (config->window != NULL || config->window_len == 0))
		rc = far_mailbox_register_callback(config->mailbox, channel, NULL, NULL);
	if (rc == FAR_OK)
		rc = find(m);
	return rc == FAR_OK ? FAR_OK : far_flash_fail(&m->flash, rc, 0, 0, 0, 0);
}
