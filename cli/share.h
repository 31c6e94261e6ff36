/* SPDX-License-Identifier: Apache-2.0 */
/* A mailbox file, for the side that serves a flash and for the side that uses it. */
#ifndef FARFLASH_CLI_SHARE_H
#define FARFLASH_CLI_SHARE_H

#include "cli/cli.h"
#include "port/linux/shared.h"

#define CLI_SIDE_SUPERVISOR 0u
#define CLI_SIDE_REMOTE     1u

/*
 * far_linux_shared_open, with its failure told: CLI_NO_CONNECTION if somebody else has that side,
 * CLI_FILE if the file is no mailbox or cannot be used. Close s in either case.
 */
enum cli_exit cli_share(struct cli *c, struct far_linux_shared *s, const char *path, uint32_t side,
			uint32_t window_len);

#endif
