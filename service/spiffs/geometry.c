/* SPDX-License-Identifier: Apache-2.0 */
#include "service/spiffs/geometry.h"
#include "core/bytes.h"
#include "farflash/err.h"
#include "service/spiffs/format.h"

enum {
	PAGE_MIN = 64, /* what a head needs before its name, and a useful rest */
	PAGE_MAX = 32768,
	MAGIC = 0x0529, /* low half of 0x20140529 */
	MAGIC_SLOTS =
		2 /* last slots of the look-up: the magic, and how often the block was erased */
};

/*
 * Sizes that fit each other, with room for one entry in a head: also if its table is moved to the
 * next even address, as a page's end is even, too.
 */
static int possible(const struct far_spiffs_geometry *g)
{
	if (g->page_size < PAGE_MIN || g->page_size > PAGE_MAX ||
	    (g->page_size & (g->page_size - 1)) != 0)
		return 0;
	if (g->block_size % g->page_size != 0 || g->block_size / g->page_size > FAR_SPIFFS_PAGES)
		return 0;
	return g->name_len <= FAR_SPIFFS_NAME_MAX && g->meta_len < g->page_size &&
	       FAR_SPIFFS_AT_NAME + g->name_len + g->meta_len + 2 <= g->page_size;
}

static void lay_out(struct far_spiffs_geometry *g, int aligned)
{
	g->pages = g->block_size / g->page_size;
	g->lookup_pages = g->pages * 2 / g->page_size;
	if (g->lookup_pages == 0)
		g->lookup_pages = 1;
	g->data_len = g->page_size - FAR_SPIFFS_HEADER;
	g->head_table = FAR_SPIFFS_AT_NAME + g->name_len + g->meta_len;
	if (aligned)
		g->head_table += g->head_table % 2;
	g->head_entries = (g->page_size - g->head_table) / 2; /* at least 1: see possible() */
	g->index_entries = (g->page_size - FAR_SPIFFS_TABLE) / 2;
}

/* Has the look-up a slot for each page of the block, and for what stands at its end? */
static int lookup_fits(const struct far_spiffs_geometry *g)
{
	uint32_t slots = g->lookup_pages * (g->page_size / 2);
	uint32_t taken = g->pages - g->lookup_pages + (g->magic ? MAGIC_SLOTS : 1u);

	return g->pages > g->lookup_pages && taken <= slots;
}

int far_spiffs_geometry(struct far_spiffs_geometry *g, const struct far_spiffs_params *params,
			uint32_t size)
{
	*g = (struct far_spiffs_geometry){
		.page_size = params->page_size != 0 ? params->page_size : 256,
		.block_size = params->block_size != 0 ? params->block_size : 4096,
		.name_len = params->name_len != 0 ? params->name_len : 32,
		.meta_len = params->meta_len != 0 ? params->meta_len : 4,
		.magic = !params->no_magic,
		.magic_length = !params->no_magic_length,
	};
	if (params->meta_len == FAR_SPIFFS_NO_META)
		g->meta_len = 0;
	if (!possible(g))
		return FAR_ERR_ARG;
	lay_out(g, params->aligned_tables != 0);
	if (!lookup_fits(g))
		return FAR_ERR_ARG;
	if (size == 0 || size % g->block_size != 0)
		return FAR_ERR_ALIGN;
	g->blocks = size / g->block_size;
	return size / g->page_size > FAR_SPIFFS_PAGES ? FAR_ERR_RANGE : FAR_OK;
}

uint32_t far_spiffs_magic(const struct far_spiffs_geometry *g, uint32_t block)
{
	uint32_t length = g->magic_length ? g->blocks - block : 0;

	return (MAGIC ^ g->page_size ^ length) & 0xFFFF;
}

uint32_t far_spiffs_file_pages(const struct far_spiffs_geometry *g, uint32_t len)
{
	uint32_t data = len / g->data_len + (len % g->data_len != 0);
	uint32_t more = data > g->head_entries ? data - g->head_entries : 0;

	return 1 + data + (more + g->index_entries - 1) / g->index_entries;
}

uint32_t far_spiffs_usable_pages(const struct far_spiffs_geometry *g)
{
	return g->blocks * (g->pages - g->lookup_pages);
}
