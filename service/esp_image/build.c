/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building: a plan of the segments first, because the header tells their number, then the bytes.
 */
#include "service/esp_image/internal.h"

#define IMAGE_MAX    0x10000000u /* no flash is larger */
#define WP_DISABLED  0xEEu       /* the bootloader sets the pin up itself */
#define MAPPED_SLACK 0x24u       /* see add_mapped */

/* Pieces that adjoin, as whole words: what becomes one segment, or several of them. */
struct group {
	uint32_t addr, len;
	unsigned piece, count;
	int mapped;
};

static uint32_t word_up(uint32_t v)
{
	return (v + 3) & ~UINT32_C(3);
}

static uint32_t word_down(uint32_t v)
{
	return v & ~UINT32_C(3);
}

static int bad(struct far_esp_image_build *b, enum far_esp_image_bad what, unsigned piece)
{
	b->bad = what;
	b->bad_piece = piece;
	return FAR_ERR_RANGE;
}

/* By insertion: a linker's output is sorted already, or nearly. */
static void sort(struct far_esp_image_build *b)
{
	for (unsigned i = 1; i < b->count; i++) {
		struct far_esp_image_piece piece = b->pieces[i];
		unsigned k = i;

		for (; k > 0 && b->pieces[k - 1].addr > piece.addr; k--)
			b->pieces[k] = b->pieces[k - 1];
		b->pieces[k] = piece;
	}
}

static int is_mapped(const struct far_esp_image_build *b, unsigned piece)
{
	return far_esp_image_is_mapped(b->chip, b->pieces[piece].addr);
}

/* The group that begins with a piece; a count of 0 is behind the last one. */
static struct group group_at(const struct far_esp_image_build *b, unsigned piece)
{
	struct group g = { .piece = piece };

	if (piece >= b->count)
		return g;
	g.addr = word_down(b->pieces[piece].addr);
	g.mapped = is_mapped(b, piece);
	for (; piece < b->count && is_mapped(b, piece) == g.mapped; piece++, g.count++) {
		const struct far_esp_image_piece *p = &b->pieces[piece];

		if (g.count > 0 && word_down(p->addr) > g.addr + g.len)
			break;
		g.len = word_up(p->addr + p->len) - g.addr;
	}
	return g;
}

/* Every piece for itself, then each with the one below it. */
static int check_pieces(struct far_esp_image_build *b)
{
	for (unsigned i = 0; i < b->count; i++) {
		const struct far_esp_image_piece *p = &b->pieces[i];

		if (p->len == 0 || !p->data)
			return FAR_ERR_ARG;
		if (p->len > IMAGE_MAX || p->addr > UINT32_MAX - 3 - p->len)
			return bad(b, FAR_ESP_IMAGE_BAD_LEN, i);
		if (b->chip->id == FAR_ESP_IMAGE_NO_ID && is_mapped(b, i))
			return FAR_ERR_ARG;
		if (i > 0 && p->addr < p[-1].addr + p[-1].len)
			return bad(b, FAR_ESP_IMAGE_BAD_OVERLAP, i);
	}
	return FAR_OK;
}

/* A page of the flash appears at one place only. */
static int check_pages(struct far_esp_image_build *b)
{
	struct group before = { 0 };

	for (struct group g = group_at(b, 0); g.count > 0; g = group_at(b, g.piece + g.count)) {
		if (!g.mapped)
			continue;
		if (before.count > 0 &&
		    (before.addr + before.len - 1) / b->page == g.addr / b->page)
			return bad(b, FAR_ESP_IMAGE_BAD_PAGE, g.piece);
		before = g;
	}
	return FAR_OK;
}

/* b->len is where the next segment's head goes. */
static int add(struct far_esp_image_build *b, const struct group *g, uint32_t len)
{
	struct far_esp_image_planned *s = &b->segment[b->segments];

	if (b->segments == FAR_ESP_IMAGE_SEGMENTS)
		return bad(b, FAR_ESP_IMAGE_BAD_COUNT, g->piece);
	if (len > IMAGE_MAX || b->len > IMAGE_MAX - len)
		return bad(b, FAR_ESP_IMAGE_BAD_LEN, g->piece);
	*s = (struct far_esp_image_planned){ g->addr, len, g->piece, g->count };
	b->segments++;
	b->len += HEAD_LEN + len;
	return FAR_OK;
}

/* Go on to the next group that is not mapped. */
static void next_loaded(const struct far_esp_image_build *b, struct group *g)
{
	do
		*g = group_at(b, g->piece + g->count);
	while (g->count > 0 && g->mapped);
}

/* Take len bytes off the front of what is to be loaded. */
static int add_loaded(struct far_esp_image_build *b, struct group *loaded, uint32_t len)
{
	int err = add(b, loaded, len);

	loaded->addr += len;
	loaded->len -= len;
	if (loaded->len == 0)
		next_loaded(b, loaded);
	return err;
}

/*
 * How many bytes must lie between here and the head of a segment that is mapped at addr: none, or
 * enough for a segment with its head and at least a word.
 */
static uint32_t gap(const struct far_esp_image_build *b, uint32_t addr)
{
	uint32_t bytes = (addr - (b->len + HEAD_LEN)) % b->page;

	return bytes > 0 && bytes < HEAD_LEN + 4 ? bytes + b->page : bytes;
}

/*
 * How much of the loaded group fills a gap for so many bytes: all that fits, but what it leaves
 * must have room for another segment. Else filling would cost a whole page more.
 */
static uint32_t share(uint32_t bytes, uint32_t loaded)
{
	uint32_t left = bytes - loaded;

	if (loaded >= bytes)
		return bytes;
	if (left >= HEAD_LEN + 4)
		return loaded;
	left = HEAD_LEN + 4 - left;
	return loaded > left ? loaded - left : 0;
}

/*
 * A mapped segment, with what must lie before it. Some bootloaders count its pages from its length
 * alone, not from where it begins in the first one; so where it would use no more of its last page
 * than that start, it is made to use more.
 */
static int add_mapped(struct far_esp_image_build *b, const struct group *g, struct group *loaded)
{
	static const struct group padding = { 0 };

	for (uint32_t bytes; (bytes = gap(b, g->addr)) > 0;) {
		uint32_t n = loaded->count ? share(bytes - HEAD_LEN, loaded->len) : 0;
		int err = n > 0 ? add_loaded(b, loaded, n) : add(b, &padding, bytes - HEAD_LEN);

		if (err != FAR_OK)
			return err;
	}
	uint32_t over = (g->addr + g->len) % b->page;
	return add(b, g, over > 0 && over < MAPPED_SLACK ? g->len + MAPPED_SLACK - over : g->len);
}

static int has_first(const struct far_esp_image_build *b, const struct group *g)
{
	int first = 0;

	for (unsigned i = 0; i < g->count; i++)
		first |= b->pieces[g->piece + i].first;
	return first;
}

/* Those that are to be first, and then the others, in the order of their addresses. */
static int plan_segments(struct far_esp_image_build *b)
{
	struct group loaded = group_at(b, 0);
	int err = FAR_OK;

	if (loaded.mapped)
		next_loaded(b, &loaded);
	for (int first = 1; first >= 0; first--) {
		struct group g = group_at(b, 0);

		for (; g.count > 0 && err == FAR_OK; g = group_at(b, g.piece + g.count)) {
			if (g.mapped && has_first(b, &g) == first)
				err = add_mapped(b, &g, &loaded);
		}
	}
	while (err == FAR_OK && loaded.count > 0)
		err = add_loaded(b, &loaded, loaded.len);
	return err;
}

static int is_page(uint32_t page)
{
	return page == 0x2000 || page == 0x4000 || page == 0x8000 || page == 0x10000;
}

static int has_hash(const struct far_esp_image_build *b)
{
	return b->append_hash && b->chip->id != FAR_ESP_IMAGE_NO_ID;
}

int far_esp_image_plan(struct far_esp_image_build *b)
{
	if (b->page == 0)
		b->page = FAR_ESP_IMAGE_PAGE;
	if (!b->chip || !b->pieces || b->count == 0 || !is_page(b->page) || b->freq > 0xF ||
	    b->size > 0xF)
		return FAR_ERR_ARG;
	b->segments = 0;
	b->len = far_esp_image_head_len(b->chip);
	b->bad = FAR_ESP_IMAGE_BAD_NOTHING;
	b->bad_piece = 0;
	sort(b);
	int err = check_pieces(b);
	if (err == FAR_OK)
		err = check_pages(b);
	if (err == FAR_OK)
		err = plan_segments(b);
	b->len = (b->len | (LINE - 1)) + 1 + (has_hash(b) ? FAR_SHA256_LEN : 0);
	return err;
}

/* The image on its way out. */
struct out {
	const struct far_esp_image_build *b;
	struct far_sha256 sha;
	uint32_t at;
	uint8_t sum;
	int err; /* the first; nothing is written after it */
};

static void put(struct out *o, const uint8_t *data, uint32_t len)
{
	if (o->err != FAR_OK || len == 0)
		return;
	o->err = o->b->write(o->b->ctx, data, len);
	o->at += len;
	if (has_hash(o->b))
		far_sha256_update(&o->sha, data, len);
}

static void put_zeros(struct out *o, uint32_t len)
{
	static const uint8_t zeros[64];

	for (uint32_t n; len > 0; len -= n) {
		n = far_min32(len, sizeof(zeros));
		put(o, zeros, n);
	}
}

static void put_header(struct out *o)
{
	const struct far_esp_image_build *b = o->b;
	uint8_t head[HEADER_LEN + EXTENDED_LEN] = { MAGIC };

	head[AT_COUNT] = (uint8_t)b->segments;
	head[AT_MODE] = b->mode;
	head[AT_SIZE] = (uint8_t)(b->size << 4 | b->freq);
	far_put_le32(head + AT_ENTRY, b->entry);
	head[AT_WP] = WP_DISABLED;
	far_put_le16(head + AT_CHIP, b->chip->id);
	head[AT_MIN_REV] = b->min_rev;
	far_put_le16(head + AT_MIN_FULL, b->min_rev_full);
	far_put_le16(head + AT_MAX_FULL, b->max_rev_full);
	head[AT_HASHED] = b->append_hash != 0;
	put(o, head, far_esp_image_head_len(b->chip));
}

/* Bytes of a segment that a piece has; zeros change no checksum. */
static void put_piece(struct out *o, const uint8_t *data, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		o->sum ^= data[i];
	put(o, data, len);
}

static void put_segment(struct out *o, const struct far_esp_image_planned *s)
{
	uint32_t end = s->addr + s->len, at = s->addr;
	uint8_t head[HEAD_LEN];

	far_put_le32(head, s->addr);
	far_put_le32(head + 4, s->len);
	put(o, head, sizeof(head));
	for (unsigned i = 0; i < s->count; i++) {
		const struct far_esp_image_piece *p = &o->b->pieces[s->piece + i];
		uint32_t from = p->addr > at ? p->addr : at;
		uint32_t to = far_min32(p->addr + p->len, end);

		if (from >= to)
			continue; /* in an earlier or later part of a group that was split */
		put_zeros(o, from - at);
		put_piece(o, p->data + (from - p->addr), to - from);
		at = to;
	}
	put_zeros(o, end - at);
}

int far_esp_image_write(const struct far_esp_image_build *b)
{
	struct out o = { .b = b, .sum = CHECKSUM_START };
	uint8_t hash[FAR_SHA256_LEN];

	far_sha256_init(&o.sha);
	put_header(&o);
	for (unsigned i = 0; i < b->segments; i++)
		put_segment(&o, &b->segment[i]);
	put_zeros(&o, (LINE - 1) - o.at % LINE);
	put(&o, &o.sum, 1);
	if (!has_hash(b))
		return o.err;
	far_sha256_final(&o.sha, hash);
	if (o.err == FAR_OK)
		o.err = b->write(b->ctx, hash, sizeof(hash));
	return o.err;
}
