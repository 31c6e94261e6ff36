/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs for the chip's RAM: each arrives whole at its place on every chip and with a fault at
 * every byte, or the call fails; what is refused, and that the flash stays as it was.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "device/esp/ram.h"
#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

enum { LEN = 0x1C00, SIZE = 64 * 1024 };

static uint8_t program[LEN];

/* Code of every chip may go where its stub does. */
static struct far_esp_segment segment_of(enum far_esp_chip chip)
{
	return (struct far_esp_segment){ test_stub(chip)->text.addr, LEN, program };
}

static void connected(struct rig *r, const char *chip)
{
	rig_open_chip(r, (struct far_sim_esp_config){ .chip = chip }, SIZE);
	assert_int_equal(far_esp_init(&r->esp, &r->config), FAR_OK);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
}

/* Are these words of it in the RAM? The line is a good one again. */
static int is_there(struct rig *r, const struct far_esp_segment *s)
{
	static const uint32_t offsets[] = { 0, 4, 0x400, 0x17FC, 0x1800, 0x1804, LEN - 4 };
	uint32_t value;

	for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		if (far_esp_read_reg(&r->esp, s->addr + offsets[i], &value) != FAR_OK ||
		    value != far_get_le32(s->bytes + offsets[i]))
			return 0;
	}
	return 1;
}

static void assert_flash_untouched(const struct rig *r)
{
	for (uint32_t i = 0; i < SIZE; i++)
		assert_int_equal(rig_memory(r)[i], 0xFF);
}

static void test_every_chip(void **state)
{
	(void)state;
	for (enum far_esp_chip chip = FAR_ESP_UNKNOWN + 1; chip < FAR_ESP_CHIPS; chip++) {
		struct far_esp_segment s = segment_of(chip);
		const char *from = far_esp_chip_name(chip);
		char name[16] = "";
		struct rig r;

		for (size_t n = 0; *from != '\0'; from++) {
			if (*from != '-')
				name[n++] = (char)tolower((unsigned char)*from);
		}
		connected(&r, name);
		assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_OK);
		assert_true(is_there(&r, &s));
		assert_int_equal(r.esp.retries, 0);
		/* The vendor's stub would be recognised by its entry: this is a program. */
		assert_int_equal(far_esp_ram_run(&r.esp, s.addr + LEN - 4), FAR_OK);
		r.clock.clock.ops->sleep_ms(&r.clock.clock, 10);
		assert_string_not_equal(far_sim_esp_mode(r.chip), "rom");
		/* Over: nothing goes on by itself, for what was loaded is gone after a reset. */
		assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_STATE);
		assert_int_equal(far_esp_ram_run(&r.esp, s.addr), FAR_ERR_STATE);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_OK);
		assert_flash_untouched(&r);
		rig_close(&r);
	}
}

/*
 * Where the program is not taken for a stub, it runs, and says what it has to say at the old rate.
 */
static void test_program_speaks(void **state)
{
	static const char text[] = "hello";
	struct far_esp_segment s = { 0x3FFB0000, 64, program };
	struct far_esp_segment code = { 0x40080400, LEN, program };
	char heard[64] = "";
	struct rig r;

	(void)state;
	rig_open_chip(&r, (struct far_sim_esp_config){ .chip = "esp32", .app_text = text }, SIZE);
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_OK);
	assert_int_equal(far_esp_ram_write(&r.esp, &code), FAR_OK);
	assert_int_equal(far_esp_ram_run(&r.esp, 0x40080404), FAR_OK);
	assert_string_equal(far_sim_esp_mode(r.chip), "app");
	for (size_t n = 0; n < sizeof(text) - 1;) {
		int got = r.line.stream.ops->read(&r.line.stream, (uint8_t *)heard + n,
						  sizeof(heard) - 1 - n, 500);

		assert_true(got > 0);
		n += (size_t)got;
	}
	assert_string_equal(heard, text);
	rig_close(&r);
}

/* One fault at every byte, in both directions: all there, or an error. */
static unsigned sweep(enum rig_fault fault, enum far_sim_dir dir, uint64_t bytes, uint64_t stride)
{
	struct far_esp_segment s = segment_of(FAR_ESP_32C6);
	unsigned good = 0;

	for (uint64_t at = 0; at < bytes; at++) {
		struct rig r;
		int rc;

		/* Densely where requests, heads and ends of blocks are. */
		if (at % stride != 0 && at > 60 && at % 0x1800 > 60)
			continue;
		connected(&r, "esp32c6");
		rig_arm(&r, (struct rig_plan){ .fault = fault,
					       .dir = dir,
					       .at = at,
					       .flip = (uint8_t)(1u << at % 8) });
		rc = far_esp_ram_write(&r.esp, &s);
		assert_int_equal(r.plan.done, 1);
		if (rc == FAR_OK)
			assert_true(is_there(&r, &s));
		else
			assert_int_equal(rc, FAR_ERR_VERIFY);
		good += rc == FAR_OK;
		assert_true(r.clock.now_ns < 60ull * 1000000000);
		assert_flash_untouched(&r);
		rig_close(&r);
	}
	return good;
}

static void test_faults(void **state)
{
	struct far_esp_segment s = segment_of(FAR_ESP_32C6);
	uint64_t bytes[2];
	struct rig r;

	(void)state;
	connected(&r, "esp32c6");
	rig_arm(&r, (struct rig_plan){ 0 });
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_OK);
	memcpy(bytes, r.plan.seen, sizeof(bytes));
	rig_close(&r);
	for (int fault = RIG_DROP; fault <= RIG_DOUBLE; fault++) {
		assert_true(sweep((enum rig_fault)fault, FAR_SIM_TO_CHIP, bytes[0], 173) > 100);
		assert_true(sweep((enum rig_fault)fault, FAR_SIM_TO_HOST, bytes[1], 1) > 50);
	}
}

/*
 * A request that the line has turned into one for another place is noticed by the words read back.
 */
static void test_astray(void **state)
{
	struct far_esp_segment s = segment_of(FAR_ESP_32C6);
	unsigned noticed = 0;

	(void)state;
	/*
	 * C0, header of 8 bytes, three words, then the address; its second byte: 256 to 32 KiB off.
	 */
	for (unsigned bit = 0; bit < 7; bit++) {
		struct rig r;

		connected(&r, "esp32c6");
		rig_arm(&r, (struct rig_plan){ .fault = RIG_CORRUPT,
					       .dir = FAR_SIM_TO_CHIP,
					       .at = 1 + 8 + 12 + 1,
					       .flip = (uint8_t)(1u << bit) });
		if (far_esp_ram_write(&r.esp, &s) == FAR_ERR_VERIFY) {
			assert_int_equal(r.esp.flash.fault.addr, s.addr);
			noticed++;
		}
		/* The line is good again: so is the next one. */
		assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_OK);
		assert_true(is_there(&r, &s));
		rig_close(&r);
	}
	assert_int_equal(noticed, 7);
}

/*
 * The jump: a damaged answer changes nothing, the program runs. A damaged request, which has no
 * checksum, may be one to stay, or to jump elsewhere; then the ROM's answer is as good as any.
 */
static void test_jump_faults(void **state)
{
	unsigned run = 0;

	(void)state;
	for (int fault = RIG_DROP; fault <= RIG_DOUBLE; fault++) {
		for (unsigned i = 0; i < 2 * 16; i++) {
			struct far_esp_segment s = { 0x40080400, 64, program };
			struct rig r;
			int rc;

			connected(&r, "esp32");
			assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_OK);
			rig_arm(&r, (struct rig_plan){ .fault = (enum rig_fault)fault,
						       .dir = (enum far_sim_dir)(i % 2),
						       .at = i / 2,
						       .flip = (uint8_t)(1u << i / 2 % 8) });
			rc = far_esp_ram_run(&r.esp, 0x40080410);
			assert_true(r.clock.now_ns < 60ull * 1000000000);
			r.clock.clock.ops->sleep_ms(&r.clock.clock, 10);
			if (i % 2 == FAR_SIM_TO_HOST)
				assert_string_equal(far_sim_esp_mode(r.chip), "app");
			run += rc == FAR_OK && strcmp(far_sim_esp_mode(r.chip), "app") == 0;
			if (rc != FAR_OK)
				assert_true(rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_REFUSED);
			if (rc == FAR_ERR_REFUSED)
				assert_string_equal(far_sim_esp_mode(r.chip), "rom");
			rig_close(&r);
		}
	}
	assert_true(run > 24);
}

static void test_refusals(void **state)
{
	struct far_esp_segment good = segment_of(FAR_ESP_32);
	struct far_esp_segment s;
	struct rig r;

	(void)state;
	rig_open(&r, "esp32", SIZE);
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_ram_write(&r.esp, &good), FAR_ERR_STATE);
	assert_int_equal(far_esp_ram_run(&r.esp, good.addr), FAR_ERR_STATE);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	s = (struct far_esp_segment){ good.addr + 2, 64, program };
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_ALIGN);
	s = (struct far_esp_segment){ good.addr, 63, program };
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_ALIGN);
	s = (struct far_esp_segment){ good.addr, 0, program };
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_ARG);
	s = (struct far_esp_segment){ good.addr, 64, NULL };
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_ARG);
	s = (struct far_esp_segment){ 0xFFFFFFF0, 0x20, program };
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_ARG);
	/* No RAM, and more than there is of it. */
	s = (struct far_esp_segment){ 0x40001000, 64, program };
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_REFUSED);
	assert_int_equal(r.esp.flash.fault.addr, 0x40001000);
	assert_int_equal(r.esp.flash.fault.peer_code, 0x0F);
	s = (struct far_esp_segment){ 0x400C1F00, LEN, program };
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_REFUSED);
	assert_int_equal(r.esp.flash.fault.peer_code, 0x0E);
	assert_int_equal(r.esp.flash.fault.touched_len, 0);
	assert_int_equal(far_esp_ram_write(&r.esp, &good), FAR_OK);
	rig_close(&r);
}

/* Chips whose ROM runs nothing, and one where a stub lies in the way. */
static void test_not_here(void **state)
{
	static const struct far_sim_esp_config chips[] = {
		{ .chip = "esp32c3", .secure_download = true },
		{ .chip = "esp32s3", .secure_boot = true },
	};
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
	struct far_esp_segment s = segment_of(FAR_ESP_32S3);
	struct rig r;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		rig_open_chip(&r, chips[i], SIZE);
		assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_NOTSUP);
		assert_int_equal(far_esp_ram_run(&r.esp, s.addr), FAR_ERR_NOTSUP);
		rig_close(&r);
	}
	rig_open_chip(&r, (struct far_sim_esp_config){ .chip = "esp32s3", .any_stub = true }, SIZE);
	r.config.block = block;
	r.config.block_len = sizeof(block);
	assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &finder), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_BUSY);
	assert_int_equal(far_esp_ram_run(&r.esp, s.addr), FAR_ERR_BUSY);
	rig_close(&r);
}

/*
 * A chip that is reset in between has lost its RAM: the next call does not go on as if it had not.
 */
static void test_reset_between(void **state)
{
	struct far_esp_segment s = segment_of(FAR_ESP_32C6);
	struct rig r;
	int rc;

	(void)state;
	connected(&r, "esp32c6");
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_OK);
	far_sim_esp_lines(r.chip, r.clock.now_ns, false, true);
	far_sim_esp_lines(r.chip, r.clock.now_ns + 1000, false, false);
	r.clock.clock.ops->sleep_ms(&r.clock.clock, 10);
	rc = far_esp_ram_run(&r.esp, s.addr);
	assert_true(rc == FAR_ERR_TIMEOUT);
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_ERR_STATE);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_ram_write(&r.esp, &s), FAR_OK);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_chip),  cmocka_unit_test(test_program_speaks),
		cmocka_unit_test(test_faults),      cmocka_unit_test(test_astray),
		cmocka_unit_test(test_jump_faults), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_not_here),    cmocka_unit_test(test_reset_between),
	};

	rig_fill(program, sizeof(program), 41);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
