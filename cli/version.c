/* SPDX-License-Identifier: Apache-2.0 */
/* farflash version, and --version: a command, too, as it is one of esptool's. */
#include "cli/commands.h"
#include "cli/report.h"

/* Not by cli_say: it is what was asked for, also with --quiet. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (c->result)
		cJSON_AddStringToObject(c->result, "version", FARFLASH_VERSION);
	else
		puts("farflash " FARFLASH_VERSION);
	return CLI_OK;
}

const struct cli_command cli_version = {
	.name = "version",
	.arguments = "",
	.summary = "tell the version",
	.run = run,
};
