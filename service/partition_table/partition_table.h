/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ESP-IDF's partition table: which program and which data lie where in a chip's flash. Read from a
 * flash, from memory or from its CSV form, checked, and written in either form. Entirely in the
 * caller's memory; every call is independent of every other. Format: docs/SPEC-partition-table.md.
 *
 * What comes from a flash or a file is hostile: any bytes at all are read without harm, and what is
 * wrong with them is told in struct far_partition_problem, of which far_partition_table_explain
 * makes a sentence.
 */
#ifndef FARFLASH_SERVICE_PARTITION_TABLE_H
#define FARFLASH_SERVICE_PARTITION_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "farflash/flash.h"

#define FAR_PARTITION_TABLE_ADDR   0x8000u /* where it lies in the flash unless told otherwise */
#define FAR_PARTITION_TABLE_SECTOR 0x1000u /* nothing else is put there */
#define FAR_PARTITION_TABLE_LEN    0xC00u  /* bytes of the table, end and checksum included */
#define FAR_PARTITION_ENTRIES_MAX  95u     /* 94 with a checksum */
#define FAR_PARTITION_LABEL_MAX    16u

/* Types and subtypes with a name: far_partition_put_type. 0xFF is none. */
#define FAR_PARTITION_APP         0x00u
#define FAR_PARTITION_DATA        0x01u
#define FAR_PARTITION_BOOTLOADER  0x02u
#define FAR_PARTITION_TABLE       0x03u
#define FAR_PARTITION_DATA_OTA    0x00u
#define FAR_PARTITION_DATA_NVS    0x02u
#define FAR_PARTITION_DATA_DUMP   0x03u
#define FAR_PARTITION_DATA_SPIFFS 0x82u

#define FAR_PARTITION_ENCRYPTED 0x1u /* flags: encrypted where the chip encrypts its flash */
#define FAR_PARTITION_READONLY  0x2u

struct far_partition_entry {
	uint32_t addr, size; /* bytes */
	uint32_t flags;      /* FAR_PARTITION_*, or-ed; unknown bits are kept */
	uint16_t line;       /* of the CSV, from 1; 0: not from there */
	uint8_t type, subtype;
	char label[FAR_PARTITION_LABEL_MAX + 1]; /* ends with a zero */
};

/* What is wrong; what value and limit are is said in brackets. */
enum far_partition_kind {
	FAR_PARTITION_FINE,
	/* a binary table */
	FAR_PARTITION_NO_TABLE,   /* it does not begin as one [its first two bytes] */
	FAR_PARTITION_NO_ENTRY,   /* an entry does not begin as one [its first two bytes] */
	FAR_PARTITION_NO_END,     /* [bytes looked at] */
	FAR_PARTITION_BEHIND_SUM, /* an entry behind the checksum */
	FAR_PARTITION_WRONG_SUM,
	/* its CSV form; word holds what was typed */
	FAR_PARTITION_NO_FIELD,  /* word: the name of the field that is empty */
	FAR_PARTITION_FIELDS,    /* too many [, most] */
	FAR_PARTITION_NO_NUMBER, /* not a number */
	FAR_PARTITION_LARGE,     /* a number too large [, largest] */
	FAR_PARTITION_NO_TYPE,
	FAR_PARTITION_NO_SUBTYPE,
	FAR_PARTITION_NO_FLAG,
	FAR_PARTITION_LONG_LABEL, /* [length, most] */
	FAR_PARTITION_BAD_LABEL,  /* a control character [which] */
	FAR_PARTITION_UP_TO,      /* ends before it begins [addr, wanted end] */
	/* either; other holds the other entry's index */
	FAR_PARTITION_TOO_MANY,     /* [, most] */
	FAR_PARTITION_NO_LABEL,     /* the label is empty */
	FAR_PARTITION_NO_SIZE,      /* the size is 0 */
	FAR_PARTITION_ALIGN,        /* [addr, unit] */
	FAR_PARTITION_IN_TABLE,     /* overlaps the table or what is before it [addr, first free] */
	FAR_PARTITION_OVERLAP,      /* overlaps another [addr, end of the other] */
	FAR_PARTITION_BEYOND,       /* [end of it, size of the flash] */
	FAR_PARTITION_TWICE,        /* another has the same label */
	FAR_PARTITION_OTADATA_SIZE, /* [size, wanted] */
	FAR_PARTITION_OTADATA_TWICE, /* data/ota is there twice */
	FAR_PARTITION_SMALL_NVS,     /* too small to be written [size, least] */
	FAR_PARTITION_NEVER_READONLY,
	FAR_PARTITION_UNKNOWN_FLAGS /* [flags, those known] */
};

struct far_partition_problem {
	enum far_partition_kind kind;
	uint16_t line;  /* of the CSV; 0: not from there, entry tells */
	uint16_t entry; /* index, also of one that could not be taken in */
	uint16_t other;
	uint32_t value, limit;
	char word[20]; /* cut off if it is longer; ends with a zero */
};

struct far_partition_table {
	struct far_partition_entry *entries;  /* the caller's; in the order of the table */
	uint32_t capacity;                    /* of entries; FAR_PARTITION_ENTRIES_MAX is enough */
	uint32_t count;                       /* those filled in */
	uint8_t has_sum;                      /* binary: there was a checksum, and it was right */
	struct far_partition_problem problem; /* of the last call that failed */
};

/* What the table's surroundings ask of it. Zeros: the defaults. */
struct far_partition_rules {
	uint32_t table_addr; /* where it will lie; 0: FAR_PARTITION_TABLE_ADDR */
	uint32_t flash_size; /* nothing may lie beyond; 0: not known */
};

/* Start with an empty table over so many entries, which must stay. */
void far_partition_table_init(struct far_partition_table *t, struct far_partition_entry *entries,
			      uint32_t capacity);

/*
 * Take in a table from a flash, or from memory: its end is found, its checksum compared if there is
 * one. The entries themselves are taken as they are: far_partition_table_check judges them.
 *
 * FAR_ERR_PROTO: it is no table (NO_TABLE: nor the beginning of one), FAR_ERR_VERIFY: the checksum
 * is wrong, FAR_ERR_RANGE: more entries than capacity; t->problem says what. read also returns what
 * the flash does (problem.kind is FAR_PARTITION_FINE then).
 */
int far_partition_table_read(struct far_partition_table *t, struct far_flash *f, uint32_t addr);
int far_partition_table_parse(struct far_partition_table *t, const uint8_t *bytes, uint32_t len);

/*
 * Take in the CSV form, and give an address to each entry that has none: behind the one before it,
 * the first behind the table's sector, at the next multiple of 64 KiB (apps) or 4 KiB. Then checked
 * as by far_partition_table_check.
 * FAR_ERR_PROTO, FAR_ERR_RANGE: more entries than capacity.
 */
int far_partition_table_parse_csv(struct far_partition_table *t, const char *text, uint32_t len,
				  const struct far_partition_rules *rules);

/* Which of the two these bytes look like; nothing is promised about what else is in them. */
int far_partition_table_is_binary(const uint8_t *bytes, uint32_t len);

/*
 * Do the entries go together, and with the rules? The first mistake is FAR_ERR_PROTO and in
 * t->problem. Time grows with the square of count.
 */
int far_partition_table_check(struct far_partition_table *t,
			      const struct far_partition_rules *rules);

/*
 * The binary form, FAR_PARTITION_TABLE_LEN bytes, padded with FF; with the checksum unless sum is 0
 * (bootloaders before ESP-IDF 3.1 know none). FAR_ERR_RANGE: too many entries.
 */
int far_partition_table_put(struct far_partition_table *t, uint8_t out[FAR_PARTITION_TABLE_LEN],
			    int sum);
/* The CSV form. A line is no longer than 100 characters; all is there if out->len < out->cap. */
void far_partition_table_put_csv(const struct far_partition_table *t, struct far_text *out);

/* The entry of this label, of len bytes without a zero; NULL: there is none. */
const struct far_partition_entry *far_partition_table_find(const struct far_partition_table *t,
							   const char *label, size_t len);

/* The name, or where there is none the number: "data", "0x40"; "nvs", "ota_3", "0x99". */
void far_partition_put_type(struct far_text *out, uint32_t type);
void far_partition_put_subtype(struct far_text *out, uint32_t type, uint32_t subtype);
/* "", "encrypted", "readonly" or "encrypted:readonly"; unknown bits are left out. */
void far_partition_put_flags(struct far_text *out, uint32_t flags);

/* Multiples of this many bytes an entry's address has to be of. */
uint32_t far_partition_alignment(uint32_t type);

/*
 * t->problem as a sentence with place, value, limit and remedy, without a full stop: "line 3: 'app'
 * begins at 0x11000, not at a multiple of 0x10000: write 0x20000 or leave the offset empty".
 * 200 characters are enough.
 */
void far_partition_table_explain(const struct far_partition_table *t, struct far_text *out);

#endif
