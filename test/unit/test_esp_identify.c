/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which chip it is, and at which rate it can be talked to, whatever happens to one answer or
 * question: on the way to a flash no single fault makes another chip of this one.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/session.h"
#include "test/common/every.h"
#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

enum { SIZE = 0x100000, SECURITY = 0x14, READ_REG = 0x0A, ID_AT = 8 + 12 };

static void open_chip(struct rig *r, enum far_esp_chip chip)
{
	const char *from = far_esp_chip_name(chip);
	char name[16] = "";

	for (size_t n = 0; *from != '\0'; from++) {
		if (*from != '-')
			name[n++] = (char)tolower((unsigned char)*from);
	}
	rig_open_chip(r, (struct far_sim_esp_config){ .chip = name, .any_stub = true }, SIZE);
	assert_int_equal(far_esp_init(&r->esp, &r->config), FAR_OK);
}

/* Turns bits over in the id of one of the answers to GET_SECURITY_INFO, or in the ROM's word. */
struct turner {
	unsigned answer, answers; /* which one; how many came */
	uint32_t flip;
	uint32_t flip_word; /* in the first answer to READ_REG */
	uint32_t flip_flags;
	unsigned words;
	unsigned at; /* of this frame: bytes so far, before unescaping: none of these need it */
	uint8_t op;
};

/* This byte of a word that begins at offset from. */
static uint8_t part(uint32_t flip, unsigned at, unsigned from)
{
	return at >= from && at < from + 4 ? (uint8_t)(flip >> 8 * (at - from)) : 0;
}

static size_t turn(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t out[4], uint64_t *delay_ns)
{
	struct turner *t = ctx;

	(void)delay_ns;
	out[0] = in;
	if (dir != FAR_SIM_TO_HOST)
		return 1;
	if (in == 0xC0) {
		t->answers += t->op == SECURITY && t->at > ID_AT;
		t->words += t->op == READ_REG && t->at > 8;
		t->at = 0;
		t->op = 0;
		return 1;
	}
	if (t->at == 1)
		t->op = in;
	if (t->op == SECURITY && t->answers == t->answer)
		out[0] ^= part(t->flip, t->at, ID_AT) ^ part(t->flip_flags, t->at, 8);
	if (t->op == READ_REG && t->words == 0)
		out[0] ^= part(t->flip_word, t->at, 4);
	t->at++;
	return 1;
}

static const struct far_esp_stub *find_none(void *ctx, enum far_esp_chip chip, uint32_t revision)
{
	(void)ctx;
	(void)chip;
	(void)revision;
	return NULL;
}

static const struct far_esp_stub_finder no_stub = { find_none, NULL };

/*
 * The right chip, without fuses, after so many answers about them. Returns the ROM's word as told.
 */
static uint32_t identify_with(enum far_esp_chip chip, struct turner t, unsigned answers)
{
	uint32_t word;
	struct rig r;

	open_chip(&r, chip);
	assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &no_stub), FAR_OK);
	r.line.tap = turn;
	r.line.tap_ctx = &t;
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(r.esp.chip, chip);
	assert_int_equal(r.esp.security, 0);
	if (t.answers != answers)
		fail_msg("%s: %u answers instead of %u", far_esp_chip_name(chip), t.answers,
			 answers);
	word = r.esp.magic;
	rig_close(&r);
	return word;
}

/* Each bit of the id, in the first answer and in the second. 5 and 13 are one bit apart. */
static void test_damaged_id(void **state)
{
	(void)state;
	for (enum far_esp_chip chip = FAR_ESP_32S3; chip < FAR_ESP_CHIPS; chip++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct turner t = { .flip = 1u << bit };

			/* The ROM's word contradicts it. */
			identify_with(chip, t, 2);
			/* The ROM is of an unknown revision: two answers have to agree. */
			t.flip_word = 0x5A5A5A5A;
			identify_with(chip, t, 3);
			t.answer = 1;
			identify_with(chip, t, 4);
		}
	}
}

/* A word that is known makes one sound answer enough; damaged in whichever bit it costs another. */
static void test_damaged_word(void **state)
{
	(void)state;
	for (enum far_esp_chip chip = FAR_ESP_32S3; chip < FAR_ESP_CHIPS; chip++) {
		uint32_t word = identify_with(chip, (struct turner){ 0 }, 1);

		for (unsigned bit = 0; bit < 32; bit++) {
			struct turner t = { .flip_word = 1u << bit };
			uint8_t becomes = (uint8_t)((word ^ t.flip_word) >> bit / 8 * 8);

			/*
			 * What ends the frame, or escapes in it, spoils the answer: it is asked for
			 * again.
			 */
			identify_with(chip, t, becomes == 0xC0 || becomes == 0xDB ? 1 : 2);
		}
	}
}

/* Fuses that a damaged answer makes up are not believed. */
static void test_damaged_flags(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 32; bit++)
		identify_with(FAR_ESP_32C6, (struct turner){ .flip_flags = 1u << bit }, 2);
}

/*
 * No known word of one chip is nearer to one of another than three bits: no single fault leads
 * there.
 */
static void test_words_far_apart(void **state)
{
	unsigned chips = 0;

	(void)state;
	for (const struct far_esp_word *a = far_esp_words; a->word != 0; a++) {
		for (const struct far_esp_word *b = far_esp_words; b != a; b++)
			assert_true(a->chip == b->chip ||
				    __builtin_popcount(a->word ^ b->word) >= 3);
		assert_true(a->chip >= FAR_ESP_32S2 && a->chip < FAR_ESP_CHIPS);
		chips |= 1u << a->chip;
	}
	/* One at least of every chip from the ESP32-S2 on. */
	assert_int_equal(chips, (1u << FAR_ESP_CHIPS) - (1u << FAR_ESP_32S2));
}

/* Takes bit 28 out of every CMD that the short way writes: as if the controller did not have it. */
struct taker {
	unsigned at, taken;
	uint8_t op, size;
};

static size_t take(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t out[4], uint64_t *delay_ns)
{
	enum { WRITE_REG = 0x09, THREE = 3 * 16, VALUE_TOP = 8 + 16 + 4 + 3 };
	struct taker *t = ctx;

	(void)delay_ns;
	out[0] = in;
	if (dir != FAR_SIM_TO_CHIP)
		return 1;
	if (in == 0xC0) {
		t->at = 0;
		return 1;
	}
	if (t->at == 1)
		t->op = in;
	if (t->at == 2)
		t->size = in;
	if (t->op == WRITE_REG && t->size == THREE && t->at == VALUE_TOP) {
		assert_int_equal(in, 0x10);
		out[0] = 0;
		t->taken++;
	}
	t->at++;
	return 1;
}

/* The flash is found all the same, by the long way. */
static void test_without_its_own_bit(void **state)
{
	(void)state;
	for (enum far_esp_chip chip = FAR_ESP_8266; chip < FAR_ESP_CHIPS; chip++) {
		struct taker t = { 0 };
		struct rig r;

		open_chip(&r, chip);
		assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &no_stub), FAR_OK);
		r.line.tap = take;
		r.line.tap_ctx = &t;
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(r.esp.flash.info.size, SIZE);
		assert_int_equal(t.taken, chip != FAR_ESP_8266);
		rig_close(&r);
	}
}

/* A session with one fault in it: the right chip and a flash of the right size, or an error. */
static void connect_with(enum far_esp_chip chip, struct rig_plan plan, int with_stub,
			 unsigned *good)
{
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
	struct rig r;
	int rc;

	open_chip(&r, chip);
	r.config.baud = 921600;
	if (with_stub) {
		r.config.block = block;
		r.config.block_len = sizeof(block);
		assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &finder), FAR_OK);
	} else {
		assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	}
	rig_arm(&r, plan);
	rc = far_esp_connect(&r.esp);
	assert_true(r.clock.now_ns < 90ull * 1000000000);
	rig_arm(&r, (struct rig_plan){ 0 });
	if (rc == FAR_OK) {
		assert_int_equal(r.esp.chip, chip);
		*good += r.esp.flash.info.size == SIZE && r.esp.loader == with_stub;
		/* The flash's answer has no checksum: its size may be unknown now. */
		if (r.esp.flash.info.size == 0)
			assert_int_equal(far_esp_set_flash_size(&r.esp, SIZE), FAR_OK);
		/* Whatever rate it is, they understand each other. */
		assert_int_equal(rig_replace(&r, 0x1000, (const uint8_t *)"12345678", 8, 0, 0),
				 FAR_OK);
		assert_memory_equal(rig_memory(&r) + 0x1000, "12345678", 8);
	}
	rig_close(&r);
}

/* Bytes of one undisturbed connect, each way, but for the bulk of a stub. */
enum { TO_CHIP = 700, TO_HOST = 800 };

static void sweep(enum far_esp_chip chip, int with_stub)
{
	unsigned good = 0, all = 0, every = 3 * (unsigned)test_every();

	for (int fault = RIG_DROP; fault <= RIG_DOUBLE; fault++) {
		for (unsigned i = 0; i < TO_CHIP + TO_HOST; i += every) {
			struct rig_plan plan = { .fault = (enum rig_fault)fault,
						 .dir = i < TO_CHIP ? FAR_SIM_TO_CHIP
								    : FAR_SIM_TO_HOST,
						 .at = i < TO_CHIP ? i : i - TO_CHIP,
						 .flip = (uint8_t)(1u << i % 8) };

			connect_with(chip, plan, with_stub, &good);
			all++;
		}
	}
	assert_true(good > all * 95 / 100);
}

static void test_rom(void **state)
{
	(void)state;
	sweep(FAR_ESP_32C6, 0);
	sweep(FAR_ESP_32, 0);
}

static void test_by_stub(void **state)
{
	(void)state;
	sweep(FAR_ESP_32C6, 1);
	sweep(FAR_ESP_8266, 1);
}

/* The first command at the new rate, by which it is proved, is lost: all goes on at that rate. */
static void test_first_at_new_rate(void **state)
{
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
	uint64_t before;
	struct rig r;

	(void)state;
	/* Up to the rate: what a session without a stub, and without more, would send. */
	open_chip(&r, FAR_ESP_32C6);
	rig_arm(&r, (struct rig_plan){ 0 });
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_set_baud(&r.esp, 921600), FAR_OK);
	rig_close(&r);
	/* SYNC 46, READ_REG 14, GET_SECURITY_INFO 10, CHANGE_BAUDRATE 18, with their delimiters. */
	before = 46 + 14 + 10 + 18;
	for (unsigned at = 0; at < 26; at++) {
		open_chip(&r, FAR_ESP_32C6);
		r.config.baud = 921600;
		r.config.block = block;
		r.config.block_len = sizeof(block);
		assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &finder), FAR_OK);
		rig_arm(&r, (struct rig_plan){
				    .fault = RIG_DROP, .dir = FAR_SIM_TO_CHIP, .at = before + at });
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(r.plan.done, 1);
		assert_int_equal(r.esp.loader, FAR_ESP_STUB);
		assert_int_equal(r.line.stream.baud, 921600);
		assert_true(r.esp.resyncs + r.esp.retries > 0);
		rig_close(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_id),
		cmocka_unit_test(test_damaged_word),
		cmocka_unit_test(test_damaged_flags),
		cmocka_unit_test(test_words_far_apart),
		cmocka_unit_test(test_without_its_own_bit),
		cmocka_unit_test(test_rom),
		cmocka_unit_test(test_by_stub),
		cmocka_unit_test(test_first_at_new_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
