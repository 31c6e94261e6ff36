/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash write-flash-status: the registers that protect parts of a flash, and switch its wide
 * modes. A wrong value can make a flash read-only for good, so it is told what is there before, and
 * read back after. Nothing is guessed about what bits mean: that differs from maker to maker.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/flash_status.h"

static struct {
	uint32_t registers;
	bool lasting;
} opt = { .registers = 2 };

/* The second register of some flashes is cleared by a write of the first alone. */
static enum cli_exit look_at_second(struct cli *c, struct cli_target *t, uint32_t before)
{
	uint32_t after = 0;
	enum cli_exit code = cli_status_read(c, t, 2, &after);
	if (!code && (before ^ after) >> 8 != 0)
		cli_warn(c,
			 "this flash has changed its second status register with the first: from "
			 "0x%02" PRIx32 " to 0x%02" PRIx32 "; --bytes 2 writes both",
			 before >> 8, after >> 8);
	return code;
}

/*
 * VERIFY is a write that was taken and did not stick: what is there now tells a person which bit it
 * was. Anything else is the line or the chip.
 */
static enum cli_exit fail(struct cli *c, struct cli_target *t, int err, uint32_t wanted)
{
	uint32_t status = 0;
	if (err != FAR_ERR_VERIFY || far_esp_read_status(t->esp, opt.registers, &status) != FAR_OK)
		return cli_fail_target(c, t, err, NULL, "cannot write the flash's status");
	return cli_fail(c, CLI_MISMATCH,
			"the flash's status is %s now, not %s: it does not have all of these bits, "
			"or they are protected by its WP pin or by themselves, or want "
			"--non-volatile",
			cli_status_text(status, opt.registers).text,
			cli_status_text(wanted, opt.registers).text);
}

/*
 * The second register is looked at even if only the first is written: some flashes clear it then,
 * and with it the quad mode that the program in them needs.
 */
static enum cli_exit change(struct cli *c, struct cli_target *t, void *ctx)
{
	const uint32_t wanted = *(const uint32_t *)ctx;
	uint32_t before = 0, after = 0, looked = opt.registers == 1 ? 2 : opt.registers;
	uint32_t mask = UINT32_MAX >> (32 - 8 * opt.registers);
	enum cli_exit code = cli_status_check(c, t);
	if (!code)
		code = cli_status_read(c, t, looked, &before);
	if (code)
		return code;
	cli_say(c, "Initial flash status: %s", cli_status_text(before & mask, opt.registers).text);
	cli_say(c, "Setting flash status: %s", cli_status_text(wanted, opt.registers).text);
	int err = far_esp_write_status(t->esp, opt.registers, wanted, opt.lasting);
	if (err)
		return fail(c, t, err, wanted);
	code = cli_status_read(c, t, opt.registers, &after);
	if (!code && opt.registers == 1)
		code = look_at_second(c, t, before);
	if (code)
		return code;
	cli_say(c, "After flash status: %s", cli_status_text(after, opt.registers).text);
	if (c->result) {
		cJSON_AddNumberToObject(c->result, "before", before & mask);
		cJSON_AddNumberToObject(c->result, "after", after);
	}
	return CLI_OK;
}

/* A value too wide is a mistake about --bytes more often than a slip of the finger. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	uint32_t wanted = 0;
	(void)argc;
	enum cli_exit code = cli_status_count(c, opt.registers);
	if (!code)
		code = cli_number(c, "status", argv[0], &wanted);
	if (!code && wanted >> 8 * opt.registers != 0)
		code = cli_fail(c, CLI_USAGE, "status %s does not fit into --bytes %" PRIu32,
				argv[0], opt.registers);
	return code ? code : cli_target_run(c, change, &wanted);
}

static const struct cli_option options[] = {
	{ "bytes", 0, CLI_NUMBER, &opt.registers, NULL, "1|2|3", "how many status registers (2)" },
	{ "non-volatile", 0, CLI_FLAG, &opt.lasting, NULL, NULL,
	  "for good, not until the flash's power goes" },
	{ 0 },
};

const struct cli_command cli_write_flash_status = {
	.name = "write-flash-status",
	.arguments = "VALUE",
	.summary = "write the status registers of the chip's flash",
	.details =
		"VALUE is as read-flash-status tells it; it is read back. Some bits can never be "
		"cleared\n"
		"again, and others protect the flash from all that follows: see its datasheet. "
		"Without\n"
		"--non-volatile the flash forgets it with its power, if it can do that at all.\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
