/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel hex, read and written. The records are described in "Hexadecimal Object File Format
 * Specification", Intel, 1988.
 *
 * Reading is strict, as what is read is programmed: every line has its checksum, and a file without
 * its end record was cut off. Records may come in any order, so ranges are sorted and joined at the
 * end; the same byte given twice is refused rather than decided.
 */
#include "cli/intel_hex.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FRAME       5u   /* bytes of a record around its data: length, address, type, checksum */
#define DATA_MAX    255u /* bytes of data that a record's length byte can tell */
#define LINE_DATA   16u  /* bytes of data in each record that we write */
#define SEGMENT_LEN 0x10000u

enum { DATA = 0, END = 1, SEGMENT = 2, START_SEGMENT = 3, LINEAR = 4, START_LINEAR = 5, TYPES };

/* The length that a record of each type has; data may have any. */
static const uint8_t type_len[TYPES] = { 0, 0, 2, 4, 2, 4 };

struct record {
	uint8_t len, type;
	uint32_t offset;
	uint8_t bytes[FRAME + DATA_MAX]; /* all of it; the data begin at the fifth */
};

struct parser {
	struct cli_hex *hex;
	char *error;
	unsigned line;
	uint32_t base;  /* what the offsets are added to */
	bool segmented; /* by a record of type 2: offsets end at 64 KiB */
	bool ended;
};

/* With the number of the line, for whoever opens the file in an editor. Returns false. */
static bool fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct parser *p, const char *format, ...)
{
	int n = snprintf(p->error, CLI_HEX_ERROR_MAX, "line %u: ", p->line);
	va_list args;
	va_start(args, format);
	vsnprintf(p->error + n, CLI_HEX_ERROR_MAX - (size_t)n, format, args);
	va_end(args);
	return false;
}

/* -1: not a digit. Locale plays no part. */
static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Without what ends it: spaces, tabs, a carriage return. */
static size_t line_len(const uint8_t *text, size_t len)
{
	const uint8_t *end = memchr(text, '\n', len);
	size_t n = end ? (size_t)(end - text) : len;
	while (n > 0 && (text[n - 1] == '\r' || text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	return n;
}

/* A name decides if it can; else one whole record, as a binary could begin with a colon. */
bool cli_hex_detect(const char *path, const uint8_t *text, size_t len)
{
	size_t name = strlen(path), n = line_len(text, len);
	if (name >= 4 && strcasecmp(path + name - 4, ".hex") == 0)
		return true;
	if (n < 1 + 2 * FRAME || n > 1 + 2 * (FRAME + DATA_MAX) || n % 2 == 0 || text[0] != ':')
		return false;
	for (size_t i = 1; i < n; i++) {
		if (digit(text[i]) < 0)
			return false;
	}
	return true;
}

/* From one line to the fields of its record. */
static bool read_record(struct parser *p, const uint8_t *line, size_t len, struct record *r)
{
	uint8_t sum = 0;
	if (line[0] != ':')
		return fail(p, "a record begins with ':'");
	size_t bytes = (len - 1) / 2;
	if (len % 2 == 0 || bytes < FRAME || bytes > FRAME + DATA_MAX)
		return fail(p, "%zu digits cannot be a record", len - 1);
	for (size_t i = 0; i < bytes; i++) {
		int high = digit(line[1 + 2 * i]), low = digit(line[2 + 2 * i]);
		if (high < 0 || low < 0)
			return fail(p, "column %zu: not a hexadecimal digit",
				    2 * i + (high < 0 ? 2 : 3));
		r->bytes[i] = (uint8_t)(high << 4 | low);
		sum = (uint8_t)(sum + r->bytes[i]);
	}
	r->len = r->bytes[0];
	r->offset = (uint32_t)r->bytes[1] << 8 | r->bytes[2];
	r->type = r->bytes[3];
	if (bytes != FRAME + r->len)
		return fail(p, "%zu bytes of data, but the record tells of %u", bytes - FRAME,
			    r->len);
	if (sum != 0)
		return fail(p, "the checksum is 0x%02x, but 0x%02x would be right",
			    r->bytes[bytes - 1], (uint8_t)(r->bytes[bytes - 1] - sum));
	return true;
}

/* NULL: no memory. */
static struct cli_hex_range *new_range(struct parser *p, uint32_t addr)
{
	struct cli_hex *h = p->hex;
	/* Room for 16, 32, 64, ... */
	if (h->count == 0 || (h->count >= 16 && (h->count & (h->count - 1)) == 0)) {
		size_t room = h->count ? 2 * h->count : 16;
		struct cli_hex_range *more = realloc(h->ranges, room * sizeof(*more));
		if (!more)
			return NULL;
		h->ranges = more;
	}
	h->ranges[h->count] = (struct cli_hex_range){ .addr = addr, .line = p->line };
	return &h->ranges[h->count++];
}

/* Where the last range ends the data go on with it, else they begin another. */
static bool add_data(struct parser *p, uint32_t addr, const uint8_t *data, uint32_t len)
{
	struct cli_hex *h = p->hex;
	struct cli_hex_range *r = h->count ? &h->ranges[h->count - 1] : NULL;
	if (!r || r->addr + r->len != addr)
		r = new_range(p, addr);
	if (!r)
		return fail(p, "out of memory");
	if (r->capacity - r->len < len) {
		size_t capacity = 2 * r->capacity + 4096;
		uint8_t *more = realloc(r->data, capacity);
		if (!more)
			return fail(p, "out of memory");
		r->data = more;
		r->capacity = capacity;
	}
	memcpy(r->data + r->len, data, len);
	r->len += len;
	return true;
}

/* Two ways to address, and neither may go round: that byte would lie where nobody looks for it. */
static bool data_record(struct parser *p, const struct record *r)
{
	uint64_t addr = (uint64_t)p->base + r->offset;
	if (p->segmented && r->offset + r->len > SEGMENT_LEN)
		return fail(p, "the data go round the end of their segment of 64 KiB");
	if (addr + r->len > UINT32_MAX)
		return fail(p, "the data reach beyond address 0xfffffffe");
	return r->len == 0 || add_data(p, (uint32_t)addr, r->bytes + 4, r->len);
}

/* The base stays until the next record that sets one, also over blank lines. */
static bool take_record(struct parser *p, const struct record *r)
{
	uint32_t word = (uint32_t)r->bytes[4] << 8 | r->bytes[5];
	if (r->type >= TYPES)
		return fail(p, "unknown record type %02x: 00 to 05 are known", r->type);
	if (r->type != DATA && r->len != type_len[r->type])
		return fail(p, "a record of type %02x has %u bytes, not %u", r->type,
			    type_len[r->type], r->len);
	switch (r->type) {
	case DATA:
		return data_record(p, r);
	case END:
		p->ended = true;
		break;
	case SEGMENT:
	case LINEAR:
		p->segmented = r->type == SEGMENT;
		p->base = p->segmented ? word << 4 : word << 16;
		break;
	default: /* where the program starts: a flash does not care */
		break;
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	uint32_t x = ((const struct cli_hex_range *)a)->addr;
	uint32_t y = ((const struct cli_hex_range *)b)->addr;
	return x < y ? -1 : x > y;
}

/* Two ranges become one; the second keeps nothing. */
static bool join(struct parser *p, struct cli_hex_range *to, struct cli_hex_range *from)
{
	uint8_t *more = realloc(to->data, (size_t)to->len + from->len);
	if (!more)
		return fail(p, "out of memory");
	to->data = more;
	to->capacity = (size_t)to->len + from->len;
	memcpy(to->data + to->len, from->data, from->len);
	to->len += from->len;
	free(from->data);
	from->data = NULL;
	return true;
}

/* In order of address; records need not be. */
static bool arrange(struct parser *p)
{
	struct cli_hex *h = p->hex;
	size_t kept = 0;
	qsort(h->ranges, h->count, sizeof(h->ranges[0]), by_address);
	for (size_t i = 1; i < h->count; i++) {
		struct cli_hex_range *a = &h->ranges[kept], *b = &h->ranges[i];
		if (b->addr < a->addr + a->len) {
			p->line = a->line > b->line ? a->line : b->line;
			return fail(p, "from here on data at 0x%08" PRIx32 " are given twice",
				    b->addr);
		}
		if (b->addr > a->addr + a->len) {
			struct cli_hex_range moved = *b;
			*b = (struct cli_hex_range){ 0 };
			h->ranges[++kept] = moved;
		} else if (!join(p, a, b)) {
			return false;
		}
	}
	h->count = kept + 1;
	return true;
}

/* Line by line; blank ones pass, also behind the end. */
bool cli_hex_parse(struct cli_hex *h, const uint8_t *text, size_t len,
		   char error[CLI_HEX_ERROR_MAX])
{
	struct parser p = { .hex = h, .error = error };
	struct record r;
	*h = (struct cli_hex){ 0 };
	for (size_t at = 0, n; at < len; at += n) {
		size_t used = line_len(text + at, len - at);
		const uint8_t *end = memchr(text + at, '\n', len - at);
		n = end ? (size_t)(end - (text + at)) + 1 : len - at;
		p.line++;
		if (used == 0)
			continue;
		if (p.ended)
			return fail(&p, "something follows the end record");
		if (!read_record(&p, text + at, used, &r) || !take_record(&p, &r))
			return false;
	}
	if (!p.ended)
		return fail(&p, "the end record is missing: the file is cut off");
	if (h->count == 0)
		return fail(&p, "there are no data");
	return arrange(&p);
}

void cli_hex_free(struct cli_hex *h)
{
	for (size_t i = 0; i < h->count; i++)
		free(h->ranges[i].data);
	free(h->ranges);
	*h = (struct cli_hex){ 0 };
}

/* The checksum makes the sum of all bytes 0. */
static bool put_record(FILE *out, uint8_t type, uint32_t offset, const uint8_t *data, uint32_t len)
{
	uint32_t sum = len + (offset >> 8) + offset + type;
	bool ok = fprintf(out, ":%02X%04X%02X", len, offset, type) > 0;
	for (uint32_t i = 0; i < len && ok; i++) {
		sum += data[i];
		ok = fprintf(out, "%02X", data[i]) > 0;
	}
	return ok && fprintf(out, "%02X\n", (uint8_t)-sum) > 0;
}

bool cli_hex_write(FILE *out, uint32_t addr, const uint8_t *data, uint32_t len, uint32_t *upper)
{
	bool ok = true;
	for (uint32_t n; len > 0 && ok; len -= n, addr += n, data += n) {
		/* Lines end where an address of 16 divides, so that none crosses 64 KiB. */
		n = LINE_DATA - addr % LINE_DATA;
		if (n > len)
			n = len;
		if (addr >> 16 != *upper) {
			uint8_t high[2] = { (uint8_t)(addr >> 24), (uint8_t)(addr >> 16) };
			*upper = addr >> 16;
			ok = put_record(out, LINEAR, 0, high, sizeof(high));
		}
		ok = ok && put_record(out, DATA, addr & 0xFFFF, data, n);
	}
	return ok;
}

bool cli_hex_write_end(FILE *out)
{
	return put_record(out, END, 0, NULL, 0);
}
