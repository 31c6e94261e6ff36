/* SPDX-License-Identifier: Apache-2.0 */
/* The status registers of a chip's flash, as read-flash-status and write-flash-status know them. */
#ifndef FARFLASH_CLI_FLASH_STATUS_H
#define FARFLASH_CLI_FLASH_STATUS_H

#include "cli/target.h"

/* "0x1f" to "0x00001f", by the number of registers. */
struct cli_status_text {
	char text[12];
};
struct cli_status_text cli_status_text(uint32_t status, uint32_t registers);

/* --bytes: 1 to 3, else CLI_USAGE. Needs no port. */
enum cli_exit cli_status_count(struct cli *c, uint32_t registers);
/* Does the port lead to a flash whose status can be seen? CLI_UNSUPPORTED says why not. */
enum cli_exit cli_status_check(struct cli *c, const struct cli_target *t);
/*
 * The first registers, one byte each, the first one lowest. *status is written only with CLI_OK;
 * else what far_esp_read_status failed with, as CLI_PHASE_WORK has it.
 */
enum cli_exit cli_status_read(struct cli *c, struct cli_target *t, uint32_t registers,
			      uint32_t *status);

#endif
