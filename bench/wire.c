/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes and round trips on the wire for 1 MiB in every mode, and the time it takes, on the simulated
 * line with the simulated flash's datasheet times. Virtual time: the same figures on every machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "device/esp/esp.h"
#include "service/update/update.h"
#include "sim/line/line.h"

enum { LEN = 0x100000, FLASH = 0x400000, AT = 0x10000 };

struct mode {
	const char *name, *chip;
	uint32_t baud; /* after connect */
	uint32_t block;
	uint32_t latency_us; /* of the USB adapter, each way back */
	int deflate, text;   /* compressed; an image like firmware rather than noise */
};

static const struct mode modes[] = {
	{ "plain 1 KiB blocks", "esp32", 115200, 0x400, 0, 0, 0 },
	{ "plain", "esp32", 115200, 0x1800, 0, 0, 0 },
	{ "plain", "esp32", 460800, 0x1800, 0, 0, 0 },
	{ "plain", "esp32", 921600, 0x1800, 0, 0, 0 },
	{ "plain 16 ms latency", "esp32", 921600, 0x1800, 16000, 0, 0 },
	{ "plain 1 KiB blocks 16 ms latency", "esp32", 921600, 0x400, 16000, 0, 0 },
	{ "plain", "esp32", 2000000, 0x1800, 0, 0, 0 },
	{ "deflate firmware-like", "esp32", 115200, 0x1800, 0, 1, 1 },
	{ "deflate firmware-like", "esp32", 921600, 0x1800, 0, 1, 1 },
	{ "plain", "esp32s2", 921600, 0x1800, 0, 0, 0 },
	{ "plain", "esp8266", 115200, 0x1800, 0, 0, 0 },
};

static uint8_t image[LEN], work[2 * FAR_UPDATE_SEGMENT_MAX], block[FAR_ESP_BLOCK_MAX];

static void fill(int text)
{
	uint32_t state = 1;

	for (uint32_t i = 0; i < LEN; i++) {
		state = state * 1664525u + 1013904223u;
		image[i] = (uint8_t)(state >> 24);
		/* About what machine code deflates to: three bytes of four repeat earlier ones. */
		if (text && i >= 4096 && (i & 31) < 16)
			image[i] = image[i - 4096];
	}
}

static int source(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	(void)ctx;
	memcpy(buf, image + offset, len);
	return FAR_OK;
}

static uint32_t pack(void *ctx, const uint8_t *src, uint32_t len, uint8_t *dst, uint32_t cap)
{
	uLongf packed = cap;

	(void)ctx;
	return compress2(dst, &packed, src, len, 9) == Z_OK ? (uint32_t)packed : 0;
}

static void stop(const char *what, int rc)
{
	fprintf(stderr, "wire: %s failed: %s\n", what, far_err_name(rc));
	exit(1);
}

static void run(const struct mode *m)
{
	const struct far_sim_nor_config die = { .size = FLASH };
	struct far_sim_esp_config chip = { .chip = m->chip };
	struct far_update_config job = { .addr = AT,
					 .len = LEN,
					 .read = source,
					 .work = work,
					 .work_len = FAR_UPDATE_SEGMENT_MAX };
	struct far_update_result result;
	struct far_esp_config config = { .block = block, .block_len = m->block };
	static struct far_esp esp;
	struct far_sim_clock clock;
	struct far_sim_line line;
	struct far_sim_line_counts before, connect;
	uint64_t start_ns;
	double seconds, limit;
	int rc;

	far_sim_clock_init(&clock);
	chip.nor = far_sim_nor_new(&die);
	struct far_sim_esp *e = far_sim_esp_new(&chip);

	if (far_sim_line_init(&line, &clock, e) != FAR_OK)
		exit(1);
	line.latency_ns = m->latency_us * 1000;
	config.stream = &line.stream;
	config.clock = &clock.clock;
	fill(m->text);
	far_esp_init(&esp, &config);
	rc = far_esp_connect(&esp);
	if (rc == FAR_OK && m->baud != line.stream.baud)
		rc = far_esp_set_baud(&esp, m->baud);
	if (rc != FAR_OK)
		stop("connect", rc);
	connect = before = line.counts;
	start_ns = clock.now_ns;
	job.flash = &esp.flash;
	job.deflate = m->deflate ? pack : NULL;
	rc = far_update_run(&job, &result);
	if (rc != FAR_OK || memcmp(far_sim_nor_memory(chip.nor) + AT, image, LEN) != 0)
		stop("write", rc);
	seconds = (double)(clock.now_ns - start_ns) / 1e9;
	limit = (double)LEN * 10 / m->baud;
	printf("%s,%s,%u,%llu,%llu,%llu,%llu,%.2f,%.2f\n", m->name, m->chip, m->baud,
	       (unsigned long long)(line.counts.to_chip - before.to_chip),
	       (unsigned long long)(line.counts.to_host - before.to_host),
	       (unsigned long long)(line.counts.turnarounds - before.turnarounds),
	       (unsigned long long)connect.turnarounds, seconds, limit);
	far_sim_line_free(&line);
	far_sim_esp_free(e);
	far_sim_nor_free(chip.nor);
}

int main(void)
{
	printf("mode,chip,baud,bytes to chip,bytes to host,round trips,round trips to connect,"
	       "seconds,raw line limit seconds\n");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		run(&modes[i]);
	printf("esp-serial-flasher 2.0.0 1 KiB blocks,esp32,115200,1083875,,1024,,,91.02\n");
	return 0;
}
