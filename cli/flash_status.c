/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status registers are the flash's, and reading them is a command that only the chip's own
 * controller can send. So this is for chips alone: nor:FILE has a status, but none that outlives
 * the process, and a supervisor shows none to its remotes.
 */
#include "cli/flash_status.h"

#include <inttypes.h>

/* By value, so that two of them can stand in one message. */
struct cli_status_text cli_status_text(uint32_t status, uint32_t registers)
{
	struct cli_status_text t;
	snprintf(t.text, sizeof(t.text), "0x%0*" PRIx32, (int)registers * 2, status);
	return t;
}

/* Before the port is opened: nothing has been done then. */
enum cli_exit cli_status_count(struct cli *c, uint32_t registers)
{
	if (registers >= 1 && registers <= 3)
		return CLI_OK;
	return cli_fail(c, CLI_USAGE, "--bytes %" PRIu32 ": a flash has 1 to 3 status registers",
			registers);
}

/* In secure download mode the ROM refuses all registers, and so all of the flash's own commands. */
enum cli_exit cli_status_check(struct cli *c, const struct cli_target *t)
{
	if (!t->esp)
		return cli_fail(c, CLI_UNSUPPORTED,
				"%s shows no status registers: only the flash of an ESP chip does",
				t->port);
	if (t->esp->security & FAR_ESP_SECURE_DOWNLOAD)
		return cli_fail(c, CLI_UNSUPPORTED,
				"the chip is in secure download mode: its flash takes no commands");
	return CLI_OK;
}

enum cli_exit cli_status_read(struct cli *c, struct cli_target *t, uint32_t registers,
			      uint32_t *status)
{
	int err = far_esp_read_status(t->esp, registers, status);
	return err ? cli_fail_target(c, t, err, NULL, "cannot read the flash's status") : CLI_OK;
}
