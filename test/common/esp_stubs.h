/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins for the vendor's stubs, one for each chip: a few bytes at the place of the real one's
 * text and data. The virtual chip does not execute them; with far_sim_esp_config.any_stub it takes
 * whatever is started for a stub.
 */
#ifndef FARFLASH_TEST_ESP_STUBS_H
#define FARFLASH_TEST_ESP_STUBS_H

#include "device/esp/stub.h"

const struct far_esp_stub *test_stub(enum far_esp_chip chip);

/* Finds them; ctx, if not NULL, is an int that counts how often it was asked. */
const struct far_esp_stub *test_find_stub(void *ctx, enum far_esp_chip chip, uint32_t revision);

#endif
