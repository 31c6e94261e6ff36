/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a SPIFFS image sound? Every page is looked at, nothing is changed, and all that is wrong is
 * told.
 *
 * Work is bounded as in spiffs.h: with P pages in B blocks, each page is read once, each entry of
 * an index page looked up once (at most 124 * P at the default sizes), and of each file at most as
 * many pages as a block has are searched for in all of the look-up.
 */
#ifndef FARFLASH_SERVICE_SPIFFS_CHECK_H
#define FARFLASH_SERVICE_SPIFFS_CHECK_H

#include <stdint.h>

#include "service/spiffs/spiffs.h"

enum far_spiffs_trouble {
	/* What a cut of power leaves. No closed file has lost anything; a driver mends it. */
	FAR_SPIFFS_NO_MAGIC,        /* the one block whose erase was cut */
	FAR_SPIFFS_PAGE_HALF,       /* a page that is half written, or half deleted */
	FAR_SPIFFS_FILE_UNFINISHED, /* a file that was never closed */
	FAR_SPIFFS_FILE_DELETING,   /* a file that is half deleted */
	FAR_SPIFFS_FILE_TWICE,      /* another head of the same id: one of them is the old one */
	FAR_SPIFFS_PAGE_MOVED,      /* it is not where its file's index says */
	FAR_SPIFFS_PAGE_ORPHAN,     /* no file leads to it */
	/* What no cut explains. */
	FAR_SPIFFS_CONTRADICTION, /* look-up and page say different ids */
	FAR_SPIFFS_NOT_BLANK,     /* the look-up says it is free, but it is not erased */
	FAR_SPIFFS_BAD_NAME,      /* empty, or without its NUL */
	FAR_SPIFFS_BAD_SIZE,      /* of more bytes than the image has */
	FAR_SPIFFS_INDEX_LOST, /* an index page of a file is nowhere, nor is all data behind it */
	FAR_SPIFFS_DATA_LOST,  /* pages of data of a file are nowhere */
	FAR_SPIFFS_TROUBLES
};

#define FAR_SPIFFS_DAMAGE FAR_SPIFFS_CONTRADICTION /* the first that is no mere trace */

struct far_spiffs_finding {
	enum far_spiffs_trouble trouble;
	uint32_t page; /* where: of the image; with the LOST ones the head of the file */
	uint32_t id;   /* of the file; 0: of none */
	uint32_t span; /* of the page in the file; with DATA_LOST the first */
	uint32_t lost; /* DATA_LOST: how many */
};

struct far_spiffs_counts {
	uint32_t files;
	uint32_t bytes; /* in them */
	/* Pages that files can have, and of these; half: neither the one nor the other. */
	uint32_t pages, free, deleted, index, data, half;
	uint32_t traces, damages; /* findings */
};

struct far_spiffs_check_config {
	/* Called for each finding. Optional, as is progress. */
	void (*report)(void *ctx, const struct far_spiffs_finding *finding);
	/* Called for each file and block. Not 0: stop with FAR_ERR_CANCELLED. */
	int (*progress)(void *ctx);
	void *ctx;
	/*
	 * 1 bit for each page of the image, whole bytes; what is more serves as
	 * far_spiffs_walk.seen. FAR_SPIFFS_CHECK_WORK bytes are enough for any image.
	 */
	uint8_t *work;
	uint32_t work_len;
	void *cache; /* as for far_spiffs_open */
	uint32_t cache_len;
};

#define FAR_SPIFFS_CHECK_WORK (FAR_SPIFFS_PAGES / 8 + 1 + 4096)

/*
 * Check a mounted image. FAR_OK: no damage; FAR_ERR_VERIFY: counts->damages of it; FAR_ERR_ARG: too
 * little work or cache; or an error of the flash. counts is filled as far as the check came. That
 * no two files have the same name is not checked.
 */
int far_spiffs_check(struct far_spiffs *fs, const struct far_spiffs_check_config *config,
		     struct far_spiffs_counts *counts);

#endif
