/* SPDX-License-Identifier: Apache-2.0 */
/* The cells of the NOR die: program, erase, read, wear, and the life of a die. */
#include "sim_nor_host.h"

static void only_possible_sizes(void **state)
{
	static const uint32_t bad[] = { 0,         1,        4096,      32768,     65535,
					65537,     98304,    3 * MIB,   255 * MIB, 257 * MIB,
					512 * MIB, 1u << 31, UINT32_MAX };
	struct far_sim_nor_config config = { 0 };

	(void)state;
	assert_null(far_sim_nor_new(NULL));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		config.size = bad[i];
		assert_null(far_sim_nor_new(&config));
	}
	for (config.size = 64 * KIB; config.size <= 64 * MIB; config.size *= 2) {
		struct far_sim_nor *n = far_sim_nor_new(&config);

		assert_non_null(n);
		assert_int_equal(far_sim_nor_size(n), config.size);
		assert_int_equal(far_sim_nor_memory(n)[0], 0xff);
		assert_int_equal(far_sim_nor_memory(n)[config.size - 1], 0xff);
		assert_true(far_sim_nor_busy_until_ns(n) == 0);
		far_sim_nor_free(n);
	}
	far_sim_nor_free(NULL);
}

static void the_largest_die_works_to_its_end(void **state)
{
	struct far_sim_nor_config config = { .size = 256 * MIB, .instant = true };
	struct host h;
	uint8_t rx[2];

	(void)state;
	config.memory = calloc(1, config.size); /* untouched pages cost nothing */
	assert_non_null(config.memory);
	h = (struct host){ .nor = far_sim_nor_new(&config) };
	assert_non_null(h.nor);
	op(&h, 0x06);
	op_addr(&h, 0x21, 256 * MIB - 1, 4);
	assert_int_equal(at(&h, 256 * MIB - 1), 0xff);
	assert_int_equal(at(&h, 256 * MIB - 4096), 0xff);
	assert_int_equal(at(&h, 256 * MIB - 4097), 0x00);
	op_read(&h, 0x13, 256 * MIB - 1, 4, 0, rx, 2);
	assert_int_equal(rx[0], 0xff);
	assert_int_equal(rx[1], 0x00);
	assert_int_equal(far_sim_nor_wear(h.nor, 256 * MIB - 1), 1);
	far_sim_nor_free(h.nor);
	free(config.memory);
}

static void memory_of_the_caller_is_used_and_kept(void **state)
{
	struct far_sim_nor_config config = { .size = 64 * KIB, .instant = true };
	struct host h;

	(void)state;
	config.memory = malloc(config.size);
	assert_non_null(config.memory);
	memset(config.memory, 0xa5, config.size);
	h = (struct host){ .nor = far_sim_nor_new(&config) };
	assert_non_null(h.nor);
	assert_ptr_equal(far_sim_nor_memory(h.nor), config.memory);
	program_byte(&h, 10, 0x0f);
	assert_int_equal(config.memory[10], 0x05);
	assert_int_equal(config.memory[11], 0xa5);
	far_sim_nor_free(h.nor);
	assert_int_equal(config.memory[10], 0x05);
	free(config.memory);
}

static void program_only_clears_bits(void **state)
{
	struct host h = host_new(64 * KIB, true);

	(void)state;
	program_byte(&h, 5, 0xf0);
	assert_int_equal(at(&h, 5), 0xf0);
	assert_int_equal(far_sim_nor_counts(h.nor)->zero_to_one, 0);
	program_byte(&h, 5, 0x30);
	assert_int_equal(at(&h, 5), 0x30);
	assert_int_equal(far_sim_nor_counts(h.nor)->zero_to_one, 0);
	program_byte(&h, 5, 0x0f);
	assert_int_equal(at(&h, 5), 0x00);
	assert_int_equal(far_sim_nor_counts(h.nor)->zero_to_one, 1);
	program_byte(&h, 5, 0xff);
	assert_int_equal(at(&h, 5), 0x00);
	assert_int_equal(far_sim_nor_counts(h.nor)->zero_to_one, 2);
	assert_int_equal(far_sim_nor_counts(h.nor)->programs, 4);
	assert_true(all_ff(far_sim_nor_memory(h.nor), 5));
	assert_int_equal(at(&h, 6), 0xff);
	far_sim_nor_free(h.nor);
}

/* Every old byte against every new one. */
static void program_is_and_for_all_pairs(void **state)
{
	struct host h = host_new(64 * KIB, true);
	uint8_t old[256], new[256];

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		old[i] = (uint8_t)i;
	for (unsigned v = 0; v < 256; v++) {
		memset(new, (int)v, sizeof(new));
		program(&h, v * 256, old, 256);
		program(&h, v * 256, new, 256);
		for (unsigned i = 0; i < 256; i++)
			assert_int_equal(at(&h, v * 256 + i), i & v);
	}
	/* Only the pages that were given 0 alone asked for no 0 -> 1. */
	assert_int_equal(far_sim_nor_counts(h.nor)->zero_to_one, 255);
	far_sim_nor_free(h.nor);
}

static void program_wraps_in_its_page(void **state)
{
	struct host h = host_new(64 * KIB, true);
	uint8_t data[20];

	(void)state;
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i + 1);
	program(&h, 0x3f8, data, sizeof(data));
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(at(&h, 0x3f8 + i), i + 1);
	for (unsigned i = 0; i < 12; i++)
		assert_int_equal(at(&h, 0x300 + i), i + 9);
	assert_true(all_ff(far_sim_nor_memory(h.nor) + 0x30c, 0x3f8 - 0x30c));
	assert_true(all_ff(far_sim_nor_memory(h.nor) + 0x400, 0x100));
	assert_true(all_ff(far_sim_nor_memory(h.nor), 0x300));
	far_sim_nor_free(h.nor);
}

/* The page buffer is a ring: 300 bytes from 0x10 leave bytes 44 to 299, in their places. */
static void of_longer_data_the_last_page_counts(void **state)
{
	struct host h = host_new(64 * KIB, true);
	uint8_t data[300];

	(void)state;
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i < 44 ? 0x00 : i);
	program(&h, 0x510, data, sizeof(data));
	for (unsigned i = 44; i < 300; i++)
		assert_int_equal(at(&h, 0x500 + (0x10 + i) % 256), i & 0xff);
	assert_true(all_ff(far_sim_nor_memory(h.nor) + 0x600, 0x100));
	assert_true(all_ff(far_sim_nor_memory(h.nor) + 0x400, 0x100));
	assert_int_equal(far_sim_nor_counts(h.nor)->programs, 1);
	far_sim_nor_free(h.nor);
}

struct unit {
	uint8_t opcode;
	uint32_t addr, from, len;
};

static void erase_takes_the_unit_around_the_address(void **state)
{
	static const struct unit units[] = {
		{ 0x20, 0x11000, 0x11000, 0x1000 },  { 0x20, 0x11fff, 0x11000, 0x1000 },
		{ 0x20, 0x11234, 0x11000, 0x1000 },  { 0x52, 0x18000, 0x18000, 0x8000 },
		{ 0x52, 0x1abcd, 0x18000, 0x8000 },  { 0x52, 0x1ffff, 0x18000, 0x8000 },
		{ 0xd8, 0x10000, 0x10000, 0x10000 }, { 0xd8, 0x1ffff, 0x10000, 0x10000 },
		{ 0xd8, 0x14321, 0x10000, 0x10000 }, { 0x20, 0x1ffff, 0x1f000, 0x1000 },
	};
	struct far_sim_nor_config config = { .size = 256 * KIB, .instant = true };

	(void)state;
	config.memory = malloc(config.size);
	assert_non_null(config.memory);
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		struct host h;

		memset(config.memory, 0, config.size);
		h = (struct host){ .nor = far_sim_nor_new(&config) };
		assert_non_null(h.nor);
		erase(&h, units[u].opcode, units[u].addr);
		for (uint32_t a = 0; a < config.size; a++) {
			bool in = a >= units[u].from && a < units[u].from + units[u].len;

			if (at(&h, a) != (in ? 0xff : 0))
				fail_msg("opcode %02x at %05x: byte %05x is %02x", units[u].opcode,
					 units[u].addr, a, at(&h, a));
			if (far_sim_nor_wear(h.nor, a) != in)
				fail_msg("wear of %05x is %u", a, far_sim_nor_wear(h.nor, a));
		}
		assert_int_equal(far_sim_nor_counts(h.nor)->erases, 1);
		far_sim_nor_free(h.nor);
	}
	free(config.memory);
}

static void chip_erase_takes_everything(void **state)
{
	static const uint8_t opcodes[] = { 0xc7, 0x60 };
	struct host h = host_new(128 * KIB, true);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		program_byte(&h, 0, 0);
		program_byte(&h, 128 * KIB - 1, 0);
		op(&h, 0x06);
		op(&h, opcodes[i]);
		assert_true(all_ff(far_sim_nor_memory(h.nor), 128 * KIB));
		for (uint32_t a = 0; a < 128 * KIB; a += 4096)
			assert_int_equal(far_sim_nor_wear(h.nor, a), i + 1);
	}
	assert_int_equal(far_sim_nor_counts(h.nor)->erases, 2);
	far_sim_nor_free(h.nor);
}

static void wear_adds_up_by_sector(void **state)
{
	struct host h = host_new(128 * KIB, true);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		erase(&h, 0x20, 0x3000);
	erase(&h, 0x52, 0x0000);
	erase(&h, 0xd8, 0x0000);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x3000), 7);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x3fff), 7);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x2fff), 2);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x7fff), 2);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x8000), 1);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x10000), 0);
	assert_int_equal(far_sim_nor_wear(h.nor, 128 * KIB), 0);
	assert_int_equal(far_sim_nor_wear(h.nor, UINT32_MAX), 0);
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x3000), 7);
	far_sim_nor_free(h.nor);
}

struct read_op {
	uint8_t opcode;
	size_t dummy;
};

static const struct read_op read_ops[] = { { 0x03, 0 }, { 0x0b, 1 }, { 0x3b, 1 }, { 0x6b, 1 } };

static void every_read_gives_the_same_and_wraps(void **state)
{
	struct far_sim_nor_config config = { .size = 64 * KIB, .instant = true };
	uint8_t *rx = malloc(3 * 64 * KIB);
	struct host h;

	(void)state;
	config.memory = malloc(config.size);
	assert_non_null(config.memory);
	assert_non_null(rx);
	for (uint32_t i = 0; i < config.size; i++)
		config.memory[i] = (uint8_t)(i * 31 + (i >> 8));
	h = (struct host){ .nor = far_sim_nor_new(&config) };
	assert_non_null(h.nor);
	write_reg(&h, 0x31, 0x02); /* quad enable, for 6Bh */
	for (size_t r = 0; r < sizeof(read_ops) / sizeof(read_ops[0]); r++) {
		static const uint32_t from[] = { 0, 1, 0x1234, 0xffff, 0x10000, 0xf20005 };

		for (size_t f = 0; f < sizeof(from) / sizeof(from[0]); f++) {
			size_t len = 2 * config.size + 77;

			op_read(&h, read_ops[r].opcode, from[f], 3, read_ops[r].dummy, rx, len);
			for (size_t i = 0; i < len; i++)
				if (rx[i] != config.memory[(from[f] + i) % config.size])
					fail_msg("opcode %02x from %x: byte %zu",
						 read_ops[r].opcode, from[f], i);
		}
	}
	assert_int_equal(far_sim_nor_counts(h.nor)->ignored, 0);
	far_sim_nor_free(h.nor);
	free(config.memory);
	free(rx);
}

/* What the host clocks out and what it clocks in are the same clocks to the die. */
static void dummy_clocks_may_fall_on_either_side(void **state)
{
	struct host h = host_new(64 * KIB, true);
	uint8_t rx[4];

	(void)state;
	program(&h, 0, "\x11\x22\x33\x44\x55", 5);
	op_read(&h, 0x0b, 0, 3, 0, rx, 4);
	assert_memory_equal(rx, "\xff\x11\x22\x33", 4);
	op_read(&h, 0x0b, 0, 3, 2, rx, 4);
	assert_memory_equal(rx, "\x22\x33\x44\x55", 4);
	op_read(&h, 0x03, 0, 3, 1, rx, 4);
	assert_memory_equal(rx, "\x22\x33\x44\x55", 4);
	op_read(&h, 0x0b, 0, 3, 0, rx, 1);
	assert_int_equal(rx[0], 0xff);
	op_read(&h, 0x03, 0xffff, 3, 3, rx, 1);
	assert_int_equal(rx[0], 0x33);
	far_sim_nor_free(h.nor);
}

static void quad_read_needs_quad_enable(void **state)
{
	struct host h = host_new(64 * KIB, true);
	uint8_t rx;

	(void)state;
	program_byte(&h, 0, 0x42);
	op_read(&h, 0x6b, 0, 3, 1, &rx, 1);
	assert_int_equal(rx, 0xff);
	assert_int_equal(far_sim_nor_counts(h.nor)->ignored, 1);
	write_reg(&h, 0x31, 0x02);
	op_read(&h, 0x6b, 0, 3, 1, &rx, 1);
	assert_int_equal(rx, 0x42);
	far_sim_nor_free(h.nor);
}

static void changes_beyond_the_end_are_refused(void **state)
{
	static const uint8_t opcodes[] = { 0x02, 0x20, 0x52, 0xd8 };
	struct host h = host_new(64 * KIB, true);

	(void)state;
	program_byte(&h, 0, 0x12);
	for (unsigned i = 0; i < sizeof(opcodes); i++) {
		uint8_t zero = 0;

		op(&h, 0x06);
		op_data(&h, opcodes[i], 64 * KIB, 3, &zero, opcodes[i] == 0x02);
		assert_int_equal(far_sim_nor_counts(h.nor)->refused, i + 1);
		assert_int_equal(reg(&h, 0x05), 0);
	}
	assert_int_equal(at(&h, 0), 0x12);
	assert_int_equal(far_sim_nor_counts(h.nor)->erases, 0);
	assert_int_equal(far_sim_nor_counts(h.nor)->programs, 1);
	far_sim_nor_free(h.nor);
}

static void two_dies_are_two(void **state)
{
	struct host a = host_new(64 * KIB, true), b = host_new(64 * KIB, true);

	(void)state;
	op(&a, 0x06);
	assert_int_equal(reg(&a, 0x05), 0x02);
	assert_int_equal(reg(&b, 0x05), 0x00);
	program_byte(&a, 0, 0);
	assert_int_equal(at(&b, 0), 0xff);
	far_sim_nor_free(a.nor);
	far_sim_nor_free(b.nor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_possible_sizes),
		cmocka_unit_test(the_largest_die_works_to_its_end),
		cmocka_unit_test(memory_of_the_caller_is_used_and_kept),
		cmocka_unit_test(program_only_clears_bits),
		cmocka_unit_test(program_is_and_for_all_pairs),
		cmocka_unit_test(program_wraps_in_its_page),
		cmocka_unit_test(of_longer_data_the_last_page_counts),
		cmocka_unit_test(erase_takes_the_unit_around_the_address),
		cmocka_unit_test(chip_erase_takes_everything),
		cmocka_unit_test(wear_adds_up_by_sector),
		cmocka_unit_test(every_read_gives_the_same_and_wraps),
		cmocka_unit_test(dummy_clocks_may_fall_on_either_side),
		cmocka_unit_test(quad_read_needs_quad_enable),
		cmocka_unit_test(changes_beyond_the_end_are_refused),
		cmocka_unit_test(two_dies_are_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
