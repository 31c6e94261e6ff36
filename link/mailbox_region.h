/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The region as both files of the mailbox know it, and the doorbell's rule. Nobody else includes
 * it.
 */
#ifndef FARFLASH_LINK_MAILBOX_REGION_H
#define FARFLASH_LINK_MAILBOX_REGION_H

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

#define FORMAT_WORD  0x00014d46u /* 'F' 'M', version 1; the slots per ring in bits 24-31 */
#define WANT_MESSAGE 1u          /* ring for messages and changes of the session */
#define WANT_ROOM    2u          /* ring for room in a ring that was full */
#define FIRST_FREE   2u          /* channels 0 and 1 are reserved */
#define STAMP_NEXT   0x01000000u /* a stamp is length, bits 0-7; epoch, 8-23; sequence, 24-31 */

/* Which way a message goes. */
enum { SEND = 0, TAKE = 1 };

static inline void ring_peer(struct far_mailbox *m)
{
	struct far_doorbell *d = m->_state.config.doorbell;

	d->ops->ring(d);
}

/* Did the peer ask to be rung? The fence: either we see its wish, or it sees what we wrote. */
static inline bool is_wanted(const uint32_t *peer, uint32_t wish)
{
	far_shared_fence();
	return (far_shared_peek(&peer[WANTS]) & wish) != 0;
}

static inline void kick(struct far_mailbox *m, uint32_t wish)
{
	if (is_wanted(m->_state.peer, wish))
		ring_peer(m);
}

/*
 * Where in a half (of which only the one that is own is written) a channel's message with this
 * stamp lies. mask: the mailbox's.
 */
static inline uint32_t *slot_of(const uint32_t *half, uint32_t mask, uint32_t channel,
				uint32_t stamp)
{
	uint32_t i = (stamp >> 20 & mask) + 4 * channel; /* slots, times 4 */

	return (uint32_t *)((uintptr_t)(half + RINGS) + SLOT_WORDS * i);
}

/* Where the message with this stamp may come, there is nothing, or the one of a round before. */
static inline bool is_none(const struct far_mailbox *m, uint32_t found, uint32_t stamp)
{
	return found == 0 || found - stamp + m->_state.lap <= FAR_MAILBOX_DATA_MAX;
}

static inline bool is_open(const struct far_mailbox *m, uint32_t channel)
{
	return channel < FAR_MAILBOX_CHANNELS && channel >= m->_state.first;
}

/*
 * So many more, or fewer, want to be rung. Whoever calls looks once more for what it wants before
 * it sleeps.
 */
void far_mailbox_wish(struct far_mailbox *m, uint32_t more);

/* A wait: when its first sleep began, from which on its time counts. Zero it. */
struct far_mailbox_wait {
	uint32_t naps, began;
};

/*
 * There was nothing. The first time, ask the peer to ring; from then on a ring cannot be missed, so
 * that after one more look it may sleep, which it does the next times. FAR_OK: look again;
 * FAR_ERR_BUSY: time is over; or the error of the doorbell's wait.
 */
int far_mailbox_nap(struct far_mailbox *m, struct far_mailbox_wait *w, uint32_t timeout_ms);

/* The wait is over, however it ended, or if there was none. */
void far_mailbox_waited(struct far_mailbox *m, const struct far_mailbox_wait *w);

#endif
