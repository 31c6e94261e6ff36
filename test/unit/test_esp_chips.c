/* SPDX-License-Identifier: Apache-2.0 */
/* device/esp against every virtual chip: each row of its table, the fuses, the crystals. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/md5.h"
#include "device/esp/resets.h"
#include "test/common/esp_rig.h"

#define MIB 0x100000u

static uint8_t image[0x8000];
static uint8_t back[0x8000];

/* "ESP32-C61" is "esp32c61" to the simulator. */
static const char *sim_name(enum far_esp_chip chip, char name[16])
{
	const char *from = far_esp_chip_name(chip);
	size_t n = 0;

	for (; *from != '\0'; from++) {
		if (*from != '-')
			name[n++] = (char)tolower((unsigned char)*from);
	}
	name[n] = '\0';
	return name;
}

/* Any chip of the table, with what the test wants of it. */
static void open_chip(struct rig *r, enum far_esp_chip chip, struct far_sim_esp_config config)
{
	char name[16];

	config.chip = sim_name(chip, name);
	rig_open_chip(r, config, MIB);
}

static int can(enum far_esp_chip chip, enum far_sim_esp_feature feature)
{
	char name[16];

	return far_sim_esp_can(sim_name(chip, name), feature);
}

#define FOR_ALL(chip)                                                                              \
	for (enum far_esp_chip chip = FAR_ESP_UNKNOWN + 1; chip < FAR_ESP_CHIPS; chip++)

/* Into the flash, proved, back out, and gone. */
static void use_flash(struct rig *r, int packed)
{
	struct far_flash *f = &r->esp.flash;
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];

	assert_int_equal(rig_replace(r, 0x3000, image, sizeof(image) - 5, 777, packed), FAR_OK);
	assert_memory_equal(rig_memory(r) + 0x3000, image, sizeof(image) - 5);
	if ((f->info.caps & FAR_FLASH_CAN_READ) != 0) {
		assert_int_equal(far_flash_read(f, 0x3003, back, 1001), FAR_OK);
		assert_memory_equal(back, image + 3, 1001);
		assert_int_equal(far_flash_digest(f, 0x3001, 5001, there), FAR_OK);
		far_md5_of(image + 1, 5001, here);
		assert_memory_equal(here, there, sizeof(here));
	}
	assert_int_equal(far_flash_erase(f, 0x4000, 0x2000), FAR_OK);
	assert_int_equal(rig_memory(r)[0x3FFF], image[0xFFF]);
	assert_int_equal(rig_memory(r)[0x4000], 0xFF);
	assert_int_equal(rig_memory(r)[0x5FFF], 0xFF);
	assert_int_equal(rig_memory(r)[0x6000], image[0x3000]);
}

static void test_every_row(void **state)
{
	static const uint8_t mine[6] = { 0x24, 0x0A, 0xC4, 0x12, 0x34, 0x56 };

	(void)state;
	rig_fill(image, sizeof(image), 1);
	FOR_ALL(chip)
	{
		struct far_sim_esp_config config = { 0 };
		struct rig r;
		uint8_t mac[6];
		uint32_t id = far_esp_image_id(chip);

		memcpy(config.mac, mine, 6);
		open_chip(&r, chip, config);
		r.config.expect = chip;
		r.config.baud = 921600;
		assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(r.esp.chip, chip);
		assert_int_equal(r.esp.loader, FAR_ESP_ROM);
		/* The first ones by their magic word alone. */
		assert_int_not_equal(r.esp.magic, 0);
		assert_int_equal(r.esp.chip_id == FAR_ESP_NO_ID, chip <= FAR_ESP_32S2);
		if (r.esp.chip_id != FAR_ESP_NO_ID)
			assert_int_equal(r.esp.chip_id, id);
		assert_int_equal(r.esp.flash.info.size, MIB);
		assert_int_equal(r.line.stream.baud, chip == FAR_ESP_8266 ? 115200 : 921600);
		assert_int_equal(far_esp_read_mac(&r.esp, mac), FAR_OK);
		assert_memory_equal(mac, mine, 6);
		use_flash(&r, chip != FAR_ESP_8266);
		assert_int_equal(r.esp.retries, 0);
		assert_int_equal(r.esp.resyncs, 0);
		rig_close(&r);
	}
}

/* What is at the bootloader's offset is what the chip starts. */
static void test_every_row_starts_its_program(void **state)
{
	(void)state;
	FOR_ALL(chip)
	{
		/* An image of one segment, all zero, and its checksum. */
		uint8_t app[0x100] = { 0xE9, 1, 2, 0x2F, 0x9C, 0x07, 0x08, 0x40 };
		unsigned header = chip == FAR_ESP_8266 ? 8 : 24;
		struct rig r;

		memcpy(app + header, (const uint8_t[]){ 0x30, 0x00, 0xFF, 0x3F, 16 }, 5);
		app[(header + 8 + 16) / 16 * 16 + 15] = 0xEF;
		if (chip != FAR_ESP_8266)
			app[12] = (uint8_t)far_esp_image_id(chip);
		open_chip(&r, chip, (struct far_sim_esp_config){ 0 });
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(
			rig_replace(&r, far_esp_bootloader_offset(chip), app, sizeof(app), 0, 0),
			FAR_OK);
		assert_int_equal(far_esp_leave(&r.esp), FAR_OK);
		(void)r.line.stream.ops->read(&r.line.stream, back, 1, 500);
		r.clock.clock.ops->sleep_ms(&r.clock.clock, 500);
		assert_string_equal(far_sim_esp_mode(r.chip), "app");
		rig_close(&r);
	}
}

/* The rate comes out right on every crystal, though the ROM takes it for another. */
static void test_crystals(void **state)
{
	static const uint32_t crystals[] = { 26000000, 40000000, 48000000 };
	unsigned seen = 0;

	(void)state;
	rig_fill(image, sizeof(image), 2);
	FOR_ALL(chip)
	{
		for (unsigned i = 0; i < 3 && can(chip, FAR_SIM_ESP_CRYSTALS); i++) {
			/* 26 MHz is of the older chips, 48 MHz of the ESP32-C5. */
			int odd = chip == FAR_ESP_32C5 ? 26000000 : 48000000;
			struct rig r;

			if ((int)crystals[i] == odd)
				continue;
			open_chip(&r, chip,
				  (struct far_sim_esp_config){ .crystal_hz = crystals[i] });
			assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
			if (chip != FAR_ESP_8266) {
				assert_int_equal(far_esp_set_baud(&r.esp, 460800), FAR_OK);
				assert_int_equal(far_esp_set_baud(&r.esp, 921600), FAR_OK);
				assert_int_equal(r.line.stream.baud, 921600);
			}
			use_flash(&r, 0);
			assert_int_equal(r.esp.resyncs, 0);
			rig_close(&r);
			seen++;
		}
	}
	assert_true(seen >= 4);
}

/* Secure download mode: erase and replace, and a clear no to the rest. */
static void secure(enum far_esp_chip chip)
{
	struct rig r;
	uint8_t mac[6], md5[FAR_MD5_LEN];
	uint32_t word, commands;

	open_chip(&r, chip, (struct far_sim_esp_config){ .secure_download = true });
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(r.esp.chip, chip);
	assert_true((r.esp.security & FAR_ESP_SECURE_DOWNLOAD) != 0);
	assert_int_equal(r.esp.flash.info.caps, FAR_FLASH_CAN_REPLACE);
	assert_int_equal(r.esp.flash.info.size, 0);
	assert_int_equal(far_esp_set_flash_size(&r.esp, MIB), FAR_OK);
	use_flash(&r, 0);
	/* Its word is hidden; a refusal is believed when it is repeated. */
	assert_int_equal(r.esp.magic, 0);
	assert_int_equal(r.esp.retries, 1);

	commands = (uint32_t)r.line.counts.to_chip;
	assert_int_equal(far_flash_read(&r.esp.flash, 0, back, 4), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_digest(&r.esp.flash, 0, 4, md5), FAR_ERR_NOTSUP);
	assert_int_equal(far_flash_write(&r.esp.flash, 0, image, 4), FAR_ERR_NOTSUP);
	assert_int_equal(r.esp.flash.fault.touched_len, 0);
	assert_int_equal(far_flash_replace_begin(&r.esp.flash, 0, 4, 4), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_read_mac(&r.esp, mac), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_read_reg(&r.esp, 0x60000000, &word), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_write_reg(&r.esp, 0x60000000, 0, 0), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_read_revision(&r.esp, &word), FAR_ERR_NOTSUP);
	/* None of these was even asked. */
	assert_int_equal(commands, r.line.counts.to_chip);
	rig_close(&r);
}

static void test_secure_download(void **state)
{
	unsigned seen = 0;

	(void)state;
	rig_fill(image, sizeof(image), 3);
	FOR_ALL(chip)
	{
		if (can(chip, FAR_SIM_ESP_SECURE_DOWNLOAD)) {
			secure(chip);
			seen++;
		}
	}
	assert_true(seen >= 8);
}

/*
 * A lost acknowledgement cannot be cleared up by looking: the stream is given up, a new one is
 * right.
 */
static void test_secure_download_on_a_bad_line(void **state)
{
	(void)state;
	rig_fill(image, sizeof(image), 4);
	for (uint64_t at = 0; at < 40; at++) {
		struct far_update_result result;
		struct rig r;

		open_chip(&r, FAR_ESP_32C3, (struct far_sim_esp_config){ .secure_download = true });
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(far_esp_set_flash_size(&r.esp, MIB), FAR_OK);
		rig_arm(&r,
			(struct rig_plan){ .fault = RIG_DROP, .dir = FAR_SIM_TO_HOST, .at = at });
		assert_int_equal(rig_update(&r, 0, image, 0x3000, 0, &result), FAR_OK);
		assert_int_equal(result.verified, 0);
		assert_memory_equal(rig_memory(&r), image, 0x3000);
		rig_close(&r);
	}
}

static void test_security_info(void **state)
{
	(void)state;
	FOR_ALL(chip)
	{
		struct far_sim_esp_config config = { .secure_boot = true, .flash_crypt_count = 1 };
		struct far_esp_security s;
		struct rig r;
		int able = chip != FAR_ESP_8266 && chip != FAR_ESP_32;

		open_chip(&r, chip, config);
		assert_int_equal(far_esp_read_security(&r.esp, &s), FAR_ERR_STATE);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		memset(&s, 0xA5, sizeof(s));
		assert_int_equal(far_esp_read_security(&r.esp, &s), able ? FAR_OK : FAR_ERR_NOTSUP);
		if (able) {
			assert_int_equal((s.flags & FAR_ESP_SECURE_BOOT) != 0,
					 can(chip, FAR_SIM_ESP_SECURE_BOOT));
			assert_int_equal(s.flags & FAR_ESP_SECURE_DOWNLOAD, 0);
			assert_int_equal(s.crypt_count, can(chip, FAR_SIM_ESP_ENCRYPTION) ? 1 : 0);
			assert_int_equal(s.flags, r.esp.security);
			assert_true(s.chip_id == r.esp.chip_id);
			assert_int_equal(s.chip_id == FAR_ESP_NO_ID, chip == FAR_ESP_32S2);
		} else {
			assert_int_equal(r.esp.security, 0);
		}
		rig_close(&r);
	}
}

/* What is written encrypted is what the chip's own cipher makes of it. */
static void encrypted(enum far_esp_chip chip, struct rig_plan plan)
{
	struct far_sim_esp_config config = { .flash_crypt_count = 1, .flash_key = 0x1234567 };
	struct far_update_result result;
	struct rig r;
	uint8_t md5[FAR_MD5_LEN];

	open_chip(&r, chip, config);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_set_encrypt(&r.esp, 1), FAR_OK);
	assert_int_equal(r.esp.flash.info.caps, FAR_FLASH_CAN_REPLACE);
	rig_arm(&r, plan);
	assert_int_equal(rig_update(&r, 0x2000, image, 5001, 1, &result), FAR_OK);
	assert_int_equal(result.verified, 0);
	memcpy(back, rig_memory(&r) + 0x2000, 5001);
	assert_memory_not_equal(back, image, 5001);
	far_sim_esp_crypt(r.chip, 0x2000, back, 5001);
	if (memcmp(back, image, 5001) != 0)
		fail_msg("%s: fault at %llu", far_esp_chip_name(chip), (unsigned long long)plan.at);
	assert_int_equal(far_flash_digest(&r.esp.flash, 0, 4, md5), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_set_encrypt(&r.esp, 0), FAR_OK);
	assert_int_equal(rig_update(&r, 0x8000, image, 5001, 1, &result), FAR_OK);
	assert_int_equal(result.verified, 1);
	assert_memory_equal(rig_memory(&r) + 0x8000, image, 5001);
	rig_close(&r);
}

static void test_encrypted_writes(void **state)
{
	unsigned seen = 0;

	(void)state;
	rig_fill(image, sizeof(image), 5);
	FOR_ALL(chip)
	{
		struct rig r;
		int able = chip != FAR_ESP_8266 && chip != FAR_ESP_32;

		/* Not where the fuses do not say so: the bytes would go in as they are. */
		open_chip(&r, chip, (struct far_sim_esp_config){ .flash_crypt_count = 3 });
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		assert_int_equal(far_esp_set_encrypt(&r.esp, 1),
				 able ? FAR_ERR_STATE : FAR_ERR_NOTSUP);
		assert_true(chip == FAR_ESP_8266 ||
			    (r.esp.flash.info.caps & FAR_FLASH_CAN_DIGEST) != 0);
		rig_close(&r);
		if (able && can(chip, FAR_SIM_ESP_ENCRYPTION)) {
			encrypted(chip, (struct rig_plan){ 0 });
			seen++;
		}
	}
	assert_true(seen >= 8);
	/* Any byte of any answer lost: what is in the flash can still be told from blank. */
	for (uint64_t at = 0; at < 60; at++)
		encrypted(FAR_ESP_32C6,
			  (struct rig_plan){ .fault = RIG_DROP, .dir = FAR_SIM_TO_HOST, .at = at });
}

static void test_revision(void **state)
{
	(void)state;
	FOR_ALL(chip)
	{
		struct rig r;
		uint32_t revision = 12345, again = 54321;

		open_chip(&r, chip, (struct far_sim_esp_config){ 0 });
		assert_int_equal(far_esp_read_revision(&r.esp, &revision), FAR_ERR_STATE);
		assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
		r.line.counts.turnarounds = 0;
		assert_int_equal(far_esp_read_revision(&r.esp, &revision), FAR_OK);
		/* Up to three words, twice, and the proof that they are no older answers. */
		assert_true(r.line.counts.turnarounds <= 7);
		assert_int_equal(far_esp_read_revision(&r.esp, &again), FAR_OK);
		assert_int_equal(revision, again);
		assert_true(revision < 800 && revision % 100 < 16);
		if (chip == FAR_ESP_8266)
			assert_int_equal(revision, 0);
		rig_close(&r);
	}
}

/* ---- replies that are not what they should be ------------------------------------------------ */

/* Changes the byte at `offset` of every reply to `op` to `value`. */
struct forger {
	uint8_t op, value;
	unsigned offset;
	unsigned at; /* of this frame: bytes so far, before unescaping: none of these need it */
	uint8_t seen_op;
	unsigned done;
};

static size_t forge(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t out[4], uint64_t *delay_ns)
{
	struct forger *f = ctx;

	(void)delay_ns;
	out[0] = in;
	if (dir != FAR_SIM_TO_HOST)
		return 1;
	if (in == 0xC0) {
		f->at = 0;
		return 1;
	}
	if (f->at == 1)
		f->seen_op = in;
	if (f->seen_op == f->op && f->at == f->offset && f->at > 1) {
		out[0] = f->value;
		f->done++;
	}
	f->at++;
	return 1;
}

/*
 * An id that no row has, and a magic word that none has: named, and nothing was done to the chip.
 */
static void test_unknown_chips(void **state)
{
	struct forger id = { .op = 0x14, .offset = 8 + 12, .value = 99 };
	struct forger magic = { .op = 0x0A, .offset = 4, .value = 0x77 };
	struct rig r;

	(void)state;
	open_chip(&r, FAR_ESP_32C6, (struct far_sim_esp_config){ 0 });
	r.line.tap = forge;
	r.line.tap_ctx = &id;
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_NOTSUP);
	assert_true(id.done > 0);
	assert_int_equal(r.esp.chip, FAR_ESP_UNKNOWN);
	assert_int_equal(r.esp.chip_id, 99);
	assert_int_not_equal(r.esp.magic, 0);
	assert_int_equal(far_flash_erase(&r.esp.flash, 0, 0x1000), FAR_ERR_RANGE);
	rig_close(&r);

	open_chip(&r, FAR_ESP_32, (struct far_sim_esp_config){ 0 });
	r.line.tap = forge;
	r.line.tap_ctx = &magic;
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_NOTSUP);
	assert_true(magic.done > 0);
	assert_int_equal(r.esp.chip_id, FAR_ESP_NO_ID);
	assert_int_equal(r.esp.magic, 0x00F01D77);
	rig_close(&r);
}

/* A first question that arrives damaged is refused: the chip is known all the same. */
static void test_damaged_question(void **state)
{
	(void)state;
	/* The bytes behind one SYNC: 46 with its delimiters. */
	for (uint64_t at = 46; at < 46 + 10; at++) {
		for (int fault = RIG_DROP; fault <= RIG_DOUBLE; fault++) {
			struct rig r;

			open_chip(&r, FAR_ESP_32C61, (struct far_sim_esp_config){ 0 });
			rig_arm(&r, (struct rig_plan){ .fault = (enum rig_fault)fault,
						       .dir = FAR_SIM_TO_CHIP,
						       .at = at,
						       .flip = 0x20 });
			assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
			assert_int_equal(r.esp.chip, FAR_ESP_32C61);
			assert_int_equal(r.plan.done, 1);
			rig_close(&r);
		}
	}
}

/* ---- resets ---------------------------------------------------------------------------------- */

static void test_classic_reset(void **state)
{
	struct rig r;

	(void)state;
	open_chip(&r, FAR_ESP_32C3, (struct far_sim_esp_config){ 0 });
	r.config.to_loader = far_esp_classic_to_loader;
	r.config.connect_attempts = 1;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_string_not_equal(far_sim_esp_mode(r.chip), "rom");
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_leave(&r.esp), FAR_OK);
	assert_string_not_equal(far_sim_esp_mode(r.chip), "rom");
	rig_close(&r);
}

/* A stream that records what is done to its lines, and when, and never says a word. */
struct lines_stream {
	struct far_stream stream;
	struct far_stream_ops ops;
	struct rig *rig;
	char text[200];
};

static int record_lines(struct far_stream *s, unsigned lines)
{
	struct lines_stream *l = (struct lines_stream *)(void *)s;
	size_t used = strlen(l->text);

	snprintf(l->text + used, sizeof(l->text) - used, "%s%u@%u", used > 0 ? " " : "", lines,
		 (unsigned)(l->rig->clock.now_ns / 1000000));
	return FAR_OK;
}

static int read_nothing(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	(void)s, (void)buf, (void)cap, (void)timeout_ms;
	return FAR_ERR_CANCELLED;
}

/*
 * The unit that wants this sequence is not in the simulator: the sequence is as it is documented.
 */
static void test_usb_jtag_reset(void **state)
{
	struct lines_stream l = { .ops = { .read = read_nothing, .set_lines = record_lines } };
	struct rig r;

	(void)state;
	open_chip(&r, FAR_ESP_32C3, (struct far_sim_esp_config){ 0 });
	l.stream.ops = &l.ops;
	l.stream.baud = 115200;
	l.rig = &r;
	r.config.stream = &l.stream;
	r.config.to_loader = far_esp_usb_jtag_to_loader;
	r.config.to_run = far_esp_usb_jtag_to_run;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_CANCELLED);
	assert_string_equal(l.text, "0@0 1@100 3@200 2@200 0@300");
	l.text[0] = '\0';
	assert_int_equal(far_esp_leave(&r.esp), FAR_OK);
	assert_string_equal(l.text, "2@300 0@500");
	assert_int_equal(r.clock.now_ns / 1000000, 700);
	rig_close(&r);
}

/* Held in reset, and let go. A wrong sequence of one's own does not connect. */
static void test_hold_and_own_sequences(void **state)
{
	static const struct far_esp_step never[] = { { FAR_LINE_RTS, 1 },
						     { FAR_ESP_STEP_LAST, 1 } };
	struct rig r;

	(void)state;
	open_chip(&r, FAR_ESP_32S3, (struct far_sim_esp_config){ 0 });
	r.config.to_run = far_esp_hold;
	r.config.connect_attempts = 2;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_OK);
	assert_int_equal(far_esp_leave(&r.esp), FAR_OK);
	r.clock.clock.ops->sleep_ms(&r.clock.clock, 1000);
	(void)r.line.stream.ops->read(&r.line.stream, back, 1, 100);
	assert_string_equal(far_sim_esp_mode(r.chip), "reset");
	r.config.to_loader = never;
	assert_int_equal(far_esp_init(&r.esp, &r.config), FAR_OK);
	assert_int_equal(far_esp_connect(&r.esp), FAR_ERR_TIMEOUT);
	rig_close(&r);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(far_esp_chip_name(FAR_ESP_UNKNOWN), "unknown");
	assert_string_equal(far_esp_chip_name(FAR_ESP_CHIPS), "unknown");
	assert_string_equal(far_esp_chip_name(FAR_ESP_32C61), "ESP32-C61");
	assert_int_equal(far_esp_bootloader_offset(FAR_ESP_UNKNOWN), 0);
	assert_int_equal(far_esp_bootloader_offset(FAR_ESP_32), 0x1000);
	assert_int_equal(far_esp_bootloader_offset(FAR_ESP_32P4), 0x2000);
	assert_int_equal(far_esp_image_id(FAR_ESP_8266), FAR_ESP_NO_ID);
	assert_int_equal(far_esp_image_id(FAR_ESP_32), 0);
	assert_int_equal(far_esp_image_id(FAR_ESP_32S2), 2);
	assert_int_equal(far_esp_image_id(FAR_ESP_CHIPS), FAR_ESP_NO_ID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row),
		cmocka_unit_test(test_every_row_starts_its_program),
		cmocka_unit_test(test_crystals),
		cmocka_unit_test(test_secure_download),
		cmocka_unit_test(test_secure_download_on_a_bad_line),
		cmocka_unit_test(test_security_info),
		cmocka_unit_test(test_encrypted_writes),
		cmocka_unit_test(test_revision),
		cmocka_unit_test(test_unknown_chips),
		cmocka_unit_test(test_damaged_question),
		cmocka_unit_test(test_classic_reset),
		cmocka_unit_test(test_usb_jtag_reset),
		cmocka_unit_test(test_hold_and_own_sequences),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
