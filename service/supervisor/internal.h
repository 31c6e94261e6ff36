/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FARFLASH_SERVICE_SUPERVISOR_INTERNAL_H
#define FARFLASH_SERVICE_SUPERVISOR_INTERNAL_H

#include "service/supervisor/supervisor.h"

/* A request's words, and where its data is, or that of its reply goes. */
enum { FAR_SUPERVISOR_ADDR = 1, FAR_SUPERVISOR_LEN = 2, FAR_SUPERVISOR_EXTRA = 3 };

static inline uint8_t *far_supervisor_data(uint32_t *m)
{
	return (uint8_t *)(m + FAR_SERVICE_REQUEST / sizeof(*m));
}

static inline struct far_flash *far_supervisor_flash(const struct far_supervisor_remote *r)
{
	return r->_state.supervisor->config.flash;
}

static inline uint32_t far_supervisor_now(const struct far_supervisor_remote *r)
{
	struct far_clock *clock = r->_state.supervisor->config.clock;

	return clock->ops->now_ms(clock);
}

/* Does one grant of r with all these rights cover the range? */
bool far_supervisor_is_granted(const struct far_supervisor_remote *r, uint32_t rights,
			       uint32_t addr, uint32_t len);

/* n bytes more, at the address in m; window: where they are there, or NULL. */
typedef int far_supervisor_piece(struct far_supervisor_remote *r, uint32_t *m, uint8_t *window,
				 uint32_t n);

/*
 * Pieces of up to data_max bytes, with grow larger ones as long as they go fast, until all of the
 * request is done or its turn is over. The address in m moves along, the length becomes what is
 * done.
 */
int far_supervisor_repeat(struct far_supervisor_remote *r, uint32_t *m, uint8_t *window, bool grow,
			  far_supervisor_piece *piece);

/*
 * May r send deflated streams? Where one ends is known only once it is inflated, behind the device,
 * and not every device stops at the length it was told. So only who may change the whole flash.
 */
bool far_supervisor_may_deflate(const struct far_supervisor_remote *r);

/* Where a request's data is in the window; NULL: not all of it is in there. */
uint8_t *far_supervisor_window(const struct far_supervisor_remote *r, const uint32_t *m);

#endif
