/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of the simulator's chip table against the protocol's table of constants, read through
 * the wire as a host would: detection, address, crystal, flash by its registers, stub, ROM writes.
 */
#include <string.h>

#include "sim_esp_rig.h"

#define NONE 0xFFFFu /* no GET_SECURITY_INFO, or no id in it */

/* Left in the row: what hosts find out. From the protocol's table, not from the simulator. */
struct chip {
	const char *name;
	uint32_t magic;
	size_t info;
	uint32_t id, mac, mac_ext;
	uint32_t spi, usr, miso, w0;
	uint32_t clkdiv, crystal, wrong; /* wrong: what the ROM takes its crystal for */
	uint32_t align;                  /* of encrypted writes; 0: none */
	const char *download;
};

static const struct chip chips[] = {
	{ "esp8266", 0xFFF0C101, 0, NONE, 0x3FF00050, 0, 0x60000200, 0x1C, 0, 0x40, 0x60000014, 52,
	  0, 0, "boot mode:(1," },
	{ "esp32", 0x00F01D83, 0, NONE, 0x3FF5A004, 0, 0x3FF42000, 0x1C, 0x2C, 0x80, 0x3FF40014, 40,
	  0, 32, "boot:0xf (UART_BOOT(UART0))" },
	{ "esp32s2", 0x000007C6, 12, NONE, 0x3F41A044, 0, 0x3F402000, 0x18, 0x28, 0x58, 0x3F400014,
	  40, 0, 16, "boot:0x2 (DOWNLOAD(" },
	{ "esp32s3", 0x00000009, 20, 9, 0x60007044, 0, 0x60002000, 0x18, 0x28, 0x58, 0x60000014, 40,
	  0, 16, "boot:0x23 (DOWNLOAD(" },
	{ "esp32c2", 0x7C41A06F, 20, 12, 0x60008840, 0x0010, 0x60002000, 0x18, 0x28, 0x58,
	  0x60000014, 26, 40, 16, "boot:0x4 (DOWNLOAD(" },
	{ "esp32c3", 0x1B31506F, 20, 5, 0x60008844, 0, 0x60002000, 0x18, 0x28, 0x58, 0x60000014, 40,
	  0, 16, "boot:0x5 (DOWNLOAD(USB/UART0/1))" },
	{ "esp32c5", 0, 20, 23, 0x600B4844, 0xFFFE, 0x60003000, 0x18, 0x28, 0x58, 0x60000014, 40,
	  40, 16, "boot:0x10 (DOWNLOAD(" },
	{ "esp32c6", 0x2CE0806F, 20, 13, 0x600B0844, 0xFFFE, 0x60003000, 0x18, 0x28, 0x58,
	  0x60000014, 40, 0, 16, "boot:0x4 (DOWNLOAD(USB/UART0/SDIO_FEI_FEO))" },
	{ "esp32c61", 0, 20, 20, 0x600B4844, 0, 0x60003000, 0x18, 0x28, 0x58, 0x60000014, 40, 0, 16,
	  "boot:0x4 (DOWNLOAD(" },
	{ "esp32h2", 0xD7B73E80, 20, 16, 0x600B0844, 0xFFFE, 0x60003000, 0x18, 0x28, 0x58,
	  0x60000014, 32, 0, 16, "boot:0x4 (DOWNLOAD(" },
	{ "esp32p4", 0, 20, 18, 0x5012D044, 0, 0x5008D000, 0x18, 0x28, 0x58, 0x500CA014, 40, 0, 16,
	  "boot:0x0 (DOWNLOAD(" },
	{ "esp32p4-rev1", 0, 20, 18, 0x5012D044, 0, 0x5008D000, 0x18, 0x28, 0x58, 0x500CA014, 40, 0,
	  16, "boot:0x307 (DOWNLOAD(USB/UART0/SPI))" },
};

#define CHIPS (sizeof(chips) / sizeof(chips[0]))

static bool is(const struct chip *c, const char *name)
{
	return strcmp(c->name, name) == 0;
}

static bool is_first(const struct chip *c)
{
	return is(c, "esp8266");
}

static void the_rows_are_these(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHIPS; i++)
		assert_string_equal(far_sim_esp_chip_name(i), chips[i].name);
	assert_null(far_sim_esp_chip_name(CHIPS));
}

static void features_are_those_of_the_fuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHIPS; i++) {
		const struct chip *c = &chips[i];

		assert_int_equal(far_sim_esp_can(c->name, FAR_SIM_ESP_SECURE_DOWNLOAD),
				 c->info != 0);
		assert_int_equal(far_sim_esp_can(c->name, FAR_SIM_ESP_ENCRYPTION), c->align != 0);
		assert_int_equal(far_sim_esp_can(c->name, FAR_SIM_ESP_SECURE_BOOT), !is_first(c));
		assert_int_equal(far_sim_esp_can(c->name, FAR_SIM_ESP_CRYSTALS),
				 is_first(c) || c->wrong != 0);
	}
	assert_false(far_sim_esp_can("esp99", FAR_SIM_ESP_ENCRYPTION));
}

/* The first thing on the line; at 115200, or what the crystal makes of that. */
static void each_announces_its_loader(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHIPS; i++) {
		const struct chip *c = &chips[i];
		struct rig *r = rig_new(c->name, false);
		bool slow = is_first(c) || is(c, "esp32c2");

		rig_wait(r, 100 * RIG_MS);
		assert_non_null(strstr(rig_text(r), c->download));
		if (!is_first(c))
			assert_non_null(strstr(rig_text(r), "\r\nwaiting for download\r\n"));
		assert_int_equal(r->out_baud[0], slow ? 74880 : 115200);
		rig_free(r);
	}
}

/*
 * GET_SECURITY_INFO tells the chip, or fails as an unknown command, or has no id; then the magic.
 */
static void each_is_detected(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHIPS; i++) {
		const struct chip *c = &chips[i];
		struct rig *r = rig_new(c->name, true);
		size_t status = is_first(c) ? 2 : 4;
		struct reply reply;

		rig_command(r, 0x14, NULL, 0, 0);
		rig_reply(r, &reply);
		if (c->info == 0) {
			assert_int_not_equal(reply.op, 0x14);
		} else {
			assert_int_equal(reply.op, 0x14);
			assert_int_equal(reply.size, c->info + status);
			assert_int_equal(rig_le32(reply.data), 0);
			assert_int_equal(reply.data[4], 0);
			if (c->id != NONE)
				assert_int_equal(rig_le32(reply.data + 12), c->id);
			if (is(c, "esp32c6") || is(c, "esp32h2"))
				assert_int_equal(reply.data[11], 0x0C);
		}
		rig_flush(r);
		if (c->magic != 0)
			assert_int_equal(rig_read_reg(r, 0x40001000), c->magic);
		else /* not in the table: some word, as detection goes by the id */
			rig_read_reg(r, 0x40001000);
		rig_free(r);
	}
}

/* Two words, the low end last; above it a check sum or an extension, which is not the address. */
static void each_has_its_address_in_its_fuses(void **state)
{
	static const uint8_t mac[6] = { 0x34, 0x85, 0x18, 0xC0, 0xDB, 0x01 };

	(void)state;
	for (size_t i = 1; i < CHIPS; i++) { /* the first's is in test_sim_esp_registers */
		const struct chip *c = &chips[i];
		struct far_sim_esp_config config = { .chip = c->name, .in_loader = true };
		struct rig *r;
		uint32_t high;

		memcpy(config.mac, mac, 6);
		r = rig_new_config(&config, true);
		assert_int_equal(rig_read_reg(r, c->mac), 0x18C0DB01);
		high = rig_read_reg(r, c->mac + 4);
		assert_int_equal(high & 0xFFFF, 0x3485);
		if (!is(c, "esp32"))
			assert_int_equal(high >> 16, c->mac_ext);
		rig_write_reg(r, c->mac, 0);
		assert_int_equal(rig_read_reg(r, c->mac), 0x18C0DB01);
		rig_free(r);
	}
}

/* A host's estimate: rate times divider, in MHz. */
static uint32_t estimate(struct rig *r, const struct chip *c)
{
	uint32_t div = rig_read_reg(r, c->clkdiv) & 0xFFFFF;

	return (uint32_t)(((uint64_t)div * r->baud + 999999) / 1000000);
}

static void each_divides_its_crystal(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHIPS; i++) {
		struct rig *r = rig_new(chips[i].name, true);

		assert_int_equal(estimate(r, &chips[i]), chips[i].crystal);
		rig_free(r);
	}
}

/* A ROM that is mistaken about its crystal is told a rate that makes up for it. */
static void each_changes_its_rate(void **state)
{
	(void)state;
	for (size_t i = 1; i < CHIPS; i++) {
		const struct chip *c = &chips[i];
		struct rig *r = rig_new(c->name, true);
		uint32_t ask = 460800;

		if (c->wrong != 0)
			ask = (uint32_t)((uint64_t)ask * c->wrong / c->crystal);
		if (is(c, "esp32")) /* RTCCALICFG1 and eFuse 4: see test_sim_esp_boot */
			ask = (uint32_t)((uint64_t)ask * 40375 / 40000);
		rig_words(r, 0x0F, 2, ask, 0u);
		rig_expect(r, 0x0F, 0, 0, 0);
		assert_in_range(far_sim_esp_baud(r->esp), 460790, 460800);
		r->baud = 460800;
		rig_flush(r);
		rig_read_reg(r, 0x40001000);
		rig_free(r);
	}
}

static void another_crystal_on_the_board(void **state)
{
	static const struct {
		const char *chip;
		uint32_t hz, mhz, boot, rate;
	} cases[] = {
		{ "esp8266", 40000000, 80, 115200, 0 },
		{ "esp32c2", 40000000, 40, 115200, 921600 },
		{ "esp32c5", 48000000, 48, 138240, 921600 * 48 / 40 },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct far_sim_esp_config config = { .chip = cases[i].chip,
						     .in_loader = true,
						     .crystal_hz = cases[i].hz };
		struct rig *r = rig_new_config(&config, false);
		const struct chip *c = chips;

		while (!is(c, cases[i].chip))
			c++;
		rig_wait(r, 100 * RIG_MS);
		assert_int_equal(r->out_baud[0], cases[i].boot);
		rig_flush(r);
		rig_sync(r);
		assert_int_equal(estimate(r, c), cases[i].mhz);
		if (is(c, "esp32c5")) /* and it says what it takes it for */
			assert_int_equal(rig_read_reg(r, 0x60096110) >> 24 & 0x7F, 40);
		if (cases[i].rate != 0) {
			rig_words(r, 0x0F, 2, 921600u, 0u);
			rig_expect(r, 0x0F, 0, 0, 0);
			assert_int_equal(far_sim_esp_baud(r->esp), cases[i].rate);
		}
		rig_free(r);
	}
}

/* The flash's id by the controller, from where it is on each. */
static void each_reaches_its_flash_by_registers(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHIPS; i++) {
		const struct chip *c = &chips[i];
		struct rig *r = rig_new(c->name, true);
		uint32_t usr2 = c->usr + 8;

		if (c->miso != 0)
			rig_write_reg(r, c->spi + c->miso, 23);
		else
			rig_write_reg(r, c->spi + c->usr + 4, 23u << 8);
		rig_write_reg(r, c->spi + c->usr, 1u << 31 | 1u << 28);
		rig_write_reg(r, c->spi + usr2, 7u << 28 | 0x9F);
		rig_write_reg(r, c->spi + c->w0, 0);
		rig_write_reg(r, c->spi, 1u << 18);
		assert_int_equal(rig_read_reg(r, c->spi) & 1u << 18, 0);
		assert_int_equal(rig_read_reg(r, c->spi + c->w0) & 0xFFFFFF, 0x1640EF);
		rig_free(r);
	}
}

/* Four words of BEGIN on the first two, five on all others; the block is written. */
static void each_is_written_by_its_rom(void **state)
{
	uint8_t data[0x400];

	(void)state;
	rig_pattern(data, sizeof(data), 1);
	for (size_t i = 0; i < CHIPS; i++) {
		const struct chip *c = &chips[i];
		struct rig *r = rig_new(c->name, true);
		bool four = is_first(c) || is(c, "esp32");

		rig_words(r, 0x02, four ? 5 : 4, 0x1000u, 1u, 0x400u, 0x3000u, 0u);
		rig_expect(r, 0x02, 0, 1, 5);
		rig_words(r, 0x02, four ? 4 : 5, 0x1000u, 1u, 0x400u, 0x3000u, 0u);
		rig_expect(r, 0x02, 0, 0, 0);
		rig_block(r, 0x03, 0, data, sizeof(data), 0);
		rig_expect(r, 0x03, 0, 0, 0);
		assert_memory_equal(rig_flash(r) + 0x3000, data, sizeof(data));
		rig_free(r);
	}
}

/*
 * The vendor's stub in its place greets, tells of itself, and writes without being asked to erase.
 */
static void each_runs_its_stub(void **state)
{
	uint8_t data[0x1000];
	struct reply reply;

	(void)state;
	rig_pattern(data, sizeof(data), 2);
	for (size_t i = 0; i < CHIPS; i++) {
		const struct chip *c = &chips[i];
		struct rig *r = rig_new_stub(c->name);

		rig_command(r, 0x14, NULL, 0, 0);
		rig_reply(r, &reply);
		assert_int_equal(reply.size, c->info + 2);
		assert_int_equal(reply.data[c->info], c->info == 0 ? 0xFF : 0);
		if (c->id != NONE)
			assert_int_equal(rig_le32(reply.data + 12), c->id);
		rig_words(r, 0x02, 4, 0x1000u, 1u, 0x1000u, 0x3000u);
		rig_expect(r, 0x02, 0, 0, 0);
		rig_block(r, 0x03, 0, data, sizeof(data), 0);
		rig_expect(r, 0x03, 0, 0, 0);
		rig_words(r, 0x04, 1, 1u);
		rig_expect(r, 0x04, 0, 0, 0);
		assert_memory_equal(rig_flash(r) + 0x3000, data, sizeof(data));
		rig_free(r);
	}
}

/*
 * Started anywhere else in it, or not whole, or another chip's: no greeting, and only a reset
 * helps.
 */
static void each_dies_of_a_wrong_stub(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHIPS * 3; i++) {
		const struct rig_stub *s = rig_stub(chips[i / 3].name);
		struct rig *r = rig_new(s->chip, true);
		uint32_t len = i % 3 == 1 ? s->text_len - 4 : s->text_len;
		uint32_t entry = i % 3 == 2 ? s->text + s->text_len : s->entry;

		if (i % 3 == 0)
			entry += 2;
		rig_upload(r, s->text, len, entry);
		rig_flush(r);
		rig_wait(r, 5000 * RIG_MS);
		assert_null(strstr(rig_text(r), "OHAI"));
		assert_string_equal(far_sim_esp_mode(r->esp), "silent");
		rig_free(r);
	}
}

static void code_elsewhere_is_a_program_of_its_own(void **state)
{
	struct rig *r = rig_new("esp32c6", true);
	struct far_sim_esp_config config = { .chip = "esp32c6", .in_loader = true };

	(void)state;
	rig_upload(r, 0x40810000, 0x800, 0x40810100);
	rig_wait(r, 100 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "app");
	rig_free(r);
	config.any_stub = true; /* unless whatever is started shall be a stub */
	r = rig_new_config(&config, true);
	rig_upload(r, 0x40810000, 0x800, 0x40810100);
	rig_ohai(r);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rows_are_these),
		cmocka_unit_test(features_are_those_of_the_fuses),
		cmocka_unit_test(each_announces_its_loader),
		cmocka_unit_test(each_is_detected),
		cmocka_unit_test(each_has_its_address_in_its_fuses),
		cmocka_unit_test(each_divides_its_crystal),
		cmocka_unit_test(each_changes_its_rate),
		cmocka_unit_test(another_crystal_on_the_board),
		cmocka_unit_test(each_reaches_its_flash_by_registers),
		cmocka_unit_test(each_is_written_by_its_rom),
		cmocka_unit_test(each_runs_its_stub),
		cmocka_unit_test(each_dies_of_a_wrong_stub),
		cmocka_unit_test(code_elsewhere_is_a_program_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
