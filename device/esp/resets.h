/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reset sequences other than the usual one, for far_esp_config.to_loader and to_run. Each ends with
 * FAR_ESP_STEP_LAST.
 */
#ifndef FARFLASH_DEVICE_ESP_RESETS_H
#define FARFLASH_DEVICE_ESP_RESETS_H

#include "device/esp/esp.h"

/*
 * Into the loader, one line after the other, as systems do that cannot change both at once. On the
 * circuit of two transistors it is the same.
 */
extern const struct far_esp_step far_esp_classic_to_loader[];

/*
 * The USB serial and JTAG unit inside newer chips (USB 303A:1001) has no circuit: it watches the
 * lines and takes this sequence for a wish to be reset into the loader.
 */
extern const struct far_esp_step far_esp_usb_jtag_to_loader[];
/* Out of it again: the unit wants the pulse longer. */
extern const struct far_esp_step far_esp_usb_jtag_to_run[];

/* Hold the chip in reset. It comes out when the lines are let go. */
extern const struct far_esp_step far_esp_hold[];

#endif
