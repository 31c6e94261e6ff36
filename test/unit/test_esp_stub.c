/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with a stub, on an undisturbed line and with chips that have reasons to go without. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/md5.h"
#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

#define MIB 0x100000u

static uint8_t image[0x30000];
static uint8_t back[0x30000];
static uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
static int asked;
static const struct far_esp_stub_finder finder = { test_find_stub, &asked };

static void init(struct rig *r)
{
	r->config.block = block;
	r->config.block_len = sizeof(block);
	asked = 0;
	assert_int_equal(far_esp_init_stub(&r->esp, &r->config, &finder), FAR_OK);
}

static void open_stub(struct rig *r, const char *chip, uint32_t size)
{
	rig_open_chip(r, (struct far_sim_esp_config){ .chip = chip, .any_stub = true }, size);
	init(r);
}

static void connected(struct rig *r, const char *chip, uint32_t size)
{
	open_stub(r, chip, size);
	assert_int_equal(far_esp_connect(&r->esp), FAR_OK);
	assert_int_equal(r->esp.loader, FAR_ESP_STUB);
	assert_string_equal(far_sim_esp_mode(r->chip), "stub");
}

/* All else must be erased. */
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

static void use_flash(struct rig *r)
{
	struct far_flash *f = &r->esp.flash;
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];

	assert_int_equal(rig_replace(r, 0x3000, image, 0xC345, 1111, 0), FAR_OK);
	assert_only(r, 0x3000, image, 0xC345);
	assert_int_equal(far_flash_read(f, 0x3001, back, 0xC000), FAR_OK);
	assert_memory_equal(back, image + 1, 0xC000);
	assert_int_equal(far_flash_digest(f, 0x3001, 5001, there), FAR_OK);
	far_md5_of(image + 1, 5001, here);
	assert_memory_equal(here, there, sizeof(here));
	assert_int_equal(far_flash_erase(f, 0, f->info.size), FAR_OK);
	assert_int_equal(rig_replace(r, 0x10000, image, 0x20003, 0, 1), FAR_OK);
	assert_only(r, 0x10000, image, 0x20003);
	assert_int_equal(far_flash_erase(f, 0x11000, 0x20000), FAR_OK);
	assert_only(r, 0x10000, image, 0x1000);
}

static void test_every_chip(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 1);
	for (enum far_esp_chip chip = FAR_ESP_UNKNOWN + 1; chip < FAR_ESP_CHIPS; chip++) {
		char name[16] = "";
		const char *from = far_esp_chip_name(chip);
		uint8_t mac[6];
		struct rig r;

		for (size_t n = 0; *from != '\0'; from++) {
			if (*from != '-')
				name[n++] = (char)tolower((unsigned char)*from);
		}
		open_stub(&r, name, MIB);
		r.config.baud = 921600;
		init(&r);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(r.esp.chip, chip);
		assert_int_equal(r.esp.loader, FAR_ESP_STUB);
		assert_int_equal(asked, 1);
		assert_int_equal(r.line.stream.baud, 921600);
		assert_int_equal(r.esp.flash.info.size, MIB);
		assert_int_equal(r.esp.flash_id, 0x1440EF);
		assert_int_equal(r.esp.flash.info.caps & 0x0F, 0x0F);
		use_flash(&r);
		assert_int_equal(far_esp_read_mac(&r.esp, mac), FAR_OK);
		assert_int_equal(far_esp_set_baud(&r.esp, 460800), FAR_OK);
		assert_int_equal(far_esp_read_mac(&r.esp, mac), FAR_OK);
		assert_int_equal(r.esp.retries, 0);
		assert_int_equal(r.esp.resyncs, 0);
		rig_close(&r);
	}
}

static void test_replace_any_length(void **state)
{
	static const uint32_t lengths[] = { 1,      2,      3,      4095,   4096,    4097,   16383,
					    0x4000, 0x4001, 0x7FFF, 0x8000, 0x10000, 0x20003 };

	(void)state;
	rig_fill(image, sizeof(image), 2);
	for (unsigned i = 0; i < 2 * sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct rig r;

		connected(&r, "esp32", MIB);
		assert_int_equal(
			rig_replace(&r, 0x5000, image, lengths[i / 2], 500 + 77 * i, i % 2 == 1),
			FAR_OK);
		assert_only(&r, 0x5000, image, lengths[i / 2]);
		assert_int_equal(r.esp.retries, 0);
		rig_close(&r);
	}
}

/* A sector is the least that the block buffer must hold. */
static void test_small_buffer(void **state)
{
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 3);
	open_stub(&r, "esp32c3", MIB);
	r.config.block_len = 0x1000;
	assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &finder), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	use_flash(&r);
	r.config.block_len = 0xFFF;
	assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &finder), FAR_ERR_ARG);
	r.config.block_len = 0x1000;
	assert_int_equal(far_esp_init_stub(&r.esp, &r.config, NULL), FAR_ERR_ARG);
	assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &(struct far_esp_stub_finder){ 0 }),
			 FAR_ERR_ARG);
	rig_close(&r);
}

static void test_write_clears_bits_only_where_asked(void **state)
{
	uint8_t expected[0x4000];
	uint32_t seed = 7;
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 4);
	connected(&r, "esp32s3", MIB);
	assert_int_equal(rig_replace(&r, 0, image, sizeof(expected), 0, 0), FAR_OK);
	memcpy(expected, image, sizeof(expected));
	for (unsigned i = 0; i < 20; i++) {
		uint32_t addr = rig_random(&seed) % 0x2000, len = 1 + rig_random(&seed) % 0x2000;

		rig_fill(back, len, i);
		for (uint32_t j = 0; j < len; j++)
			expected[addr + j] &= back[j];
		assert_int_equal(far_flash_write(&r.esp.flash, addr, back, len), FAR_OK);
		assert_memory_equal(rig_memory(&r), expected, sizeof(expected));
	}
	/* Where the sector is blank, or nothing changes, nothing is erased. */
	uint64_t erases = far_sim_nor_counts(r.nor)->erases;

	assert_int_equal(far_flash_write(&r.esp.flash, 0x8010, image, 100), FAR_OK);
	assert_int_equal(far_flash_write(&r.esp.flash, 0x8010, image, 100), FAR_OK);
	assert_memory_equal(rig_memory(&r) + 0x8010, image, 100);
	assert_int_equal(far_sim_nor_counts(r.nor)->erases, erases);
	rig_close(&r);
}

static void test_flash_beyond_16_mib(void **state)
{
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 5);
	connected(&r, "esp32s3", 32 * MIB);
	assert_int_equal(r.esp.flash.info.size, 32 * MIB);
	assert_int_equal(rig_replace(&r, 31 * MIB, image, 0x9000, 0, 0), FAR_OK);
	assert_memory_equal(rig_memory(&r) + 31 * MIB, image, 0x9000);
	assert_int_equal(rig_memory(&r)[15 * MIB], 0xFF);
	assert_int_equal(far_flash_read(&r.esp.flash, 31 * MIB, back, 0x9000), FAR_OK);
	assert_memory_equal(back, image, 0x9000);
	assert_int_equal(far_flash_erase(&r.esp.flash, 31 * MIB, 0x9000), FAR_OK);
	assert_int_equal(rig_memory(&r)[31 * MIB], 0xFF);
	assert_int_equal(far_esp_set_flash_size(&r.esp, 64 * MIB), FAR_OK);
	rig_close(&r);
}

/* What runs already is used: nothing is uploaded, at whatever rate it was left. */
static void test_running_stub_is_used(void **state)
{
	struct rig r;
	uint64_t sent;

	(void)state;
	rig_fill(image, sizeof(image), 6);
	connected(&r, "esp32c6", MIB);
	assert_int_equal(far_esp_set_baud(&r.esp, 460800), FAR_OK);
	r.config.no_reset = 1;
	init(&r);
	sent = r.line.counts.to_chip;
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(r.esp.loader, FAR_ESP_STUB);
	assert_int_equal(asked, 0);
	assert_true(r.line.counts.to_chip - sent < 700);
	use_flash(&r);
	/* With a reset it is the ROM again, and the stub is uploaded anew. */
	r.config.no_reset = 0;
	r.config.stream->ops->set_baud(r.config.stream, 115200);
	init(&r);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(asked, 1);
	rig_close(&r);
}

static const struct far_esp_stub *find_none(void *ctx, enum far_esp_chip chip, uint32_t revision)
{
	(void)ctx, (void)chip, (void)revision;
	return NULL;
}

static void in_rom(struct far_sim_esp_config config, const struct far_esp_stub_finder *f)
{
	struct rig r;

	config.any_stub = true;
	rig_open_chip(&r, config, MIB);
	init(&r);
	assert_int_equal(far_esp_init_stub(&r.esp, &r.config, f), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(r.esp.loader, FAR_ESP_ROM);
	assert_string_equal(far_sim_esp_mode(r.chip), "rom");
	if (r.esp.flash.info.size == 0)
		assert_int_equal(far_esp_set_flash_size(&r.esp, MIB), FAR_OK);
	assert_int_equal(rig_replace(&r, 0x3000, image, 0x4321, 0, 0), FAR_OK);
	assert_only(&r, 0x3000, image, 0x4321);
	rig_close(&r);
}

static void test_chips_that_go_without(void **state)
{
	static const struct far_esp_stub_finder none = { find_none, NULL };

	(void)state;
	rig_fill(image, sizeof(image), 7);
	in_rom((struct far_sim_esp_config){ .chip = "esp32" }, &none);
	in_rom((struct far_sim_esp_config){ .chip = "esp32c3", .secure_download = true }, &finder);
	in_rom((struct far_sim_esp_config){ .chip = "esp32s3", .secure_boot = true }, &finder);
}

/* Makes a C2 of revision 0 of one: bits 21 to 16 of the fuses' word at 60008844 read as 0. */
struct older {
	uint8_t sent[12], heard[8]; /* of the frames on their way, each without its C0 */
	unsigned sent_len, heard_len;
	unsigned done;
};

static size_t make_older(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t out[4],
			 uint64_t *delay_ns)
{
	static const uint8_t question[sizeof(((struct older *)0)->sent)] = {
		0, 0x0A, 4, 0, 0, 0, 0, 0, 0x44, 0x88, 0x00, 0x60
	};
	struct older *o = ctx;

	(void)delay_ns;
	out[0] = in;
	if (dir == FAR_SIM_TO_CHIP) {
		o->sent_len = in == 0xC0 && o->sent_len > 0 ? 0 : o->sent_len;
		if (in != 0xC0 && o->sent_len < sizeof(o->sent))
			o->sent[o->sent_len++] = in;
		return 1;
	}
	if (in == 0xC0) {
		o->heard_len = 0;
		return 1;
	}
	if (o->heard_len < sizeof(o->heard))
		o->heard[o->heard_len] = in;
	if (o->heard_len++ == 6 && o->heard[1] == 0x0A &&
	    memcmp(o->sent, question, sizeof(o->sent)) == 0) {
		out[0] = in & 0xC0;
		o->done++;
	}
	return 1;
}

static void test_first_c2_goes_without(void **state)
{
	struct older older = { .done = 0 };
	uint32_t revision;
	struct rig r;

	(void)state;
	open_stub(&r, "esp32c2", MIB);
	r.line.tap = make_older;
	r.line.tap_ctx = &older;
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(r.esp.chip, FAR_ESP_32C2);
	assert_int_equal(r.esp.loader, FAR_ESP_ROM);
	assert_int_equal(older.done, 1);
	assert_int_equal(asked, 0);
	assert_int_equal(far_esp_read_revision(&r.esp, &revision), FAR_OK);
	assert_int_equal(revision, 0);
	assert_int_equal(rig_replace(&r, 0x3000, image, 0x2345, 0, 1), FAR_OK);
	assert_only(&r, 0x3000, image, 0x2345);
	rig_close(&r);
	/* The same chip as it is has one. */
	connected(&r, "esp32c2", MIB);
	assert_int_equal(far_esp_read_revision(&r.esp, &revision), FAR_OK);
	assert_int_equal(revision, 100);
	rig_close(&r);
}

/* Started, and never heard of: an end in bounded time that can be told from a silent port. */
static void test_no_greeting(void **state)
{
	struct rig r;

	(void)state;
	rig_open_chip(&r, (struct far_sim_esp_config){ .chip = "esp32" }, MIB);
	init(&r);
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_TIMEOUT);
	assert_int_equal(r.esp.loader, FAR_ESP_STUB_SILENT);
	assert_int_equal(r.esp.chip, FAR_ESP_32);
	assert_true(r.clock.now_ns < 20ull * 1000000000);
	/* With a reset and the ROM all is well. */
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(r.esp.loader, FAR_ESP_ROM);
	rig_close(&r);
}

static const struct far_esp_stub *find_given(void *ctx, enum far_esp_chip chip, uint32_t revision)
{
	(void)chip, (void)revision;
	return ctx;
}

/* One thing wrong with each; the reason is named, and nothing is uploaded. */
static void test_bad_stubs(void **state)
{
	static const char *const reasons[] = { "no text",
					       "no text",
					       "too large",
					       "too large",
					       "data is missing",
					       "multiples of 4",
					       "address space",
					       "text and its data overlap",
					       "text and its data overlap",
					       "variables",
					       "entry",
					       "entry" };
	const struct far_esp_stub *good = test_stub(FAR_ESP_32);
	const char *why = "";

	(void)state;
	assert_int_equal(far_esp_check_stub(good, &why), FAR_OK);
	assert_null(why);
	for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		struct far_esp_stub bad = *good;
		struct far_esp_stub_finder f = { find_given, &bad };
		struct rig r;

		switch (i) {
		case 0:
			bad.text.len = 0;
			break;
		case 1:
			bad.text.bytes = NULL;
			break;
		case 2:
			bad.text.len = FAR_ESP_STUB_MAX + 1;
			break;
		case 3:
			bad.data.len = UINT32_MAX;
			break;
		case 4:
			bad.data.bytes = NULL;
			break;
		case 5:
			bad.text.addr++;
			break;
		case 6:
			bad.text.addr = 0xFFFFFFF0;
			break;
		case 7:
			bad.data.addr = bad.text.addr + bad.text.len - 4;
			break;
		case 8:
			bad.data.addr = bad.text.addr - bad.data.len + 4;
			break;
		case 9:
			bad.bss = bad.text.addr + 8;
			break;
		case 10:
			bad.entry = bad.text.addr + bad.text.len;
			break;
		default:
			bad.entry = bad.text.addr - 1;
			break;
		}
		assert_int_equal(far_esp_check_stub(&bad, &why), FAR_ERR_ARG);
		assert_non_null(strstr(why, reasons[i]));
		open_stub(&r, "esp32", MIB);
		assert_int_equal(far_esp_init_stub(&r.esp, &r.config, &f), FAR_OK);
		assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_ARG);
		assert_string_equal(far_sim_esp_mode(r.chip), "rom");
		assert_true(r.line.counts.to_chip < 1000);
		rig_close(&r);
	}
}

/*
 * The die is half as large as the chip was told: what lies behind is acknowledged, and refused with
 * the next answer. The fault names the block that could not be programmed, not the one that was
 * sent.
 */
static void test_deferred_error(void **state)
{
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 8);
	for (uint32_t blocks = 1; blocks <= 4; blocks++) {
		uint32_t at = MIB - 0x4000 * (blocks - 1);

		connected(&r, "esp32", MIB);
		assert_int_equal(far_esp_set_flash_size(&r.esp, 2 * MIB), FAR_OK);
		assert_int_equal(rig_replace(&r, at, image, 0x4000 * (blocks + 1), 0, 0),
				 FAR_ERR_REFUSED);
		assert_int_equal(r.esp.flash.fault.err, FAR_ERR_REFUSED);
		assert_int_equal(r.esp.flash.fault.peer_code, 0xC4);
		assert_int_equal(r.esp.flash.fault.addr, MIB);
		assert_int_equal(r.esp.flash.fault.touched_addr, at);
		/* The very last block: END tells. */
		assert_int_equal(rig_replace(&r, at, image, 0x4000 * blocks, 0, 0),
				 FAR_ERR_REFUSED);
		assert_int_equal(r.esp.flash.fault.addr, MIB);
		/* The session is as good as before. */
		assert_int_equal(rig_replace(&r, 0, image, 0x4000, 0, 1), FAR_OK);
		assert_memory_equal(rig_memory(&r), image, 0x4000);
		rig_close(&r);
	}
}

/* A chip that falls back to its ROM is noticed, and the next call brings the stub back. */
static void test_reset_mid_session(void **state)
{
	struct rig r;

	(void)state;
	rig_fill(image, sizeof(image), 10);
	for (unsigned strap = 0; strap < 2; strap++) {
		connected(&r, "esp32", MIB);
		assert_int_equal(far_esp_set_baud(&r.esp, 460800), FAR_OK);
		assert_int_equal(far_flash_replace_begin(&r.esp.flash, 0x4000, 0x10000, 0), FAR_OK);
		assert_int_equal(far_flash_replace_write(&r.esp.flash, image, 0x5000), FAR_OK);
		/* With the strap low the ROM's loader answers, and measures any rate. */
		far_sim_esp_lines(r.chip, r.clock.now_ns, false, true);
		r.clock.clock.ops->sleep_ms(&r.clock.clock, 10);
		far_sim_esp_lines(r.chip, r.clock.now_ns, strap != 0, false);
		r.clock.clock.ops->sleep_ms(&r.clock.clock, 10);
		assert_int_not_equal(far_flash_replace_write(&r.esp.flash, image + 0x5000, 0xB000),
				     FAR_OK);
		assert_int_equal(r.esp.flash.fault.touched_addr, 0x4000);
		assert_int_equal(r.esp.flash.fault.touched_len, 0x10000);
		assert_int_equal(rig_replace(&r, 0x4000, image, 0x10000, 0, 1), FAR_OK);
		assert_int_equal(r.esp.loader, FAR_ESP_STUB);
		assert_int_equal(asked, 2);
		assert_int_equal(r.line.stream.baud, 460800);
		assert_only(&r, 0x4000, image, 0x10000);
		rig_close(&r);
	}
}

/* Leave by reset, and by the stub's own command where there is none. */
static void test_leave(void **state)
{
	struct rig r;

	(void)state;
	connected(&r, "esp32", MIB);
	assert_int_equal(far_esp_leave(&r.esp), FAR_OK);
	r.clock.clock.ops->sleep_ms(&r.clock.clock, 100);
	(void)r.line.stream.ops->read(&r.line.stream, back, 1, 500);
	assert_string_not_equal(far_sim_esp_mode(r.chip), "stub");
	assert_int_equal(far_esp_run(&r.esp), FAR_ERR_STATE);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_run(&r.esp), FAR_OK);
	(void)r.line.stream.ops->read(&r.line.stream, back, 1, 500);
	assert_string_not_equal(far_sim_esp_mode(r.chip), "stub");
	assert_int_equal(far_flash_erase(&r.esp.flash, 0, 0x1000), FAR_ERR_RANGE);
	rig_close(&r);
}

/* A session with ROMs only does not talk to a stub as if it were one. */
static void test_rom_session_meets_stub(void **state)
{
	struct rig r;

	(void)state;
	connected(&r, "esp32c3", MIB);
	r.config.no_reset = 1;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_BUSY);
	assert_int_equal(r.esp.chip, FAR_ESP_32C3);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_chip),
		cmocka_unit_test(test_replace_any_length),
		cmocka_unit_test(test_small_buffer),
		cmocka_unit_test(test_write_clears_bits_only_where_asked),
		cmocka_unit_test(test_flash_beyond_16_mib),
		cmocka_unit_test(test_running_stub_is_used),
		cmocka_unit_test(test_chips_that_go_without),
		cmocka_unit_test(test_first_c2_goes_without),
		cmocka_unit_test(test_no_greeting),
		cmocka_unit_test(test_bad_stubs),
		cmocka_unit_test(test_deferred_error),
		cmocka_unit_test(test_reset_mid_session),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_rom_session_meets_stub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
