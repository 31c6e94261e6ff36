/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash run: leave the loader and start the program in the flash, as at the end of every other
 * command, but with nothing done before.
 */
#include "cli/commands.h"
#include "cli/target.h"

/* Opening has proved that the chip is there; closing starts it. */
static enum cli_exit start(struct cli *c, struct cli_target *t, void *unused)
{
	(void)unused;
	t->run = t->esp != NULL;
	return t->run ? CLI_OK
		      : cli_fail(c, CLI_UNSUPPORTED, "%s runs no program: it is no ESP chip",
				 t->port);
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return cli_target_run(c, start, NULL);
}

const struct cli_command cli_run = {
	.name = "run",
	.arguments = "",
	.summary = "start the program in the flash",
	.details = "By a reset where the port has modem lines and --after does not say otherwise,\n"
		   "else by the loader's own command, which some ROMs follow only half.\n",
	.run = run,
};
