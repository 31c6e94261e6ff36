/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flasher stubs from files: esptool's JSON, one file for each chip (esp32c6.json; esp32p4-rev1.json
 * for ESP32-P4 before revision 3). farflash brings none along.
 */
#ifndef FARFLASH_CLI_STUB_H
#define FARFLASH_CLI_STUB_H

#include "cli/cli.h"
#include "device/esp/stub.h"

struct cli_stub {
	struct far_esp_stub_finder finder; /* for far_esp_init_stub */
	struct cli *c;
	bool wanted;          /* this command, with these options, uses a stub if there is one */
	enum cli_exit failed; /* a file was found that is no use; said already if it was --stub's */
	char path[4096];      /* of the file used or refused; "": none was found */
	struct far_esp_stub stub;
	uint8_t bytes[2][FAR_ESP_STUB_MAX]; /* text and data */
};

/*
 * What --stub, --no-stub and the command say. --stub names a file or a folder; else folders are
 * searched: those of $FARFLASH_STUBS (with ':' between them; empty: none), or else
 * $XDG_DATA_HOME/farflash/stubs or ~/.local/share/farflash/stubs, then relative to the program
 * ../share/farflash/stubs and ../stubs, /usr/local/share/farflash/stubs, /usr/share/farflash/stubs.
 */
enum cli_exit cli_stub_init(struct cli_stub *s, struct cli *c);

/* Read a stub; why it cannot be used is written to why. chip: whose it has to be. */
bool cli_stub_load(struct cli_stub *s, enum far_esp_chip chip, char why[200]);
/* The same of a text that has been read. */
bool cli_stub_parse(struct cli_stub *s, const char *text, enum far_esp_chip chip, char why[200]);

#endif
