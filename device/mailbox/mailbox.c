/* SPDX-License-Identifier: Apache-2.0 */
#include "device/mailbox/mailbox.h"
#include "core/bytes.h"
#include "link/session.h"

/* So long at most without a look at the session, or at whether the supervisor wants us to listen. */
#define SLICE_MS  10u
#define UNIT      32u /* pieces are multiples of the largest write block */
#define PIECE_MAX 0x10000u
#define ERR_MAX   63u /* above any enum far_err without its sign */

/* What a call does, beside its enum far_service_op. */
#define FETCHES  0x100u  /* data comes back, as much as is asked for */
#define SENDS    0x200u  /* data goes with it */
#define CHANGES  0x400u  /* the range may have changed as far as it was asked for */
#define REPLACES 0x800u  /* all that the replace at hand is about may have */
#define ALL      0x1000u /* anything may have */
#define GOES_ON  0x2000u /* what it is about has begun before */

static struct far_mailbox_flash *self_of(struct far_flash *f)
{
	return (struct far_mailbox_flash *)(void *)f;
}

static uint32_t now_ms(const struct far_mailbox_flash_state *s)
{
	struct far_clock *clock = s->config.clock;

	return clock->ops->now_ms(clock);
}

/* The oldest request under way. */
static uint32_t oldest(const struct far_mailbox_flash_state *s)
{
	return (s->tag - s->call.under_way + 1) & 0xffff;
}

/* The half of the window that a request uses. */
static uint32_t window_at(const struct far_mailbox_flash_state *s, uint32_t tag)
{
	return tag % 2 * s->window_half;
}

static uint32_t piece_from(const struct far_mailbox_flash_state *s, uint32_t at)
{
	return far_min32(s->call.len - at, s->call.piece);
}

/* The last message is sent: prepare the next, if it is time for one. */
static bool go_on(struct far_mailbox_flash_state *s)
{
	uint32_t n = piece_from(s, s->call.sent), left = FAR_SERVICE_REQUEST;
	uint32_t *head = s->link.out.head;

	if (s->call.stop == 1 && s->call.under_way > 0) {
		s->call.stop = 2;
		head[0] = FAR_SERVICE_CANCEL;
		head[1] = oldest(s);
	} else {
		if (s->call.stop != 0 || s->call.all ||
		    s->call.under_way == (s->call.op & FETCHES ? 2 : 1))
			return false;
		s->call.under_way++;
		head[0] = (s->call.op & 0xff) | ++s->tag << FAR_SERVICE_TAG_POS;
		head[1] = s->call.addr + s->call.sent;
		head[2] = n;
		head[3] = s->call.extra;
		s->link.out.body = s->call.data + s->call.sent;
		if ((s->call.op & (SENDS | FETCHES)) != 0 && s->window_half > 0) {
			head[0] |= FAR_SERVICE_WINDOW;
			head[3] = window_at(s, s->tag);
			if (s->call.op & SENDS)
				memcpy((uint8_t *)s->config.window + head[3], s->link.out.body, n);
		} else if (s->call.op & SENDS) {
			left += n;
		}
		s->call.sent += n;
		s->call.all = s->call.sent == s->call.len;
	}
	s->link.out.head_len = FAR_SERVICE_REQUEST;
	s->link.out.left = left;
	return true;
}

static void report(struct far_mailbox_flash_state *s, uint32_t done)
{
	s->call.since = now_ms(s);
	if (s->config.progress != NULL && s->call.len > 0 && s->call.stop == 0 &&
	    s->config.progress(s->config.ctx, done, s->call.len) != 0)
		s->call.stop = 1;
}

/*
 * Record a failure. end is behind what may have changed, as the supervisor tells: believed as far as
 * it can be.
 */
static int failed(struct far_mailbox_flash_state *s, int rc, uint32_t where, uint32_t code,
		  uint32_t end)
{
	struct far_flash *f = s->flash;
	uint32_t base = s->call.addr, most = 0, sector = f->info.sector_size;

	if (s->call.op & CHANGES)
		most = s->call.sent;
	if (s->call.op & REPLACES) {
		base = f->_replace.addr;
		most = (f->_replace.len + sector - 1) & ~(sector - 1);
	}
	if (s->call.op & ALL)
		most = f->info.size;
	if (!s->call.all && s->call.sent == 0 && (s->call.op & GOES_ON) == 0)
		most = 0;
	return far_flash_fail(f, rc, where, code, base, far_min32(end - base, most));
}

/* The first fragment of a reply: which one it is, and of what kind. */
static int answered(struct far_mailbox_flash_state *s, const uint32_t *w)
{
	uint32_t n = piece_from(s, s->call.done), kind = w[0] & FAR_SERVICE_KIND;
	uint32_t len = s->link.in.got + s->link.in.left - FAR_SERVICE_REPLY,
		 expected = s->call.fixed;

	s->call.to = NULL;
	if (s->call.under_way == 0 ||
	    (w[0] ^ kind) != ((s->call.op & 0xff) | oldest(s) << FAR_SERVICE_TAG_POS)) {
		self_of(s->flash)->late++;
		return FAR_OK;
	}
	if (kind == FAR_SERVICE_PROGRESS) {
		if (w[1] > s->call.reported && w[1] < n) {
			s->call.reported = w[1];
			report(s, s->call.done + w[1]);
		}
		return FAR_OK;
	}
	if ((s->call.op & FETCHES) != 0 && s->window_half == 0)
		expected = n;
	if (kind == FAR_SERVICE_DONE && len == expected) {
		s->call.to = s->call.data + s->call.done;
		return FAR_OK;
	}
	s->call.under_way--;
	if (kind != FAR_SERVICE_FAILED || len != 4 * FAR_SERVICE_FAULT_WORDS || w[1] - 1 >= ERR_MAX)
		return FAR_ERR_PROTO;
	return failed(s, -(int)w[1], w[2], w[3], w[4]);
}

/* Listen for timeout_ms at most. */
static int listen(struct far_mailbox_flash_state *s, uint32_t timeout_ms)
{
	uint32_t w[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)], n;
	uint8_t *from = (uint8_t *)(w + 1);
	int rc, at = far_fragment_receive(&s->link, w, timeout_ms);

	if (far_mailbox_session(s->config.mailbox) != s->link.session)
		return FAR_ERR_TIMEOUT;
	if (at < 0)
		return at == FAR_ERR_TIMEOUT || at == FAR_ERR_PROTO ? FAR_OK : at;
	if (at == 0) {
		rc = answered(s, w + 1);
		if (rc != FAR_OK)
			return rc;
		at = FAR_SERVICE_REPLY;
		from += at;
	}
	if (s->call.to == NULL)
		return FAR_OK;
	n = s->link.in.got - (uint32_t)at;
	memcpy(s->call.to, from, n);
	s->call.to += n;
	s->call.since = now_ms(s);
	if (s->link.in.left > 0)
		return FAR_OK;
	n = piece_from(s, s->call.done);
	if ((s->call.op & FETCHES) != 0 && s->window_half > 0)
		memcpy(s->call.to, (uint8_t *)s->config.window + window_at(s, oldest(s)), n);
	s->call.to = NULL;
	s->call.under_way--;
	s->call.reported = 0;
	s->call.done += n;
	report(s, s->call.done);
	return FAR_OK;
}

/* Only what moves the call forward counts as life. */
static int exchange(struct far_mailbox_flash_state *s)
{
	int rc;

	s->call.since = now_ms(s);
	s->link.out.left = s->link.in.left = 0;
	do {
		uint32_t left = s->link.out.left;

		rc = far_fragment_send(&s->link, SLICE_MS);
		if (s->link.out.left != left)
			s->call.since = now_ms(s);
		if (rc == FAR_OK && go_on(s))
			continue;
		if (rc == FAR_OK || rc == FAR_ERR_BUSY)
			rc = listen(s, rc == FAR_OK ? SLICE_MS : 0);
		if (rc == FAR_OK && now_ms(s) - s->call.since >= s->config.timeout_ms)
			rc = FAR_ERR_TIMEOUT;
	} while (rc == FAR_OK && (s->call.under_way > 0 || (!s->call.all && s->call.stop == 0)));
	if (rc == FAR_OK && !s->call.all)
		rc = FAR_ERR_CANCELLED;
	if (rc != FAR_OK && s->call.under_way > 0)
		s->link.session = 0; /* it may still be done: have that ruled out first */
	return rc;
}

/* ---- finding the supervisor ------------------------------------------------------------------ */

/* An info as farflash/flash.h promises it to users. */
static bool is_sane(const struct far_flash_info *i)
{
	uint32_t sector = i->sector_size - 1, block = i->write_block - 1;

	return i->size != 0 && ((i->sector_size | i->size) & sector) == 0 && block < UNIT &&
	       (i->write_block & block) == 0 && sector >= block;
}

/* Take in what the supervisor says. Once open, the flash has to stay of the same shape. */
static int learn(struct far_mailbox_flash_state *s, const uint32_t *w)
{
	struct far_flash_info *have = &s->flash->info;
	struct far_flash_info info = { w[0], w[1], w[2], (uint8_t)w[3], (uint8_t)(w[3] >> 8) };
	uint32_t changed = 0;

	for (uint32_t i = 0; i < 4; i++) {
		changed |= s->shape[i] ^ w[i];
		if (have->size == 0)
			s->shape[i] = w[i];
	}
	s->window_half = far_min32(w[5], s->config.window_len) / 2 & ~(UNIT - 1);
	s->piece_max = s->window_half;
	if (s->piece_max == 0)
		s->piece_max = w[4] & (PIECE_MAX - UNIT);
	memcpy(&self_of(s->flash)->grant, w + 6, sizeof(struct far_mailbox_flash_grant));
	if (w[3] >> 16 != FAR_SERVICE_VERSION || s->piece_max == 0 || !is_sane(&info))
		return FAR_ERR_PROTO;
	if (have->size != 0 && changed != 0)
		return FAR_ERR_STATE;
	*have = info;
	return FAR_OK;
}

/*
 * In the session in which the supervisor was found all is well. Else wait for a session, and ask for
 * the info: its answer says that nothing older can come to pass any more.
 */
static int find(struct far_mailbox_flash_state *s)
{
	uint32_t info[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)], since = now_ms(s);
	int rc;

	while ((s->link.session = far_mailbox_session(s->config.mailbox)) == 0) {
		rc = far_mailbox_transfer(s->config.mailbox, FAR_MAILBOX_ANY_SESSION,
					  s->config.channel, info, FAR_MAILBOX_TAKE, 1);
		if (rc < 0 && rc != FAR_ERR_TIMEOUT)
			return rc;
		if (now_ms(s) - since >= s->config.timeout_ms)
			return FAR_ERR_TIMEOUT;
	}
	s->call.op = FAR_SERVICE_INFO;
	s->call.fixed = 4 * FAR_SERVICE_INFO_WORDS;
	s->call.data = (uint8_t *)info;
	rc = exchange(s);
	if (rc == FAR_OK)
		rc = learn(s, info);
	if (rc != FAR_OK)
		s->link.session = 0;
	return rc;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/*
 * One call. What is read, written or streamed goes piece by piece, through the window if there is
 * one; two pieces of a read are under way at once: while one is copied out here, the supervisor
 * reads the next. All else is one request.
 */
static int perform(struct far_flash *f, uint32_t addr, void *data, uint32_t len, uint32_t op,
		   uint32_t extra)
{
	struct far_mailbox_flash_state *s = &self_of(f)->_state;
	int rc = FAR_ERR_TIMEOUT;

	memset(&s->call, 0, sizeof(s->call));
	if (s->link.session != 0)
		rc = listen(s, 0); /* what became of the session; a reply is a late one */
	if (rc == FAR_ERR_TIMEOUT && (op & GOES_ON) == 0) {
		rc = find(s);
		memset(&s->call, 0, sizeof(s->call));
	}
	s->call.op = op;
	s->call.addr = addr;
	s->call.len = len;
	s->call.extra = extra;
	s->call.data = data;
	s->call.piece = op & (SENDS | FETCHES) ? s->piece_max : len;
	s->call.fixed = (op & 0xff) == FAR_SERVICE_DIGEST ? FAR_MD5_LEN : 0;
	if (rc == FAR_OK)
		rc = exchange(s);
	return rc == FAR_OK ? FAR_OK : failed(s, rc, addr + s->call.done, 0, UINT32_MAX);
}

static int mailbox_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	return perform(f, addr, buf, len, FAR_SERVICE_READ | FETCHES, 0);
}

static int mailbox_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	return perform(f, addr, (void *)(uintptr_t)buf, len, FAR_SERVICE_WRITE | SENDS | CHANGES,
		       0);
}

static int mailbox_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	return perform(f, addr, f, len, FAR_SERVICE_ERASE | CHANGES, 0);
}

static int mailbox_digest(struct far_flash *f, uint32_t addr, uint32_t len,
			  uint8_t md5[FAR_MD5_LEN])
{
	return perform(f, addr, md5, len, FAR_SERVICE_DIGEST, 0);
}

static int mailbox_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	return perform(f, addr, f, len, FAR_SERVICE_BEGIN | REPLACES, stream_len);
}

static int mailbox_stream(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	return perform(f, 0, (void *)(uintptr_t)data, len,
		       FAR_SERVICE_STREAM | SENDS | REPLACES | GOES_ON, 0);
}

static int mailbox_end(struct far_flash *f)
{
	return perform(f, 0, f, 0, FAR_SERVICE_END | REPLACES | GOES_ON, 0);
}

static int mailbox_sync(struct far_flash *f)
{
	return perform(f, 0, f, 0, FAR_SERVICE_SYNC | ALL, 0);
}

static const struct far_flash_ops mailbox_ops = {
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

	struct far_mailbox_flash_state *s = &m->_state;

	memset(m, 0, sizeof(*m));
	m->flash.ops = &mailbox_ops;
	far_flash_start(&m->flash, FAR_FLASH_OP_SESSION);
	memcpy(&s->config, config, sizeof(*config));
	s->flash = &m->flash;
	s->link.mailbox = config->mailbox;
	s->link.channel = s->config.channel = channel;
	if (config->mailbox != NULL && config->clock != NULL && config->timeout_ms > 0 &&
	    (config->window != NULL || config->window_len == 0))
		rc = far_mailbox_register_callback(config->mailbox, channel, NULL, NULL);
	if (rc == FAR_OK)
		rc = find(s);
	return rc == FAR_OK ? FAR_OK : far_flash_fail(&m->flash, rc, 0, 0, 0, 0);
}
