/* SPDX-License-Identifier: Apache-2.0 */
/* "ADDR LEN|ALL" on the command line; ADDR may be a partition's name, and ALL is its end then. */
#ifndef FARFLASH_CLI_REGION_H
#define FARFLASH_CLI_REGION_H

#include "cli/place.h"
#include "cli/target.h"

struct cli_region {
	uint32_t addr, len;
	bool all;               /* len is not known before the flash is */
	struct cli_place place; /* where addr comes from */
};

/* argv[0] and argv[1]. CLI_USAGE: no number, or no name; nothing is looked up yet. */
enum cli_exit cli_region_parse(struct cli *c, char **argv, struct cli_region *r);
/*
 * Settle addr and len, and check all against partition and flash: see cli_check_range. CLI_USAGE,
 * or what looking the partition up failed with. Only with CLI_OK are addr and len of use.
 */
enum cli_exit cli_region_check(struct cli *c, struct cli_target *t, struct cli_region *r,
			       uint32_t align);

#endif
