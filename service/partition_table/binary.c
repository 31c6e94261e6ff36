/* SPDX-License-Identifier: Apache-2.0 */
/* The table as it lies in the flash: docs/SPEC-partition-table.md, "Binary form". */
#include "core/md5.h"
#include "service/partition_table/internal.h"

/* An entry: magic, type, subtype, address, size, label, flags. */
#define ENTRY      32u
#define AT_TYPE    2u
#define AT_SUBTYPE 3u
#define AT_ADDR    4u
#define AT_SIZE    8u
#define AT_LABEL   12u
#define AT_FLAGS   28u
#define AT_SUM     16u /* of the checksum's entry, which has FF up to there */

#define MAGIC     0x50AAu /* the first two bytes, little-endian */
#define MAGIC_SUM 0xEBEBu
#define MAGIC_END 0xFFFFu

#define PIECE 256u /* bytes read from a flash at once: whole entries */

void far_partition_table_init(struct far_partition_table *t, struct far_partition_entry *entries,
			      uint32_t capacity)
{
	memset(t, 0, sizeof(*t));
	t->entries = entries;
	t->capacity = capacity;
}

int far_partition_wrong(struct far_partition_table *t, enum far_partition_kind kind, uint32_t entry,
			uint32_t value, uint32_t limit)
{
	memset(&t->problem, 0, sizeof(t->problem));
	t->problem.kind = kind;
	t->problem.entry = (uint16_t)entry;
	t->problem.line = entry < t->count ? t->entries[entry].line : 0;
	t->problem.value = value;
	t->problem.limit = limit;
	return FAR_ERR_PROTO;
}

/* ---- in -------------------------------------------------------------------------------------- */

/* A table that comes in piece by piece. */
struct input {
	struct far_partition_table *t;
	struct far_md5 sum; /* of the entries so far */
	uint32_t at;        /* bytes so far */
	uint8_t over;       /* the end was seen */
};

static void begin(struct input *in, struct far_partition_table *t)
{
	t->count = 0;
	t->has_sum = 0;
	memset(&t->problem, 0, sizeof(t->problem));
	in->t = t;
	in->at = 0;
	in->over = 0;
	far_md5_init(&in->sum);
}

static int take_entry(struct input *in, const uint8_t *bytes)
{
	struct far_partition_table *t = in->t;
	struct far_partition_entry *e;

	if (t->has_sum)
		return far_partition_wrong(t, FAR_PARTITION_BEHIND_SUM, t->count, 0, 0);
	if (t->count == t->capacity) {
		far_partition_wrong(t, FAR_PARTITION_TOO_MANY, t->count, 0, t->capacity);
		return FAR_ERR_RANGE;
	}
	e = &t->entries[t->count++];
	memset(e, 0, sizeof(*e));
	e->type = bytes[AT_TYPE];
	e->subtype = bytes[AT_SUBTYPE];
	e->addr = far_get_le32(bytes + AT_ADDR);
	e->size = far_get_le32(bytes + AT_SIZE);
	e->flags = far_get_le32(bytes + AT_FLAGS);
	memcpy(e->label, bytes + AT_LABEL, FAR_PARTITION_LABEL_MAX);
	far_md5_update(&in->sum, bytes, ENTRY);
	return FAR_OK;
}

/* The digest of all entries before. It is believed whatever fills the gap in front of it. */
static int take_sum(struct input *in, const uint8_t *bytes)
{
	uint8_t md5[FAR_MD5_LEN];

	if (in->t->has_sum)
		return far_partition_wrong(in->t, FAR_PARTITION_BEHIND_SUM, in->t->count, 0, 0);
	far_md5_final(&in->sum, md5);
	if (memcmp(md5, bytes + AT_SUM, sizeof(md5)) != 0) {
		far_partition_wrong(in->t, FAR_PARTITION_WRONG_SUM, in->t->count, 0, 0);
		return FAR_ERR_VERIFY;
	}
	in->t->has_sum = 1;
	return FAR_OK;
}

static int take_one(struct input *in, const uint8_t *bytes)
{
	uint32_t magic = far_get_le16(bytes), i = 0;
	enum far_partition_kind kind =
		in->at == 0 ? FAR_PARTITION_NO_TABLE : FAR_PARTITION_NO_ENTRY;

	if (magic == MAGIC)
		return take_entry(in, bytes);
	if (magic == MAGIC_SUM)
		return take_sum(in, bytes);
	while (i < ENTRY && bytes[i] == 0xFF)
		i++;
	/* A blank flash is no empty table: one that is meant to be empty has its checksum. */
	if (magic != MAGIC_END || i < ENTRY || in->at == 0)
		return far_partition_wrong(in->t, kind, in->t->count, magic, 0);
	in->over = 1;
	return FAR_OK;
}

static int take(struct input *in, const uint8_t *bytes, uint32_t len)
{
	int rc = FAR_OK;

	for (uint32_t at = 0; rc == FAR_OK && len - at >= ENTRY && !in->over; at += ENTRY) {
		rc = take_one(in, bytes + at);
		in->at += ENTRY;
	}
	return rc;
}

/* The last place for an entry may hold the checksum: then nothing else could follow. */
static int finish(struct input *in)
{
	if (in->over || (in->t->has_sum && in->at == FAR_PARTITION_TABLE_LEN))
		return FAR_OK;
	return far_partition_wrong(in->t, FAR_PARTITION_NO_END, in->t->count, in->at, 0);
}

int far_partition_table_parse(struct far_partition_table *t, const uint8_t *bytes, uint32_t len)
{
	struct input in;
	int rc;

	begin(&in, t);
	rc = take(&in, bytes, far_min32(len, FAR_PARTITION_TABLE_LEN));
	return rc == FAR_OK ? finish(&in) : rc;
}

int far_partition_table_read(struct far_partition_table *t, struct far_flash *f, uint32_t addr)
{
	uint8_t piece[PIECE];
	struct input in;
	int rc = FAR_OK;

	begin(&in, t);
	while (rc == FAR_OK && !in.over && in.at < FAR_PARTITION_TABLE_LEN) {
		rc = far_flash_read(f, addr + in.at, piece, PIECE);
		if (rc == FAR_OK)
			rc = take(&in, piece, PIECE);
	}
	return rc == FAR_OK ? finish(&in) : rc;
}

int far_partition_table_is_binary(const uint8_t *bytes, uint32_t len)
{
	uint32_t magic = len >= 2 ? far_get_le16(bytes) : 0;

	return magic == MAGIC || magic == MAGIC_SUM || magic == MAGIC_END;
}

/* ---- out ------------------------------------------------------------------------------------- */

static void put_entry(const struct far_partition_entry *e, uint8_t *out)
{
	uint32_t n = 0;

	far_put_le16(out, MAGIC);
	out[AT_TYPE] = e->type;
	out[AT_SUBTYPE] = e->subtype;
	far_put_le32(out + AT_ADDR, e->addr);
	far_put_le32(out + AT_SIZE, e->size);
	memset(out + AT_LABEL, 0, FAR_PARTITION_LABEL_MAX);
	while (n < FAR_PARTITION_LABEL_MAX && e->label[n] != '\0')
		n++;
	memcpy(out + AT_LABEL, e->label, n);
	far_put_le32(out + AT_FLAGS, e->flags);
}

int far_partition_table_put(struct far_partition_table *t, uint8_t out[FAR_PARTITION_TABLE_LEN],
			    int sum)
{
	uint32_t most = FAR_PARTITION_ENTRIES_MAX - (sum != 0), len = t->count * ENTRY;

	if (t->count > most) {
		far_partition_wrong(t, FAR_PARTITION_TOO_MANY, most, 0, most);
		return FAR_ERR_RANGE;
	}
	memset(out, 0xFF, FAR_PARTITION_TABLE_LEN);
	for (uint32_t i = 0; i < t->count; i++)
		put_entry(&t->entries[i], out + i * ENTRY);
	if (sum) {
		far_put_le16(out + len, MAGIC_SUM);
		far_md5_of(out, len, out + len + AT_SUM);
	}
	return FAR_OK;
}

const struct far_partition_entry *far_partition_table_find(const struct far_partition_table *t,
							   const char *label, size_t len)
{
	for (uint32_t i = 0; len <= FAR_PARTITION_LABEL_MAX && i < t->count; i++) {
		const struct far_partition_entry *e = &t->entries[i];

		if (memcmp(e->label, label, len) == 0 && e->label[len] == '\0')
			return e;
	}
	return NULL;
}
