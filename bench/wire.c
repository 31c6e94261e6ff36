/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes and round trips on the wire for 1 MiB in every mode, and the time it takes, on the
 * simulated line with the simulated flash's datasheet times. Virtual time: the same figures on
 * every machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "device/esp/stub.h"
#include "service/update/update.h"
#include "sim/line/line.h"

enum { LEN = 0x100000, FLASH = 0x400000, AT = 0x10000 };

struct mode {
	const char *name, *chip;
	uint32_t baud; /* after connect */
	uint32_t block;
	uint32_t latency_us; /* of the USB adapter, each way back */
	int deflate, text;   /* compressed; an image like firmware rather than noise */
	int stub;            /* uploaded first */
};

/*
 * Every mode for one chip, and one mode for the chips whose loaders differ. 16 ms is what a USB
 * adapter holds bytes back for by default, and why round trips matter more than bytes.
 */
static const struct mode modes[] = {
	{ "plain 1 KiB blocks", "esp32", 115200, 0x400, 0, 0, 0, 0 },
	{ "plain", "esp32", 115200, 0x1800, 0, 0, 0, 0 },
	{ "plain", "esp32", 460800, 0x1800, 0, 0, 0, 0 },
	{ "plain", "esp32", 921600, 0x1800, 0, 0, 0, 0 },
	{ "plain 16 ms latency", "esp32", 921600, 0x1800, 16000, 0, 0, 0 },
	{ "plain 1 KiB blocks 16 ms latency", "esp32", 921600, 0x400, 16000, 0, 0, 0 },
	{ "plain", "esp32", 2000000, 0x1800, 0, 0, 0, 0 },
	{ "deflate firmware-like", "esp32", 115200, 0x1800, 0, 1, 1, 0 },
	{ "deflate firmware-like", "esp32", 921600, 0x1800, 0, 1, 1, 0 },
	{ "plain", "esp32s2", 921600, 0x1800, 0, 0, 0, 0 },
	{ "plain", "esp8266", 115200, 0x1800, 0, 0, 0, 0 },
	{ "stub plain", "esp32", 921600, 0x4000, 0, 0, 0, 1 },
	{ "stub plain 16 ms latency", "esp32", 921600, 0x4000, 16000, 0, 0, 1 },
	{ "stub deflate firmware-like", "esp32", 921600, 0x4000, 0, 1, 1, 1 },
	{ "stub deflate firmware-like", "esp32c6", 921600, 0x4000, 0, 1, 1, 1 },
	{ "stub plain", "esp8266", 921600, 0x4000, 0, 0, 0, 1 },
};

/* Of the process, as they are too large for a stack; one run at a time. */
static uint8_t image[LEN], work[2 * FAR_UPDATE_SEGMENT_MAX], block[FAR_ESP_STUB_BLOCK_MAX];

/*
 * As large as the vendor's for the ESP32; the virtual chip takes it for one. Text of every chip
 * goes where its RAM is.
 */
static const uint8_t stub_text[6456], stub_data[212];
static struct far_esp_stub stub = { .text = { 0, sizeof(stub_text), stub_text },
				    .data = { 0, sizeof(stub_data), stub_data } };

/* Where the vendor's stubs lie in each chip's RAM. */
static const struct {
	uint32_t text, data;
} stub_places[FAR_ESP_CHIPS] = {
	[FAR_ESP_8266] = { 0x4010C500, 0x3FFFAE6C },  [FAR_ESP_32] = { 0x400A8000, 0x3FFDED6C },
	[FAR_ESP_32S2] = { 0x40028000, 0x3FFE2DC0 },  [FAR_ESP_32S3] = { 0x40378000, 0x3FCB2DC0 },
	[FAR_ESP_32C2] = { 0x40380000, 0x3FCB6D6C },  [FAR_ESP_32C3] = { 0x40380000, 0x3FC96D68 },
	[FAR_ESP_32C5] = { 0x40800000, 0x40852F0C },  [FAR_ESP_32C6] = { 0x40800000, 0x40852F0C },
	[FAR_ESP_32C61] = { 0x40800000, 0x40816D68 }, [FAR_ESP_32H2] = { 0x40800000, 0x40842D68 },
	[FAR_ESP_32P4] = { 0x4FF50000, 0x4FF72DB8 },
};

/* ctx is the mode; NULL goes on with the ROM. */
static const struct far_esp_stub *find_stub(void *ctx, enum far_esp_chip chip, uint32_t revision)
{
	const struct mode *m = ctx;

	(void)revision;
	if (!m->stub)
		return NULL;
	stub.text.addr = stub.entry = stub_places[chip].text;
	stub.data.addr = stub_places[chip].data;
	return &stub;
}

/* The same bytes on every machine, from a generator of 32 bits; noise does not deflate. */
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

/* As the command does it: level 9. */
static uint32_t pack(void *ctx, const uint8_t *src, uint32_t len, uint8_t *dst, uint32_t cap)
{
	uLongf packed = cap;

	(void)ctx;
	return compress2(dst, &packed, src, len, 9) == Z_OK ? (uint32_t)packed : 0;
}

/* A figure of a job that failed would be none. */
static void stop(const char *what, int rc)
{
	fprintf(stderr, "wire: %s failed: %s\n", what, far_err_name(rc));
	exit(1);
}

/*
 * One row: connect, then write. What connecting costs has a column of its own, as it does not grow
 * with the file. The limit is the bits of the file at the rate, eight and two more for each byte,
 * and nothing else.
 */
static void run(const struct mode *m)
{
	const struct far_sim_nor_config die = { .size = FLASH };
	struct far_sim_esp_config chip = { .chip = m->chip, .any_stub = true };
	const struct far_esp_stub_finder finder = { find_stub, (void *)(uintptr_t)m };
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
	config.baud = m->baud;
	far_esp_init_stub(&esp, &config, &finder);
	rc = far_esp_connect(&esp);
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

/*
 * Round trips of one whole session that writes 48 KiB and verifies them, but for those of the data
 * blocks and of the stub's upload, which are counted by their opcodes on the wire.
 */
enum { BUDGET = 12 /* round trips of one with a stub, on every chip */ };

struct counter {
	unsigned frames, apart; /* all; of these data and upload */
	uint8_t at;             /* bytes of this frame so far, as far as it matters */
};

/*
 * A tap on the line: passes every byte on, and looks at the second of each frame from the host, its
 * opcode.
 */
static size_t count_frames(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t out[4],
			   uint64_t *delay_ns)
{
	struct counter *c = ctx;

	(void)delay_ns;
	out[0] = in;
	if (dir != FAR_SIM_TO_CHIP)
		return 1;
	if (in == 0xC0) {
		c->at = 0;
		return 1;
	}
	if (c->at == 1) {
		c->frames++;
		/* MEM_BEGIN, MEM_END, MEM_DATA; FLASH_DATA, FLASH_DEFL_DATA */
		c->apart += (in >= 0x05 && in <= 0x07) || in == 0x03 || in == 0x11;
	}
	c->at += c->at < 2;
	return 1;
}

/*
 * The whole session, from the first SYNC to the proof, as a person waits for it. diff: what is in
 * the flash is asked about first, which finds that all of it differs.
 */
static void session(const char *name, int with_stub, int diff)
{
	const struct far_sim_nor_config die = { .size = FLASH };
	struct far_sim_esp_config chip = { .chip = name, .any_stub = true };
	struct mode m = { .stub = with_stub };
	const struct far_esp_stub_finder finder = { find_stub, &m };
	struct far_esp_config config = { .block = block,
					 .block_len = sizeof(block),
					 .baud = 921600 };
	struct far_update_config job = { .addr = AT,
					 .len = 0xC000,
					 .read = source,
					 .deflate = pack,
					 .work = work,
					 .work_len = FAR_UPDATE_SEGMENT_MAX,
					 .diff = (uint8_t)diff };
	struct far_update_result result;
	struct counter counter = { 0 };
	static struct far_esp esp;
	struct far_sim_clock clock;
	struct far_sim_line line;
	int rc;

	far_sim_clock_init(&clock);
	chip.nor = far_sim_nor_new(&die);
	struct far_sim_esp *e = far_sim_esp_new(&chip);

	if (far_sim_line_init(&line, &clock, e) != FAR_OK)
		exit(1);
	line.tap = count_frames;
	line.tap_ctx = &counter;
	config.stream = &line.stream;
	config.clock = &clock.clock;
	fill(1);
	far_esp_init_stub(&esp, &config, &finder);
	rc = far_esp_connect(&esp);
	job.flash = &esp.flash;
	if (rc == FAR_OK)
		rc = far_update_run(&job, &result);
	if (rc != FAR_OK || !result.verified)
		stop("session", rc);
	if (with_stub && !diff && counter.frames - counter.apart > BUDGET) {
		fprintf(stderr, "wire: %u round trips on an %s: the budget is %d\n",
			counter.frames - counter.apart, name, (int)BUDGET);
		exit(1);
	}
	printf("session of write-flash apart from data and upload%s%s,%s,921600,,,%u,,,\n",
	       with_stub ? " with stub" : "", diff ? " looking for what is right" : "", name,
	       counter.frames - counter.apart);
	far_sim_line_free(&line);
	far_sim_esp_free(e);
	far_sim_nor_free(chip.nor);
}

/*
 * The peers' rows are constants, as their programs are not run here; their versions stand with
 * them.
 */
int main(void)
{
	static const char *const with_stub[] = { "esp32c6",  "esp32",   "esp8266", "esp32s2",
						 "esp32s3",  "esp32c2", "esp32c3", "esp32c5",
						 "esp32c61", "esp32h2", "esp32p4" };

	printf("mode,chip,baud,bytes to chip,bytes to host,round trips,round trips to connect,"
	       "seconds,raw line limit seconds\n");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		run(&modes[i]);
	for (size_t i = 0; i < sizeof(with_stub) / sizeof(with_stub[0]); i++)
		session(with_stub[i], 1, 0);
	session("esp32c6", 1, 1);
	session("esp32c2", 1, 1);
	session("esp32c6", 0, 0);
	session("esp32", 0, 0);
	printf("esptool 5.3 session apart from data and upload with stub,,,,,65,,,\n");
	printf("esptool-js 0.7.0 session apart from data and upload with stub,,,,,32,,,\n");
	printf("esp-serial-flasher 2.0.0 1 KiB blocks,esp32,115200,1083875,,1024,,,91.02\n");
	return 0;
}
