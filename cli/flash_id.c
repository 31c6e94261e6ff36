/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash flash-id: maker, type and size of the flash. All of it is known once the port is open,
 * so that a script that only asks whether a chip is there can use this.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/numbers.h"
#include "cli/target.h"

/* Opening has asked the flash already; there is nothing left that could fail. */
static enum cli_exit tell(struct cli *c, struct cli_target *t, void *unused)
{
	const struct far_flash_info *info = &t->flash->info;
	char size[24];
	(void)unused;
	/* Behind a supervisor the flash has a size, but nobody tells its make. */
	if (t->jedec_id) {
		cli_say(c, "Manufacturer: %02" PRIx32, t->jedec_id >> 16);
		cli_say(c, "Device: %04" PRIx32, t->jedec_id & 0xFFFF);
	}
	cli_say(c, "Flash size: %s", cli_format_size(info->size, size));
	cli_say(c, "Sector size: %s", cli_format_size(info->sector_size, size));
	if (!c->result)
		return CLI_OK;
	if (t->jedec_id) {
		cJSON_AddNumberToObject(c->result, "manufacturer", t->jedec_id >> 16);
		cJSON_AddNumberToObject(c->result, "device", t->jedec_id & 0xFFFF);
	}
	cJSON_AddNumberToObject(c->result, "size", info->size);
	cJSON_AddNumberToObject(c->result, "sector_size", info->sector_size);
	return CLI_OK;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return cli_target_run(c, tell, NULL);
}

const struct cli_command cli_flash_id = {
	.name = "flash-id",
	.arguments = "",
	.summary = "tell the flash's JEDEC id and size",
	.run = run,
};
