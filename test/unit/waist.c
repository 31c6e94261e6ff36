/* SPDX-License-Identifier: Apache-2.0 */
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
#include "test/common/changed.h"
#include "test/common/esp_stubs.h"
#include "test/common/every.h"
#include "test/unit/waist.h"

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

uint8_t waist_cells[WAIST_SIZE], waist_was[WAIST_SIZE];
void (*waist_fill)(uint8_t *cells);
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
	const struct far_sim_nor_config config = { .size = WAIST_SIZE, .memory = waist_cells };
	static bool made;

	if (!made) { /* the sweeps open thousands */
		made = true;
		for (uint32_t i = 0; i < WAIST_SIZE; i++)
			waist_was[i] = (uint8_t)(i * 2654435761u >> 19);
		memset(waist_was + WAIST_AT, 0xff, WAIST_SECTOR);
		if (waist_fill != NULL)
			waist_fill(waist_was);
	}
	memcpy(waist_cells, waist_was, WAIST_SIZE);
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

static struct far_flash *chip_open(const char *name, const struct far_esp_stub_finder *finder,
				   int *rc)
{
	static const struct far_stream_ops ops = { stream_read, stream_write, stream_drain,
						   stream_set_baud, stream_set_lines };
	struct far_sim_esp_config config = { .chip = name, .any_stub = finder != NULL };
	const struct far_esp_config session = { .stream = &stream,
						.clock = &the_clock.clock,
						.block = block,
						.block_len = sizeof(block) };

	new_die();
	config.nor = die;
	chip = far_sim_esp_new(&config);
	assert_int_equal(far_sim_line_init(&line, &the_clock, chip), FAR_OK);
	stream = (struct far_stream){ &ops, line.stream.baud };
	assert_int_equal(finder != NULL ? far_esp_init_stub(&esp, &session, finder)
					: far_esp_init(&esp, &session),
			 FAR_OK);
	*rc = far_esp_connect(&esp);
	return &esp.flash;
}

static struct far_flash *esp32_open(int *rc)
{
	return chip_open("esp32", NULL, rc);
}

/* Its ROM cannot read and has no digest. */
static struct far_flash *esp8266_open(int *rc)
{
	return chip_open("esp8266", NULL, rc);
}

static struct far_flash *stub_open(int *rc)
{
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };

	return chip_open("esp32", &finder, rc);
}

static void esp_close(void)
{
	far_sim_line_free(&line);
	far_sim_esp_free(chip);
	nor_close();
}

#define SLOTS    8u
#define DATA_MAX 256u

static uint32_t region[FAR_MAILBOX_REGION_SIZE(SLOTS) / 4];
static struct far_mailbox owner, mailbox;
static struct far_supervisor supervisor;
static struct far_supervisor_remote remote;
static struct far_mailbox_flash far_away;
static _Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(DATA_MAX)];
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

static struct far_flash *far_away_open(int *rc,
				       int (*open)(struct far_mailbox_flash *,
						   const struct far_mailbox_flash_config *))
{
	static const struct far_doorbell_ops ops = { .ring = ring, .wait = bell_wait };
	static const struct far_supervisor_grant all = {
		.len = WAIST_SIZE,
		.rights = FAR_SERVICE_MAY_READ | FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE,
	};
	struct far_mailbox_config side = { .region = region,
					   .region_size = sizeof(region),
					   .slots = SLOTS,
					   .doorbell = &bell,
					   .clock = &the_clock.clock };
	struct far_supervisor_config config = { .flash = &nor.flash,
						.clock = &the_clock.clock,
						.ops = far_supervisor_all };
	const struct far_supervisor_remote_config served = { .mailbox = &owner,
							     .grants = &all,
							     .grant_count = 1,
							     .buf = queue,
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
	*rc = open(&far_away, &wanted);
	return &far_away.flash;
}

static struct far_flash *mailbox_open(int *rc)
{
	return far_away_open(rc, far_mailbox_flash_open);
}

static struct far_flash *inline_open(int *rc)
{
	return far_away_open(rc, far_mailbox_flash_open_inline);
}

const struct waist_world waist_nor = { nor_open, nor_close };
const struct waist_world waist_esp32 = { esp32_open, esp_close };
const struct waist_world waist_esp8266 = { esp8266_open, esp_close };
const struct waist_world waist_stub = { stub_open, esp_close };
const struct waist_world waist_mailbox = { mailbox_open, nor_close };
const struct waist_world waist_mailbox_inline = { inline_open, nor_close };

/* ---- the sweep ------------------------------------------------------------------------------- */

/* Whatever has changed is what the record tells. */
static void assert_told(const struct far_flash *f, const struct waist_call *call)
{
	uint32_t addr = call->touched_addr ? *call->touched_addr : f->fault.touched_addr;
	uint32_t len = call->touched_len ? *call->touched_len : f->fault.touched_len;
	uint32_t at = first_change(waist_was, waist_cells, WAIST_SIZE, addr, len);

	if (at < WAIST_SIZE)
		fail_msg("%s: call %u of waist 2 fails: 0x%x has changed, untold", call->name,
			 fail.at, at);
}

/* One call with the failure at its place. True while there waist_was one to fail. */
static bool once(const struct waist_world *world, const struct waist_call *call, uint32_t at,
		 uint32_t times, int err)
{
	struct far_flash *f;
	int rc;

	fail.seen = 0;
	fail.at = call->make == NULL ? at : 0;
	fail.times = times;
	fail.err = err;
	f = world->open(&rc);
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
		assert_told(f, call);
	}
	world->close();
	return fail.seen >= at;
}

void waist_sweep(const struct waist_world *world, const struct waist_call *calls, size_t count,
		 uint32_t every)
{
	static const int errs[] = { FAR_ERR_IO, FAR_ERR_CANCELLED };

	every *= test_every();
	for (size_t c = 0; c < count; c++)
		for (size_t e = 0; e < 2; e++)
			for (uint32_t at = 1 + (uint32_t)(c + e) % every;; at += every) {
				bool first = once(world, &calls[c], at, 1, errs[e]);
				bool all = once(world, &calls[c], at, UINT32_MAX, errs[e]);

				if (!first && !all)
					break;
				assert_true(at < 30000);
			}
}
