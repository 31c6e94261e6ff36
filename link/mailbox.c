/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox: rings with one producer and one consumer each, and the session above them. Layout,
 * memory order and the restart protocol are argued in docs/SPEC-mailbox.md; test/model checks them.
 */
#include "farflash/mailbox.h"
#include "link/shared.h"

/* Words of one side's half of the region. */
enum {
	FORMAT = 0,
	CONTROL = 1, /* own epoch, bits 0-15; echo of the peer's, bits 16-31; never 0 when in use */
	WANTS = 2,
	/* BEAT = 3: link/heartbeat.c */
	TAKEN = 16, /* one per channel: stamp expected next, on a cache line of their own */
	RINGS = 32,
	SLOT_WORDS = 17 /* a stamp, then the payload */
};

#define FORMAT_WORD   0x00014d46u /* 'F' 'M', version 1; the slots per ring in bits 24-31 */
#define WANT_MESSAGE  1u          /* ring for messages and changes of the session */
#define WANT_ROOM     2u          /* ring for room in a ring that was full */
#define OPEN_FREE     0xcu        /* channels 2 and 3 */
#define OPEN_ALL      0xfu
#define STAMP_NEXT    0x01000000u /* a stamp is length, bits 0-7; epoch, 8-23; sequence, 24-31 */
#define STAMP_SEQ_POS 24

/* One call's wait. */
struct wait {
	uint32_t timeout_ms;
	uint32_t outer; /* wish of the call whose callback made this one */
	uint32_t began;
	bool asked; /* the peer was asked to ring */
};

static uint32_t swap_halves(uint32_t v)
{
	return v << 16 | v >> 16;
}

/*
 * The slot for a stamp, in words from the start of the half. The rings are interleaved: who spins on
 * the next slot does not disturb the writing of this one.
 */
static size_t slot_of(const struct far_mailbox *m, uint32_t channel, uint32_t stamp)
{
	uint32_t i = stamp >> STAMP_SEQ_POS & (m->_state.config.slots - 1);

	return RINGS + (i * FAR_MAILBOX_CHANNELS + channel) * SLOT_WORDS;
}

static uint32_t lap_of(const struct far_mailbox *m)
{
	return m->_state.config.slots << STAMP_SEQ_POS;
}

/* Ring if the peer asked for it. The fence: either we see its wish, or it sees what we wrote. */
static void kick(struct far_mailbox *m, uint32_t wish)
{
	far_shared_fence();
	if (far_shared_load(&m->_state.peer[WANTS]) & wish)
		m->_state.config.doorbell->ops->ring(m->_state.config.doorbell);
}

/*
 * Say what we want to be rung for; for room only after a send found none. Whoever calls looks once
 * more for it before it sleeps.
 */
static void want(struct far_mailbox *m, uint32_t wish)
{
	uint32_t wants = wish | m->_state.enabled;

	m->_state.wish = wish;
	if (wants != 0 && m->_state.refused != 0)
		wants |= WANT_ROOM;
	far_shared_store(&m->_state.own[WANTS], wants);
	far_shared_fence();
}

/* Also repairs what a peer may have written into our half. */
static void publish(struct far_mailbox *m, uint32_t word)
{
	m->_state.word = word;
	far_shared_store(&m->_state.own[FORMAT], m->_state.format);
	far_shared_store(&m->_state.own[CONTROL], word);
}

/*
 * Begin anew with an epoch that was never in a session: stamps first, so that who sees the new epoch
 * finds empty rings. It differs from the last one and from what the peer may still echo. What waits
 * in the peer's rings belongs to the session that is over.
 */
static void restart(struct far_mailbox *m)
{
	uint32_t echo = far_shared_load(&m->_state.peer[CONTROL]) >> 16;
	uint32_t epoch = m->_state.word & 0xffff;

	for (uint32_t i = 0; i < m->_state.config.slots * FAR_MAILBOX_CHANNELS; i++) {
		size_t slot = RINGS + i * SLOT_WORDS;
		uint32_t expect = m->_state.channel[i % FAR_MAILBOX_CHANNELS].expect;
		uint32_t ahead = far_shared_load(&m->_state.peer[slot]) - expect;

		if (m->_state.up && ahead < lap_of(m) && ahead % STAMP_NEXT <= FAR_MAILBOX_DATA_MAX)
			m->count.stale++;
		far_shared_store(&m->_state.own[slot], 0);
	}
	do
		epoch = (epoch + 1) & 0xffff;
	while (epoch == 0 || epoch == echo);
	m->_state.up = 0;
	m->_state.refused = 0;
	publish(m, epoch);
	kick(m, WANT_MESSAGE);
}

static bool is_linked(const struct far_mailbox *m)
{
	return far_shared_load(&m->_state.peer[CONTROL]) == swap_halves(m->_state.word);
}

/*
 * What the peer wrote does not belong to this session: a message may be lost, so it cannot go on.
 * Either the peer has restarted meanwhile, or it wrote what no peer can mean.
 */
static void reject(struct far_mailbox *m)
{
	if (is_linked(m))
		m->count.malformed++;
	restart(m);
}

/* Accept the peer's epoch: both sides count from 0, which must be seen before the echo is. */
static void accept(struct far_mailbox *m, uint32_t word)
{
	for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++) {
		uint32_t expect = word >> 16 << 8, next = (word & 0xffff) << 8;

		m->_state.channel[c].expect = expect;
		m->_state.channel[c].next = next;
		m->_state.channel[c].limit = next;
		far_shared_store(&m->_state.own[TAKEN + c], expect);
	}
	publish(m, word);
	kick(m, WANT_MESSAGE);
}

/* The session: up exactly while each side's echo is the other's epoch. */
static void follow(struct far_mailbox *m)
{
	uint32_t peer = far_shared_load(&m->_state.peer[CONTROL]);
	uint32_t word;

	if (m->_state.up) {
		if (peer == swap_halves(m->_state.word))
			return;
		restart(m);
	}
	publish(m, m->_state.word);
	if (far_shared_load(&m->_state.peer[FORMAT]) != m->_state.format)
		return;
	word = (m->_state.word & 0xffff) | peer << 16;
	if (word != m->_state.word)
		accept(m, word);
	if (peer == swap_halves(word)) {
		m->_state.up = 1;
		m->count.sessions++;
	}
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

/*
 * What every attempt does first: see what became of the session, and tell of an end or a beginning,
 * one at a time. 1 if there was one.
 */
static int step(struct far_mailbox *m)
{
	uint32_t key = lock(m);
	uint32_t was = m->_state.told, is;

	follow(m);
	is = m->_state.up ? m->_state.word : 0;
	if (was != 0 && was != is)
		is = 0;
	m->_state.told = is;
	unlock(m, key);
	if (was == is)
		return 0;
	if (m->_state.config.notice != NULL)
		m->_state.config.notice(m, m->_state.config.user, is != 0);
	return 1;
}

/* The next message of a channel, copied out before anything in it is looked at. */
static int take(struct far_mailbox *m, uint32_t channel, void *buf)
{
	struct far_mailbox_channel *c = &m->_state.channel[channel];
	uint32_t expect = c->expect;
	const uint32_t *slot = m->_state.peer + slot_of(m, channel, expect);
	uint32_t stamp = far_shared_load(slot);
	uint32_t len = stamp - expect;

	if (len > FAR_MAILBOX_DATA_MAX) {
		/* Empty: nothing yet, or still the message of one round before. */
		if (stamp != 0 && len + lap_of(m) > FAR_MAILBOX_DATA_MAX)
			reject(m);
		return FAR_ERR_TIMEOUT;
	}
	far_shared_get(buf, slot + 1, len);
	expect += STAMP_NEXT;
	c->expect = expect;
	far_shared_store(&m->_state.own[TAKEN + channel], expect);
	m->count.received++;
	kick(m, WANT_ROOM);
	return (int)len;
}

/* Used up all the room that was known: is there more? Only now the peer's count is looked at. */
static bool is_full(struct far_mailbox *m, uint32_t channel)
{
	struct far_mailbox_channel *c = &m->_state.channel[channel];
	uint32_t next = c->next, lap = lap_of(m);
	uint32_t limit, ahead;

	limit = far_shared_load(&m->_state.peer[TAKEN + channel]) + lap;
	ahead = limit - next;
	if (ahead > lap || ahead % STAMP_NEXT != 0)
		reject(m);
	else
		c->limit = limit;
	return c->limit == next;
}

static int put(struct far_mailbox *m, uint32_t channel, const void *data, uint32_t len)
{
	struct far_mailbox_channel *c = &m->_state.channel[channel];
	uint32_t stamp = c->next, refused = m->_state.refused;
	uint32_t *slot = m->_state.own + slot_of(m, channel, stamp);

	if (stamp == c->limit && is_full(m, channel)) {
		m->_state.refused = (uint8_t)(refused | 1u << channel);
		return FAR_ERR_BUSY;
	}
	far_shared_put(slot + 1, data, len);
	far_shared_store(slot, stamp + len);
	c->next = stamp + STAMP_NEXT;
	m->count.sent++;
	kick(m, WANT_MESSAGE);
	if (refused >> channel & 1) {
		m->_state.refused = (uint8_t)(refused & ~(1u << channel));
		want(m, m->_state.wish);
	}
	return FAR_OK;
}

/*
 * Nothing came of it: try again? First the peer is asked to ring and one more try made; from then
 * on a ring cannot be missed, so it may sleep. 1: try again; 0: time is over; or the wait's error.
 */
static int linger(struct far_mailbox *m, struct wait *w)
{
	struct far_doorbell *d = m->_state.config.doorbell;
	struct far_clock *clock = m->_state.config.clock;
	uint32_t spent;
	int rc = FAR_OK;

	/* Who is always rung has to ask for room even if he does not wait for it here. */
	if (w->timeout_ms == 0 && (m->_state.enabled == 0 || m->_state.refused == 0))
		return 0;
	if (!w->asked) {
		w->asked = true;
		w->began = clock->ops->now_ms(clock);
		w->outer = m->_state.wish;
		want(m, WANT_MESSAGE);
		return 1;
	}
	spent = clock->ops->now_ms(clock) - w->began;
	if (spent >= w->timeout_ms)
		return 0;
	if (d->ops->wait != NULL)
		rc = d->ops->wait(d, w->timeout_ms - spent);
	else
		clock->ops->sleep_ms(clock, 1);
	return rc < 0 ? rc : 1;
}

static void settle(struct far_mailbox *m, const struct wait *w)
{
	if (w->asked)
		want(m, w->outer);
}

static bool is_open(const struct far_mailbox *m, uint32_t channel)
{
	return channel < FAR_MAILBOX_CHANNELS && (m->_state.open >> channel & 1) != 0;
}

/* Send data, or receive into buf: try until done, refused, or the time is over. */
static int transfer(struct far_mailbox *m, uint32_t channel, const void *data, uint32_t len,
		    void *buf, uint32_t timeout_ms)
{
	struct wait w = { .timeout_ms = timeout_ms };
	uint32_t session = m->_state.told, key, news = 0;
	int rc, again = buf != NULL ? FAR_ERR_TIMEOUT : FAR_ERR_BUSY, more = 0;
	bool untold;

	if (!is_open(m, channel))
		return FAR_ERR_ARG;
	for (;;) {
		key = lock(m);
		follow(m);
		untold = m->_state.told != m->_state.word;
		if (buf != NULL)
			session = m->_state.told;
		rc = FAR_ERR_TIMEOUT;
		if (session == m->_state.word)
			rc = buf != NULL ? take(m, channel, buf) : put(m, channel, data, len);
		unlock(m, key);
		if (untold && step(m) && buf != NULL && news++ < 2)
			continue;
		if (rc != again || (more = linger(m, &w)) <= 0)
			break;
	}
	settle(m, &w);
	if (rc == FAR_ERR_BUSY)
		m->count.full++;
	return rc == again && more < 0 ? more : rc;
}

int far_mailbox_send(struct far_mailbox *m, uint32_t channel, const void *data, size_t len,
		     uint32_t timeout_ms)
{
	if (data == NULL && len > 0)
		return FAR_ERR_ARG;
	if (len > FAR_MAILBOX_DATA_MAX)
		return FAR_ERR_RANGE;
	return transfer(m, channel, data, (uint32_t)len, NULL, timeout_ms);
}

int far_mailbox_receive(struct far_mailbox *m, uint32_t channel, void *buf, size_t cap,
			uint32_t timeout_ms)
{
	if (buf == NULL)
		return FAR_ERR_ARG;
	if (cap < FAR_MAILBOX_DATA_MAX)
		return FAR_ERR_RANGE;
	return transfer(m, channel, NULL, 0, buf, timeout_ms);
}

/* One ring's worth of one channel. */
static int drain(struct far_mailbox *m, uint32_t channel)
{
	uint32_t buf[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)];
	int done = 0;

	for (uint32_t i = 0; i < m->_state.config.slots; i++) {
		far_mailbox_callback callback = m->_state.channel[channel].callback;
		int len = -1;

		if (callback != NULL)
			len = far_mailbox_receive(m, channel, buf, sizeof(buf), 0);
		if (len < 0)
			break;
		callback(m, m->_state.channel[channel].user, channel, buf, (size_t)len);
		done++;
	}
	return done;
}

/* Is there room again where a send was refused? Said once: who does not send then may sleep. */
static bool is_relieved(struct far_mailbox *m)
{
	uint32_t key = lock(m), before = m->_state.refused;

	for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++)
		if ((m->_state.refused >> c & 1) != 0 && !is_full(m, c))
			m->_state.refused &= (uint8_t) ~(1u << c);
	unlock(m, key);
	return m->_state.refused != before;
}

int far_mailbox_poll(struct far_mailbox *m, uint32_t timeout_ms)
{
	struct wait w = { .timeout_ms = timeout_ms };
	uint32_t told = m->_state.told;
	int done, more = 0;

	do {
		done = step(m);
		done += step(m);
		for (uint32_t c = 0; c < FAR_MAILBOX_CHANNELS; c++)
			done += drain(m, c);
		if (done == 0) /* a notice may also have come from within a receive */
			done = m->_state.told != told;
		if (done > 0 || (timeout_ms > 0 && is_relieved(m)))
			break;
	} while ((more = linger(m, &w)) > 0);
	settle(m, &w);
	return more < 0 ? more : done;
}

int far_mailbox_register_callback(struct far_mailbox *m, uint32_t channel,
				  far_mailbox_callback callback, void *user)
{
	if (!is_open(m, channel))
		return FAR_ERR_ARG;
	m->_state.channel[channel].callback = callback;
	m->_state.channel[channel].user = user;
	return FAR_OK;
}

int far_mailbox_set_enabled(struct far_mailbox *m, bool enable)
{
	m->_state.enabled = enable ? WANT_MESSAGE : 0;
	want(m, m->_state.wish);
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
	uint32_t word = m->_state.told;

	return m->_state.config.side == 0 ? word : swap_halves(word);
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
	m->_state.config = *c;
	half /= sizeof(uint32_t);
	m->_state.own = (uint32_t *)c->region + half * c->side;
	m->_state.peer = (uint32_t *)c->region + half * (1 - c->side);
	m->_state.format = FORMAT_WORD | c->slots << 24;
	m->_state.open = c->reserved ? OPEN_ALL : OPEN_FREE;
	m->_state.word = far_shared_load(&m->_state.own[CONTROL]);
	want(m, 0);
	restart(m);
	return FAR_OK;
}
