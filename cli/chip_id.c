/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash chip-id: which chip it is, and by what it was recognised. Newer ROMs tell a chip id, the
 * one that images carry in their headers; older ones are known by a word of their memory.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/target.h"

/* The ESP8266's "chip id" is the lower half of its MAC address; the others have but the MAC. */
static enum cli_exit tell(struct cli *c, struct cli_target *t, void *unused)
{
	(void)unused;
	if (!t->esp)
		return cli_fail(c, CLI_UNSUPPORTED, "%s has no chip id: it is no ESP chip",
				t->port);
	/* What it was told apart by. */
	if (t->esp->chip_id != FAR_ESP_NO_ID)
		cli_say(c, "Image chip id: %" PRIu32, t->esp->chip_id);
	else
		cli_say(c, "Magic: 0x%08" PRIx32, t->esp->magic);
	if (t->esp->chip == FAR_ESP_8266)
		cli_say(c, "Chip ID: 0x00%02x%02x%02x", t->mac[3], t->mac[4], t->mac[5]);
	cli_say(c, "Bootloader at: 0x%" PRIx32, far_esp_bootloader_offset(t->esp->chip));
	if (c->result) {
		if (t->esp->chip_id != FAR_ESP_NO_ID)
			cJSON_AddNumberToObject(c->result, "chip_id", t->esp->chip_id);
		else
			cJSON_AddNumberToObject(c->result, "magic", t->esp->magic);
		cJSON_AddNumberToObject(c->result, "bootloader",
					far_esp_bootloader_offset(t->esp->chip));
	}
	return CLI_OK;
}

/* Opening the port has told the chip's name and MAC address already. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return cli_target_run(c, tell, NULL);
}

const struct cli_command cli_chip_id = {
	.name = "chip-id",
	.arguments = "",
	.summary = "tell which chip it is",
	.run = run,
};
