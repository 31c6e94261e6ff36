/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash read-mac: the MAC address that the chip's fuses hold, the base one of several that it
 * may use.
 */
#include "cli/commands.h"
#include "cli/target.h"

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct cli_target t;
	(void)argc;
	(void)argv;
	/* Opening an ESP chip tells its address already, for people and in the JSON object. */
	enum cli_exit code = cli_target_open(c, &t);
	if (code)
		return code;
	if (!t.esp)
		code = cli_fail(c, CLI_UNSUPPORTED, "%s has no MAC address: it is no ESP chip",
				t.port);
	else if (!t.has_mac)
		code = cli_fail(c, CLI_UNSUPPORTED,
				"the chip is in secure download mode, which hides its MAC address");
	return cli_target_close(c, &t, code);
}

const struct cli_command cli_read_mac = {
	.name = "read-mac",
	.arguments = "",
	.summary = "tell the chip's MAC address",
	.run = run,
};
