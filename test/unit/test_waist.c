/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of waist 2 fails, one after the other, once and from then on, under every public call:
 * the code that comes out is the one that went in, it is recorded, and what it says of the flash is
 * true. Worlds: a NOR part on a bus, a chip behind a stream, another core's flash behind a doorbell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/esp.h"
#include "device/mailbox/mailbox.h"
#include "device/nor/nor.h"
#include "service/supervisor/supervisor.h"
#include "sim/line/line.h"
#include "sim/nor/nor.h"

enum { SIZE = 0x40000, SECTOR = 0x1000, AT = 0x21000, LEN = 700 };

/* The next call that fails: counted down; then what it returns, so often. */
static struct {
	uint32_t seen, at, times;
	int err;
} fail;

static int fails(void)
{
	fail.seen++;
	return fail.at != 0 && fail.seen >= fail.at && fail.seen - fail.at < fail.times;
}

static uint8_t cells[SIZE], was[SIZE], data[LEN];
static struct far_sim_clock the_clock;
static struct far_sim_nor *die;
static struct far_sim_spi bus;
static struct far_spi spi;
static struct far_nor nor;

static int transfer(struct far_spi *s, const struct far_spi_frame *frame)
{
	(void)s;
	return fails() ? fail.err : bus.spi.ops->transfer(&bus.spi, frame);
}

/* ---- worlds ---------------------------------------------------------------------------------- */

static void new_die(void)
{
	const struct far_sim_nor_config config = { .size = SIZE, .memory = cells };

	for (uint32_t i = 0; i < SIZE; i++)
		cells[i] = (uint8_t)(i * 2654435761u >> 19);
	memset(cells + AT, 0xff, SECTOR);
	memcpy(was, cells, SIZE);
	for (uint32_t i = 0; i < LEN; i++)
		data[i] = (uint8_t)(i * 7);
	far_sim_clock_init(&the_clock);
	die = far_sim_nor_new(&config);
	far_sim_spi_init(&bus, die, &the_clock.clock);
}

static struct far_flash *nor_open(int *rc)
{
	static const struct far_spi_ops ops = { .transfer = transfer };

	new_die();
	spi.ops = &ops;
	*rc = far_nor_init(&nor, &spi, &the_clock.clock);
	return &nor.flash;
}

static void nor_close(void)
{
	far_sim_nor_free(die);
}

static struct far_sim_esp *chip;
static struct far_sim_line line;
static struct far_stream stream;
static struct far_esp esp;
static uint8_t block[FAR_ESP_BLOCK_MAX];

static int stream_read(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	(void)s;
	return fails() ? fail.err : line.stream.ops->read(&line.stream, buf, cap, timeout_ms);
}

static int stream_write(struct far_stream *s, const uint8_t *buf, size_t len)
{
	(void)s;
	return fails() ? fail.err : line.stream.ops->write(&line.stream, buf, len);
}

static int stream_drain(struct far_stream *s)
{
	(void)s;
	return fails() ? fail.err : line.stream.ops->drain(&line.stream);
}

static int stream_set_baud(struct far_stream *s, uint32_t baud)
{
	int rc = fails() ? fail.err : line.stream.ops->set_baud(&line.stream, baud);

	s->baud = line.stream.baud;
	return rc;
}

static int stream_set_lines(struct far_stream *s, unsigned lines)
{
	(void)s;
	return fails() ? fail.err : line.stream.ops->set_lines(&line.stream, lines);
}

static struct far_flash *esp_open(int *rc)
{
	static const struct far_stream_ops ops = { stream_read, stream_write, stream_drain,
						   stream_set_baud, stream_set_lines };
	struct far_sim_esp_config config = { .chip = "esp32" };
	const struct far_esp_config session = { .stream = &stream,
						.clock = &the_clock.clock,
						.block = block,
						.block_len = sizeof(block) };

	new_die();
	config.nor = die;
	chip = far_sim_esp_new(&config);
	assert_int_equal(far_sim_line_init(&line, &the_clock, chip), FAR_OK);
	stream = (struct far_stream){ &ops, line.stream.baud };
	assert_int_equal(far_esp_init(&esp, &session), FAR_OK);
	*rc = far_esp_connect(&esp);
	return &esp.flash;
}

static void esp_close(void)
{
	far_sim_line_free(&line);
	far_sim_esp_free(chip);
	nor_close();
}

#define SLOTS    8u
#define QUEUE    4u
#define DATA_MAX 256u

static uint32_t region[FAR_MAILBOX_REGION_SIZE(SLOTS) / 4];
static struct far_mailbox owner, mailbox;
static struct far_supervisor supervisor;
static struct far_supervisor_remote remote;
static struct far_mailbox_flash far_away;
static _Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(QUEUE, DATA_MAX)];
static struct far_doorbell bell;

static void ring(struct far_doorbell *d)
{
	(void)d;
}

static int bell_wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	(void)d;
	if (fails())
		return fail.err;
	if (!far_supervisor_step(&supervisor))
		the_clock.clock.ops->sleep_ms(&the_clock.clock, timeout_ms);
	return FAR_OK;
}

static struct far_flash *mailbox_open(int *rc)
{
	static const struct far_doorbell_ops ops = { .ring = ring, .wait = bell_wait };
	static const struct far_supervisor_grant all = {
		.len = SIZE,
		.rights = FAR_SERVICE_MAY_READ | FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE,
	};
	struct far_mailbox_config side = { .region = region,
					   .region_size = sizeof(region),
					   .slots = SLOTS,
					   .doorbell = &bell,
					   .clock = &the_clock.clock };
	struct far_supervisor_config config = { .flash = &nor.flash, .clock = &the_clock.clock };
	const struct far_supervisor_remote_config served = { .mailbox = &owner,
							     .grants = &all,
							     .grant_count = 1,
							     .buf = queue,
							     .slots = QUEUE,
							     .data_max = DATA_MAX };
	const struct far_mailbox_flash_config wanted = { .mailbox = &mailbox,
							 .clock = &the_clock.clock,
							 .timeout_ms = 1000 };

	new_die();
	bell.ops = &ops;
	assert_int_equal(far_nor_init(&nor, &bus.spi, &the_clock.clock), FAR_OK);
	assert_int_equal(far_mailbox_init(&owner, &side), FAR_OK);
	side.side = 1;
	assert_int_equal(far_mailbox_init(&mailbox, &side), FAR_OK);
	assert_int_equal(far_supervisor_init(&supervisor, &config), FAR_OK);
	assert_int_equal(far_supervisor_add_remote(&supervisor, &remote, &served), FAR_OK);
	*rc = far_mailbox_flash_open(&far_away, &wanted);
	return &far_away.flash;
}

/* ---- public calls ---------------------------------------------------------------------------- */

static int call_read(struct far_flash *f)
{
	uint8_t got[LEN];
	int rc = far_flash_read(f, AT - 100, got, LEN);

	if (rc == FAR_OK)
		assert_memory_equal(got, cells + AT - 100, LEN);
	return rc;
}

static int call_write(struct far_flash *f)
{
	int rc = far_flash_write(f, AT, data, LEN);

	if (rc == FAR_OK)
		assert_memory_equal(cells + AT, data, LEN);
	return rc;
}

static int call_erase(struct far_flash *f)
{
	int rc = far_flash_erase(f, AT + SECTOR, 2 * SECTOR);

	for (uint32_t i = 0; rc == FAR_OK && i < 2 * SECTOR; i++)
		assert_int_equal(cells[AT + SECTOR + i], 0xff);
	return rc;
}

static int call_digest(struct far_flash *f)
{
	uint8_t md5[FAR_MD5_LEN];

	return far_flash_digest(f, AT, 3000, md5);
}

static int call_replace(struct far_flash *f)
{
	int rc = far_flash_replace_begin(f, AT + SECTOR, LEN, 0);

	if (rc == FAR_OK)
		rc = far_flash_replace_write(f, data, 300);
	if (rc == FAR_OK)
		rc = far_flash_replace_write(f, data + 300, LEN - 300);
	if (rc == FAR_OK)
		rc = far_flash_replace_end(f);
	if (rc == FAR_OK)
		assert_memory_equal(cells + AT + SECTOR, data, LEN);
	return rc;
}

static int call_sync(struct far_flash *f)
{
	return far_flash_sync(f);
}

static int call_set_baud(struct far_flash *f)
{
	return far_esp_set_baud((struct far_esp *)(void *)f, 460800);
}

static int call_read_mac(struct far_flash *f)
{
	uint8_t mac[6];

	return far_esp_read_mac((struct far_esp *)(void *)f, mac);
}

static int call_leave(struct far_flash *f)
{
	return far_esp_leave((struct far_esp *)(void *)f);
}

static const struct call {
	const char *name;
	int (*make)(struct far_flash *f);
} calls[] = {
	{ "open", NULL },        { "read", call_read },         { "write", call_write },
	{ "erase", call_erase }, { "digest", call_digest },     { "replace", call_replace },
	{ "sync", call_sync },   { "set_baud", call_set_baud }, { "read_mac", call_read_mac },
	{ "leave", call_leave },
};

enum { CALLS_OF_ANY_FLASH = 7, CALLS_OF_ESP = 10 };

/* ---- the sweep ------------------------------------------------------------------------------- */

/* Whatever has changed is what the record tells. */
static void assert_told(const struct far_flash *f, const char *name)
{
	const struct far_flash_fault *t = &f->fault;

	for (uint32_t i = 0; i < SIZE; i++)
		if (cells[i] != was[i] &&
		    (i < t->touched_addr || i - t->touched_addr >= t->touched_len))
			fail_msg("%s: call %u of waist 2 fails: 0x%x has changed, untold", name,
				 fail.at, i);
}

/* One call with the failure at its place. True while there was one to fail. */
static bool once(struct far_flash *(*open)(int *rc), void (*close)(void), const struct call *call,
		 uint32_t at, uint32_t times, int err)
{
	struct far_flash *f;
	int rc;

	fail.seen = 0;
	fail.at = call->make == NULL ? at : 0;
	fail.times = times;
	fail.err = err;
	f = open(&rc);
	if (call->make != NULL) {
		assert_int_equal(rc, FAR_OK);
		fail.seen = 0;
		fail.at = at;
		rc = call->make(f);
	}
	if (fail.seen >= at && times == UINT32_MAX && rc != err)
		fail_msg("%s: from call %u of waist 2 on all return %d, and it returns %d",
			 call->name, at, err, rc);
	if (rc != FAR_OK) {
		if (rc != err)
			fail_msg("%s: call %u returned %d, and it returns %d", call->name, at, err,
				 rc);
		assert_int_equal(f->fault.err, rc);
		assert_told(f, call->name);
	}
	close();
	return fail.seen >= at;
}

static void sweep(struct far_flash *(*open)(int *rc), void (*close)(void), size_t count)
{
	static const int errs[] = { FAR_ERR_IO, FAR_ERR_CANCELLED };

	for (size_t c = 0; c < count; c++)
		for (size_t e = 0; e < 2; e++)
			for (uint32_t at = 1;; at++) {
				bool first = once(open, close, &calls[c], at, 1, errs[e]);
				bool all = once(open, close, &calls[c], at, UINT32_MAX, errs[e]);

				if (!first && !all)
					break;
				assert_true(at < 3000);
			}
}

static void spi_under_nor(void **state)
{
	(void)state;
	sweep(nor_open, nor_close, CALLS_OF_ANY_FLASH);
}

static void stream_under_esp(void **state)
{
	(void)state;
	sweep(esp_open, esp_close, CALLS_OF_ESP);
}

static void doorbell_under_mailbox(void **state)
{
	(void)state;
	sweep(mailbox_open, nor_close, CALLS_OF_ANY_FLASH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spi_under_nor),
		cmocka_unit_test(stream_under_esp),
		cmocka_unit_test(doorbell_under_mailbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
