/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an update of 1 MiB costs by what the flash already holds: the simulated ESP32 in its ROM
 * loader, plain blocks, datasheet times, virtual time. "all" is the job that asks nothing and
 * writes everything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/esp/esp.h"
#include "service/update/update.h"
#include "sim/line/line.h"

/* An application of 1 MiB in a flash of 4, at the address where ESP-IDF puts one. */
enum { LEN = 0x100000, FLASH = 0x400000, AT = 0x10000, SECTOR = 0x1000 };

static uint8_t cells[FLASH], image[LEN], work[FAR_UPDATE_SEGMENT_MAX], block[FAR_ESP_BLOCK_MAX];

/* What the flash holds before. */
static void blank(void)
{
}

/* Another program: nothing is right by chance for as long as a sector. */
static void other(void)
{
	for (uint32_t i = 0; i < LEN; i++)
		cells[AT + i] = (uint8_t)(i * 2246822519u >> 21);
}

static void same(void)
{
	memcpy(cells + AT, image, LEN);
}

/* The cheapest change there is, not at an end: what a search costs that finds one sector. */
static void one_byte(void)
{
	same();
	cells[AT + LEN / 3] ^= 1;
}

/* Far apart from each other, in odd places of their sectors. */
static void ten_places(void)
{
	same();
	for (uint32_t i = 0; i < 10; i++)
		cells[AT + i * 0x1a123 + 99] ^= 1;
}

/* From the middle on everything has moved by a few bytes, as when a function has grown. */
static void second_half(void)
{
	same();
	memmove(cells + AT + LEN / 2 + 40, cells + AT + LEN / 2, LEN / 2 - 40);
}

/* A job that was ended: the beginning is right, in whole sectors, and the rest as it was. */
static void cut_off(uint32_t percent)
{
	other();
	memcpy(cells + AT, image, LEN / 100 * percent / SECTOR * SECTOR);
}

static void cut_10(void)
{
	cut_off(10);
}

static void cut_90(void)
{
	cut_off(90);
}

/* The worst case for asking: no two neighbours are alike, and half of it is right. */
static void every_second(void)
{
	same();
	for (uint32_t i = 0; i < LEN; i += 2 * SECTOR)
		cells[AT + i] ^= 1;
}

/* What the flash holds, as rows of the table. */
static const struct before {
	const char *name;
	void (*fill)(void);
	int all; /* do not ask */
} befores[] = {
	{ "blank; all", blank, 1 },
	{ "blank", blank, 0 },
	{ "something else; all", other, 1 },
	{ "something else", other, 0 },
	{ "the same", same, 0 },
	{ "one byte differs", one_byte, 0 },
	{ "ten sectors differ", ten_places, 0 },
	{ "second half has moved", second_half, 0 },
	{ "every second sector differs", every_second, 0 },
	{ "cut off at 10 %", cut_10, 0 },
	{ "cut off at 90 %", cut_90, 0 },
};

static int source(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	(void)ctx;
	memcpy(buf, image + offset, len);
	return FAR_OK;
}

/*
 * Connecting is not counted: it is the same for all. Only a job that was verified, and is right in
 * the cells, gives a row.
 */
static void run(const struct before *b, uint32_t baud)
{
	const struct far_sim_nor_config die = { .size = FLASH, .memory = cells };
	struct far_sim_esp_config chip = { .chip = "esp32", .nor = far_sim_nor_new(&die) };
	struct far_sim_esp *e = far_sim_esp_new(&chip);
	struct far_update_config job = { .addr = AT,
					 .len = LEN,
					 .read = source,
					 .work = work,
					 .work_len = sizeof(work),
					 .diff = !b->all };
	struct far_esp_config config = { .block = block, .block_len = sizeof(block), .baud = baud };
	struct far_update_result r;
	static struct far_esp esp;
	struct far_sim_clock clock;
	struct far_sim_line line;
	uint64_t sent, began;

	memset(cells, 0xff, sizeof(cells));
	b->fill();
	far_sim_clock_init(&clock);
	if (far_sim_line_init(&line, &clock, e) != FAR_OK)
		exit(1);
	config.stream = &line.stream;
	config.clock = &clock.clock;
	far_esp_init(&esp, &config);
	if (far_esp_connect(&esp) != FAR_OK)
		exit(1);
	sent = line.counts.to_chip;
	began = clock.now_ns;
	job.flash = &esp.flash;
	if (far_update_run(&job, &r) != FAR_OK || !r.verified ||
	    memcmp(cells + AT, image, LEN) != 0)
		exit(1);
	printf("%s,%u,%u,%u,%u,%llu,%.2f\n", b->name, (unsigned)baud, (unsigned)r.written,
	       (unsigned)r.erased, (unsigned)r.queries,
	       (unsigned long long)(line.counts.to_chip - sent),
	       (double)(clock.now_ns - began) / 1e9);
	far_sim_line_free(&line);
	far_sim_esp_free(e);
	far_sim_nor_free(chip.nor);
}

/* At the rate that every line has, where bytes are dear, and at one where questions are. */
int main(void)
{
	uint32_t state = 1;

	for (uint32_t i = 0; i < LEN; i++) {
		state = state * 1664525u + 1013904223u;
		image[i] = (uint8_t)(state >> 24);
	}
	printf("the flash holds,baud,bytes written,bytes erased,queries,bytes to chip,seconds\n");
	for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); i++) {
		run(&befores[i], 115200);
		run(&befores[i], 921600);
	}
	printf("esptool 5.2 one byte differs and the old file is at hand,,,,,2700,\n");
	return 0;
}
