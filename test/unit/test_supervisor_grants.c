/* SPDX-License-Identifier: Apache-2.0 */
/* What a supervisor refuses, with which code, and that grants confine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/md5.h"
#include "test/unit/supervisor_words.h"

#define R FAR_SERVICE_MAY_READ
#define W FAR_SERVICE_MAY_WRITE
#define E FAR_SERVICE_MAY_ERASE

/* ---- what is refused ------------------------------------------------------------------------- */

static const struct refusal {
	int err;
	struct rig_request q;
} refusals[] = {
	/* beyond the flash, and wrapping 2^32 */
	{ FAR_ERR_RANGE, { .op = READ, .addr = RIG_SIZE, .len = 1 } },
	{ FAR_ERR_RANGE, { .op = READ, .addr = RIG_SIZE - 1, .len = 2 } },
	{ FAR_ERR_RANGE, { .op = READ, .addr = UINT32_MAX, .len = 1 } },
	{ FAR_ERR_RANGE, { .op = READ, .addr = UINT32_MAX, .len = 2 } },
	{ FAR_ERR_RANGE, { .op = READ, .addr = 0xffffff80, .len = 0x100 } },
	{ FAR_ERR_RANGE,
	  { .op = WRITE, .addr = 0xfffffffc, .len = 8, .data = data, .data_len = 8 } },
	{ FAR_ERR_RANGE, { .op = ERASE, .addr = 0xfffff000, .len = 0x2000 } },
	{ FAR_ERR_RANGE, { .op = ERASE, .addr = 0x1000, .len = 0xfffff000 } },
	{ FAR_ERR_RANGE, { .op = ERASE, .addr = 0x80000000, .len = 0x80000000 } },
	{ FAR_ERR_RANGE, { .op = DIGEST, .addr = 1, .len = UINT32_MAX } },
	{ FAR_ERR_RANGE, { .op = DIGEST, .addr = RIG_SIZE + 1, .len = 0 } },
	{ FAR_ERR_RANGE, { .op = BEGIN, .addr = RIG_SIZE - RIG_SECTOR, .len = RIG_SECTOR + 1 } },
	{ FAR_ERR_RANGE, { .op = BEGIN, .addr = 0xfffff000, .len = UINT32_MAX } },
	/* units */
	{ FAR_ERR_ALIGN, { .op = ERASE, .addr = 0x1000, .len = 0x0fff } },
	{ FAR_ERR_ALIGN, { .op = ERASE, .addr = 0x1001, .len = 0x1000 } },
	{ FAR_ERR_ALIGN, { .op = ERASE, .addr = 0x1000, .len = 0x1800 } },
	{ FAR_ERR_ALIGN, { .op = BEGIN, .addr = 0x0800, .len = 0x1000 } },
	{ FAR_ERR_ALIGN, { .op = WRITE, .addr = 2, .len = 8, .data = data, .data_len = 8 } },
	{ FAR_ERR_ALIGN, { .op = WRITE, .addr = 4, .len = 6, .data = data, .data_len = 6 } },
	/* operations that there are not */
	{ FAR_ERR_NOTSUP, { .op = 0 } },
	{ FAR_ERR_NOTSUP, { .op = 11 + 16, .len = 4 } },
	{ FAR_ERR_NOTSUP, { .op = WRITE & ~FAR_SERVICE_SENDS, .len = 4 } },
	{ FAR_ERR_NOTSUP, { .op = WRITE & 0x8f, .len = 4, .data = data, .data_len = 4 } },
	{ FAR_ERR_NOTSUP, { .op = ERASE ^ 0x70, .len = 0x1000 } },
	{ FAR_ERR_NOTSUP, { .op = READ, .flags = 0x40, .len = 4 } },
	{ FAR_ERR_NOTSUP, { .op = READ, .flags = 0x80, .len = 4 } },
	{ FAR_ERR_NOTSUP, { .op = 255, .flags = 255, .addr = UINT32_MAX, .len = UINT32_MAX } },
	/* malformed: more or less data than said */
	{ FAR_ERR_PROTO, { .op = WRITE, .len = 8, .data = data, .data_len = 4 } },
	{ FAR_ERR_PROTO, { .op = WRITE, .len = 4, .data = data, .data_len = 8 } },
	{ FAR_ERR_PROTO, { .op = WRITE, .len = 8 } },
	{ FAR_ERR_PROTO, { .op = WRITE, .len = UINT32_MAX, .data = data, .data_len = 15 } },
	{ FAR_ERR_PROTO, { .op = STREAM, .len = 8, .data = data, .data_len = 4 } },
	{ FAR_ERR_PROTO, { .op = READ, .len = 4, .data = data, .data_len = 4 } },
	{ FAR_ERR_PROTO, { .op = ERASE, .len = RIG_SECTOR, .data = data, .data_len = 1 } },
	/* the window: not all in it, or nothing to put there */
	{ FAR_ERR_PROTO, { .op = READ_WINDOW, .len = RIG_WINDOW, .extra = 1 } },
	{ FAR_ERR_PROTO, { .op = READ_WINDOW, .len = 1, .extra = RIG_WINDOW } },
	{ FAR_ERR_PROTO, { .op = READ_WINDOW, .len = 2, .extra = RIG_WINDOW - 1 } },
	{ FAR_ERR_PROTO, { .op = READ_WINDOW, .len = 2, .extra = UINT32_MAX } },
	{ FAR_ERR_PROTO, { .op = READ_WINDOW, .len = 0x20, .extra = 0xfffffff0 } },
	{ FAR_ERR_PROTO, { .op = WRITE_WINDOW, .len = 4, .extra = RIG_WINDOW - 3 } },
	{ FAR_ERR_PROTO, { .op = WRITE_WINDOW, .len = 4, .data = data, .data_len = 4 } },
	{ FAR_ERR_PROTO, { .op = STREAM_WINDOW, .len = 1, .extra = RIG_WINDOW } },
	/* no stream is open */
	{ FAR_ERR_STATE, { .op = STREAM, .len = 4, .data = data, .data_len = 4 } },
	{ FAR_ERR_STATE, { .op = END } },
};

static void each_mistake_has_its_code(void **state)
{
	struct rig *g = bound(NATIVE, true);
	size_t n = sizeof(refusals) / sizeof(refusals[0]);
	uint32_t calls = ram_flash_calls(&g->flash);
	(void)state;

	for (size_t i = 0; i < n; i++) {
		struct rig_request q = refusals[i].q;
		const uint8_t *raw = g->remote[0].raw;

		q.tag = (uint16_t)(0xfff0 + i);
		rig_ask(g, 0, &q, refusals[i].err);
		assert_int_equal(far_get_le32(raw + 4), q.addr);
		assert_int_equal(far_get_le32(raw + 12), 0);
		/* of a stream it is not known */
		assert_int_equal(far_get_le32(raw + 8),
				 refusals[i].err == FAR_ERR_STATE ? UINT32_MAX : q.addr);
	}
	assert_int_equal(ram_flash_calls(&g->flash), calls);
	ram_flash_assert_only(&g->flash, 0, 0);
	assert_int_equal(g->remote[0].served.count.requests, n);
	/* what the flash itself finds impossible counts as failed */
	assert_int_equal(g->remote[0].served.count.refused + g->remote[0].served.count.failed, n);
	assert_int_equal(g->remote[0].served.count.failed, 2 + 4);
	for (uint32_t i = 0; i < RIG_WINDOW / 4; i++)
		assert_int_equal(g->remote[0].window[i], 0);
	rig_free(g);
}

/* Without a window every offset in it is wrong. */
static void no_window_no_offset(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	(void)state;

	rig_ask(g, 0, &(struct rig_request){ .op = READ_WINDOW, .len = 1 }, FAR_ERR_PROTO);
	rig_ask(g, 0, &(struct rig_request){ .op = WRITE_WINDOW, .len = 4 }, FAR_ERR_PROTO);
	ram_flash_assert_only(&g->flash, 0, 0);
	rig_free(g);
}

/* Every operation under every set of rights, inside, across both ends, and outside of a grant. */
static void grant_case(struct rig *g, uint8_t op, uint32_t rights, uint32_t addr, uint32_t len)
{
	static const uint8_t needs[256] = {
		[READ] = R, [WRITE] = W, [ERASE] = E, [DIGEST] = R, [BEGIN] = W | E
	};
	bool inside = addr >= 0x4000 && addr + len <= 0x8000;
	bool allowed = inside && (rights & needs[op]) == needs[op];
	struct rig_request q = { .op = op, .addr = addr, .len = len };

	if (op == READ)
		q.op = READ_WINDOW;
	if (op == WRITE)
		q.op = WRITE_WINDOW;
	rig_grant(g, 0, 0x4000, 0x4000, rights);
	ram_flash_snapshot(&g->flash);
	rig_ask(g, 0, &q, allowed ? FAR_OK : FAR_ERR_REFUSED);
	if (!allowed) {
		assert_int_equal(far_get_le32(g->remote[0].raw + 12), FAR_SERVICE_NO_GRANT);
		assert_int_equal(far_get_le32(g->remote[0].raw + 8), addr);
		ram_flash_assert_only(&g->flash, 0, 0);
	} else {
		ram_flash_assert_only(&g->flash, addr, len);
	}
}

static void grants_confine(void **state)
{
	static const uint8_t ops[] = { READ, WRITE, ERASE, DIGEST, BEGIN };
	static const struct {
		uint32_t addr, len;
	} ranges[] = { { 0x4000, 0x1000 }, { 0x7000, 0x1000 }, { 0x3000, 0x1000 },
		       { 0x8000, 0x1000 }, { 0x3000, 0x2000 }, { 0x7000, 0x2000 },
		       { 0, 0x1000 },      { 0x3000, 0x6000 }, { RIG_SIZE - 0x1000, 0x1000 } };
	struct rig *g = bound(NATIVE, true);
	(void)state;

	g->remote[0].config.window_len = g->remote[0].served.config.window_len = RIG_WINDOW;
	for (size_t o = 0; o < sizeof(ops); o++)
		for (uint32_t rights = 0; rights < 8; rights++)
			for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
				if (ranges[i].len <= RIG_WINDOW || ops[o] != READ)
					if (ranges[i].len <= RIG_WINDOW || ops[o] != WRITE)
						grant_case(g, ops[o], rights, ranges[i].addr,
							   ranges[i].len);
	rig_free(g);
}

/* How far a deflated stream reaches shows only behind the device: not for the confined. */
static void deflate_needs_the_whole_flash(void **state)
{
	struct rig *g = bound(NATIVE, true);
	const struct rig_request begin = {
		.op = BEGIN, .addr = 0x4000, .len = 0x2000, .extra = 99
	};
	(void)state;

	rig_ask(g, 0, &(struct rig_request){ .op = INFO, .addr = 15 }, FAR_OK);
	assert_true(raw_data(g)[13] & FAR_FLASH_CAN_DEFLATE);
	rig_ask(g, 0, &begin, FAR_OK);
	rig_grant(g, 0, 0, RIG_SIZE - RIG_SECTOR, R | W | E);
	ram_flash_snapshot(&g->flash);
	rig_ask(g, 0, &(struct rig_request){ .op = INFO, .addr = 15 }, FAR_OK);
	assert_false(raw_data(g)[13] & FAR_FLASH_CAN_DEFLATE);
	rig_ask(g, 0, &begin, FAR_ERR_REFUSED);
	assert_int_equal(far_get_le32(g->remote[0].raw + 12), FAR_SERVICE_NO_GRANT);
	ram_flash_assert_only(&g->flash, 0, 0);
	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x4000, .len = 0x2000 }, FAR_OK);
	rig_free(g);
}

/* Byte by byte at the ends of a grant; and the sector that a replace would erase whole. */
static void grants_confine_to_the_byte(void **state)
{
	struct rig *g = bound(NATIVE, true);
	(void)state;

	rig_grant(g, 0, 0x4004, 0x3ff8, R | W | E); /* 0x4004 to 0x7ffc */
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x4003, .len = 1 },
		FAR_ERR_REFUSED);
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x4003, .len = 2 },
		FAR_ERR_REFUSED);
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x4004, .len = 1 }, FAR_OK);
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x7ffb, .len = 1 }, FAR_OK);
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x7ffb, .len = 2 },
		FAR_ERR_REFUSED);
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x7ffc, .len = 1 },
		FAR_ERR_REFUSED);
	rig_ask(g, 0, &(struct rig_request){ .op = ERASE, .addr = 0x4000, .len = 0x1000 },
		FAR_ERR_REFUSED);
	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x7000, .len = 4 },
		FAR_ERR_REFUSED);
	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x6000, .len = 4 }, FAR_OK);
	ram_flash_assert_only(&g->flash, 0x6000, 0x1000);
	/* None at all. An empty digest asks for nothing. */
	g->remote[0].served.config.grant_count = 0;
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x5000, .len = 1 },
		FAR_ERR_REFUSED);
	rig_ask(g, 0, &(struct rig_request){ .op = DIGEST, .addr = 0x5000 }, FAR_OK);
	rig_free(g);
}

static void several_grants_do_not_add_up(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, true);
	struct rig_remote *r = &g->remote[0];
	(void)state;

	r->grants[0] = (struct far_supervisor_grant){ 0x1000, 0x1000, R };
	r->grants[1] = (struct far_supervisor_grant){ 0x2000, 0x1000, R | E };
	r->grants[2] = (struct far_supervisor_grant){ 0x1000, 0x1000, E };
	r->served.config.grant_count = 3;
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x1fff, .len = 1 }, FAR_OK);
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x2000, .len = 1 }, FAR_OK);
	rig_ask(g, 0, &(struct rig_request){ .op = READ, .addr = 0x1fff, .len = 2 },
		FAR_ERR_REFUSED);
	rig_ask(g, 0, &(struct rig_request){ .op = ERASE, .addr = 0x1000, .len = 0x1000 }, FAR_OK);
	for (uint32_t i = 0; i < 5; i++) {
		const uint8_t *b = raw_data(g);

		assert_int_equal(
			rig_ask(g, 0, &(struct rig_request){ .op = INFO, .extra = i }, FAR_OK),
			FAR_SERVICE_REPLY + 4 * FAR_SERVICE_INFO_WORDS);
		assert_int_equal(far_get_le32(b), RIG_SIZE);
		assert_int_equal(far_get_le32(b + 24), i < 3 ? r->grants[i].addr : 0);
		assert_int_equal(far_get_le32(b + 28), i < 3 ? r->grants[i].len : 0);
		assert_int_equal(b[32], i < 3 ? r->grants[i].rights : 0);
		assert_int_equal(b[36], 3);
	}
	rig_free(g);
}

static void configurations_that_cannot_be(void **state)
{
	struct rig *g = rig_new(FAR_FLASH_CAN_READ, true);
	struct rig_remote *r = &g->remote[0];
	struct far_supervisor_remote_config c[12];
	static struct far_supervisor_remote fresh;
	static const int want[12] = { FAR_ERR_ARG, FAR_ERR_ARG, FAR_ERR_ARG,   FAR_ERR_ARG,
				      FAR_ERR_ARG, FAR_ERR_ARG, FAR_ERR_ARG,   FAR_ERR_ARG,
				      FAR_ERR_ARG, FAR_ERR_ARG, FAR_ERR_RANGE, FAR_OK };
	struct far_supervisor_config sc = { .flash = &g->flash.flash };
	struct far_supervisor s;
	(void)state;

	assert_int_equal(far_supervisor_init(&s, &sc), FAR_ERR_ARG);
	sc.clock = &g->clock.clock;
	assert_int_equal(far_supervisor_init(&s, &sc), FAR_ERR_ARG);
	sc.ops = far_supervisor_all;
	assert_int_equal(far_supervisor_init(&s, &sc), FAR_OK);
	assert_false(far_supervisor_step(&s)); /* nobody to serve */
	assert_false(far_supervisor_wait(&s, 10));
	for (int i = 0; i < 12; i++)
		c[i] = r->config;
	c[0].mailbox = NULL;
	c[1].buf = NULL;
	c[2].data_max = 32;
	c[3].data_max = 0;
	c[4].data_max = 33;
	c[5].data_max = 65536;
	c[6].channel = 4;
	c[7].channel = 1;
	c[8].grants = NULL;
	c[9].window = NULL;
	c[10].grants = &(struct far_supervisor_grant){ RIG_SIZE - 1, 2, R };
	for (int i = 0; i < 12; i++)
		assert_int_equal(far_supervisor_add_remote(&s, &fresh, &c[i]), want[i]);
	sc.flash = NULL;
	assert_int_equal(far_supervisor_init(&s, &sc), FAR_ERR_ARG);
	rig_free(g);
}

static void refusals_leave_others_streams_alone(void **state)
{
	struct rig *g = bound(NATIVE, true);
	const struct rig_request stream = { .op = STREAM, .len = 4, .data = data, .data_len = 4 };
	size_t n = sizeof(refusals) / sizeof(refusals[0]);
	(void)state;

	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x2000, .len = 8 }, FAR_OK);
	for (size_t i = 0; i + 2 < n; i++) /* but for what has to ask the flash, or its turn */
		if (refusals[i].err != FAR_ERR_ALIGN &&
		    (refusals[i].err != FAR_ERR_PROTO || refusals[i].q.extra == 0))
			rig_ask(g, 1, &refusals[i].q, refusals[i].err);
	rig_ask(g, 1, &(struct rig_request){ .op = INFO, .addr = 15 }, FAR_OK);
	rig_ask(g, 0, &stream, FAR_OK);
	/* Somebody else's stream is not there for this one. */
	rig_send(g, 1, &stream);
	assert_int_equal(rig_reply(g, 1), 0);
	rig_ask(g, 0, &stream, FAR_OK);
	rig_ask(g, 0, &(struct rig_request){ .op = END }, FAR_OK);
	assert_int_equal(rig_reply(g, 1), 16);
	assert_int_equal(g->remote[1].raw[0], -FAR_ERR_STATE);
	assert_memory_equal(ram_flash_at(&g->flash, 0x2000), data, 4);
	rig_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_has_its_code),
		cmocka_unit_test(no_window_no_offset),
		cmocka_unit_test(grants_confine),
		cmocka_unit_test(deflate_needs_the_whole_flash),
		cmocka_unit_test(grants_confine_to_the_byte),
		cmocka_unit_test(several_grants_do_not_add_up),
		cmocka_unit_test(configurations_that_cannot_be),
		cmocka_unit_test(refusals_leave_others_streams_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
