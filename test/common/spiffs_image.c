/* SPDX-License-Identifier: Apache-2.0 */
#include "test/common/spiffs_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void put16(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value & 0xFF);
	to[1] = (uint8_t)(value >> 8 & 0xFF);
}

static uint32_t per_block(const struct spiffs_image *i)
{
	return i->block / i->page;
}

/* Pages at the beginning of each block that hold two bytes for each page. */
static uint32_t lookups(const struct spiffs_image *i)
{
	uint32_t n = 2 * per_block(i) / i->page;

	return n > 1 ? n : 1;
}

void spiffs_image_open_as(struct spiffs_image *i, uint32_t blocks, uint32_t page, uint32_t block,
			  uint32_t name, uint32_t meta)
{
	i->page = page;
	i->block = block;
	i->name = name;
	i->meta = meta;
	i->len = blocks * block;
	assert_true(i->len <= sizeof(i->bytes));
	memset(i->bytes, 0xFF, i->len);
	for (uint32_t b = 0; b < blocks; b++)
		put16(i->bytes + b * block + lookups(i) * page - 4,
		      0x20140529 ^ page ^ (blocks - b));
}

void spiffs_image_open(struct spiffs_image *i, uint32_t blocks)
{
	spiffs_image_open_as(i, blocks, 256, 4096, 32, 4);
}

uint8_t *spiffs_image_page(struct spiffs_image *i, uint32_t page)
{
	assert_true(page < i->len / i->page);
	return i->bytes + page * i->page;
}

uint8_t *spiffs_image_lookup(struct spiffs_image *i, uint32_t page)
{
	uint32_t block = page / per_block(i), n = page % per_block(i);

	assert_true(n >= lookups(i));
	return i->bytes + block * i->block + 2 * (n - lookups(i));
}

void spiffs_image_header(struct spiffs_image *i, uint32_t page, uint32_t id, uint32_t span,
			 uint32_t flags)
{
	uint8_t *p = spiffs_image_page(i, page);

	put16(p, id);
	put16(p + 2, span);
	p[4] = (uint8_t)flags;
	put16(spiffs_image_lookup(i, page), id);
}

static void table(uint8_t *at, const uint32_t *entries, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++)
		put16(at + 2 * k, entries[k]);
}

void spiffs_image_head(struct spiffs_image *i, uint32_t page, uint32_t id, const char *name,
		       uint32_t size, const uint32_t *entries, uint32_t n)
{
	uint8_t *p = spiffs_image_page(i, page);

	assert_true(strlen(name) <= i->name);
	assert_true(13 + i->name + i->meta + 2 * n <= i->page);
	spiffs_image_header(i, page, id | 0x8000, 0, SPIFFS_INDEX);
	put16(p + 8, size & 0xFFFF);
	put16(p + 10, size >> 16);
	p[12] = 1;
	memset(p + 13, 0, i->name + i->meta);
	memcpy(p + 13, name, strlen(name));
	table(p + 13 + i->name + i->meta, entries, n);
}

void spiffs_image_index(struct spiffs_image *i, uint32_t page, uint32_t id, uint32_t span,
			const uint32_t *entries, uint32_t n)
{
	assert_true(8 + 2 * n <= i->page);
	spiffs_image_header(i, page, id | 0x8000, span, SPIFFS_INDEX);
	table(spiffs_image_page(i, page) + 8, entries, n);
}

void spiffs_image_data(struct spiffs_image *i, uint32_t page, uint32_t id, uint32_t span,
		       const void *data, uint32_t len)
{
	assert_true(len <= i->page - 5);
	spiffs_image_header(i, page, id, span, SPIFFS_DATA);
	memcpy(spiffs_image_page(i, page) + 5, data, len);
}

void spiffs_image_delete(struct spiffs_image *i, uint32_t page)
{
	put16(spiffs_image_lookup(i, page), 0);
	spiffs_image_page(i, page)[4] &= 0x7E;
}

/* ---- a flash that holds an image ------------------------------------------------------------- */

static int flash_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	struct spiffs_flash *s = (struct spiffs_flash *)(void *)f;

	if (addr < s->addr || addr - s->addr > s->len || len > s->len - (addr - s->addr))
		fail_msg("read [%#x, +%#x) outside the image [%#x, +%#x)", addr, len, s->addr,
			 s->len);
	s->reads++;
	if (s->reads == s->fail_at)
		return far_flash_fail(f, FAR_ERR_TIMEOUT, addr, 0, 0, 0);
	memcpy(buf, s->bytes + (addr - s->addr), len);
	return FAR_OK;
}

void spiffs_flash_open(struct spiffs_flash *f, const uint8_t *bytes, uint32_t len, uint32_t addr)
{
	static const struct far_flash_ops ops = { .read = flash_read };

	*f = (struct spiffs_flash){
		.flash = { .ops = &ops,
			   .info = { .size = addr + len + 0x1000,
				     .sector_size = 0x1000,
				     .write_block = 1,
				     .erase_value = 0xFF,
				     .caps = FAR_FLASH_CAN_READ } },
		.bytes = bytes,
		.addr = addr,
		.len = len,
	};
}
