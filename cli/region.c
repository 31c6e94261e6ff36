/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two arguments that say what part of a flash is meant. They are parsed before the port is
 * opened and settled after it, as names and ALL mean nothing before. What is settled lies inside
 * the flash and inside the partition that was named, so that nobody else has to add addresses up.
 */
#include "cli/region.h"

#include <strings.h>

/* ALL may be typed in small letters, too: no number begins so. */
enum cli_exit cli_region_parse(struct cli *c, char **argv, struct cli_region *r)
{
	*r = (struct cli_region){ .all = strcasecmp(argv[1], "ALL") == 0 };
	enum cli_exit err = cli_place_parse(c, argv[0], &r->place);
	if (!err && !r->all)
		err = cli_number(c, "length", argv[1], &r->len);
	return err;
}

/* An address beyond the flash leaves the length 0, and the check below tells that it is beyond. */
enum cli_exit cli_region_check(struct cli *c, struct cli_target *t, struct cli_region *r,
			       uint32_t align)
{
	uint32_t size = t->flash->info.size;
	enum cli_exit err = cli_place_resolve(c, t, &r->place);
	if (err)
		return err;
	r->addr = r->place.addr;
	if (r->all && r->addr < size)
		r->len = r->place.named ? r->place.room : size - r->addr;
	err = cli_place_check(c, &r->place, c->command->name, r->len);
	return err ? err : cli_check_range(c, t, c->command->name, r->addr, r->len, align);
}
