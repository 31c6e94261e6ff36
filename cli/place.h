/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in the flash: an address, or a partition by its name, with an offset if need be: "0x10000",
 * "nvs", "nvs+0x1000". What begins with a digit is a number.
 */
#ifndef FARFLASH_CLI_PLACE_H
#define FARFLASH_CLI_PLACE_H

#include "cli/target.h"

struct cli_place {
	const char *text; /* as it was typed */
	uint32_t addr;    /* a name's: once it is resolved */
	uint32_t room;    /* bytes up to the end of the partition; UINT32_MAX for an address */
	bool named;
};

/* CLI_USAGE for what is no number and can be no name. Names are looked up later. */
enum cli_exit cli_place_parse(struct cli *c, const char *text, struct cli_place *p);

/*
 * Look a name up in the table of the run (cli_partitions): sets addr and room. CLI_USAGE: no such
 * partition, or the offset is beyond its end.
 */
enum cli_exit cli_place_resolve(struct cli *c, struct cli_target *t, struct cli_place *p);

/*
 * Do len bytes fit between p, resolved, and the end of its partition? CLI_USAGE if not; what as for
 * cli_check_range.
 */
enum cli_exit cli_place_check(struct cli *c, const struct cli_place *p, const char *what,
			      uint32_t len);

#endif
