/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "device/esp/stub.h"
#include "service/update/update.h"
#include "sim/line/line.h"
#include "test/common/esp_stubs.h"
#include "test/wirefault/job.h"

enum {
	SIZE = 0x40000,
	SECTOR = 0x1000,
	ADDR = 0x12000,
	LEN = SECTOR + 700, /* of what is written and verified */
	READ = 200,
	/*
	 * What a write into a sector that holds something may cost at most: it is tried so often,
	 * in each try read so often until its digest is right, and its block sent so often. 64
	 * questions of the ROM take 100 bytes each with their answers; a stub sends a sector as one
	 * frame, and is asked once.
	 */
	TRIES = FAR_ESP_TRIES,
	SENT = SECTOR + SECTOR / 32, /* with its head, SLIP's escapes and the answer */
	MERGED = TRIES * (TRIES * 64 * 100 + TRIES * SENT),
	STUB_MERGED = TRIES * SENT + TRIES * TRIES * SENT
};

bool wirefault_trace;

static char chip_name[16] = "esp32";
static uint8_t at_start[SIZE], cells[SIZE], source[LEN], work[2 * FAR_UPDATE_SEGMENT_MAX];
static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
static struct far_update_result result;
static bool is_update; /* result tells what was touched */
static bool is_quiet;  /* nothing disturbs the line: what is learned now is true */

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

/*
 * The same is wanted in two sectors, and only the first holds it: what is told of that one must not
 * pass for the other.
 */
static int verify_twins(struct far_esp *e, const char **lie)
{
	struct far_update_config job = config_of(e, false);
	int rc;

	job.len = SECTOR;
	memcpy(cells + ADDR, source, SECTOR);
	memcpy(at_start, cells, SIZE);
	rc = far_update_verify(&job, &result);
	if (rc != FAR_OK)
		return rc;
	job.addr += SECTOR;
	rc = far_update_verify(&job, &result);
	if (rc == FAR_OK)
		*lie = "it says of one sector what is true of another";
	return rc == FAR_ERR_VERIFY ? FAR_OK : rc;
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

/* The same across the end of a sector that holds something: bits are cleared, the rest is kept. */
static int merge_some(struct far_esp *e, const char **lie)
{
	enum { FROM = ADDR + 2 * SECTOR - 60 };
	int rc = far_flash_write(&e->flash, FROM, source, 100);

	for (uint32_t i = ADDR + SECTOR; rc == FAR_OK && i < ADDR + 3 * SECTOR; i++) {
		uint8_t wanted = at_start[i];

		if (i >= FROM && i < FROM + 100)
			wanted &= source[i - FROM];
		if (cells[i] != wanted)
			*lie = "it says it has merged, and the sectors do not hold it";
	}
	return rc;
}

/* "ESP32-C3" is "esp32c3". */
static bool is_chip(enum far_esp_chip chip, const char *name)
{
	for (const char *c = far_esp_chip_name(chip); *c != '\0'; c++)
		if (*c != '-' && tolower((unsigned char)*c) != *name++)
			return false;
	return *name == '\0';
}

/* Connected is who knows the right chip, flash and address. */
static int connect_only(struct far_esp *e, const char **lie)
{
	static uint8_t right[6];
	uint8_t mac[6];
	int rc = far_esp_read_mac(e, mac);

	if (!is_chip(e->chip, chip_name))
		*lie = "it is connected to another chip than there is";
	else if (e->flash.info.size != SIZE && e->flash.info.size != 0)
		*lie = "it takes the flash for larger or smaller than it is";
	else if (rc == FAR_OK && is_quiet)
		memcpy(right, mac, sizeof(mac));
	else if (rc == FAR_OK && memcmp(mac, right, sizeof(mac)) != 0)
		*lie = "it reads another address than there is";
	return rc;
}

static int read_security(struct far_esp *e, const char **lie)
{
	static struct far_esp_security right;
	struct far_esp_security told;
	int rc;

	memset(&told, 0, sizeof(told));
	rc = far_esp_read_security(e, &told);
	if (rc == FAR_OK && is_quiet)
		right = told;
	else if (rc == FAR_OK && memcmp(&told, &right, sizeof(told)) != 0)
		*lie = "it reads other fuses than there are";
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
	{ "connect", connect_only, 0, 0, true, false, 4000, 60 },
	{ "security", read_security, 0, 0, false, false, 4000, 60 },
	{ "rate", raise_rate, 0, 0, false, false, 9000, 60 },
	{ "write", write_plain, ADDR, 2 * SECTOR, false, false, 250000, 60 },
	{ "write-deflated", write_deflated, ADDR, 2 * SECTOR, false, false, 80000, 60 },
	{ "write-raw", write_some, ADDR + 2 * SECTOR, SECTOR, false, false, MERGED, 60 },
	{ "merge", merge_some, ADDR + SECTOR, 2 * SECTOR, false, false, 2 * MERGED, 60 },
	{ "verify-wrong", verify_wrong, 0, 0, false, false, 9000, 60 },
	{ "verify-right", verify_right, 0, 0, false, false, 9000, 60 },
	{ "verify-twins", verify_twins, 0, 0, false, false, 9000, 60 },
	{ "read", read_some, 0, 0, false, false, 9000, 60 },
	{ "erase", erase_some, ADDR, 2 * SECTOR, false, false, 9000, 60 },
	{ "stub-connect", connect_only, 0, 0, true, true, 160000, 200 },
	{ "stub-security", read_security, 0, 0, false, true, 9000, 60 },
	{ "stub-rate", raise_rate, 0, 0, false, true, 160000, 200 },
	{ "stub-write", write_plain, ADDR, 2 * SECTOR, false, true, 160000, 200 },
	{ "stub-write-deflated", write_deflated, ADDR, 2 * SECTOR, false, true, 160000, 200 },
	{ "stub-write-raw", write_some, ADDR + 2 * SECTOR, SECTOR, false, true, STUB_MERGED, 200 },
	{ "stub-merge", merge_some, ADDR + SECTOR, 2 * SECTOR, false, true, 2 * STUB_MERGED, 200 },
	{ "stub-verify-twins", verify_twins, 0, 0, false, true, 160000, 200 },
	{ "stub-read", read_some, 0, 0, false, true, 160000, 200 },
	{ "stub-erase", erase_some, ADDR, 2 * SECTOR, false, true, 160000, 200 },
};

const struct wirefault_job *wirefault_job(const char *name)
{
	const char *job = strchr(name, ':');

	if (job != NULL && (size_t)(job - name) < sizeof(chip_name))
		snprintf(chip_name, sizeof(chip_name), "%.*s", (int)(job - name), name);
	job = job == NULL ? name : job + 1;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		if (strcmp(jobs[i].name, job) == 0)
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

/* Errors of a line that loses, and of peers that it makes talk nonsense; no other. */
static bool is_clear(int rc)
{
	return rc == FAR_OK || rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO ||
	       rc == FAR_ERR_REFUSED || rc == FAR_ERR_VERIFY || rc == FAR_ERR_NOTSUP ||
	       rc == FAR_ERR_BUSY;
}

static int run_on(struct far_sim_line *line, struct far_sim_clock *clock,
		  const struct wirefault_job *job, struct far_esp *e, const char **lie)
{
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	const struct far_esp_config config = {
		.stream = &line->stream,
		.clock = &clock->clock,
		.block = block,
		.block_len = job->with_stub ? FAR_ESP_STUB_BLOCK_MAX : FAR_ESP_BLOCK_MAX,
	};
	int rc = job->with_stub ? far_esp_init_stub(e, &config, &finder) : far_esp_init(e, &config);

	if (rc == FAR_OK && job->from_connect)
		line->tap = far_sim_line_fault_tap;
	if (rc == FAR_OK)
		rc = far_esp_connect(e);
	line->tap = far_sim_line_fault_tap;
	return rc == FAR_OK ? job->run(e, lie) : rc;
}

static void print_trace(void *ctx, uint64_t now_ns, const char *text)
{
	(void)ctx;
	fprintf(stderr, "%12.6f %s\n", (double)now_ns / 1e9, text);
}

static void weigh(struct wirefault_outcome *out, const struct far_sim_fault *fault,
		  const struct far_sim_clock *clock)
{
	out->way[0] = fault->out;
	out->way[1] = fault->in;
	out->bytes = fault->out + fault->in;
	out->seconds = (uint32_t)(clock->now_ns / 1000000000u);
	out->injected = 0;
	for (unsigned k = 0; k < FAR_SIM_FAULT_KINDS; k++)
		out->injected += fault->injected[k];
}

const char *wirefault_run(const struct wirefault_job *job, const char *plan, uint64_t seed,
			  struct wirefault_outcome *out)
{
	const struct far_sim_nor_config die = { .size = SIZE, .memory = cells };
	struct far_sim_esp_config chip = { .chip = chip_name,
					   .nor = far_sim_nor_new(&die),
					   .any_stub = true };
	struct far_sim_fault fault;
	struct far_sim_clock clock;
	struct far_sim_line line;
	struct far_sim_esp *esp;
	static struct far_esp e;
	const char *lie = NULL;
	char why[160];

	prepare();
	is_quiet = plan[0] == '\0';
	far_sim_clock_init(&clock);
	esp = far_sim_esp_new(&chip);
	if (esp == NULL || far_sim_fault_plan(&fault, plan, seed, why, sizeof(why)) != 0 ||
	    far_sim_line_init(&line, &clock, esp) != FAR_OK) {
		fprintf(stderr, "no such chip or plan: %s, %s\n", chip_name, plan);
		exit(2);
	}
	if (wirefault_trace)
		far_sim_esp_set_trace(esp, print_trace, NULL);
	line.tap_ctx = &fault;
	memset(&e, 0, sizeof(e));
	out->rc = run_on(&line, &clock, job, &e, &lie);
	/* The ESP8266's ROM cannot be asked what its flash holds: nothing is promised there. */
	if (lie == NULL && (job->with_stub || e.chip != FAR_ESP_8266))
		lie = find_lie(job, &e, out->rc);
	if (lie == NULL && !is_clear(out->rc))
		lie = "it ends with an error that no line can cause";
	weigh(out, &fault, &clock);
	far_sim_line_free(&line);
	far_sim_esp_free(esp);
	far_sim_nor_free(chip.nor);
	return lie;
}
