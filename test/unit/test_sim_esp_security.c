/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security fuses: what is told of them, secure download mode, encrypted writes, booting from
 * encrypted flash, the S3's way around secure boot, and the watchdog that resets any chip.
 */
#include <string.h>
#include <zlib.h>

#include "sim_esp_rig.h"

#define MAGIC 0x40001000u
#define KEY   0x0123456789ABCDEFu

static uint8_t data[0x1000];

/* In its loader, attached; encrypting if key is not 0. */
static struct rig *encrypting(const char *chip, uint64_t key)
{
	struct far_sim_esp_config config = { .chip = chip,
					     .in_loader = true,
					     .flash_crypt_count = key != 0 ? 1 : 0,
					     .flash_key = key };

	return rig_new_config(&config, true);
}

/* What the fuses say, by command and by the words that hosts without it read. */
static void fuses_are_told(void **state)
{
	/* From the chips' manuals: counter word and bit, secure boot word and bit. */
	static const struct {
		const char *chip;
		uint32_t crypt, crypt_bit, boot, boot_bit;
	} cases[] = {
		{ "esp32", 0x3FF5A000, 20, 0x3FF5A018, 5 },
		{ "esp32s2", 0x3F41A034, 18, 0x3F41A038, 20 },
		{ "esp32s3", 0x60007034, 18, 0x60007038, 20 },
		{ "esp32c2", 0x60008830, 18, 0x60008830, 21 },
		{ "esp32c3", 0x60008834, 18, 0x60008838, 20 },
		{ "esp32c5", 0x600B4834, 16, 0x600B4838, 25 },
		{ "esp32c6", 0x600B0834, 18, 0x600B0838, 20 },
		{ "esp32c61", 0x600B4830, 23, 0x600B4834, 26 },
		{ "esp32h2", 0x600B0834, 18, 0x600B0838, 20 },
		{ "esp32p4", 0x5012D034, 18, 0x5012D038, 20 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct far_sim_esp_config config = { .chip = cases[i].chip,
						     .in_loader = true,
						     .secure_boot = true,
						     .flash_crypt_count = 3 };
		struct rig *r = rig_new_config(&config, true);
		struct reply reply;

		if (i > 0) {
			rig_command(r, 0x14, NULL, 0, 0);
			rig_reply(r, &reply);
			assert_int_equal(rig_le32(reply.data), 1);
			assert_int_equal(reply.data[4], 3);
		}
		assert_int_equal(rig_read_reg(r, cases[i].crypt) >> cases[i].crypt_bit & 7, 3);
		assert_int_equal(rig_read_reg(r, cases[i].boot) >> cases[i].boot_bit & 1, 1);
		rig_free(r);
		r = rig_new(cases[i].chip, true);
		assert_int_equal(rig_read_reg(r, cases[i].crypt) >> cases[i].crypt_bit & 7, 0);
		assert_int_equal(rig_read_reg(r, cases[i].boot) >> cases[i].boot_bit & 1, 0);
		rig_free(r);
	}
}

static bool allowed(uint8_t op)
{
	static const uint8_t list[] = { 0x02, 0x03, 0x04, 0x08, 0x0B, 0x0D, 0x0F, 0x14 };

	return memchr(list, op, sizeof(list)) != NULL;
}

/* Of all commands the eight of the list are known, the rest answered like an unknown one. */
static void secure_download_mode_knows_eight_commands(void **state)
{
	(void)state;
	for (size_t i = 0; far_sim_esp_chip_name(i); i++) {
		const char *chip = far_sim_esp_chip_name(i);
		struct far_sim_esp_config config = { .chip = chip,
						     .in_loader = true,
						     .secure_download = true };
		struct rig *r;

		if (!far_sim_esp_can(chip, FAR_SIM_ESP_SECURE_DOWNLOAD))
			continue;
		r = rig_new_config(&config, true);
		for (unsigned op = 0x02; op < 0xD5; op++) {
			struct reply reply;

			if (op == 0x08 || op == 0x04 || op == 0x0F)
				continue;
			rig_words(r, 0x0D, 2, 0u, 0u);
			rig_expect(r, 0x0D, 0, 0, 0);
			rig_command(r, (uint8_t)op, data, 4, 0);
			rig_reply(r, &reply);
			assert_int_equal(reply.op == op, allowed((uint8_t)op));
		}
		rig_command(r, 0x14, NULL, 0, 0);
		rig_expect(r, 0x14, strcmp(chip, "esp32s2") == 0 ? 12 : 20, 0, 0);
		assert_int_equal(r->out[r->out_pos - 1], 0xC0);
		rig_free(r);
	}
}

static void secure_download_mode_writes(void **state)
{
	struct far_sim_esp_config config = { .chip = "esp32c6",
					     .in_loader = true,
					     .secure_download = true };
	struct rig *r = rig_new_config(&config, true);
	struct reply reply;

	(void)state;
	rig_pattern(data, sizeof(data), 1);
	rig_command(r, 0x14, NULL, 0, 0);
	rig_reply(r, &reply);
	assert_int_equal(rig_le32(reply.data), 1u << 2);
	rig_words(r, 0x0B, 6, 0u, RIG_FLASH, 0x10000u, 0x1000u, 0x100u, 0xFFFFu);
	rig_expect(r, 0x0B, 0, 0, 0);
	rig_words(r, 0x0F, 2, 460800u, 0u);
	rig_expect(r, 0x0F, 0, 0, 0);
	r->baud = 460800;
	rig_begin(r, 0x02, sizeof(data), 1, sizeof(data), 0x8000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, data, sizeof(data), 0);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x8000, data, sizeof(data));
	rig_free(r);
}

/* Forth and back; not the identity, and different for another place and another key. */
static void the_cipher_tells_plain_from_encrypted(void **state)
{
	struct rig *r = encrypting("esp32c3", KEY), *other = encrypting("esp32c3", KEY + 1);
	uint8_t a[64] = { 0 }, b[64] = { 0 }, c[64] = { 0 }, d[64] = { 0 };

	(void)state;
	far_sim_esp_crypt(r->esp, 0x1000, a, 64);
	far_sim_esp_crypt(r->esp, 0x1010, b, 64);
	far_sim_esp_crypt(other->esp, 0x1000, c, 64);
	for (int i = 0; i < 64; i += 16) {
		assert_memory_not_equal(a + i, d, 16);
		assert_memory_not_equal(a + i, b + i, 16);
		assert_memory_not_equal(a + i, c + i, 16);
	}
	assert_memory_equal(a + 16, b, 48); /* it is the address that counts, not the call */
	far_sim_esp_crypt(r->esp, 0x1000, a, 7);
	far_sim_esp_crypt(r->esp, 0x1007, a + 7, 57);
	assert_memory_equal(a, d, 64);
	rig_free(r);
	rig_free(other);
}

/* What the flash must hold when data was written encrypted at addr. */
static void assert_encrypted(struct rig *r, uint32_t addr, uint32_t len)
{
	uint8_t back[sizeof(data)];

	memcpy(back, rig_flash(r) + addr, len);
	assert_memory_not_equal(back, data, len);
	far_sim_esp_crypt(r->esp, addr, back, len);
	assert_memory_equal(back, data, len);
}

static void the_rom_encrypts_on_demand(void **state)
{
	(void)state;
	rig_pattern(data, sizeof(data), 2);
	for (size_t i = 2; far_sim_esp_chip_name(i); i++) { /* from the S2 on */
		struct rig *r = encrypting(far_sim_esp_chip_name(i), KEY);

		rig_words(r, 0x02, 5, 0x1000u, 2u, 0x800u, 0x4000u, 1u);
		rig_expect(r, 0x02, 0, 0, 0);
		rig_block(r, 0x03, 0, data, 0x800, 0);
		rig_expect(r, 0x03, 0, 0, 0);
		rig_block(r, 0x03, 1, data + 0x800, 0x30, 0);
		rig_expect(r, 0x03, 0, 0, 0);
		assert_encrypted(r, 0x4000, 0x830);
		assert_true(rig_is_blank(r, 0x4830, 0x1000));
		rig_words(r, 0x02, 5, 0x1000u, 1u, 0x800u, 0x6000u, 0u); /* and plain again */
		rig_expect(r, 0x02, 0, 0, 0);
		rig_block(r, 0x03, 0, data, 0x800, 0);
		rig_expect(r, 0x03, 0, 0, 0);
		assert_memory_equal(rig_flash(r) + 0x6000, data, 0x800);
		rig_free(r);
	}
}

static void the_rom_inflates_and_encrypts(void **state)
{
	struct rig *r = encrypting("esp32h2", KEY);
	uint8_t packed[2 * sizeof(data)];
	uLongf len = sizeof(packed);

	(void)state;
	rig_pattern(data, sizeof(data), 3);
	assert_int_equal(compress2(packed, &len, data, sizeof(data), 9), Z_OK);
	assert_true(len <= 0x1800);
	rig_words(r, 0x10, 5, (uint32_t)sizeof(data), 1u, 0x1800u, 0x4000u, 1u);
	rig_expect(r, 0x10, 0, 0, 0);
	rig_block(r, 0x11, 0, packed, (uint32_t)len, 0);
	rig_expect(r, 0x11, 0, 0, 0);
	assert_encrypted(r, 0x4000, sizeof(data));
	rig_free(r);
}

static void the_rom_refuses_what_it_cannot_encrypt(void **state)
{
	struct rig *r = encrypting("esp32c3", KEY);

	(void)state;
	rig_words(r, 0x02, 5, 0x1008u, 1u, 0x800u, 0x4000u, 1u); /* not whole cipher blocks */
	rig_expect(r, 0x02, 0, 1, 6);
	rig_words(r, 0x02, 5, 0x1000u, 1u, 0x800u, 0x4000u, 1u);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, data, 24, 0);
	rig_expect(r, 0x03, 0, 1, 6);
	assert_true(rig_is_blank(r, 0x4000, 0x1000));
	rig_free(r);
	r = encrypting("esp32c3", 0); /* no key */
	rig_words(r, 0x02, 5, 0x1000u, 1u, 0x800u, 0x4000u, 1u);
	rig_expect(r, 0x02, 0, 1, 6);
	rig_free(r);
	r = encrypting("esp32", KEY); /* its ROM does not know the word, its stub does */
	rig_words(r, 0x02, 5, 0x1000u, 1u, 0x800u, 0x4000u, 1u);
	rig_expect(r, 0x02, 0, 1, 5);
	rig_free(r);
}

/* An even number of burned bits is off again. */
static void the_counter_is_odd_or_even(void **state)
{
	static const bool on[] = { false, true, true, false, true, false, false, true };

	(void)state;
	for (uint8_t n = 0; n < 8; n++) {
		struct far_sim_esp_config config = { .chip = "esp32c3",
						     .in_loader = true,
						     .flash_crypt_count = n };
		struct rig *r = rig_new_config(&config, true);

		rig_words(r, 0x02, 5, 0x1000u, 1u, 0x800u, 0x4000u, 1u);
		rig_expect(r, 0x02, 0, on[n] ? 0 : 1, 6);
		rig_free(r);
	}
}

static void the_stub_encrypts_on_demand(void **state)
{
	(void)state;
	rig_pattern(data, sizeof(data), 4);
	for (size_t i = 1; far_sim_esp_chip_name(i); i++) {
		struct far_sim_esp_config config = { .chip = far_sim_esp_chip_name(i),
						     .in_loader = true,
						     .flash_crypt_count = 7,
						     .flash_key = KEY };
		struct rig *r = rig_new_stub_config(&config);
		bool by_32 = strcmp(config.chip, "esp32") == 0;

		rig_words(r, 0x02, 5, 0x830u, 1u, 0x1000u, 0x4000u, 1u);
		rig_expect(r, 0x02, 0, by_32 ? 0xC0 : 0, 0);
		rig_words(r, 0x02, 5, 0x840u, 1u, 0x1000u, 0x4000u, 1u);
		rig_expect(r, 0x02, 0, 0, 0);
		rig_block(r, 0x03, 0, data, sizeof(data), 0); /* padded: clipped */
		rig_expect(r, 0x03, 0, 0, 0);
		rig_words(r, 0x04, 1, 1u);
		rig_expect(r, 0x04, 0, 0, 0);
		assert_encrypted(r, 0x4000, 0x840);
		assert_true(rig_is_blank(r, 0x4840, 0x1000));
		rig_words(r, 0x02, 5, 0x840u, 1u, 0x1000u, 0x4008u, 1u);
		rig_expect(r, 0x02, 0, 0xC0, 0);
		rig_free(r);
	}
}

/* The chip reads its program through the cipher: plain bytes are nonsense to it. */
static void an_encrypted_program_is_run_and_a_plain_one_not(void **state)
{
	struct rig *r = encrypting("esp32s3", KEY);
	uint8_t image[0x200];
	uint32_t len = rig_image(r, 0x100000, 9, 300);

	(void)state;
	memcpy(image, rig_flash(r) + 0x100000, len);
	rig_poke(r, 0, image, len);
	far_sim_esp_lines(r->esp, r->now, false, true);
	far_sim_esp_lines(r->esp, r->now, false, false);
	rig_wait(r, 100 * RIG_MS);
	assert_non_null(strstr(rig_text(r), "invalid header: 0x"));
	assert_null(strstr(rig_text(r), "0xffffffff"));
	rig_free(r);
	r = encrypting("esp32s3", KEY);
	far_sim_esp_crypt(r->esp, 0, image, len);
	rig_poke(r, 0, image, len);
	far_sim_esp_lines(r->esp, r->now, false, true);
	far_sim_esp_lines(r->esp, r->now, false, false);
	rig_wait(r, 100 * RIG_MS);
	assert_non_null(strstr(rig_text(r), "entry 0x4008079c"));
	assert_string_equal(far_sim_esp_mode(r->esp), "app");
	rig_free(r);
}

/* With secure boot MEM_END does not jump; a pointer of the ROM's does, on READ_FLASH_SLOW. */
static void the_s3_is_started_by_its_pointer(void **state)
{
	struct far_sim_esp_config config = { .chip = "esp32s3",
					     .in_loader = true,
					     .secure_boot = true };
	struct rig *r = rig_new_config(&config, true);
	const struct rig_stub *s = rig_stub("esp32s3");

	(void)state;
	rig_upload(r, s->text, s->text_len, s->entry);
	rig_silence(r, 1000 * RIG_MS);
	rig_words(r, 0x0E, 2, 0u, 64u); /* the pointer is as the ROM left it */
	rig_expect(r, 0x0E, 64, 0, 0);
	rig_write_reg(r, 0x3FCEF688, s->entry);
	rig_words(r, 0x0E, 2, 0u, 64u);
	rig_ohai(r);
	rig_free(r);
	r = rig_new_stub("esp32s3"); /* without secure boot it is as on the others */
	rig_free(r);
}

/* Where each has its watchdog: config 0, 1 is 4 above, the lock 18 above. */
static void the_watchdog_resets_each_that_has_one(void **state)
{
	static const struct {
		const char *chip;
		uint32_t base;
	} cases[] = {
		{ "esp32s2", 0x3F408094 },  { "esp32s3", 0x60008098 }, { "esp32c2", 0x60008084 },
		{ "esp32c3", 0x60008090 },  { "esp32c5", 0x600B1C00 }, { "esp32c6", 0x600B1C00 },
		{ "esp32c61", 0x600B1C00 }, { "esp32h2", 0x600B1C00 }, { "esp32p4", 0x50116000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig *r = rig_new(cases[i].chip, true);
		uint32_t base = cases[i].base, arm = 1u << 31 | 5u << 28 | 1u << 8 | 2u;

		rig_write_reg(r, base + 4, 2000);
		rig_write_reg(r, base, arm); /* locked */
		rig_silence(r, 1000 * RIG_MS);
		rig_write_reg(r, base + 0x18, 0x50D83AA1);
		rig_write_reg(r, base, arm);
		rig_write_reg(r, base + 0x18, 0);
		rig_flush(r);
		rig_wait(r, 100 * RIG_MS);
		assert_non_null(strstr(rig_text(r), "rst:0x10 ("));
		assert_non_null(strstr(rig_text(r), "SPI_FAST_FLASH_BOOT"));
		rig_free(r);
	}
}

/* Registers are written one after the other: what a later one does comes after earlier delays. */
static void write_reg_waits_between_registers(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		struct rig *r = stub ? rig_new_stub("esp32c3") : rig_new("esp32c3", true);

		rig_words(r, 0x09, 12, 0x3FC90000u, 1u, ~0u, 50000u, 0x3FC90004u, 2u, ~0u, 50000u,
			  0x3FC90008u, 3u, ~0u, 50000u);
		rig_silence(r, 140 * RIG_MS);
		rig_wait(r, 20 * RIG_MS);
		rig_expect(r, 0x09, 0, 0, 0);
		assert_int_equal(rig_read_reg(r, 0x3FC90000), 1);
		assert_int_equal(rig_read_reg(r, 0x3FC90004), 2);
		assert_int_equal(rig_read_reg(r, 0x3FC90008), 3);
		/* The second of these is an exception, and comes when the first's delay is over. */
		rig_words(r, 0x09, 8, 0x3FC90000u, 1u, ~0u, 50000u, 0x20000000u, 0u, ~0u, 0u);
		rig_wait(r, 40 * RIG_MS);
		assert_string_not_equal(far_sim_esp_mode(r->esp), "silent");
		rig_wait(r, 20 * RIG_MS);
		assert_string_equal(far_sim_esp_mode(r->esp), "silent");
		rig_free(r);
	}
}

/* The stub reckons from the rate that it is told it has. */
static void a_wrong_old_rate_makes_a_wrong_new_one(void **state)
{
	struct rig *r = rig_new_stub("esp32c6");

	(void)state;
	rig_words(r, 0x0F, 2, 460800u, 57600u);
	rig_expect(r, 0x0F, 0, 0, 0);
	assert_int_equal(far_sim_esp_baud(r->esp), 921600);
	r->baud = 921600;
	rig_words(r, 0x0F, 2, 460800u, 0u);
	rig_expect(r, 0x0F, 0, 0xC0, 0);
	rig_words(r, 0x0F, 2, 460800u, 921600u);
	rig_expect(r, 0x0F, 0, 0, 0);
	assert_int_equal(far_sim_esp_baud(r->esp), 460800);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fuses_are_told),
		cmocka_unit_test(secure_download_mode_knows_eight_commands),
		cmocka_unit_test(secure_download_mode_writes),
		cmocka_unit_test(the_cipher_tells_plain_from_encrypted),
		cmocka_unit_test(the_rom_encrypts_on_demand),
		cmocka_unit_test(the_rom_inflates_and_encrypts),
		cmocka_unit_test(the_rom_refuses_what_it_cannot_encrypt),
		cmocka_unit_test(the_counter_is_odd_or_even),
		cmocka_unit_test(the_stub_encrypts_on_demand),
		cmocka_unit_test(an_encrypted_program_is_run_and_a_plain_one_not),
		cmocka_unit_test(the_s3_is_started_by_its_pointer),
		cmocka_unit_test(the_watchdog_resets_each_that_has_one),
		cmocka_unit_test(write_reg_waits_between_registers),
		cmocka_unit_test(a_wrong_old_rate_makes_a_wrong_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
