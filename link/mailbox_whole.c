/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way that most messages go, with the least instructions: whole and aligned, on an open channel,
 * in a session that is up, where nobody has to be excluded. Everything else goes the other way.
 */
#include "link/mailbox_region.h"

/* Up, and without a lock to take. */
static inline bool is_straight(const struct far_mailbox *m, uint32_t channel)
{
	uint32_t link = m->_state.link;

	return is_open(m, channel) && m->_state.config.doorbell->ops->lock == NULL && link != 0 &&
	       link == far_shared_load(&m->_state.peer[CONTROL]);
}

/* Room that was known, or that the peer tells of now; if a send was refused, that must be told, too. */
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
	if (is_straight(m, channel)) {
		uint32_t stamp = m->_state.stamp[SEND][channel];
		uint32_t *to = m->_state.own + slot_of(m, channel, stamp);

		if (has_room(m, channel, stamp)) {
			far_shared_put_whole(to + 1, data);
			far_shared_store(to, stamp + FAR_MAILBOX_DATA_MAX);
			m->_state.stamp[SEND][channel] = stamp + STAMP_NEXT;
			m->count.sent++;
			kick(m, WANT_MESSAGE);
			return FAR_OK;
		}
	}
	return far_mailbox_send(m, channel, data, FAR_MAILBOX_DATA_MAX, 0);
}

int far_mailbox_receive_whole(struct far_mailbox *m, uint32_t channel,
			      uint32_t buf[FAR_MAILBOX_DATA_MAX / 4])
{
	if (is_straight(m, channel)) {
		uint32_t stamp = m->_state.stamp[TAKE][channel];
		const uint32_t *from = m->_state.peer + slot_of(m, channel, stamp);
		uint32_t found = far_shared_load(from);

		if (found == stamp + FAR_MAILBOX_DATA_MAX) {
			far_shared_get_whole(buf, from + 1);
			stamp += STAMP_NEXT;
			m->_state.stamp[TAKE][channel] = stamp;
			far_shared_store(&m->_state.own[TAKEN + channel], stamp);
			m->count.received++;
			kick(m, WANT_ROOM);
			return FAR_MAILBOX_DATA_MAX;
		}
		if (is_none(m, found, stamp))
			return FAR_ERR_TIMEOUT;
	}
	return far_mailbox_receive(m, channel, buf, FAR_MAILBOX_DATA_MAX, 0);
}
