/* SPDX-License-Identifier: Apache-2.0 */
/* Sweeps try every so-manieth place: FARFLASH_TEST_EVERY, 1 if that is not set. */
#ifndef FARFLASH_TEST_EVERY_H
#define FARFLASH_TEST_EVERY_H

#include <stdint.h>

uint32_t test_every(void);

#endif
