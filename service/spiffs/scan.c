/* SPDX-License-Identifier: Apache-2.0 */
#include "service/spiffs/scan.h"
#include "core/bytes.h"

int far_spiffs_get(struct far_spiffs *fs, uint32_t offset, void *buf, uint32_t len)
{
	if (offset > fs->len || len > fs->len - offset)
		return FAR_ERR_RANGE;
	return far_flash_read(fs->flash, fs->addr + offset, buf, len);
}

int far_spiffs_bad(struct far_spiffs *fs, uint32_t offset)
{
	fs->bad_addr = fs->addr + offset;
	return FAR_ERR_VERIFY;
}

void far_spiffs_scan_begin(struct far_spiffs_scan *s, uint32_t at, uint32_t end)
{
	s->at = at;
	s->end = end;
	s->first = s->count = 0;
}

/*
 * The entries from s->at on, which is number n of its block: as far as the block and ids go. What
 * cannot be read is passed over.
 */
static int load(struct far_spiffs *fs, struct far_spiffs_scan *s, uint32_t block, uint32_t n)
{
	const struct far_spiffs_geometry *g = &fs->geometry;
	uint32_t offset = block * g->block_size + (n - g->lookup_pages) * 2;
	uint32_t count = far_min32(g->pages - n, FAR_SPIFFS_SCAN_IDS);
	int rc = far_spiffs_get(fs, offset, s->ids, count * 2);

	s->first = s->at;
	s->count = rc == FAR_OK ? count : 0;
	if (rc != FAR_OK)
		s->at += count;
	return rc;
}

int far_spiffs_scan_next(struct far_spiffs *fs, struct far_spiffs_scan *s, uint32_t *page,
			 uint32_t *id)
{
	const struct far_spiffs_geometry *g = &fs->geometry;

	while (s->at < s->end) {
		uint32_t block = s->at / g->pages;
		uint32_t n = s->at % g->pages;
		int rc = FAR_OK;

		if (block == fs->bad_block) {
			s->at += g->pages - n;
		} else if (n < g->lookup_pages) {
			s->at += g->lookup_pages - n;
		} else {
			if (s->at - s->first >= s->count)
				rc = load(fs, s, block, n);
			if (rc != FAR_OK)
				return rc;
			*page = s->at++;
			*id = far_get_le16(s->ids + 2 * (*page - s->first));
			return FAR_OK;
		}
	}
	return FAR_ERR_ABSENT;
}

/* Can the page hold anything but look-up entries, and is it to be believed? */
static int in_use(const struct far_spiffs *fs, uint32_t page)
{
	const struct far_spiffs_geometry *g = &fs->geometry;

	return page / g->pages < g->blocks && page % g->pages >= g->lookup_pages &&
	       page / g->pages != fs->bad_block;
}

/* Written to its end, not deleted, an index or not. */
static int is_live(uint32_t flags, int index)
{
	uint32_t mask = FAR_SPIFFS_USED | FAR_SPIFFS_FINAL | FAR_SPIFFS_INDEX | FAR_SPIFFS_DELETED;

	return (flags & mask) == (FAR_SPIFFS_DELETED | (index ? 0 : FAR_SPIFFS_INDEX));
}

int far_spiffs_is_page(struct far_spiffs *fs, uint32_t page, uint32_t id, uint32_t span)
{
	uint8_t raw[FAR_SPIFFS_HEADER];
	int rc;

	if (!in_use(fs, page))
		return 0;
	rc = far_spiffs_get(fs, page * fs->geometry.page_size, raw, sizeof(raw));
	if (rc != FAR_OK)
		return rc;
	return far_get_le16(raw + FAR_SPIFFS_AT_ID) == id &&
	       far_get_le16(raw + FAR_SPIFFS_AT_SPAN) == span &&
	       is_live(raw[FAR_SPIFFS_AT_FLAGS], (id & FAR_SPIFFS_ID_INDEX) != 0);
}

/* As far_spiffs_find, within [at, end). */
static int find_in(struct far_spiffs *fs, uint32_t id, uint32_t span, uint32_t at, uint32_t end,
		   uint32_t *page)
{
	struct far_spiffs_scan s;
	uint32_t there;
	int rc;

	far_spiffs_scan_begin(&s, at, end);
	do {
		rc = far_spiffs_scan_next(fs, &s, page, &there);
		if (rc == FAR_OK && there == id)
			rc = far_spiffs_is_page(fs, *page, id, span);
	} while (rc == 0);
	return rc == 1 ? FAR_OK : rc;
}

int far_spiffs_find(struct far_spiffs *fs, uint32_t id, uint32_t span, uint32_t near,
		    uint32_t *page)
{
	const struct far_spiffs_geometry *g = &fs->geometry;
	uint32_t start = near - near % g->pages;
	int rc = find_in(fs, id, span, start, g->blocks * g->pages, page);

	return rc == FAR_ERR_ABSENT ? find_in(fs, id, span, 0, start, page) : rc;
}

/* The first index page of a file that is not about to be deleted. */
static int is_head(const uint8_t *raw)
{
	return far_get_le16(raw + FAR_SPIFFS_AT_SPAN) == 0 &&
	       is_live(raw[FAR_SPIFFS_AT_FLAGS], 1) &&
	       (raw[FAR_SPIFFS_AT_FLAGS] & FAR_SPIFFS_DELETING) != 0;
}

int far_spiffs_get_head(struct far_spiffs *fs, uint32_t page, uint32_t id,
			uint8_t raw[FAR_SPIFFS_HEAD_LEN])
{
	int rc;

	if (!in_use(fs, page))
		return 0;
	rc = far_spiffs_get(fs, page * fs->geometry.page_size, raw, FAR_SPIFFS_HEAD_LEN);
	if (rc != FAR_OK)
		return rc;
	return far_get_le16(raw + FAR_SPIFFS_AT_ID) == id && is_head(raw);
}

int far_spiffs_next_head(struct far_spiffs *fs, struct far_spiffs_scan *s, uint32_t *page,
			 uint8_t raw[FAR_SPIFFS_HEAD_LEN])
{
	uint32_t id;
	int rc;

	do {
		rc = far_spiffs_scan_next(fs, s, page, &id);
		if (rc == FAR_OK && id > FAR_SPIFFS_ID_INDEX && id < FAR_SPIFFS_ID_FREE)
			rc = far_spiffs_get_head(fs, *page, id, raw);
	} while (rc == 0);
	return rc == 1 ? FAR_OK : rc;
}
