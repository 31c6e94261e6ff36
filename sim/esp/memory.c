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

	return r && r->ram && len <= r->end - addr;
}

static uint8_t *page_of(const struct far_sim_esp *e, uint32_t addr)
{
	for (size_t i = 0; i < e->page_count; i++) {
		if (e->pages[i].base == addr - addr % ESP_MEM_PAGE)
			return e->pages[i].bytes;
	}
	return NULL;
}

/* Has anything been written near addr? Starting code elsewhere runs into zeros. */
bool esp_mem_loaded(const struct far_sim_esp *e, uint32_t addr)
{
	return esp_mem_loadable(e, addr, 1) && page_of(e, addr) != NULL;
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

void esp_mem_clear(struct far_sim_esp *e)
{
	for (size_t i = 0; i < e->page_count; i++)
		free(e->pages[i].bytes);
	e->page_count = 0;
}
