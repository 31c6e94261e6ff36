/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash erase-region: what lies in whole sectors, and nothing beside it. A range that is no
 * whole number of them is refused, never widened: what would be erased in addition is somebody's.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/erase.h"
#include "cli/region.h"

static enum cli_exit erase_region(struct cli *c, struct cli_target *t, void *ctx)
{
	struct cli_region *r = ctx;
	uint32_t sector = t->flash->info.sector_size;
	enum cli_exit code = cli_region_check(c, t, r, sector);
	if (code)
		return code;
	if (r->len % sector != 0)
		return cli_fail(c, CLI_USAGE,
				"length 0x%" PRIx32
				" is not a multiple of the sector size 0x%" PRIx32
				": only whole sectors can be erased",
				r->len, sector);
	return cli_erase(c, t, r->addr, r->len, c->result);
}

/* What can be seen to be wrong without the flash is told before the port is opened. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct cli_region region;
	(void)argc;
	enum cli_exit code = cli_region_parse(c, argv, &region);
	return code ? code : cli_target_run(c, erase_region, &region);
}

const struct cli_command cli_erase_region = {
	.name = "erase-region",
	.arguments = "ADDR LEN|ALL",
	.summary = "erase whole sectors",
	.details = "ADDR and LEN are multiples of the sector size (4096). ALL: up to the end.\n"
		   "ADDR may be a partition, NAME or NAME+OFFSET, and ALL its end.\n",
	.min_arguments = 2,
	.max_arguments = 2,
	.uses_stub = true,
	.run = run,
};
