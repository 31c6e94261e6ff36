/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A window on another flash, with rights: a struct far_flash whose address 0 is somewhere in its
 * parent. The parent is any flash, another window included.
 *
 * Nothing that is asked of the window reaches the parent outside of it, and nothing for which it
 * has no right reaches the parent at all. What the parent does natively stays native: digest, and
 * replace in plain streams. Failures are told in the window's own addresses.
 *
 * Deflated streams (FAR_FLASH_CAN_DEFLATE) are offered only where the window is the whole parent:
 * how far one reaches shows only behind the parent, so nothing here could bound it.
 *
 * Windows on one parent, and the parent itself, are used from one context at a time, in any order.
 * A replace stream whose parent was used for anything else meanwhile is over: FAR_ERR_STATE.
 * (Streams of the same range, begun through two windows that overlap, are not told apart.)
 */
#ifndef FARFLASH_DEVICE_PARTITION_H
#define FARFLASH_DEVICE_PARTITION_H

#include <stdint.h>

#include "farflash/flash.h"

enum far_partition_right {
	FAR_PARTITION_READ = 1 << 0,  /* read and digest: without it info.caps offers neither */
	FAR_PARTITION_WRITE = 1 << 1, /* write; with ERASE also replace */
	FAR_PARTITION_ERASE = 1 << 2
};

#define FAR_PARTITION_ALL (FAR_PARTITION_READ | FAR_PARTITION_WRITE | FAR_PARTITION_ERASE)

struct far_partition {
	struct far_flash flash; /* first: the flash */
	struct {
		struct far_flash *parent;
		uint32_t base; /* the window's address 0 in the parent */
		uint32_t rights;
	} _state;
};

/*
 * Make p the window [addr, addr + len) of parent, with these rights (FAR_PARTITION_*, or-ed).
 * Nothing is read or sent; p need not be cleared, parent outlives it. write, erase and replace
 * without their right are FAR_ERR_REFUSED with peer_code 0, and the flash is not touched.
 *
 * The parent's size and abilities are taken as they are now. Should it become smaller later (a chip
 * that was connected anew), calls beyond its end fail with its FAR_ERR_RANGE.
 *
 * FAR_ERR_ARG: a pointer is NULL, parent is p's own flash, len is 0, an unknown right.
 * FAR_ERR_STATE: the parent is not connected. FAR_ERR_RANGE: reaches beyond the parent.
 * FAR_ERR_ALIGN: addr or len is not a multiple of the parent's sector size.
 */
int far_partition_init(struct far_partition *p, struct far_flash *parent, uint32_t addr,
		       uint32_t len, uint32_t rights);

#endif
