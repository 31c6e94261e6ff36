/* SPDX-License-Identifier: Apache-2.0 */
/* The registers a host reads at connect, and the SPI controller as a way to the flash. */
#include <string.h>

#include "sim_esp_rig.h"

/* Offsets per chip, from the protocol's table of constants. */
struct layout {
	const char *chip;
	uint32_t magic, spi, usr, usr1, usr2, mosi, miso, w0, clkdiv, hz;
	bool left;
};

static const struct layout layouts[] = {
	{ "esp8266", 0xFFF0C101, 0x60000200, 0x1C, 0x20, 0x24, 0, 0, 0x40, 0x60000014, 52000000,
	  true },
	{ "esp32", 0x00F01D83, 0x3FF42000, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x80, 0x3FF40014, 40000000,
	  true },
	{ "esp32s2", 0x000007C6, 0x3F402000, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x58, 0x3F400014,
	  40000000, false },
};

#define LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

struct spi {
	uint8_t op;
	uint32_t mosi_bits, miso_bits, addr_bits, dummy_bits, addr;
	const uint8_t *out; /* a multiple of four bytes */
};

/* The steps of the vendor's tool, in its order. The first word that comes back. */
static uint32_t spi_run(struct rig *r, const struct layout *l, const struct spi *s)
{
	uint32_t flags = 1u << 31, usr1 = 0;
	uint32_t old_usr = rig_read_reg(r, l->spi + l->usr);
	uint32_t old_usr2 = rig_read_reg(r, l->spi + l->usr2);
	uint32_t word;

	flags |= s->miso_bits ? 1u << 28 : 0;
	flags |= s->mosi_bits ? 1u << 27 : 0;
	flags |= s->addr_bits ? 1u << 30 : 0;
	flags |= s->dummy_bits ? 1u << 29 : 0;
	usr1 |= s->addr_bits ? (s->addr_bits - 1) << 26 : 0;
	usr1 |= s->dummy_bits ? s->dummy_bits - 1 : 0;
	if (l->mosi == 0) {
		usr1 |= s->miso_bits ? (s->miso_bits - 1) << 8 : 0;
		usr1 |= s->mosi_bits ? (s->mosi_bits - 1) << 17 : 0;
	} else {
		if (s->mosi_bits)
			rig_write_reg(r, l->spi + l->mosi, s->mosi_bits - 1);
		if (s->miso_bits)
			rig_write_reg(r, l->spi + l->miso, s->miso_bits - 1);
	}
	if (usr1)
		rig_write_reg(r, l->spi + l->usr1, usr1);
	rig_write_reg(r, l->spi + l->usr, flags);
	rig_write_reg(r, l->spi + l->usr2, 7u << 28 | s->op);
	if (s->addr_bits)
		rig_write_reg(r, l->spi + 4, l->left ? s->addr << (32 - s->addr_bits) : s->addr);
	rig_write_reg(r, l->spi + l->w0, 0);
	for (uint32_t i = 0; i < s->mosi_bits / 8; i += 4)
		rig_write_reg(r, l->spi + l->w0 + i, rig_le32(s->out + i));
	rig_write_reg(r, l->spi, 1u << 18);
	assert_int_equal(rig_read_reg(r, l->spi) & 1u << 18, 0);
	word = rig_read_reg(r, l->spi + l->w0);
	rig_write_reg(r, l->spi + l->usr, old_usr);
	rig_write_reg(r, l->spi + l->usr2, old_usr2);
	return word;
}

static void identity_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		struct rig *r = rig_new(layouts[i].chip, true);

		assert_int_equal(rig_read_reg(r, 0x40001000), layouts[i].magic);
		rig_free(r);
	}
}

static void the_divider_tells_the_crystal(void **state)
{
	static const uint32_t rates[] = { 74880, 115200, 460800 };

	(void)state;
	for (size_t i = 0; i < 3 * LAYOUTS; i++) {
		const struct layout *l = &layouts[i % LAYOUTS];
		struct rig *r = rig_new(l->chip, false);
		uint32_t div;

		rig_wait(r, 100 * RIG_MS);
		rig_flush(r);
		r->baud = rates[i / LAYOUTS];
		rig_sync(r);
		div = rig_read_reg(r, l->clkdiv) & 0xFFFFF;
		/* Within a percent: the divider is a whole number. */
		assert_in_range((uint64_t)div * r->baud, l->hz / 100u * 98u, l->hz / 100u * 101u);
		rig_free(r);
	}
}

/* A chip of this name with this address, in its loader and SYNCed. */
static struct rig *with_mac(const char *chip, const uint8_t mac[6])
{
	struct rig *r = rig_new(chip, false);
	struct far_sim_esp_config config = { .chip = chip, .nor = r->nor, .in_loader = true };

	memcpy(config.mac, mac, 6);
	far_sim_esp_free(r->esp);
	r->esp = far_sim_esp_new(&config);
	rig_wait(r, 100 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	return r;
}

static const uint8_t mac[6] = { 0x30, 0xAE, 0xA4, 0x12, 0xC0, 0xDB };

static void the_mac_of_an_esp32(void **state)
{
	struct rig *r = with_mac("esp32", mac);

	(void)state;
	assert_int_equal(rig_read_reg(r, 0x3FF5A004), 0xA412C0DB);
	assert_int_equal(rig_read_reg(r, 0x3FF5A008) & 0xFFFF, 0x30AE);
	rig_free(r);
}

/* Addresses and checksums of two parts, as the vendor's documents show them. */
static void its_checksum_is_the_one_that_is_burned(void **state)
{
	static const uint8_t macs[2][6] = { { 0x94, 0xB9, 0x7E, 0x5A, 0x6E, 0x58 },
					    { 0x30, 0xAE, 0xA4, 0xC3, 0x86, 0x94 } };
	static const uint8_t sums[2] = { 0xE2, 0x99 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct rig *r = with_mac("esp32", macs[i]);

		assert_int_equal(rig_read_reg(r, 0x3FF5A008) >> 16, sums[i]);
		rig_free(r);
	}
}

static void the_mac_of_an_s2(void **state)
{
	struct rig *r = with_mac("esp32s2", mac);

	(void)state;
	assert_int_equal(rig_read_reg(r, 0x3F41A044), 0xA412C0DB);
	assert_int_equal(rig_read_reg(r, 0x3F41A048), 0x30AE);
	rig_free(r);
}

static void the_mac_of_an_esp8266(void **state)
{
	struct rig *r = with_mac("esp8266", mac);

	(void)state;
	assert_int_equal(rig_read_reg(r, 0x3FF0005C) & 0xFFFFFF, 0x30AEA4);
	assert_int_equal(rig_read_reg(r, 0x3FF00054) & 0xFFFF, 0x12C0);
	assert_int_equal(rig_read_reg(r, 0x3FF00050) >> 24, 0xDB);
	assert_int_equal(rig_read_reg(r, 0x3FF00050) & 1u << 4, 0); /* no ESP8285 */
	assert_int_equal(rig_read_reg(r, 0x3FF00058) & 1u << 16, 0);
	rig_free(r);
}

static void the_esp32_is_a_revision_3(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	assert_true(rig_read_reg(r, 0x3FF5A00C) & 1u << 15);
	assert_true(rig_read_reg(r, 0x3FF5A014) & 1u << 20);
	assert_true(rig_read_reg(r, 0x3FF6607C) & 1u << 31);
	assert_int_equal(rig_read_reg(r, 0x3FF5A018) & 3, 0); /* coding scheme none */
	rig_read_reg(r, 0x3FF5A000);
	rig_read_reg(r, 0x3FF44038);
	rig_read_reg(r, 0x3FF48074);
	rig_free(r);
}

static void identity_cannot_be_written(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_write_reg(r, 0x3FF5A004, 0);
	rig_write_reg(r, 0x40001000, 0);
	assert_int_not_equal(rig_read_reg(r, 0x3FF5A004), 0);
	assert_int_equal(rig_read_reg(r, 0x40001000), 0x00F01D83);
	rig_free(r);
}

static void flash_id_status_and_sfdp(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		const struct layout *l = &layouts[i];
		struct rig *r = rig_new(l->chip, true);

		for (int stub = 0; stub < 2; stub++) {
			struct spi rdid = { .op = 0x9F, .miso_bits = 24 };
			struct spi rdsr = { .op = 0x05, .miso_bits = 8 };
			struct spi sfdp = {
				.op = 0x5A, .miso_bits = 32, .addr_bits = 24, .dummy_bits = 8
			};
			struct spi wren = { .op = 0x06 };

			assert_int_equal(spi_run(r, l, &rdid), 0x1640EF);
			assert_int_equal(spi_run(r, l, &sfdp), 0x50444653);
			sfdp.addr = 4; /* revision and number of headers */
			assert_int_not_equal(spi_run(r, l, &sfdp), 0x50444653);
			assert_int_equal(spi_run(r, l, &rdsr), 0);
			spi_run(r, l, &wren);
			assert_int_equal(spi_run(r, l, &rdsr), 2);
			wren.op = 0x04;
			spi_run(r, l, &wren);
			assert_int_equal(spi_run(r, l, &rdsr), 0);
			rig_free(r);
			r = rig_new_stub(l->chip);
		}
		rig_free(r);
	}
}

/* Bit 28 of CMD alone, with whatever stands in the other registers; none of them changes. */
static void its_own_bit_reads_the_id(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		const struct layout *l = &layouts[i];
		struct rig *r = rig_new(l->chip, true);

		for (int stub = 0; stub < 2; stub++) {
			uint32_t usr = rig_read_reg(r, l->spi + l->usr);
			uint32_t usr2 = rig_read_reg(r, l->spi + l->usr2);

			rig_write_reg(r, l->spi + l->w0, 0);
			rig_write_reg(r, l->spi, 1u << 28);
			assert_int_equal(rig_read_reg(r, l->spi + l->w0), 0x1640EF);
			assert_int_equal(rig_read_reg(r, l->spi), 0);
			assert_int_equal(rig_read_reg(r, l->spi + l->usr), usr);
			assert_int_equal(rig_read_reg(r, l->spi + l->usr2), usr2);
			rig_free(r);
			r = rig_new_stub(l->chip);
		}
		rig_free(r);
	}
}

static void any_command_reaches_the_die(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		const struct layout *l = &layouts[i];
		struct rig *r = rig_new(l->chip, true);
		const uint8_t data[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
		struct spi wren = { .op = 0x06 };
		struct spi program = {
			.op = 0x02, .addr_bits = 24, .addr = 0x123456, .mosi_bits = 64, .out = data
		};
		struct spi read = {
			.op = 0x03, .addr_bits = 24, .addr = 0x12345A, .miso_bits = 32
		};
		struct spi erase = { .op = 0x20, .addr_bits = 24, .addr = 0x123456 };

		spi_run(r, l, &wren);
		spi_run(r, l, &program);
		rig_wait(r, 10 * RIG_MS);
		assert_memory_equal(rig_flash(r) + 0x123456, data, 8);
		assert_int_equal(spi_run(r, l, &read), 0x08070605);
		spi_run(r, l, &erase); /* no write enable: refused */
		rig_wait(r, 100 * RIG_MS);
		assert_memory_equal(rig_flash(r) + 0x123456, data, 8);
		spi_run(r, l, &wren);
		spi_run(r, l, &erase);
		rig_wait(r, 100 * RIG_MS);
		assert_true(rig_is_blank(r, 0x123000, 0x1000));
		rig_free(r);
	}
}

static void all_sixteen_words_come_back(void **state)
{
	const struct layout *l = &layouts[1];
	struct rig *r = rig_new(l->chip, true);
	struct spi read = { .op = 0x03, .addr_bits = 24, .addr = 0x1000, .miso_bits = 512 };
	uint8_t data[64];

	(void)state;
	rig_pattern(data, sizeof(data), 8);
	rig_poke(r, 0x1000, data, sizeof(data));
	assert_int_equal(spi_run(r, l, &read), rig_le32(data));
	for (uint32_t i = 0; i < 64; i += 4)
		assert_int_equal(rig_read_reg(r, l->spi + l->w0 + i), rig_le32(data + i));
	rig_free(r);
}

static void without_attach_the_bus_reads_as_ones(void **state)
{
	struct rig *r = rig_new("esp32", false);
	struct spi rdid = { .op = 0x9F, .miso_bits = 24 };

	(void)state;
	rig_wait(r, 100 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	assert_int_equal(spi_run(r, &layouts[1], &rdid), 0xFFFFFF);
	rig_write_reg(r, layouts[1].spi + layouts[1].w0, 0);
	rig_write_reg(r, layouts[1].spi, 1u << 28);
	assert_int_equal(rig_read_reg(r, layouts[1].spi + layouts[1].w0), 0xFFFFFF);
	rig_words(r, 0x0D, 2, 0u, 0u);
	rig_expect(r, 0x0D, 0, 0, 0);
	assert_int_equal(spi_run(r, &layouts[1], &rdid), 0x1640EF);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_words),
		cmocka_unit_test(the_divider_tells_the_crystal),
		cmocka_unit_test(the_mac_of_an_esp32),
		cmocka_unit_test(its_checksum_is_the_one_that_is_burned),
		cmocka_unit_test(the_mac_of_an_s2),
		cmocka_unit_test(the_mac_of_an_esp8266),
		cmocka_unit_test(the_esp32_is_a_revision_3),
		cmocka_unit_test(identity_cannot_be_written),
		cmocka_unit_test(flash_id_status_and_sfdp),
		cmocka_unit_test(its_own_bit_reads_the_id),
		cmocka_unit_test(any_command_reaches_the_die),
		cmocka_unit_test(all_sixteen_words_come_back),
		cmocka_unit_test(without_attach_the_bus_reads_as_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
