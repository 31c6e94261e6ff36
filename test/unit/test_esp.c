/* SPDX-License-Identifier: Apache-2.0 */
/* device/esp against virtual chips on an undisturbed line: every call does what its header says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/md5.h"
#include "device/esp/session.h" /* to put a stub on the chip, as other tools do */
#include "test/common/esp_rig.h"

#define MIB 0x100000u

static const char *const chips[] = { "esp8266", "esp32", "esp32s2" };
static const enum far_esp_chip kinds[] = { FAR_ESP_8266, FAR_ESP_32, FAR_ESP_32S2 };

enum { CHIPS = 3 };

static uint8_t image[0x30000];
static uint8_t back[0x30000];

static void connected(struct rig *r, const char *chip, uint32_t size)
{
	rig_open(r, chip, size);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
}

static void test_connect_tells_chip_mac_and_flash(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CHIPS; i++) {
		struct rig r;
		uint8_t mac[6], again[6];

		connected(&r, chips[i], 4 * MIB);
		assert_int_equal(r.esp.chip, kinds[i]);
		assert_int_equal(r.esp.flash.info.size, 4 * MIB);
		assert_int_equal(r.esp.flash_id, 0x1640EF);
		assert_int_equal(far_esp_read_mac(&r.esp, mac), FAR_OK);
		assert_int_equal(far_esp_read_mac(&r.esp, again), FAR_OK);
		assert_memory_equal(mac, again, 6);
		assert_int_equal(r.esp.retries, 0);
		rig_close(&r);
	}
}

static void test_mac_is_the_chips(void **state)
{
	static const uint8_t mine[6] = { 0x24, 0x0A, 0xC4, 0x12, 0x34, 0x56 };

	(void)state;
	for (unsigned i = 0; i < CHIPS; i++) {
		const struct far_sim_nor_config nor = { .size = MIB };
		struct far_sim_esp_config config = { .chip = chips[i] };
		struct rig r;
		uint8_t mac[6];

		rig_open(&r, chips[i], MIB);
		far_sim_line_free(&r.line);
		far_sim_esp_free(r.chip);
		far_sim_nor_free(r.nor);
		r.nor = far_sim_nor_new(&nor);
		config.nor = r.nor;
		memcpy(config.mac, mine, 6);
		r.chip = far_sim_esp_new(&config);
		assert_int_equal(far_sim_line_init(&r.line, &r.clock, r.chip), FAR_OK);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(far_esp_read_mac(&r.esp, mac), FAR_OK);
		assert_memory_equal(mac, mine, 6);
		rig_close(&r);
	}
}

static void test_flash_sizes(void **state)
{
	(void)state;
	for (uint32_t size = 0x40000; size <= 16 * MIB; size *= 2) {
		struct rig r;

		connected(&r, "esp32", size);
		assert_int_equal(r.esp.flash.info.size, size);
		rig_close(&r);
	}
}

/* All else must be as it was: erased, but for the sectors of the range. */
static void assert_only(const struct rig *r, uint32_t addr, const uint8_t *data, uint32_t len)
{
	const uint8_t *memory = rig_memory(r);
	uint32_t size = far_sim_nor_size(r->nor);

	assert_memory_equal(memory + addr, data, len);
	for (uint32_t i = 0; i < size; i++) {
		if (i < addr || i >= addr + len)
			assert_int_equal(memory[i], 0xFF);
	}
}

static void test_replace_any_length(void **state)
{
	static const uint32_t lengths[] = { 1,    2,     3,           5,       1023,   1024,
					    1025, 4095,  4096,        4097,    6143,   6144,
					    6145, 12288, 0x10000 - 1, 0x10001, 0x20003 };

	(void)state;
	rig_fill(image, sizeof(image), 1);
	for (unsigned c = 0; c < CHIPS; c++) {
		for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			struct rig r;
			int packed = kinds[c] != FAR_ESP_8266 && i % 2 == 1;

			connected(&r, chips[c], MIB);
			assert_int_equal(
				rig_replace(&r, 0x3000, image, lengths[i], 1000 + 77 * i, packed),
				FAR_OK);
			assert_only(&r, 0x3000, image, lengths[i]);
			assert_int_equal(r.esp.retries, 0);
			rig_close(&r);
		}
	}
}

static void test_replace_to_the_last_byte(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 2);
	for (unsigned c = 0; c < CHIPS; c++) {
		struct rig r;

		connected(&r, chips[c], MIB);
		assert_int_equal(rig_replace(&r, MIB - 0x5000, image, 0x5000, 0, 0), FAR_OK);
		assert_only(&r, MIB - 0x5000, image, 0x5000);
		rig_close(&r);
	}
}

/* The smallest buffer an MCU may give. */
static void test_small_block_buffer(void **state)
{
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 3);
	for (unsigned c = 0; c < CHIPS; c++) {
		rig_open(&r, chips[c], MIB);
		r.config.block_len = FAR_ESP_BLOCK_MIN;
		assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(rig_replace(&r, 0x1000, image, 5555, 100, 0), FAR_OK);
		assert_only(&r, 0x1000, image, 5555);
		/* The middle of a sector: blank blocks lead up to it. */
		assert_int_equal(far_flash_write(&r.esp.flash, 0x8C07, image, 0x1001), FAR_OK);
		assert_memory_equal(rig_memory(&r) + 0x8C07, image, 0x1001);
		rig_close(&r);
	}
}

static void test_write_clears_bits_only_where_asked(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 4);
	for (unsigned c = 0; c < CHIPS; c++) {
		struct rig r;
		uint8_t expected[0x4000];
		uint32_t seed = 7;

		connected(&r, chips[c], MIB);
		assert_int_equal(rig_replace(&r, 0, image, sizeof(expected), 0, 0), FAR_OK);
		memcpy(expected, image, sizeof(expected));
		for (unsigned i = 0; i < 20; i++) {
			uint32_t addr = rig_random(&seed) % 0x3000;
			uint32_t len = 1 + rig_random(&seed) % 0x1000;

			rig_fill(back, len, i);
			for (uint32_t j = 0; j < len; j++)
				expected[addr + j] &= back[j];
			assert_int_equal(far_flash_write(&r.esp.flash, addr, back, len), FAR_OK);
			assert_memory_equal(rig_memory(&r), expected, sizeof(expected));
		}
		rig_close(&r);
	}
}

/*
 * Every start and count around a 64 KiB line; the ESP8266's ROM erases too much if asked plainly.
 */
static void test_erase_is_exact(void **state)
{
	static const uint32_t starts[] = { 0, 1, 7, 14, 15, 16, 17, 31 };
	static const uint32_t counts[] = { 1, 2, 3, 4, 5, 15, 16, 17, 18, 31, 32, 33 };

	(void)state;
	memset(image, 0, sizeof(image));
	for (unsigned c = 0; c < CHIPS; c++) {
		for (unsigned s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
			for (unsigned n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
				const uint32_t addr = starts[s] * 0x1000, len = counts[n] * 0x1000;
				uint8_t *memory = calloc(1, MIB);
				const struct far_sim_nor_config nor = { .size = MIB,
									.memory = memory };
				struct far_sim_esp_config config = { .chip = chips[c] };
				struct rig r;

				rig_open(&r, chips[c], MIB);
				far_sim_line_free(&r.line);
				far_sim_esp_free(r.chip);
				far_sim_nor_free(r.nor);
				r.nor = far_sim_nor_new(&nor);
				config.nor = r.nor;
				r.chip = far_sim_esp_new(&config);
				assert_int_equal(far_sim_line_init(&r.line, &r.clock, r.chip),
						 FAR_OK);
				assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
				assert_int_equal(far_flash_erase(&r.esp.flash, addr, len), FAR_OK);
				for (uint32_t i = 0; i < MIB; i += 0x800) {
					int inside = i >= addr && i < addr + len;

					assert_int_equal(memory[i], inside ? 0xFF : 0);
				}
				rig_close(&r);
				free(memory);
			}
		}
	}
}

static void test_read_and_digest(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 5);
	for (unsigned c = 0; c < CHIPS; c++) {
		struct far_md5 sum;
		uint8_t here[16], there[16];
		struct rig r;
		int able = kinds[c] != FAR_ESP_8266;

		connected(&r, chips[c], MIB);
		assert_int_equal(rig_replace(&r, 0x10000, image, 0x4567, 0, 0), FAR_OK);
		assert_int_equal(far_flash_read(&r.esp.flash, 0x10003, back, 0x3001),
				 able ? FAR_OK : FAR_ERR_NOTSUP);
		assert_int_equal(far_flash_digest(&r.esp.flash, 0x10001, 0x4001, there),
				 able ? FAR_OK : FAR_ERR_NOTSUP);
		if (able) {
			assert_memory_equal(back, image + 3, 0x3001);
			far_md5_init(&sum);
			far_md5_update(&sum, image + 1, 0x4001);
			far_md5_final(&sum, here);
			assert_memory_equal(here, there, 16);
		}
		rig_close(&r);
	}
}

static void test_rate_change(void **state)
{
	static const uint32_t rates[] = { 230400, 460800, 921600, 2000000 };

	(void)state;
	rig_fill(image, sizeof(image), 6);
	for (unsigned c = 0; c < CHIPS; c++) {
		for (unsigned i = 0; i < 4; i++) {
			struct rig r;
			int able = kinds[c] != FAR_ESP_8266;

			connected(&r, chips[c], MIB);
			assert_int_equal(far_esp_set_baud(&r.esp, rates[i]),
					 able ? FAR_OK : FAR_ERR_NOTSUP);
			assert_int_equal(r.line.stream.baud, able ? rates[i] : 115200);
			assert_int_equal(rig_replace(&r, 0x1000, image, 0x2345, 0, 0), FAR_OK);
			assert_only(&r, 0x1000, image, 0x2345);
			assert_int_equal(r.esp.resyncs, 0);
			rig_close(&r);
		}
	}
}

/* A line that cannot carry the new rate: back to the old one, and the session is good. */
static void test_rate_too_high_for_the_line(void **state)
{
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 7);
	connected(&r, "esp32", MIB);
	r.line.max_baud = 500000;
	assert_int_equal(far_esp_set_baud(&r.esp, 921600), FAR_ERR_TIMEOUT);
	assert_int_equal(r.line.stream.baud, 115200);
	assert_int_equal(rig_replace(&r, 0, image, 10000, 0, 1), FAR_OK);
	assert_only(&r, 0, image, 10000);
	rig_close(&r);
}

static void test_expected_chip(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, "esp32", MIB);
	r.config.expect = FAR_ESP_32S2;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_VERIFY);
	assert_int_equal(r.esp.chip, FAR_ESP_32);
	assert_int_equal(r.esp.flash.fault.err, FAR_ERR_VERIFY);
	assert_int_equal(r.esp.flash.fault.op, FAR_FLASH_OP_SESSION);
	assert_int_equal(far_flash_erase(&r.esp.flash, 0, 0x1000), FAR_ERR_RANGE);
	rig_close(&r);
}

static void test_nobody_there_ends_in_bounded_time(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, "esp32", MIB);
	rig_arm(&r, (struct rig_plan){ 0 });
	r.line.max_baud = 1; /* every byte is garbage */
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_TIMEOUT);
	assert_true(r.clock.now_ns < 30ull * 1000000000);
	r.line.max_baud = 0;
	r.line.gone = true;
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_IO);
	rig_close(&r);
}

static void test_leave_boots_the_program(void **state)
{
	struct rig r;

	(void)state;
	connected(&r, "esp32", MIB);
	memset(image, 0, 0x1000);
	image[0] = 0xE9; /* an image of one empty segment, where the ROM looks for its bootloader */
	image[1] = 1;
	image[47] = 0xEF;
	assert_int_equal(
		rig_replace(&r, far_esp_bootloader_offset(FAR_ESP_32), image, 0x1000, 0, 0),
		FAR_OK);
	assert_int_equal(far_esp_leave(&r.esp), FAR_OK);
	r.clock.clock.ops->sleep_ms(&r.clock.clock, 100);
	(void)r.line.stream.ops->read(&r.line.stream, back, 1, 500);
	assert_string_equal(far_sim_esp_mode(r.chip), "app");
	assert_int_equal(far_flash_erase(&r.esp.flash, 0, 0x1000), FAR_ERR_RANGE);
	rig_close(&r);
}

/* A chip that is reset behind our back is found, and the next call connects again. */
static void test_reset_mid_session(void **state)
{
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 8);
	connected(&r, "esp32", MIB);
	assert_int_equal(far_esp_set_baud(&r.esp, 460800), FAR_OK);
	assert_int_equal(far_flash_replace_begin(&r.esp.flash, 0x4000, 0x8000, 0), FAR_OK);
	assert_int_equal(far_flash_replace_write(&r.esp.flash, image, 0x2000), FAR_OK);
	far_sim_esp_lines(r.chip, r.clock.now_ns, false, true);
	r.clock.clock.ops->sleep_ms(&r.clock.clock, 10);
	far_sim_esp_lines(r.chip, r.clock.now_ns, false, false);
	assert_int_not_equal(far_flash_replace_write(&r.esp.flash, image + 0x2000, 0x6000), FAR_OK);
	assert_int_equal(r.esp.flash.fault.touched_addr, 0x4000);
	assert_int_equal(r.esp.flash.fault.touched_len, 0x8000);
	assert_int_equal(rig_replace(&r, 0x4000, image, 0x8000, 0, 0), FAR_OK);
	assert_only(&r, 0x4000, image, 0x8000);
	assert_int_equal(r.line.stream.baud, 460800);
	rig_close(&r);
}

/* A board without modem lines resets its chip by a pin of its own. */
static int reset_by_pin(void *ctx, enum far_esp_reset how, unsigned attempt)
{
	struct rig *r = ctx;
	struct far_clock *clock = &r->clock.clock;

	assert_int_equal(attempt, 0);
	far_sim_esp_lines(r->chip, r->clock.now_ns, false, true);
	clock->ops->sleep_ms(clock, 10);
	far_sim_esp_lines(r->chip, r->clock.now_ns, how == FAR_ESP_RESET_LOADER, false);
	clock->ops->sleep_ms(clock, 10);
	far_sim_esp_lines(r->chip, r->clock.now_ns, false, false);
	return FAR_OK;
}

static void test_reset_hook(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, "esp32s2", MIB);
	r.config.reset = reset_by_pin;
	r.config.reset_ctx = &r;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_string_equal(far_sim_esp_mode(r.chip), "rom");
	memset(image, 0, 0x1000);
	image[0] = 0xE9;
	image[1] = 1;
	image[47] = 0xEF;
	assert_int_equal(
		rig_replace(&r, far_esp_bootloader_offset(FAR_ESP_32S2), image, 0x1000, 0, 0),
		FAR_OK);
	assert_int_equal(far_esp_leave(&r.esp), FAR_OK);
	(void)r.line.stream.ops->read(&r.line.stream, back, 1, 500);
	assert_string_equal(far_sim_esp_mode(r.chip), "app");
	rig_close(&r);
}

/*
 * Another program has left its flasher stub on the chip: said, not talked to as if it were the ROM.
 */
static void test_stub_is_busy(void **state)
{
	/* The virtual chip knows the vendor's stub by its place, length and entry. */
	static const uint32_t begin[4] = { 0x1938, 2, 0x1800, 0x400A8000 },
			      end[2] = { 0, 0x400A902C };
	static const uint8_t head[16] = { 0x00, 0x18 }, head1[16] = { 0x38, 0x01, [4] = 1 };
	static const uint8_t body[0x1800];
	const struct far_loader_request data = { 0x07, sizeof(head), head, body, sizeof(body) };
	const struct far_loader_request rest = { 0x07, sizeof(head1), head1, body, 0x138 };
	struct rig r;

	(void)state;
	connected(&r, "esp32", MIB);
	memcpy(r.esp._state.words, begin, sizeof(begin));
	assert_int_equal(far_esp_command(&r.esp, 0x05 | ESP_ONCE, 4, 1000), FAR_OK);
	assert_int_equal(far_esp_exchange(&r.esp, &data, 1000), FAR_OK);
	assert_int_equal(far_esp_exchange(&r.esp, &rest, 1000), FAR_OK);
	memcpy(r.esp._state.words, end, sizeof(end));
	assert_int_equal(far_esp_command(&r.esp, 0x06 | ESP_ONCE, 2, 1000), FAR_OK);
	r.clock.clock.ops->sleep_ms(&r.clock.clock, 100);
	r.config.no_reset = 1;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_BUSY);
	assert_int_equal(r.esp.chip, FAR_ESP_32);
	/* With a reset it is gone. */
	r.config.no_reset = 0;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	rig_close(&r);
}

/* The smaller session replaces and digests; what it lacks it says. */
static void test_programmer(void **state)
{
	uint8_t md5[FAR_MD5_LEN], there[FAR_MD5_LEN];
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 21);
	rig_open(&r, "esp32", MIB);
	assert_int_equal(far_esp_init_programmer(&r.esp, &r.config, NULL), FAR_ERR_ARG);
	assert_int_equal(far_esp_init_programmer(&r.esp, &r.config, far_esp_all_chips), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(rig_replace(&r, 0x2000, image, 5000, 0, 1), FAR_OK);
	assert_only(&r, 0x2000, image, 5000);
	far_md5_of(image, 5000, md5);
	assert_int_equal(far_flash_digest(&r.esp.flash, 0x2000, 5000, there), FAR_OK);
	assert_memory_equal(md5, there, sizeof(md5));
	assert_int_equal(far_flash_read(&r.esp.flash, 0, back, 4), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_write(&r.esp.flash, 0, image, 4), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_erase(&r.esp.flash, 0, 0x1000), FAR_ERR_NOTSUP);
	assert_int_equal(r.esp.flash.fault.touched_len, 0);
	assert_only(&r, 0x2000, image, 5000);
	rig_close(&r);
}

/* A session for some chips knows these, and takes no other for one of them. */
static void test_programmer_of_one_chip(void **state)
{
	static const struct far_esp_row *const c3[] = { &far_esp_esp32c3, NULL };
	static const struct far_esp_row *const old[] = { &far_esp_esp8266, &far_esp_esp32, NULL };
	static const struct {
		const char *chip;
		const struct far_esp_row *const *known;
		int rc;
	} tries[] = {
		{ "esp32c3", c3, FAR_OK },          { "esp32c6", c3, FAR_ERR_NOTSUP },
		{ "esp32", c3, FAR_ERR_NOTSUP },    { "esp8266", c3, FAR_ERR_NOTSUP },
		{ "esp32", old, FAR_OK },           { "esp8266", old, FAR_OK },
		{ "esp32s2", old, FAR_ERR_NOTSUP },
	};
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 22);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		rig_open(&r, tries[i].chip, MIB);
		assert_int_equal(far_esp_init_programmer(&r.esp, &r.config, tries[i].known),
				 FAR_OK);
		assert_int_equal(far_esp_connect(&r.esp), tries[i].rc);
		if (tries[i].rc == FAR_OK) {
			assert_int_equal(rig_replace(&r, 0x2000, image, 5000, 0, 0), FAR_OK);
			assert_only(&r, 0x2000, image, 5000);
		}
		rig_close(&r);
	}
}

static void test_bad_arguments(void **state)
{
	struct rig r;
	uint32_t word;

	(void)state;
	rig_open(&r, "esp32", MIB);
	r.config.block_len = FAR_ESP_BLOCK_MIN - 1;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_ERR_ARG);
	r.config.block_len = FAR_ESP_BLOCK_MIN;
	r.config.block = NULL;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_ERR_ARG);
	r.config.block = r.block;
	r.config.clock = NULL;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_ERR_ARG);
	r.config.clock = &r.clock.clock;
	r.line.stream.baud = 0;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_ERR_ARG);
	r.line.stream.baud = 115200;
	assert_int_equal(far_esp_init(NULL, &r.config), FAR_ERR_ARG);
	r.config.stream = NULL;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_ERR_ARG);
	assert_int_equal(far_esp_init(&r.esp, NULL), FAR_ERR_ARG);
	r.config.stream = &r.line.stream;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_set_baud(&r.esp, 460800), FAR_ERR_STATE);
	assert_int_equal(far_esp_read_reg(&r.esp, 0x40001000, &word), FAR_ERR_STATE);
	assert_int_equal(far_esp_write_reg(&r.esp, 0x40001000, 0, 0), FAR_ERR_STATE);
	assert_int_equal(far_esp_set_flash_size(&r.esp, MIB), FAR_ERR_STATE);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_set_baud(&r.esp, 0), FAR_ERR_ARG);
	assert_int_equal(far_esp_read_reg(&r.esp, 0x40001001, &word), FAR_ERR_ALIGN);
	assert_int_equal(far_esp_write_reg(&r.esp, 0x40001002, 0, 0), FAR_ERR_ALIGN);
	assert_int_equal(far_esp_set_flash_size(&r.esp, 0), FAR_ERR_ARG);
	assert_int_equal(far_esp_set_flash_size(&r.esp, 0x1800), FAR_ERR_ARG);
	assert_int_equal(far_esp_set_flash_size(&r.esp, 32 * MIB), FAR_ERR_ARG);
	assert_int_equal(far_esp_set_flash_size(&r.esp, MIB / 2), FAR_OK);
	assert_int_equal(far_flash_erase(&r.esp.flash, MIB / 2, 0x1000), FAR_ERR_RANGE);
	rig_close(&r);
}

/* Without reset lines the loader is told to run the program, and the session is over. */
static void test_leave_without_lines(void **state)
{
	struct far_stream_ops ops;
	struct rig r;

	(void)state;
	rig_open_chip(&r, (struct far_sim_esp_config){ .chip = "esp32", .in_loader = true }, MIB);
	ops = *r.line.stream.ops;
	ops.set_lines = NULL;
	r.line.stream.ops = &ops;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_string_equal(far_sim_esp_mode(r.chip), "rom");
	assert_int_equal(far_esp_leave(&r.esp), FAR_OK);
	assert_string_not_equal(far_sim_esp_mode(r.chip), "rom");
	assert_int_equal(far_flash_erase(&r.esp.flash, 0, 0x1000), FAR_ERR_RANGE);
	/* Nobody is there to be told now. */
	assert_int_equal(far_esp_leave(&r.esp), FAR_ERR_NOTSUP);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leave_without_lines),
		cmocka_unit_test(test_connect_tells_chip_mac_and_flash),
		cmocka_unit_test(test_mac_is_the_chips),
		cmocka_unit_test(test_flash_sizes),
		cmocka_unit_test(test_replace_any_length),
		cmocka_unit_test(test_replace_to_the_last_byte),
		cmocka_unit_test(test_small_block_buffer),
		cmocka_unit_test(test_write_clears_bits_only_where_asked),
		cmocka_unit_test(test_erase_is_exact),
		cmocka_unit_test(test_read_and_digest),
		cmocka_unit_test(test_rate_change),
		cmocka_unit_test(test_rate_too_high_for_the_line),
		cmocka_unit_test(test_expected_chip),
		cmocka_unit_test(test_nobody_there_ends_in_bounded_time),
		cmocka_unit_test(test_leave_boots_the_program),
		cmocka_unit_test(test_reset_mid_session),
		cmocka_unit_test(test_reset_hook),
		cmocka_unit_test(test_stub_is_busy),
		cmocka_unit_test(test_programmer),
		cmocka_unit_test(test_programmer_of_one_chip),
		cmocka_unit_test(test_bad_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
