/* SPDX-License-Identifier: Apache-2.0 */
#include "service/spiffs/spiffs.h"
#include "core/bytes.h"
#include "service/spiffs/scan.h"

enum {
	NAME_PIECE = 32,   /* bytes of a name that are compared at once */
	READ_MAX = 1 << 30 /* bytes of one call, so that the count fits its type */
};

/* ---- mount ----------------------------------------------------------------------------------- */

/* Read the magic of every block; all but one must be right, and one at least. */
static int check_magic(struct far_spiffs *fs)
{
	const struct far_spiffs_geometry *g = &fs->geometry;
	uint8_t raw[2];

	for (uint32_t block = 0; block < g->blocks; block++) {
		uint32_t offset = block * g->block_size + g->lookup_pages * g->page_size - 4;
		int rc = far_spiffs_get(fs, offset, raw, sizeof(raw));

		if (rc != FAR_OK)
			return rc;
		if (far_get_le16(raw) == far_spiffs_magic(g, block))
			continue;
		if (fs->bad_block != FAR_SPIFFS_NO_BLOCK)
			return far_spiffs_bad(fs, offset);
		fs->bad_block = block;
		fs->bad_magic = far_get_le16(raw);
		if (g->blocks == 1)
			return far_spiffs_bad(fs, offset);
	}
	return FAR_OK;
}

int far_spiffs_mount(struct far_spiffs *fs, const struct far_spiffs_config *config)
{
	struct far_flash *flash = config->flash;
	int rc;

	if (flash == NULL)
		return FAR_ERR_ARG;
	*fs = (struct far_spiffs){
		.flash = flash,
		.addr = config->addr,
		.len = config->len,
		.bad_block = FAR_SPIFFS_NO_BLOCK,
	};
	if (fs->addr > flash->info.size || fs->len > flash->info.size - fs->addr)
		return FAR_ERR_RANGE;
	if (fs->len == 0)
		fs->len = flash->info.size - fs->addr;
	rc = far_spiffs_geometry(&fs->geometry, &config->params, fs->len);
	if (rc == FAR_OK && fs->geometry.magic)
		rc = check_magic(fs);
	return rc;
}

/* ---- files by name --------------------------------------------------------------------------- */

/* Does the head have this name, of len bytes? 1, 0, or an error. */
static int has_name(struct far_spiffs *fs, uint32_t page, const char *name, uint32_t len)
{
	uint32_t offset = page * fs->geometry.page_size + FAR_SPIFFS_AT_NAME;
	uint8_t raw[NAME_PIECE];
	/* With its NUL, if there is room for one. */
	uint32_t all = far_min32(len + 1, fs->geometry.name_len);

	for (uint32_t at = 0; at < all; at += NAME_PIECE) {
		uint32_t n = far_min32(all - at, NAME_PIECE);
		int rc = far_spiffs_get(fs, offset + at, raw, n);

		if (rc != FAR_OK)
			return rc;
		if (memcmp(raw, name + at, n) != 0)
			return 0;
	}
	return 1;
}

/* Find the head of the first file of this name; raw becomes its beginning. */
static int find_name(struct far_spiffs *fs, const char *name, uint32_t *page,
		     uint8_t raw[FAR_SPIFFS_HEAD_LEN])
{
	struct far_spiffs_scan s;
	uint32_t len = 0;
	int rc;

	if (fs == NULL || name == NULL || name[0] == '\0')
		return FAR_ERR_ARG;
	while (len <= fs->geometry.name_len && name[len] != '\0')
		len++;
	if (len > fs->geometry.name_len)
		return FAR_ERR_ABSENT;
	far_spiffs_scan_begin(&s, 0, fs->geometry.blocks * fs->geometry.pages);
	do {
		rc = far_spiffs_next_head(fs, &s, page, raw);
		if (rc == FAR_OK)
			rc = has_name(fs, *page, name, len);
	} while (rc == 0);
	return rc == 1 ? FAR_OK : rc;
}

/* A file's size as its head says; of one that was not finished nothing can be read. */
static uint32_t size_of(const uint8_t *raw, uint8_t *unfinished)
{
	uint32_t size = far_get_le32(raw + FAR_SPIFFS_AT_SIZE);

	*unfinished = size == FAR_SPIFFS_SIZE_UNKNOWN;
	return *unfinished ? 0 : size;
}

static int open_head(struct far_spiffs *fs, struct far_spiffs_file *file, uint32_t page,
		     const uint8_t *raw, void *cache, uint32_t cache_len)
{
	if (cache == NULL || cache_len < 2)
		return FAR_ERR_ARG;
	*file = (struct far_spiffs_file){ .fs = fs };
	file->id = far_get_le16(raw + FAR_SPIFFS_AT_ID) & ~FAR_SPIFFS_ID_INDEX;
	file->size = size_of(raw, &file->unfinished);
	file->_state.head = file->_state.index = page;
	file->_state.cache = cache;
	file->_state.cache_len = cache_len;
	if (file->size > far_spiffs_usable_pages(&fs->geometry) * fs->geometry.data_len)
		return far_spiffs_bad(fs, page * fs->geometry.page_size + FAR_SPIFFS_AT_SIZE);
	return FAR_OK;
}

int far_spiffs_open(struct far_spiffs *fs, struct far_spiffs_file *file, const char *name,
		    void *cache, uint32_t cache_len)
{
	uint8_t raw[FAR_SPIFFS_HEAD_LEN];
	uint32_t page;
	int rc = find_name(fs, name, &page, raw);

	return rc == FAR_OK ? open_head(fs, file, page, raw, cache, cache_len) : rc;
}

int far_spiffs_open_entry(struct far_spiffs *fs, struct far_spiffs_file *file,
			  const struct far_spiffs_entry *entry, void *cache, uint32_t cache_len)
{
	uint8_t raw[FAR_SPIFFS_HEAD_LEN];
	int rc = far_spiffs_get_head(fs, entry->page, entry->id | FAR_SPIFFS_ID_INDEX, raw);

	if (rc == 0)
		return FAR_ERR_ABSENT;
	return rc == 1 ? open_head(fs, file, entry->page, raw, cache, cache_len) : rc;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Have the index page with this span at hand: *index_span tells which one that is. */
static int enter_index(struct far_spiffs_file *file, uint32_t span)
{
	uint32_t id = file->id | FAR_SPIFFS_ID_INDEX;
	uint32_t page = file->_state.head;
	int rc;

	if (span == file->_state.index_span)
		return FAR_OK;
	if (span > 0) {
		rc = far_spiffs_find(file->fs, id, span, file->_state.index, &page);
		if (rc == FAR_ERR_ABSENT)
			return far_spiffs_bad(file->fs,
					      file->_state.head * file->fs->geometry.page_size);
		if (rc != FAR_OK)
			return rc;
	}
	file->_state.index_span = span;
	file->_state.index = page;
	file->_state.count = 0;
	return FAR_OK;
}

/* Have the entry in the cache: *entry points to it, *offset says where in the image it stands. */
static int cache_entry(struct far_spiffs_file *file, uint32_t n, uint32_t table, uint32_t entries,
		       uint32_t *offset, uint8_t **entry)
{
	uint32_t window = file->_state.cache_len / 2;
	uint32_t at = file->_state.index * file->fs->geometry.page_size + table;
	int rc = FAR_OK;

	if (n - file->_state.first >= file->_state.count) {
		file->_state.first = n - n % window;
		file->_state.count = 0;
		window = far_min32(window, entries - file->_state.first);
		rc = far_spiffs_get(file->fs, at + 2 * file->_state.first, file->_state.cache,
				    2 * window);
		if (rc == FAR_OK)
			file->_state.count = window;
	}
	*offset = at + 2 * n;
	*entry = file->_state.cache + 2 * (n - file->_state.first);
	return rc;
}

/* The index's entry for this page of data. */
static int find_entry(struct far_spiffs_file *file, uint32_t span, uint32_t *offset,
		      uint8_t **entry)
{
	const struct far_spiffs_geometry *g = &file->fs->geometry;
	uint32_t table = g->head_table, entries = g->head_entries, index = 0;
	int rc;

	if (span >= entries) {
		span -= entries;
		table = FAR_SPIFFS_TABLE;
		entries = g->index_entries;
		index = 1 + span / entries;
		span %= entries;
	}
	rc = enter_index(file, index);
	return rc == FAR_OK ? cache_entry(file, span, table, entries, offset, entry) : rc;
}

int far_spiffs_listed(struct far_spiffs_file *file, uint32_t span, struct far_spiffs_place *place)
{
	int rc = find_entry(file, span, &place->offset, &place->entry);

	if (rc != FAR_OK)
		return rc;
	place->page = far_get_le16(place->entry);
	return far_spiffs_is_page(file->fs, place->page, file->id, span);
}

/*
 * Where is this page of data? Where the index says; or, if the power failed after it was moved and
 * before the index was written anew, anywhere. That can happen to the pages of one block.
 */
static int find_data(struct far_spiffs_file *file, uint32_t span, uint32_t *page)
{
	struct far_spiffs *fs = file->fs;
	struct far_spiffs_place place = { 0 };
	int rc = far_spiffs_listed(file, span, &place);

	*page = place.page;
	if (rc != 0)
		return rc == 1 ? FAR_OK : rc;
	if (file->_state.moved++ >= fs->geometry.pages)
		return far_spiffs_bad(fs, place.offset);
	rc = far_spiffs_find(fs, file->id, span, file->_state.index, page);
	if (rc == FAR_OK)
		far_put_le16(place.entry, *page);
	return rc == FAR_ERR_ABSENT ? far_spiffs_bad(fs, place.offset) : rc;
}

int32_t far_spiffs_read(struct far_spiffs_file *file, void *buf, uint32_t len)
{
	const struct far_spiffs_geometry *g = &file->fs->geometry;
	uint32_t left = far_min32(far_min32(len, READ_MAX), file->size - file->at);
	uint8_t *to = buf;

	while (left > 0) {
		uint32_t within = file->at % g->data_len;
		uint32_t n = far_min32(left, g->data_len - within);
		uint32_t page;
		int rc = find_data(file, file->at / g->data_len, &page);

		if (rc == FAR_OK)
			rc = far_spiffs_get(
				file->fs, page * g->page_size + FAR_SPIFFS_HEADER + within, to, n);
		if (rc != FAR_OK)
			return rc;
		to += n;
		file->at += n;
		left -= n;
	}
	return (int32_t)(to - (uint8_t *)buf);
}

int far_spiffs_seek(struct far_spiffs_file *file, uint32_t offset)
{
	if (offset > file->size)
		return FAR_ERR_RANGE;
	file->at = offset;
	file->_state.moved = 0;
	return FAR_OK;
}

/* ---- all files ------------------------------------------------------------------------------- */

static int fill(struct far_spiffs *fs, struct far_spiffs_entry *entry, uint32_t page,
		const uint8_t *raw)
{
	const struct far_spiffs_geometry *g = &fs->geometry;
	uint32_t name = page * g->page_size + FAR_SPIFFS_AT_NAME;

	entry->id = far_get_le16(raw + FAR_SPIFFS_AT_ID) & ~FAR_SPIFFS_ID_INDEX;
	entry->page = page;
	entry->size = size_of(raw, &entry->unfinished);
	entry->type = raw[FAR_SPIFFS_AT_TYPE];
	entry->meta_at = fs->addr + name + g->name_len;
	entry->name[g->name_len] = '\0';
	return far_spiffs_get(fs, name, entry->name, g->name_len);
}

int far_spiffs_stat(struct far_spiffs *fs, const char *name, struct far_spiffs_entry *entry)
{
	uint8_t raw[FAR_SPIFFS_HEAD_LEN];
	uint32_t page;
	int rc = find_name(fs, name, &page, raw);

	return rc == FAR_OK ? fill(fs, entry, page, raw) : rc;
}

/* Note that the id was met. Was it before? */
static int met(struct far_spiffs_walk *w, uint32_t id)
{
	uint8_t bit = (uint8_t)(1u << id % 8);
	int before;

	if (w->seen == NULL || id / 8 >= w->seen_len)
		return 0;
	before = (w->seen[id / 8] & bit) != 0;
	w->seen[id / 8] |= bit;
	return before;
}

int far_spiffs_next(struct far_spiffs_walk *w, struct far_spiffs_entry *entry)
{
	struct far_spiffs *fs = w->fs;
	struct far_spiffs_scan s;
	uint8_t raw[FAR_SPIFFS_HEAD_LEN];
	uint32_t page;
	int rc;

	far_spiffs_scan_begin(&s, w->at, fs->geometry.blocks * fs->geometry.pages);
	do {
		rc = far_spiffs_next_head(fs, &s, &page, raw);
	} while (rc == FAR_OK &&
		 met(w, far_get_le16(raw + FAR_SPIFFS_AT_ID) & ~FAR_SPIFFS_ID_INDEX));
	w->at = s.at;
	return rc == FAR_OK ? fill(fs, entry, page, raw) : rc;
}
