/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SPI NOR flash on a bus of this board, as a struct far_flash.
 *
 * Works with any part that identifies itself by SFDP (JESD216), or by a JEDEC id known here, and
 * has the common command set: 03 read, 02 page program, 4 KiB erase, 05 status, 06 write enable.
 * Parts above 16 MiB are driven with the 4-byte-address commands 13 and 12 and their erases, so
 * that the part's address mode stays as it is. The 64 KiB erase is used where the part has it.
 *
 * Every change is preceded by a write enable that is checked in the status register: a part that
 * does not take it is dead or protected, which is FAR_ERR_REFUSED with the status register as
 * peer_code. Where the status register shows protection bits behind a change, or the latch still
 * set, the result is read back, because some parts drop a change to a protected range without a
 * word: what is not there is FAR_ERR_REFUSED as well.
 *
 * Time bounds, from the datasheets' maxima: page program 5 ms, sector erase 400 ms, 64 KiB block
 * erase 2 s; then FAR_ERR_TIMEOUT. Each call starts by waiting up to 2 s for what an earlier one
 * that timed out left running.
 */
#ifndef FARFLASH_DEVICE_NOR_H
#define FARFLASH_DEVICE_NOR_H

#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/flash.h"
#include "farflash/spi.h"

struct far_nor {
	struct far_flash flash; /* first: the flash */
	uint8_t jedec_id[3];    /* manufacturer, type, capacity; known after init */
	struct {
		struct far_spi *spi;
		struct far_clock *clock;
		uint8_t wide;         /* 4-byte addresses */
		uint8_t sector_erase; /* opcode, 4 KiB */
		uint8_t block_erase;  /* opcode, 64 KiB; 0: the part has none */
	} _state;
};

/*
 * Identify the part and make n a flash. Wakes it from deep power-down, and waits for an operation
 * that a reset of this side left running. spi and clock outlive n; n need not be cleared.
 * FAR_ERR_ARG: a pointer is NULL;
 * FAR_ERR_NOTSUP: nothing answers (id 00.. or FF..) or the part is of an unknown kind;
 * FAR_ERR_TIMEOUT: it never becomes ready; FAR_ERR_IO: the bus.
 */
int far_nor_init(struct far_nor *n, struct far_spi *spi, struct far_clock *clock);

#endif
