/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters of a SPIFFS and what follows from them. They are nowhere in the image: whoever
 * reads it must use those of whoever made it. docs/SPEC-spiffs.md has the format.
 */
#ifndef FARFLASH_SERVICE_SPIFFS_GEOMETRY_H
#define FARFLASH_SERVICE_SPIFFS_GEOMETRY_H

#include <stdint.h>

#define FAR_SPIFFS_NAME_MAX 256u        /* largest name_len */
#define FAR_SPIFFS_NO_META  0xFFFFFFFFu /* meta_len: there is none */
#define FAR_SPIFFS_PAGES    0xFFFFu     /* most pages of an image: a page's number has 16 bits */
#define FAR_SPIFFS_ID_MAX   0x7FFEu     /* ids of files are 1 to this */

/* All 0: ESP-IDF's defaults. */
struct far_spiffs_params {
	uint32_t page_size;      /* bytes, 64 to 32768, a power of two; 0: 256 */
	uint32_t block_size;     /* bytes, a multiple of page_size; 0: 4096 */
	uint32_t name_len;       /* bytes that a name has room for, with its NUL; 0: 32 */
	uint32_t meta_len;       /* bytes of meta data of each file; 0: 4; or FAR_SPIFFS_NO_META */
	uint8_t no_magic;        /* not 0: blocks have no magic: anything passes for a SPIFFS */
	uint8_t no_magic_length; /* not 0: the magic does not depend on the image's size */
	uint8_t aligned_tables;  /* not 0: index tables begin at even addresses */
};

/* What follows. "Index" is an object index page, "head" the first one of a file. */
struct far_spiffs_geometry {
	uint32_t page_size, block_size, name_len, meta_len; /* the parameters, defaults filled in */
	uint8_t magic, magic_length;
	uint32_t blocks;        /* of the image */
	uint32_t pages;         /* of a block */
	uint32_t lookup_pages;  /* of these, at its beginning: the look-up */
	uint32_t data_len;      /* bytes of a file in a page */
	uint32_t head_table;    /* offset of the table in a head */
	uint32_t head_entries;  /* data pages that a head lists */
	uint32_t index_entries; /* and each further index */
};

/*
 * FAR_OK, or what is wrong: FAR_ERR_ARG: parameters that no SPIFFS can have (page or block size,
 * names that do not fit a page, a magic without room for it); FAR_ERR_ALIGN: size is 0 or not a
 * multiple of the block size; FAR_ERR_RANGE: more than FAR_SPIFFS_PAGES pages.
 */
int far_spiffs_geometry(struct far_spiffs_geometry *g, const struct far_spiffs_params *params,
			uint32_t size);

/* The magic of a block, 16 bits. */
uint32_t far_spiffs_magic(const struct far_spiffs_geometry *g, uint32_t block);

/* Pages that a file of len bytes takes, indices included. */
uint32_t far_spiffs_file_pages(const struct far_spiffs_geometry *g, uint32_t len);

/* Pages of the whole image that files can have. */
uint32_t far_spiffs_usable_pages(const struct far_spiffs_geometry *g);

#endif
