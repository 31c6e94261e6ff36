/* SPDX-License-Identifier: Apache-2.0 */
/* The partition table of a run: that of --partition-table, else the one in the flash. */
#ifndef FARFLASH_CLI_PARTITIONS_H
#define FARFLASH_CLI_PARTITIONS_H

#include "cli/parts.h"
#include "cli/target.h"
#include "service/partition_table/partition_table.h"

/*
 * Read on the first call, kept until the end of the run. *table is NULL if there is none: the flash
 * cannot be read or holds something else there; cli_no_partitions says which. CLI_MISMATCH for a
 * damaged one, CLI_FILE and CLI_USAGE for --partition-table, or the flash's own failure.
 */
enum cli_exit cli_partitions(struct cli *c, struct cli_target *t,
			     const struct far_partition_table **table);

/* cli_partitions left *table NULL, and what cannot be done without one. Returns the exit code. */
enum cli_exit cli_no_partitions(struct cli *c, const struct cli_target *t, const char *what);

/* Take in a file in either form; a CSV by these rules. CLI_FILE if there is anything wrong. */
enum cli_exit cli_partitions_parse(struct cli *c, const struct cli_part *file,
				   const struct far_partition_rules *rules,
				   struct far_partition_table *table);

/* table->problem as a sentence. Returns text. */
const char *cli_partitions_explain(const struct far_partition_table *table, char text[256]);

/* "nvs, phy_init, factory", cut off where it becomes too long; printable, whatever is in there. */
const char *cli_partition_names(const struct far_partition_table *table, char *text, size_t cap);

#endif
