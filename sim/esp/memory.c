/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip's address space as a sparse set of pages: RAM, and registers without a meaning of their
 * own. A page exists once something was written to it; everything else reads as 0.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/esp/chip.h"

/* Ranges do not overlap and nothing spans two of them. */
static const struct esp_range *range_of(const struct far_sim_esp *e, uint32_t addr)
{
	for (const struct esp_range *r = e->row->ranges; r->end != 0; r++) {
		if (addr >= r->start && addr < r->end)
			return r;
	}
	return NULL;
}

/* Would a load from all of [addr, addr + len) be answered? */
bool esp_mem_exists(const struct far_sim_esp *e, uint32_t addr, uint32_t len)
{
	const struct esp_range *r = range_of(e, addr);

	return r && len <= r->end - addr;
}

/* Is all of it RAM? */
bool esp_mem_loadable(const struct far_sim_esp *e, uint32_t addr, uint32_t len)
{
	const struct esp_range *r = range_of(e, addr);

	return r && r->kind == SPACE_RAM && len <= r->end - addr;
}

bool esp_mem_is_rom(const struct far_sim_esp *e, uint32_t addr)
{
	const struct esp_range *r = range_of(e, addr);

	return r && r->kind == SPACE_ROM;
}

static uint8_t *page_of(const struct far_sim_esp *e, uint32_t addr)
{
	for (size_t i = 0; i < e->page_count; i++) {
		if (e->pages[i].base == addr - addr % ESP_MEM_PAGE)
			return e->pages[i].bytes;
	}
	return NULL;
}

/* NULL when the host has filled all that there is; what it writes then is lost. */
static uint8_t *page_made(struct far_sim_esp *e, uint32_t addr)
{
	uint8_t *bytes = page_of(e, addr);

	if (bytes || e->page_count == ESP_MEM_PAGES)
		return bytes;
	bytes = calloc(1, ESP_MEM_PAGE);
	if (bytes)
		e->pages[e->page_count++] = (struct esp_page){
			.base = addr - addr % ESP_MEM_PAGE,
			.bytes = bytes,
		};
	return bytes;
}

/* The aligned word that holds addr. */
uint32_t esp_mem_get(const struct far_sim_esp *e, uint32_t addr)
{
	const uint8_t *bytes = page_of(e, addr);

	return bytes ? esp_le32(bytes + addr % ESP_MEM_PAGE / 4u * 4u) : 0;
}

void esp_mem_put(struct far_sim_esp *e, uint32_t addr, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t room = ESP_MEM_PAGE - addr % ESP_MEM_PAGE;
		size_t n = len < room ? len : room;
		uint8_t *page = page_made(e, addr);

		if (page)
			memcpy(page + addr % ESP_MEM_PAGE, bytes, n);
		addr += (uint32_t)n;
		bytes += n;
		len -= n;
	}
}

/*
 * Blocks of one download follow each other; of more pieces than there is room for the last is lost.
 */
void esp_mem_load(struct far_sim_esp *e, uint32_t addr, const uint8_t *bytes, size_t len)
{
	uint32_t end = addr + (uint32_t)len;

	esp_mem_put(e, addr, bytes, len);
	for (size_t i = 0; i < e->loaded_count; i++) {
		struct esp_loaded *l = &e->loaded[i];

		if (addr >= l->start && addr <= l->end) {
			l->end = end > l->end ? end : l->end;
			return;
		}
	}
	if (e->loaded_count < ESP_LOADS)
		e->loaded[e->loaded_count++] = (struct esp_loaded){ .start = addr, .end = end };
}

/* The piece that holds addr and goes on longest; NULL: none. */
static const struct esp_loaded *piece_at(const struct far_sim_esp *e, uint32_t addr)
{
	const struct esp_loaded *best = NULL;

	for (size_t i = 0; i < e->loaded_count; i++) {
		const struct esp_loaded *l = &e->loaded[i];

		if (addr >= l->start && addr < l->end && (!best || l->end > best->end))
			best = l;
	}
	return best;
}

bool esp_mem_loaded(const struct far_sim_esp *e, uint32_t addr, uint32_t len)
{
	uint32_t end = addr + len;

	while (addr < end) {
		const struct esp_loaded *l = piece_at(e, addr);

		if (!l)
			return false;
		addr = l->end;
	}
	return true;
}

void esp_mem_clear(struct far_sim_esp *e)
{
	e->loaded_count = 0;
	for (size_t i = 0; i < e->page_count; i++)
		free(e->pages[i].bytes);
	e->page_count = 0;
}
