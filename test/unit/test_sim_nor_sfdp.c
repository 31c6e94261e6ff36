/* SPDX-License-Identifier: Apache-2.0 */
/* SFDP of the NOR die, decoded here after JESD216B and held against what the die does. */
#include <sys/mman.h>

#include "sim_nor_host.h"

static const uint32_t sizes[] = {
	64 * KIB, 1 * MIB, 4 * MIB, 8 * MIB, 16 * MIB, 32 * MIB, 256 * MIB
};

struct sfdp {
	uint8_t raw[256];
	uint32_t basic[16];
	uint32_t four[2];
};

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t bits(uint32_t word, unsigned high, unsigned low)
{
	return word >> low & (uint32_t)((1ull << (high - low + 1)) - 1);
}

static void words(const struct sfdp *s, size_t header, uint32_t *out, size_t count)
{
	uint32_t table = le32(s->raw + header + 4) & 0xffffff;

	assert_int_equal(s->raw[header + 3], count);
	assert_true(table % 4 == 0 && table + 4 * count <= sizeof(s->raw));
	for (size_t i = 0; i < count; i++)
		out[i] = le32(s->raw + table + 4 * i);
}

static struct sfdp read_sfdp(struct host *h)
{
	struct sfdp s;

	memset(&s, 0, sizeof(s));
	op_read(h, 0x5a, 0, 3, 1, s.raw, sizeof(s.raw));
	words(&s, 8, s.basic, 16);
	if (s.raw[6] == 1)
		words(&s, 16, s.four, 2);
	return s;
}

/* On pages that nobody touches: a die of its own would erase 256 MiB to begin with. */
static void with_each_size(void (*check)(uint32_t size, struct host *h, const struct sfdp *s))
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		void *cells = mmap(NULL, sizes[i], PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		const struct far_sim_nor_config config = { .size = sizes[i], .memory = cells };
		struct host h = { .nor = far_sim_nor_new(&config), .now_ns = 1000 };
		struct sfdp s;

		assert_true(cells != MAP_FAILED);
		assert_non_null(h.nor);
		s = read_sfdp(&h);
		check(sizes[i], &h, &s);
		far_sim_nor_free(h.nor);
		munmap(cells, sizes[i]);
	}
}

static void check_header(uint32_t size, struct host *h, const struct sfdp *s)
{
	(void)h;
	assert_memory_equal(s->raw, "SFDP", 4);
	assert_int_equal(s->raw[4], 6); /* 1.6: JESD216B */
	assert_int_equal(s->raw[5], 1);
	assert_int_equal(s->raw[6], size > 16 * MIB ? 1 : 0);
	assert_int_equal(s->raw[7], 0xff);
	assert_int_equal(s->raw[8], 0x00);
	assert_int_equal(s->raw[9], 6);
	assert_int_equal(s->raw[10], 1);
	assert_int_equal(s->raw[15], 0xff);
	if (size > 16 * MIB) {
		assert_int_equal(s->raw[16], 0x84);
		assert_int_equal(s->raw[18], 1);
		assert_int_equal(s->raw[23], 0xff);
	}
}

static void the_header_is_right(void **state)
{
	(void)state;
	with_each_size(check_header);
}

static void check_geometry(uint32_t size, struct host *h, const struct sfdp *s)
{
	(void)h;
	assert_int_equal(bits(s->basic[1], 31, 31), 0);
	assert_true((uint64_t)s->basic[1] + 1 == (uint64_t)size * 8);
	assert_int_equal(bits(s->basic[0], 1, 0), 1); /* 4 KiB erase everywhere */
	assert_int_equal(bits(s->basic[0], 2, 2), 1); /* 64 bytes or more at once */
	assert_int_equal(bits(s->basic[0], 4, 3), 0); /* 50h for volatile status */
	assert_int_equal(bits(s->basic[0], 15, 8), 0x20);
	assert_int_equal(bits(s->basic[0], 18, 17), size > 16 * MIB ? 1 : 0);
	assert_int_equal(bits(s->basic[0], 19, 19), 0); /* no DTR */
	assert_int_equal(bits(s->basic[7], 7, 0), 12);
	assert_int_equal(bits(s->basic[7], 15, 8), 0x20);
	assert_int_equal(bits(s->basic[7], 23, 16), 15);
	assert_int_equal(bits(s->basic[7], 31, 24), 0x52);
	assert_int_equal(bits(s->basic[8], 7, 0), 16);
	assert_int_equal(bits(s->basic[8], 15, 8), 0xd8);
	assert_int_equal(bits(s->basic[8], 31, 16), 0);
	assert_int_equal(1 << bits(s->basic[10], 7, 4), 256);
}

static void geometry_is_that_of_the_die(void **state)
{
	(void)state;
	with_each_size(check_geometry);
}

/* The word that the table gives for an erase: typical time in ms. */
static uint32_t erase_ms(uint32_t field)
{
	static const uint32_t unit[] = { 1, 16, 128, 1000 };

	return (bits(field, 4, 0) + 1) * unit[bits(field, 6, 5)];
}

static uint64_t measure(struct host *h, uint8_t opcode, size_t addr_len, const void *data,
			size_t len)
{
	uint64_t start;

	wait_idle(h);
	start = h->now_ns;
	op(h, 0x06);
	op_data(h, opcode, 0, addr_len, data, len);
	return far_sim_nor_busy_until_ns(h->nor) - start;
}

/* The table speaks in coarse units: it never promises less than the die takes, nor much more. */
static void holds(uint64_t promised_ns, uint64_t taken_ns)
{
	assert_true(promised_ns >= taken_ns);
	assert_true(promised_ns <= taken_ns + taken_ns / 4);
}

static void check_times(uint32_t size, struct host *h, const struct sfdp *s)
{
	static const uint32_t chip_unit_ms[] = { 16, 256, 4000, 64000 };
	static const uint8_t zeros[256];
	uint32_t w = s->basic[10];
	uint64_t first = (bits(w, 17, 14) + 1) * (bits(w, 18, 18) ? 8 : 1) * US;
	uint64_t next = (bits(w, 22, 19) + 1) * (bits(w, 23, 23) ? 8 : 1) * US;
	uint64_t page = (bits(w, 12, 8) + 1) * (bits(w, 13, 13) ? 64 : 8) * US;
	uint64_t chip = (uint64_t)(bits(w, 28, 24) + 1) * chip_unit_ms[bits(w, 30, 29)] * MS;

	holds(erase_ms(bits(s->basic[9], 10, 4)) * MS, measure(h, 0x20, 3, NULL, 0));
	holds(erase_ms(bits(s->basic[9], 17, 11)) * MS, measure(h, 0x52, 3, NULL, 0));
	holds(erase_ms(bits(s->basic[9], 24, 18)) * MS, measure(h, 0xd8, 3, NULL, 0));
	assert_int_equal(bits(s->basic[9], 31, 25), 0);
	holds(first, measure(h, 0x02, 3, zeros, 1));
	holds(first + 9 * next, measure(h, 0x02, 3, zeros, 10));
	holds(page, measure(h, 0x02, 3, zeros, 256));
	if (size <= 32 * MIB)
		holds(chip, measure(h, 0xc7, 0, NULL, 0));
	/* Datasheet maxima: 400 ms, 2 s, 3 ms. */
	assert_true(2 * (bits(s->basic[9], 3, 0) + 1) * erase_ms(bits(s->basic[9], 10, 4)) >= 400);
	assert_true(2 * (bits(s->basic[9], 3, 0) + 1) * erase_ms(bits(s->basic[9], 24, 18)) >=
		    2000);
	assert_true(2 * (bits(w, 3, 0) + 1) * page >= 3 * MS);
}

static void times_are_those_of_the_die(void **state)
{
	(void)state;
	with_each_size(check_times);
}

static void check_modes(uint32_t size, struct host *h, const struct sfdp *s)
{
	bool big = size > 16 * MIB;

	(void)h;
	assert_int_equal(bits(s->basic[0], 16, 16), 1); /* 1-1-2 */
	assert_int_equal(bits(s->basic[0], 22, 22), 1); /* 1-1-4 */
	assert_int_equal(bits(s->basic[0], 21, 20), 0); /* neither 1-4-4 nor 1-2-2 */
	assert_int_equal(bits(s->basic[2], 31, 16), 0x6b08);
	assert_int_equal(bits(s->basic[3], 15, 0), 0x3b08);
	assert_int_equal(bits(s->basic[4], 0, 0), 0);
	assert_int_equal(bits(s->basic[4], 4, 4), 0);
	assert_int_equal(bits(s->basic[11], 31, 31), 1); /* no suspend */
	assert_int_equal(bits(s->basic[13], 3, 2), 1);   /* busy: 05h bit 0 */
	assert_int_equal(bits(s->basic[13], 22, 15), 0xab);
	assert_int_equal(bits(s->basic[13], 30, 23), 0xb9);
	assert_int_equal(bits(s->basic[13], 31, 31), 0);
	assert_int_equal(bits(s->basic[13], 12, 8) + 1, 3);
	assert_int_equal(bits(s->basic[13], 14, 13), 1);   /* us */
	assert_int_equal(bits(s->basic[14], 22, 20), 4);   /* QE: register 2 bit 1 */
	assert_int_equal(bits(s->basic[15], 3, 0), 8);     /* 06h and 50h */
	assert_int_equal(bits(s->basic[15], 13, 8), 0x10); /* 66h 99h */
	assert_int_equal(bits(s->basic[15], 24, 24), big); /* B7h */
	assert_int_equal(bits(s->basic[15], 14, 14), big); /* E9h */
	assert_int_equal(bits(s->basic[15], 26, 26), big); /* C5h */
	assert_int_equal(bits(s->basic[15], 29, 29), big); /* 4-byte commands */
	assert_int_equal(bits(s->basic[15], 30, 30), 0);
	if (big) {
		assert_int_equal(bits(s->four[0], 11, 0), 0xa57);
		assert_int_equal(s->four[1], 0xffdcff21);
	}
}

static void modes_are_those_of_the_die(void **state)
{
	(void)state;
	with_each_size(check_modes);
}

static void the_register_is_256_bytes_and_wraps(void **state)
{
	struct host h = host_new(4 * MIB, false);
	struct sfdp s = read_sfdp(&h);
	uint8_t rx[300];

	(void)state;
	op_read(&h, 0x5a, 0xf8, 3, 1, rx, sizeof(rx));
	assert_memory_equal(rx, s.raw + 0xf8, 8);
	assert_memory_equal(rx + 8, s.raw, 256);
	assert_memory_equal(rx + 264, s.raw, 36);
	op_read(&h, 0x5a, 0x80, 3, 1, rx, 64);
	assert_memory_equal(rx, s.raw + 0x80, 64);
	assert_true(all_ff(s.raw + 0x10, 0x70));
	assert_true(all_ff(s.raw + 0xc0, 0x40));
	far_sim_nor_free(h.nor);
}

/* 5Ah has a 24-bit address in 4-byte mode, too. */
static void four_byte_mode_does_not_change_it(void **state)
{
	struct host h = host_new(32 * MIB, false);
	struct sfdp before = read_sfdp(&h), after;

	(void)state;
	op(&h, 0xb7);
	after = read_sfdp(&h);
	assert_memory_equal(before.raw, after.raw, 256);
	far_sim_nor_free(h.nor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_is_right),
		cmocka_unit_test(geometry_is_that_of_the_die),
		cmocka_unit_test(times_are_those_of_the_die),
		cmocka_unit_test(modes_are_those_of_the_die),
		cmocka_unit_test(the_register_is_256_bytes_and_wraps),
		cmocka_unit_test(four_byte_mode_does_not_change_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
