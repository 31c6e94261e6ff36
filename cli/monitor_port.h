/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line to a chip as `farflash monitor` has it: bytes and resets, and no loader. It may vanish.
 */
#ifndef FARFLASH_CLI_MONITOR_PORT_H
#define FARFLASH_CLI_MONITOR_PORT_H

#include "cli/cli.h"
#include "cli/reset.h"
#include "port/linux/rfc2217.h"

struct cli_monitor_port {
	const char *name; /* as --port names it */
	uint32_t baud;
	struct cli_reset
		reset; /* --before and --after: how into the loader, and into the program */
	struct far_linux_rfc2217 line; /* of which the other kinds use the base alone */
	struct far_linux_clock clock;
};

/*
 * Is p->name a port of a kind that carries bytes of a chip? Reads --before and --after, too.
 * CLI_USAGE or CLI_UNSUPPORTED say why not; nothing is opened.
 */
enum cli_exit cli_monitor_port_check(struct cli *c, struct cli_monitor_port *p);

/*
 * Open it, with neither line asserted. FAR_OK, or the port's error; then it may be tried again.
 * What it had received before is lost. A TCP connection is waited for up to five seconds.
 */
int cli_monitor_port_open(struct cli_monitor_port *p);
/* Also of one that is not open. What is still to be sent goes with it. */
void cli_monitor_port_close(struct cli_monitor_port *p);

/*
 * Into the program, or into the loader. FAR_OK, FAR_ERR_NOTSUP without lines, or the port's error;
 * one that is --before no-reset is never reset into its loader: FAR_ERR_STATE.
 */
int cli_monitor_port_reset(struct cli_monitor_port *p, bool loader);

#endif
