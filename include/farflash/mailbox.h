/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mailbox between two cores, processes or threads that share memory and nothing else: four
 * channels each way, messages of up to 64 bytes, a doorbell.
 *
 * What holds, whatever the other side does:
 *   - Within a session every message arrives once, in the order of its channel, or the session ends
 *     and both sides are told. A full ring is told to the sender; nothing is overwritten.
 *   - A side that resets, at any instruction, is bound again without restarting the other. No
 *     message crosses from one session to the next.
 *   - The peer may write anything into the shared memory, at any time: it can end the session and
 *     lose messages, nothing else. No lock is shared, no loop is longer than one ring.
 * Every bit of the shared memory is in docs/SPEC-mailbox.md.
 *
 * Contexts. All calls on one mailbox come from one context at a time. Where several use it, a
 * thread and an interrupt handler or two threads, each excludes the others for as long as its call
 * lasts, callbacks and notices included: it masks the interrupt, or takes a mutex. What waits lets
 * them in: see wait below. Those that the comments mark "interrupt" may be called from handlers. No
 * call waits unless its timeout_ms says so. Different mailboxes are independent.
 */
#ifndef FARFLASH_MAILBOX_H
#define FARFLASH_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/err.h"

#define FAR_MAILBOX_CHANNELS  4u
#define FAR_MAILBOX_DATA_MAX  64u
#define FAR_MAILBOX_SLOTS_MAX 64u

/* Bytes of the shared region for rings of so many slots (1, 2, 4 ... 64). 8 slots: 4,608. */
#define FAR_MAILBOX_REGION_SIZE(slots) (2u * FAR_MAILBOX_HALF_SIZE(slots))
#define FAR_MAILBOX_HALF_SIZE(slots)   ((128u + 4u * 68u * (slots) + 63u) & ~63u) /* of a side */

/*
 * How one side calls the other's attention, supplied by a port or the simulator. A ring that was
 * made while nobody waited is kept for the next wait (one is enough, however many rings).
 */
struct far_doorbell;

struct far_doorbell_ops {
	/*
	 * Required. Make the peer's wait return, or raise its interrupt. What this side wrote
	 * before must be visible to the peer by then. Never blocks; any context.
	 */
	void (*ring)(struct far_doorbell *d);
	/*
	 * Optional (NULL: sleep 1 ms at a time on the clock). Sleep until the peer rings or
	 * timeout_ms (> 0) have passed; returning early is harmless. FAR_OK, or an error that
	 * ends the call that waited (FAR_ERR_CANCELLED, FAR_ERR_IO). Not from interrupts.
	 *
	 * Where other contexts use this side, too, it is called with those excluded. It lets them
	 * in while it sleeps, and excludes them again before it returns, as a condition variable
	 * does with its mutex. They may do with the mailbox what they like.
	 */
	int (*wait)(struct far_doorbell *d, uint32_t timeout_ms);
};

struct far_doorbell {
	const struct far_doorbell_ops *ops;
};

struct far_mailbox;

/*
 * A message has come. data (aligned to 4) holds a private copy of len (0 to 64) bytes and is valid
 * until the callback returns. Runs within far_mailbox_poll or far_mailbox_set_enabled, in its
 * context: it may call everything here; with a time-out of 0 where it can be in an interrupt.
 */
typedef void (*far_mailbox_callback)(struct far_mailbox *m, void *user, uint32_t channel,
				     const void *data, size_t len);

/*
 * A session began (bound) or ended. Runs within send, receive, poll or set_enabled, in their
 * context. Between two sessions there is always one call with false; no message comes, and none can
 * be sent, before the call with true.
 */
typedef void (*far_mailbox_notice)(struct far_mailbox *m, void *user, bool bound);

struct far_mailbox_config {
	void *region;       /* shared by both sides; aligned to 4, better to 64 */
	size_t region_size; /* bytes there, at least FAR_MAILBOX_REGION_SIZE(slots) */
	uint32_t side;      /* 0 on one side, 1 on the other */
	uint32_t slots;     /* per ring, a power of two up to 64; the same on both sides */
	bool reserved;      /* also open channels 0 and 1, which belong to radio stacks */
	struct far_doorbell *doorbell;
	struct far_clock *clock;
	far_mailbox_notice notice; /* NULL: none wanted */
	void *user;                /* handed to notice */
};

/* Since far_mailbox_init; each wraps at 2^32. */
struct far_mailbox_count {
	uint32_t sent;
	uint32_t received;
	uint32_t full;      /* sends given up because the ring was full */
	uint32_t stale;     /* messages of an ended session, found waiting and dropped */
	uint32_t malformed; /* impossible stamps and counts; each has ended a session */
	uint32_t sessions;  /* bound so many times */
};

/* One side. The caller owns the memory, which the peer must not be able to write. */
struct far_mailbox {
	struct far_mailbox_count count; /* read only for users */
	struct {
		uint32_t *own;        /* the half of the region that this side writes */
		const uint32_t *peer; /* the half that the peer writes */
		uint32_t lap;         /* one round of a ring, as a difference of stamps */
		uint32_t format;      /* what both sides' FORMAT must be */
		uint32_t mask;        /* of a slot's number in a ring, times 16 */
		uint32_t word;        /* control word: own epoch, and the peer's above it */
		uint32_t link;        /* the peer's, while the session is up; or 0 */
		uint32_t session;     /* the one that the user knows of, or 0 */
		uint32_t wishes;      /* how many want to be rung */
		uint32_t refused;     /* bits: channels whose ring was full */
		uint32_t first;       /* open channel */
		struct far_mailbox_config config;
		/* Stamps, of length 0, per channel. */
		uint32_t stamp[2][FAR_MAILBOX_CHANNELS]; /* the next to send, and to take */
		uint32_t limit[FAR_MAILBOX_CHANNELS];    /* to send: without room known */
		uint32_t enabled;
		uint32_t beat, peer_beat, peer_at; /* of far_mailbox_heartbeat */
		far_mailbox_callback callback[FAR_MAILBOX_CHANNELS];
		void *callback_user[FAR_MAILBOX_CHANNELS];
	} _state;
};

/*
 * Check the configuration (copied; doorbell and clock must stay), take the side and offer a
 * session. Never waits; the region may hold anything. Call it once per start: on a mailbox in use
 * it is a reset of this side.
 *
 * FAR_ERR_ARG: region, doorbell or clock is NULL, side above 1, slots no power of two up to 64.
 * FAR_ERR_ALIGN: region. FAR_ERR_RANGE: region_size is too small.
 */
int far_mailbox_init(struct far_mailbox *m, const struct far_mailbox_config *config);

/*
 * Send len (0 to 64) bytes of data (NULL for none). Copied: data is free on return. Interrupt, with
 * timeout_ms 0. With timeout_ms > 0 waits for room so long; messages that come meanwhile
 * stay in their rings.
 *
 * FAR_ERR_ARG: no such channel, a reserved one that was not asked for, data is NULL.
 * FAR_ERR_RANGE: more than 64 bytes. FAR_ERR_BUSY: the ring is full. FAR_ERR_TIMEOUT: no peer is
 * bound, or the session that was bound when send was called is over: a message goes into the
 * session that it was written for, or nowhere. The next session may have been told of already: look
 * at far_mailbox_session before waiting for a notice. Or the error of the doorbell's wait. On any
 * error nothing was sent.
 */
int far_mailbox_send(struct far_mailbox *m, uint32_t channel, const void *data, size_t len,
		     uint32_t timeout_ms);

/*
 * Take the next message of a channel into buf of cap (>= 64, whatever comes) bytes; waits up to
 * timeout_ms. Returns its length, 0 to 64. Interrupt, with timeout_ms 0.
 * FAR_ERR_ARG, FAR_ERR_RANGE (cap), FAR_ERR_TIMEOUT: none came; or the error of the doorbell's
 * wait.
 */
int far_mailbox_receive(struct far_mailbox *m, uint32_t channel, void *buf, size_t cap,
			uint32_t timeout_ms);

/*
 * As far_mailbox_send and far_mailbox_receive with a time-out of 0 and 64 bytes, in less than half
 * of the instructions. For handlers and loops in which every message counts. data and buf are not
 * NULL, data is free on return. Interrupt.
 *
 * They return what those return: receive_whole the length of what has come, which may be less than
 * 64, or FAR_ERR_TIMEOUT: nothing. To a length FAR_MAILBOX_MORE is added if the next message may
 * have come, too. Without it there was none, at a moment within the call: a handler need not look
 * again, as the peer rings for what comes later.
 */
#define FAR_MAILBOX_MORE 0x100
int far_mailbox_send_whole(struct far_mailbox *m, uint32_t channel,
			   const uint32_t data[FAR_MAILBOX_DATA_MAX / 4]);
int far_mailbox_receive_whole(struct far_mailbox *m, uint32_t channel,
			      uint32_t buf[FAR_MAILBOX_DATA_MAX / 4]);

/*
 * As far_mailbox_receive_whole, but waits up to timeout_ms. Returns that, or the error of the
 * doorbell's wait.
 */
int far_mailbox_await_whole(struct far_mailbox *m, uint32_t channel,
			    uint32_t buf[FAR_MAILBOX_DATA_MAX / 4], uint32_t timeout_ms);

/*
 * Notice what happened to the session, and call back for what has come on the channels that have a
 * callback, at most one ring's worth of each. If there is nothing, waits up to timeout_ms, but not
 * longer than until there is room again where a send was told FAR_ERR_BUSY. Returns how many
 * callbacks and notices were called, or the error of the doorbell's wait. Interrupt, with
 * timeout_ms 0: this is what the doorbell's handler calls.
 */
int far_mailbox_poll(struct far_mailbox *m, uint32_t timeout_ms);

/*
 * Have callback called for messages of a channel, or with NULL for none any more. Messages that
 * came before are kept in the ring. FAR_ERR_ARG as far_mailbox_send.
 */
int far_mailbox_register_callback(struct far_mailbox *m, uint32_t channel,
				  far_mailbox_callback callback, void *user);

/*
 * true: from now on the peer rings for every message, and for room after FAR_ERR_BUSY, as a side
 * needs that polls in its interrupt handler; polls once. false (as after init): it rings only
 * while a call here waits. Returns FAR_OK.
 */
int far_mailbox_set_enabled(struct far_mailbox *m, bool enable);

/* 64: the longest message. Interrupt. */
size_t far_mailbox_max_data_size_get(const struct far_mailbox *m);

/* 3: the highest channel. Interrupt. */
uint32_t far_mailbox_max_id_val_get(const struct far_mailbox *m);

/*
 * The session that the last notice was about: the same number on both sides, another one after each
 * restart of either; 0 while none is bound. Interrupt.
 */
uint32_t far_mailbox_session(const struct far_mailbox *m);

/*
 * Show the peer that this side lives, and end the session if the peer has not shown it for limit_ms
 * (0: do not watch). A restart is noticed without this; a peer that stays dead only with it. Both
 * sides call it, each at least twice within the other's limit. Not from interrupts.
 */
void far_mailbox_heartbeat(struct far_mailbox *m, uint32_t limit_ms);

/*
 * End the session: the peer is told. The next call on m offers a new one; to be gone, make this the
 * last. Interrupt.
 */
void far_mailbox_stop(struct far_mailbox *m);

#endif
