/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bring a range of any flash to a wanted content, and prove it.
 *
 * There is no journal: the flash is the truth. The job asks for digests, beginning with a sector
 * and going on in growing steps while they are right, halving where they are not; only sectors that
 * differ are replaced, neighbours together (never across a 64 KiB line, so that large erases fit).
 * Then the digest of the whole range is compared with the source's. Run again after any
 * interruption, at any instruction, the same job completes.
 *
 * A flash that has no replace (FAR_ERR_NOTSUP of its begin, nothing touched) is erased and written
 * instead, sector after sector: in the one at hand a cut leaves bytes that are old, erased or new,
 * and the next run finds that it differs. Either way what lies behind the range in its last sector
 * is erased, if that sector has to be written; a caller that wants those bytes kept makes them part
 * of the range. Where the peer serves no digests, but reading, the flash is read instead.
 *
 * Looking costs little, whatever the flash holds: answers that only find a difference may cost an
 * eighth of what writing the whole range would, and half of what was saved so far; in a range that
 * is wholly different one sector in sixteen is asked about.
 *
 * Freestanding, no memory of its own.
 */
#ifndef FARFLASH_SERVICE_UPDATE_H
#define FARFLASH_SERVICE_UPDATE_H

#include <stdint.h>

#include "farflash/flash.h"

#define FAR_UPDATE_PASSES      3
#define FAR_UPDATE_SEGMENT_MAX 0x10000u

/* What was done so far, in bytes of the range unless said otherwise; whole when a call returns. */
struct far_update_result {
	uint32_t skipped; /* found right in pass 1, not written */
	uint32_t written; /* written, repeats counted again */
	uint32_t erased;  /* bytes of the sectors erased for that */
	uint32_t sent;    /* bytes given to the device for that, less than written if deflated */
	/*
	 * Progress of the present pass, or of the search for first_bad: 0 to len. When a run of
	 * sectors fails or is cancelled: up to its end.
	 */
	uint32_t done;
	uint32_t repeated; /* runs of sectors that had to be written again */
	uint32_t queries;  /* digests asked for */
	/* With FAR_ERR_VERIFY: address of the first sector, or rest of one, that is still wrong. */
	uint32_t first_bad;
	/* Nothing outside these addresses has changed. touched_len 0: nothing has. */
	uint32_t touched_addr, touched_len;
	uint8_t pass;     /* 1 to FAR_UPDATE_PASSES; 0: none yet, or only compared */
	uint8_t verified; /* not 0: the digests at the flash equal the source's, all over */
};

struct far_update_config {
	struct far_flash *flash;
	uint32_t addr; /* a multiple of the flash's sector size */
	uint32_t len;  /* bytes, > 0 */
	/*
	 * Read the wanted bytes at [offset, offset + len) of the source into buf, which is work;
	 * len is up to work_len. Called in any order, for the same bytes again. FAR_OK or an error
	 * to stop with.
	 */
	int (*read)(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len);
	/*
	 * Optional, used if the flash takes deflated streams: make a zlib stream of src in dst.
	 * Returns its length, or 0 if it does not fit in cap; the segment then goes plain, as it
	 * does where the stream is not shorter.
	 */
	uint32_t (*deflate)(void *ctx, const uint8_t *src, uint32_t len, uint8_t *dst,
			    uint32_t cap);
	/* Optional: called after each step. Not 0: stop with FAR_ERR_CANCELLED. */
	int (*progress)(void *ctx, const struct far_update_result *so_far);
	/*
	 * Optional, for far_update_verify: told of every run of sectors that differs, in rising
	 * order, instead of stopping at the first. Not 0: enough, stop with FAR_ERR_VERIFY.
	 */
	int (*differs)(void *ctx, uint32_t addr, uint32_t len);
	void *ctx;
	/*
	 * Holds what is written at once: a multiple of the sector size; the best is
	 * FAR_UPDATE_SEGMENT_MAX. With deflate a second half of the same size behind it, so that
	 * work is 2 * work_len bytes.
	 */
	uint8_t *work;
	uint32_t work_len;
	/*
	 * What one question costs on this link, as the number of bytes that could be written
	 * meanwhile; 0: 512. More for a link that answers late.
	 */
	uint32_t query_cost;
	uint8_t diff; /* not 0: already pass 1 asks first, and skips what is right */
};

/*
 * Run the job. FAR_OK: done, result->verified tells whether it could be proved (a flash that can
 * neither digest nor read cannot). FAR_ERR_VERIFY: still wrong after all attempts. FAR_ERR_PROTO
 * also if the flash's digests contradict each other. Before anything was touched: FAR_ERR_ARG,
 * FAR_ERR_ALIGN, FAR_ERR_RANGE. FAR_ERR_CANCELLED, the source's error, or the flash's: flash->fault
 * tells more about the call that failed, result->touched_* about all of the job. result is filled
 * in every case.
 */
int far_update_run(const struct far_update_config *config, struct far_update_result *result);

/*
 * Compare only, to the sector: FAR_OK, FAR_ERR_VERIFY with result->first_bad, or as above. Any addr
 * and len.
 * FAR_ERR_NOTSUP: the flash can neither digest nor read.
 */
int far_update_verify(const struct far_update_config *config, struct far_update_result *result);

#endif
