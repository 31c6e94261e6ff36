/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small products: a remote opened inline, and a supervisor that serves only some operations.
 * Each works with the whole of the other, and what is not there is said, not guessed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/md5.h"
#include "service/update/update.h"
#include "test/common/service_rig.h"

#define NATIVE (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE)
#define BASE   0x8000u

static uint8_t data[0x3000], back[0x3000];

/* Both sides' windows are there in any case: whether they are used is what is tested. */
static struct rig *rig_of(uint8_t caps, const struct far_supervisor_op *ops)
{
	struct rig *g = rig_new(caps, true);

	g->ops = ops;
	rig_reset_supervisor(g);
	rig_reset_remote(g, 0);
	ram_flash_pattern(data, sizeof(data), 5);
	return g;
}

static int no_progress(void *ctx, uint32_t done, uint32_t total)
{
	(void)ctx;
	(void)done;
	(void)total;
	return 1;
}

static struct far_flash *open_inline(struct rig *g)
{
	struct rig_remote *r = &g->remote[0];

	r->flash_config.progress = no_progress; /* not looked at, or it would cancel everything */
	assert_int_equal(far_mailbox_flash_open_inline(&r->flash, &r->flash_config), FAR_OK);
	return &r->flash.flash;
}

static void assert_window_unused(struct rig *g)
{
	for (uint32_t i = 0; i < RIG_WINDOW / 4; i++)
		assert_int_equal(g->remote[0].window[i], 0);
}

static void erase_write_read(struct rig *g, struct far_flash *f)
{
	static const uint32_t lens[] = { 4, 44, 48, 256, 260, 512, 0x2000, 0x3000 };

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		ram_flash_snapshot(&g->flash);
		assert_int_equal(far_flash_erase(f, BASE, 3 * RIG_SECTOR), FAR_OK);
		ram_flash_assert_filled(&g->flash, BASE, 3 * RIG_SECTOR, 0xff);
		assert_int_equal(far_flash_write(f, BASE, data, lens[i]), FAR_OK);
		memset(back, 0, sizeof(back));
		assert_int_equal(far_flash_read(f, BASE, back, lens[i]), FAR_OK);
		assert_memory_equal(back, data, lens[i]);
		assert_memory_equal(ram_flash_at(&g->flash, BASE), data, lens[i]);
		ram_flash_assert_only(&g->flash, BASE, 3 * RIG_SECTOR);
	}
}

static void inline_does_without_the_rest(void **state)
{
	static const uint8_t caps[] = { FAR_FLASH_CAN_READ, NATIVE, NATIVE | FAR_FLASH_CAN_DIGEST };
	uint8_t md5[FAR_MD5_LEN], want[FAR_MD5_LEN];
	(void)state;

	for (size_t i = 0; i < sizeof(caps); i++) {
		struct rig *g = rig_of(caps[i], far_supervisor_all);
		struct far_flash *f = open_inline(g);

		assert_int_equal(f->info.caps, FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST);
		erase_write_read(g, f);
		far_md5_of(ram_flash_at(&g->flash, 7), 0x9001, want);
		assert_int_equal(far_flash_digest(f, 7, 0x9001, md5), FAR_OK);
		assert_memory_equal(md5, want, sizeof(md5));
		assert_int_equal(far_flash_digest(f, 7, 0, md5), FAR_OK);
		assert_int_equal(far_flash_sync(f), FAR_OK);
		assert_int_equal(g->flash.counts[RAM_SYNC], 1);
		assert_window_unused(g);
		rig_free(g);
	}
}

/* No stream: refused here, and nothing is sent. */
static void inline_has_no_streams(void **state)
{
	struct rig *g = rig_of(NATIVE, far_supervisor_all);
	struct far_flash *f = open_inline(g);
	uint32_t requests = g->remote[0].served.count.requests;
	(void)state;

	assert_int_equal(far_flash_replace_begin(f, BASE, 100, 0), FAR_ERR_NOTSUP);
	assert_int_equal(f->fault.touched_len, 0);
	assert_int_equal(far_flash_replace_begin(f, BASE, 100, 50), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_replace_write(f, data, 4), FAR_ERR_STATE);
	assert_int_equal(far_flash_replace_end(f), FAR_ERR_STATE);
	assert_int_equal(g->remote[0].served.count.requests, requests);
	rig_free(g);
}

static void inline_checks_as_the_whole_does(void **state)
{
	struct rig *g = rig_of(FAR_FLASH_CAN_READ, far_supervisor_all);
	struct rig_remote *r = &g->remote[0];
	struct far_mailbox_flash_config c[5];
	(void)state;

	for (int i = 0; i < 5; i++)
		c[i] = r->flash_config;
	c[0].mailbox = NULL;
	c[1].clock = NULL;
	c[2].timeout_ms = 0;
	c[3].channel = 4;
	c[4].channel = 1;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(far_mailbox_flash_open_inline(&r->flash, &c[i]), FAR_ERR_ARG);
		assert_int_equal(far_flash_read(&r->flash.flash, 0, back, 4), FAR_ERR_RANGE);
	}
	g->dead = true;
	assert_int_equal(far_mailbox_flash_open_inline(&r->flash, &r->flash_config),
			 FAR_ERR_TIMEOUT);
	rig_free(g);
}

/* The record of what the flash behind says is as exact as the whole remote's. */
static void inline_tells_what_failed(void **state)
{
	struct rig *g = rig_of(FAR_FLASH_CAN_READ, far_supervisor_all);
	struct far_flash *f = open_inline(g);
	(void)state;

	g->flash.failure = (struct ram_failure){ .calls = 1u << RAM_ERASE,
						 .at = 3,
						 .times = 1,
						 .err = FAR_ERR_REFUSED,
						 .peer_code = 0x1234,
						 .done = 0x10 };
	assert_int_equal(far_flash_erase(f, BASE, 5 * RIG_SECTOR), FAR_ERR_REFUSED);
	assert_int_equal(f->fault.addr, BASE + 2 * RIG_SECTOR + 0x10);
	assert_int_equal(f->fault.peer_code, 0x1234);
	assert_int_equal(f->fault.touched_addr, BASE);
	assert_int_equal(f->fault.touched_len, 2 * RIG_SECTOR + 0x10);
	rig_grant(g, 0, BASE, RIG_SECTOR, FAR_SERVICE_MAY_READ);
	assert_int_equal(far_flash_write(f, BASE, data, 4), FAR_ERR_REFUSED);
	assert_int_equal(f->fault.peer_code, FAR_SERVICE_NO_GRANT);
	assert_int_equal(f->fault.touched_len, 0);
	assert_int_equal(far_flash_read(f, BASE, back, RIG_SECTOR), FAR_OK);
	assert_int_equal(far_flash_read(f, BASE, back, RIG_SECTOR + 1), FAR_ERR_REFUSED);
	rig_free(g);
}

static uint32_t waited, reset_at;

static void reset_in_wait(struct rig *g)
{
	if (waited++ == reset_at)
		rig_reset_supervisor(g);
}

/* A supervisor that restarts anywhere is noticed at once, and found again by the next call. */
static void inline_finds_it_again(void **state)
{
	uint32_t resets = 0;
	(void)state;

	for (reset_at = 0;; reset_at++) {
		struct rig *g = rig_of(FAR_FLASH_CAN_READ, far_supervisor_all);
		struct far_flash *f = open_inline(g);
		int rc;

		waited = 0;
		g->hook = reset_in_wait;
		rc = far_flash_read(f, BASE, back, sizeof(back));
		g->hook = NULL;
		assert_true(g->clock.now_ns < 200 * 1000000ull);
		if (waited <= reset_at) {
			assert_int_equal(rc, FAR_OK);
			rig_free(g);
			break;
		}
		resets++;
		assert_int_equal(rc, FAR_ERR_TIMEOUT);
		erase_write_read(g, f);
		rig_free(g);
	}
	assert_true(resets > 10);
}

/* The whole remote on a supervisor that serves only reading, writing and erasing. */
static void whole_remote_small_supervisor(void **state)
{
	struct rig *g = rig_of(NATIVE, far_supervisor_inline);
	struct far_flash *f = rig_open(g, 0);
	uint8_t md5[FAR_MD5_LEN];
	(void)state;

	assert_int_equal(f->info.caps, FAR_FLASH_CAN_READ);
	erase_write_read(g, f);
	assert_window_unused(g);
	ram_flash_snapshot(&g->flash);
	assert_int_equal(far_flash_digest(f, 0, 100, md5), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_replace_begin(f, BASE, 100, 0), FAR_ERR_NOTSUP);
	assert_int_equal(f->fault.touched_len, 0);
	assert_int_equal(far_flash_sync(f), FAR_ERR_NOTSUP);
	ram_flash_assert_only(&g->flash, 0, 0);
	erase_write_read(g, f);
	rig_free(g);
}

static int read_data(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	(void)ctx;
	memcpy(buf, data + offset, len);
	return FAR_OK;
}

/* Whichever of them lacks streams or digests, the update job ends with the same report. */
static void update_on_all_of_them(void **state)
{
	static const struct far_supervisor_op *const ops[] = { far_supervisor_all,
							       far_supervisor_inline };
	static uint8_t work[2 * RIG_SECTOR];
	struct far_update_config job = { .addr = BASE,
					 .len = 2 * RIG_SECTOR + 77,
					 .read = read_data,
					 .work = work,
					 .work_len = sizeof(work),
					 .diff = 1 };
	(void)state;

	for (unsigned kind = 0; kind < 4; kind++) {
		struct rig *g = rig_of(FAR_FLASH_CAN_READ, ops[kind & 1]);
		struct far_update_result first, again;

		job.flash = kind & 2 ? open_inline(g) : rig_open(g, 0);
		memcpy(ram_flash_at(&g->flash, BASE + RIG_SECTOR), data + RIG_SECTOR, RIG_SECTOR);
		ram_flash_snapshot(&g->flash);
		assert_int_equal(far_update_run(&job, &first), FAR_OK);
		assert_true(first.verified);
		assert_int_equal(first.skipped, RIG_SECTOR);
		assert_int_equal(first.written, RIG_SECTOR + 77);
		assert_int_equal(g->flash.erased, 2 * RIG_SECTOR);
		assert_memory_equal(ram_flash_at(&g->flash, BASE), data, job.len);
		ram_flash_assert_only(&g->flash, BASE, 3 * RIG_SECTOR);
		assert_int_equal(far_update_run(&job, &again), FAR_OK);
		assert_int_equal(again.written + again.touched_len, 0);
		rig_free(g);
	}
}

static void small_remote_small_supervisor(void **state)
{
	struct rig *g = rig_of(FAR_FLASH_CAN_READ, far_supervisor_inline);
	(void)state;

	erase_write_read(g, open_inline(g));
	rig_free(g);
}

/*
 * A program's own choice, in its own order: a window for reading, and nothing that changes
 * anything.
 */
static void a_list_of_ones_own(void **state)
{
	static const struct far_supervisor_op read_only[] = {
		{ far_supervisor_read_window, FAR_SERVICE_READ_WINDOW },
		{ far_supervisor_info_all, FAR_SERVICE_INFO },
		{ far_supervisor_digest, FAR_SERVICE_DIGEST },
		{ NULL, 0 },
	};
	struct rig *g = rig_of(FAR_FLASH_CAN_READ, read_only);
	struct far_flash *f = rig_open(g, 0);
	uint8_t md5[FAR_MD5_LEN];
	(void)state;

	assert_int_equal(far_flash_read(f, BASE, back, sizeof(back)), FAR_OK);
	assert_memory_equal(back, ram_flash_at(&g->flash, BASE), sizeof(back));
	assert_int_equal(far_flash_digest(f, BASE, 1000, md5), FAR_OK);
	assert_int_equal(far_flash_erase(f, BASE, RIG_SECTOR), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_write(f, BASE, data, 4), FAR_ERR_NOTSUP);
	ram_flash_assert_only(&g->flash, 0, 0);
	rig_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inline_does_without_the_rest),
		cmocka_unit_test(inline_has_no_streams),
		cmocka_unit_test(inline_checks_as_the_whole_does),
		cmocka_unit_test(inline_tells_what_failed),
		cmocka_unit_test(inline_finds_it_again),
		cmocka_unit_test(whole_remote_small_supervisor),
		cmocka_unit_test(small_remote_small_supervisor),
		cmocka_unit_test(update_on_all_of_them),
		cmocka_unit_test(a_list_of_ones_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
