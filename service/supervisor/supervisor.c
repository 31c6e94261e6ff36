/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in, work in turns, replies out. What the operations do is in files of their own. */
#include "core/bytes.h"
#include "service/supervisor/internal.h"

#define TURN_MS  10u
#define UNIT     64u /* of data_max: whole write blocks, and room for an info */
#define DATA_MAX (FAR_FRAGMENT_LEN_MAX - FAR_SERVICE_REQUEST)

/* ---- what is refused ------------------------------------------------------------------------- */

bool far_supervisor_is_granted(const struct far_supervisor_remote *r, uint32_t rights,
			       uint32_t addr, uint32_t len)
{
	const struct far_supervisor_grant *g = r->config.grants;

	for (uint32_t i = 0; i < r->config.grant_count; i++, g++)
		if ((g->rights & rights) == rights && addr >= g->addr && addr - g->addr <= g->len &&
		    len <= g->len - (addr - g->addr))
			return true;
	return false;
}

/*
 * A request for an operation that there is: with what belongs to it, in a range that r may use so.
 */
static int check(const struct far_supervisor_remote *r, uint32_t op, const uint32_t *m)
{
	uint32_t addr = m[FAR_SUPERVISOR_ADDR], len = m[FAR_SUPERVISOR_LEN], data = 0;
	uint32_t size = far_supervisor_flash(r)->info.size;
	uint32_t rights = op >> FAR_SERVICE_RIGHTS_POS & 7;

	if (op & FAR_SERVICE_SENDS)
		data = len;
	if (r->_state.link.in.got != FAR_SERVICE_REQUEST + data)
		return FAR_ERR_PROTO;
	if (rights == 0)
		return FAR_OK;
	if (addr > size || len > size - addr)
		return FAR_ERR_RANGE;
	return len == 0 || far_supervisor_is_granted(r, rights, addr, len) ? FAR_OK
									   : FAR_ERR_REFUSED;
}

/* ---- requests and replies -------------------------------------------------------------------- */

/* What a remote has asked for is void. */
static void forget(struct far_supervisor_remote *r)
{
	struct far_supervisor *s = r->_state.supervisor;

	r->_state.link.out.words[0] = 0;
	r->_state.ready = 0;
	if (s->_state.guard != NULL)
		s->_state.guard(r, FAR_SERVICE_INFO);
}

/* What one mailbox message brings, from byte at of a request on. */
static void collect(struct far_supervisor_remote *r, const uint32_t *data, uint32_t at)
{
	struct far_fragments *link = &r->_state.link;
	uint32_t got = link->in.got, len = got + link->in.left;

	if (len < FAR_SERVICE_REQUEST || len > FAR_SUPERVISOR_BUF(r->config.data_max)) {
		link->in.left = 0;
		r->count.malformed++;
		return;
	}
	memcpy((uint8_t *)r->config.buf + at, data, got - at);
	if (len == got) {
		r->count.requests++;
		r->_state.ready = 1;
	}
}

/* One mailbox message, or news of the session. Returns whether there was one. */
static bool take(struct far_supervisor_remote *r, uint32_t timeout_ms)
{
	struct far_fragments *link = &r->_state.link;
	uint32_t w[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)];
	int at = far_fragment_receive(link, w, timeout_ms);
	uint32_t session = far_mailbox_session(link->mailbox);

	if (session != link->session) {
		forget(r);
		r->count.sessions += session != 0;
		if (at < 0)
			link->in.left = 0;
		link->session = session;
	}
	if (at >= 0)
		collect(r, FAR_FRAGMENT_DATA(w), (uint32_t)at);
	else if (at == FAR_ERR_PROTO)
		r->count.malformed++;
	return at >= 0 || at == FAR_ERR_PROTO;
}

/* The reply to the request m: rc bytes of data, or an error, which the flash may have recorded. */
static void reply(struct far_supervisor_remote *r, uint32_t *m, int rc)
{
	const struct far_flash_fault *fault = &far_supervisor_flash(r)->fault;
	struct far_fragments *link = &r->_state.link;

	if (rc < 0) {
		m[0] = (m[0] & ~FAR_SERVICE_ERR) | (0u - (uint32_t)rc);
		m[2] = m[FAR_SUPERVISOR_ADDR];
		m[3] = rc == FAR_ERR_REFUSED ? FAR_SERVICE_NO_GRANT : 0;
		rc = 0;
		if (fault->err == FAR_OK) {
			r->count.refused++;
		} else {
			r->count.failed++;
			if (fault->touched_len > 0)
				m[2] = fault->touched_addr + fault->touched_len;
			m[1] = fault->addr;
			m[3] = fault->peer_code;
		}
	}
	memcpy(FAR_FRAGMENT_DATA(link->out.words), m, FAR_SERVICE_REPLY);
	link->out.words[0] = FAR_FRAGMENT_FIRST | (FAR_SERVICE_REPLY + (uint32_t)rc);
	link->out.body = (const uint8_t *)m + FAR_SERVICE_REQUEST;
}

/* Do what was asked for. Returns false if that has to wait for another remote. */
static bool work(struct far_supervisor_remote *r)
{
	struct far_supervisor *s = r->_state.supervisor;
	const struct far_supervisor_op *o = s->config.ops;
	uint32_t *m = r->config.buf;
	int rc = FAR_ERR_NOTSUP;

	while (o->work != NULL && o->op << FAR_SERVICE_OP_POS != (m[0] & 0xffff))
		o++;
	s->config.flash->fault.err = FAR_OK;
	if (o->work != NULL)
		rc = check(r, o->op, m);
	if (rc == FAR_OK) {
		if (s->_state.guard != NULL && !s->_state.guard(r, o->op))
			return false;
		rc = o->work(r, m);
	}
	r->_state.ready = 0;
	reply(r, m, rc);
	return true;
}

/* Nothing is taken while a reply is on its way, so that whatever it is can be answered. */
static bool serve(struct far_supervisor_remote *r, uint32_t timeout_ms)
{
	struct far_fragments *link = &r->_state.link;
	uint32_t left = link->out.words[0];
	bool did = false;

	if (left == 0) {
		if (!r->_state.ready)
			did = take(r, timeout_ms);
		if (!r->_state.ready || !work(r))
			return did;
		timeout_ms = 0;
	}
	/* done, or its session is over: then that is noticed when something is taken */
	if (far_fragment_send(link, timeout_ms) != FAR_ERR_BUSY)
		link->out.words[0] = 0;
	return left == 0 || link->out.words[0] != left;
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
	if (config->flash == NULL || config->clock == NULL || config->flash->info.size == 0 ||
	    config->ops == NULL)
		return FAR_ERR_ARG;
	memset(s, 0, sizeof(*s));
	memcpy(&s->config, config, sizeof(*config));
	if (s->config.turn_ms == 0)
		s->config.turn_ms = TURN_MS;
	return FAR_OK;
}

static int check_config(const struct far_supervisor *s,
			const struct far_supervisor_remote_config *c)
{
	uint32_t size = s->config.flash->info.size;

	if (c->mailbox == NULL || c->buf == NULL || c->data_max - 1 >= DATA_MAX ||
	    c->data_max % UNIT != 0 || (c->grants == NULL && c->grant_count > 0) ||
	    c->grant_count > UINT8_MAX || (c->window == NULL && c->window_len > 0))
		return FAR_ERR_ARG;
	if ((uintptr_t)c->buf % sizeof(uint32_t) != 0)
		return FAR_ERR_ALIGN;
	for (uint32_t i = 0; i < c->grant_count; i++) {
		const struct far_supervisor_grant *g = &c->grants[i];

		if (g->addr > size || g->len > size - g->addr)
			return FAR_ERR_RANGE;
	}
	return FAR_OK;
}

int far_supervisor_add_remote(struct far_supervisor *s, struct far_supervisor_remote *r,
			      const struct far_supervisor_remote_config *config)
{
	uint32_t channel = config->channel != 0 ? config->channel : FAR_SUPERVISOR_CHANNEL;
	int rc = check_config(s, config);

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
	r->_state.next = r;
	if (s->_state.last != NULL) {
		r->_state.next = s->_state.last->_state.next;
		s->_state.last->_state.next = r;
	}
	s->_state.last = r;
	return FAR_OK;
}
