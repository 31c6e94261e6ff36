/* SPDX-License-Identifier: Apache-2.0 */
/* Where the chips have RAM that a program may be loaded to. */
#ifndef FARFLASH_CLI_RAM_H
#define FARFLASH_CLI_RAM_H

#include <stdbool.h>

#include "device/esp/esp.h"

enum cli_ram { CLI_RAM_NONE, CLI_RAM_DATA, CLI_RAM_CODE /* code and data */ };

/*
 * What RAM is all of [addr, addr + len) in, which does not span two kinds? CLI_RAM_NONE for any
 * range that is not wholly in one; addr + len may go round.
 */
enum cli_ram cli_ram_at(enum far_esp_chip chip, uint32_t addr, uint32_t len);

#endif
