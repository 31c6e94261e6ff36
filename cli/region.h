/* SPDX-License-Identifier: Apache-2.0 */
/* "ADDR LEN|ALL" on the command line. */
#ifndef FARFLASH_CLI_REGION_H
#define FARFLASH_CLI_REGION_H

#include "cli/target.h"

struct cli_region {
	uint32_t addr, len;
	bool all; /* len is not known before the flash is */
};

/* argv[0] and argv[1]. */
enum cli_exit cli_region_parse(struct cli *c, char **argv, struct cli_region *r);
/* Settle len, and check all against the flash: see cli_check_range. */
enum cli_exit cli_region_check(struct cli *c, const struct cli_target *t, struct cli_region *r,
			       uint32_t align);

#endif
