/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash that another core owns, as a struct far_flash: every call becomes requests to a
 * supervisor (service/supervisor) on one channel of a mailbox, in a window of shared RAM where
 * there is one, else inline.
 *
 * Addresses are those of the flash that the supervisor serves, all of it; what its grants do not
 * cover is FAR_ERR_REFUSED with FAR_SERVICE_NO_GRANT as peer_code, and untouched. Errors of the
 * flash itself arrive as they were recorded there: code, address, peer code and touched range.
 *
 * No wait is without bound: timeout_ms (to within 20 ms) without a sign of life ends a call with
 * FAR_ERR_TIMEOUT. Only what brings the call forward is a sign: a part of a request taken or of a
 * reply come. What takes long is asked for in parts, each of which is answered.
 *
 * When either side restarts, or a request was given up, the call at hand fails with FAR_ERR_TIMEOUT
 * (or its own error) and fault.touched_* covers all that was asked for. The next call
 * finds the supervisor again by itself, and only after it has answered that nothing of the old
 * requests can still happen. If it then serves a flash of another shape, calls fail with
 * FAR_ERR_STATE until open is called again. A native replace stream that the supervisor gave up for
 * other remotes ends with FAR_ERR_STATE, too: begin it again.
 */
#ifndef FARFLASH_DEVICE_MAILBOX_H
#define FARFLASH_DEVICE_MAILBOX_H

#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/flash.h"
#include "farflash/mailbox.h"
#include "link/flash_service.h"
#include "link/fragment.h"

#define FAR_MAILBOX_FLASH_CHANNEL 2u

struct far_mailbox_flash_config {
	/*
	 * Initialised, bound or not. Nobody else uses the channel, neither by callback nor by
	 * receive; other channels are free. Notices and nothing else are called back from within
	 * calls.
	 */
	struct far_mailbox *mailbox;
	uint32_t channel; /* 0: FAR_MAILBOX_FLASH_CHANNEL */
	struct far_clock *clock;
	/*
	 * Optional: RAM shared with the supervisor, which must have been given the same bytes. The
	 * length used is the smaller one of both sides', in two halves that are under way at the
	 * same time: 8 KiB and more are worth having.
	 */
	void *window;
	uint32_t window_len;
	/*
	 * > 0. More than the longest single thing that the served flash does: erase a sector, for
	 * each remote that the supervisor serves; digest a whole range if it does that itself.
	 */
	uint32_t timeout_ms;
	/*
	 * Optional: called as bytes of a call are done, the last time with done == total. In a
	 * replace they are those of the portion at hand. Not 0 before the end: cancel. What was
	 * asked for is then done, nothing more is, and the call fails with FAR_ERR_CANCELLED. Must
	 * not call this flash.
	 */
	int (*progress)(void *ctx, uint32_t done, uint32_t total);
	void *ctx;
};

/*
 * What the supervisor says when it is found, word by word as docs/SPEC-mailbox.md has it under
 * INFO: checked when a call has succeeded, and anything at all when one has failed with
 * FAR_ERR_PROTO or FAR_ERR_STATE.
 */
struct far_mailbox_flash_said {
	uint32_t size, sector_size, write_block;
	uint32_t about; /* erase value, what it can do, version */
	uint32_t piece_max, window_len;
	/* What it lets this remote do, as far as it tells: the first of its grants. */
	struct far_mailbox_flash_grant {
		uint32_t addr, len;
		uint32_t rights; /* FAR_SERVICE_MAY_*, or-ed */
		uint32_t count;  /* of all grants */
	} grant;
};

struct far_mailbox_flash {
	struct far_flash flash;             /* first: the flash */
	struct far_mailbox_flash_said said; /* read only for users */
	struct far_mailbox_flash_state {
		struct far_mailbox_flash_call {
			uint32_t op; /* enum far_service_op, and more about it */
			uint32_t addr, len;
			uint8_t *data; /* to send, or where data of replies goes */
			uint32_t done; /* bytes of len in requests answered; or where it failed */
			uint32_t sent; /* up to which byte of len anything was asked for */
			uint32_t n, count; /* of the request due: bytes at most, bytes done */
			uint8_t *to;       /* where its reply goes */
			uint32_t code;     /* what the supervisor says of a failure: its code, */
			uint32_t end;      /* and the address behind what may have changed */
		} call;                    /* at hand */
		uint32_t due;  /* the first word of the request whose reply comes next */
		uint32_t word; /* of the last request */
		struct far_clock *clock;
		uint32_t timeout_ms;
		uint32_t late;             /* replies to nothing that was waited for, dropped */
		struct far_fragments link; /* session 0: find the supervisor first */
		/* Of a remote with everything. */
		uint32_t stream_len; /* of the stream that is being begun */
		struct far_mailbox_flash_config config;
	} _state;
};

/*
 * Find a supervisor, waiting for up to timeout_ms for one to appear and as long again for its
 * answer, and fill in flash.info and said. config is copied; what it points to must stay. A failed
 * open may simply be called again.
 *
 * FAR_ERR_ARG: mailbox or clock is NULL, timeout_ms 0, or the mailbox does not have that channel
 * open. FAR_ERR_TIMEOUT: nobody there, or nobody who answers. FAR_ERR_PROTO: the answer is none, or
 * of another version. Errors of the doorbell's wait.
 */
int far_mailbox_flash_open(struct far_mailbox_flash *f,
			   const struct far_mailbox_flash_config *config);

/*
 * The same for a program that reads, writes, erases, digests and syncs, and has little room: window
 * and progress are not looked at, far_flash_replace_begin is FAR_ERR_NOTSUP, and what is behind all
 * that is not linked unless another call brings it in. far_update_run erases and writes here.
 */
int far_mailbox_flash_open_inline(struct far_mailbox_flash *m,
				  const struct far_mailbox_flash_config *config);

#endif
