/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "device/esp/esp.h"
#include "service/update/update.h"
#include "sim/line/line.h"
#include "test/wirefault/job.h"

enum {
	SIZE = 0x40000,
	SECTOR = 0x1000,
	ADDR = 0x12000,
	LEN = SECTOR + 700, /* of what is written and verified */
	READ = 200
};

static uint8_t at_start[SIZE], cells[SIZE], source[LEN], work[2 * FAR_UPDATE_SEGMENT_MAX];
static uint8_t block[FAR_ESP_BLOCK_MAX];
static struct far_update_result result;
static bool is_update; /* result tells what was touched */

/* ---- the jobs -------------------------------------------------------------------------------- */

static int read_source(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	(void)ctx;
	memcpy(buf, source + offset, len);
	return FAR_OK;
}

static uint32_t deflate_source(void *ctx, const uint8_t *src, uint32_t len, uint8_t *dst,
			       uint32_t cap)
{
	uLongf out = cap;

	(void)ctx;
	return compress2(dst, &out, src, len, 9) == Z_OK ? (uint32_t)out : 0;
}

static struct far_update_config config_of(struct far_esp *e, bool deflate)
{
	return (struct far_update_config){
		.flash = &e->flash,
		.addr = ADDR,
		.len = LEN,
		.read = read_source,
		.deflate = deflate ? deflate_source : NULL,
		.work = work,
		.work_len = FAR_UPDATE_SEGMENT_MAX,
		.diff = 1,
	};
}

static int update(struct far_esp *e, bool deflate, const char **lie)
{
	const struct far_update_config job = config_of(e, deflate);
	int rc = far_update_run(&job, &result);

	is_update = true;
	if (rc == FAR_OK && (!result.verified || memcmp(cells + ADDR, source, LEN) != 0))
		*lie = "it says it has written and verified, and the flash does not hold it";
	return rc;
}

static int write_plain(struct far_esp *e, const char **lie)
{
	return update(e, false, lie);
}

static int write_deflated(struct far_esp *e, const char **lie)
{
	return update(e, true, lie);
}

/* The flash holds something else, and must not be taken for right. */
static int verify_wrong(struct far_esp *e, const char **lie)
{
	const struct far_update_config job = config_of(e, false);
	int rc = far_update_verify(&job, &result);

	if (rc == FAR_OK)
		*lie = "it says it has verified what is not there";
	return rc == FAR_ERR_VERIFY ? FAR_OK : rc;
}

/* It holds the right thing, and a noisy line must not say that it differs. */
static int verify_right(struct far_esp *e, const char **lie)
{
	const struct far_update_config job = config_of(e, false);
	int rc;

	memcpy(cells + ADDR, source, LEN);
	memcpy(at_start, cells, SIZE);
	rc = far_update_verify(&job, &result);
	if (rc == FAR_ERR_VERIFY)
		*lie = "it says that the flash differs, and it does not";
	return rc;
}

static int read_some(struct far_esp *e, const char **lie)
{
	uint8_t buf[READ];
	int rc = far_flash_read(&e->flash, ADDR + 3, buf, sizeof(buf));

	if (rc == FAR_OK && memcmp(buf, cells + ADDR + 3, sizeof(buf)) != 0)
		*lie = "it has read what is not there";
	return rc;
}

static int erase_some(struct far_esp *e, const char **lie)
{
	int rc = far_flash_erase(&e->flash, ADDR, 2 * SECTOR);

	for (uint32_t i = 0; rc == FAR_OK && i < 2 * SECTOR; i++)
		if (cells[ADDR + i] != 0xff)
			*lie = "it says it has erased what is not blank";
	return rc;
}

static int write_some(struct far_esp *e, const char **lie)
{
	int rc = far_flash_write(&e->flash, ADDR + 2 * SECTOR + 8, source, 100);

	if (rc == FAR_OK && memcmp(cells + ADDR + 2 * SECTOR + 8, source, 100) != 0)
		*lie = "it says it has written what is not there";
	return rc;
}

/* Connected is who knows the right chip, flash and address. */
static int connect_only(struct far_esp *e, const char **lie)
{
	static const uint8_t zero[6];
	uint8_t mac[6];
	int rc = far_esp_read_mac(e, mac);

	if (e->chip != FAR_ESP_32)
		*lie = "it is connected to another chip than there is";
	else if (e->flash.info.size != SIZE && e->flash.info.size != 0)
		*lie = "it takes the flash for larger or smaller than it is";
	else if (rc == FAR_OK && memcmp(mac, zero, 6) == 0)
		*lie = "it reads another address than there is";
	return rc;
}

static int raise_rate(struct far_esp *e, const char **lie)
{
	int rc = far_esp_set_baud(e, 460800);

	if (rc == FAR_OK)
		rc = verify_wrong(e, lie);
	return rc;
}

static const struct wirefault_job jobs[] = {
	{ "connect", true, connect_only, 0, 0 },
	{ "rate", false, raise_rate, 0, 0 },
	{ "write", false, write_plain, ADDR, 2 * SECTOR },
	{ "write-deflated", false, write_deflated, ADDR, 2 * SECTOR },
	{ "write-raw", false, write_some, ADDR + 2 * SECTOR, SECTOR },
	{ "verify-wrong", false, verify_wrong, 0, 0 },
	{ "verify-right", false, verify_right, 0, 0 },
	{ "read", false, read_some, 0, 0 },
	{ "erase", false, erase_some, ADDR, 2 * SECTOR },
};

const struct wirefault_job *wirefault_job(const char *name)
{
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		if (strcmp(jobs[i].name, name) == 0)
			return &jobs[i];
	return NULL;
}

/* ---- one case -------------------------------------------------------------------------------- */

/* What was there before: other firmware, none of it blank but the sector that is written raw. */
static void prepare(void)
{
	for (uint32_t i = 0; i < SIZE; i++)
		at_start[i] = (uint8_t)(i * 2654435761u >> 17) & 0xfe;
	memset(at_start + ADDR + 2 * SECTOR, 0xff, SECTOR);
	for (uint32_t i = 0; i < LEN; i++)
		source[i] = (uint8_t)(i % 64 < 40 ? i : i * 2246822519u >> 9);
	memcpy(cells, at_start, SIZE);
	memset(&result, 0, sizeof(result));
	is_update = false;
}

/* Has anything changed that the job may not change, or that it does not tell of? */
static const char *find_lie(const struct wirefault_job *job, const struct far_esp *e, int rc)
{
	const struct far_flash_fault *fault = &e->flash.fault;
	uint32_t from = job->addr, to = job->addr + job->len;
	uint32_t told = is_update ? result.touched_addr : fault->touched_addr;
	uint32_t told_to = told + (is_update ? result.touched_len : fault->touched_len);

	for (uint32_t i = 0; i < SIZE; i++) {
		if (cells[i] == at_start[i])
			continue;
		if (rc != FAR_OK && i >= told && i < told_to)
			continue; /* it failed, and says that this may have changed */
		if (rc != FAR_OK)
			return "it has changed what it does not tell";
		if (i < from || i >= to)
			return "it says all is well, and a byte outside has changed";
	}
	return NULL;
}

static int run_on(struct far_sim_line *line, struct far_sim_clock *clock,
		  struct far_sim_fault *fault, const struct wirefault_job *job, struct far_esp *e,
		  const char **lie)
{
	const struct far_esp_config config = { .stream = &line->stream,
					       .clock = &clock->clock,
					       .block = block,
					       .block_len = sizeof(block) };
	int rc = far_esp_init(e, &config);

	if (rc == FAR_OK && job->from_connect)
		line->tap = far_sim_line_fault_tap;
	if (rc == FAR_OK)
		rc = far_esp_connect(e);
	line->tap = far_sim_line_fault_tap;
	line->tap_ctx = fault;
	return rc == FAR_OK ? job->run(e, lie) : rc;
}

const char *wirefault_run(const struct wirefault_job *job, const char *plan, uint64_t seed,
			  struct wirefault_outcome *out)
{
	const struct far_sim_nor_config die = { .size = SIZE, .memory = cells };
	struct far_sim_esp_config chip = { .chip = "esp32", .nor = far_sim_nor_new(&die) };
	struct far_sim_fault fault;
	struct far_sim_clock clock;
	struct far_sim_line line;
	struct far_sim_esp *esp;
	static struct far_esp e;
	const char *lie = NULL;
	char why[160];

	prepare();
	far_sim_clock_init(&clock);
	esp = far_sim_esp_new(&chip);
	if (far_sim_fault_plan(&fault, plan, seed, why, sizeof(why)) != 0 ||
	    far_sim_line_init(&line, &clock, esp) != FAR_OK) {
		fprintf(stderr, "%s\n", why);
		exit(2);
	}
	line.tap_ctx = &fault;
	memset(&e, 0, sizeof(e));
	out->rc = run_on(&line, &clock, &fault, job, &e, &lie);
	if (lie == NULL)
		lie = find_lie(job, &e, out->rc);
	out->way[0] = fault.out;
	out->way[1] = fault.in;
	out->bytes = fault.out + fault.in;
	out->seconds = (uint32_t)(clock.now_ns / 1000000000u);
	out->injected = 0;
	for (unsigned k = 0; k < FAR_SIM_FAULT_KINDS; k++)
		out->injected += fault.injected[k];
	far_sim_line_free(&line);
	far_sim_esp_free(esp);
	far_sim_nor_free(chip.nor);
	return lie;
}
