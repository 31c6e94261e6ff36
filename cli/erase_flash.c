/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash erase-flash: all of it, block by block and not by the chip's one command for that, so
 * that there is progress, an interrupt ends it soon, and no time-out has to fit the slowest flash
 * there is.
 */
#include "cli/commands.h"
#include "cli/erase.h"

/* A flash that does not tell its size has no end to go to: told by the check. */
static enum cli_exit erase_all(struct cli *c, struct cli_target *t, void *unused)
{
	(void)unused;
	uint32_t size = t->flash->info.size;
	enum cli_exit code = cli_check_range(c, t, "erase-flash", 0, size, 0);
	return code ? code : cli_erase(c, t, 0, size, c->result);
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return cli_target_run(c, erase_all, NULL);
}

const struct cli_command cli_erase_flash = {
	.name = "erase-flash",
	.arguments = "",
	.summary = "erase the whole flash",
	.uses_stub = true,
	.run = run,
};
