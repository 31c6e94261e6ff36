/* SPDX-License-Identifier: Apache-2.0 */
/* Do the entries go together? What is asked of them: docs/SPEC-partition-table.md, "Rules". */
#include "service/partition_table/internal.h"

#define APP_UNIT     0x10000u
#define DATA_UNIT    0x1000u
#define OTADATA_SIZE 0x2000u
#define NVS_LEAST    0x3000u /* three pages: with fewer nothing can be rewritten */

uint32_t far_partition_alignment(uint32_t type)
{
	return type == FAR_PARTITION_APP ? APP_UNIT : DATA_UNIT;
}

static uint64_t end_of(const struct far_partition_entry *e)
{
	return (uint64_t)e->addr + e->size;
}

static int is_data(const struct far_partition_entry *e, uint32_t subtype)
{
	return e->type == FAR_PARTITION_DATA && e->subtype == subtype;
}

/* The bootloader and the table may be entries of their own: they lie where they lie. */
static int lies_before(const struct far_partition_entry *e)
{
	return e->type == FAR_PARTITION_BOOTLOADER || e->type == FAR_PARTITION_TABLE;
}

static int check_place(struct far_partition_table *t, uint32_t i,
		       const struct far_partition_rules *rules)
{
	const struct far_partition_entry *e = &t->entries[i];
	uint32_t table = rules->table_addr ? rules->table_addr : FAR_PARTITION_TABLE_ADDR;
	uint32_t free = table + FAR_PARTITION_TABLE_SECTOR;
	uint32_t unit = far_partition_alignment(e->type);
	uint64_t most = rules->flash_size ? rules->flash_size : UINT32_MAX;

	if (e->size == 0)
		return far_partition_wrong(t, FAR_PARTITION_NO_SIZE, i, 0, 0);
	if (e->addr < free && !lies_before(e))
		return far_partition_wrong(t, FAR_PARTITION_IN_TABLE, i, e->addr, free);
	if (e->addr % unit != 0)
		return far_partition_wrong(t, FAR_PARTITION_ALIGN, i, e->addr, unit);
	if (end_of(e) > most)
		return far_partition_wrong(
			t, FAR_PARTITION_BEYOND, i,
			end_of(e) > UINT32_MAX ? UINT32_MAX : (uint32_t)end_of(e), (uint32_t)most);
	return FAR_OK;
}

/* What single kinds of partitions need to work. */
static int check_kind(struct far_partition_table *t, uint32_t i)
{
	const struct far_partition_entry *e = &t->entries[i];
	int readonly = (e->flags & FAR_PARTITION_READONLY) != 0;

	if (e->label[0] == '\0')
		return far_partition_wrong(t, FAR_PARTITION_NO_LABEL, i, 0, 0);
	if ((e->flags & ~(uint32_t)FAR_PARTITION_FLAGS_KNOWN) != 0)
		return far_partition_wrong(t, FAR_PARTITION_UNKNOWN_FLAGS, i, e->flags,
					   FAR_PARTITION_FLAGS_KNOWN);
	if (is_data(e, FAR_PARTITION_DATA_OTA) && e->size != OTADATA_SIZE)
		return far_partition_wrong(t, FAR_PARTITION_OTADATA_SIZE, i, e->size, OTADATA_SIZE);
	if (is_data(e, FAR_PARTITION_DATA_NVS) && e->size < NVS_LEAST && !readonly)
		return far_partition_wrong(t, FAR_PARTITION_SMALL_NVS, i, e->size, NVS_LEAST);
	if (readonly && (is_data(e, FAR_PARTITION_DATA_OTA) || is_data(e, FAR_PARTITION_DATA_DUMP)))
		return far_partition_wrong(t, FAR_PARTITION_NEVER_READONLY, i, 0, 0);
	return FAR_OK;
}

static int is_same(const char *a, const char *b)
{
	uint32_t n = 0;

	while (a[n] == b[n] && a[n] != '\0')
		n++;
	return a[n] == b[n];
}

/* i and the one before it that does not go with it. */
static int check_pair(struct far_partition_table *t, uint32_t i, uint32_t before)
{
	const struct far_partition_entry *e = &t->entries[i], *other = &t->entries[before];
	int rc = FAR_OK;

	if (is_same(e->label, other->label))
		rc = far_partition_wrong(t, FAR_PARTITION_TWICE, i, 0, 0);
	else if (e->addr < end_of(other) && other->addr < end_of(e))
		rc = far_partition_wrong(t, FAR_PARTITION_OVERLAP, i, e->addr,
					 (uint32_t)end_of(other));
	else if (is_data(e, FAR_PARTITION_DATA_OTA) && is_data(other, FAR_PARTITION_DATA_OTA))
		rc = far_partition_wrong(t, FAR_PARTITION_OTADATA_TWICE, i, 0, 0);
	t->problem.other = (uint16_t)before;
	return rc;
}

int far_partition_table_check(struct far_partition_table *t,
			      const struct far_partition_rules *rules)
{
	static const struct far_partition_rules defaults;
	int rc = FAR_OK;

	memset(&t->problem, 0, sizeof(t->problem));
	for (uint32_t i = 0; i < t->count && rc == FAR_OK; i++) {
		rc = check_kind(t, i);
		if (rc == FAR_OK)
			rc = check_place(t, i, rules != NULL ? rules : &defaults);
		for (uint32_t before = 0; before < i && rc == FAR_OK; before++)
			rc = check_pair(t, i, before);
	}
	return rc;
}
