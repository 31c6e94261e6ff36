/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two faults at one point of a session with a stub. A question or its answer is lost, or a question
 * damaged so that it is refused, and while the doubt is settled the line breaks for good, or
 * another one is lost; a sector that the flash cannot program any more, and the answer that says so
 * does not come. What ends well is right, what fails tells what it may have touched, and nothing
 * takes for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"
#include "test/common/every.h"

enum { SIZE = 0x40000, AT = 0x12000, LEN = 0x9000, QUESTIONS = 8, LATER = 5 };

static uint8_t image[LEN], before[SIZE];
static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
static const struct far_esp_stub_finder finder = { test_find_stub, NULL };

/* ---- two faults ------------------------------------------------------------------------------ */

enum how {
	FINE,
	ANSWER_LOST,   /* a byte of it */
	QUESTION_LOST, /* all of it */
	DAMAGED,       /* a bit of the question's length: it is refused, or never whole */
	SILENT,        /* from then on nothing comes back */
	GONE           /* the port vanishes */
};

/* The questions are counted from 1, from when the tap is put in. */
struct faults {
	struct rig *rig;
	enum how how[2];
	unsigned nth[2];
	unsigned asked, answered, struck;
	uint32_t at[2]; /* in the frame under way, of each direction */
};

static size_t strike(struct faults *f, enum how how, enum far_sim_dir dir, uint8_t *byte)
{
	uint32_t at = f->at[dir];

	if (how == SILENT && dir == FAR_SIM_TO_HOST)
		return 0;
	if (how == GONE)
		f->rig->line.gone = true;
	if (how == QUESTION_LOST && dir == FAR_SIM_TO_CHIP && at > 0) {
		f->struck += at == 1;
		return 0;
	}
	if (how == DAMAGED && dir == FAR_SIM_TO_CHIP && at == 3) {
		*byte ^= 1;
		f->struck++;
	}
	if (how == ANSWER_LOST && dir == FAR_SIM_TO_HOST && at == 4) {
		f->struck++;
		return 0;
	}
	return 1;
}

static size_t tap(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t *out, uint64_t *delay_ns)
{
	struct faults *f = ctx;
	size_t n = 1;

	(void)delay_ns;
	f->at[dir] = in == 0xC0 ? 0 : f->at[dir] + 1;
	if (f->at[dir] == 1)
		*(dir == FAR_SIM_TO_CHIP ? &f->asked : &f->answered) += 1;
	out[0] = in;
	for (unsigned i = 0; i < 2 && n == 1; i++) {
		bool lasting = f->how[i] >= SILENT;

		if (f->how[i] != FINE &&
		    (f->asked == f->nth[i] || (lasting && f->asked > f->nth[i])))
			n = strike(f, f->how[i], dir, out);
	}
	return n;
}

/* ---- a chip full of other firmware ----------------------------------------------------------- */

enum kind { PLAIN, DEFLATED, ENCRYPTED, WRITE, ERASE };

struct run {
	enum kind kind;
	const char *die; /* plan of the flash's own faults; "": it is sound */
	uint32_t at, len;
	bool job; /* streams: the job around them, too */
};

static void open_chip(struct rig *r, const struct run *run)
{
	const struct far_sim_esp_config chip = { .chip = "esp32c6",
						 .flash_crypt_count = run->kind == ENCRYPTED,
						 .flash_key = 99,
						 .any_stub = true };

	rig_open_chip(r, chip, SIZE);
	r->config.block = block;
	r->config.block_len = 0x4000;
	r->config.baud = 921600;
	for (uint32_t i = 0; i < SIZE; i++)
		before[i] = (uint8_t)(i * 2654435761u >> 17) & 0xFE;
	memcpy((uint8_t *)(uintptr_t)rig_memory(r), before, SIZE);
	assert_int_equal(far_esp_init_stub(&r->esp, &r->config, &finder), FAR_OK);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
	assert_int_equal(r->esp.loader, FAR_ESP_STUB);
	if (run->kind == ENCRYPTED)
		assert_int_equal(far_esp_set_encrypt(&r->esp, 1), FAR_OK);
}

/* By the job that proves it: a stream alone does not prove all of it, and is not begun again. */
static int do_it(struct rig *r, const struct run *run, uint32_t told[2])
{
	struct far_update_result result;
	int rc;

	if (run->job) {
		rc = rig_update(r, run->at, image, run->len, run->kind == DEFLATED, &result);
		told[0] = result.touched_addr;
		told[1] = result.touched_addr + result.touched_len;
		return rc;
	}
	if (run->kind == WRITE)
		return far_flash_write(&r->esp.flash, run->at + 8, image, 100);
	if (run->kind == ERASE)
		return far_flash_erase(&r->esp.flash, run->at, run->len);
	return rig_replace(r, run->at, image, run->len, 0, run->kind == DEFLATED);
}

/* Its result, and what it says that it may have changed. */
static int carry_out(struct rig *r, const struct run *run, uint32_t told[2])
{
	const struct far_flash_fault *fault = &r->esp.flash.fault;
	int rc;

	told[0] = told[1] = 0;
	rc = do_it(r, run, told);
	if (rc == FAR_OK) {
		told[0] = run->at;
		told[1] = run->at + ((run->len + 0xFFF) & ~0xFFFu);
	} else if (told[1] == 0) {
		told[0] = fault->touched_addr;
		told[1] = fault->touched_addr + fault->touched_len;
	}
	return rc;
}

static bool is_done(const struct rig *r, const struct run *run)
{
	static uint8_t cells[LEN];
	const uint8_t *old = before + run->at;

	if (run->kind == ENCRYPTED && run->die[0] != '\0')
		return true; /* that it failed nobody can ask */
	memcpy(cells, rig_memory(r) + run->at, run->len);
	if (run->kind == ENCRYPTED)
		far_sim_esp_crypt(r->chip, run->at, cells, run->len);
	for (uint32_t i = 0; i < run->len; i++) {
		uint8_t wanted = run->kind == ERASE ? 0xFF : image[i];

		if (run->kind == WRITE)
			wanted = i >= 8 && i < 108 ? old[i] & image[i - 8] : old[i];
		if (cells[i] != wanted)
			return false;
	}
	return true;
}

static void assert_told(const struct rig *r, const uint32_t told[2])
{
	for (uint32_t i = 0; i < SIZE; i++)
		if (rig_memory(r)[i] != before[i] && (i < told[0] || i >= told[1]))
			fail_msg("%x has changed, told were %x to %x", i, told[0], told[1]);
}

/* Its result; *struck: so many faults have met it. */
static int try(const struct run *run, const struct faults *plan, unsigned *struck)
{
	struct far_sim_fault die;
	struct faults faults = *plan;
	uint32_t told[2];
	uint64_t start;
	struct rig r;
	char why[160];
	int rc;

	open_chip(&r, run);
	assert_int_equal(far_sim_fault_plan(&die, run->die, 1, why, sizeof(why)), 0);
	far_sim_nor_set_fault(r.nor, &die);
	faults.rig = &r;
	r.line.tap = tap;
	r.line.tap_ctx = &faults;
	start = r.clock.now_ns;
	rc = carry_out(&r, run, told);
	if (rc == FAR_OK && !is_done(&r, run))
		fail_msg("kind %d, %d at %u, %d at %u: it is not done", run->kind, faults.how[0],
			 faults.nth[0], faults.how[1], faults.nth[1]);
	assert_told(&r, told);
	assert_true(r.clock.now_ns - start < 400ull * 1000000000);
	*struck = faults.struck;
	rig_close(&r);
	return rc;
}

/* A first fault at each question, and a second one at each of the questions that follow. */
static void try_all(const struct run *run, enum how first, enum how second)
{
	unsigned failed = 0, struck;

	for (unsigned n = 1; n <= QUESTIONS; n++) {
		for (unsigned m = n + 1; m <= n + LATER; m += test_every()) {
			const struct faults plan = { .how = { first, second }, .nth = { n, m } };
			int rc = try(run, &plan, &struck);

			failed += rc != FAR_OK;
			if (struck == 0)
				break;
		}
	}
	if (second >= SILENT)
		assert_true(failed > 0);
}

static const struct run runs[] = {
	{ PLAIN, "", AT, LEN, false },
	/* The range begins a unit of 64 KiB that it does not fill: END is asked for, too. */
	{ PLAIN, "", 0x10000, LEN, false },
	{ PLAIN, "", AT, 0x800, false },
	{ DEFLATED, "", AT, LEN, false },
	{ DEFLATED, "", 0x10000, LEN, false },
	{ DEFLATED, "", AT, LEN, true },
	{ ENCRYPTED, "", AT, LEN, false },
	{ ENCRYPTED, "", AT, 0x800, false },
	{ WRITE, "", AT, 0x1000, false },
	{ ERASE, "", AT, 0x4000, false },
};

static void try_runs(enum how first, enum how second)
{
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		try_all(&runs[i], first, second);
}

static void test_answers_lost(void **state)
{
	(void)state;
	try_runs(ANSWER_LOST, ANSWER_LOST);
	try_runs(ANSWER_LOST, QUESTION_LOST);
}

static void test_questions_lost(void **state)
{
	(void)state;
	try_runs(QUESTION_LOST, ANSWER_LOST);
	try_runs(DAMAGED, QUESTION_LOST);
}

static void test_line_breaks_in_doubt(void **state)
{
	(void)state;
	try_runs(ANSWER_LOST, SILENT);
	try_runs(QUESTION_LOST, GONE);
}

/* A sector that is worn, a page that lies: told, whichever answer tells it. */
static void test_flash_fails_and_answer_is_lost(void **state)
{
	static const char *const dies[] = { "worn=op:1", "lie=op:3", "worn=op:70", "lie=op:147" };
	static const enum how hows[] = { FINE, ANSWER_LOST, DAMAGED, SILENT, GONE };

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		for (size_t k = 0; k < sizeof(dies) / sizeof(dies[0]); k++) {
			struct run run = runs[i];
			unsigned struck;

			run.die = dies[k];
			run.job = run.kind < WRITE;
			for (size_t h = 0; h < sizeof(hows) / sizeof(hows[0]); h++) {
				for (unsigned n = 1; n <= QUESTIONS; n += 1 + test_every()) {
					const struct faults plan = { .how = { hows[h] },
								     .nth = { n } };

					(void)try(&run, &plan, &struck);
				}
			}
		}
	}
}

/* Of a session that is lost for good every call says so, and that it has touched nothing. */
static void test_calls_after_the_port_is_gone(void **state)
{
	const struct run run = runs[0];

	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		struct faults silent = { .how = { SILENT } };
		uint8_t md5[FAR_MD5_LEN];
		struct far_flash *f;
		uint32_t word;
		struct rig r;

		open_chip(&r, &run);
		f = &r.esp.flash;
		if (!stub) {
			assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
			assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		}
		r.line.tap = tap;
		r.line.tap_ctx = &silent;
		assert_int_equal(far_flash_digest(f, AT, LEN, md5), FAR_ERR_TIMEOUT);
		r.line.tap = NULL;
		r.line.gone = true;
		for (int kind = PLAIN; kind <= ERASE; kind++) {
			const struct run one = { (enum kind)kind, "", AT, LEN - 0x1000, false };
			uint32_t told[2];

			assert_int_equal(carry_out(&r, &one, told), FAR_ERR_IO);
			assert_int_equal(told[0], told[1]);
		}
		assert_int_equal(far_flash_digest(f, AT, LEN, md5), FAR_ERR_IO);
		assert_int_equal(far_esp_read_reg(&r.esp, 0x40001000, &word), FAR_ERR_IO);
		assert_int_equal(far_esp_write_reg(&r.esp, 0x60000000, 0, 0), FAR_ERR_IO);
		assert_int_equal(far_esp_read_revision(&r.esp, &word), FAR_ERR_IO);
		assert_int_equal(far_esp_read_mac(&r.esp, md5), FAR_ERR_IO);
		assert_int_equal(far_esp_set_encrypt(&r.esp, 1), FAR_ERR_IO);
		assert_int_equal(far_esp_read_status(&r.esp, 1, &word), FAR_ERR_IO);
		assert_int_equal(far_esp_write_status(&r.esp, 1, 0, 1), FAR_ERR_IO);
		rig_close(&r);
	}
}

int main(void)
{
	rig_fill(image, LEN, 51);
	memset(image + LEN / 2, 0x5A, LEN / 4);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_lost),
		cmocka_unit_test(test_questions_lost),
		cmocka_unit_test(test_line_breaks_in_doubt),
		cmocka_unit_test(test_flash_fails_and_answer_is_lost),
		cmocka_unit_test(test_calls_after_the_port_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
