/* SPDX-License-Identifier: Apache-2.0 */
#include "service/spiffs/check.h"
#include "core/bytes.h"
#include "service/spiffs/scan.h"

enum { PIECE = 64 /* bytes of a page that are looked at at once */ };

struct check {
	struct far_spiffs *fs;
	const struct far_spiffs_check_config *config;
	struct far_spiffs_counts *counts;
	uint8_t *known; /* 1 bit for each page that a file leads to, or that was told about */
	uint8_t *seen;  /* 1 bit for each id */
	uint32_t seen_len;
};

/* Set a bit. Was it set before? */
static int mark(uint8_t *bits, uint32_t n)
{
	uint8_t bit = (uint8_t)(1u << n % 8);
	int before = (bits[n / 8] & bit) != 0;

	bits[n / 8] |= bit;
	return before;
}

static void tell(struct check *c, enum far_spiffs_trouble trouble, uint32_t page, uint32_t id,
		 uint32_t span, uint32_t lost)
{
	const struct far_spiffs_finding finding = { .trouble = trouble,
						    .page = page,
						    .id = id & ~FAR_SPIFFS_ID_INDEX,
						    .span = span,
						    .lost = lost };

	if (trouble < FAR_SPIFFS_DAMAGE)
		c->counts->traces++;
	else
		c->counts->damages++;
	if (c->config->report != NULL)
		c->config->report(c->config->ctx, &finding);
}

static int progress(const struct check *c)
{
	return c->config->progress != NULL && c->config->progress(c->config->ctx) != 0
		       ? FAR_ERR_CANCELLED
		       : FAR_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* One page of data of a file: *lost counts those that are nowhere, *searched those not listed. */
static int check_data(struct check *c, struct far_spiffs_file *file, uint32_t span,
		      uint32_t *searched, uint32_t *lost)
{
	struct far_spiffs_place place = { 0 };
	int rc = far_spiffs_listed(file, span, &place);

	if (rc == 1) {
		mark(c->known, place.page);
		return FAR_OK;
	}
	if (rc != 0)
		return rc;
	rc = FAR_ERR_ABSENT;
	if ((*searched)++ < c->fs->geometry.pages)
		rc = far_spiffs_find(c->fs, file->id, span, file->_state.index, &place.page);
	if (rc == FAR_ERR_ABSENT) {
		++*lost;
		return FAR_OK;
	}
	if (rc != FAR_OK)
		return rc;
	mark(c->known, place.page);
	tell(c, FAR_SPIFFS_PAGE_MOVED, place.page, file->id, span, 0);
	return FAR_OK;
}

/* All pages of data that a file must have, and so its index pages. */
static int check_contents(struct check *c, struct far_spiffs_file *file)
{
	uint32_t per_page = c->fs->geometry.data_len;
	uint32_t spans = file->size / per_page + (file->size % per_page != 0);
	uint32_t searched = 0, lost = 0, first = 0;

	for (uint32_t span = 0; span < spans; span++) {
		uint32_t before = lost;
		int rc = check_data(c, file, span, &searched, &lost);

		if (rc == FAR_ERR_VERIFY && c->fs->flash->fault.err == FAR_OK) {
			tell(c, FAR_SPIFFS_INDEX_LOST, file->_state.head, file->id,
			     file->_state.index_span + 1, 0);
			break;
		}
		if (rc != FAR_OK)
			return rc;
		mark(c->known, file->_state.index);
		if (before == 0 && lost > 0)
			first = span;
	}
	if (lost > 0)
		tell(c, FAR_SPIFFS_DATA_LOST, file->_state.head, file->id, first, lost);
	return FAR_OK;
}

/* The name must be one that can be asked for: not empty, and with a NUL. */
static int check_name(struct check *c, uint32_t page, uint32_t id)
{
	uint32_t at = page * c->fs->geometry.page_size + FAR_SPIFFS_AT_NAME;
	uint8_t first, last = 0;
	int rc = far_spiffs_get(c->fs, at, &first, 1);

	if (rc != FAR_OK)
		return rc;
	/* A name shorter than its room is followed by NULs up to the end. */
	rc = far_spiffs_get(c->fs, at + c->fs->geometry.name_len - 1, &last, 1);
	if (rc == FAR_OK && (first == 0 || last != 0))
		tell(c, FAR_SPIFFS_BAD_NAME, page, id, 0, 0);
	return rc;
}

static int check_file(struct check *c, uint32_t page, uint32_t id)
{
	struct far_spiffs_entry entry = { .page = page, .id = id & ~FAR_SPIFFS_ID_INDEX };
	struct far_spiffs_file file;
	int rc = check_name(c, page, id);

	if (rc != FAR_OK)
		return rc;
	rc = far_spiffs_open_entry(c->fs, &file, &entry, c->config->cache, c->config->cache_len);
	if (rc == FAR_ERR_VERIFY && c->fs->flash->fault.err == FAR_OK) {
		tell(c, FAR_SPIFFS_BAD_SIZE, page, id, 0, 0);
		return FAR_OK;
	}
	if (rc != FAR_OK)
		return rc;
	if (file.unfinished)
		tell(c, FAR_SPIFFS_FILE_UNFINISHED, page, id, 0, 0);
	c->counts->bytes += file.size;
	return check_contents(c, &file);
}

/* Every head. The second of an id is the file's older or newer self: only the first counts. */
static int check_files(struct check *c)
{
	const struct far_spiffs_geometry *g = &c->fs->geometry;
	uint8_t raw[FAR_SPIFFS_HEAD_LEN];
	struct far_spiffs_scan s;
	uint32_t page;
	int rc;

	far_spiffs_scan_begin(&s, 0, g->blocks * g->pages);
	for (;;) {
		uint32_t id;

		rc = far_spiffs_next_head(c->fs, &s, &page, raw);
		if (rc != FAR_OK)
			return rc == FAR_ERR_ABSENT ? FAR_OK : rc;
		id = far_get_le16(raw + FAR_SPIFFS_AT_ID) & ~FAR_SPIFFS_ID_INDEX;
		mark(c->known, page);
		if (id / 8 < c->seen_len && mark(c->seen, id)) {
			tell(c, FAR_SPIFFS_FILE_TWICE, page, id, 0, 0);
			continue;
		}
		c->counts->files++;
		rc = check_file(c, page, id);
		if (rc == FAR_OK)
			rc = progress(c);
		if (rc != FAR_OK)
			return rc;
	}
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* One that the look-up says is free. */
static int check_free(struct check *c, uint32_t page)
{
	uint32_t size = c->fs->geometry.page_size;
	uint8_t raw[PIECE], all = 0xFF;

	c->counts->free++;
	for (uint32_t at = 0; at < size; at += PIECE) {
		int rc = far_spiffs_get(c->fs, page * size + at, raw, PIECE);

		if (rc != FAR_OK)
			return rc;
		for (uint32_t i = 0; i < PIECE; i++)
			all &= raw[i];
	}
	if (all != 0xFF)
		tell(c, FAR_SPIFFS_NOT_BLANK, page, 0, 0, 0);
	return FAR_OK;
}

static void contradiction(struct check *c, uint32_t page, uint32_t id, uint32_t span)
{
	c->counts->half++;
	tell(c, FAR_SPIFFS_CONTRADICTION, page, id, span, 0);
}

/* A page that is whole, and has the id that the look-up says. */
static void check_live(struct check *c, uint32_t page, uint32_t id, uint32_t span, uint32_t flags)
{
	int index = (id & FAR_SPIFFS_ID_INDEX) != 0;

	if (index != ((flags & FAR_SPIFFS_INDEX) == 0)) {
		contradiction(c, page, id, span);
		return;
	}
	if (index)
		c->counts->index++;
	else
		c->counts->data++;
	if (index && span == 0 && (flags & FAR_SPIFFS_DELETING) == 0)
		tell(c, FAR_SPIFFS_FILE_DELETING, page, id, 0, 0);
	else if (!mark(c->known, page))
		tell(c, FAR_SPIFFS_PAGE_ORPHAN, page, id, span, 0);
}

/* One that the look-up gives to this file. */
static int check_used(struct check *c, uint32_t page, uint32_t id)
{
	uint8_t raw[FAR_SPIFFS_HEADER];
	int rc = far_spiffs_get(c->fs, page * c->fs->geometry.page_size, raw, sizeof(raw));
	uint32_t span = far_get_le16(raw + FAR_SPIFFS_AT_SPAN);
	uint32_t flags = raw[FAR_SPIFFS_AT_FLAGS];
	/* Both bits must be 0, and the page not deleted; else the power failed in between. */
	uint32_t whole = FAR_SPIFFS_USED | FAR_SPIFFS_FINAL | FAR_SPIFFS_DELETED;

	if (rc != FAR_OK)
		return rc;
	if ((flags & whole) != FAR_SPIFFS_DELETED) {
		c->counts->half++;
		tell(c, FAR_SPIFFS_PAGE_HALF, page, id, 0, 0);
	} else if (far_get_le16(raw + FAR_SPIFFS_AT_ID) != id) {
		contradiction(c, page, id, span);
	} else {
		check_live(c, page, id, span, flags);
	}
	return FAR_OK;
}

static int check_pages(struct check *c)
{
	const struct far_spiffs_geometry *g = &c->fs->geometry;
	struct far_spiffs_scan s;
	uint32_t page, id;
	int rc;

	far_spiffs_scan_begin(&s, 0, g->blocks * g->pages);
	for (;;) {
		rc = far_spiffs_scan_next(c->fs, &s, &page, &id);
		if (rc == FAR_ERR_ABSENT)
			return FAR_OK;
		if (rc == FAR_OK && page % g->pages == g->lookup_pages)
			rc = progress(c);
		if (rc != FAR_OK)
			return rc;
		if (id == FAR_SPIFFS_ID_FREE)
			rc = check_free(c, page);
		else if (id == FAR_SPIFFS_ID_DELETED)
			c->counts->deleted++;
		else
			rc = check_used(c, page, id);
		if (rc != FAR_OK)
			return rc;
	}
}

int far_spiffs_check(struct far_spiffs *fs, const struct far_spiffs_check_config *config,
		     struct far_spiffs_counts *counts)
{
	const struct far_spiffs_geometry *g = &fs->geometry;
	uint32_t map = g->blocks * g->pages / 8 + 1;
	struct check c = { .fs = fs, .config = config, .counts = counts };
	int rc;

	memset(counts, 0, sizeof(*counts));
	if (config->work == NULL || config->work_len < map || config->cache == NULL ||
	    config->cache_len < 2)
		return FAR_ERR_ARG;
	c.known = config->work;
	c.seen = config->work + map;
	c.seen_len = config->work_len - map;
	memset(config->work, 0, config->work_len);
	counts->pages = far_spiffs_usable_pages(g);
	if (fs->bad_block != FAR_SPIFFS_NO_BLOCK) {
		tell(&c, FAR_SPIFFS_NO_MAGIC, fs->bad_block * g->pages, 0, 0, 0);
		counts->deleted += g->pages - g->lookup_pages;
	}
	rc = check_files(&c);
	if (rc == FAR_OK)
		rc = check_pages(&c);
	if (rc == FAR_OK && counts->damages > 0)
		rc = FAR_ERR_VERIFY;
	return rc;
}
