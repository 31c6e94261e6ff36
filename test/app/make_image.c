/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_image CHIP LENGTH: a firmware image that CHIP's ROM starts, of LENGTH bytes (a multiple of
 * 16), on stdout. Two segments of bytes that depend on LENGTH, one in data RAM and one in code RAM;
 * nothing in them can run. Written from the format: E9, number of segments, flash mode, size and
 * speed, entry; since the ESP32 16 bytes more with the chip's id at 12; each segment with address
 * and length; zeros, and as the last byte of a 16-byte unit the xor of all segments' bytes and EF.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX 0x100000u
#define SEGMENTS   2u

static uint8_t image[LENGTH_MAX];

static const struct chip {
	const char *name;
	uint8_t id;
	uint8_t header;
	uint32_t addr[SEGMENTS], entry;
} chips[] = {
	{ "esp32", 0, 24, { 0x3FFB0000, 0x40080000 }, 0x40080400 },
	{ "esp32s2", 2, 24, { 0x3FFBE000, 0x40024000 }, 0x40024400 },
	{ "esp8266", 0, 8, { 0x3FFE8000, 0x40100000 }, 0x40100400 },
};

static void put32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* Returns where the next one begins. */
static uint32_t put_segment(uint32_t at, uint32_t addr, uint32_t len, uint32_t *seed, uint8_t *sum)
{
	put32(image + at, addr);
	put32(image + at + 4, len);
	for (uint32_t i = 0; i < len; i++) {
		*seed = *seed * 1664525u + 1013904223u;
		image[at + 8 + i] = (uint8_t)(*seed >> 24);
		*sum ^= image[at + 8 + i];
	}
	return at + 8 + len;
}

static void build(const struct chip *c, uint32_t len)
{
	/* What is left for the segments once the last 16 bytes are the checksum's. */
	uint32_t room = (len - c->header - 8u * SEGMENTS - 16u) & ~3u, at = c->header, seed = len;
	uint8_t sum = 0xEF;

	image[0] = 0xE9;
	image[1] = SEGMENTS;
	image[2] = 2; /* DIO */
	image[3] = 0x20;
	put32(image + 4, c->entry);
	if (c->header > 8) {
		image[8] = 0xEE;
		image[12] = c->id;
	}
	at = put_segment(at, c->addr[0], room / 3 & ~3u, &seed, &sum);
	at = put_segment(at, c->addr[1], len - 16u - 8u - at, &seed, &sum);
	image[len - 1] = sum;
}

int main(int argc, char **argv)
{
	unsigned long len = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;

	if (len < 128 || len > LENGTH_MAX || len % 16 != 0)
		return fprintf(stderr, "usage: make_image CHIP LENGTH\n"), 2;
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
		if (strcmp(chips[i].name, argv[1]) != 0)
			continue;
		build(&chips[i], (uint32_t)len);
		return fwrite(image, 1, len, stdout) != len;
	}
	return fprintf(stderr, "no chip %s\n", argv[1]), 2;
}
