/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FARFLASH_CLI_WIRE_OPEN_H
#define FARFLASH_CLI_WIRE_OPEN_H

#include "cli/wire.h"

/* The kinds of wire; w is as cli_wire_open leaves it. */
enum cli_exit cli_wire_open_pty(struct cli *c, struct cli_wire *w, const char *path);
enum cli_exit cli_wire_open_tcp(struct cli *c, struct cli_wire *w, const char *host_port);

enum cli_exit cli_wire_open_rfc2217(struct cli *c, struct cli_wire *w, const char *host_port);

#endif
