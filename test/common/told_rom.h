/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A loader that answers what a test tells it to, for what no virtual chip does: fuses of any
 * revision, refusals for any reason at any moment, answers that contradict each other. Frames are
 * taken apart and made by the book (docs/SPEC-esp-loader.md, 1); there is no flash and no state
 * behind them.
 */
#ifndef FARFLASH_TEST_TOLD_ROM_H
#define FARFLASH_TEST_TOLD_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farflash/stream.h"
#include "sim/clock/clock.h"

/* What comes of a request: done, without a payload, unless the test says otherwise. */
struct told_reply {
	bool silent;
	uint8_t status, error;
	uint32_t value;
	uint8_t payload[64];
	size_t len;
};

struct told_rom {
	struct far_stream stream; /* no modem lines */
	struct far_sim_clock clock;
	size_t status_len; /* 4; of an ESP8266 2 */
	/*
	 * Called for each request with its data. count: how many of this opcode came, this one
	 * included.
	 */
	void (*answer)(struct told_rom *rom, uint8_t op, const uint8_t *data, size_t len,
		       unsigned count, struct told_reply *reply);
	void *ctx;
	unsigned count[256];
	uint8_t in[0x8000], out[0x1000]; /* the frame coming in; what is to be read */
	size_t in_len, out_len, out_pos;
	bool escaped;
};

/* Clears all but what is set afterwards: answer, ctx, status_len. */
void told_open(struct told_rom *rom);

#endif
