/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table by whose names places may be given, read once in a run: a job that has begun with one
 * table shall not go on with another. The CSV is held against the flash that is there, so that a
 * table for a larger one is refused before a place in it is used.
 */
#include "cli/partitions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/numbers.h"

/* One run per process. */
static struct {
	bool known, absent; /* looked for; and not found */
	uint32_t addr;      /* where it was looked for in the flash */
	struct far_partition_table table;
	struct far_partition_entry entries[FAR_PARTITION_ENTRIES_MAX];
} run;

/* The line or row comes with it, as "line 3: ...", to be put behind a file's name. */
const char *cli_partitions_explain(const struct far_partition_table *table, char text[256])
{
	struct far_text t = { text, 255, 0 };
	far_partition_table_explain(table, &t);
	text[t.len] = '\0';
	return text;
}

const char *cli_partition_names(const struct far_partition_table *table, char *text, size_t cap)
{
	struct far_text t = { text, cap - 1, 0 };
	for (uint32_t i = 0; i < table->count; i++) {
		const char *label = table->entries[i].label;
		far_text_put(&t, i > 0 ? ", " : "");
		far_text_foreign(&t, label, strlen(label));
	}
	text[t.len] = '\0';
	return text;
}

/* Told apart by the first bytes: no CSV begins with the binary's magic. */
enum cli_exit cli_partitions_parse(struct cli *c, const struct cli_part *file,
				   const struct far_partition_rules *rules,
				   struct far_partition_table *table)
{
	char text[256];
	int err = far_partition_table_is_binary(file->data, file->len)
			  ? far_partition_table_parse(table, file->data, file->len)
			  : far_partition_table_parse_csv(table, (const char *)file->data,
							  file->len, rules);
	if (!err)
		return CLI_OK;
	return cli_fail(c, CLI_FILE, "%s, %s", file->path, cli_partitions_explain(table, text));
}

/* The entries are copied, the file's bytes are not kept. */
static enum cli_exit load_file(struct cli *c, const struct cli_target *t)
{
	const struct far_partition_rules rules = { .flash_size = t->flash->info.size };
	struct cli_part file = { .path = c->set->partition_table };
	enum cli_exit code = cli_part_load(c, &file);
	if (!code)
		code = cli_partitions_parse(c, &file, &rules, &run.table);
	free(file.data);
	return code;
}

/* A flash that holds something else there, ends before it, or cannot be read has no table. */
static enum cli_exit load_flash(struct cli *c, struct cli_target *t)
{
	char text[256];
	int err = far_partition_table_read(&run.table, t->flash, run.addr);
	enum far_partition_kind kind = run.table.problem.kind;
	bool no_way = err == FAR_ERR_NOTSUP || err == FAR_ERR_RANGE;
	run.absent = kind == FAR_PARTITION_NO_TABLE || (kind == FAR_PARTITION_FINE && no_way);
	if (run.absent)
		return CLI_OK;
	if (kind != FAR_PARTITION_FINE)
		return cli_fail(c, CLI_MISMATCH, "the partition table at 0x%" PRIx32 ", %s",
				run.addr, cli_partitions_explain(&run.table, text));
	if (err)
		return cli_fail_target(c, t, err, NULL,
				       "reading the partition table at 0x%" PRIx32
				       " (--partition-table FILE gives another)",
				       run.addr);
	return CLI_OK;
}

/* --partition-table is a file, or the address of a table that is not at its usual place. */
enum cli_exit cli_partitions(struct cli *c, struct cli_target *t,
			     const struct far_partition_table **table)
{
	const char *given = c->set->partition_table;
	enum cli_exit code = CLI_OK;
	if (!run.known) {
		run.known = true;
		run.addr = FAR_PARTITION_TABLE_ADDR;
		far_partition_table_init(&run.table, run.entries, FAR_PARTITION_ENTRIES_MAX);
		if (given && cli_parse_number(given, &run.addr) != CLI_NUMBER_OK)
			code = load_file(c, t);
		else
			code = load_flash(c, t);
	}
	*table = run.absent ? NULL : &run.table;
	return code;
}

/* Two causes, two remedies: nothing there, or no way to look. */
enum cli_exit cli_no_partitions(struct cli *c, const struct cli_target *t, const char *what)
{
	if (t->flash->info.caps & FAR_FLASH_CAN_READ)
		return cli_fail(c, CLI_USAGE,
				"%s: the flash has no partition table at 0x%" PRIx32
				"; give an address, or the table with --partition-table FILE",
				what, run.addr);
	return cli_fail(c, CLI_UNSUPPORTED,
			"%s: the partition table in this chip's flash cannot be read by its "
			"loader; give an address, or the table with --partition-table FILE",
			what);
}
