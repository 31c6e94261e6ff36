/* SPDX-License-Identifier: Apache-2.0 */
#include "service/spiffs/build.h"
#include "core/bytes.h"
#include "farflash/err.h"
#include "service/spiffs/format.h"

/* Flags of whole pages: what is not said is 1. */
#define DATA_PAGE  (0xFFu & ~(FAR_SPIFFS_USED | FAR_SPIFFS_FINAL))
#define INDEX_PAGE (DATA_PAGE & ~FAR_SPIFFS_INDEX)

int far_spiffs_build_begin(struct far_spiffs_build *b, const struct far_spiffs_build_config *config)
{
	int rc;

	memset(b, 0, sizeof(*b));
	if (config->block == NULL || config->write == NULL)
		return FAR_ERR_ARG;
	rc = far_spiffs_geometry(&b->geometry, &config->params, config->size);
	if (rc == FAR_OK && config->block_len < b->geometry.block_size)
		rc = FAR_ERR_ARG;
	if (rc != FAR_OK)
		return rc;
	b->pages_left = far_spiffs_usable_pages(&b->geometry);
	b->_state.config = config;
	b->_state.open = 1;
	return FAR_OK;
}

/* ---- blocks and pages ------------------------------------------------------------------------ */

/* Hand the block before page, which is the first of the next, to whoever writes. */
static int emit(struct far_spiffs_build *b)
{
	const struct far_spiffs_build_config *c = b->_state.config;
	uint32_t size = b->geometry.block_size;
	uint32_t block = b->_state.page / b->geometry.pages - 1;
	int rc = c->write(c->ctx, block * size, c->block, size);

	if (rc != FAR_OK)
		b->_state.open = 0;
	return rc;
}

/* Begin the block of page, its first: blank but for its magic. */
static void begin_block(struct far_spiffs_build *b)
{
	const struct far_spiffs_geometry *g = &b->geometry;
	uint8_t *block = b->_state.config->block;

	memset(block, 0xFF, g->block_size);
	if (g->magic)
		far_put_le16(block + g->lookup_pages * g->page_size - 4,
			     far_spiffs_magic(g, b->_state.page / g->pages));
	b->_state.page += g->lookup_pages;
}

/* Take the next page, whose header becomes this; there is one. *at points to it. */
static int take(struct far_spiffs_build *b, uint32_t id, uint32_t span, uint32_t flags,
		uint8_t **at)
{
	const struct far_spiffs_geometry *g = &b->geometry;
	uint8_t *block = b->_state.config->block;
	uint32_t n = b->_state.page % g->pages;
	int rc;

	if (n == 0) {
		rc = b->_state.page > 0 ? emit(b) : FAR_OK;
		if (rc != FAR_OK)
			return rc;
		begin_block(b);
		n = g->lookup_pages;
	}
	b->_state.page++;
	b->pages_left--;
	far_put_le16(block + (n - g->lookup_pages) * 2, id);
	*at = block + n * g->page_size;
	far_put_le16(*at + FAR_SPIFFS_AT_ID, id);
	far_put_le16(*at + FAR_SPIFFS_AT_SPAN, span);
	(*at)[FAR_SPIFFS_AT_FLAGS] = (uint8_t)flags;
	return FAR_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* Note in an index page the numbers of the data pages that will follow it. */
static void fill_table(struct far_spiffs_build *b, uint8_t *table, uint32_t entries)
{
	const struct far_spiffs_geometry *g = &b->geometry;
	uint32_t data = b->_state.left / g->data_len + (b->_state.left % g->data_len != 0);
	uint32_t page = b->_state.page;

	b->_state.entries = far_min32(entries, data);
	for (uint32_t i = 0; i < b->_state.entries; i++) {
		if (page % g->pages == 0)
			page += g->lookup_pages;
		far_put_le16(table + 2 * i, page++);
	}
}

/* A page for data, and an index page before it if the last one is full. */
static int take_data(struct far_spiffs_build *b)
{
	uint8_t *at;
	int rc;

	if (b->_state.entries == 0) {
		rc = take(b, b->_state.id | FAR_SPIFFS_ID_INDEX, ++b->_state.index_span, INDEX_PAGE,
			  &at);
		if (rc != FAR_OK)
			return rc;
		fill_table(b, at + FAR_SPIFFS_TABLE, b->geometry.index_entries);
	}
	rc = take(b, b->_state.id, b->_state.span++, DATA_PAGE, &at);
	b->_state.entries--;
	b->_state.to = at + FAR_SPIFFS_HEADER;
	b->_state.room = b->geometry.data_len;
	return rc;
}

static int put_head(struct far_spiffs_build *b, const char *name, uint32_t name_len, uint32_t len)
{
	const struct far_spiffs_geometry *g = &b->geometry;
	uint8_t *at;
	int rc = take(b, b->_state.id | FAR_SPIFFS_ID_INDEX, 0, INDEX_PAGE, &at);

	if (rc != FAR_OK)
		return rc;
	far_put_le32(at + FAR_SPIFFS_AT_SIZE, len);
	at[FAR_SPIFFS_AT_TYPE] = FAR_SPIFFS_TYPE_FILE;
	memset(at + FAR_SPIFFS_AT_NAME, 0, g->name_len + g->meta_len);
	memcpy(at + FAR_SPIFFS_AT_NAME, name, name_len);
	fill_table(b, at + g->head_table, g->head_entries);
	return FAR_OK;
}

/* Does name, of len bytes and a NUL, come behind the last one? */
static int in_order(const struct far_spiffs_build *b, const char *name, uint32_t len)
{
	return b->_state.id == 0 || memcmp(name, b->_state.last, len + 1) > 0;
}

int far_spiffs_build_file(struct far_spiffs_build *b, const char *name, uint32_t len)
{
	uint32_t name_len = 0;

	if (!b->_state.open || b->_state.left > 0)
		return FAR_ERR_STATE;
	if (name == NULL || name[0] == '\0')
		return FAR_ERR_ARG;
	while (name_len < b->geometry.name_len && name[name_len] != '\0')
		name_len++;
	if (name_len == b->geometry.name_len)
		return FAR_ERR_ARG;
	if (!in_order(b, name, name_len))
		return FAR_ERR_STATE;
	if (b->_state.id == FAR_SPIFFS_ID_MAX ||
	    far_spiffs_file_pages(&b->geometry, len) > b->pages_left)
		return FAR_ERR_RANGE;
	memcpy(b->_state.last, name, name_len + 1);
	b->_state.id++;
	b->_state.span = b->_state.index_span = b->_state.room = 0;
	b->_state.left = len;
	return put_head(b, name, name_len, len);
}

int far_spiffs_build_data(struct far_spiffs_build *b, const void *data, uint32_t len)
{
	const uint8_t *from = data;

	if (!b->_state.open)
		return FAR_ERR_STATE;
	if (len > b->_state.left)
		return FAR_ERR_RANGE;
	while (len > 0) {
		int rc = b->_state.room > 0 ? FAR_OK : take_data(b);
		uint32_t n = far_min32(len, b->_state.room);

		if (rc != FAR_OK)
			return rc;
		memcpy(b->_state.to, from, n);
		from += n;
		len -= n;
		b->_state.to += n;
		b->_state.room -= n;
		b->_state.left -= n;
	}
	return FAR_OK;
}

int far_spiffs_build_end(struct far_spiffs_build *b)
{
	const struct far_spiffs_geometry *g = &b->geometry;
	uint32_t end = g->blocks * g->pages;
	int rc = FAR_OK;

	if (!b->_state.open || b->_state.left > 0)
		return FAR_ERR_STATE;
	/* The block that is begun is full from here on; then come those that have nothing. */
	if (b->_state.page % g->pages != 0)
		b->_state.page += g->pages - b->_state.page % g->pages;
	if (b->_state.page > 0)
		rc = emit(b);
	while (rc == FAR_OK && b->_state.page < end) {
		begin_block(b);
		b->_state.page += g->pages - g->lookup_pages;
		rc = emit(b);
	}
	b->_state.open = 0;
	return rc;
}
