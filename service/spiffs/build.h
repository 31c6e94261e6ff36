/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Make a SPIFFS image, block by block from its start to its end, as a stream: into a file, memory,
 * or with far_flash_replace_* straight into a flash. The layout is that of ESP-IDF's spiffsgen, so
 * that the same files in the same order give the same bytes; and the order is always that of the
 * names.
 *
 *   far_spiffs_build_begin
 *   for each file, by name: far_spiffs_build_file, far_spiffs_build_data until it is whole
 *   far_spiffs_build_end
 *
 * A driver that is to write to the image later needs two blocks that are free, and room to move
 * pages: leave a quarter of them. What is only read may fill the image to its last page.
 */
#ifndef FARFLASH_SERVICE_SPIFFS_BUILD_H
#define FARFLASH_SERVICE_SPIFFS_BUILD_H

#include <stdint.h>

#include "service/spiffs/geometry.h"

struct far_spiffs_build_config {
	struct far_spiffs_params params; /* all 0: ESP-IDF's */
	uint32_t size;                   /* of the image, whole blocks */
	/* Memory for one block, until the end: block_len at least params.block_size (or 4096). */
	uint8_t *block;
	uint32_t block_len;
	/*
	 * Takes one block after the other, offset counting up from 0. FAR_OK, or an error to stop
	 * with.
	 */
	int (*write)(void *ctx, uint32_t offset, const uint8_t *data, uint32_t len);
	void *ctx;
};

struct far_spiffs_build {
	struct far_spiffs_geometry geometry; /* read only for users */
	uint32_t pages_left;                 /* that files can still have; read only for users */
	struct {
		const struct far_spiffs_build_config *config;
		uint32_t page;    /* the next one to be filled */
		uint32_t id;      /* of the file begun last */
		uint32_t span;    /* of its next page of data */
		uint32_t left;    /* bytes of it still to come */
		uint32_t entries; /* data pages that its last index page has still room for */
		uint32_t index_span;
		uint8_t *to;                    /* where its next byte goes */
		uint32_t room;                  /* bytes there */
		uint8_t open;                   /* begun, not ended, no error */
		char last[FAR_SPIFFS_NAME_MAX]; /* its name */
	} _state;
};

/*
 * Begin. config must stay until the end. FAR_ERR_ARG: NULL, a block that does not fit; else as
 * far_spiffs_geometry.
 */
int far_spiffs_build_begin(struct far_spiffs_build *b,
			   const struct far_spiffs_build_config *config);

/*
 * The next file. Nothing has changed after
 *   FAR_ERR_ARG    the name is empty or too long: with its NUL it has room_for name_len bytes
 *   FAR_ERR_STATE  not begun, over after an error, or the file before is not whole; or the name
 *                  does not come behind that of the file before, byte by byte
 *   FAR_ERR_RANGE  it does not fit: see far_spiffs_file_pages and pages_left
 * Else FAR_OK, or an error of write, after which all is over.
 */
int far_spiffs_build_file(struct far_spiffs_build *b, const char *name, uint32_t len);

/*
 * The next bytes of that file. FAR_ERR_RANGE: more than its length, nothing has changed.
 * FAR_ERR_STATE as above, or an error of write, after which all is over.
 */
int far_spiffs_build_data(struct far_spiffs_build *b, const void *data, uint32_t len);

/* Write what is left of the image. FAR_ERR_STATE: the last file is not whole, or as above. */
int far_spiffs_build_end(struct far_spiffs_build *b);

#endif
