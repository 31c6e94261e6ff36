/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read a SPIFFS, the file system of ESP-IDF and others, on any flash. docs/SPEC-spiffs.md has the
 * format; build.h makes an image, check.h judges one.
 *
 * Nothing is written and nothing allocated: what a file needs is in its struct and in memory of the
 * caller's. File systems and files are independent of each other, and any number may be open.
 *
 * A cut of power leaves traces that a SPIFFS driver would mend; here they are read around. A file
 * that was never closed has size 0; deleted pages and files do not exist; one block without its
 * magic is one whose erase was cut, and empty; a page that was moved just then is found in its new
 * place.
 *
 * The image may be anything, even hostile: every number in it is checked before it is used, nothing
 * outside the range that was mounted is read, and work is bounded. With P pages, and L pieces of
 * the look-up (one per block, and per 32 pages of it), a call reads the flash at most
 *   mount       once per block
 *   open, stat  P + L times, and for the names
 *   read        twice for each page of data, once to fill the cache. For each index page that it
 *               enters, and for each page that was moved, there is a search: L reads, and one for
 *               each page that claims to be the file's. More moved pages than a block has cannot
 *               come from a cut: then the file is damaged
 *   next        for all entries together 3 * P + L times
 *
 * Errors: those of the flash, whose fault tells more; or FAR_ERR_VERIFY: the image makes no sense,
 * and bad_addr tells where.
 */
#ifndef FARFLASH_SERVICE_SPIFFS_H
#define FARFLASH_SERVICE_SPIFFS_H

#include <stdint.h>

#include "farflash/flash.h"
#include "service/spiffs/geometry.h"

#define FAR_SPIFFS_NO_BLOCK 0xFFFFFFFFu

struct far_spiffs_config {
	struct far_flash *flash; /* it must be able to read */
	/* The image: any range of the flash; len 0: up to its end. len is whole blocks. */
	uint32_t addr, len;
	struct far_spiffs_params params; /* all 0: ESP-IDF's */
};

/* A mounted image. Read only for users; it must stay while files on it are used. */
struct far_spiffs {
	struct far_flash *flash;
	uint32_t addr, len;
	struct far_spiffs_geometry geometry;
	uint32_t bad_block; /* the one without its magic, or FAR_SPIFFS_NO_BLOCK */
	uint32_t bad_magic; /* what stands there instead */
	uint32_t bad_addr;  /* with FAR_ERR_VERIFY: the flash's address of what makes no sense */
};

/* A file, for the time that it is read. Read only for users. */
struct far_spiffs_file {
	struct far_spiffs *fs;
	uint32_t size; /* bytes; 0 if unfinished */
	uint32_t at;   /* the offset that is read next */
	uint32_t id;
	uint8_t unfinished; /* not 0: it was being written when the power failed */
	struct {
		uint32_t head;         /* its page */
		uint32_t index_span;   /* the index page found last, counted within the file */
		uint32_t index;        /* its page */
		uint32_t first, count; /* the entries of it in the cache */
		uint32_t moved;        /* pages that had to be searched for */
		uint8_t *cache;
		uint32_t cache_len;
	} _state;
};

/* What is known of a file. */
struct far_spiffs_entry {
	uint32_t id;        /* 1 to FAR_SPIFFS_ID_MAX */
	uint32_t page;      /* its head, counted from the image's first page */
	uint32_t size;      /* as in far_spiffs_file; what the image says, not proved */
	uint8_t unfinished; /* as in far_spiffs_file */
	uint8_t type;       /* 1: a file; others are of no known use */
	/*
	 * Its bytes up to the first NUL, and a NUL: what the image says, so it may hold anything,
	 * even nothing. There are no directories; ESP-IDF's names begin with "/".
	 */
	char name[FAR_SPIFFS_NAME_MAX + 1];
	uint32_t meta_at; /* where in the flash its meta data are: geometry.meta_len bytes */
};

/* A walk through the files of an image, begun by clearing it and setting fs and, perhaps, seen. */
struct far_spiffs_walk {
	struct far_spiffs *fs;
	/*
	 * Optional, cleared by the caller: 1 bit for each id that was met. A file whose head was
	 * being moved when the power failed has two, and would be met twice. 4096 bytes are enough
	 * for any image; ids for which there is no bit may be met twice.
	 */
	uint8_t *seen;
	uint32_t seen_len;
	uint32_t at; /* the page that is looked at next */
};

/*
 * Mount. FAR_ERR_VERIFY: not a SPIFFS of this geometry: bad_block has bad_magic where
 * far_spiffs_magic() should be, and is not the only such block (or the only block). FAR_ERR_ARG,
 * ALIGN, RANGE: see far_spiffs_geometry; also NULL, and a range beyond the flash. FAR_ERR_NOTSUP:
 * the flash cannot be read. Without magic anything can be mounted.
 */
int far_spiffs_mount(struct far_spiffs *fs, const struct far_spiffs_config *config);

/*
 * Open the file with exactly this name; of several the first. cache is used until the file is no
 * longer: at least 2 bytes; two for each entry of an index page, 248 by default, are the most that
 * is of use; with less the flash is read more often. There is nothing to close.
 * FAR_ERR_ABSENT: no such file. FAR_ERR_ARG: NULL, an empty name, a cache too small.
 * FAR_ERR_VERIFY: its size is impossible.
 */
int far_spiffs_open(struct far_spiffs *fs, struct far_spiffs_file *file, const char *name,
		    void *cache, uint32_t cache_len);

/* As far_spiffs_open, for an entry found before. */
int far_spiffs_open_entry(struct far_spiffs *fs, struct far_spiffs_file *file,
			  const struct far_spiffs_entry *entry, void *cache, uint32_t cache_len);

/*
 * Read up to len bytes at file->at, and advance. Returns how many: less than len only at the end of
 * the file, 0 there; or an error, with which at stays on the first byte of what could not be read.
 */
int32_t far_spiffs_read(struct far_spiffs_file *file, void *buf, uint32_t len);

/* Read on at offset, from the start of the file. FAR_ERR_RANGE: beyond its end. */
int far_spiffs_seek(struct far_spiffs_file *file, uint32_t offset);

/* What far_spiffs_open would open. Errors as there. */
int far_spiffs_stat(struct far_spiffs *fs, const char *name, struct far_spiffs_entry *entry);

/*
 * The next file, in the order of pages. FAR_ERR_ABSENT: there are no more. After another error the
 * walk can go on, behind what could not be read.
 */
int far_spiffs_next(struct far_spiffs_walk *walk, struct far_spiffs_entry *entry);

#endif
