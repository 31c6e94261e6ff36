/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox: rings with one producer and one consumer each, and the session above them. Layout,
 * memory order and the restart protocol are argued in docs/SPEC-mailbox.md; test/model checks them.
 */
#include "farflash/mailbox.h"
#include "link/mailbox_region.h"
#include "link/session.h"

static uint32_t swap_halves(uint32_t v)
{
	return v << 16 | v >> 16;
}

static uint32_t lock(struct far_mailbox *m)
{
	struct far_doorbell *d = m->_state.config.doorbell;

	return d->ops->lock != NULL ? d->ops->lock(d) : 0;
}

static void unlock(struct far_mailbox *m, uint32_t key)
{
	struct far_doorbell *d = m->_state.config.doorbell;

	if (d->ops->unlock != NULL)
		d->ops->unlock(d, key);
}

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
	uint32_t key = lock(m);

	m->_state.wishes += more;
	want(m);
	unlock(m, key);
}

/* Also repairs what a peer may have written into our half. */
static void publish(struct far_mailbox *m, uint32_t word)
{
	m->_state.word = word;
	far_shared_store(&m->_state.own[FORMAT], FORMAT_WORD | m->_state.lap);
	far_shared_store(&m->_state.own[CONTROL], word);
}

/*
 * Begin anew with an epoch that was never in a session: stamps first, so that who sees the new
 * epoch finds empty rings. It differs from the last one and from what the peer may still echo. What
 * waits in the peer's rings belongs to the session that is over.
 */
static void restart(struct far_mailbox *m)
{
	uint32_t echo = far_shared_load(&m->_state.peer[CONTROL]) >> 16;
	uint32_t epoch = m->_state.word, slot = RINGS;

	for (uint32_t i = 0; i < m->_state.config.slots * FAR_MAILBOX_CHANNELS; i++) {
		uint32_t ahead = far_shared_load(&m->_state.peer[slot]) -
				 m->_state.stamp[TAKE][i % FAR_MAILBOX_CHANNELS];

		/* fewer than slots messages ahead, and of a possible length */
		if (m->_state.link != 0 &&
		    (ahead & ~(m->_state.lap - STAMP_NEXT)) <= FAR_MAILBOX_DATA_MAX)
			m->count.stale++;
		far_shared_store(&m->_state.own[slot], 0);
		slot += SLOT_WORDS;
	}
	do
		epoch = (epoch + 1) & 0xffff;
	while (epoch == 0 || epoch == echo);
	m->_state.link = 0;
	m->_state.refused = 0;
	publish(m, epoch);
	kick(m, WANT_MESSAGE);
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
	return FAR_ERR_TIMEOUT;
}

/*
 * Towards a session. First the peer's epoch is accepted: both sides count from 0, which must be
 * seen before the echo is. It is up exactly while each side's echo is the other's epoch.
 */
static void follow(struct far_mailbox *m, uint32_t peer)
{
	uint32_t epoch = m->_state.word & 0xffff, word = epoch | peer << 16;

	publish(m, m->_state.word);
	if (far_shared_load(&m->_state.peer[FORMAT]) != (FORMAT_WORD | m->_state.lap))
		return;
	if (word != m->_state.word) {
		for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++) {
			m->_state.stamp[SEND][c] = m->_state.limit[c] = epoch << 8;
			m->_state.stamp[TAKE][c] = word >> 16 << 8;
			far_shared_store(&m->_state.own[TAKEN + c], m->_state.stamp[TAKE][c]);
		}
		publish(m, word);
		kick(m, WANT_MESSAGE);
	}
	if (peer == swap_halves(word)) {
		m->_state.link = peer;
		m->count.sessions++;
	}
}

/*
 * See what became of the session, and tell of an end or a beginning, one at a time: the next one is
 * not begun before the end of the last one is told. Returns whether there was one.
 */
static bool step(struct far_mailbox *m)
{
	const struct far_mailbox_config *config = &m->_state.config;
	uint32_t key = lock(m);
	uint32_t peer = far_shared_load(&m->_state.peer[CONTROL]), was = m->_state.session, is;

	if (m->_state.link != 0 && m->_state.link != peer)
		restart(m);
	if (was == 0)
		follow(m, peer);
	is = m->_state.link;
	if (is != 0 && config->side == 0)
		is = m->_state.word;
	m->_state.session = is;
	unlock(m, key);
	if (is == was)
		return false;
	if (config->notice != NULL)
		config->notice(m, config->user, is != 0);
	return true;
}

/*
 * Is there room beyond what was known? If not, the peer is asked to ring for it, if this side wants
 * to be rung, and is looked at once more. What the peer says is believed: if it lies, we overwrite
 * what it has not taken, which it finds out.
 */
static bool is_full(struct far_mailbox *m, uint32_t channel)
{
	uint32_t bit = 1u << channel, limit;

	do {
		limit = far_shared_load(&m->_state.peer[TAKEN + channel]) + m->_state.lap;
		m->_state.limit[channel] = limit;
		limit = m->_state.stamp[SEND][channel] == limit ? bit : 0;
		if ((m->_state.refused & bit) == limit)
			break;
		m->_state.refused ^= bit;
		want(m);
	} while (limit != 0);
	return limit != 0;
}

/* The next message to the peer, in a session that is up. FAR_ERR_BUSY: no room. */
static inline int put(struct far_mailbox *m, uint32_t channel, const void *data, uint32_t len)
{
	uint32_t *at = &m->_state.stamp[SEND][channel], stamp = *at;
	uint32_t *to = slot_of(m->_state.own, m->_state.mask, channel, stamp);

	if (stamp == m->_state.limit[channel] && is_full(m, channel))
		return FAR_ERR_BUSY;
	far_shared_put(to + 1, data, len);
	far_shared_store(to, stamp + len);
	*at = stamp + STAMP_NEXT;
	m->count.sent++;
	kick(m, WANT_MESSAGE);
	return FAR_OK;
}

/* The next message from the peer, in a session that is up: its length. FAR_ERR_BUSY: none yet. */
static inline int take(struct far_mailbox *m, uint32_t channel, void *data)
{
	uint32_t *at = &m->_state.stamp[TAKE][channel], stamp = *at;
	const uint32_t *from = slot_of(m->_state.peer, m->_state.mask, channel, stamp);
	uint32_t found = far_shared_load(from), len = found - stamp;

	if (len > FAR_MAILBOX_DATA_MAX) {
		if (is_none(m, found, stamp))
			return FAR_ERR_BUSY;
		return reject(m);
	}
	far_shared_get(data, from + 1, len);
	*at = stamp + STAMP_NEXT;
	far_shared_store(&m->_state.own[TAKEN + channel], stamp + STAMP_NEXT);
	m->count.received++;
	kick(m, WANT_ROOM);
	return (int)len;
}

/* A message that is to be moved. */
struct job {
	uint32_t session, channel, len;
	void *data;
};

/* Within the session. FAR_ERR_BUSY: not now; FAR_ERR_TIMEOUT: it is over, or not up yet. */
static int once(struct far_mailbox *m, const struct job *j)
{
	uint32_t key = lock(m), up = m->_state.link;
	int rc = FAR_ERR_TIMEOUT;

	if (up != 0 && up == far_shared_load(&m->_state.peer[CONTROL]) &&
	    (j->session == FAR_MAILBOX_ANY_SESSION || j->session == m->_state.session))
		rc = j->len == FAR_MAILBOX_TAKE ? take(m, j->channel, j->data)
						: put(m, j->channel, j->data, j->len);
	unlock(m, key);
	return rc;
}

/* Once more, after what there is to tell of the session. */
static int again(struct far_mailbox *m, const struct job *j)
{
	uint32_t news = 0;
	int rc;

	do
		rc = once(m, j);
	while (rc == FAR_ERR_TIMEOUT && step(m) && ++news < 3);
	return rc == FAR_ERR_TIMEOUT && j->session == FAR_MAILBOX_ANY_SESSION ? FAR_ERR_BUSY : rc;
}

int far_mailbox_nap(struct far_mailbox *m, struct far_mailbox_wait *w, uint32_t timeout_ms)
{
	struct far_doorbell *d = m->_state.config.doorbell;
	struct far_clock *clock = m->_state.config.clock;
	uint32_t now = clock->ops->now_ms(clock), left;
	int rc = FAR_OK;

	if (w->naps++ == 0)
		w->began = now;
	left = timeout_ms - (now - w->began);
	if (left - 1 >= timeout_ms)
		return 0;
	if (d->ops->wait != NULL)
		rc = d->ops->wait(d, left);
	else
		clock->ops->sleep_ms(clock, 1);
	return rc < 0 ? rc : 1;
}

/*
 * First as it is; then the peer is asked to ring, and one more try made: from then on a ring cannot
 * be missed, so it may sleep.
 */
int far_mailbox_transfer(struct far_mailbox *m, uint32_t session, uint32_t channel, void *data,
			 uint32_t len, uint32_t timeout_ms)
{
	const struct job j = { session, channel, len, data };
	struct far_mailbox_wait w = { 0 };
	int rc, more = 0;

	if (!is_open(m, channel))
		return FAR_ERR_ARG;
	rc = again(m, &j);
	if (rc == FAR_ERR_BUSY && timeout_ms > 0) {
		far_mailbox_wish(m, 1);
		do
			rc = again(m, &j);
		while (rc == FAR_ERR_BUSY && (more = far_mailbox_nap(m, &w, timeout_ms)) > 0);
		far_mailbox_wish(m, 0u - 1);
	}
	if (rc != FAR_ERR_BUSY || more < 0)
		return more < 0 ? more : rc;
	if (len != FAR_MAILBOX_TAKE)
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
	uint32_t key = lock(m), before = m->_state.refused;

	for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++)
		if ((m->_state.refused >> c & 1) != 0)
			is_full(m, c);
	unlock(m, key);
	return m->_state.refused != before;
}

/* How many callbacks and notices there were, or that there is room again, for who would wait. */
static int look(struct far_mailbox *m, uint32_t timeout_ms, bool *relieved)
{
	uint32_t told = m->_state.session;
	int done = step(m);

	done += step(m);
	for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++)
		done += drain(m, c);
	*relieved = timeout_ms > 0 && is_relieved(m);
	/* a notice may also have come from within a receive */
	return done > 0 ? done : m->_state.session != told;
}

int far_mailbox_poll(struct far_mailbox *m, uint32_t timeout_ms)
{
	struct far_mailbox_wait w = { 0 };
	bool relieved;
	int done = look(m, timeout_ms, &relieved), more = 1;

	if (done > 0 || relieved || timeout_ms == 0)
		return done;
	far_mailbox_wish(m, 1);
	do
		done = look(m, timeout_ms, &relieved);
	while (done == 0 && !relieved && (more = far_mailbox_nap(m, &w, timeout_ms)) > 0);
	far_mailbox_wish(m, 0u - 1);
	return more < 0 ? more : done;
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
	uint32_t key = lock(m);

	restart(m);
	unlock(m, key);
}

int far_mailbox_init(struct far_mailbox *m, const struct far_mailbox_config *c)
{
	uint32_t slots = c->slots, half = FAR_MAILBOX_REGION_SIZE(slots) / 2;

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
	m->_state.first = m->_state.straight = c->reserved ? 0 : FIRST_FREE;
	if (c->doorbell->ops->lock != NULL)
		m->_state.straight = FAR_MAILBOX_CHANNELS;
	m->_state.lap = slots * STAMP_NEXT;
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
