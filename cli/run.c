/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash run: leave the loader and start the program in the flash, as at the end of every other
 * command, but with nothing done before.
 */
#include "cli/commands.h"
#include "cli/target.h"

/* Opening has proved that the chip is there; closing starts it. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct cli_target t;
	(void)argc;
	(void)argv;
	enum cli_exit code = cli_target_open(c, &t);
	if (code)
		return code;
	if (!t.esp)
		code = cli_fail(c, CLI_UNSUPPORTED, "%s runs no program: it is no ESP chip",
				t.port);
	t.run = !code;
	return cli_target_close(c, &t, code);
}

const struct cli_command cli_run = {
	.name = "run",
	.arguments = "",
	.summary = "start the program in the flash",
	.details = "By a reset where the port has modem lines and --after does not say otherwise,\n"
		   "else by the loader's own command, which some ROMs follow only half.\n",
	.run = run,
};
