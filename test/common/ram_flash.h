/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash in RAM with NOR physics and any shape: caps, sizes, a window anywhere in 4 GiB. The
 * Nth device call can be made to fail, half-way, and bits can be made to go wrong. It fails the
 * test if the core hands it an argument that flash.h promises it will not.
 */
#ifndef FARFLASH_TEST_RAM_FLASH_H
#define FARFLASH_TEST_RAM_FLASH_H

#include <stdbool.h>
#include <stddef.h>

#include "farflash/flash.h"

#define RAM_FLASH_BYTES 0x80000u

/* Device calls; the number of each is 1 << what. */
enum ram_call {
	RAM_READ,
	RAM_WRITE,
	RAM_ERASE,
	RAM_DIGEST,
	RAM_BEGIN,
	RAM_STREAM, /* replace_write */
	RAM_END,
	RAM_SYNC,
	RAM_CALLS
};

#define RAM_ANY ((1u << RAM_CALLS) - 1)

/* What goes wrong, and how often. */
struct ram_failure {
	uint32_t calls;     /* those that are counted, 1 << enum ram_call or-ed */
	uint32_t at;        /* the number of the first that fails, from 1; 0: none */
	uint32_t times;     /* how many in a row fail; UINT32_MAX: all from then on */
	int err;            /* what they return */
	uint32_t peer_code; /* what they record */
	uint32_t done;      /* bytes they do before they fail, and report as touched */
	bool silent;        /* they record nothing */
};

/* Bytes that do not come out as written. */
struct ram_wear {
	uint32_t addr;  /* programming this byte gives flip more zeros */
	uint8_t flip;   /* 0: none */
	uint32_t times; /* so often; UINT32_MAX: always */
};

struct ram_flash {
	struct far_flash flash;
	struct far_flash_ops ops;
	struct ram_failure failure;
	struct ram_wear wear;
	uint32_t lies_about; /* digests of ranges of this length are wrong; 0: none */
	uint32_t base;       /* address of mem[0]; the rest of the flash must not be touched */
	uint32_t counts[RAM_CALLS];
	uint32_t matching;   /* calls that failure counts */
	uint32_t written;    /* bytes programmed */
	uint32_t erased;     /* bytes erased */
	uint32_t deflated;   /* streams begun with a stream_len */
	uint32_t zeros_lost; /* bits that a write should have raised from 0 to 1 */
	uint32_t begin_addr, begin_len, begin_stream;
	uint32_t packed_len, stream_at;
	uint8_t packed[0x20000]; /* the deflated stream so far */
	uint8_t mem[RAM_FLASH_BYTES];
	uint8_t before[RAM_FLASH_BYTES]; /* see ram_flash_snapshot */
};

/*
 * size, sector and block as in far_flash_info. What caps lack is emulated. mem ends where the
 * flash ends if the flash is larger than mem, else it begins where the flash begins. The contents
 * are a pattern, not blank.
 */
void ram_flash_open(struct ram_flash *r, uint32_t size, uint32_t sector, uint32_t block,
		    uint8_t caps);
/* It has no replace at all, as a device that has to be small. */
void ram_flash_without_replace(struct ram_flash *r);

/* All device calls since open, or since ram_flash_forget. */
uint32_t ram_flash_calls(const struct ram_flash *r);
/* Counters to 0, failure and wear off. */
void ram_flash_forget(struct ram_flash *r);

static inline uint8_t *ram_flash_at(struct ram_flash *r, uint32_t addr)
{
	return r->mem + (addr - r->base);
}

/* Remember all; nothing outside [addr, addr + len) has changed since. */
void ram_flash_snapshot(struct ram_flash *r);
void ram_flash_assert_only(const struct ram_flash *r, uint32_t addr, uint32_t len);
void ram_flash_assert_filled(const struct ram_flash *r, uint32_t addr, uint32_t len, uint8_t value);

/* The record of the last call; touched_addr counts only if touched_len is not 0. */
void ram_flash_assert_fault(const struct ram_flash *r, enum far_flash_op op, int err, uint32_t addr,
			    uint32_t peer_code, uint32_t touched_addr, uint32_t touched_len);

/* Reproducible bytes that depend on where they stand. */
void ram_flash_pattern(uint8_t *buf, uint32_t len, uint32_t seed);

#endif
