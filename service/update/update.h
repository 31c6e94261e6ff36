/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bring a range of any flash to a wanted content, and prove it.
 *
 * The job is cut into segments (work_len bytes, whole sectors, never across a 64 KiB line). Pass 1
 * replaces every segment, one that the line may have spoilt up to three times; then the digest of
 * the whole range is compared with that of the source. Where it differs further passes find the
 * wrong segments by their digests and replace only those, at most FAR_UPDATE_PASSES in all. No
 * journal: the flash is the truth, so the same job run again after any interruption completes it.
 *
 * Freestanding, no memory of its own.
 */
#ifndef FARFLASH_SERVICE_UPDATE_H
#define FARFLASH_SERVICE_UPDATE_H

#include <stdint.h>

#include "farflash/flash.h"

#define FAR_UPDATE_PASSES      3
#define FAR_UPDATE_SEGMENT_MAX 0x10000u

struct far_update;

/* What was done so far, in bytes of the range; whole when far_update_run returns. */
struct far_update_result {
	uint32_t skipped; /* found right in pass 1, not written */
	uint32_t written; /* written, repeats counted again */
	uint32_t sent;    /* bytes given to the device for that, less than written if deflated */
	/*
	 * Progress of the present pass, or of the search for first_bad: 0 to len. When a segment
	 * fails or is cancelled: up to its end.
	 */
	uint32_t done;
	uint32_t repeated; /* segments that had to be written again */
	/* With FAR_ERR_VERIFY: address of the first segment that is still wrong. */
	uint32_t first_bad;
	uint8_t pass;     /* 1 to FAR_UPDATE_PASSES; 0: none yet, or only compared */
	uint8_t verified; /* not 0: the digest at the flash equals the source's */
};

struct far_update_config {
	struct far_flash *flash;
	uint32_t addr; /* a multiple of the flash's sector size */
	uint32_t len;  /* bytes, > 0 */
	/* Read the wanted bytes at [offset, offset + len) of the source. FAR_OK or an error to stop with. */
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
	void *ctx;
	/*
	 * Holds one segment: a multiple of the sector size; the best is FAR_UPDATE_SEGMENT_MAX. With
	 * deflate a second half of the same size behind it, so that work is 2 * work_len bytes.
	 */
	uint8_t *work;
	uint32_t work_len;
	uint8_t diff; /* not 0: already in pass 1 skip segments whose digest is right */
};

/*
 * Run the job. FAR_OK: done, result->verified tells whether it could be proved (a flash that can
 * neither digest nor read cannot). FAR_ERR_VERIFY: still wrong after all attempts. FAR_ERR_PROTO
 * also if the flash's digests contradict each other. FAR_ERR_ARG,
 * FAR_ERR_ALIGN, FAR_ERR_RANGE before anything was touched. FAR_ERR_CANCELLED, the source's
 * error, or the flash's (flash->fault tells more). result is filled in every case.
 */
int far_update_run(const struct far_update_config *config, struct far_update_result *result);

/*
 * Compare only: FAR_OK, FAR_ERR_VERIFY with result->first_bad, or as above. Any addr and len.
 * FAR_ERR_NOTSUP: the flash can neither digest nor read.
 */
int far_update_verify(const struct far_update_config *config, struct far_update_result *result);

#endif
