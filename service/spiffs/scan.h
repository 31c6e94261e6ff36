/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of a mounted image and what they claim to be: what the reader and the check share. Not for
 * others. Pages are counted from the start of the image.
 */
#ifndef FARFLASH_SERVICE_SPIFFS_SCAN_H
#define FARFLASH_SERVICE_SPIFFS_SCAN_H

#include "service/spiffs/format.h"
#include "service/spiffs/spiffs.h"

#define FAR_SPIFFS_SCAN_IDS 32u /* entries of the look-up that are read at once */

/* The look-up entries of the pages [at, end), piece by piece. */
struct far_spiffs_scan {
	uint32_t at, end;
	uint32_t first, count; /* pages whose entries are in ids */
	uint8_t ids[2 * FAR_SPIFFS_SCAN_IDS];
};

/* Read [offset, offset + len) of the image. FAR_ERR_RANGE if that is not inside. */
int far_spiffs_get(struct far_spiffs *fs, uint32_t offset, void *buf, uint32_t len);

/* The image makes no sense at this offset: returns FAR_ERR_VERIFY. */
int far_spiffs_bad(struct far_spiffs *fs, uint32_t offset);

/* From the page at up to but not including the page end; the bad block is left out. */
void far_spiffs_scan_begin(struct far_spiffs_scan *s, uint32_t at, uint32_t end);

/* The next entry: *page and its *id; FAR_ERR_ABSENT at the end. */
int far_spiffs_scan_next(struct far_spiffs *fs, struct far_spiffs_scan *s, uint32_t *page,
			 uint32_t *id);

/*
 * Is the page a whole, live page of this id (or-ed with FAR_SPIFFS_ID_INDEX for an index page) and
 * span? 1, 0, or an error. Any page number will do.
 */
int far_spiffs_is_page(struct far_spiffs *fs, uint32_t page, uint32_t id, uint32_t span);

/*
 * Find such a page, beginning in the block of the page near, in all the image. FAR_ERR_ABSENT:
 * there is none.
 */
int far_spiffs_find(struct far_spiffs *fs, uint32_t id, uint32_t span, uint32_t near,
		    uint32_t *page);

/* The beginning of a head. */
#define FAR_SPIFFS_HEAD_LEN 13u

/*
 * Is the page the head of a file that is there, of this id (with FAR_SPIFFS_ID_INDEX)? 1, and raw
 * is its beginning; 0, or an error. Any page number will do.
 */
int far_spiffs_get_head(struct far_spiffs *fs, uint32_t page, uint32_t id,
			uint8_t raw[FAR_SPIFFS_HEAD_LEN]);

/*
 * The next page that is one. raw becomes its beginning. FAR_ERR_ABSENT:
 * there is none.
 */
int far_spiffs_next_head(struct far_spiffs *fs, struct far_spiffs_scan *s, uint32_t *page,
			 uint8_t raw[FAR_SPIFFS_HEAD_LEN]);

/* Where the index of a file says that a page of its data is. */
struct far_spiffs_place {
	uint32_t page;
	uint32_t offset; /* in the image: of the entry that says so */
	uint8_t *entry;  /* the same in the file's cache */
};

/*
 * Look it up. 1: and there it is; 0: it is not there; or an error, FAR_ERR_VERIFY if the index page
 * itself is nowhere.
 */
int far_spiffs_listed(struct far_spiffs_file *file, uint32_t span, struct far_spiffs_place *place);

#endif
