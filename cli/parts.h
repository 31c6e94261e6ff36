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
	uint8_t *data;          /* all of the file, so that it cannot change on the way */
	struct cli_place place; /* where addr comes from; see cli_parts_resolve */
	bool hex;               /* a range of an Intel hex file, of which there may be several */
};

struct cli_parts {
	size_t count;
	struct cli_part *list;
};

/*
 * Read everything before anything is done: CLI_USAGE for the arguments, CLI_FILE for the files
 * (missing, empty, a directory, too large for any flash). Free p in either case. An Intel hex file
 * becomes a part for each range of addresses that it has, in their order.
 */
enum cli_exit cli_parts_load(struct cli *c, struct cli_parts *p, int argc, char **argv);
/* One file, whole: path in, len and data out, which the caller frees in either case. CLI_FILE. */
enum cli_exit cli_part_load(struct cli *c, struct cli_part *part);
void cli_parts_free(struct cli_parts *p);

/*
 * Find out where each part goes: look up the names among their places, and see that it fits there.
 * For a part of a hex file, whose own address counts, the place is the lowest that is allowed.
 * CLI_USAGE: it does not fit; or what looking a name up failed with.
 */
enum cli_exit cli_parts_resolve(struct cli *c, struct cli_target *t, struct cli_parts *p);

/*
 * For writing, resolved: let parts of hex files begin with sectors, and join those of one file that
 * share a sector, by blank bytes (0xFF). Pointers to parts from before are no longer good.
 * CLI_FILE: no memory.
 */
enum cli_exit cli_parts_to_sectors(struct cli *c, struct cli_parts *p, uint32_t sector);

/*
 * Do they fit the flash, resolved? align: the sector size for parts that are to be written, which
 * must also not share a sector; 1 for parts that are only compared. CLI_USAGE names the part, and
 * the other one.
 */
enum cli_exit cli_parts_check(struct cli *c, const struct cli_target *t, const struct cli_parts *p,
			      uint32_t align);

/* far_update_config.read with ctx a struct cli_part. */
int cli_part_read(const struct cli_part *part, uint32_t offset, uint8_t *buf, uint32_t len);

/*
 * A command about files at places: load them, so that nothing is done for a file that is not there,
 * open the target, let what do it, close. The first failure's exit code.
 */
typedef enum cli_exit cli_parts_job(struct cli *c, struct cli_target *t, struct cli_parts *p);
enum cli_exit cli_parts_run(struct cli *c, int argc, char **argv, cli_parts_job *what);

#endif
