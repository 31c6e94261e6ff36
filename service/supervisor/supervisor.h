/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of a flash serves it to other cores, each of which sees it as a struct far_flash
 * (device/mailbox). Everything that comes from a remote is taken to be hostile.
 *
 *   - A remote can do what its grants say and nothing else: anything outside is refused, and
 *     nothing was touched. Addresses are those of the served flash. To give a remote a partition
 *     under addresses of its own from 0 on, serve a partition device to it (by a second
 *     supervisor); to confine it under the flash's addresses, a grant does.
 *   - Deflated streams are offered to, and taken from, only a remote that may erase and write the
 *     whole flash: how far one reaches shows only behind the device.
 *   - The supervisor never waits for a remote. What takes long is done in part, as long as a turn
 *     is, and the remote told how far: a sector is erased, bytes are read, written or digested.
 *   - A remote that restarts, or whose session ends, loses what it had asked for. Nothing of it is
 *     answered to the new session.
 *   - What a program does not serve it does not link: the operations are a list.
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

/* Bytes of buf: a request with data_max bytes of data. */
#define FAR_SUPERVISOR_BUF(data_max) (FAR_SERVICE_REQUEST + (data_max))

/*
 * A range that a remote may use. A request must lie in one grant whole; neighbours do not add up.
 */
struct far_supervisor_grant {
	uint32_t addr, len; /* bytes of the served flash; for erase and replace, whole sectors */
	uint32_t rights;    /* FAR_SERVICE_MAY_*, or-ed */
};

/* Per remote, since it was added; each wraps at 2^32. */
struct far_supervisor_count {
	uint32_t requests;  /* complete ones, of any kind */
	uint32_t refused;   /* before the flash was asked: nothing was touched */
	uint32_t failed;    /* by the flash */
	uint32_t malformed; /* messages that are no request: dropped without an answer */
	uint32_t sessions;  /* seen */
};

struct far_supervisor_remote_config {
	struct far_mailbox *mailbox; /* initialised, bound or not; must stay */
	uint32_t channel;            /* 0: FAR_SUPERVISOR_CHANNEL; nobody else uses it */
	/* Must stay; NULL and 0: nothing is granted but info and sync. Up to 255. */
	const struct far_supervisor_grant *grants;
	uint32_t grant_count;
	/*
	 * FAR_SUPERVISOR_BUF(data_max) bytes of private memory, aligned to 4, for the request at
	 * hand; those that come after it wait in the mailbox. data_max, a multiple of 64 up to
	 * 65,472, is what one inline request carries, and what is written or digested at once.
	 */
	void *buf;
	uint32_t data_max;
	/* Optional: RAM shared with this remote and no other. */
	void *window;
	uint32_t window_len;
};

/* One remote. The caller owns the memory, private as well. */
struct far_supervisor_remote {
	/*
	 * Read only for users, but for grants and grant_count: between steps, from the next request
	 * on.
	 */
	struct far_supervisor_remote_config config;
	struct far_supervisor_count count; /* read only for users */
	struct {
		struct far_supervisor *supervisor;
		struct far_supervisor_remote *next;
		uint32_t ready; /* a request is in buf */
		uint32_t pace;  /* bytes that were read into the window at once, within a turn */
		struct far_fragments link;
		struct far_md5 md5;
		struct far_flash_replace
			replace; /* its stream, where that is not the flash's own */
	} _state;
};

/*
 * An operation: does what the words m of a request say, with its data behind them, and puts there
 * what is to be answered. Returns how many bytes that is, or an error. The length in m becomes what
 * is done of it.
 */
typedef int far_supervisor_work(struct far_supervisor_remote *r, uint32_t *m);

/* One that a program serves. A list ends with { NULL, 0 }; info has to be in it. */
struct far_supervisor_op {
	far_supervisor_work *work;
	uint32_t op; /* the enum far_service_op that it is for */
};

/*
 * What there is. To serve a window, digests or streams takes info_all instead of info, which tells.
 */
far_supervisor_work far_supervisor_info, far_supervisor_info_all;
far_supervisor_work far_supervisor_read, far_supervisor_write, far_supervisor_erase;
far_supervisor_work far_supervisor_digest, far_supervisor_sync;
far_supervisor_work far_supervisor_read_window, far_supervisor_write_window;
far_supervisor_work far_supervisor_begin, far_supervisor_stream, far_supervisor_stream_window,
	far_supervisor_end;

/* All of them; and reading, writing and erasing inline, which takes half the code. */
extern const struct far_supervisor_op far_supervisor_all[], far_supervisor_inline[];

struct far_supervisor_config {
	struct far_flash *flash;
	struct far_clock *clock;
	const struct far_supervisor_op *ops; /* must stay; what is not in it is FAR_ERR_NOTSUP */
	/*
	 * A native replace stream (FAR_FLASH_CAN_REPLACE) excludes every other use of the flash
	 * while it is open. So long, from its begin on, the others' requests wait for it; then the
	 * stream is given up for them, and its owner has to begin it again. Below the
	 * remotes' time-outs. 0: it is given up at once. Flashes without native streams do not
	 * need this: each remote has a stream of its own, and others are served in between.
	 */
	uint32_t hold_ms;
	/*
	 * For how long, in ms, reading or writing through a window and digesting go on before the
	 * next remote has its turn, and this one is told how far it is; 0: 10.
	 */
	uint32_t turn_ms;
};

struct far_supervisor {
	struct far_supervisor_config config; /* read only for users */
	struct {
		struct far_supervisor_remote *last;   /* who was served last; all are in a ring */
		struct far_supervisor_remote *stream; /* who has a stream open */
		uint32_t stream_at;                   /* since when */
		/* Once there was a stream: may r do op now? With info: all of r's is void. */
		bool (*guard)(struct far_supervisor_remote *r, uint32_t op);
	} _state;
};

/* Never waits. FAR_ERR_ARG: flash, clock or ops is NULL, or the flash is not connected (size 0). */
int far_supervisor_init(struct far_supervisor *s, const struct far_supervisor_config *config);

/*
 * Serve one more remote. config is copied, r need not be cleared and must stay in place. At any
 * time between steps; a remote is never taken away, but it can be left without grants.
 *
 * FAR_ERR_ARG: mailbox or buf is NULL, data_max is impossible, no such channel in the mailbox.
 * FAR_ERR_ALIGN: buf. FAR_ERR_RANGE: a grant reaches beyond the flash.
 */
int far_supervisor_add_remote(struct far_supervisor *s, struct far_supervisor_remote *r,
			      const struct far_supervisor_remote_config *config);

/*
 * One piece of work for one remote, the one whose turn it is: take its messages, do one piece of
 * its first request, send what there is room for. Waits for the flash only. Returns whether there
 * was anything to do; then call it again soon.
 */
bool far_supervisor_step(struct far_supervisor *s);

/*
 * As step; with nothing to do it sleeps on the doorbell of a remote, for a message or for room to
 * answer, timeout_ms at most: with several remotes, 1 ms at most, on one after the other.
 */
bool far_supervisor_wait(struct far_supervisor *s, uint32_t timeout_ms);

#endif
