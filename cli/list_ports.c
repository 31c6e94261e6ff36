/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash list-ports: by libserialport, which knows where each system keeps them. No port is
 * opened, so nothing is reset and nobody is disturbed; whether a chip is behind one only --port
 * tells.
 */
#include <libserialport.h>

#include "cli/commands.h"
#include "cli/foreign.h"
#include "cli/report.h"

#define TEXT_MAX 512 /* a USB string has up to 126 characters; each byte of them may become four */

/* What a device says of itself it may say in order to be obeyed by a terminal. */
static const char *shown(const char *text, char out[TEXT_MAX])
{
	return cli_foreign(text ? text : "", out, TEXT_MAX);
}

/* Ports on the board have no USB numbers, and some adapters no serial number: then it is empty. */
static void tell(struct cli *c, const struct sp_port *port, cJSON *list)
{
	int vid = 0, pid = 0;
	char usb[16] = "";
	if (sp_get_port_usb_vid_pid(port, &vid, &pid) == SP_OK)
		snprintf(usb, sizeof(usb), "%04x:%04x", (unsigned)vid & 0xFFFF,
			 (unsigned)pid & 0xFFFF);
	char texts[3][TEXT_MAX];
	const char *name = shown(sp_get_port_name(port), texts[0]);
	const char *description = shown(sp_get_port_description(port), texts[1]);
	const char *serial = shown(sp_get_port_usb_serial(port), texts[2]);
	cli_say(c, "%-16s %-10s %s%s%s", name, usb, description, serial[0] ? ", serial " : "",
		serial);
	if (!list)
		return;
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "port", name);
	cJSON_AddStringToObject(o, "usb", usb);
	cJSON_AddStringToObject(o, "description", description);
	cJSON_AddStringToObject(o, "serial", serial);
	cJSON_AddItemToArray(list, o);
}

/* None is no failure; a person is told what to do about it. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct sp_port **ports = NULL;
	(void)argc;
	(void)argv;
	if (sp_list_ports(&ports) != SP_OK)
		return cli_fail(c, CLI_FILE, "cannot list the serial ports of this computer");
	cJSON *list = c->result ? cJSON_AddArrayToObject(c->result, "ports") : NULL;
	for (size_t i = 0; ports[i]; i++)
		tell(c, ports[i], list);
	if (!ports[0])
		cli_say(c, "No serial ports here: plug one in, or use socket://HOST:PORT");
	sp_free_port_list(ports);
	return CLI_OK;
}

const struct cli_command cli_list_ports = {
	.name = "list-ports",
	.arguments = "",
	.summary = "list the serial ports of this computer",
	.run = run,
};
