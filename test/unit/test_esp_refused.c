/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each request of each call is answered by somebody else, one after the other, twice and from then
 * on: with a refusal, with nothing, with an answer of the wrong shape, or with a wrong one; the
 * chip never hears of it. What is said to be done is done, a failure is recorded with what it may
 * have touched, and no byte outside that has changed. (test_waist does the same with the calls of
 * the stream below.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/esp.h"
#include "device/esp/stub.h"
#include "sim/line/line.h"
#include "sim/nor/nor.h"
#include "test/common/changed.h"
#include "test/common/esp_stubs.h"
#include "test/common/every.h"

enum {
	SIZE = 0x40000,
	AT = 0x21000,
	LEN = 700,
	SECTOR = 0x1000,
	END = 0xc0,
	SYNC = 0x08,
	READ_SLOW = 0x0e,
	DIGEST = 0x13,
	WHY = 6,
	MOST = 4000
};

/* WRONG: digests, and what is read of the flash; all else is the chip's own. */
enum kind { REFUSED, SILENT, MISSHAPEN, WRONG };

static struct {
	struct far_stream stream;
	struct far_sim_clock clock;
	struct far_sim_line line;
	struct far_sim_nor *nor;
	struct far_sim_esp *chip;
	struct far_esp esp;
	uint8_t block[FAR_ESP_BLOCK_MAX];

	uint8_t frame[2 * FAR_ESP_BLOCK_MAX + 100]; /* the one on its way, as it is on the line */
	size_t frame_len;
	uint8_t reply[90];
	size_t reply_len;
	enum kind kind;
	unsigned seen, at,
		times; /* requests; those from the at-th on, so many, are not the chip's */
	bool is_stub, is_8266;
} world;

static uint8_t cells[SIZE], was[SIZE], data[LEN];

/* ---- the one in between ---------------------------------------------------------------------- */

/* The answer to a request that the chip does not see. */
static void answer(uint8_t op)
{
	size_t status = world.is_stub || world.is_8266 ? 2 : 4;
	size_t payload = op == READ_SLOW ? 64 : world.is_stub ? 16 : 32;
	uint8_t *r = world.reply;

	if (world.kind == SILENT)
		return;
	memset(r, 0, sizeof(world.reply));
	if (world.kind == MISSHAPEN)
		status++;
	r[0] = r[9 + status] = END;
	r[1] = 1;
	r[2] = op;
	r[3] = (uint8_t)status;
	if (world.kind == REFUSED) {
		r[9] = world.is_stub ? 0xc0 + WHY : 1;
		r[10] = WHY;
	}
	world.reply_len = 10 + status;
	if (world.kind == WRONG) {
		memset(r + 9, '7', payload);
		memset(r + 9 + payload, 0, status);
		r[3] = (uint8_t)(payload + status);
		r[9 + payload + status] = END;
		world.reply_len += payload;
	}
}

static bool is_taken(void)
{
	const uint8_t *f = world.frame;

	if (world.frame_len < 10 || f[1] != 0 || f[2] == SYNC)
		return false;
	if (world.kind == WRONG && world.at != 0 && f[2] != DIGEST && f[2] != READ_SLOW)
		return false;
	world.seen++;
	return world.at != 0 && world.seen >= world.at && world.seen - world.at < world.times;
}

/* Whole frames go on, or do not. */
static int write_frames(struct far_stream *s, const uint8_t *buf, size_t len)
{
	int rc = FAR_OK;

	(void)s;
	for (size_t i = 0; i < len && rc == FAR_OK; i++) {
		assert_true(world.frame_len < sizeof(world.frame));
		world.frame[world.frame_len++] = buf[i];
		if (buf[i] != END || world.frame_len == 1)
			continue;
		if (is_taken())
			answer(world.frame[2]);
		else
			rc = world.line.stream.ops->write(&world.line.stream, world.frame,
							  world.frame_len);
		world.frame_len = 0;
	}
	return rc;
}

static int read_answers(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	size_t n = world.reply_len;

	(void)s;
	if (n == 0 || n > cap)
		return world.line.stream.ops->read(&world.line.stream, buf, cap, timeout_ms);
	memcpy(buf, world.reply, n);
	world.reply_len = 0;
	return (int)n;
}

static int drain(struct far_stream *s)
{
	(void)s;
	return world.line.stream.ops->drain(&world.line.stream);
}

static int set_baud(struct far_stream *s, uint32_t baud)
{
	int rc = world.line.stream.ops->set_baud(&world.line.stream, baud);

	s->baud = world.line.stream.baud;
	return rc;
}

static int set_lines(struct far_stream *s, unsigned lines)
{
	(void)s;
	return world.line.stream.ops->set_lines(&world.line.stream, lines);
}

/* ---- worlds ---------------------------------------------------------------------------------- */

static void open_world(const char *name, bool with_stub)
{
	static const struct far_stream_ops ops = { read_answers, write_frames, drain, set_baud,
						   set_lines };
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	const struct far_sim_nor_config die = { .size = SIZE, .memory = cells };
	struct far_sim_esp_config config = { .chip = name, .any_stub = with_stub };
	const struct far_esp_config session = { .stream = &world.stream,
						.clock = &world.clock.clock,
						.block = world.block,
						.block_len = sizeof(world.block) };

	memset(&world, 0, sizeof(world));
	memcpy(cells, was, SIZE);
	far_sim_clock_init(&world.clock);
	world.is_8266 = strcmp(name, "esp8266") == 0;
	world.nor = config.nor = far_sim_nor_new(&die);
	world.chip = far_sim_esp_new(&config);
	assert_int_equal(far_sim_line_init(&world.line, &world.clock, world.chip), FAR_OK);
	world.stream = (struct far_stream){ &ops, world.line.stream.baud };
	assert_int_equal(with_stub ? far_esp_init_stub(&world.esp, &session, &finder)
				   : far_esp_init(&world.esp, &session),
			 FAR_OK);
}

static void close_world(void)
{
	far_sim_line_free(&world.line);
	far_sim_esp_free(world.chip);
	far_sim_nor_free(world.nor);
}

/* ---- calls ----------------------------------------------------------------------------------- */

typedef int call(struct far_flash *f);

static int connect_to(struct far_flash *f)
{
	(void)f;
	return far_esp_connect(&world.esp);
}

static int read_it(struct far_flash *f)
{
	uint8_t got[LEN];
	int rc = far_flash_read(f, AT - 100, got, LEN);

	if (rc == FAR_OK)
		assert_memory_equal(got, cells + AT - 100, LEN);
	return rc;
}

static int write_it(struct far_flash *f)
{
	int rc = far_flash_write(f, AT + 3, data, LEN);

	if (rc == FAR_OK)
		assert_memory_equal(cells + AT + 3, data, LEN);
	return rc;
}

static int erase_it(struct far_flash *f)
{
	int rc = far_flash_erase(f, AT + SECTOR, 2 * SECTOR);

	for (uint32_t i = 0; rc == FAR_OK && i < 2 * SECTOR; i++)
		assert_int_equal(cells[AT + SECTOR + i], 0xff);
	return rc;
}

static int digest_it(struct far_flash *f)
{
	uint8_t md5[FAR_MD5_LEN];

	return far_flash_digest(f, AT, 3000, md5);
}

static int replace_it(struct far_flash *f)
{
	int rc = far_flash_replace_begin(f, AT + SECTOR, SECTOR + LEN, 0);

	for (unsigned i = 0; i < (SECTOR + LEN) / 300 && rc == FAR_OK; i++)
		rc = far_flash_replace_write(f, data, 300);
	if (rc == FAR_OK)
		rc = far_flash_replace_write(f, data, (SECTOR + LEN) % 300);
	if (rc == FAR_OK)
		rc = far_flash_replace_end(f);
	if (rc == FAR_OK)
		assert_memory_equal(cells + AT + SECTOR + 300, data, 300);
	return rc;
}

static int set_rate(struct far_flash *f)
{
	(void)f;
	return far_esp_set_baud(&world.esp, 460800);
}

static int read_mac(struct far_flash *f)
{
	uint8_t mac[6];

	(void)f;
	return far_esp_read_mac(&world.esp, mac);
}

static int read_revision(struct far_flash *f)
{
	uint32_t revision;

	(void)f;
	return far_esp_read_revision(&world.esp, &revision);
}

static int read_status(struct far_flash *f)
{
	uint32_t status;

	(void)f;
	return far_esp_read_status(&world.esp, 2, &status);
}

/* ---- the sweep ------------------------------------------------------------------------------- */

/* What differs from before, and was not told. */
static bool is_untold(const struct far_flash_fault *fault)
{
	return first_change(was, cells, SIZE, fault->touched_addr, fault->touched_len) < SIZE;
}

/* False: the call has not so many requests. */
static bool one(const char *name, bool with_stub, const char *what, call *make, unsigned at,
		unsigned times, enum kind kind)
{
	struct far_flash_fault *fault = &world.esp.flash.fault;
	bool met;
	int rc;

	open_world(name, with_stub);
	if (make != connect_to) {
		assert_int_equal(far_esp_connect(&world.esp), FAR_OK);
		world.is_stub = with_stub;
	}
	world.seen = 0;
	world.at = at;
	world.times = times;
	world.kind = kind;
	rc = make(&world.esp.flash);
	met = world.seen >= at;
	if (rc != FAR_OK && (fault->err != rc || is_untold(fault)))
		fail_msg("%s, %s: request %u, %u times, kind %d: %d, recorded %d, touched %x, %x",
			 name, what, at, times, (int)kind, rc, fault->err,
			 (unsigned)fault->touched_addr, (unsigned)fault->touched_len);
	if (rc == FAR_ERR_REFUSED && kind == REFUSED)
		assert_int_equal(fault->peer_code & 0x3f, WHY);
	/* For good, it has to show; but who leaves or raises the rate may do without an answer. */
	if (met && times == MOST && kind != WRONG && make != connect_to && make != set_rate)
		assert_int_not_equal(rc, FAR_OK);
	close_world();
	return met;
}

static void sweep(const char *name, bool with_stub, unsigned every)
{
	static const struct {
		const char *name;
		call *make;
	} calls[] = {
		{ "connect", connect_to }, { "read", read_it },      { "write", write_it },
		{ "erase", erase_it },     { "digest", digest_it },  { "replace", replace_it },
		{ "set_baud", set_rate },  { "read_mac", read_mac }, { "revision", read_revision },
		{ "status", read_status },
	};
	bool met = true;

	for (unsigned c = 0; c < sizeof(calls) / sizeof(calls[0]); c++) {
		for (int kind = REFUSED; kind <= WRONG; kind++) {
			met = true;
			for (unsigned at = 1; met; at += at < 12 ? 1 : every * test_every()) {
				met = one(name, with_stub, calls[c].name, calls[c].make, at, 2,
					  (enum kind)kind);
				(void)one(name, with_stub, calls[c].name, calls[c].make, at, MOST,
					  (enum kind)kind);
			}
		}
	}
}

static void rom(void **state)
{
	(void)state;
	sweep("esp32", false, 1);
	sweep("esp32c3", false, 3);
}

static void first_rom(void **state)
{
	(void)state;
	sweep("esp8266", false, 11);
}

static void stub(void **state)
{
	(void)state;
	sweep("esp32", true, 1);
}

static int make_data(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < SIZE; i++)
		was[i] = (uint8_t)(i * 2654435761u >> 19);
	memset(was + AT, 0xff, SECTOR);
	for (uint32_t i = 0; i < LEN; i++)
		data[i] = (uint8_t)(i * 7);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rom),
		cmocka_unit_test(first_rom),
		cmocka_unit_test(stub),
	};

	return cmocka_run_group_tests(tests, make_data, NULL);
}
