/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash read-mem: one word of the chip's memory. For registers, and to see whether there is
 * anything behind an address; for more than some words there is dump-mem.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/memory.h"

/* In hex, as manuals write addresses and registers; in JSON as numbers. */
static enum cli_exit tell(struct cli *c, struct cli_target *t, void *ctx)
{
	uint32_t value = 0, addr = *(const uint32_t *)ctx;
	enum cli_exit code = cli_memory_check(c, t);
	if (!code)
		code = cli_memory_read(c, t, addr, &value);
	if (code)
		return code;
	cli_say(c, "0x%08" PRIx32 " = 0x%08" PRIx32, addr, value);
	if (c->result) {
		cJSON_AddNumberToObject(c->result, "addr", addr);
		cJSON_AddNumberToObject(c->result, "value", value);
	}
	return CLI_OK;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	uint32_t addr;
	(void)argc;
	enum cli_exit code = cli_word_number(c, "address", argv[0], &addr);
	return code ? code : cli_target_run(c, tell, &addr);
}

const struct cli_command cli_read_mem = {
	.name = "read-mem",
	.arguments = "ADDR",
	.summary = "read a word of the chip's memory or registers",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
