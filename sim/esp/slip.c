/* SPDX-License-Identifier: Apache-2.0 */
/* SLIP as the chips speak it: every frame begins and ends with C0. */
#include "sim/esp/chip.h"

#define END     0xC0u
#define ESC     0xDBu
#define ESC_END 0xDCu
#define ESC_ESC 0xDDu

void esp_slip_init(struct esp_slip *s, uint8_t *buf, size_t cap, bool strict)
{
	*s = (struct esp_slip){ .buf = buf, .cap = cap, .strict = strict };
}

/* The ROM counts on beyond its buffer, the stub gives the frame up. */
static void store(struct esp_slip *s, uint8_t byte)
{
	if (s->len < s->cap)
		s->buf[s->len] = byte;
	else if (s->strict)
		s->in_frame = false;
	s->len++;
}

/* C0 outside a frame opens one, inside a frame with bytes in it closes it. */
static bool end_of_frame(struct esp_slip *s)
{
	bool complete = s->in_frame && s->len > 0;

	/*
	 * An empty frame stays open, otherwise the C0 C0 between two frames would turn inside and
	 * outside round for good.
	 */
	s->in_frame = !complete;
	s->escaped = false;
	if (!complete)
		s->len = 0;
	return complete;
}

static void escaped(struct esp_slip *s, uint8_t byte)
{
	s->escaped = false;
	if (byte == ESC_END)
		store(s, END);
	else if (byte == ESC_ESC)
		store(s, ESC);
	else if (s->strict)
		s->in_frame = false;
	else
		store(s, byte); /* the ROM takes it as it is; the checksum will tell */
}

/* Bytes outside a frame are ignored. */
bool esp_slip_byte(struct esp_slip *s, uint8_t byte)
{
	if (byte == END)
		return end_of_frame(s);
	if (!s->in_frame)
		return false;
	if (s->escaped)
		escaped(s, byte);
	else if (byte == ESC)
		s->escaped = true;
	else
		store(s, byte);
	return false;
}

void esp_slip_open(struct far_sim_esp *e)
{
	esp_tx_byte(e, END);
}

void esp_slip_put(struct far_sim_esp *e, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != END && bytes[i] != ESC) {
			esp_tx_byte(e, bytes[i]);
			continue;
		}
		esp_tx_byte(e, ESC);
		esp_tx_byte(e, bytes[i] == END ? ESC_END : ESC_ESC);
	}
}

void esp_slip_close(struct far_sim_esp *e)
{
	esp_tx_byte(e, END);
}
