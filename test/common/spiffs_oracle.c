/* SPDX-License-Identifier: Apache-2.0 */
#include "test/common/spiffs_oracle.h"

#include <string.h>

/* One page, taken apart. */
struct page {
	const uint8_t *bytes;
	unsigned listed; /* what the look-up says */
	unsigned id, span, flags;
	bool is_lookup;
};

static unsigned u16(const uint8_t *p)
{
	return (unsigned)(p[1] * 256 + p[0]);
}

static unsigned lookup_pages(const struct spiffs_oracle *o)
{
	unsigned n = o->block / o->page * 2 / o->page;

	return n == 0 ? 1 : n;
}

static struct page page(const struct spiffs_oracle *o, uint32_t number)
{
	uint32_t block = number / (o->block / o->page), in = number % (o->block / o->page);
	const uint8_t *first = o->image + (size_t)block * o->block;
	struct page p = { .bytes = first + (size_t)in * o->page };

	p.is_lookup = in < lookup_pages(o);
	if (!p.is_lookup)
		p.listed = u16(first + 2 * (in - lookup_pages(o)));
	p.id = u16(p.bytes);
	p.span = u16(p.bytes + 2);
	p.flags = p.bytes[4];
	return p;
}

static uint32_t pages(const struct spiffs_oracle *o)
{
	return o->len / o->page;
}

/* Two bytes before the last two of the look-up. */
static bool magic_right(const struct spiffs_oracle *o, uint32_t block)
{
	uint32_t wanted = 0x20140529 ^ o->page;
	const uint8_t *there = o->image + (size_t)block * o->block + lookup_pages(o) * o->page - 4;

	if (!o->magic)
		return u16(there) == 0xFFFF;
	if (o->magic_length)
		wanted ^= o->len / o->block - block;
	return u16(there) == wanted % 0x10000;
}

static bool blank(const struct page *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (p->bytes[i] != 0xFF)
			return false;
	return true;
}

bool spiffs_oracle_sound(const struct spiffs_oracle *o)
{
	for (uint32_t b = 0; b < o->len / o->block; b++)
		if (!magic_right(o, b))
			return false;
	for (uint32_t n = 0; n < pages(o); n++) {
		struct page p = page(o, n);

		if (p.is_lookup)
			continue;
		if (p.listed == 0xFFFF
			    ? !blank(&p, o->page)
			    : p.id != p.listed || p.flags != (p.id >= 0x8000 ? 0xF8 : 0xFC))
			return false;
	}
	return true;
}

static bool is_head(const struct page *p)
{
	return !p->is_lookup && p->listed > 0x8000 && p->listed < 0xFFFF && p->id == p->listed &&
	       p->span == 0 && p->flags == 0xF8;
}

uint32_t spiffs_oracle_files(const struct spiffs_oracle *o)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < pages(o); n++) {
		struct page p = page(o, n);

		count += is_head(&p);
	}
	return count;
}

/* All entries of all index pages of a file, one behind the other: how many. */
static uint32_t gather(const struct spiffs_oracle *o, unsigned id, uint16_t *entries)
{
	uint32_t count = 0;

	for (unsigned span = 0;; span++) {
		uint32_t n = 0, at = 8;

		for (; n < pages(o); n++) {
			struct page p = page(o, n);

			if (!p.is_lookup && p.listed == id && p.id == id && p.span == span)
				break;
		}
		if (n == pages(o))
			return count;
		if (span == 0)
			at = 13 + o->name + o->meta;
		if (span == 0 && o->aligned)
			at = (at + 1) / 2 * 2;
		for (; at + 2 <= o->page; at += 2)
			entries[count++] = (uint16_t)u16(page(o, n).bytes + at);
	}
}

long spiffs_oracle_read(const struct spiffs_oracle *o, const char *name, uint8_t *buf, size_t cap)
{
	static uint16_t entries[1 << 20];
	struct page head = { 0 };
	uint32_t n = 0, count, size, left;

	for (; n < pages(o); n++) {
		head = page(o, n);
		if (is_head(&head) && strncmp((const char *)head.bytes + 13, name, o->name) == 0)
			break;
	}
	if (n == pages(o))
		return -1;
	size = left = u16(head.bytes + 8) + 65536 * u16(head.bytes + 10);
	if (size > cap)
		return -2;
	count = gather(o, head.id, entries);
	for (uint32_t span = 0; left > 0; span++) {
		uint32_t most = o->page - 5, some = left < most ? left : most;
		struct page p;

		if (span >= count || entries[span] >= pages(o))
			return -2;
		p = page(o, entries[span]);
		if (p.is_lookup || p.listed != head.id - 0x8000 || p.id != p.listed ||
		    p.span != span || p.flags != 0xFC)
			return -2;
		memcpy(buf + span * most, p.bytes + 5, some);
		left -= some;
	}
	return (long)size;
}
