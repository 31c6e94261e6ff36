/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash partition-table: CSV to binary, binary to CSV, either to something to read. The form of
 * the input is told by its first bytes, so that OUT can only be the other one. A table that makes
 * no sense is never written; it is shown, with what is wrong, as a table that is looked at often is
 * one that went wrong.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/partitions.h"

#define CSV_MAX (100u * (FAR_PARTITION_ENTRIES_MAX + 1)) /* a line is no longer than 100 */

static struct {
	const char *offset;
	bool no_sum;
} opt;

/* ---- to look at ------------------------------------------------------------------------------ */

/* text of 40 bytes gets what put writes. */
#define FIELD(text, call)                                                                          \
	do {                                                                                       \
		struct far_text t = { text, 39, 0 };                                               \
		call;                                                                              \
		(text)[t.len] = '\0';                                                              \
	} while (0)

static void print_entry(struct cli *c, const struct far_partition_entry *e, cJSON *list)
{
	char label[40], type[40], subtype[40], flags[40];
	FIELD(label, far_text_foreign(&t, e->label, strlen(e->label)));
	FIELD(type, far_partition_put_type(&t, e->type));
	FIELD(subtype, far_partition_put_subtype(&t, e->type, e->subtype));
	FIELD(flags, far_partition_put_flags(&t, e->flags));
	cli_say(c, "%-16s  %-10s  %-9s  0x%08" PRIx32 "  0x%08" PRIx32 "  0x%08" PRIx32 "%s%s",
		label, type, subtype, e->addr, e->size, e->size ? e->addr + (e->size - 1) : e->addr,
		flags[0] ? "  " : "", flags);
	if (!list)
		return;
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "name", label);
	cJSON_AddStringToObject(o, "type", type);
	cJSON_AddStringToObject(o, "subtype", subtype);
	cJSON_AddNumberToObject(o, "addr", e->addr);
	cJSON_AddNumberToObject(o, "size", e->size);
	cJSON_AddStringToObject(o, "flags", flags);
	cJSON_AddItemToArray(list, o);
}

/* A table that is there is shown even if it makes no sense: then the sense is what is asked for. */
static enum cli_exit print(struct cli *c, const struct far_partition_table *table)
{
	cJSON *list = c->result ? cJSON_AddArrayToObject(c->result, "partitions") : NULL;
	cli_say(c, "%-16s  %-10s  %-9s  %-10s  %-10s  %-10s  flags", "name", "type", "subtype",
		"first", "size", "last");
	for (uint32_t i = 0; i < table->count; i++)
		print_entry(c, &table->entries[i], list);
	return CLI_OK;
}

/* ---- to write -------------------------------------------------------------------------------- */

/* bytes has room for CSV_MAX, more than a binary table is long. */
static enum cli_exit encode(struct cli *c, struct far_partition_table *table, bool binary,
			    uint8_t *bytes, size_t *len)
{
	struct far_text text = { (char *)bytes, CSV_MAX, 0 };
	char why[256];
	if (binary) {
		*len = FAR_PARTITION_TABLE_LEN;
		if (far_partition_table_put(table, bytes, !opt.no_sum))
			return cli_fail(c, CLI_FILE, "%s", cli_partitions_explain(table, why));
		return CLI_OK;
	}
	far_text_put(&text, "# ESP-IDF Partition Table\n");
	far_partition_table_put_csv(table, &text);
	*len = text.len;
	return CLI_OK;
}

/* name may be - for stdout. */
static enum cli_exit write_file(struct cli *c, const char *name, const uint8_t *bytes, size_t len)
{
	struct cli_output out;
	enum cli_exit code = cli_output_open(c, &out, name);
	if (code)
		return code;
	if (fwrite(bytes, 1, len, out.file) != len)
		code = cli_output_failed(c, &out);
	if (!code)
		code = cli_output_finish(c, &out);
	if (!code)
		cli_say(c, "Wrote %zu bytes to %s", len, out.name);
	cli_output_close(&out);
	return code;
}

/* Encoded first: a table that cannot be leaves no file. */
static enum cli_exit convert(struct cli *c, struct far_partition_table *table, bool binary,
			     const char *name)
{
	static uint8_t bytes[CSV_MAX];
	size_t len;
	enum cli_exit code = encode(c, table, binary, bytes, &len);
	return code ? code : write_file(c, name, bytes, len);
}

/* ---------------------------------------------------------------------------------------------- */

/* Without a size and an offset the rules are those that need neither. */
static enum cli_exit read_rules(struct cli *c, struct far_partition_rules *rules)
{
	const char *size = c->set->flash_size;
	enum cli_exit code = CLI_OK;
	*rules = (struct far_partition_rules){ 0 };
	if (size && strcmp(size, "detect") != 0 && strcmp(size, "keep") != 0)
		code = cli_number(c, "flash size", size, &rules->flash_size);
	if (!code && opt.offset)
		code = cli_number(c, "--offset", opt.offset, &rules->table_addr);
	if (!code && rules->table_addr % FAR_PARTITION_TABLE_SECTOR != 0)
		code = cli_fail(c, CLI_USAGE, "--offset %s is not a multiple of 0x%x", opt.offset,
				FAR_PARTITION_TABLE_SECTOR);
	return code;
}

/* out NULL: to look at. Then what is wrong is a warning, else a failure. */
static enum cli_exit from_file(struct cli *c, struct cli_part *file, const char *out)
{
	static struct far_partition_entry entries[FAR_PARTITION_ENTRIES_MAX];
	struct far_partition_table table;
	struct far_partition_rules rules;
	char why[256];
	far_partition_table_init(&table, entries, FAR_PARTITION_ENTRIES_MAX);
	enum cli_exit code = read_rules(c, &rules);
	if (!code)
		code = cli_part_load(c, file);
	if (!code)
		code = cli_partitions_parse(c, file, &rules, &table);
	if (code)
		return code;
	bool binary = far_partition_table_is_binary(file->data, file->len);
	if (far_partition_table_check(&table, &rules) == FAR_OK)
		return out ? convert(c, &table, !binary, out) : print(c, &table);
	cli_partitions_explain(&table, why);
	if (out)
		return cli_fail(c, CLI_FILE, "%s, %s", file->path, why);
	cli_warn(c, "%s, %s", file->path, why);
	return print(c, &table);
}

/* The table is the run's (partitions.c), so --partition-table ADDRESS says where to look. */
static enum cli_exit from_flash(struct cli *c)
{
	const struct far_partition_table *table;
	struct cli_target t;
	enum cli_exit code = cli_target_open(c, &t);
	if (code)
		return code;
	code = cli_partitions(c, &t, &table);
	if (!code)
		code = table ? print(c, table) : cli_no_partitions(c, &t, t.port);
	return cli_target_close(c, &t, code);
}

/* The port is opened only where there is no file: converting works on any computer. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	if (argc == 0)
		return from_flash(c);
	struct cli_part file = { .path = argv[0] };
	enum cli_exit code = from_file(c, &file, argc > 1 ? argv[1] : NULL);
	free(file.data);
	return code;
}

static const struct cli_option options[] = {
	{ "offset", 'o', CLI_TEXT, &opt.offset, NULL, "ADDR",
	  "where the table will lie in the flash (0x8000)" },
	{ "disable-md5sum", 0, CLI_FLAG, &opt.no_sum, NULL, NULL,
	  "without a checksum, for bootloaders before ESP-IDF 3.1" },
	{ 0 },
};

const struct cli_command cli_partition_table = {
	.name = "partition-table",
	.arguments = "[IN [OUT]]",
	.summary = "show a partition table, or convert it: CSV to binary and back",
	.details =
		"IN is CSV or binary, told by its contents; OUT, a file or - for stdout, becomes "
		"the\n"
		"other. Blank offsets are filled in; what overlaps, lies beyond --flash-size or is "
		"not\n"
		"aligned is refused. Without OUT the table is printed, without IN the one that "
		"--port has.\n",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 2,
	.run = run,
};
