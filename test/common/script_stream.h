/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream and a clock that play a script: bytes that arrive at given times, cut at will, noise
 * without end, and a failure at any call. Time passes only in reads.
 */
#ifndef FARFLASH_TEST_SCRIPT_STREAM_H
#define FARFLASH_TEST_SCRIPT_STREAM_H

#include "farflash/clock.h"
#include "farflash/stream.h"

struct script_stream {
	struct far_stream stream;
	struct far_clock clock;
	uint32_t now_ms;

	/* What read delivers: bytes [0, in_len), each from its time on. */
	uint8_t in[4096];
	uint32_t in_ms[4096];
	size_t in_len, in_pos;
	size_t cut;       /* at most so many bytes per read; 0: no limit */
	uint32_t read_ms; /* a read takes so long, even if it need not wait */

	/* Behind the script: one byte every noise_ms from noise_from on, if it is not 0. */
	uint32_t noise_ms, noise_from;
	uint8_t (*noise)(uint32_t n); /* the nth of them */
	uint32_t noise_count;

	/* All that was written, and in how many calls. */
	uint8_t out[4 * 65536];
	size_t out_len;
	unsigned writes;

	/* The call with this number (from 1) and every later one fails with fail_err; 0: none. */
	unsigned fail_at;
	int fail_err;
	unsigned calls;
};

void script_open(struct script_stream *s);

/* Queue bytes that arrive delay_ms after those queued before. */
void script_feed(struct script_stream *s, uint32_t delay_ms, const uint8_t *data, size_t len);

/* Make a SLIP frame of a payload, by the book; its length, up to 2 * len + 2. */
size_t script_frame(const uint8_t *payload, size_t len, uint8_t *to);

#endif
