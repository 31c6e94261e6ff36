/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks that read-mem, write-mem, dump-mem and load-ram make before they touch a chip's
 * memory. Which addresses have something behind them the chip knows, not this: what is not there it
 * refuses, or it hangs, and that is told as it comes.
 */
#include "cli/memory.h"

#include <inttypes.h>

enum cli_exit cli_word_number(struct cli *c, const char *what, const char *text, uint32_t *value)
{
	enum cli_exit code = cli_number(c, what, text, value);
	if (!code && *value % 4 != 0)
		code = cli_fail(c, CLI_USAGE,
				"%s %s is not a multiple of 4: memory is read and written by words",
				what, text);
	return code;
}

/* Told as what it is: a chip in secure download mode would only say that it refuses. */
enum cli_exit cli_memory_check(struct cli *c, const struct cli_target *t)
{
	if (!t->esp)
		return cli_fail(c, CLI_UNSUPPORTED,
				"%s has no memory to be seen: it is no ESP chip", t->port);
	if (t->esp->security & FAR_ESP_SECURE_DOWNLOAD)
		return cli_fail(c, CLI_UNSUPPORTED,
				"the chip is in secure download mode: its memory cannot be seen");
	return CLI_OK;
}

/* Looks at cli_cancel itself: dump-mem asks a million times. */
enum cli_exit cli_memory_read(struct cli *c, struct cli_target *t, uint32_t addr, uint32_t *value)
{
	int err = cli_cancel ? FAR_ERR_CANCELLED : far_esp_read_reg(t->esp, addr, value);
	if (err)
		return cli_fail_target(c, t, err, NULL, "cannot read memory at 0x%" PRIx32, addr);
	return CLI_OK;
}
