/* SPDX-License-Identifier: Apache-2.0 */
/* "ADDR FILE [ADDR FILE ...]": the files that write-flash and verify-flash work on. */
#ifndef FARFLASH_CLI_PARTS_H
#define FARFLASH_CLI_PARTS_H

#include "cli/cli.h"
#include "cli/place.h"
#include "cli/target.h"

struct cli_part {
	const char *path;
	uint32_t addr, len;
	uint8_t *data; /* all of the file, so that it cannot change on the way */
	struct cli_place
		place; /* where addr comes from: not known before cli_parts_check for a name */
};

struct cli_parts {
	size_t count;
	struct cli_part *list;
};

/*
 * Read everything before anything is done: CLI_USAGE for the arguments, CLI_FILE for the files
 * (missing, empty, a directory, too large for any flash). Free p in either case.
 */
enum cli_exit cli_parts_load(struct cli *c, struct cli_parts *p, int argc, char **argv);
/* One file, whole: path in, len and data out, which the caller frees in either case. CLI_FILE. */
enum cli_exit cli_part_load(struct cli *c, struct cli_part *part);
void cli_parts_free(struct cli_parts *p);

/*
 * Look up the names among their places, then: do they fit their partitions and the flash? align: the sector size for parts that are to be written, which must also
 * not share a sector; 1 for parts that are only compared.
 */
enum cli_exit cli_parts_check(struct cli *c, struct cli_target *t, struct cli_parts *p,
			      uint32_t align);

/* far_update_config.read with ctx a struct cli_part. */
int cli_part_read(const struct cli_part *part, uint32_t offset, uint8_t *buf, uint32_t len);

#endif
