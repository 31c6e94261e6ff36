/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One remote sends nonsense, cleverly and less so; the other one works. Nothing crashes, no byte
 * outside the grants changes, the other is served.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "test/common/service_rig.h"

#define OPS                                                                                        \
	FAR_SERVICE_INFO, FAR_SERVICE_READ, FAR_SERVICE_WRITE, FAR_SERVICE_ERASE,                  \
		FAR_SERVICE_DIGEST, FAR_SERVICE_SYNC, FAR_SERVICE_READ_WINDOW,                     \
		FAR_SERVICE_WRITE_WINDOW, FAR_SERVICE_BEGIN, FAR_SERVICE_STREAM,                   \
		FAR_SERVICE_STREAM_WINDOW, FAR_SERVICE_END, 0

#define NATIVE (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_REPLACE)

/* What the hostile one may do: not much. */
#define BASE 0x10000u
#define LEN  0x4000u
/* Where the other works. */
#define OTHER     0x20000u
#define OTHER_LEN 0x10000u

static uint32_t seed;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed >> 3;
}

static uint32_t below(uint32_t n)
{
	return rnd() % n;
}

static struct rig *start(unsigned i, uint32_t rights)
{
	struct rig *g = rig_new(i % 2 ? NATIVE : FAR_FLASH_CAN_READ, i % 3 != 0);

	seed = i * 2654435761u + 1;
	rig_grant(g, 0, BASE, LEN, rights);
	rig_grant(g, 1, OTHER, OTHER_LEN, 7);
	g->supervisor.config.hold_ms = 0; /* here nobody is patient */
	g->careless = true;
	rig_bind(g, 0);
	rig_open(g, 1);
	return g;
}

/* The good one: a change and a look at it. Its own sectors are then as they were. */
static void other_works(struct rig *g)
{
	struct far_flash *f = &g->remote[1].flash.flash;
	uint8_t buf[600], back[600];

	ram_flash_pattern(buf, sizeof(buf), rnd());
	assert_int_equal(far_flash_erase(f, OTHER, RIG_SECTOR), FAR_OK);
	assert_int_equal(far_flash_write(f, OTHER + 4, buf, sizeof(buf)), FAR_OK);
	assert_int_equal(far_flash_read(f, OTHER + 4, back, sizeof(back)), FAR_OK);
	assert_memory_equal(buf, back, sizeof(buf));
	memcpy(ram_flash_at(&g->flash, OTHER), g->flash.before + OTHER, RIG_SECTOR);
}

static void drain(struct rig *g)
{
	uint8_t f[FAR_MAILBOX_DATA_MAX];

	while (far_mailbox_receive(&g->remote[0].mailbox, 2, f, sizeof(f), 0) >= 0)
		;
}

/* A value at one of the places where something ends. */
static uint32_t edge(void)
{
	static const uint32_t at[] = { 0,          BASE,       BASE + LEN, OTHER,     RIG_SIZE,
				       0x80000000, UINT32_MAX, LEN,        0x1000,    0x2000,
				       256,        RIG_WINDOW, 32,         0xfffff000 };
	uint32_t v = at[below(sizeof(at) / sizeof(at[0]))];

	switch (below(4)) {
	case 0:
		return v + below(9) - 4;
	case 1:
		return v + below(0x2000) * 4;
	case 2:
		return rnd() << below(24);
	default:
		return v;
	}
}

static void one_request(struct rig *g)
{
	static const uint8_t data[512] = { 0 }, ops[] = { OPS };
	struct rig_request q = {
		.op = below(8) ? ops[below(sizeof(ops))] : (uint8_t)rnd(),
		.flags = below(32) ? 0 : (uint8_t)rnd(),
		.tag = (uint16_t)below(4),
		.addr = edge(),
		.len = edge(),
		.extra = below(2) ? 0 : edge(),
		.data = data,
		.data_len = below(4) ? 0 : below(300),
	};

	if (below(2)) { /* in the right place, for once */
		q.addr = BASE + below(5) * RIG_SECTOR;
		q.len = q.op == FAR_SERVICE_ERASE ? below(4) * RIG_SECTOR : below(64) * 4;
	}
	if (below(2) && (q.op & FAR_SERVICE_SENDS) != 0)
		q.data_len = q.len = below(64) * 4;
	rig_send(g, 0, &q);
}

/* Well-formed messages with every combination of strange values. */
static void strange_requests(void **state)
{
	uint32_t granted = 0;
	(void)state;

	for (unsigned i = 0; i < 120; i++) {
		struct rig *g = start(i, i % 8);

		for (int n = 0; n < 400; n++) {
			one_request(g);
			if (below(3) == 0)
				far_supervisor_step(&g->supervisor);
			if (below(3) == 0 || n % 50 == 49)
				drain(g);
			if (n % 100 == 99)
				other_works(g);
			if (below(2))
				drain(g);
		}
		drain(g);
		rig_settle(g);
		ram_flash_assert_only(&g->flash, BASE, i % 8 > FAR_SERVICE_MAY_READ ? LEN : 0);
		granted += memcmp(g->flash.mem, g->flash.before, RIG_SIZE) != 0;
		rig_free(g);
	}
	assert_true(granted > 60); /* some of it was allowed, or the test would show nothing */
}

/* Mailbox messages that are no fragments, wrong fragments, fragments of different messages. */
static void strange_fragments(void **state)
{
	static const uint8_t ops[] = { OPS };

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		struct rig *g = start(i, 7);

		for (int n = 0; n < 600; n++) {
			uint8_t f[FAR_MAILBOX_DATA_MAX];
			uint32_t left = below(2) ? below(80) : below(0x10000);

			for (size_t k = 0; k < sizeof(f); k++)
				f[k] = (uint8_t)rnd();
			if (below(8)) {
				far_put_le32(f, left | (below(3) ? 1u << 16 : below(8) << 16));
				f[4] = 0;
				f[5] = ops[below(sizeof(ops))];
			}
			far_mailbox_send(&g->remote[0].mailbox, 2, f,
					 below(2) ? far_min32(64, 4 + left) : below(65), 0);
			far_supervisor_step(&g->supervisor);
			if (below(2))
				drain(g);
			if (n % 200 == 199)
				other_works(g);
		}
		ram_flash_assert_only(&g->flash, BASE, LEN);
		assert_true(g->remote[0].served.count.malformed > 10);
		rig_free(g);
	}
}

/* Every byte of a request, changed in every bit and to both ends of its range. */
static void every_byte_of_every_request(void **state)
{
	static const struct rig_request good[] = {
		{ .op = FAR_SERVICE_READ, .addr = BASE, .len = 16 },
		{ .op = FAR_SERVICE_READ_WINDOW, .addr = BASE, .len = 2048, .extra = 2048 },
		{ .op = FAR_SERVICE_WRITE_WINDOW, .addr = BASE, .len = 2048, .extra = 2048 },
		{ .op = FAR_SERVICE_ERASE, .addr = BASE, .len = 0x2000 },
		{ .op = FAR_SERVICE_DIGEST, .addr = BASE, .len = 100 },
		{ .op = FAR_SERVICE_BEGIN, .addr = BASE, .len = 100 },
	};
	struct rig *g = start(1, 7);
	(void)state;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		for (uint32_t byte = 0; byte < 20; byte++)
			for (uint32_t bit = 0; bit < 10; bit++) {
				uint8_t f[20];

				far_put_le32(f, 16u | 1u << 16);
				f[4] = good[i].flags;
				f[5] = good[i].op;
				far_put_le16(f + 6, 9);
				far_put_le32(f + 8, good[i].addr);
				far_put_le32(f + 12, good[i].len);
				far_put_le32(f + 16, good[i].extra);
				f[byte] = (uint8_t)(bit < 8    ? f[byte] ^ 1u << bit
						    : bit == 8 ? 0
							       : 255);
				far_mailbox_send(&g->remote[0].mailbox, 2, f, sizeof(f), 0);
				rig_settle(g);
				drain(g);
				rig_settle(g);
			}
	ram_flash_assert_only(&g->flash, BASE, LEN);
	other_works(g);
	rig_free(g);
}

/* Not the protocol alone: the whole shared region and the window are full of noise. */
static void scribbled_memory(void **state)
{
	static const uint8_t ops[] = { OPS };

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		struct rig *g = start(i, 7);
		struct rig_remote *r = &g->remote[0];
		uint32_t words = FAR_MAILBOX_REGION_SIZE(RIG_SLOTS) / 4;

		for (int n = 0; n < 2000; n++) {
			r->region[below(words)] = below(2) ? rnd() * 9 : below(256);
			if (r->window != NULL)
				r->window[below(RIG_WINDOW / 4)] = rnd();
			if (below(4) == 0)
				r->region[below(words)] ^= 1u << below(32);
			if (below(8) == 0) {
				far_mailbox_poll(&r->mailbox, 0);
				if (far_mailbox_session(&r->mailbox) != 0 && below(2) != 0) {
					uint8_t f[20] = { 16, 0, 1, 0, 0, ops[below(sizeof(ops))] };

					far_put_le32(f + 8, edge());
					far_put_le32(f + 12, edge());
					far_mailbox_send(&r->mailbox, 2, f, sizeof(f), 0);
				}
				drain(g);
			}
			far_supervisor_step(&g->supervisor);
			if (n % 500 == 499)
				other_works(g);
		}
		ram_flash_assert_only(&g->flash, BASE, LEN);
		/* And when it comes to its senses, it is served again. */
		rig_reset_remote(g, 0);
		rig_open(g, 0);
		rig_free(g);
	}
}

/*
 * What is in the window is looked at once: what a remote puts there while its write is under way
 * ends up in its own range or nowhere.
 */
static void window_changes_under_way(struct rig *g)
{
	for (uint32_t i = 0; g->remote[0].window != NULL && i < RIG_WINDOW / 4; i++)
		g->remote[0].window[i] = rnd();
}

static void a_window_that_changes(void **state)
{
	struct rig *g = start(1, 7);
	struct far_flash *f = rig_open(g, 0);
	uint8_t data[2048], back[2048];
	(void)state;

	ram_flash_pattern(data, sizeof(data), 4);
	g->hook = window_changes_under_way;
	assert_int_equal(far_flash_erase(f, BASE, LEN), FAR_OK);
	assert_int_equal(far_flash_write(f, BASE + 0x1000, data, sizeof(data)), FAR_OK);
	assert_int_equal(far_flash_read(f, BASE, back, sizeof(back)), FAR_OK);
	ram_flash_assert_only(&g->flash, BASE, LEN);
	ram_flash_assert_filled(&g->flash, BASE, 0x1000, 0xFF);
	ram_flash_assert_filled(&g->flash, BASE + 0x1000 + sizeof(data), 0x1000, 0xFF);
	rig_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strange_requests),
		cmocka_unit_test(strange_fragments),
		cmocka_unit_test(every_byte_of_every_request),
		cmocka_unit_test(scribbled_memory),
		cmocka_unit_test(a_window_that_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
