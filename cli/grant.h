/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NAME:RIGHTS[@START+LEN], what a remote may do with a served flash.
 *
 * With START and LEN the range is that, and NAME only a name. Without, NAME is "all", a row of the
 * partition table (--partition-table, or in the flash at 0x8000), or "storage_partition", where the
 * flash_ipm sample works. RIGHTS is made of r (read and digest), w (write) and e (erase).
 */
#ifndef FARFLASH_CLI_GRANT_H
#define FARFLASH_CLI_GRANT_H

#include "cli/target.h"
#include "service/supervisor/supervisor.h"

/*
 * CLI_USAGE, told: malformed, an unknown partition, beyond the flash. Or the flash's own failure.
 */
enum cli_exit cli_grant_parse(struct cli *c, struct cli_target *t, const char *text,
			      struct far_supervisor_grant *grant);

#endif
