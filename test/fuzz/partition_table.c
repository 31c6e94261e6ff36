/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition table, binary or as CSV: any bytes are read without harm; what is taken can be
 * written and is then read as the same; what is refused has an explanation.
 */
#include "service/partition_table/partition_table.h"
#include "test/fuzz/input.h"

static struct far_partition_entry entries[FAR_PARTITION_ENTRIES_MAX],
	again[FAR_PARTITION_ENTRIES_MAX];

static void explain(const struct far_partition_table *t)
{
	char text[300];
	struct far_text out = { .at = text, .cap = sizeof(text) };

	far_partition_table_explain(t, &out);
	FUZZ_ASSERT(out.len > 0 && out.len <= sizeof(text));
}

/* Through the binary form and back. */
static void round_trip(struct far_partition_table *t)
{
	uint8_t bytes[FAR_PARTITION_TABLE_LEN];
	struct far_partition_table back;

	if (far_partition_table_put(t, bytes, 1) != FAR_OK)
		return;
	far_partition_table_init(&back, again, FAR_PARTITION_ENTRIES_MAX);
	FUZZ_ASSERT(far_partition_table_parse(&back, bytes, sizeof(bytes)) == FAR_OK);
	FUZZ_ASSERT(back.count == t->count && back.has_sum);
	for (uint32_t i = 0; i < t->count; i++)
		FUZZ_ASSERT(entries[i].addr == again[i].addr && entries[i].size == again[i].size &&
			    strcmp(entries[i].label, again[i].label) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	uint8_t how = fuzz_byte(&in);
	struct far_partition_rules rules = { .flash_size = how & 2 ? 0x400000 : 0 };
	struct far_partition_table t;
	static char csv[16384];
	struct far_text out = { .at = csv, .cap = sizeof(csv) };
	int rc;

	far_partition_table_init(&t, entries, how & 4 ? 3 : FAR_PARTITION_ENTRIES_MAX);
	if (how & 1)
		rc = far_partition_table_parse_csv(&t, (const char *)in.at, (uint32_t)in.left,
						   &rules);
	else
		rc = far_partition_table_parse(&t, in.at, (uint32_t)in.left);
	if (rc == FAR_OK)
		rc = far_partition_table_check(&t, &rules);
	if (rc != FAR_OK) {
		explain(&t);
		return 0;
	}
	round_trip(&t);
	far_partition_table_put_csv(&t, &out);
	return 0;
}
