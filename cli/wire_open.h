/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of wire that cli_wire_open chooses from: each takes what stands behind its prefix.
 * CLI_USAGE: it is not of that form; CLI_FILE: this computer does not give it. What was opened by
 * then cli_wire_close closes.
 */
#ifndef FARFLASH_CLI_WIRE_OPEN_H
#define FARFLASH_CLI_WIRE_OPEN_H

#include "cli/wire.h"

/* The kinds of wire; w is as cli_wire_open leaves it. */
enum cli_exit cli_wire_open_pty(struct cli *c, struct cli_wire *w, const char *path);
enum cli_exit cli_wire_open_tcp(struct cli *c, struct cli_wire *w, const char *host_port);

enum cli_exit cli_wire_open_rfc2217(struct cli *c, struct cli_wire *w, const char *host_port);

#endif
