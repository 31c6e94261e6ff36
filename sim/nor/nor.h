/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A serial NOR flash die, with the physics that the datasheet promises and no more: program only
 * clears bits and wraps inside its 256-byte page, erase needs write enable, the die is busy for
 * the datasheet's typical time and ignores everything but status reads meanwhile, protection bits
 * protect, SFDP and JEDEC id answer. Written from the datasheets of the W25Q family.
 *
 * Parts above 16 MiB are like the W25Q256: 4-byte commands and modes, and BP3 in place of SEC.
 * Not modelled: dual and quad addresses, suspend, security registers, individual block locks.
 *
 * The die knows time only as the now_ns that each call is given, so the same die lives in virtual
 * and in real time.
 */
#ifndef FARFLASH_SIM_NOR_H
#define FARFLASH_SIM_NOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/spi.h"
#include "sim/fault/fault.h"

#define FAR_SIM_NOR_PAGE   256u
#define FAR_SIM_NOR_SECTOR 4096u

struct far_sim_nor;

struct far_sim_nor_config {
	uint32_t size;   /* bytes: a power of two from 64 KiB to 256 MiB */
	uint8_t *memory; /* size bytes that outlive the die and start with its contents (say a
	                    mapped file); NULL: the die owns its memory and starts erased */
	bool instant;    /* operations take no time (never busy) */
};

struct far_sim_nor_counts {
	uint64_t programs;    /* page program operations carried out */
	uint64_t erases;      /* erase operations carried out, of any unit */
	uint64_t refused;     /* changes refused: no write enable, protected, or beyond the end */
	uint64_t while_busy;  /* commands ignored because the die was busy */
	uint64_t zero_to_one; /* program operations that asked for some 0 -> 1 and did not get it;
	                         0xff over a programmed byte asks for it, too */
	uint64_t ignored;     /* frames that were no complete command of this part, that ended on
	                         the wrong byte, or that came during deep power-down */
};

/*
 * NULL if the size is not possible or memory is short. Free with far_sim_nor_free (NULL is fine).
 */
struct far_sim_nor *far_sim_nor_new(const struct far_sim_nor_config *config);
void far_sim_nor_free(struct far_sim_nor *n);

/*
 * One chip-select frame that ends at time now_ns: tx_len >= 1 bytes in, then rx_len bytes out; rx
 * may be NULL if rx_len is 0. Bytes that nobody drives read as 0xff. No frame, however odd, does
 * more than a die would. A read beyond the end wraps (the part lacks those address lines), a change
 * there is refused.
 */
void far_sim_nor_frame(struct far_sim_nor *n, uint64_t now_ns, const uint8_t *tx, size_t tx_len,
		       uint8_t *rx, size_t rx_len);

/* When the operation now running ends; a time not after now_ns: the die is idle. */
uint64_t far_sim_nor_busy_until_ns(const struct far_sim_nor *n);

/* The contents, size bytes, for tests and tools; a running operation has already taken effect. */
const uint8_t *far_sim_nor_memory(const struct far_sim_nor *n);
uint32_t far_sim_nor_size(const struct far_sim_nor *n);

/* How often the sector that holds addr was erased. */
uint32_t far_sim_nor_wear(const struct far_sim_nor *n, uint32_t addr);
const struct far_sim_nor_counts *far_sim_nor_counts(const struct far_sim_nor *n);

/*
 * Let a plan of faults meet every page program and erase from now on; NULL: none. When it cuts the
 * power the die is gone: frames do nothing and read as 0xff, until far_sim_nor_power_cycle. What is
 * half programmed or half erased then has bits that read differently from time to time, until its
 * sector is erased. fault outlives the die.
 */
void far_sim_nor_set_fault(struct far_sim_nor *n, struct far_sim_fault *fault);

/*
 * Power off and on: volatile state (write enable latch, a running operation's busy time) is lost.
 */
void far_sim_nor_power_cycle(struct far_sim_nor *n);

/*
 * The die on an SPI bus of its own, for drivers over farflash/spi.h. Every frame takes the time of
 * its bits: on a virtual clock (sim/clock) the clock moves by it, with any other clock the die's
 * time is the clock's plus that of all frames so far. So time passes even for a driver that polls
 * without sleeping, and the pauses of a few microseconds that ABh and 99h ask for must be kept.
 *
 * A frame outside the contract of farflash/spi.h gives FAR_ERR_ARG and never reaches the die.
 */
struct far_sim_spi {
	struct far_spi spi; /* what the driver is given */
	struct far_sim_nor *nor;
	struct far_clock *clock;
	uint32_t hz; /* bit rate: 40 MHz after init; 0: frames take no time */
	struct {
		uint64_t now_ns;  /* the die's time, unless the clock is virtual */
		uint32_t last_ms; /* the clock at the last frame */
	} _state;
};
/* The die and the clock outlive s. */
void far_sim_spi_init(struct far_sim_spi *s, struct far_sim_nor *nor, struct far_clock *clock);

#endif
