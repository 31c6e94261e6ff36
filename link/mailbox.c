/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox: rings with one producer and one consumer each, and the session above them. Layout,
 * memory order and the restart protocol are argued in docs/SPEC-mailbox.md; test/model checks them.
 */
#include "farflash/mailbox.h"
#include "link/mailbox_region.h"
#include "link/session.h"

/* What the peer shall ring for; for room only after a send found none. */
static void want(struct far_mailbox *m)
{
	uint32_t wants = 0;

	if (m->_state.wishes > 0)
		wants = m->_state.refused != 0 ? WANT_MESSAGE | WANT_ROOM : WANT_MESSAGE;
	far_shared_store(&m->_state.own[WANTS], wants);
	far_shared_fence();
}

void far_mailbox_wish(struct far_mailbox *m, uint32_t more)
{
	m->_state.wishes += more;
	want(m);
}

void far_mailbox_waited(struct far_mailbox *m, const struct far_mailbox_wait *w)
{
	if (w->naps > 0)
		far_mailbox_wish(m, 0u - 1);
}

/* Also repairs what a peer may have written into our half. */
static inline void show(struct far_mailbox *m)
{
	far_shared_store(&m->_state.own[FORMAT], m->_state.format);
	far_shared_store(&m->_state.own[CONTROL], m->_state.word);
}

/* Show another word, and have it seen. */
static void publish(struct far_mailbox *m, uint32_t word)
{
	m->_state.word = word;
	show(m);
	kick(m, WANT_MESSAGE);
}

/*
 * Begin anew with an epoch that was never in a session: stamps first, so that who sees the new
 * epoch finds empty rings. It differs from the last one and from what the peer may still echo. What
 * waits in the peer's rings belongs to the session that is over.
 */
static void restart(struct far_mailbox *m)
{
	uint32_t echo = far_shared_load(&m->_state.peer[CONTROL]) >> 16, epoch = m->_state.word;
	uint32_t *own = m->_state.own + RINGS;
	const uint32_t *peer = m->_state.peer + RINGS;
	uint32_t left = m->_state.config.slots * FAR_MAILBOX_CHANNELS;

	do {
		uint32_t ahead = far_shared_load(peer) -
				 m->_state.stamp[TAKE][(0u - left) % FAR_MAILBOX_CHANNELS];

		/* fewer than slots messages ahead, and of a possible length */
		if (m->_state.link != 0 && ahead < m->_state.lap &&
		    ahead % STAMP_NEXT <= FAR_MAILBOX_DATA_MAX)
			m->count.stale++;
		far_shared_store(own, 0);
		own += SLOT_WORDS;
		peer += SLOT_WORDS;
	} while (--left > 0);
	do
		epoch = (epoch + 1) & 0xffff;
	while (epoch == 0 || epoch == echo);
	m->_state.link = 0;
	m->_state.refused = 0;
	publish(m, epoch);
}

/*
 * What the peer wrote does not belong to this session: a message may be lost, so it cannot go on.
 * Either the peer has restarted meanwhile, or it wrote what no peer can mean.
 */
static int reject(struct far_mailbox *m)
{
	if (far_shared_load(&m->_state.peer[CONTROL]) == m->_state.link)
		m->count.malformed++;
	restart(m);
	m->_state.session = 0;
	return FAR_ERR_TIMEOUT;
}

/*
 * Towards a session. First the peer's epoch is accepted: both sides count from 0, which must be
 * seen before the echo is. It is up exactly while each side's echo is the other's epoch.
 */
static inline void follow(struct far_mailbox *m, uint32_t peer)
{
	uint32_t epoch = m->_state.word & 0xffff, word = epoch | peer << 16;

	show(m);
	if (far_shared_load(&m->_state.peer[FORMAT]) != m->_state.format)
		return;
	if (word != m->_state.word) {
		uint32_t sent = epoch << 8, taken = word >> 16 << 8;

		for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++) {
			m->_state.stamp[SEND][c] = m->_state.limit[c] = sent;
			m->_state.stamp[TAKE][c] = taken;
			far_shared_store(&m->_state.own[TAKEN + c], taken);
		}
		publish(m, word);
	}
	if (peer >> 16 == epoch) {
		m->_state.link = peer;
		m->_state.session = m->_state.config.side == 0 ? word : peer;
		m->count.sessions++;
	}
}

/*
 * The session is not up, or the peer shows another one. Its end is told first, and the next one is
 * begun by the next call.
 */
static void advance(struct far_mailbox *m, uint32_t up, uint32_t peer)
{
	if (up != 0)
		restart(m);
	if (m->_state.session != 0)
		m->_state.session = 0;
	else
		follow(m, peer);
}

/*
 * Is there room beyond what was known? If not, the peer is asked to ring for it, if this side wants
 * to be rung, and is looked at once more. What the peer says is believed: if it lies, we overwrite
 * what it has not taken, which it finds out.
 */
static bool is_full(struct far_mailbox *m, uint32_t channel)
{
	uint32_t limit, full, changed;

	do {
		limit = far_shared_load(&m->_state.peer[TAKEN + channel]) + m->_state.lap;
		m->_state.limit[channel] = limit;
		full = m->_state.stamp[SEND][channel] == limit;
		changed = (m->_state.refused >> channel & 1) ^ full;
		m->_state.refused ^= changed << channel;
		if (changed != 0)
			want(m);
	} while (changed != 0);
	return full != 0;
}

/*
 * A message to the peer or, with FAR_MAILBOX_TAKE as len, from it, in a session that is up.
 * FAR_ERR_BUSY: there is no room, or nothing has come yet.
 */
static int move(struct far_mailbox *m, uint32_t channel, void *data, uint32_t len)
{
	bool takes = len == FAR_MAILBOX_TAKE;
	uint32_t *at = &m->_state.stamp[takes][channel], stamp = *at;
	const uint32_t *half = takes ? m->_state.peer : m->_state.own;
	uint32_t *slot = slot_of(half, m->_state.mask, channel, stamp);

	if (takes) {
		uint32_t found = far_shared_load(slot);

		len = found - stamp;
		if (len > FAR_MAILBOX_DATA_MAX)
			return is_none(m, found, stamp) ? FAR_ERR_BUSY : reject(m);
		far_shared_get(data, slot + 1, len);
	} else {
		if (stamp == m->_state.limit[channel] && is_full(m, channel))
			return FAR_ERR_BUSY;
		far_shared_put(slot + 1, data, len);
		far_shared_store(slot, stamp + len);
		len = 0;
	}
	stamp += STAMP_NEXT;
	*at = stamp;
	if (takes) {
		far_shared_store(&m->_state.own[TAKEN + channel], stamp);
		m->count.received++;
	} else {
		m->count.sent++;
	}
	kick(m, takes ? WANT_ROOM : WANT_MESSAGE);
	return (int)len;
}

int far_mailbox_nap(struct far_mailbox *m, struct far_mailbox_wait *w, uint32_t timeout_ms)
{
	struct far_doorbell *d = m->_state.config.doorbell;
	struct far_clock *clock = m->_state.config.clock;
	uint32_t now, left;

	if (timeout_ms == 0)
		return FAR_ERR_BUSY;
	if (w->naps++ == 0) {
		far_mailbox_wish(m, 1);
		return FAR_OK;
	}
	now = clock->ops->now_ms(clock);
	if (w->naps == 2)
		w->began = now;
	left = timeout_ms - (now - w->began);
	if (left - 1 >= timeout_ms)
		return FAR_ERR_BUSY;
	if (d->ops->wait != NULL)
		return d->ops->wait(d, left);
	clock->ops->sleep_ms(clock, 1);
	return FAR_OK;
}

/*
 * Move a message in the session, if that is up; else see what becomes of it, and tell. Then try
 * again: not for ever, as a peer may begin sessions faster than we look.
 */
static int attempt(struct far_mailbox *m, uint32_t session, uint32_t channel, void *data,
		   uint32_t len)
{
	const struct far_mailbox_config *config = &m->_state.config;
	uint32_t tries = 4, was, is;
	int rc;

	do {
		uint32_t up = m->_state.link;
		uint32_t peer = far_shared_load(&m->_state.peer[CONTROL]);

		was = m->_state.session;
		rc = FAR_ERR_TIMEOUT;
		if (up == 0 || up != peer)
			advance(m, up, peer);
		else if (session == FAR_MAILBOX_ANY_SESSION || session == was)
			rc = move(m, channel, data, len);
		is = m->_state.session;
		if (is != was && config->notice != NULL)
			config->notice(m, config->user, is != 0);
	} while (is != was && --tries > 0);
	return rc;
}

int far_mailbox_transfer(struct far_mailbox *m, uint32_t session, uint32_t channel, void *data,
			 uint32_t len, uint32_t timeout_ms)
{
	struct far_mailbox_wait w = { 0 };
	int rc, nap;

	if (!is_open(m, channel))
		return FAR_ERR_ARG;
	do {
		rc = attempt(m, session, channel, data, len);
		if (rc == FAR_ERR_TIMEOUT && session == FAR_MAILBOX_ANY_SESSION)
			rc = FAR_ERR_BUSY;
	} while (rc == FAR_ERR_BUSY && (nap = far_mailbox_nap(m, &w, timeout_ms)) == FAR_OK);
	far_mailbox_waited(m, &w);
	if (rc == FAR_ERR_BUSY)
		rc = nap;
	if (rc == FAR_ERR_BUSY && len != FAR_MAILBOX_TAKE)
		m->count.full++;
	return rc;
}

int far_mailbox_send(struct far_mailbox *m, uint32_t channel, const void *data, size_t len,
		     uint32_t timeout_ms)
{
	uint32_t session = m->_state.session;

	if (data == NULL && len > 0)
		return FAR_ERR_ARG;
	if (len > FAR_MAILBOX_DATA_MAX)
		return FAR_ERR_RANGE;
	if (session == 0)
		session = FAR_MAILBOX_NO_SESSION;
	return far_mailbox_transfer(m, session, channel, (void *)(uintptr_t)data, (uint32_t)len,
				    timeout_ms);
}

int far_mailbox_receive(struct far_mailbox *m, uint32_t channel, void *buf, size_t cap,
			uint32_t timeout_ms)
{
	int rc;

	if (buf == NULL)
		return FAR_ERR_ARG;
	if (cap < FAR_MAILBOX_DATA_MAX)
		return FAR_ERR_RANGE;
	rc = far_mailbox_transfer(m, FAR_MAILBOX_ANY_SESSION, channel, buf, FAR_MAILBOX_TAKE,
				  timeout_ms);
	return rc == FAR_ERR_BUSY ? FAR_ERR_TIMEOUT : rc;
}

/* One ring's worth of one channel. */
static int drain(struct far_mailbox *m, uint32_t channel)
{
	uint32_t buf[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)];
	int done = 0;

	for (uint32_t i = 0; i < m->_state.config.slots; i++) {
		far_mailbox_callback callback = m->_state.callback[channel];
		int len = -1;

		if (callback != NULL)
			len = far_mailbox_receive(m, channel, buf, sizeof(buf), 0);
		if (len < 0)
			break;
		callback(m, m->_state.callback_user[channel], channel, buf, (size_t)len);
		done++;
	}
	return done;
}

/* Is there room again where a send was refused? Said once: who does not send then may sleep. */
static bool is_relieved(struct far_mailbox *m)
{
	uint32_t before = m->_state.refused;

	for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++)
		if ((m->_state.refused >> c & 1) != 0)
			is_full(m, c);
	return m->_state.refused != before;
}

/* How many there have been: each session was told of, and all but the one that is up to its end. */
static uint32_t notices(const struct far_mailbox *m)
{
	return 2 * m->count.sessions - (m->_state.session != 0);
}

/* How many callbacks and notices there were, or that there is room again, for who would wait. */
static int look(struct far_mailbox *m, uint32_t timeout_ms, bool *relieved)
{
	uint32_t before = notices(m);
	int done = 0;

	far_mailbox_transfer(m, FAR_MAILBOX_NO_SESSION, m->_state.first, NULL, 0, 0);
	for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++)
		done += drain(m, c);
	*relieved = timeout_ms > 0 && is_relieved(m);
	/* notices may also have come from within a receive */
	return done + (int)(notices(m) - before);
}

int far_mailbox_poll(struct far_mailbox *m, uint32_t timeout_ms)
{
	struct far_mailbox_wait w = { 0 };
	bool relieved;
	int done, nap = FAR_OK;

	do
		done = look(m, timeout_ms, &relieved);
	while (done == 0 && !relieved && (nap = far_mailbox_nap(m, &w, timeout_ms)) == FAR_OK);
	far_mailbox_waited(m, &w);
	return nap == FAR_OK || nap == FAR_ERR_BUSY ? done : nap;
}

int far_mailbox_register_callback(struct far_mailbox *m, uint32_t channel,
				  far_mailbox_callback callback, void *user)
{
	if (!is_open(m, channel))
		return FAR_ERR_ARG;
	m->_state.callback[channel] = callback;
	m->_state.callback_user[channel] = user;
	return FAR_OK;
}

int far_mailbox_set_enabled(struct far_mailbox *m, bool enable)
{
	far_mailbox_wish(m, (uint32_t)enable - m->_state.enabled);
	m->_state.enabled = enable;
	if (enable)
		far_mailbox_poll(m, 0);
	return FAR_OK;
}

size_t far_mailbox_max_data_size_get(const struct far_mailbox *m)
{
	(void)m;
	return FAR_MAILBOX_DATA_MAX;
}

uint32_t far_mailbox_max_id_val_get(const struct far_mailbox *m)
{
	(void)m;
	return FAR_MAILBOX_CHANNELS - 1;
}

uint32_t far_mailbox_session(const struct far_mailbox *m)
{
	return m->_state.session;
}

void far_mailbox_stop(struct far_mailbox *m)
{
	restart(m);
}

int far_mailbox_init(struct far_mailbox *m, const struct far_mailbox_config *c)
{
	uint32_t slots = c->slots, half = FAR_MAILBOX_HALF_SIZE(slots);

	if (c->region == NULL || c->doorbell == NULL || c->clock == NULL || c->side > 1)
		return FAR_ERR_ARG;
	if (slots - 1 >= FAR_MAILBOX_SLOTS_MAX || (slots & (slots - 1)) != 0)
		return FAR_ERR_ARG;
	if ((uintptr_t)c->region % sizeof(uint32_t) != 0)
		return FAR_ERR_ALIGN;
	if (c->region_size / 2 < half)
		return FAR_ERR_RANGE;
	memset(m, 0, sizeof(*m));
	memcpy(&m->_state.config, c, sizeof(*c));
	m->_state.first = c->reserved ? 0 : FIRST_FREE;
	m->_state.lap = slots * STAMP_NEXT;
	m->_state.format = FORMAT_WORD | m->_state.lap;
	m->_state.mask = (slots - 1) * 16;
	half /= sizeof(uint32_t);
	m->_state.own = c->region;
	m->_state.peer = c->region;
	if (c->side == 0)
		m->_state.peer += half;
	else
		m->_state.own += half;
	m->_state.word = far_shared_load(&m->_state.own[CONTROL]);
	want(m);
	restart(m);
	return FAR_OK;
}
