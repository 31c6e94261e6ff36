/* SPDX-License-Identifier: Apache-2.0 */
/* A flash behind a mailbox does what the flash itself does, inline and through a window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "core/bytes.h"
#include "core/md5.h"
#include "test/common/service_rig.h"

#define NATIVE (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE)

/* Each test of all_ways runs with these. */
static const struct way {
	uint8_t caps;
	bool window;
} ways[] = {
	{ FAR_FLASH_CAN_READ, false },
	{ FAR_FLASH_CAN_READ, true },
	{ NATIVE, false },
	{ NATIVE | FAR_FLASH_CAN_DIGEST, true },
};

static uint8_t data[0x8000], back[0x8000];

static void all_ways(void (*test)(struct rig *g, struct far_flash *f))
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct rig *g = rig_new(ways[i].caps, ways[i].window);

		ram_flash_pattern(data, sizeof(data), 77);
		test(g, rig_open(g, 0));
		rig_free(g);
	}
}

static void info(struct rig *g, struct far_flash *f)
{
	const struct far_flash_info *i = &g->flash.flash.info;

	assert_int_equal(f->info.size, i->size);
	assert_int_equal(f->info.sector_size, i->sector_size);
	assert_int_equal(f->info.write_block, i->write_block);
	assert_int_equal(f->info.erase_value, i->erase_value);
	assert_int_equal(f->info.caps, i->caps | FAR_FLASH_CAN_DIGEST);
	assert_int_equal(g->remote[0].flash.said.grant.addr, 0);
	assert_int_equal(g->remote[0].flash.said.grant.len, RIG_SIZE);
	assert_int_equal(g->remote[0].flash.said.grant.rights, 7);
	assert_int_equal(g->remote[0].flash.said.grant.count, 1);
}

static void info_is_the_flash_s_own(void **state)
{
	(void)state;
	all_ways(info);
}

static void reads(struct rig *g, struct far_flash *f)
{
	static const uint32_t lens[] = { 1,   3,   51,   52,   53,   59,   60,   255,   256,   257,
					 511, 512, 2047, 2048, 2049, 4096, 4097, 10000, 0x8000 };

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		uint32_t addr = (uint32_t)i * 37;

		memset(back, 0, sizeof(back));
		assert_int_equal(far_flash_read(f, addr, back, lens[i]), FAR_OK);
		assert_memory_equal(back, ram_flash_at(&g->flash, addr), lens[i]);
		if (lens[i] < sizeof(back))
			assert_int_equal(back[lens[i]], 0);
	}
	assert_int_equal(far_flash_read(f, RIG_SIZE - 1, back, 1), FAR_OK);
	assert_int_equal(back[0], *ram_flash_at(&g->flash, RIG_SIZE - 1));
	ram_flash_assert_only(&g->flash, 0, 0);
}

static void read_any_length(void **state)
{
	(void)state;
	all_ways(reads);
}

static void erases_and_writes(struct rig *g, struct far_flash *f)
{
	static const uint32_t lens[] = { 4, 8, 52, 256, 260, 2048, 2052, 4096, 0x6004 };

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		uint32_t addr = 0x8000 + (uint32_t)i * 4;

		ram_flash_snapshot(&g->flash);
		assert_int_equal(far_flash_erase(f, 0x8000, 0x7000), FAR_OK);
		ram_flash_assert_filled(&g->flash, 0x8000, 0x7000, 0xFF);
		assert_int_equal(far_flash_write(f, addr, data + i, lens[i]), FAR_OK);
		assert_memory_equal(ram_flash_at(&g->flash, addr), data + i, lens[i]);
		ram_flash_assert_filled(&g->flash, addr + lens[i], 4, 0xFF);
		ram_flash_assert_only(&g->flash, 0x8000, 0x7000);
	}
	assert_int_equal(g->flash.zeros_lost, 0);
}

static void erase_and_write_any_length(void **state)
{
	(void)state;
	all_ways(erases_and_writes);
}

static void digests(struct rig *g, struct far_flash *f)
{
	static const uint32_t lens[] = { 0, 1, 63, 64, 255, 256, 257, 4096, 70000, RIG_SIZE - 5 };
	uint8_t md5[FAR_MD5_LEN], want[FAR_MD5_LEN];
	uint32_t reads_before = g->flash.counts[RAM_READ];

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		far_md5_of(ram_flash_at(&g->flash, 5), lens[i], want);
		assert_int_equal(far_flash_digest(f, 5, lens[i], md5), FAR_OK);
		assert_memory_equal(md5, want, sizeof(want));
	}
	assert_int_equal(far_flash_digest(f, RIG_SIZE, 0, md5), FAR_OK);
	if (g->flash.flash.info.caps & FAR_FLASH_CAN_DIGEST)
		assert_int_equal(g->flash.counts[RAM_READ], reads_before);
}

static void digest_any_length(void **state)
{
	(void)state;
	all_ways(digests);
}

static void replaces(struct rig *g, struct far_flash *f)
{
	static const uint32_t portions[] = { 1, 3, 250, 256, 1000, 4096, 0x8000 };
	uint32_t len = 0x2345;

	for (size_t i = 0; i < sizeof(portions) / sizeof(portions[0]); i++) {
		ram_flash_snapshot(&g->flash);
		assert_int_equal(far_flash_replace_begin(f, 0x3000, len, 0), FAR_OK);
		for (uint32_t at = 0; at < len; at += portions[i])
			assert_int_equal(far_flash_replace_write(f, data + i + at,
								 far_min32(portions[i], len - at)),
					 FAR_OK);
		assert_int_equal(far_flash_replace_end(f), FAR_OK);
		assert_memory_equal(ram_flash_at(&g->flash, 0x3000), data + i, len);
		ram_flash_assert_filled(&g->flash, 0x3000 + len, 0x3000 - len, 0xFF);
		ram_flash_assert_only(&g->flash, 0x3000, 0x3000);
	}
}

static void replace_in_any_portions(void **state)
{
	(void)state;
	all_ways(replaces);
}

static void replace_deflated(void **state)
{
	static uint8_t packed[0x8000];
	(void)state;

	for (int window = 0; window < 2; window++) {
		struct rig *g = rig_new(NATIVE, window != 0);
		struct far_flash *f = rig_open(g, 0);
		uLongf n = sizeof(packed);

		memset(data, 'x', sizeof(data));
		ram_flash_pattern(data, 0x1800, 5);
		assert_int_equal(compress2(packed, &n, data, 0x4321, 9), Z_OK);
		assert_int_equal(far_flash_replace_begin(f, 0x5000, 0x4321, (uint32_t)n), FAR_OK);
		assert_int_equal(far_flash_replace_write(f, packed, 1000), FAR_OK);
		assert_int_equal(far_flash_replace_write(f, packed + 1000, (uint32_t)n - 1000),
				 FAR_OK);
		assert_int_equal(far_flash_replace_end(f), FAR_OK);
		assert_int_equal(g->flash.deflated, 1);
		assert_memory_equal(ram_flash_at(&g->flash, 0x5000), data, 0x4321);
		ram_flash_assert_only(&g->flash, 0x5000, 0x5000);
		rig_free(g);
	}
}

/* Without native streams there is no deflating either, and the remote knows. */
static void no_deflate_where_there_is_none(void **state)
{
	struct rig *g = rig_new(FAR_FLASH_CAN_READ, false);
	struct far_flash *f = rig_open(g, 0);
	(void)state;

	assert_int_equal(far_flash_replace_begin(f, 0, 100, 50), FAR_ERR_NOTSUP);
	assert_int_equal(g->remote[0].served.count.requests, 1);
	rig_free(g);
}

static void syncs(struct rig *g, struct far_flash *f)
{
	assert_int_equal(far_flash_sync(f), FAR_OK);
	assert_int_equal(g->flash.counts[RAM_SYNC], 1);
	ram_flash_assert_only(&g->flash, 0, 0);
}

static void sync_reaches_the_flash(void **state)
{
	(void)state;
	all_ways(syncs);
}

/* A flash that can only be written and digested stays one. */
static void what_it_cannot_it_cannot(void **state)
{
	struct rig *g = rig_new(FAR_FLASH_CAN_DIGEST, false);
	struct far_flash *f = rig_open(g, 0);
	uint8_t md5[FAR_MD5_LEN];
	(void)state;

	assert_int_equal(f->info.caps, FAR_FLASH_CAN_DIGEST);
	assert_int_equal(far_flash_read(f, 0, back, 4), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_digest(f, 0, 4, md5), FAR_OK);
	rig_free(g);
	g = rig_new(0, false);
	f = rig_open(g, 0);
	assert_int_equal(far_flash_digest(f, 0, 4, md5), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_erase(f, 0, RIG_SECTOR), FAR_OK);
	assert_int_equal(far_flash_write(f, 0, data, 64), FAR_OK);
	rig_free(g);
}

/* Rings of one message, the smallest buffers, odd windows: slower, and right. */
static void smallest_of_everything(void **state)
{
	static const uint32_t windows[] = { 0, 63, 64, 65, 100, 127, 128 };
	(void)state;

	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		struct rig *g = rig_new(FAR_FLASH_CAN_READ, true);
		struct rig_remote *r = &g->remote[0];

		r->slots = 1;
		r->config.data_max = 64;
		r->flash_config.window_len = windows[i];
		rig_reset_supervisor(g);
		rig_reset_remote(g, 0);
		reads(g, rig_open(g, 0));
		erases_and_writes(g, &r->flash.flash);
		replaces(g, &r->flash.flash);
		digests(g, &r->flash.flash);
		rig_free(g);
	}
}

/* The one side has a window and the other has not: inline. */
static void window_takes_two(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct rig *g = rig_new(FAR_FLASH_CAN_READ, true);
		struct rig_remote *r = &g->remote[0];

		if (i == 0) {
			r->flash_config.window = NULL;
			r->flash_config.window_len = 0;
		} else {
			r->config.window = NULL;
			r->config.window_len = 0;
			rig_reset_supervisor(g);
		}
		reads(g, rig_open(g, 0));
		for (uint32_t w = 0; w < RIG_WINDOW / 4; w++)
			assert_int_equal(r->window[w], 0);
		rig_free(g);
	}
}

static int all_at_once(struct rig *g, uint32_t number)
{
	(void)number;
	return rig_settle(g) > 0;
}

/* A supervisor so fast that all that is under way is done before the remote looks. */
static void eager(struct rig *g, struct far_flash *f)
{
	g->step = all_at_once;
	g->supervisor.config.turn_ms = 1000;
	reads(g, f);
	erases_and_writes(g, f);
	replaces(g, f);
}

static void a_fast_supervisor(void **state)
{
	(void)state;
	all_ways(eager);
}

/* ---- errors of the flash behind -------------------------------------------------------------- */

static void assert_fault(const struct far_flash *f, enum far_flash_op op, int err, uint32_t addr,
			 uint32_t peer_code, uint32_t touched_addr, uint32_t touched_len)
{
	assert_int_equal(f->fault.op, op);
	assert_int_equal(f->fault.err, err);
	assert_int_equal(f->fault.addr, addr);
	assert_int_equal(f->fault.peer_code, peer_code);
	assert_int_equal(f->fault.touched_len, touched_len);
	if (touched_len > 0)
		assert_int_equal(f->fault.touched_addr, touched_addr);
}

static void device_errors(struct rig *g, struct far_flash *f)
{
	bool window = g->remote[0].window != NULL;

	g->flash.failure = (struct ram_failure){ .calls = 1u << RAM_ERASE,
						 .at = 3,
						 .times = 1,
						 .err = FAR_ERR_REFUSED,
						 .peer_code = 0x1234,
						 .done = 0x10 };
	ram_flash_snapshot(&g->flash);
	assert_int_equal(far_flash_erase(f, 0x8000, 0x5000), FAR_ERR_REFUSED);
	assert_fault(f, FAR_FLASH_OP_ERASE, FAR_ERR_REFUSED, 0xa010, 0x1234, 0x8000, 0x2010);
	ram_flash_assert_only(&g->flash, 0x8000, 0x2010);

	assert_int_equal(far_flash_erase(f, 0x8000, 0x5000), FAR_OK);
	g->flash.matching = 0;
	g->flash.failure = (struct ram_failure){
		.calls = 1u << RAM_WRITE, .at = 5, .times = 1, .err = FAR_ERR_IO, .done = 4
	};
	ram_flash_snapshot(&g->flash);
	assert_int_equal(far_flash_write(f, 0x8004, data, 0x2000), FAR_ERR_IO);
	assert_fault(f, FAR_FLASH_OP_WRITE, FAR_ERR_IO, 0x8004 + 4 * 256 + 4, 0, 0x8004,
		     4 * 256 + 4);
	ram_flash_assert_only(&g->flash, 0x8004, 4 * 256 + 4);

	g->flash.matching = 0;
	g->flash.failure = (struct ram_failure){
		.calls = 1u << RAM_READ, .at = 2, .times = 1, .err = FAR_ERR_TIMEOUT
	};
	assert_int_equal(far_flash_read(f, 0x1000, back, 0x3000), FAR_ERR_TIMEOUT);
	assert_fault(f, FAR_FLASH_OP_READ, FAR_ERR_TIMEOUT,
		     window ? 0x1000 + RIG_WINDOW / 2 : 0x1000 + 256, 0, 0, 0);
	g->flash.matching = 0;
	g->flash.failure.calls = 1u << RAM_SYNC;
	g->flash.failure.at = 1;
	g->flash.failure.err = FAR_ERR_BUSY;
	assert_int_equal(far_flash_sync(f), FAR_ERR_BUSY);
	assert_int_equal(f->fault.err, FAR_ERR_BUSY);
	/* And with nothing wrong any more, nothing is. */
	ram_flash_snapshot(&g->flash);
	reads(g, f);
}

static void errors_travel(void **state)
{
	(void)state;
	all_ways(device_errors);
}

/* In a native stream the record is the stream's, at whichever of its calls it fails. */
static void stream_errors_travel(void **state)
{
	static const struct {
		enum ram_call call;
		uint32_t at;
	} when[] = { { RAM_BEGIN, 1 }, { RAM_STREAM, 1 }, { RAM_STREAM, 4 }, { RAM_END, 1 } };
	(void)state;

	for (size_t i = 0; i < sizeof(when) / sizeof(when[0]); i++) {
		struct rig *g = rig_new(NATIVE, i % 2 != 0);
		struct far_flash *f = rig_open(g, 0);
		int rc;

		g->flash.failure = (struct ram_failure){ .calls = 1u << when[i].call,
							 .at = when[i].at,
							 .times = 1,
							 .err = FAR_ERR_REFUSED,
							 .peer_code = 0x77,
							 .done = 100 };
		rc = far_flash_replace_begin(f, 0x3000, 0x1801, 0);
		if (rc == FAR_OK)
			rc = far_flash_replace_write(f, data, 0x1801);
		if (rc == FAR_OK)
			rc = far_flash_replace_end(f);
		assert_int_equal(rc, FAR_ERR_REFUSED);
		assert_int_equal(f->fault.op, FAR_FLASH_OP_REPLACE);
		assert_int_equal(f->fault.peer_code, 0x77);
		assert_int_equal(f->fault.touched_addr, 0x3000);
		assert_int_equal(f->fault.touched_len, when[i].call == RAM_BEGIN ? 100 : 0x2000);
		ram_flash_assert_only(&g->flash, f->fault.touched_addr, f->fault.touched_len);
		assert_int_equal(far_flash_replace_end(f), FAR_ERR_STATE);
		replaces(g, f);
		rig_free(g);
	}
}

/* ---- progress and cancel --------------------------------------------------------------------- */

struct watch {
	uint32_t calls, last, total, stop_at;
};

static int on_progress(void *ctx, uint32_t done, uint32_t total)
{
	struct watch *w = ctx;

	assert_true(done > w->last && done <= total);
	w->calls++;
	w->last = done;
	w->total = total;
	return w->stop_at != 0 && done >= w->stop_at;
}

static struct far_flash *watched(struct rig *g, struct watch *w)
{
	*w = (struct watch){ 0 };
	g->remote[0].flash_config.progress = on_progress;
	g->remote[0].flash_config.ctx = w;
	return rig_open(g, 0);
}

static void progress_is_told(void **state)
{
	uint8_t md5[FAR_MD5_LEN];
	struct watch w;
	(void)state;

	for (int window = 0; window < 2; window++) {
		struct rig *g = rig_new(FAR_FLASH_CAN_READ, window != 0);
		struct far_flash *f = watched(g, &w);

		assert_int_equal(w.calls, 0);
		assert_int_equal(far_flash_erase(f, 0x8000, 16 * RIG_SECTOR), FAR_OK);
		assert_int_equal(w.calls, 16);
		assert_int_equal(w.last, 16 * RIG_SECTOR);
		assert_int_equal(w.total, 16 * RIG_SECTOR);
		w.last = w.calls = 0;
		assert_int_equal(far_flash_write(f, 0x8000, data, 0x4004), FAR_OK);
		assert_true(w.calls > 10);
		assert_int_equal(w.last, 0x4004);
		w.last = w.calls = 0;
		assert_int_equal(far_flash_read(f, 0x8000, back, 0x4001), FAR_OK);
		assert_true(w.calls > 10);
		assert_int_equal(w.last, 0x4001);
		w.last = w.calls = 0;
		assert_int_equal(far_flash_digest(f, 0x8000, 0x4001, md5), FAR_OK);
		assert_true(w.calls > 10);
		assert_int_equal(w.last, 0x4001);
		w.last = w.calls = 0;
		assert_int_equal(far_flash_sync(f), FAR_OK);
		assert_int_equal(w.calls, 0);
		rig_free(g);
	}
}

/* Stopped at any report but the last: nothing more happens, and what has happened is on record. */
static void cancel_stops(void **state)
{
	uint8_t md5[FAR_MD5_LEN];
	struct watch w;
	(void)state;

	for (uint32_t i = 0; i < 2 * 15; i++) {
		struct rig *g = rig_new(FAR_FLASH_CAN_READ, i % 2 != 0);
		struct far_flash *f = watched(g, &w);
		uint32_t stop = (i / 2 + 1) * RIG_SECTOR;

		w.stop_at = stop;
		assert_int_equal(far_flash_erase(f, 0x8000, 16 * RIG_SECTOR), FAR_ERR_CANCELLED);
		assert_int_equal(f->fault.err, FAR_ERR_CANCELLED);
		assert_int_equal(f->fault.touched_addr, 0x8000);
		assert_int_equal(f->fault.touched_len, stop);
		assert_int_equal(g->flash.erased, f->fault.touched_len);
		ram_flash_assert_only(&g->flash, 0x8000, f->fault.touched_len);
		ram_flash_snapshot(&g->flash);
		rig_settle(g);
		w.last = 0;
		w.stop_at = stop / 8;
		assert_int_equal(far_flash_digest(f, 0, 0x9000, md5), FAR_ERR_CANCELLED);
		w.last = 0;
		assert_int_equal(far_flash_read(f, 0, back, 0x8000), FAR_ERR_CANCELLED);
		assert_int_equal(f->fault.touched_len, 0);
		ram_flash_assert_only(&g->flash, 0, 0);
		w.last = 0;
		assert_int_equal(far_flash_write(f, 0x8000, data, 0x8000), FAR_ERR_CANCELLED);
		assert_int_equal(f->fault.touched_len, w.last);
		ram_flash_assert_only(&g->flash, 0x8000, w.last);
		w.last = 0;
		w.stop_at = 0x8000; /* too late to stop: it is done */
		assert_int_equal(far_flash_read(f, 0, back, 0x8000), FAR_OK);
		rig_free(g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info_is_the_flash_s_own),
		cmocka_unit_test(read_any_length),
		cmocka_unit_test(erase_and_write_any_length),
		cmocka_unit_test(digest_any_length),
		cmocka_unit_test(replace_in_any_portions),
		cmocka_unit_test(replace_deflated),
		cmocka_unit_test(no_deflate_where_there_is_none),
		cmocka_unit_test(sync_reaches_the_flash),
		cmocka_unit_test(what_it_cannot_it_cannot),
		cmocka_unit_test(smallest_of_everything),
		cmocka_unit_test(window_takes_two),
		cmocka_unit_test(a_fast_supervisor),
		cmocka_unit_test(errors_travel),
		cmocka_unit_test(stream_errors_travel),
		cmocka_unit_test(progress_is_told),
		cmocka_unit_test(cancel_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
