/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in, pieces of work, replies out. What a request may do is decided in check.c. */
#include "core/bytes.h"
#include "service/supervisor/internal.h"

#define STEP_LEN 4096u

static uint8_t *slot(const struct far_supervisor_remote *r, uint32_t i)
{
	i += r->_state.first;
	if (i >= r->config.slots)
		i -= r->config.slots;
	return r->config.buf + i * FAR_SUPERVISOR_BUF(1, r->config.data_max);
}

/* ---- replies --------------------------------------------------------------------------------- */

static bool is_sending(const struct far_supervisor_remote *r)
{
	const struct far_fragment_out *o = &r->_state.out;

	return o->at < o->head_len + o->body_len;
}

/* A reply to the request m: a word, count more words behind it, then the body. */
static void reply(struct far_supervisor_remote *r, const uint8_t *m, enum far_service_kind kind,
		  uint32_t word, const uint32_t *words, uint32_t count, const uint8_t *body,
		  uint32_t body_len)
{
	uint8_t *head = r->_state.head;

	memcpy(head, m, 4);
	head[1] = (uint8_t)kind;
	far_service_put(head + 4, &word, 1);
	far_service_put(head + FAR_SERVICE_REPLY, words, count);
	far_fragment_begin(&r->_state.out, r->_state.session, head, FAR_SERVICE_REPLY + 4 * count,
			   body, body_len);
}

static void reply_fault(struct far_supervisor_remote *r, const uint8_t *m,
			const struct far_flash_fault *fault)
{
	const uint32_t words[] = { fault->addr, fault->peer_code, fault->touched_addr,
				   fault->touched_len };

	reply(r, m, FAR_SERVICE_FAILED, 0u - (uint32_t)fault->err, words, FAR_SERVICE_FAULT / 4,
	      NULL, 0);
}

static void reply_info(const struct far_supervisor *s, struct far_supervisor_remote *r,
		       const uint8_t *m, uint32_t index)
{
	const struct far_flash_info *info = &s->config.flash->info;
	const struct far_supervisor_grant none = { 0 };
	const struct far_supervisor_grant *grant =
		index < r->config.grant_count ? &r->config.grants[index] : &none;
	uint32_t digest = info->caps & FAR_FLASH_CAN_READ ? FAR_FLASH_CAN_DIGEST : 0;
	uint32_t deflate = far_supervisor_may_deflate(s, r) ? 0 : FAR_FLASH_CAN_DEFLATE;
	const uint32_t words[] = {
		info->size,
		info->sector_size,
		info->write_block | (uint32_t)info->erase_value << 8 |
			((info->caps & ~deflate) | digest) << 16 | FAR_SERVICE_VERSION << 24,
		r->config.data_max,
		r->config.window_len,
		grant->addr,
		grant->len,
		grant->rights | r->config.grant_count << 8,
	};
	reply(r, m, FAR_SERVICE_DONE, 0, words, FAR_SERVICE_INFO_LEN / 4, NULL, 0);
}

/* ---- the queue ------------------------------------------------------------------------------- */

static void await_next(struct far_supervisor_remote *r)
{
	r->_state.in.buf = slot(r, r->_state.waiting);
}

/* All that the remote has asked for is void. */
static void forget(struct far_supervisor *s, struct far_supervisor_remote *r)
{
	if (s->_state.stream == r)
		s->_state.stream = NULL;
	r->_state.waiting = 0;
	r->_state.last = 0;
	r->_state.out.head_len = r->_state.out.body_len = 0;
	r->progress.op = 0;
}

/* Send what there is room for. The request is done with when the end of its reply is on its way. */
static bool flush(struct far_supervisor_remote *r, uint32_t timeout_ms)
{
	struct far_fragment_out *o = &r->_state.out;
	uint32_t at = o->at;

	if (far_fragment_send(o, r->config.mailbox, r->config.channel, timeout_ms) == FAR_ERR_BUSY)
		return o->at != at;
	o->head_len = o->body_len = 0; /* the session may have ended: then take notices, too */
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
		uint8_t *m = slot(r, i);

		if (far_get_le16(m + 2) == tag)
			m[1] |= FAR_SUPERVISOR_CANCELLED;
	}
}

/* A message is complete, and no reply is on its way. */
static void arrived(struct far_supervisor *s, struct far_supervisor_remote *r, uint8_t *m,
		    uint32_t len)
{
	struct far_flash_fault busy = { .err = FAR_ERR_BUSY };
	uint32_t head[FAR_SERVICE_REQUEST / 4];

	if (len < FAR_SERVICE_REQUEST) {
		r->count.malformed++;
		return;
	}
	r->count.requests++;
	far_service_get(head, m, FAR_SERVICE_REQUEST / 4);
	if (m[0] == FAR_SERVICE_INFO) {
		forget(s, r);
		reply_info(s, r, m, head[1]);
	} else if (m[0] == FAR_SERVICE_CANCEL) {
		cancel(r, head[1]);
	} else if (r->_state.waiting + 1 == r->config.slots) {
		r->count.busy++;
		busy.addr = head[1];
		reply_fault(r, m, &busy);
	} else {
		far_supervisor_mark(m, head[2], len - FAR_SERVICE_REQUEST);
		r->_state.waiting++;
	}
	await_next(r);
}

/* One mailbox message. Returns whether one came. */
static bool take(struct far_supervisor *s, struct far_supervisor_remote *r, uint32_t timeout_ms)
{
	uint8_t f[FAR_MAILBOX_DATA_MAX];
	int len =
		far_mailbox_receive(r->config.mailbox, r->config.channel, f, sizeof(f), timeout_ms);
	uint32_t session = far_mailbox_session(r->config.mailbox);

	if (session != r->_state.session) {
		forget(s, r);
		await_next(r);
		r->_state.session = session;
		r->count.sessions += session != 0;
	}
	if (len < 0)
		return false;
	len = far_fragment_take(&r->_state.in, session, f, (size_t)len);
	if (len < 0)
		r->count.malformed++;
	else if (len > 0)
		arrived(s, r, r->_state.in.buf, (uint32_t)len);
	return true;
}

/* ---- work ------------------------------------------------------------------------------------ */

/* The next n bytes of a digest: by the flash itself, or read here. */
static int digest(struct far_flash *f, struct far_supervisor_remote *r, uint8_t *data, uint32_t *n)
{
	const struct far_supervisor_progress *p = &r->progress;
	int rc;

	if (f->info.caps & FAR_FLASH_CAN_DIGEST)
		return far_flash_digest(f, p->addr, *n, data);
	if (p->done == 0)
		far_md5_init(&r->_state.md5);
	*n = far_min32(*n, r->config.data_max);
	rc = far_flash_read(f, p->addr + p->done, data, *n);
	far_md5_update(&r->_state.md5, data, *n);
	if (p->done + *n == p->len)
		far_md5_final(&r->_state.md5, data);
	return rc;
}

/*
 * The next piece of the first request: *n bytes of it. What a remote can change meanwhile, in the
 * window, is copied once before it is used.
 */
static int piece(struct far_supervisor *s, struct far_supervisor_remote *r, uint8_t *m, uint32_t *n)
{
	const struct far_supervisor_progress *p = &r->progress;
	struct far_flash *f = s->config.flash;
	uint32_t at = p->addr + p->done, left = p->len - p->done;
	uint32_t extra = r->_state.extra;
	bool window = (m[1] & FAR_SERVICE_WINDOW) != 0;
	uint8_t *data = m + FAR_SERVICE_REQUEST;
	uint8_t *shared = window ? (uint8_t *)r->config.window + extra + p->done : NULL;

	*n = left;
	switch (p->op) {
	case FAR_SERVICE_READ:
		*n = window ? far_min32(left, s->config.step_len) : left;
		return far_flash_read(f, at, window ? shared : data, *n);
	case FAR_SERVICE_WRITE:
	case FAR_SERVICE_STREAM:
		*n = far_min32(left, r->config.data_max);
		if (window)
			memcpy(data, shared, *n);
		return p->op == FAR_SERVICE_WRITE ? far_flash_write(f, at, data, *n)
						  : far_flash_replace_write(f, data, *n);
	case FAR_SERVICE_ERASE:
		*n = f->info.sector_size;
		return far_flash_erase(f, at, *n);
	case FAR_SERVICE_DIGEST:
		return digest(f, r, data, n);
	case FAR_SERVICE_BEGIN:
		return far_flash_replace_begin(f, at, left, extra);
	case FAR_SERVICE_END:
		return far_flash_replace_end(f);
	default:
		return far_flash_sync(f);
	}
}

/* Someone else's stream keeps the flash, and may do so a while longer. */
static bool is_held(const struct far_supervisor *s, const struct far_supervisor_remote *r)
{
	struct far_clock *clock = s->config.clock;

	return s->_state.stream != NULL && s->_state.stream != r &&
	       clock->ops->now_ms(clock) - s->_state.stream_at < s->config.hold_ms;
}

/*
 * Do the next piece, n bytes. Whatever touches the flash ends the stream that is open, but for what
 * belongs to it.
 */
static uint32_t proceed(struct far_supervisor *s, struct far_supervisor_remote *r, uint8_t *m,
			struct far_flash_fault *fault)
{
	struct far_supervisor_progress *p = &r->progress;
	struct far_clock *clock = s->config.clock;
	bool stream = p->op == FAR_SERVICE_STREAM, end = p->op == FAR_SERVICE_END;
	uint32_t n;

	fault->err = FAR_ERR_STATE;
	fault->addr = p->addr;
	if ((stream || end) && s->_state.stream != r)
		return 0;
	s->_state.stream = NULL;
	fault->err = piece(s, r, m, &n);
	if (fault->err != FAR_OK) {
		r->count.failed++;
		*fault = s->config.flash->fault;
		return 0;
	}
	if (p->op == FAR_SERVICE_BEGIN)
		s->_state.stream_at = clock->ops->now_ms(clock);
	if (p->op == FAR_SERVICE_BEGIN || stream)
		s->_state.stream = r;
	return n;
}

/* The whole request has failed: what its earlier pieces have changed belongs to the record. */
static void failed(struct far_supervisor *s, struct far_supervisor_remote *r, const uint8_t *m,
		   struct far_flash_fault *fault)
{
	const struct far_supervisor_progress *p = &r->progress;
	uint32_t end = p->addr + p->done;

	if (p->done > 0 && (p->op == FAR_SERVICE_WRITE || p->op == FAR_SERVICE_ERASE)) {
		if (fault->touched_len > 0)
			end = fault->touched_addr + fault->touched_len;
		fault->touched_addr = p->addr;
		fault->touched_len = end - p->addr;
	}
	if (s->_state.stream == r)
		s->_state.stream = NULL;
	reply_fault(r, m, fault);
}

static void succeeded(struct far_supervisor_remote *r, const uint8_t *m)
{
	const struct far_supervisor_progress *p = &r->progress;
	uint32_t len = 0;

	if (p->op == FAR_SERVICE_READ && (m[1] & FAR_SERVICE_WINDOW) == 0)
		len = p->len;
	if (p->op == FAR_SERVICE_DIGEST)
		len = FAR_MD5_LEN;
	reply(r, m, FAR_SERVICE_DONE, 0, NULL, 0, m + FAR_SERVICE_REQUEST, len);
}

static void load(struct far_supervisor_remote *r, const uint8_t *m)
{
	uint32_t head[FAR_SERVICE_REQUEST / 4];

	far_service_get(head, m, FAR_SERVICE_REQUEST / 4);
	r->progress = (struct far_supervisor_progress){ m[0], head[1], head[2], 0 };
	r->_state.extra = head[3];
}

/* A piece of the first request in the queue. Returns false if it has to wait for another remote. */
static bool work(struct far_supervisor *s, struct far_supervisor_remote *r)
{
	struct far_supervisor_progress *p = &r->progress;
	struct far_flash_fault fault = { .err = FAR_OK };
	uint8_t *m = slot(r, 0);

	if (p->op == 0) {
		load(r, m);
		fault.addr = p->addr;
		far_supervisor_check(s, r, m, &fault);
		r->count.refused += fault.err != FAR_OK;
	}
	if (fault.err == FAR_OK && (m[1] & FAR_SUPERVISOR_CANCELLED) != 0) {
		fault.err = FAR_ERR_CANCELLED;
		fault.addr = p->addr + p->done;
		r->count.cancelled++;
	}
	if (fault.err == FAR_OK) {
		if (is_held(s, r))
			return false;
		p->done += proceed(s, r, m, &fault);
	}
	r->_state.last = fault.err != FAR_OK || p->done >= p->len;
	if (fault.err != FAR_OK)
		failed(s, r, m, &fault);
	else if (r->_state.last)
		succeeded(r, m);
	else
		reply(r, m, FAR_SERVICE_PROGRESS, p->done, NULL, 0, NULL, 0);
	flush(r, 0);
	if (!r->_state.last) /* a remote that does not listen misses it: nothing waits for that */
		r->_state.out.head_len = r->_state.out.body_len = 0;
	return true;
}

/* Messages are taken only while no reply is on its way, so that any of them can be answered. */
static bool serve(struct far_supervisor *s, struct far_supervisor_remote *r, uint32_t timeout_ms)
{
	bool did = false;

	if (is_sending(r))
		did = flush(r, timeout_ms);
	for (uint32_t i = 0; i < FAR_MAILBOX_SLOTS_MAX && !is_sending(r); i++) {
		if (!take(s, r, did || r->_state.waiting > 0 ? 0 : timeout_ms))
			break;
		did = true;
		flush(r, 0);
	}
	if (!is_sending(r) && r->_state.waiting > 0)
		did |= work(s, r);
	return did;
}

bool far_supervisor_step(struct far_supervisor *s)
{
	struct far_supervisor_remote *r = s->_state.last;

	if (r == NULL)
		return false;
	do {
		r = r->_state.next;
		if (serve(s, r, 0)) {
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
	return serve(s, s->_state.last, timeout_ms);
}

int far_supervisor_init(struct far_supervisor *s, const struct far_supervisor_config *config)
{
	if (config->flash == NULL || config->clock == NULL || config->flash->info.size == 0)
		return FAR_ERR_ARG;
	*s = (struct far_supervisor){ .config = *config };
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
	r->config = *config;
	r->config.channel = channel;
	r->_state.in.cap = FAR_SUPERVISOR_BUF(1, config->data_max);
	await_next(r);
	r->_state.next = r;
	if (s->_state.last != NULL) {
		r->_state.next = s->_state.last->_state.next;
		s->_state.last->_state.next = r;
	}
	s->_state.last = r;
	return FAR_OK;
}
