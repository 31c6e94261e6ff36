/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emulate's options about the chip, checked and carried to sim/esp, which knows the chips. Here
 * nothing is known about them but their names; all questions go to far_sim_esp_can.
 */
#include "cli/virtual_chip.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report.h"
#include "cli/target.h"

#define MHZ         1000000u
#define CRYSTAL_MIN 8u
#define CRYSTAL_MAX 80u
#define CRYPT_MAX   7u /* a counter of three bits */

/* From the name as typed to the simulator's own. The message lists them all, made while looking. */
static enum cli_exit check_name(struct cli *c, const char **name)
{
	char names[256] = "";
	for (size_t i = 0; far_sim_esp_chip_name(i); i++) {
		if (cli_same_chip(*name, far_sim_esp_chip_name(i))) {
			*name = far_sim_esp_chip_name(i);
			return CLI_OK;
		}
		size_t used = strlen(names);
		snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
			 far_sim_esp_chip_name(i));
	}
	return cli_fail(c, CLI_USAGE, "no virtual chip '%s': there are %s", *name, names);
}

/* An option that this chip has no fuses for would be ignored in silence: refused instead. */
static enum cli_exit check_feature(struct cli *c, const struct cli_chip_options *o, bool wanted,
				   enum far_sim_esp_feature feature, const char *option)
{
	if (!wanted || far_sim_esp_can(o->name, feature))
		return CLI_OK;
	return cli_fail(c, CLI_USAGE, "%s: the %s has nothing of the kind", option, o->name);
}

/* The limits are those of the fuse, and of crystals that a chip of this family could start with. */
static enum cli_exit check_numbers(struct cli *c, const struct cli_chip_options *o)
{
	if (o->encryption > CRYPT_MAX)
		return cli_fail(c, CLI_USAGE,
				"--flash-encryption %" PRIu32
				": a counter of three bits, 0 to 7; an odd number of ones is on",
				o->encryption);
	if (o->crystal_mhz != 0 && (o->crystal_mhz < CRYSTAL_MIN || o->crystal_mhz > CRYSTAL_MAX))
		return cli_fail(c, CLI_USAGE, "--crystal %" PRIu32 ": in MHz, such as 26 or 40",
				o->crystal_mhz);
	return CLI_OK;
}

/* The name first: what a chip can is asked by it. */
enum cli_exit cli_chip_check(struct cli *c, struct cli_chip_options *o)
{
	enum cli_exit code = check_name(c, &o->name);
	if (!code)
		code = check_numbers(c, o);
	if (!code)
		code = check_feature(c, o, o->secure_download, FAR_SIM_ESP_SECURE_DOWNLOAD,
				     "--secure-download");
	if (!code)
		code = check_feature(c, o, o->secure_boot, FAR_SIM_ESP_SECURE_BOOT,
				     "--secure-boot");
	if (!code)
		code = check_feature(c, o, o->encryption != 0, FAR_SIM_ESP_ENCRYPTION,
				     "--flash-encryption");
	if (!code)
		code = check_feature(c, o, o->usb_otg, FAR_SIM_ESP_USB_OTG, "--usb-otg");
	if (!code)
		code = check_feature(c, o, o->crystal_mhz != 0, FAR_SIM_ESP_CRYSTALS, "--crystal");
	return code;
}

/* The die first, as the chip keeps a pointer to it. */
enum cli_exit cli_chip_power_up(struct cli *c, const struct cli_chip_options *o,
				const struct cli_image *image, bool instant,
				struct far_sim_nor **nor, struct far_sim_esp **esp)
{
	const struct far_sim_nor_config die = {
		.size = image->size,
		.memory = image->memory,
		.instant = instant,
	};
	*nor = far_sim_nor_new(&die);
	const struct far_sim_esp_config config = {
		.chip = o->name,
		.nor = *nor,
		.in_loader = !o->in_program,
		.crystal_hz = o->crystal_mhz * MHZ,
		.secure_download = o->secure_download,
		.secure_boot = o->secure_boot,
		.flash_crypt_count = (uint8_t)o->encryption,
		.any_stub = o->any_stub,
		.usb_otg = o->usb_otg,
		.app_text = o->app_text,
	};
	*esp = *nor ? far_sim_esp_new(&config) : NULL;
	return *esp ? CLI_OK : cli_fail(c, CLI_FILE, "out of memory");
}
