/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor, spoken to by hand: what it queues, interleaves, and gives up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/md5.h"
#include "test/unit/supervisor_words.h"

/* ---- several at once ------------------------------------------------------------------------- */

static void outstanding_requests_are_answered_in_order(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	const uint8_t *raw = g->remote[0].raw;
	(void)state;

	for (uint16_t i = 0; i < RIG_SLOTS; i++)
		rig_send(g, 0,
			 &(struct rig_request){ .op = READ,
						.tag = (uint16_t)(100 + i),
						.addr = i * 1000u,
						.len = 200u + i });
	for (uint16_t i = 0; i < RIG_SLOTS; i++) {
		assert_int_equal(rig_reply(g, 0), FAR_SERVICE_REPLY + 200u + i);
		assert_int_equal(far_get_le16(raw + 2), 100 + i);
		assert_memory_equal(raw + FAR_SERVICE_REPLY, ram_flash_at(&g->flash, i * 1000u),
				    200u + i);
	}
	assert_int_equal(rig_reply(g, 0), 0);
	rig_free(g);
}

/* ---- done in part ---------------------------------------------------------------------------- */

/* Asked for again and again from where it stands, it is all done, and the last answer says so. */
static void ask_for_the_rest(struct rig *g, struct rig_request q, uint32_t parts)
{
	const uint8_t *raw = g->remote[0].raw;
	uint32_t done = 0, end = q.addr + q.len, asked = 0, place = q.extra;

	while (q.addr < end) {
		q.len = end - q.addr;
		q.tag++;
		if (q.op == DIGEST)
			q.extra = done;
		if (q.op == READ_WINDOW || q.op == WRITE_WINDOW)
			q.extra = place + done;
		rig_ask(g, 0, &q, FAR_OK);
		assert_in_range(far_get_le32(raw + 8), 1, q.len);
		done += far_get_le32(raw + 8);
		q.addr += far_get_le32(raw + 8);
		asked++;
	}
	assert_int_equal(asked, parts);
}

static void long_requests_are_done_in_parts(void **state)
{
	static const uint32_t turns[] = { 0, 1000 };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct rig *g = bound(FAR_FLASH_CAN_READ, true);
		uint32_t at_once = turns[i] != 0;
		uint8_t md5[FAR_MD5_LEN];

		g->supervisor.config.turn_ms = turns[i];
		ask_for_the_rest(
			g, (struct rig_request){ .op = ERASE, .addr = 0x4000, .len = 0x3000 }, 3);
		ram_flash_assert_only(&g->flash, 0x4000, 0x3000);
		memcpy(g->remote[0].window, data, 1200);
		ask_for_the_rest(
			g, (struct rig_request){ .op = WRITE_WINDOW, .addr = 0x4004, .len = 1000 },
			at_once ? 1 : 4);
		assert_memory_equal(ram_flash_at(&g->flash, 0x4004), data, 1000);
		ask_for_the_rest(
			g,
			(struct rig_request){
				.op = READ_WINDOW, .addr = 0x4004, .len = 1000, .extra = 9 },
			at_once ? 1 : 4);
		assert_memory_equal((uint8_t *)g->remote[0].window + 9, data, 1000);
		ask_for_the_rest(g, (struct rig_request){ .op = READ, .addr = 0x4004, .len = 1000 },
				 4);
		assert_memory_equal(raw_data(g), data + 3 * 256, 1000 - 3 * 256);
		ask_for_the_rest(g, (struct rig_request){ .op = DIGEST, .addr = 5, .len = 5000 },
				 at_once ? 1 : 20);
		far_md5_of(ram_flash_at(&g->flash, 5), 5000, md5);
		assert_memory_equal(raw_data(g), md5, sizeof(md5));
		rig_free(g);
	}
}

/*
 * Reading into the window goes in larger pieces while it is fast, and begins small once it is not.
 */
static void a_window_is_read_as_fast_as_it_goes(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, true);
	const struct rig_request q = { .op = READ_WINDOW, .addr = 7, .len = RIG_WINDOW };
	static const struct {
		uint32_t turn_ms, done, reads;
	} steps[] = {
		{ 1000, RIG_WINDOW, 5 }, /* 256, 512, 1024, 2048, 256 */
		{ 1000, RIG_WINDOW, 1 }, { 1000, RIG_WINDOW, 1 },
		{ 0, RIG_WINDOW, 1 }, /* the turn was over */
		{ 0, RIG_DATA_MAX, 1 },  { 0, RIG_DATA_MAX, 1 },
		{ 1000, RIG_WINDOW, 5 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint32_t before = g->flash.counts[RAM_READ];

		g->supervisor.config.turn_ms = steps[i].turn_ms;
		rig_ask(g, 0, &q, FAR_OK);
		assert_int_equal(far_get_le32(g->remote[0].raw + 8), steps[i].done);
		assert_int_equal(g->flash.counts[RAM_READ] - before, steps[i].reads);
		assert_memory_equal(g->remote[0].window, ram_flash_at(&g->flash, 7), steps[i].done);
	}
	rig_free(g);
}

/* A digest begun anew is a new one, whatever became of the last. */
static void a_digest_given_up_is_no_part_of_the_next(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	uint8_t md5[FAR_MD5_LEN];
	(void)state;

	rig_ask(g, 0, &(struct rig_request){ .op = DIGEST, .len = 5000 }, FAR_OK);
	assert_int_equal(far_get_le32(g->remote[0].raw + 8), RIG_DATA_MAX);
	ask_for_the_rest(g, (struct rig_request){ .op = DIGEST, .addr = 77, .len = 700 }, 3);
	far_md5_of(ram_flash_at(&g->flash, 77), 700, md5);
	assert_memory_equal(raw_data(g), md5, sizeof(md5));
	rig_free(g);
}

/* Info is a clean start: what came before is done before it, and a stream ends. */
static void info_begins_anew(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	(void)state;

	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x4000, .len = 100 }, FAR_OK);
	for (uint16_t i = 0; i < 3; i++)
		rig_send(g, 0,
			 &(struct rig_request){
				 .op = SYNC, .tag = (uint16_t)(i + 1), .addr = i * 0x8000u });
	rig_send(g, 0, &(struct rig_request){ .op = INFO, .tag = 4 });
	for (uint16_t i = 1; i <= 4; i++) {
		assert_true(rig_reply(g, 0) > 0);
		assert_int_equal(far_get_le16(g->remote[0].raw + 2), i);
	}
	assert_int_equal(rig_reply(g, 0), 0);
	rig_ask(g, 0, &(struct rig_request){ .op = END }, FAR_ERR_STATE);
	rig_free(g);
}

/* ---- what is not served ---------------------------------------------------------------------- */

/* An operation that the program has not linked is refused, and the others go on. */
static void what_is_not_in_the_list_is_not_there(void **state)
{
	static const struct far_supervisor_op digest_too[] = {
		{ far_supervisor_info, FAR_SERVICE_INFO },
		{ far_supervisor_digest, FAR_SERVICE_DIGEST },
		{ NULL, 0 },
	};
	static const uint8_t ops[] = { READ,   WRITE,         ERASE,        DIGEST,
				       SYNC,   READ_WINDOW,   WRITE_WINDOW, BEGIN,
				       STREAM, STREAM_WINDOW, END };
	(void)state;

	for (int list = 0; list < 2; list++) {
		struct rig *g = bound(NATIVE, true);

		g->ops = list == 0 ? far_supervisor_inline : digest_too;
		rig_reset_supervisor(g);
		rig_bind(g, 0);
		for (size_t i = 0; i < sizeof(ops); i++) {
			struct rig_request q = { .op = ops[i], .addr = 0x1000, .len = 0x1000 };
			bool there = list == 0 ? i < 3 : ops[i] == DIGEST;

			if ((ops[i] & FAR_SERVICE_SENDS) != 0) {
				q.len = q.data_len = 64;
				q.data = data;
			}
			ram_flash_snapshot(&g->flash);
			rig_ask(g, 0, &q, there ? FAR_OK : FAR_ERR_NOTSUP);
			if (!there)
				ram_flash_assert_only(&g->flash, 0, 0);
		}
		rig_ask(g, 0, &(struct rig_request){ .op = INFO, .addr = 15 }, FAR_OK);
		assert_int_equal(raw_data(g)[13], FAR_FLASH_CAN_READ); /* caps */
		assert_int_equal(far_get_le32(raw_data(g) + 20), 0);   /* no window */
		rig_free(g);
	}
}

/* ---- several remotes ------------------------------------------------------------------------- */

/* A read of one is answered between two sectors of the other's erase. */
static void reads_come_between_sectors(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	(void)state;

	for (uint32_t i = 0; i < 16; i++) {
		uint32_t before = g->flash.erased;

		rig_send(g, 0,
			 &(struct rig_request){ .op = ERASE,
						.addr = i * RIG_SECTOR,
						.len = (32 - i) * RIG_SECTOR });
		rig_send(g, 1,
			 &(struct rig_request){ .op = READ, .addr = RIG_SIZE - 50, .len = 50 });
		assert_true(rig_reply(g, 1) == FAR_SERVICE_REPLY + 50);
		assert_memory_equal(g->remote[1].raw + FAR_SERVICE_REPLY,
				    ram_flash_at(&g->flash, RIG_SIZE - 50), 50);
		assert_true(g->flash.erased - before <= RIG_SECTOR);
		assert_true(rig_reply(g, 0) == FAR_SERVICE_REPLY);
		assert_int_equal(far_get_le32(g->remote[0].raw + 8), RIG_SECTOR);
	}
	assert_int_equal(g->flash.erased, 16 * RIG_SECTOR);
	rig_free(g);
}

/* The same with two whole remotes: one reads in the midst of the other's call. */
static void read_within_erase(struct rig *g)
{
	uint8_t buf[700];
	uint32_t erased = g->flash.erased, steps = g->steps;

	assert_int_equal(far_flash_read(&g->remote[1].flash.flash, RIG_SIZE - 700, buf, 700),
			 FAR_OK);
	assert_memory_equal(buf, ram_flash_at(&g->flash, RIG_SIZE - 700), 700);
	assert_true(g->steps - steps < 30);
	assert_true(g->flash.erased - erased <= 16 * RIG_SECTOR);
}

static void two_remotes_at_once(void **state)
{
	struct rig *g = rig_new(FAR_FLASH_CAN_READ, false);
	struct far_flash *f = rig_open(g, 0);
	(void)state;

	rig_open(g, 1);
	g->hook = read_within_erase;
	assert_int_equal(far_flash_erase(f, 0, 48 * RIG_SECTOR), FAR_OK);
	ram_flash_assert_filled(&g->flash, 0, 48 * RIG_SECTOR, 0xFF);
	assert_true(g->remote[1].served.count.requests > 10);
	rig_free(g);
}

/* A remote that asks and does not listen gets all of it later, and keeps nobody else waiting. */
static void a_deaf_remote_holds_up_only_itself(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	unsigned reads = 0;
	(void)state;

	for (int i = 0; i < 3; i++)
		rig_send(g, 0, &(struct rig_request){ .op = READ, .addr = 5, .len = 256 });
	rig_settle(g);
	for (int i = 0; i < 20; i++)
		rig_ask(g, 1, &(struct rig_request){ .op = READ, .len = 256 }, FAR_OK);
	rig_settle(g);
	/* More than the ring holds: every one is answered, none of the replies is broken. */
	for (uint16_t i = 0; i < 6; i++)
		rig_send(g, 0, &(struct rig_request){ .op = SYNC, .tag = i });
	rig_settle(g);
	for (int i = 0; i < 3 + 6; i++) {
		uint32_t n = rig_reply(g, 0);

		assert_true(n > 0);
		if (n == FAR_SERVICE_REPLY + 256) {
			reads++;
			assert_memory_equal(raw_data(g), ram_flash_at(&g->flash, 5), 256);
		}
	}
	assert_int_equal(reads, 3);
	assert_int_equal(rig_reply(g, 0), 0);
	rig_free(g);
}

/* ---- streams --------------------------------------------------------------------------------- */

static void a_stream_keeps_others_waiting_for_a_while(void **state)
{
	struct rig *g = bound(NATIVE, false);
	struct far_clock *clock = &g->clock.clock;
	const struct rig_request stream = {
		.op = STREAM, .len = 100, .data = data, .data_len = 100
	};
	(void)state;

	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x2000, .len = 300 }, FAR_OK);
	rig_send(g, 1, &(struct rig_request){ .op = READ, .len = 4 });
	assert_int_equal(rig_reply(g, 1), 0);
	/* What is refused or is no use of the flash need not wait, and does not end the stream. */
	rig_ask(g, 0, &stream, FAR_OK);
	clock->ops->sleep_ms(clock, 499);
	rig_ask(g, 0, &stream, FAR_OK);
	assert_int_equal(rig_reply(g, 1), 0);
	clock->ops->sleep_ms(clock, 1);
	assert_int_equal(rig_reply(g, 1), FAR_SERVICE_REPLY + 4);
	rig_ask(g, 0, &stream, FAR_ERR_STATE);
	rig_ask(g, 0, &(struct rig_request){ .op = END }, FAR_ERR_STATE);
	/* In time it is done, and the other comes next. */
	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x2000, .len = 100 }, FAR_OK);
	rig_send(g, 1, &(struct rig_request){ .op = READ, .addr = 0x2000, .len = 100 });
	rig_ask(g, 0, &stream, FAR_OK);
	rig_ask(g, 0, &(struct rig_request){ .op = END }, FAR_OK);
	assert_int_equal(rig_reply(g, 1), FAR_SERVICE_REPLY + 100);
	assert_memory_equal(g->remote[1].raw + FAR_SERVICE_REPLY, data, 100);
	rig_free(g);
}

/* However long it waits, nobody writes into the stream of another. */
static void streams_belong_to_one(void **state)
{
	struct rig *g = bound(NATIVE, false);
	struct far_clock *clock = &g->clock.clock;
	(void)state;

	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x2000, .len = 8 }, FAR_OK);
	ram_flash_snapshot(&g->flash);
	clock->ops->sleep_ms(clock, 10000);
	rig_ask(g, 1, &(struct rig_request){ .op = STREAM, .len = 8, .data = data, .data_len = 8 },
		FAR_ERR_STATE);
	rig_ask(g, 1, &(struct rig_request){ .op = END }, FAR_ERR_STATE);
	ram_flash_assert_only(&g->flash, 0, 0);
	rig_free(g);
}

/* Whatever else its owner does ends a stream; so does the end of its session. Refusals do not. */
static void owners_end_their_streams(void **state)
{
	static const uint8_t ops[] = { READ, ERASE, DIGEST, SYNC, INFO, WRITE, 77 };
	(void)state;

	for (size_t i = 0; i < sizeof(ops); i++) {
		struct rig *g = bound(NATIVE, false);

		rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x2000, .len = 8 },
			FAR_OK);
		rig_ask(g, 0,
			&(struct rig_request){
				.op = STREAM, .len = 8, .data = data, .data_len = 8 },
			FAR_OK); /* complete: only the end is missing */
		rig_send(g, 0, &(struct rig_request){ .op = ops[i] });
		assert_true(rig_reply(g, 0) > 0);
		rig_ask(g, 0, &(struct rig_request){ .op = END },
			ops[i] == 77 ? FAR_OK : FAR_ERR_STATE);
		rig_ask(g, 1, &(struct rig_request){ .op = READ, .len = 1 }, FAR_OK);
		rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x2000, .len = 8 },
			FAR_OK);
		rig_reset_remote(g, 0);
		rig_bind(g, 0);
		rig_ask(g, 1, &(struct rig_request){ .op = READ, .len = 1 }, FAR_OK);
		rig_ask(g, 0, &(struct rig_request){ .op = END }, FAR_ERR_STATE);
		rig_free(g);
	}
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void wait_sleeps_no_longer_than_told(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	uint64_t before = g->clock.now_ns;
	struct far_supervisor alone;
	struct far_supervisor_remote served;
	(void)state;

	assert_false(far_supervisor_wait(&g->supervisor, 100));
	assert_in_range(g->clock.now_ns - before, 1, 1000000);
	assert_int_equal(far_supervisor_init(&alone, &g->supervisor.config), FAR_OK);
	assert_int_equal(far_supervisor_add_remote(&alone, &served, &g->remote[0].config), FAR_OK);
	before = g->clock.now_ns;
	assert_false(far_supervisor_wait(&alone, 100));
	assert_in_range(g->clock.now_ns - before, 99000000, 101000000);
	/* A message is work, at once. */
	rig_send(g, 0, &(struct rig_request){ .op = READ, .len = 256 });
	before = g->clock.now_ns;
	assert_true(far_supervisor_wait(&alone, 100));
	assert_int_equal(g->clock.now_ns, before);
	rig_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outstanding_requests_are_answered_in_order),
		cmocka_unit_test(long_requests_are_done_in_parts),
		cmocka_unit_test(a_window_is_read_as_fast_as_it_goes),
		cmocka_unit_test(a_digest_given_up_is_no_part_of_the_next),
		cmocka_unit_test(info_begins_anew),
		cmocka_unit_test(what_is_not_in_the_list_is_not_there),
		cmocka_unit_test(reads_come_between_sectors),
		cmocka_unit_test(two_remotes_at_once),
		cmocka_unit_test(a_deaf_remote_holds_up_only_itself),
		cmocka_unit_test(a_stream_keeps_others_waiting_for_a_while),
		cmocka_unit_test(streams_belong_to_one),
		cmocka_unit_test(owners_end_their_streams),
		cmocka_unit_test(wait_sleeps_no_longer_than_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
