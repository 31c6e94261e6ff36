/* SPDX-License-Identifier: Apache-2.0 */
/* What the table's parts share. */
#ifndef FARFLASH_SERVICE_PARTITION_TABLE_INTERNAL_H
#define FARFLASH_SERVICE_PARTITION_TABLE_INTERNAL_H

#include "core/bytes.h"
#include "service/partition_table/partition_table.h"

#define FAR_PARTITION_FLAGS_KNOWN (FAR_PARTITION_ENCRYPTED | FAR_PARTITION_READONLY)

/* Record what is wrong with an entry, which need not be in the table yet; returns FAR_ERR_PROTO. */
int far_partition_wrong(struct far_partition_table *t, enum far_partition_kind kind, uint32_t entry,
			uint32_t value, uint32_t limit);

/* Words as they stand in a CSV: not ended by a zero. */
struct far_partition_word {
	const char *at;
	uint32_t len;
};

/* The number that a name stands for; -1: there is no such name. */
int far_partition_type_of(struct far_partition_word word);
int far_partition_subtype_of(uint32_t type, struct far_partition_word word);
/* The bit of a flag; 0: there is no such flag. */
uint32_t far_partition_flag_of(struct far_partition_word word);

#endif
