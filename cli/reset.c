/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which reset it is to be. Where neither option says otherwise and the port is the USB unit of a
 * chip itself, that unit's sequence is taken: its lines are bits in the chip, and the classic
 * sequence for two transistors does not get it into its loader. Every other port is taken for the
 * classic circuit.
 */
#include "cli/reset.h"

#include <libserialport.h>
#include <string.h>

#include "cli/report.h"
#include "device/esp/resets.h"

/* The USB serial and JTAG unit of the newer chips themselves. */
#define UNIT_VENDOR  0x303A
#define UNIT_PRODUCT 0x1001

/*
 * A NULL sequence is device/esp's own: for the classic circuit, held longer at every other attempt.
 */
static enum cli_exit parse_before(struct cli_reset *r, struct cli *c)
{
	const char *text = c->set->before;
	if (!text || cli_same_name(text, "default-reset"))
		return CLI_OK;
	r->no_reset = cli_same_name(text, "no-reset");
	if (cli_same_name(text, "classic-reset"))
		r->to_loader = far_esp_classic_to_loader;
	else if (cli_same_name(text, "usb-reset"))
		r->to_loader = far_esp_usb_jtag_to_loader;
	else if (cli_reset_parse(text, r->own))
		r->to_loader = r->own;
	else if (!r->no_reset)
		return cli_fail(c, CLI_USAGE,
				"--before cannot be '%s': it is default-reset, classic-reset, "
				"usb-reset, no-reset, or a sequence such as "
				"'D0|R1|W0.1|D1|R0|W0.05|D0', each wait up to 10 s",
				text);
	return CLI_OK;
}

/*
 * no-reset-stub is esptool's word for what no-reset is here: a stub stays as it is, and so does the
 * ROM.
 */
static enum cli_exit parse_after(struct cli_reset *r, struct cli *c)
{
	static const struct {
		const char *name;
		enum cli_after after;
	} names[] = {
		{ "hard-reset", CLI_AFTER_RESET },   { "soft-reset", CLI_AFTER_SOFT_RESET },
		{ "no-reset", CLI_AFTER_NO_RESET },  { "no-reset-stub", CLI_AFTER_NO_RESET },
		{ "hold-in-reset", CLI_AFTER_HOLD }, { "watchdog-reset", CLI_AFTER_WATCHDOG },
	};
	const char *text = c->set->after ? c->set->after : names[0].name;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (cli_same_name(text, names[i].name)) {
			r->after = names[i].after;
			return CLI_OK;
		}
	}
	return cli_fail(c, CLI_USAGE,
			"--after cannot be '%s': it is hard-reset, soft-reset, watchdog-reset, "
			"no-reset, no-reset-stub or hold-in-reset",
			text);
}

/*
 * By the numbers that the system has read from the device; false for what is no serial port of its.
 */
static bool is_vendors(const char *name, int *product)
{
	struct sp_port *port;
	int vendor = 0;
	if (sp_get_port_by_name(name, &port) != SP_OK)
		return false;
	bool known = sp_get_port_usb_vid_pid(port, &vendor, product) == SP_OK;
	sp_free_port(port);
	return known && vendor == UNIT_VENDOR;
}

static bool is_usb_unit(const char *name)
{
	int product = 0;
	return is_vendors(name, &product) && product == UNIT_PRODUCT;
}

/* The vendor's other numbers are those of loaders on USB-OTG. */
bool cli_is_usb_otg(const char *port)
{
	int product = 0;
	return is_vendors(port, &product) && product != UNIT_PRODUCT;
}

/* Holding in reset wins over the unit's way to start: the last word is --after's. */
enum cli_exit cli_reset_init(struct cli_reset *r, struct cli *c, const char *port)
{
	enum cli_exit code = parse_before(r, c);
	if (!code)
		code = parse_after(r, c);
	if (!code && is_usb_unit(port)) {
		if (!r->to_loader)
			r->to_loader = far_esp_usb_jtag_to_loader;
		r->to_run = far_esp_usb_jtag_to_run;
	}
	if (r->after == CLI_AFTER_HOLD)
		r->to_run = far_esp_hold;
	return code;
}
