/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with a stub on a disturbed line: one fault at every byte of upload, write, read and
 * erase, in both directions. The stub repeats nothing and remembers no numbers, and yet what is in
 * the flash in the end is right, and nothing else was touched. What no session can help is a bit
 * that turns over in the address of a request, which has no checksum: then something else may have
 * been, and that is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/every.h"
#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

enum { SIZE = 256 * 1024, LEN = 0x5000, AT = 0x3000 };

static uint8_t image[SIZE];
static uint8_t back[SIZE];
static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
static const struct far_esp_stub_finder finder = { test_find_stub, NULL };

static void open_stub(struct rig *r)
{
	rig_open_chip(r, (struct far_sim_esp_config){ .chip = "esp32c6", .any_stub = true }, SIZE);
	r->config.block = block;
	r->config.block_len = 0x2000;
	r->config.baud = 921600;
	assert_int_equal(far_esp_init_stub(&r->esp, &r->config, &finder), FAR_OK);
}

static void connected(struct rig *r)
{
	open_stub(r);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
	assert_int_equal(r->esp.loader, FAR_ESP_STUB);
}

/* One session with a fault in it; 0 if it went as it should. */
typedef int session(struct rig *r, const struct rig_plan *plan);

/*
 * Every fault at every byte that `stride` does not skip; the first and last bytes of blocks never.
 */
static void sweep(session *run, uint64_t stride)
{
	uint64_t every = test_every(), bytes[2];
	struct rig r;

	assert_int_equal(run(&r, &(struct rig_plan){ 0 }), 0);
	memcpy(bytes, r.plan.seen, sizeof(bytes));
	rig_close(&r);
	for (int dir = FAR_SIM_TO_CHIP; dir <= FAR_SIM_TO_HOST; dir++) {
		for (int fault = RIG_DROP; fault <= RIG_DOUBLE; fault++) {
			for (uint64_t at = 0; at < bytes[dir]; at += every) {
				struct rig_plan plan = { .fault = (enum rig_fault)fault,
							 .dir = (enum far_sim_dir)dir,
							 .at = at,
							 .flip = (uint8_t)(1u << (at % 8)) };

				if (at % stride != 0 && at % 0x2000 > 50)
					continue;
				if (run(&r, &plan) != 0)
					fail_msg("fault %d, direction %d, byte %llu of %llu", fault,
						 dir, (unsigned long long)at,
						 (unsigned long long)bytes[dir]);
				rig_close(&r);
			}
		}
	}
}

/* A bit turned over on the way to the chip, before byte `until`: it may mean another place. */
static int is_astray(const struct rig_plan *plan, uint64_t until)
{
	return plan->fault == RIG_CORRUPT && plan->dir == FAR_SIM_TO_CHIP && plan->at < until;
}

/* Everything outside [AT, AT + len) is as erased. */
static int is_only(const struct rig *r, uint32_t len)
{
	const uint8_t *memory = rig_memory(r);

	for (uint32_t i = 0; i < SIZE; i++) {
		uint8_t wanted = i >= AT && i < AT + len ? image[i - AT] : 0xFF;

		if (memory[i] != wanted)
			return 0;
	}
	return 1;
}

/* The session has failed, and says that all of the flash may have changed. */
static int tells_all(const struct rig *r, int rc)
{
	return rc != FAR_OK && r->esp.flash.fault.touched_addr == 0 &&
	       r->esp.flash.fault.touched_len == SIZE;
}

static int write_session(struct rig *r, const struct rig_plan *plan, int packed)
{
	struct far_update_result result;
	int rc;

	connected(r);
	rig_arm(r, *plan);
	rc = rig_update(r, AT, image, LEN, packed, &result);
	if (rc != FAR_OK && is_astray(plan, UINT64_MAX))
		return result.touched_addr != 0 || result.touched_len != SIZE;
	return rc != FAR_OK || !result.verified || !is_only(r, LEN);
}

static int plain_session(struct rig *r, const struct rig_plan *plan)
{
	return write_session(r, plan, 0);
}

static int deflated_session(struct rig *r, const struct rig_plan *plan)
{
	return write_session(r, plan, 1);
}

static void test_plain(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 31);
	sweep(plain_session, 1511);
}

static void test_deflated(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 32);
	sweep(deflated_session, 1733);
}

/*
 * A plain stream by itself, without a job above it that would begin it again: it gets over a lost
 * answer alone, also where the flash held the same bytes before.
 */
static int stream_session(struct rig *r, const struct rig_plan *plan)
{
	int rc;

	connected(r);
	if (rig_replace(r, AT, image, LEN, 0, 0) != FAR_OK)
		return 1;
	rig_arm(r, *plan);
	rc = rig_replace(r, AT, image, LEN, 0, 0);
	/* What is there is right before, too: that it went elsewhere may not show. */
	if (is_astray(plan, 40))
		return 0;
	if (rc == FAR_OK && !is_only(r, LEN))
		return 1;
	/* Only a doubt about END, and a damaged question, may end it. */
	if (rc != FAR_OK && rc != FAR_ERR_TIMEOUT && rc != FAR_ERR_REFUSED)
		return 1;
	return rc != FAR_OK && plan->dir == FAR_SIM_TO_HOST;
}

static void test_plain_stream_alone(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 33);
	sweep(stream_session, 2111);
}

static int read_session(struct rig *r, const struct rig_plan *plan)
{
	int rc;

	connected(r);
	if (rig_replace(r, AT, image, LEN, 0, 0) != FAR_OK)
		return 1;
	rig_arm(r, *plan);
	memset(back, 0, sizeof(back));
	rc = far_flash_read(&r->esp.flash, AT + 5, back, 0x1345);
	return rc != FAR_OK || memcmp(back, image + 5, 0x1345) != 0;
}

/* Frames of data carry no checksum, and yet nothing wrong is ever read. */
static void test_read(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 34);
	sweep(read_session, 499);
}

static int erase_session(struct rig *r, const struct rig_plan *plan)
{
	int rc;

	connected(r);
	if (rig_replace(r, AT, image, LEN, 0, 0) != FAR_OK)
		return 1;
	rig_arm(r, *plan);
	rc = far_flash_erase(&r->esp.flash, AT + 0x2000, LEN - 0x2000);
	if (is_astray(plan, UINT64_MAX) && tells_all(r, rc))
		return 0;
	return rc != FAR_OK || rig_memory(r)[AT] != image[0] ||
	       rig_memory(r)[AT + 0x1FFF] != image[0x1FFF] || rig_memory(r)[AT + 0x2000] != 0xFF ||
	       rig_memory(r)[AT + LEN - 1] != 0xFF;
}

static void test_erase(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 35);
	sweep(erase_session, 1);
}

/*
 * The upload: what runs in the end is the stub, or connect says what went wrong; a second one
 * works.
 */
static int upload_session(struct rig *r, const struct rig_plan *plan)
{
	int rc;

	open_stub(r);
	rig_arm(r, *plan);
	rc = far_esp_connect(&r->esp);
	if (r->clock.now_ns > 60ull * 1000000000)
		return 1;
	if (rc != FAR_OK)
		rc = far_esp_connect(&r->esp);
	if (rc != FAR_OK || r->esp.chip != FAR_ESP_32C6)
		return 1;
	if (r->esp.loader == FAR_ESP_ROM) /* the answer about fuses was damaged */
		return r->esp.security == 0;
	return strcmp(far_sim_esp_mode(r->chip), "stub") != 0;
}

static void test_upload(void **state)
{
	(void)state;
	sweep(upload_session, 211);
}

/* Noise at one in `rate` bytes: verified, or an error; never wrong and content. */
static void test_noise(void **state)
{
	unsigned good = 0;

	(void)state;
	rig_fill(image, sizeof(image), 36);
	for (uint32_t seed = 1; seed <= 30; seed++) {
		struct far_update_result result;
		struct rig r;
		int rc;

		connected(&r);
		rig_arm(&r, (struct rig_plan){ .rate = 20000, .seed = seed * 7919 });
		rc = rig_update(&r, AT, image, LEN, seed % 2, &result);
		if (rc == FAR_OK)
			assert_memory_equal(rig_memory(&r) + AT, image, LEN);
		good += rc == FAR_OK;
		assert_true(r.clock.now_ns < 300ull * 1000000000);
		rig_close(&r);
	}
	assert_true(good > 22);
}

static void test_port_vanishes(void **state)
{
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 37);
	connected(&r);
	assert_int_equal(far_flash_replace_begin(&r.esp.flash, AT, LEN, 0), FAR_OK);
	assert_int_equal(far_flash_replace_write(&r.esp.flash, image, 0x2000), FAR_OK);
	r.line.gone = true;
	assert_int_equal(far_flash_replace_write(&r.esp.flash, image + 0x2000, 0x2000), FAR_ERR_IO);
	assert_int_equal(r.esp.flash.fault.addr, AT + 0x2000);
	assert_int_equal(r.esp.flash.fault.touched_addr, AT);
	assert_int_equal(r.esp.flash.fault.touched_len, LEN);
	assert_int_equal(far_flash_read(&r.esp.flash, AT, back, 10), FAR_ERR_IO);
	assert_int_equal(far_flash_erase(&r.esp.flash, AT, 0x1000), FAR_ERR_IO);
	assert_int_equal(far_flash_write(&r.esp.flash, AT, image, 10), FAR_ERR_IO);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_deflated),
		cmocka_unit_test(test_plain_stream_alone),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_erase),
		cmocka_unit_test(test_upload),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_port_vanishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
