/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in, pieces of work, replies out. What a request may do is decided in check.c. */
#include "core/bytes.h"
#include "link/session.h"
#include "service/supervisor/internal.h"

#define STEP_LEN 4096u

/* The words of a request in the queue. */
static uint32_t *slot(const struct far_supervisor_remote *r, uint32_t i)
{
	i += r->_state.first;
	if (i >= r->config.slots)
		i -= r->config.slots;
	return (uint32_t *)r->config.buf + i * (FAR_SUPERVISOR_BUF(1, r->config.data_max) / 4);
}

static struct far_flash *flash_of(const struct far_supervisor_remote *r)
{
	return r->_state.supervisor->config.flash;
}

/* ---- replies --------------------------------------------------------------------------------- */

/* A reply to the request m: a word, count more words that are in the head already, then the body. */
static void reply(struct far_supervisor_remote *r, const uint32_t *m, uint32_t kind, uint32_t word,
		  uint32_t count, uint32_t body_len)
{
	struct far_fragments *link = &r->_state.link;

	link->out.head[0] = (m[0] & ~FAR_SERVICE_KIND) | kind;
	link->out.head[1] = word;
	link->out.head_len = FAR_SERVICE_REPLY + 4 * count;
	link->out.left = link->out.head_len + body_len;
	link->out.body = (const uint8_t *)m + FAR_SERVICE_REQUEST;
}

static void reply_fault(struct far_supervisor_remote *r, const uint32_t *m,
			const struct far_flash_fault *fault)
{
	uint32_t *w = r->_state.link.out.head + 2;

	w[0] = fault->addr;
	w[1] = fault->peer_code;
	w[2] = fault->touched_addr + fault->touched_len;
	reply(r, m, FAR_SERVICE_FAILED, 0u - (uint32_t)fault->err, FAR_SERVICE_FAULT_WORDS, 0);
}

static void reply_info(struct far_supervisor_remote *r, const uint32_t *m)
{
	const struct far_flash_info *info = &flash_of(r)->info;
	uint32_t caps = info->caps, *w = r->_state.link.out.head + 2;

	if (caps & FAR_FLASH_CAN_READ)
		caps |= FAR_FLASH_CAN_DIGEST;
	if (!far_supervisor_may_deflate(r))
		caps &= ~(uint32_t)FAR_FLASH_CAN_DEFLATE;
	memset(w, 0, 4 * FAR_SERVICE_INFO_WORDS);
	w[0] = info->size;
	w[1] = info->sector_size;
	w[2] = info->write_block;
	w[3] = info->erase_value | caps << 8 | FAR_SERVICE_VERSION << 16;
	w[4] = r->config.data_max;
	w[5] = r->config.window_len;
	if (m[1] < r->config.grant_count)
		memcpy(w + 6, &r->config.grants[m[1]], 4 * 3);
	w[9] = r->config.grant_count;
	reply(r, m, FAR_SERVICE_DONE, 0, FAR_SERVICE_INFO_WORDS, 0);
}

/* ---- the queue ------------------------------------------------------------------------------- */

static void abandon_stream(struct far_supervisor_remote *r)
{
	if (r->_state.supervisor->_state.stream == r)
		r->_state.supervisor->_state.stream = NULL;
	r->_state.replace.open = 0;
}

/* All that the remote has asked for is void. */
static void forget(struct far_supervisor_remote *r)
{
	abandon_stream(r);
	r->_state.waiting = 0;
	r->_state.last = 0;
	r->_state.link.out.left = 0;
	r->progress.op = 0;
}

/* Send what there is room for. The request is done with when the end of its reply is on its way. */
static bool flush(struct far_supervisor_remote *r, uint32_t timeout_ms)
{
	uint32_t left = r->_state.link.out.left;

	if (far_fragment_send(&r->_state.link, timeout_ms) == FAR_ERR_BUSY)
		return r->_state.link.out.left != left;
	r->_state.link.out.left = 0; /* the session may have ended: then take notices, too */
	if (r->_state.last) {
		r->_state.last = 0;
		r->progress.op = 0;
		r->_state.waiting--;
		if (++r->_state.first == r->config.slots)
			r->_state.first = 0;
	}
	return true;
}

static void cancel(struct far_supervisor_remote *r, uint32_t tag)
{
	for (uint32_t i = 0; i < r->_state.waiting; i++) {
		uint32_t *m = slot(r, i);

		if (m[0] >> FAR_SERVICE_TAG_POS == tag)
			m[0] |= FAR_SUPERVISOR_CANCELLED;
	}
}

/* A message is complete, and no reply is on its way. */
static void arrived(struct far_supervisor_remote *r, uint32_t *m, uint32_t len)
{
	struct far_flash_fault busy = { .err = FAR_ERR_BUSY, .addr = m[1], .touched_addr = m[1] };
	uint32_t op = m[0] & 0xff;

	r->count.requests++;
	if (op == FAR_SERVICE_INFO) {
		forget(r);
		reply_info(r, m);
	} else if (op == FAR_SERVICE_CANCEL) {
		cancel(r, m[1]);
	} else if (r->_state.waiting + 1 == r->config.slots) {
		r->count.busy++;
		reply_fault(r, m, &busy);
	} else {
		far_supervisor_mark(m, len - FAR_SERVICE_REQUEST);
		r->_state.waiting++;
	}
}

/* What one mailbox message brings, from byte at of a message on. */
static void collect(struct far_supervisor_remote *r, const uint32_t *data, uint32_t at)
{
	uint32_t *m = slot(r, r->_state.waiting), got = r->_state.link.in.got;
	uint32_t len = got + r->_state.link.in.left;

	if (len < FAR_SERVICE_REQUEST || len > FAR_SUPERVISOR_BUF(1, r->config.data_max)) {
		r->_state.link.in.left = 0;
		r->count.malformed++;
		return;
	}
	memcpy((uint8_t *)m + at, data, got - at);
	if (len == got)
		arrived(r, m, len);
}

/* One mailbox message, or news of the session. Returns whether there was one. */
static bool take(struct far_supervisor_remote *r, uint32_t timeout_ms)
{
	struct far_fragments *link = &r->_state.link;
	uint32_t w[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)];
	int at = far_fragment_receive(link, w, timeout_ms);
	uint32_t session = far_mailbox_session(link->mailbox);

	if (session == 0)
		session = FAR_MAILBOX_ANY_SESSION;
	if (session != link->session) {
		forget(r);
		if (session != FAR_MAILBOX_ANY_SESSION)
			r->count.sessions++;
		if (at != 0 || link->session != FAR_MAILBOX_ANY_SESSION)
			link->in.left = 0;
		link->session = session;
	}
	if (at >= 0)
		collect(r, w + 1, (uint32_t)at);
	else if (at == FAR_ERR_PROTO)
		r->count.malformed++;
	return at >= 0 || at == FAR_ERR_PROTO;
}

/* ---- work ------------------------------------------------------------------------------------ */

/* The next n bytes of a digest: by the flash itself, or read here. */
static int digest(struct far_supervisor_remote *r, uint32_t addr, uint8_t *data, uint32_t *n)
{
	struct far_flash *f = flash_of(r);
	int rc;

	if (f->info.caps & FAR_FLASH_CAN_DIGEST)
		return far_flash_digest(f, addr, *n, data);
	if (r->progress.done == 0)
		far_md5_init(&r->_state.md5);
	rc = far_flash_read(f, addr, data, far_min32(*n, r->config.data_max));
	*n = far_min32(*n, r->config.data_max);
	far_md5_update(&r->_state.md5, data, *n);
	if (r->progress.done + *n == r->progress.len)
		far_md5_final(&r->_state.md5, data);
	return rc;
}

/*
 * The next piece of the first request: *n bytes of it. What a remote can change meanwhile, in the
 * window, is copied once before it is used.
 */
static int piece(struct far_supervisor_remote *r, uint32_t *m, uint32_t *n)
{
	const struct far_supervisor_progress *p = &r->progress;
	struct far_flash *f = flash_of(r);
	uint32_t at = p->addr + p->done, left = p->len - p->done, extra = r->_state.extra;
	uint8_t *data = (uint8_t *)(m + FAR_SERVICE_REQUEST / 4), *place = data;

	*n = left;
	if (m[0] & FAR_SERVICE_WINDOW)
		place = (uint8_t *)r->config.window + extra + p->done;
	switch (p->op) {
	case FAR_SERVICE_READ:
		if (place != data)
			*n = far_min32(left, r->_state.supervisor->config.step_len);
		return far_flash_read(f, at, place, *n);
	case FAR_SERVICE_WRITE:
	case FAR_SERVICE_STREAM:
		*n = far_min32(left, r->config.data_max);
		if (place != data)
			memcpy(data, place, *n);
		return p->op == FAR_SERVICE_WRITE ? far_flash_write(f, at, data, *n)
						  : far_flash_replace_write(f, data, *n);
	case FAR_SERVICE_ERASE:
		*n = f->info.sector_size;
		return far_flash_erase(f, at, *n);
	case FAR_SERVICE_DIGEST:
		return digest(r, at, data, n);
	case FAR_SERVICE_BEGIN:
		return far_flash_replace_begin(f, at, left, extra);
	case FAR_SERVICE_END:
		return far_flash_replace_end(f);
	default:
		return far_flash_sync(f);
	}
}

/* Someone else's stream keeps the flash, and may do so a while longer. */
static bool is_held(const struct far_supervisor_remote *r)
{
	const struct far_supervisor *s = r->_state.supervisor;
	struct far_clock *clock = s->config.clock;

	return s->_state.stream != NULL && s->_state.stream != r &&
	       clock->ops->now_ms(clock) - s->_state.stream_at < s->config.hold_ms;
}

/*
 * Do the next piece, n bytes. A native stream belongs to one remote, and whatever else touches the
 * flash ends it; of the others, each remote has its own, which is put in place for a piece of work.
 */
static uint32_t proceed(struct far_supervisor_remote *r, uint32_t *m, struct far_flash_fault *fault)
{
	struct far_supervisor *s = r->_state.supervisor;
	struct far_flash *f = s->config.flash;
	struct far_clock *clock = s->config.clock;
	uint32_t op = r->progress.op, n;

	if (op == FAR_SERVICE_STREAM || op == FAR_SERVICE_END) {
		f->_replace.open &= s->_state.stream == r;
		if ((f->info.caps & FAR_FLASH_CAN_REPLACE) == 0)
			f->_replace = r->_state.replace;
	}
	s->_state.stream = NULL;
	fault->err = piece(r, m, &n);
	if (fault->err != FAR_OK) {
		r->count.failed++;
		*fault = f->fault;
		n = 0;
	}
	if (op >= FAR_SERVICE_BEGIN && op <= FAR_SERVICE_END)
		r->_state.replace = f->_replace;
	if ((f->info.caps & FAR_FLASH_CAN_REPLACE) == 0)
		f->_replace.open = 0;
	if (f->_replace.open)
		s->_state.stream = r;
	if (op == FAR_SERVICE_BEGIN)
		s->_state.stream_at = clock->ops->now_ms(clock);
	return n;
}

static void succeeded(struct far_supervisor_remote *r, const uint32_t *m)
{
	const struct far_supervisor_progress *p = &r->progress;
	uint32_t len = 0;

	if (p->op == FAR_SERVICE_READ && (m[0] & FAR_SERVICE_WINDOW) == 0)
		len = p->len;
	if (p->op == FAR_SERVICE_DIGEST)
		len = FAR_MD5_LEN;
	reply(r, m, FAR_SERVICE_DONE, 0, 0, len);
}

/* A piece of the first request in the queue. Returns false if it has to wait for another remote. */
static bool work(struct far_supervisor_remote *r)
{
	struct far_supervisor_progress *p = &r->progress;
	struct far_flash_fault fault = { .err = FAR_OK };
	uint32_t *m = slot(r, 0);

	if (p->op == 0) {
		*p = (struct far_supervisor_progress){ m[0] & 0xff, m[1], m[2], 0 };
		r->_state.extra = m[3];
		if (p->op != FAR_SERVICE_STREAM && p->op != FAR_SERVICE_END)
			abandon_stream(r);
		far_supervisor_check(r, m[0], &fault);
		r->count.refused += fault.err != FAR_OK;
	}
	if (fault.err == FAR_OK && (m[0] & FAR_SUPERVISOR_CANCELLED) != 0) {
		fault.err = FAR_ERR_CANCELLED;
		r->count.cancelled++;
	}
	fault.addr = p->addr + p->done;
	if (fault.err == FAR_OK) {
		if (is_held(r))
			return false;
		p->done += proceed(r, m, &fault);
	}
	r->_state.last = fault.err != FAR_OK || p->done >= p->len;
	if (fault.err != FAR_OK) {
		if (fault.touched_len == 0) /* what earlier pieces have changed, or who knows */
			fault.touched_addr =
				p->op < FAR_SERVICE_STREAM ? p->addr + p->done : UINT32_MAX;
		reply_fault(r, m, &fault);
	} else if (r->_state.last) {
		succeeded(r, m);
	} else {
		reply(r, m, FAR_SERVICE_PROGRESS, p->done, 0, 0);
	}
	flush(r, 0);
	if (!r->_state.last) /* a remote that does not listen misses it: nothing waits for that */
		r->_state.link.out.left = 0;
	return true;
}

/* Messages are taken only while no reply is on its way, so that any of them can be answered. */
static bool serve(struct far_supervisor_remote *r, uint32_t timeout_ms)
{
	bool did = false;

	if (r->_state.link.out.left > 0)
		did = flush(r, timeout_ms);
	for (uint32_t i = 0; i < FAR_MAILBOX_SLOTS_MAX && r->_state.link.out.left == 0; i++) {
		if (!take(r, did || r->_state.waiting > 0 ? 0 : timeout_ms))
			break;
		did = true;
		flush(r, 0);
	}
	if (r->_state.link.out.left == 0 && r->_state.waiting > 0)
		did |= work(r);
	return did;
}

bool far_supervisor_step(struct far_supervisor *s)
{
	struct far_supervisor_remote *r = s->_state.last;

	if (r == NULL)
		return false;
	do {
		r = r->_state.next;
		if (serve(r, 0)) {
			s->_state.last = r;
			return true;
		}
	} while (r != s->_state.last);
	return false;
}

bool far_supervisor_wait(struct far_supervisor *s, uint32_t timeout_ms)
{
	struct far_supervisor_remote *r = s->_state.last;

	if (far_supervisor_step(s))
		return true;
	if (r == NULL) {
		s->config.clock->ops->sleep_ms(s->config.clock, timeout_ms);
		return false;
	}
	if (r->_state.next != r)
		timeout_ms = far_min32(timeout_ms, 1);
	s->_state.last = r->_state.next;
	return serve(s->_state.last, timeout_ms);
}

int far_supervisor_init(struct far_supervisor *s, const struct far_supervisor_config *config)
{
	if (config->flash == NULL || config->clock == NULL || config->flash->info.size == 0)
		return FAR_ERR_ARG;
	memset(s, 0, sizeof(*s));
	memcpy(&s->config, config, sizeof(*config));
	if (s->config.step_len == 0)
		s->config.step_len = STEP_LEN;
	return FAR_OK;
}

int far_supervisor_add_remote(struct far_supervisor *s, struct far_supervisor_remote *r,
			      const struct far_supervisor_remote_config *config)
{
	uint32_t channel = config->channel != 0 ? config->channel : FAR_SUPERVISOR_CHANNEL;
	int rc = far_supervisor_check_config(s, config);

	if (rc != FAR_OK)
		return rc;
	/* Nobody else's callback; and it says whether there is such a channel. */
	rc = far_mailbox_register_callback(config->mailbox, channel, NULL, NULL);
	if (rc != FAR_OK)
		return rc;
	memset(r, 0, sizeof(*r));
	memcpy(&r->config, config, sizeof(*config));
	r->config.channel = channel;
	r->_state.supervisor = s;
	r->_state.link.mailbox = config->mailbox;
	r->_state.link.channel = channel;
	r->_state.link.session = FAR_MAILBOX_ANY_SESSION;
	r->_state.next = r;
	if (s->_state.last != NULL) {
		r->_state.next = s->_state.last->_state.next;
		s->_state.last->_state.next = r;
	}
	s->_state.last = r;
	return FAR_OK;
}
