/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash read-flash-status: for a look at why a flash refuses to be written (protection bits),
 * and before write-flash-status. One command of the flash for each register: 05h, 35h, 15h.
 */
#include "cli/commands.h"
#include "cli/flash_status.h"

static uint32_t registers = 2; /* --bytes */

/* In hex with as many digits as there are registers: bits are what is looked for. */
static enum cli_exit tell(struct cli *c, struct cli_target *t, void *unused)
{
	uint32_t status = 0;
	(void)unused;
	enum cli_exit code = cli_status_check(c, t);
	if (!code)
		code = cli_status_read(c, t, registers, &status);
	if (code)
		return code;
	cli_say(c, "Status value: %s", cli_status_text(status, registers).text);
	if (c->result)
		cJSON_AddNumberToObject(c->result, "status", status);
	return CLI_OK;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	enum cli_exit code = cli_status_count(c, registers);
	return code ? code : cli_target_run(c, tell, NULL);
}

static const struct cli_option options[] = {
	{ "bytes", 0, CLI_NUMBER, &registers, NULL, "1|2|3", "how many status registers (2)" },
	{ 0 },
};

const struct cli_command cli_read_flash_status = {
	.name = "read-flash-status",
	.arguments = "",
	.summary = "read the status registers of the chip's flash",
	.details = "As one number, the first register in its lowest byte. What its bits mean is in "
		   "the\n"
		   "flash's datasheet. Of a register that the flash does not have anything may "
		   "come.\n",
	.options = options,
	.run = run,
};
