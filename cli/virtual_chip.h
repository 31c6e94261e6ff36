/* SPDX-License-Identifier: Apache-2.0 */
/* The chip that `farflash emulate` is: what its options say about it, and its flash. */
#ifndef FARFLASH_CLI_VIRTUAL_CHIP_H
#define FARFLASH_CLI_VIRTUAL_CHIP_H

#include "cli/image.h"
#include "sim/esp/esp.h"

/* As the options give them; zero is a chip as it leaves the factory. */
struct cli_chip_options {
	const char *name; /* NULL: not given */
	const char *app_text;
	uint32_t crystal_mhz;
	uint32_t encryption; /* value of the flash encryption counter, 0 to 7 */
	bool in_program; /* it starts with its program: the client can reset it into its loader */
	bool secure_download, secure_boot, any_stub, usb_otg;
};

/*
 * Is there such a chip, and has it what the options ask of it? CLI_USAGE names what is wrong.
 * o->name is set, in any of its spellings, and becomes the simulator's.
 */
enum cli_exit cli_chip_check(struct cli *c, struct cli_chip_options *o);

/*
 * Switch it on, with the image as its flash, which outlives both. instant: the flash takes no time,
 * as for a client that is not to wait; else the datasheet's. CLI_FILE: no memory. The caller frees
 * *esp, then *nor (far_sim_esp_free, far_sim_nor_free) in either case; they may be NULL.
 */
enum cli_exit cli_chip_power_up(struct cli *c, const struct cli_chip_options *o,
				const struct cli_image *image, bool instant,
				struct far_sim_nor **nor, struct far_sim_esp **esp);

#endif
