/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way that most messages go, with the least instructions: whole and aligned, on an open
 * channel, in a session that is up. Everything else goes the other way.
 */
#include "link/mailbox_region.h"

/*
 * Up. That the peer's control word is looked at without order is enough: what has to be seen before
 * the first message was seen when the session began, and what is taken says itself of which session
 * it is.
 */
static inline bool is_straight(const struct far_mailbox *m, uint32_t channel, const uint32_t *peer)
{
	uint32_t link = m->_state.link;

	return channel >= m->_state.first && channel < FAR_MAILBOX_CHANNELS && link != 0 &&
	       link == far_shared_peek(&peer[CONTROL]);
}

/*
 * Room that was known, or that the peer tells of now; if a send was refused, that must be told,
 * too.
 */
static inline bool has_room(struct far_mailbox *m, uint32_t channel, uint32_t stamp)
{
	if (stamp != m->_state.limit[channel])
		return true;
	if (m->_state.refused != 0)
		return false;
	m->_state.limit[channel] =
		far_shared_load(&m->_state.peer[TAKEN + channel]) + m->_state.lap;
	return stamp != m->_state.limit[channel];
}

int far_mailbox_send_whole(struct far_mailbox *m, uint32_t channel,
			   const uint32_t data[FAR_MAILBOX_DATA_MAX / 4])
{
	const uint32_t *peer = m->_state.peer;

	if (is_straight(m, channel, peer)) {
		uint32_t stamp = m->_state.stamp[SEND][channel];

		if (has_room(m, channel, stamp)) {
			uint32_t *to = slot_of(m->_state.own, m->_state.mask, channel, stamp);

			far_shared_put_whole(to + 1, data);
			far_shared_store(to, stamp + FAR_MAILBOX_DATA_MAX);
			m->_state.stamp[SEND][channel] = stamp + STAMP_NEXT;
			m->count.sent++;
			if (is_wanted(peer, WANT_MESSAGE))
				ring_peer(m);
			return FAR_OK;
		}
	}
	return far_mailbox_send(m, channel, data, FAR_MAILBOX_DATA_MAX, 0);
}

/* What is rare is apart, lest the rest save registers for it. */
static __attribute__((noinline)) int receive_other(struct far_mailbox *m, uint32_t channel,
						   uint32_t *buf)
{
	int len = far_mailbox_receive(m, channel, buf, FAR_MAILBOX_DATA_MAX, 0);

	return len < 0 ? len : len + FAR_MAILBOX_MORE;
}

static __attribute__((noinline)) int tell_room(struct far_mailbox *m, int len)
{
	ring_peer(m);
	return len;
}

/*
 * There is more if the next slot does not look as after this one's round before, when its message
 * was whole. If it was not, the caller looks in vain.
 */
int far_mailbox_receive_whole(struct far_mailbox *m, uint32_t channel,
			      uint32_t buf[FAR_MAILBOX_DATA_MAX / 4])
{
	const uint32_t *peer = m->_state.peer;

	if (is_straight(m, channel, peer)) {
		uint32_t stamp = m->_state.stamp[TAKE][channel], mask = m->_state.mask;
		const uint32_t *from = slot_of(peer, mask, channel, stamp);
		uint32_t found = far_shared_load(from);

		if (found == stamp + FAR_MAILBOX_DATA_MAX) {
			int len = FAR_MAILBOX_DATA_MAX;

			far_shared_get_whole(buf, from + 1);
			stamp += STAMP_NEXT;
			m->_state.stamp[TAKE][channel] = stamp;
			far_shared_store(&m->_state.own[TAKEN + channel], stamp);
			m->count.received++;
			found += STAMP_NEXT - m->_state.lap;
			if (far_shared_peek(slot_of(peer, mask, channel, stamp)) != found)
				len += FAR_MAILBOX_MORE;
			return is_wanted(peer, WANT_ROOM) ? tell_room(m, len) : len;
		}
		if (is_none(m, found, stamp))
			return FAR_ERR_TIMEOUT;
	}
	return receive_other(m, channel, buf);
}

int far_mailbox_await_whole(struct far_mailbox *m, uint32_t channel,
			    uint32_t buf[FAR_MAILBOX_DATA_MAX / 4], uint32_t timeout_ms)
{
	struct far_mailbox_wait w = { 0 };
	int rc, nap;

	do
		rc = far_mailbox_receive_whole(m, channel, buf);
	while (rc == FAR_ERR_TIMEOUT && (nap = far_mailbox_nap(m, &w, timeout_ms)) == FAR_OK);
	far_mailbox_waited(m, &w);
	return rc != FAR_ERR_TIMEOUT || nap == FAR_ERR_BUSY ? rc : nap;
}
