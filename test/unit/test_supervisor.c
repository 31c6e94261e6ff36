/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor, spoken to by hand: what it queues, interleaves, and gives up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/md5.h"
#include "test/common/service_rig.h"

#define READ   FAR_SERVICE_READ
#define WRITE  FAR_SERVICE_WRITE
#define ERASE  FAR_SERVICE_ERASE
#define DIGEST FAR_SERVICE_DIGEST
#define BEGIN  FAR_SERVICE_BEGIN
#define STREAM FAR_SERVICE_STREAM
#define END    FAR_SERVICE_END
#define SYNC   FAR_SERVICE_SYNC
#define INFO   FAR_SERVICE_INFO
#define CANCEL FAR_SERVICE_CANCEL

#define NATIVE (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE)

static uint8_t data[4096];

static struct rig *bound(uint8_t caps, bool window)
{
	struct rig *g = rig_new(caps, window);

	ram_flash_pattern(data, sizeof(data), 9);
	rig_bind(g, 0);
	rig_bind(g, 1);
	return g;
}

static const uint8_t *raw_data(struct rig *g)
{
	return g->remote[0].raw + FAR_SERVICE_REPLY;
}

/* ---- several at once ------------------------------------------------------------------------- */

static void outstanding_requests_are_answered_in_order(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	const uint8_t *raw = g->remote[0].raw;
	(void)state;

	for (uint16_t i = 0; i < RIG_QUEUE - 1; i++)
		rig_send(g, 0,
			 &(struct rig_request){ .op = READ,
						.tag = (uint16_t)(100 + i),
						.addr = i * 1000u,
						.len = 200u + i });
	for (uint16_t i = 0; i < RIG_QUEUE - 1; i++) {
		assert_int_equal(rig_reply(g, 0), 8u + 200u + i);
		assert_int_equal(far_get_le16(raw + 2), 100 + i);
		assert_memory_equal(raw + 8, ram_flash_at(&g->flash, i * 1000u), 200u + i);
	}
	assert_int_equal(rig_reply(g, 0), 0);
	rig_free(g);
}

/* One more than the queue holds is told so at once; all others are done. */
static void a_full_queue_is_told(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	const uint8_t *raw = g->remote[0].raw;
	uint32_t busy = 0, ok = 0;
	(void)state;

	for (uint16_t i = 0; i < RIG_QUEUE + 1; i++)
		rig_send(g, 0,
			 &(struct rig_request){
				 .op = ERASE, .tag = i, .addr = i * 0x3000u, .len = 0x3000 });
	for (uint16_t i = 0; i < RIG_QUEUE + 1; i++) {
		assert_true(rig_reply(g, 0) > 0);
		if (raw[1] == FAR_SERVICE_FAILED >> 8) {
			assert_int_equal(far_get_le32(raw + 4), -FAR_ERR_BUSY);
			assert_int_equal(far_get_le32(raw + 8), (RIG_QUEUE - 1 + busy) * 0x3000);
			assert_int_equal(far_get_le32(raw + 8 + 8), far_get_le32(raw + 8));
			assert_int_equal(far_get_le16(raw + 2), RIG_QUEUE - 1 + busy);
			busy++;
		} else {
			assert_int_equal(far_get_le16(raw + 2), ok++);
		}
	}
	assert_int_equal(rig_reply(g, 0), 0);
	assert_int_equal(busy, 2);
	assert_int_equal(g->remote[0].served.count.busy, 2);
	ram_flash_assert_only(&g->flash, 0, (RIG_QUEUE - 1) * 0x3000u);
	rig_ask(g, 0, &(struct rig_request){ .op = ERASE, .len = 0x1000 }, FAR_OK);
	rig_free(g);
}

static void any_request_can_be_cancelled(void **state)
{
	(void)state;
	for (uint16_t which = 0; which < 4; which++) {
		struct rig *g = bound(FAR_FLASH_CAN_READ, false);
		const uint8_t *raw = g->remote[0].raw;

		for (uint16_t i = 0; i < 3; i++)
			rig_send(g, 0,
				 &(struct rig_request){ .op = ERASE,
							.tag = i,
							.addr = i * 0x8000u,
							.len = 0x8000 });
		for (int i = 0; i < 3; i++)
			assert_true(far_supervisor_step(&g->supervisor));
		assert_int_equal(g->remote[0].served.progress.op, ERASE);
		assert_int_equal(g->remote[0].served.progress.done, 3 * RIG_SECTOR);
		rig_send(g, 0, &(struct rig_request){ .op = CANCEL, .addr = which });
		for (uint16_t i = 0; i < 3; i++) {
			uint32_t touched = i == 0 ? 3 * RIG_SECTOR : 0;

			rig_reply(g, 0);
			assert_int_equal(far_get_le16(raw + 2), i);
			assert_int_equal(raw[1], i == which ? FAR_SERVICE_FAILED >> 8 : 0);
			if (i == which) {
				assert_int_equal(far_get_le32(raw + 4), -FAR_ERR_CANCELLED);
				assert_int_equal(far_get_le32(raw + 8 + 8), i * 0x8000u + touched);
				ram_flash_assert_only(&g->flash, 0, i * 0x8000u + touched);
			}
		}
		assert_int_equal(rig_reply(g, 0), 0);
		assert_int_equal(g->remote[0].served.count.cancelled, which < 3);
		assert_int_equal(g->remote[0].served.progress.op, 0);
		rig_free(g);
	}
}

/* Info is a clean start: what came before is neither done nor answered after it. */
static void info_forgets(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	(void)state;

	for (uint16_t i = 0; i < 3; i++)
		rig_send(g, 0,
			 &(struct rig_request){ .op = ERASE, .addr = i * 0x8000u, .len = 0x8000 });
	far_supervisor_step(&g->supervisor);
	rig_ask(g, 0, &(struct rig_request){ .op = INFO, .tag = 7 }, FAR_OK);
	assert_int_equal(rig_reply(g, 0), 0);
	assert_int_equal(g->flash.erased, RIG_SECTOR);
	rig_free(g);
}

/* ---- several remotes ------------------------------------------------------------------------- */

/* A read of one is answered between two sectors of the other's erase. */
static void reads_come_between_sectors(void **state)
{
	struct rig *g = bound(FAR_FLASH_CAN_READ, false);
	(void)state;

	rig_send(g, 0, &(struct rig_request){ .op = ERASE, .len = 32 * RIG_SECTOR });
	for (uint32_t i = 1; i < 16; i++) {
		uint32_t before = g->flash.erased;

		far_supervisor_step(&g->supervisor);
		rig_send(g, 1,
			 &(struct rig_request){ .op = READ, .addr = RIG_SIZE - 50, .len = 50 });
		assert_true(rig_reply(g, 1) == 58);
		assert_memory_equal(g->remote[1].raw + 8, ram_flash_at(&g->flash, RIG_SIZE - 50),
				    50);
		assert_in_range(g->flash.erased - before, RIG_SECTOR, 2 * RIG_SECTOR);
		/* Progress messages that nobody fetches do not hold it up. */
	}
	assert_true(rig_reply(g, 0) == 8);
	assert_int_equal(g->flash.erased, 32 * RIG_SECTOR);
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
	/* More than the queue holds: every one is answered, none of the replies is broken. */
	for (uint16_t i = 0; i < 6; i++)
		rig_send(g, 0, &(struct rig_request){ .op = SYNC, .tag = i });
	rig_settle(g);
	for (int i = 0; i < 3 + 6; i++) {
		uint32_t n = rig_reply(g, 0);

		assert_true(n > 0);
		if (n == 264) {
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
	assert_int_equal(rig_reply(g, 1), 12);
	rig_ask(g, 0, &stream, FAR_ERR_STATE);
	rig_ask(g, 0, &(struct rig_request){ .op = END }, FAR_ERR_STATE);
	/* In time it is done, and the other comes next. */
	rig_ask(g, 0, &(struct rig_request){ .op = BEGIN, .addr = 0x2000, .len = 100 }, FAR_OK);
	rig_send(g, 1, &(struct rig_request){ .op = READ, .addr = 0x2000, .len = 100 });
	rig_ask(g, 0, &stream, FAR_OK);
	rig_ask(g, 0, &(struct rig_request){ .op = END }, FAR_OK);
	assert_int_equal(rig_reply(g, 1), 108);
	assert_memory_equal(g->remote[1].raw + 8, data, 100);
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

/* Whatever else its owner does ends a stream; so does the end of its session. */
static void owners_end_their_streams(void **state)
{
	static const uint8_t ops[] = { READ, WRITE, ERASE, DIGEST, SYNC, INFO, 77 };
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
		rig_ask(g, 0, &(struct rig_request){ .op = END }, FAR_ERR_STATE);
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
		cmocka_unit_test(a_full_queue_is_told),
		cmocka_unit_test(any_request_can_be_cancelled),
		cmocka_unit_test(info_forgets),
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
