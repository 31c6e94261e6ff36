/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash read-mac: the MAC address that the chip's fuses hold, the base one of several that it
 * may use.
 */
#include "cli/commands.h"
#include "cli/target.h"

/* Opening an ESP chip tells its address already, for people and in the JSON object. */
static enum cli_exit check(struct cli *c, struct cli_target *t, void *unused)
{
	(void)unused;
	if (!t->esp)
		return cli_fail(c, CLI_UNSUPPORTED, "%s has no MAC address: it is no ESP chip",
				t->port);
	if (!t->has_mac)
		return cli_fail(c, CLI_UNSUPPORTED,
				"the chip is in secure download mode, which hides its MAC address");
	return CLI_OK;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return cli_target_run(c, check, NULL);
}

const struct cli_command cli_read_mac = {
	.name = "read-mac",
	.arguments = "",
	.summary = "tell the chip's MAC address",
	.run = run,
};
