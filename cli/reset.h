/* SPDX-License-Identifier: Apache-2.0 */
/* --before and --after: how the chip comes into its loader, and out of it. */
#ifndef FARFLASH_CLI_RESET_H
#define FARFLASH_CLI_RESET_H

#include "cli/cli.h"
#include "cli/reset_steps.h"

enum cli_after {
	CLI_AFTER_RESET,      /* run the program in the flash */
	CLI_AFTER_SOFT_RESET, /* the same by the loader's command */
	CLI_AFTER_WATCHDOG,   /* the same by the chip's own watchdog */
	CLI_AFTER_NO_RESET,   /* stay in the loader, or stub */
	CLI_AFTER_HOLD        /* stay in reset */
};

struct cli_reset {
	bool no_reset; /* --before: the chip waits in its loader */
	enum cli_after after;
	/* For far_esp_config; NULL: its default. */
	const struct far_esp_step *to_loader, *to_run;
	struct far_esp_step own[CLI_STEPS_MAX]; /* a sequence from the command line */
};

/*
 * Read both options. port: where it may be seen that the chip has the USB unit's kind of reset; ""
 * for none. r is cleared by the caller and stays where it is, as its sequence may be the one that
 * it points to. CLI_USAGE: no such word or sequence.
 */
enum cli_exit cli_reset_init(struct cli_reset *r, struct cli *c, const char *port);

/* Is this port the USB-OTG of an ESP chip itself? As far as the system can tell. */
bool cli_is_usb_otg(const char *port);

#endif
