/* SPDX-License-Identifier: Apache-2.0 */
/* A NOR part on a board of the virtual world: what several of the worlds stand on. */
#ifndef FARFLASH_TEST_POWERLOSS_BOARD_H
#define FARFLASH_TEST_POWERLOSS_BOARD_H

#include "device/nor/nor.h"
#include "sim/clock/clock.h"
#include "sim/nor/nor.h"
#include "test/powerloss/runner.h"

extern struct far_sim_clock board_clock;

void board_create(const uint8_t *contents, struct far_sim_fault *plan);
/* Power on, and the driver begins anew. NULL: it does not find its part. */
struct far_flash *board_boot(void);
const uint8_t *board_memory(void);
void board_destroy(void);

#endif
