/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of a flash serves it to other cores, each of which sees it as a struct far_flash
 * (device/mailbox). Everything that comes from a remote is taken to be hostile.
 *
 *   - A remote can do what its grants say and nothing else: anything outside is refused, and nothing
 *     was touched. Addresses are those of the served flash. To give a remote a partition under
 *     addresses of its own from 0 on, serve a partition device to it (by a second supervisor);
 *     to confine it under the flash's addresses, a grant does.
 *   - Deflated streams are offered to, and taken from, only a remote that may erase and write the
 *     whole flash: how far one reaches shows only behind the device.
 *   - The supervisor never waits for a remote. Work is done in pieces: a sector to erase, a
 *     buffer to read, write or digest; remotes take turns piece by piece.
 *   - A remote that restarts, or whose session ends, loses what it had asked for; what was begun
 *     stops after the piece at hand. Nothing of it is answered to the new session.
 *
 * Between two steps the owner may use the flash itself. No other context may call meanwhile.
 * Messages: docs/SPEC-mailbox.md, "Flash service messages".
 */
#ifndef FARFLASH_SERVICE_SUPERVISOR_H
#define FARFLASH_SERVICE_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/md5.h"
#include "farflash/clock.h"
#include "farflash/flash.h"
#include "farflash/mailbox.h"
#include "link/flash_service.h"
#include "link/fragment.h"

#define FAR_SUPERVISOR_CHANNEL 2u

/* Bytes of buf for so many slots with room for data_max bytes of data each. */
#define FAR_SUPERVISOR_BUF(slots, data_max) ((slots) * (FAR_SERVICE_REQUEST + (data_max)))

/* A range that a remote may use. A request must lie in one grant whole; neighbours do not add up. */
struct far_supervisor_grant {
	uint32_t addr, len; /* bytes of the served flash; for erase and replace, whole sectors */
	uint32_t rights;    /* FAR_SERVICE_MAY_*, or-ed */
};

/* Per remote, since it was added; each wraps at 2^32. */
struct far_supervisor_count {
	uint32_t requests;  /* complete ones, of any kind */
	uint32_t refused;   /* no grant, or impossible arguments: nothing was touched */
	uint32_t busy;      /* queue full: told to come again */
	uint32_t failed;    /* by the flash */
	uint32_t cancelled; /* on the remote's wish */
	uint32_t malformed; /* messages that are no request: dropped without an answer */
	uint32_t sessions;  /* seen */
};

/* What is being done for a remote now: of len bytes from addr on, done. op 0: nothing. */
struct far_supervisor_progress {
	uint32_t op; /* enum far_service_op */
	uint32_t addr, len, done;
};

struct far_supervisor_remote_config {
	struct far_mailbox *mailbox; /* initialised, bound or not; must stay */
	uint32_t channel;            /* 0: FAR_SUPERVISOR_CHANNEL; nobody else uses it */
	/* Must stay; NULL and 0: nothing is granted but info and sync. Up to 255. */
	const struct far_supervisor_grant *grants;
	uint32_t grant_count;
	/*
	 * FAR_SUPERVISOR_BUF(slots, data_max) bytes of private memory, aligned to 4: the queue. slots - 1 (1 or
	 * more) requests wait or are under way, one slot collects the next. data_max, a multiple of
	 * 32 up to 65,504, is what one inline request carries, and what is written or digested
	 * in one step.
	 */
	void *buf;
	uint32_t slots;
	uint32_t data_max;
	/* Optional: RAM shared with this remote and no other. */
	void *window;
	uint32_t window_len;
};

/* One remote. The caller owns the memory, private as well. */
struct far_supervisor_remote {
	/* Read only for users, but for grants and grant_count: between steps, from the next request on. */
	struct far_supervisor_remote_config config;
	struct far_supervisor_count count;       /* read only for users */
	struct far_supervisor_progress progress; /* read only for users */
	struct {
		struct far_supervisor *supervisor;
		struct far_supervisor_remote *next;
		uint32_t waiting; /* requests in the queue; the first may be under way */
		uint32_t first;   /* its slot */
		uint32_t extra;   /* of the one under way */
		uint32_t last;    /* out is the end of it */
		struct far_fragments link;
		struct far_md5 md5;
		struct far_flash_replace
			replace; /* its stream, where that is not the flash's own */
	} _state;
};

struct far_supervisor_config {
	struct far_flash *flash;
	struct far_clock *clock;
	/*
	 * A native replace stream (FAR_FLASH_CAN_REPLACE) excludes every other use of the flash
	 * while it is open. So long, from its begin on, the others' requests wait for it; then the
	 * stream is given up for them, and its owner has to begin it again. Below the
	 * remotes' time-outs. 0: it is given up at once. Flashes without native streams do not
	 * need this: each remote has a stream of its own, and others are served in between.
	 */
	uint32_t hold_ms;
	/* How much is read into a window in one step, in bytes; 0: 4096. */
	uint32_t step_len;
};

struct far_supervisor {
	struct far_supervisor_config config; /* read only for users */
	struct {
		struct far_supervisor_remote *last;   /* who was served last; all are in a ring */
		struct far_supervisor_remote *stream; /* who has a stream open */
		uint32_t stream_at;                   /* since when */
	} _state;
};

/* Never waits. FAR_ERR_ARG: flash or clock is NULL, or the flash is not connected (size 0). */
int far_supervisor_init(struct far_supervisor *s, const struct far_supervisor_config *config);

/*
 * Serve one more remote. config is copied, r need not be cleared and must stay in place. At any time
 * between steps; a remote is never taken away, but it can be left without grants.
 *
 * FAR_ERR_ARG: mailbox or buf is NULL, fewer than 2 slots, data_max is impossible, no such channel
 * in the mailbox. FAR_ERR_ALIGN: buf. FAR_ERR_RANGE: a grant reaches beyond the flash.
 */
int far_supervisor_add_remote(struct far_supervisor *s, struct far_supervisor_remote *r,
			      const struct far_supervisor_remote_config *config);

/*
 * One piece of work for one remote, the one whose turn it is: take its messages, do one piece of
 * its first request, send what there is room for. Waits for the flash only. Returns whether there was
 * anything to do; then call it again soon.
 */
bool far_supervisor_step(struct far_supervisor *s);

/*
 * As step; with nothing to do it sleeps on the doorbell of a remote, for a message or for room to
 * answer, timeout_ms at most: with several remotes, 1 ms at most, on one after the other.
 */
bool far_supervisor_wait(struct far_supervisor *s, uint32_t timeout_ms);

#endif
