/* SPDX-License-Identifier: Apache-2.0 */
/* Reset sequences as people write them. */
#ifndef FARFLASH_CLI_RESET_STEPS_H
#define FARFLASH_CLI_RESET_STEPS_H

#include <stdbool.h>

#include "device/esp/esp.h"

#define CLI_STEPS_MAX 64

/*
 * A sequence in esptool's words, "D0|R1|W0.1|D1|R0|W0.05|D0": D and R set DTR and RTS, U<d>,<r>
 * both at once, W waits so many seconds. False: not one, or too long.
 */
bool cli_reset_parse(const char *text, struct far_esp_step steps[CLI_STEPS_MAX]);

#endif
