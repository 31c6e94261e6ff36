/* SPDX-License-Identifier: Apache-2.0 */
/* The table and its problems as text. */
#include "service/partition_table/internal.h"

static void put_addr(struct far_text *out, uint32_t value)
{
	far_text_put(out, "0x");
	far_text_hex(out, value, 0);
}

/* In M or K if it comes out even, as such tables are written. */
static void put_size(struct far_text *out, uint32_t size)
{
	uint32_t unit = size % 0x100000u == 0 ? 0x100000u : size % 1024u == 0 ? 1024u : 1u;

	if (unit == 1 || size == 0) {
		put_addr(out, size);
		return;
	}
	far_text_decimal(out, size / unit);
	far_text_put(out, unit == 1024u ? "K" : "M");
}

/* A comma would end the field, a control character the line. */
static void put_label(struct far_text *out, const char *label)
{
	for (; *label != '\0'; label++) {
		const char c[2] = { *label, '\0' };

		far_text_put(out,
			     (uint8_t)*label < ' ' || *label == ',' || *label == 0x7F ? "?" : c);
	}
}

void far_partition_table_put_csv(const struct far_partition_table *t, struct far_text *out)
{
	far_text_put(out, "# Name, Type, SubType, Offset, Size, Flags\n");
	for (uint32_t i = 0; i < t->count; i++) {
		const struct far_partition_entry *e = &t->entries[i];

		put_label(out, e->label);
		far_text_put(out, ",");
		far_partition_put_type(out, e->type);
		far_text_put(out, ",");
		far_partition_put_subtype(out, e->type, e->subtype);
		far_text_put(out, ",");
		put_addr(out, e->addr);
		far_text_put(out, ",");
		put_size(out, e->size);
		far_text_put(out, ",");
		far_partition_put_flags(out, e->flags);
		far_text_put(out, "\n");
	}
}

/* ---- problems -------------------------------------------------------------------------------- */

/*
 * Behind a $ stands what goes there: v and l value and limit in hex, d and m the same in decimal,
 * u the next multiple of limit from value on, e the entry, o the other one, w the word.
 */
static const char *const sentences[] = {
	[FAR_PARTITION_FINE] = "nothing is wrong",
	[FAR_PARTITION_NO_TABLE] =
		"no partition table: it begins with $v instead of 0x50aa: write one there, or say "
		"where it is",
	[FAR_PARTITION_NO_ENTRY] =
		"begins with $v instead of 0x50aa: the table is damaged, write it again",
	[FAR_PARTITION_NO_END] = "no end after $d bytes: the table is cut off, write it again",
	[FAR_PARTITION_BEHIND_SUM] = "stands behind the checksum: the table is damaged, write it "
				     "again",
	[FAR_PARTITION_WRONG_SUM] =
		"the checksum is not that of the entries: the table is damaged, write it again",
	[FAR_PARTITION_NO_FIELD] =
		"the field $w is empty: a line is Name, Type, SubType, Offset, Size, Flags",
	[FAR_PARTITION_FIELDS] = "'$w' is more than $m fields: a line is Name, Type, SubType, "
				 "Offset, Size, Flags",
	[FAR_PARTITION_NO_NUMBER] = "'$w' is not a number: write 4096, 0x1000, 4K or 1M",
	[FAR_PARTITION_LARGE] = "'$w' is too large: $l is the limit",
	[FAR_PARTITION_NO_TYPE] = "no type '$w': write app, data or a number from 0x40 to 0xfe",
	[FAR_PARTITION_NO_SUBTYPE] =
		"no subtype '$w' of this type: write factory, ota_0, nvs, spiffs or another from "
		"the list, or a number up to 0xfe",
	[FAR_PARTITION_NO_FLAG] = "no flag '$w': write encrypted, readonly or encrypted:readonly",
	[FAR_PARTITION_LONG_LABEL] = "the name '$w' has $d bytes: $m are the limit, shorten it",
	[FAR_PARTITION_BAD_LABEL] = "the name '$w' has the control character $v: take it out",
	[FAR_PARTITION_UP_TO] = "size $w: the partition begins at $v and cannot end at $l: give a "
				"higher end",
	[FAR_PARTITION_TOO_MANY] = "more than $m entries: take some out",
	[FAR_PARTITION_NO_LABEL] = "the name is empty: give one",
	[FAR_PARTITION_NO_SIZE] = "$e has the size 0: give one, or take it out",
	[FAR_PARTITION_ALIGN] =
		"$e begins at $v, not at a multiple of $l: write $u or leave the offset empty",
	[FAR_PARTITION_IN_TABLE] =
		"$e begins at $v, in or before the partition table: write $l or higher, or leave "
		"the offset empty",
	[FAR_PARTITION_OVERLAP] = "$e begins at $v and overlaps $o, which ends at $l: move one",
	[FAR_PARTITION_BEYOND] = "$e ends at $v, beyond the flash, which ends at $l: make it "
				 "smaller, or give a larger flash size",
	[FAR_PARTITION_TWICE] = "$e: another one has the same name: give each its own",
	[FAR_PARTITION_OTADATA_SIZE] = "$e is data/ota with the size $v: it has to be $l",
	[FAR_PARTITION_OTADATA_TWICE] = "$e is data/ota, as $o is: there can be one",
	[FAR_PARTITION_SMALL_NVS] =
		"$e is data/nvs with the size $v: make it $l or more, or flag it readonly",
	[FAR_PARTITION_NEVER_READONLY] =
		"$e is flagged readonly, and has to be written: take the flag out",
	[FAR_PARTITION_UNKNOWN_FLAGS] =
		"$e has the flags $v, of which only $l are known: it cannot be written as CSV",
};

/* One that was not taken in is known by what was typed. */
static void put_entry(const struct far_partition_table *t, uint32_t i, struct far_text *out)
{
	far_text_put(out, "'");
	put_label(out, i < t->count ? t->entries[i].label : t->problem.word);
	far_text_put(out, "'");
}

static void put_item(const struct far_partition_table *t, char what, struct far_text *out)
{
	const struct far_partition_problem *p = &t->problem;

	if (what == 'v')
		put_addr(out, p->value);
	else if (what == 'l')
		put_addr(out, p->limit);
	else if (what == 'd')
		far_text_decimal(out, p->value);
	else if (what == 'm')
		far_text_decimal(out, p->limit);
	else if (what == 'u')
		put_addr(out, (p->value / p->limit + 1) * p->limit);
	else if (what == 'e')
		put_entry(t, p->entry, out);
	else if (what == 'o')
		put_entry(t, p->other, out);
	else
		put_label(out, p->word);
}

void far_partition_table_explain(const struct far_partition_table *t, struct far_text *out)
{
	const struct far_partition_problem *p = &t->problem;
	const char *at = sentences[p->kind];

	if (p->line > 0) {
		far_text_put(out, "line ");
		far_text_decimal(out, p->line);
		far_text_put(out, ": ");
	} else if (p->kind != FAR_PARTITION_FINE && p->kind != FAR_PARTITION_NO_TABLE) {
		far_text_put(out, "entry ");
		far_text_decimal(out, p->entry + 1u);
		far_text_put(out, ": ");
	}
	for (; *at != '\0'; at++) {
		const char c[2] = { *at, '\0' };

		if (*at == '$')
			put_item(t, *++at, out);
		else
			far_text_put(out, c);
	}
}
