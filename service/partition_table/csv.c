/* SPDX-License-Identifier: Apache-2.0 */
/* The table as people write it: docs/SPEC-partition-table.md, "CSV form". */
#include "service/partition_table/internal.h"

#define FIELDS    6u /* name, type, subtype, offset, size, flags */
#define UNDEFINED 0x06u
#define LINES_MAX UINT16_MAX

typedef struct far_partition_word word;

/* What a line says that an entry cannot hold yet. */
struct line {
	word field[FIELDS];
	uint8_t has_addr;
	uint8_t up_to; /* the size is the address where it ends */
};

struct csv {
	struct far_partition_table *t;
	uint32_t line;
	uint64_t end; /* of the entry before: where the next one may begin */
};

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static word trim(word w)
{
	while (w.len > 0 && is_blank(w.at[0])) {
		w.at++;
		w.len--;
	}
	while (w.len > 0 && is_blank(w.at[w.len - 1]))
		w.len--;
	return w;
}

/* The part up to the next c, or all of it; *rest is what follows. */
static word until(word *rest, char c)
{
	word w = { rest->at, 0 };

	while (w.len < rest->len && w.at[w.len] != c)
		w.len++;
	rest->at += w.len;
	rest->len -= w.len;
	if (rest->len > 0) {
		rest->at++;
		rest->len--;
	}
	return trim(w);
}

/* ---- mistakes -------------------------------------------------------------------------------- */

/* About the line at hand, whose entry is not in the table yet. */
static int wrong(struct csv *c, enum far_partition_kind kind, word w, uint32_t value,
		 uint32_t limit)
{
	struct far_partition_problem *p = &c->t->problem;
	int rc = far_partition_wrong(c->t, kind, c->t->count, value, limit);

	p->line = (uint16_t)c->line;
	memcpy(p->word, w.at, far_min32(w.len, sizeof(p->word) - 1));
	return rc;
}

static int missing(struct csv *c, const char *field, uint32_t len)
{
	return wrong(c, FAR_PARTITION_NO_FIELD, (word){ field, len }, 0, 0);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* K and M at the end; taken off the word. */
static uint32_t take_unit(word *w)
{
	char last = w->len > 0 ? (char)(w->at[w->len - 1] | 0x20) : '\0';
	uint32_t unit = last == 'k' ? 1024u : last == 'm' ? 1024u * 1024u : 1u;

	if (unit > 1)
		w->len--;
	return unit;
}

/* Decimal or 0x and hex, with K or M behind it. */
static int number(struct csv *c, word typed, uint32_t most, uint32_t *value)
{
	word w = typed;
	uint32_t unit = take_unit(&w), base = 10, i = 0;
	uint64_t sum = 0;

	if (w.len > 2 && w.at[0] == '0' && (w.at[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	}
	if (i == w.len)
		return wrong(c, FAR_PARTITION_NO_NUMBER, typed, 0, 0);
	for (; i < w.len; i++) {
		int digit = digit_of(w.at[i]);

		if (digit >= (int)base)
			return wrong(c, FAR_PARTITION_NO_NUMBER, typed, 0, 0);
		sum = sum * base + (uint32_t)digit;
		if (sum * unit > most)
			return wrong(c, FAR_PARTITION_LARGE, typed, 0, most);
	}
	*value = (uint32_t)(sum * unit);
	return FAR_OK;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int take_label(struct csv *c, struct far_partition_entry *e, const struct line *l)
{
	word w = l->field[0];

	if (w.len == 0)
		return missing(c, "Name", 4);
	if (w.len > FAR_PARTITION_LABEL_MAX)
		return wrong(c, FAR_PARTITION_LONG_LABEL, w, w.len, FAR_PARTITION_LABEL_MAX);
	for (uint32_t i = 0; i < w.len; i++) {
		if ((uint8_t)w.at[i] < ' ' || w.at[i] == 0x7F)
			return wrong(c, FAR_PARTITION_BAD_LABEL, w, (uint8_t)w.at[i], 0);
	}
	memcpy(e->label, w.at, w.len);
	return FAR_OK;
}

/* A name from the list, or any number but 0xFF. */
static int take_kind(struct csv *c, word w, int named, enum far_partition_kind kind, uint8_t *out)
{
	uint32_t value = (uint32_t)named;
	int rc = FAR_OK;

	if (named < 0) {
		if (w.at[0] < '0' || w.at[0] > '9')
			return wrong(c, kind, w, 0, 0);
		rc = number(c, w, 0xFE, &value);
	}
	*out = (uint8_t)value;
	return rc;
}

static int take_types(struct csv *c, struct far_partition_entry *e, const struct line *l)
{
	word type = l->field[1], subtype = l->field[2];
	int rc;

	if (type.len == 0)
		return missing(c, "Type", 4);
	rc = take_kind(c, type, far_partition_type_of(type), FAR_PARTITION_NO_TYPE, &e->type);
	if (rc != FAR_OK)
		return rc;
	if (subtype.len == 0 && e->type == FAR_PARTITION_APP)
		return missing(c, "SubType", 7);
	e->subtype = UNDEFINED;
	return subtype.len == 0 ? FAR_OK
				: take_kind(c, subtype, far_partition_subtype_of(e->type, subtype),
					    FAR_PARTITION_NO_SUBTYPE, &e->subtype);
}

static int take_place(struct csv *c, struct far_partition_entry *e, struct line *l)
{
	word addr = l->field[3], size = l->field[4];
	int rc = FAR_OK;

	l->has_addr = addr.len > 0;
	if (l->has_addr)
		rc = number(c, addr, UINT32_MAX, &e->addr);
	if (rc != FAR_OK)
		return rc;
	if (size.len == 0)
		return missing(c, "Size", 4);
	l->up_to = size.at[0] == '-';
	size.at += l->up_to;
	size.len -= l->up_to;
	return number(c, size, UINT32_MAX, &e->size);
}

static int take_flags(struct csv *c, struct far_partition_entry *e, const struct line *l)
{
	word rest = l->field[5];

	while (rest.len > 0) {
		word w = until(&rest, ':');
		uint32_t bit = far_partition_flag_of(w);

		if (bit == 0 && w.len > 0)
			return wrong(c, FAR_PARTITION_NO_FLAG, w, 0, 0);
		e->flags |= bit;
	}
	return FAR_OK;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Address and size, where the line leaves them to what was before. */
static int settle(struct csv *c, struct far_partition_entry *e, const struct line *l)
{
	uint64_t unit = far_partition_alignment(e->type);
	uint64_t addr = l->has_addr ? e->addr : (c->end + unit - 1) / unit * unit;

	if (addr > UINT32_MAX)
		return wrong(c, FAR_PARTITION_BEYOND, l->field[0], UINT32_MAX, UINT32_MAX);
	e->addr = (uint32_t)addr;
	if (l->up_to) {
		if (e->size <= e->addr)
			return wrong(c, FAR_PARTITION_UP_TO, l->field[4], e->addr, e->size);
		e->size -= e->addr;
	}
	c->end = addr + e->size;
	return FAR_OK;
}

static int take_line(struct csv *c, word text)
{
	struct far_partition_table *t = c->t;
	struct far_partition_entry *e = &t->entries[t->count];
	struct line l = { .up_to = 0 };
	int rc;

	for (uint32_t i = 0; i < FIELDS; i++)
		l.field[i] = until(&text, ',');
	while (text.len > 0) { /* more commas do no harm */
		word more = until(&text, ',');

		if (more.len > 0)
			return wrong(c, FAR_PARTITION_FIELDS, more, 0, FIELDS);
	}
	if (t->count == t->capacity) {
		wrong(c, FAR_PARTITION_TOO_MANY, l.field[0], 0, t->capacity);
		return FAR_ERR_RANGE;
	}
	memset(e, 0, sizeof(*e));
	e->line = (uint16_t)c->line;
	rc = take_label(c, e, &l);
	if (rc == FAR_OK)
		rc = take_types(c, e, &l);
	if (rc == FAR_OK)
		rc = take_place(c, e, &l);
	if (rc == FAR_OK)
		rc = take_flags(c, e, &l);
	if (rc == FAR_OK)
		rc = settle(c, e, &l);
	t->count += rc == FAR_OK;
	return rc;
}

int far_partition_table_parse_csv(struct far_partition_table *t, const char *text, uint32_t len,
				  const struct far_partition_rules *rules)
{
	static const char mark[] = { '\xEF', '\xBB', '\xBF' }; /* some editors begin UTF-8 so */
	uint32_t table =
		rules != NULL && rules->table_addr ? rules->table_addr : FAR_PARTITION_TABLE_ADDR;
	struct csv c = { t, 0, (uint64_t)table + FAR_PARTITION_TABLE_SECTOR };
	word rest = { text, len };
	int rc = FAR_OK;

	t->count = 0;
	t->has_sum = 0;
	if (len >= sizeof(mark) && memcmp(text, mark, sizeof(mark)) == 0) {
		rest.at += sizeof(mark);
		rest.len -= (uint32_t)sizeof(mark);
	}
	while (rest.len > 0 && rc == FAR_OK) {
		word w = until(&rest, '\n');

		c.line += c.line < LINES_MAX;
		if (w.len > 0 && w.at[0] != '#')
			rc = take_line(&c, w);
	}
	return rc == FAR_OK ? far_partition_table_check(t, rules) : rc;
}
