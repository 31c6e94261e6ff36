/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bus for the tests of device/nor: the simulator's die in virtual time, with a logger and
 * saboteur in between that can also pose as another part.
 */
#ifndef FARFLASH_TEST_NOR_BUS_H
#define FARFLASH_TEST_NOR_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/nor/nor.h"
#include "sim/clock/clock.h"
#include "sim/nor/nor.h"

#define NOR_BUS_LOG 4096u

struct nor_frame {
	uint8_t opcode;
	uint8_t cmd_len;
	uint32_t addr; /* as far as the command has one */
	size_t tx_len, rx_len;
};

struct nor_bus {
	struct far_spi spi; /* what the device under test is given */
	struct far_sim_clock clock;
	struct far_sim_spi die_spi;
	struct far_sim_nor *die;

	/* Every frame, in order; count goes on when the log is full. */
	struct nor_frame log[NOR_BUS_LOG];
	unsigned count;

	unsigned fail_at;  /* the frame of this number, from 1, fails with FAR_ERR_IO; 0: none */
	bool fail_later;   /* and all behind it */
	int answer_all;    /* every byte reads as this; -1: as the die says */
	uint8_t status_or; /* bits that the status register seems to have */
	bool drop_changes; /* program and erase frames end in a write disable instead */
	bool keep_latch;   /* with drop_changes: they end in nothing, the latch stays set */

	/* Poses as another part where set. */
	const uint8_t *id;
	const uint8_t *sfdp; /* bytes behind its end read as FFh */
	size_t sfdp_len;
	bool pose;
};

/* The die is idle and erased. */
void nor_bus_open(struct nor_bus *b, uint32_t size);
void nor_bus_close(struct nor_bus *b);

/* How many logged frames have this opcode. */
unsigned nor_bus_seen(const struct nor_bus *b, uint8_t opcode);
/* Start the log anew. */
void nor_bus_forget(struct nor_bus *b);

/* One frame straight to the die, past log and sabotage; time is advanced by ms behind it. */
void nor_bus_raw(struct nor_bus *b, const uint8_t *tx, size_t tx_len, uint32_t ms);
/* Program the die's status register 1. */
void nor_bus_set_status(struct nor_bus *b, uint8_t status);
uint32_t nor_bus_now_ms(const struct nor_bus *b);

#endif
