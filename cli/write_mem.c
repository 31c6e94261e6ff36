/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash write-mem: one word of the chip's memory, or some of its bits. For registers: the chip
 * does at once what a write means, and a wrong one can crash it, so nothing is written but what was
 * asked for, and nothing is read back, as reading may mean something, too.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/memory.h"

struct word {
	uint32_t addr, value, mask;
};

/* With a mask the chip's loader itself reads, changes and writes. */
static enum cli_exit write_word(struct cli *c, struct cli_target *t, void *ctx)
{
	const struct word *w = ctx;
	enum cli_exit code = cli_memory_check(c, t);
	if (code)
		return code;
	int err = far_esp_write_reg(t->esp, w->addr, w->value, w->mask);
	if (err)
		return cli_fail_target(c, t, err, NULL, "cannot write memory at 0x%" PRIx32,
				       w->addr);
	cli_say(c, "Wrote 0x%08" PRIx32 ", mask 0x%08" PRIx32 ", to 0x%08" PRIx32, w->value,
		w->mask, w->addr);
	return CLI_OK;
}

/* Value and mask are any words; only the address has to be one of a word. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct word w = { .mask = UINT32_MAX };
	enum cli_exit code = cli_word_number(c, "address", argv[0], &w.addr);
	if (!code)
		code = cli_number(c, "value", argv[1], &w.value);
	if (!code && argc > 2)
		code = cli_number(c, "mask", argv[2], &w.mask);
	return code ? code : cli_target_run(c, write_word, &w);
}

const struct cli_command cli_write_mem = {
	.name = "write-mem",
	.arguments = "ADDR VALUE [MASK]",
	.summary = "write a word of the chip's memory or registers",
	.details = "Only the bits that are set in MASK are changed (all of them).\n",
	.min_arguments = 2,
	.max_arguments = 3,
	.run = run,
};
