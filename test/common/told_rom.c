/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "test/common/told_rom.h"

enum { END = 0xc0, ESC = 0xdb, ESC_END = 0xdc, ESC_ESC = 0xdd, HEADER = 8, SYNC = 8 };

static void put(struct told_rom *rom, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && rom->out_len + 2 <= sizeof(rom->out); i++) {
		bool special = bytes[i] == END || bytes[i] == ESC;

		if (special)
			rom->out[rom->out_len++] = ESC;
		rom->out[rom->out_len++] = !special          ? bytes[i]
					   : bytes[i] == END ? ESC_END
							     : ESC_ESC;
	}
}

static void reply(struct told_rom *rom, uint8_t op, const struct told_reply *r)
{
	uint8_t head[HEADER] = { 1, op, (uint8_t)(r->len + rom->status_len) };
	uint8_t status[4] = { r->status, r->error, 0, 0 };
	const uint8_t end = END;

	for (unsigned i = 0; i < 4; i++)
		head[4 + i] = (uint8_t)(r->value >> (8 * i));
	if (rom->out_pos == rom->out_len)
		rom->out_pos = rom->out_len = 0;
	if (rom->out_len < sizeof(rom->out))
		rom->out[rom->out_len++] = end;
	put(rom, head, sizeof(head));
	put(rom, r->payload, r->len);
	put(rom, status, rom->status_len);
	if (rom->out_len < sizeof(rom->out))
		rom->out[rom->out_len++] = end;
}

static void take(struct told_rom *rom)
{
	struct told_reply r = { .value = 0x20120707 };
	uint8_t op = rom->in[1];

	if (rom->in_len < HEADER || rom->in[0] != 0)
		return;
	rom->count[op]++;
	rom->answer(rom, op, rom->in + HEADER, rom->in_len - HEADER, rom->count[op], &r);
	for (unsigned i = 0; !r.silent && i < (op == SYNC ? 8 : 1); i++)
		reply(rom, op, &r);
}

static int listen(struct far_stream *s, const uint8_t *bytes, size_t len)
{
	struct told_rom *rom = (struct told_rom *)s;

	for (size_t i = 0; i < len; i++) {
		uint8_t b = bytes[i];

		if (b == END) {
			take(rom);
			rom->in_len = 0;
		} else if (b == ESC) {
			rom->escaped = true;
		} else if (rom->in_len < sizeof(rom->in)) {
			if (rom->escaped)
				b = b == ESC_END ? END : ESC;
			rom->escaped = false;
			rom->in[rom->in_len++] = b;
		}
	}
	return 0;
}

static int answer(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct told_rom *rom = (struct told_rom *)s;
	size_t n = rom->out_len - rom->out_pos;

	if (n == 0) {
		rom->clock.clock.ops->sleep_ms(&rom->clock.clock, timeout_ms);
		return 0;
	}
	n = n < cap ? n : cap;
	memcpy(buf, rom->out + rom->out_pos, n);
	rom->out_pos += n;
	return (int)n;
}

static int drain(struct far_stream *s)
{
	(void)s;
	return 0;
}

static int set_baud(struct far_stream *s, uint32_t baud)
{
	s->baud = baud;
	return 0;
}

void told_open(struct told_rom *rom)
{
	static const struct far_stream_ops ops = { answer, listen, drain, set_baud, NULL };

	memset(rom, 0, sizeof(*rom));
	rom->stream = (struct far_stream){ &ops, 115200 };
	rom->status_len = 4;
	far_sim_clock_init(&rom->clock);
}
