/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPIFFS images made page by page, by hand: what a driver leaves when the power fails, and what
 * none ever writes. Written from docs/SPEC-spiffs.md; shares nothing with service/spiffs. And a
 * flash that fails the test when it is read outside the image.
 */
#ifndef FARFLASH_TEST_SPIFFS_IMAGE_H
#define FARFLASH_TEST_SPIFFS_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/flash.h"

#define SPIFFS_IMAGE_MAX 0x200000u

struct spiffs_image {
	uint32_t page, block, name, meta; /* sizes in bytes */
	uint32_t len;
	uint8_t bytes[SPIFFS_IMAGE_MAX];
};

/* Flags of whole pages. */
#define SPIFFS_DATA  0xFC
#define SPIFFS_INDEX 0xF8

/* ESP-IDF's sizes, and nothing in it. */
void spiffs_image_open(struct spiffs_image *i, uint32_t blocks);
/* Any sizes. */
void spiffs_image_open_as(struct spiffs_image *i, uint32_t blocks, uint32_t page, uint32_t block,
			  uint32_t name, uint32_t meta);

uint8_t *spiffs_image_page(struct spiffs_image *i, uint32_t page);
/* The page's place in its block's look-up. */
uint8_t *spiffs_image_lookup(struct spiffs_image *i, uint32_t page);

/* Header and look-up. id of an index page: with 0x8000. */
void spiffs_image_header(struct spiffs_image *i, uint32_t page, uint32_t id, uint32_t span,
			 uint32_t flags);
/* A head, with the data pages entries[0..n). */
void spiffs_image_head(struct spiffs_image *i, uint32_t page, uint32_t id, const char *name,
		       uint32_t size, const uint32_t *entries, uint32_t n);
/* A further index page. */
void spiffs_image_index(struct spiffs_image *i, uint32_t page, uint32_t id, uint32_t span,
			const uint32_t *entries, uint32_t n);
/* A page of data; its length must fit. */
void spiffs_image_data(struct spiffs_image *i, uint32_t page, uint32_t id, uint32_t span,
		       const void *data, uint32_t len);
/* As a driver does, in this order: the look-up, the flags. */
void spiffs_image_delete(struct spiffs_image *i, uint32_t page);

/* ---- a flash that holds an image ------------------------------------------------------------- */

struct spiffs_flash {
	struct far_flash flash;
	const uint8_t *bytes;
	uint32_t addr, len; /* where the image is, and the only place that may be read */
	uint64_t reads;     /* calls */
	uint64_t fail_at;   /* this one fails with FAR_ERR_TIMEOUT; 0: none */
};

/* The image at addr of a flash that is larger. */
void spiffs_flash_open(struct spiffs_flash *f, const uint8_t *bytes, uint32_t len, uint32_t addr);

#endif
