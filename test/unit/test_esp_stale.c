/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Old bytes that the line brings once more. A whole question among them is asked again, and what
 * was asked last is answered one or two answers late, or not at all. Whatever is read is then what
 * the chip has, or the call says that it is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/md5.h"
#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"
#include "test/common/every.h"

enum { SIZE = 0x40000, SECTOR = 0x1000, SEEDS = 8 };

static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
static const struct far_esp_stub_finder finder = { test_find_stub, NULL };

/* What is read, and how it is judged. */
struct question {
	const char *chip;
	bool stub;
	int (*before)(struct rig *r); /* asked on a good line; NULL: nothing */
	int (*ask)(struct rig *r);    /* 1: it lies; 0 it does not; or an error */
};

static void open_chip(struct rig *r, const struct question *q, struct far_sim_fault *fault,
		      const char *plan, uint64_t seed)
{
	char why[160];

	rig_open_chip(r, (struct far_sim_esp_config){ .chip = q->chip, .any_stub = true }, SIZE);
	r->config.block = block;
	r->config.block_len = sizeof(block);
	r->config.baud = 921600;
	assert_int_equal(q->stub ? far_esp_init_stub(&r->esp, &r->config, &finder)
				 : far_esp_init(&r->esp, &r->config),
			 FAR_OK);
	assert_int_equal(far_sim_fault_plan(fault, plan, seed, why, sizeof(why)), 0);
	r->line.tap = far_sim_line_fault_tap;
	r->line.tap_ctx = fault;
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
	if (q->before != NULL)
		assert_int_equal(q->before(r), FAR_OK);
}

/* One fault: 1 if what was read is so, 0 if the call has failed. */
static unsigned disturb(const struct question *q, const char *plan, uint64_t seed)
{
	struct far_sim_fault fault;
	struct rig r;
	int lies;

	open_chip(&r, q, &fault, plan, seed);
	lies = q->ask(&r);
	if (lies > 0)
		fail_msg("%s@%llu: what was read is not so", plan, (unsigned long long)seed);
	rig_close(&r);
	return lies == 0;
}

/* Each byte of the question, each way, by this kind of fault: some it must have got over. */
static void disturb_all(const struct question *q, const char *kind)
{
	static const char *const ways[] = { "out", "in" };
	struct far_sim_fault fault;
	unsigned right = 0;
	uint64_t from[2], to[2];
	struct rig r;

	open_chip(&r, q, &fault, "", 0);
	from[0] = fault.out;
	from[1] = fault.in;
	assert_int_equal(q->ask(&r), 0);
	to[0] = fault.out;
	to[1] = fault.in;
	rig_close(&r);
	for (unsigned w = 0; w < 2; w++) {
		for (uint64_t at = from[w] + 1; at <= to[w]; at += test_every()) {
			for (uint64_t seed = 0; seed < SEEDS; seed++) {
				char plan[40];

				snprintf(plan, sizeof(plan), "%s=%s:%llu", kind, ways[w],
					 (unsigned long long)at);
				right += disturb(q, plan, seed);
			}
		}
	}
	assert_true(right > 0);
}

/* ---- the MAC address ------------------------------------------------------------------------- */

static uint8_t right_mac[6];

static int ask_mac(struct rig *r)
{
	uint8_t mac[6];
	int rc = far_esp_read_mac(&r->esp, mac);

	return rc != FAR_OK ? rc : memcmp(mac, right_mac, sizeof(mac)) != 0;
}

static int learn_mac(const char *chip)
{
	struct rig r;
	int rc;

	rig_open(&r, chip, SIZE);
	rc = far_esp_connect(&r.esp);
	if (rc == FAR_OK)
		rc = far_esp_read_mac(&r.esp, right_mac);
	rig_close(&r);
	return rc;
}

static void test_mac(void **state)
{
	static const char *const chips[] = { "esp32", "esp8266" };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const struct question q = { .chip = chips[i / 2], .stub = i % 2, .ask = ask_mac };

		assert_int_equal(learn_mac(q.chip), FAR_OK);
		disturb_all(&q, "stale");
	}
}

/* ---- the revision ---------------------------------------------------------------------------- */

static uint32_t right_revision;

static int ask_revision(struct rig *r)
{
	uint32_t revision = 0;
	int rc = far_esp_read_revision(&r->esp, &revision);

	return rc != FAR_OK ? rc : revision != right_revision;
}

/* Here a bit is enough: each word was one answer, which has no check sum. */
static void test_revision(void **state)
{
	static const char *const chips[] = { "esp32", "esp32c3", "esp32p4" };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const struct question q = { .chip = chips[i], .ask = ask_revision };
		struct rig r;

		rig_open(&r, q.chip, SIZE);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(far_esp_read_revision(&r.esp, &right_revision), FAR_OK);
		rig_close(&r);
		disturb_all(&q, "flip");
		disturb_all(&q, "stale");
	}
}

/* ---- is flash encryption enabled? ------------------------------------------------------------ */

/* The flash's id, read before as a register, would have an odd number of bits in its place. */
static int ask_encryption(struct rig *r)
{
	int rc = far_esp_set_encrypt(&r->esp, 1);

	return rc == FAR_OK ? 1 : rc == FAR_ERR_STATE ? 0 : rc;
}

static void test_encryption(void **state)
{
	const struct question q = { .chip = "esp32", .stub = true, .ask = ask_encryption };

	(void)state;
	disturb_all(&q, "stale");
}

/* ---- digests --------------------------------------------------------------------------------- */

/* Two sectors hold the same, and the next one does not. */
static int digest_twins(struct rig *r)
{
	uint8_t *cells = (uint8_t *)(uintptr_t)rig_memory(r), md5[FAR_MD5_LEN];
	int rc;

	rig_fill(cells, 3 * SECTOR, 7);
	memcpy(cells + SECTOR, cells, SECTOR);
	rc = far_flash_digest(&r->esp.flash, 0, SECTOR, md5);
	return rc == FAR_OK ? far_flash_digest(&r->esp.flash, SECTOR, SECTOR, md5) : rc;
}

static int ask_next(struct rig *r)
{
	uint8_t md5[FAR_MD5_LEN], here[FAR_MD5_LEN];
	int rc = far_flash_digest(&r->esp.flash, 2 * SECTOR, SECTOR, md5);

	far_md5_of(rig_memory(r), SECTOR, here);
	return rc != FAR_OK ? rc : memcmp(md5, here, sizeof(md5)) == 0;
}

static void test_digest(void **state)
{
	(void)state;
	for (unsigned stub = 0; stub < 2; stub++) {
		const struct question q = {
			.chip = "esp32c3", .stub = stub, .before = digest_twins, .ask = ask_next
		};

		disturb_all(&q, "stale");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_revision),
		cmocka_unit_test(test_encryption),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
