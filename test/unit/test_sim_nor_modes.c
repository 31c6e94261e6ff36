/* SPDX-License-Identifier: Apache-2.0 */
/* The NOR die: who it says it is, deep power-down, reset, power, and 4-byte addresses. */
#include "sim_nor_host.h"

#define BUSY_WEL 0x03

struct id {
	uint32_t size;
	uint8_t jedec, device;
};

static void ids_follow_the_size(void **state)
{
	static const struct id ids[] = { { 64 * KIB, 0x10, 0x0f }, { 512 * KIB, 0x13, 0x12 },
					 { 1 * MIB, 0x14, 0x13 },  { 2 * MIB, 0x15, 0x14 },
					 { 4 * MIB, 0x16, 0x15 },  { 8 * MIB, 0x17, 0x16 },
					 { 16 * MIB, 0x18, 0x17 }, { 32 * MIB, 0x19, 0x18 },
					 { 64 * MIB, 0x20, 0x19 }, { 128 * MIB, 0x21, 0x20 } };
	uint8_t rx[4];

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct host h = host_new(ids[i].size, false);
		const uint8_t jedec[4] = { 0xef, 0x40, ids[i].jedec, 0xef };
		const uint8_t even[4] = { 0xef, ids[i].device, 0xef, ids[i].device };

		op_read(&h, 0x9f, 0, 0, 0, rx, 4);
		assert_memory_equal(rx, jedec, 4);
		op_read(&h, 0x90, 0, 3, 0, rx, 4);
		assert_memory_equal(rx, even, 4);
		op_read(&h, 0x90, 1, 3, 0, rx, 3);
		assert_memory_equal(rx, even + 1, 3);
		op_read(&h, 0xab, 0, 0, 3, rx, 2);
		assert_int_equal(rx[0], ids[i].device);
		assert_int_equal(rx[1], ids[i].device);
		far_sim_nor_free(h.nor);
	}
}

static void the_unique_id_is_fixed(void **state)
{
	struct host a = host_new(64 * KIB, false), b = host_new(32 * MIB, false);
	uint8_t ra[8], rb[8];

	(void)state;
	op_read(&a, 0x4b, 0, 0, 4, ra, 8);
	assert_false(all_ff(ra, 8));
	op_read(&b, 0x4b, 0, 0, 4, rb, 8);
	assert_memory_equal(ra, rb, 8);
	op(&b, 0xb7); /* a fifth dummy byte in 4-byte mode */
	op_read(&b, 0x4b, 0, 0, 5, rb, 8);
	assert_memory_equal(ra, rb, 8);
	far_sim_nor_free(a.nor);
	far_sim_nor_free(b.nor);
}

static void deep_power_down_hears_only_its_release(void **state)
{
	struct host h = host_new(64 * KIB, false);
	uint8_t rx[3];

	(void)state;
	op(&h, 0xb9);
	assert_int_equal(reg(&h, 0x05), 0xff);
	op_read(&h, 0x9f, 0, 0, 0, rx, 3);
	assert_true(all_ff(rx, 3));
	op(&h, 0x06);
	op(&h, 0x66);
	op(&h, 0x99);
	op(&h, 0xee);
	assert_int_equal(far_sim_nor_counts(h.nor)->ignored, 6);
	op(&h, 0xab);
	assert_int_equal(reg(&h, 0x05), 0xff); /* tRES1 is not over */
	assert_int_equal(far_sim_nor_counts(h.nor)->while_busy, 1);
	h.now_ns += 3 * US - 1;
	assert_int_equal(reg(&h, 0x05), 0xff);
	h.now_ns += 1;
	assert_int_equal(reg(&h, 0x05), 0x00);
	op(&h, 0xab); /* awake already: nothing to wait for */
	assert_int_equal(reg(&h, 0x05), 0x00);
	op(&h, 0xb9);
	op_read(&h, 0xab, 0, 0, 3, rx, 1); /* names itself and wakes */
	assert_int_equal(rx[0], 0x0f);
	wait_idle(&h);
	assert_int_equal(reg(&h, 0x05), 0x00);
	op(&h, 0xb9);
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(reg(&h, 0x05), 0x00);
	far_sim_nor_free(h.nor);
}

static void reset_takes_two_frames_in_a_row(void **state)
{
	struct host h = host_new(64 * KIB, false);

	(void)state;
	op(&h, 0x06);
	op(&h, 0x99);
	assert_int_equal(reg(&h, 0x05), 0x02);
	op(&h, 0x66);
	assert_int_equal(reg(&h, 0x05), 0x02); /* this read disarms */
	op(&h, 0x99);
	assert_int_equal(reg(&h, 0x05), 0x02);
	op(&h, 0x66);
	op(&h, 0xee); /* and so does an unknown command */
	op(&h, 0x99);
	assert_int_equal(reg(&h, 0x05), 0x02);
	op(&h, 0x66);
	op(&h, 0x99);
	assert_int_equal(reg(&h, 0x05), 0xff); /* tRST: deaf */
	h.now_ns += 30 * US;
	assert_int_equal(reg(&h, 0x05), 0x00);
	op(&h, 0x99); /* armed once, used once */
	assert_int_equal(reg(&h, 0x05), 0x00);
	far_sim_nor_free(h.nor);
}

static void reset_drops_what_is_volatile(void **state)
{
	struct host h = host_new(32 * MIB, true);

	(void)state;
	op(&h, 0x50);
	op_data(&h, 0x01, 0, 0, "\x3c", 1);
	op(&h, 0xb7);
	op(&h, 0x06);
	op_data(&h, 0xc5, 0, 0, "\x01", 1);
	op(&h, 0x06);
	assert_int_equal(reg(&h, 0x05), 0x3e);
	assert_int_equal(reg(&h, 0x15), 0x61);
	assert_int_equal(reg(&h, 0xc8), 0x01);
	op(&h, 0x66);
	op(&h, 0x99);
	assert_int_equal(reg(&h, 0x05), 0x00);
	assert_int_equal(reg(&h, 0x15), 0x60);
	assert_int_equal(reg(&h, 0xc8), 0x00);
	far_sim_nor_free(h.nor);
}

static void power_cycle_ends_the_busy_time(void **state)
{
	struct host h = host_new(64 * KIB, false);

	(void)state;
	op(&h, 0x06);
	op(&h, 0xc7);
	assert_int_equal(reg(&h, 0x05), BUSY_WEL);
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(reg(&h, 0x05), 0x00);
	op(&h, 0x06);
	op(&h, 0x66);
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(reg(&h, 0x05), 0x00);
	op(&h, 0x50);
	far_sim_nor_power_cycle(h.nor);
	op_data(&h, 0x01, 0, 0, "\x04", 1);
	assert_int_equal(reg(&h, 0x05), 0x00);
	far_sim_nor_free(h.nor);
}

static void four_byte_commands_reach_all_of_a_big_part(void **state)
{
	struct host h = host_new(32 * MIB, true);
	uint32_t high = 0x1fff000;
	uint8_t rx[2];

	(void)state;
	op(&h, 0x06);
	op_data(&h, 0x12, high, 4, "\x5a", 1);
	assert_int_equal(at(&h, high), 0x5a);
	assert_int_equal(at(&h, high & 0xffffff), 0xff);
	op_read(&h, 0x13, high, 4, 0, rx, 2);
	assert_memory_equal(rx, "\x5a\xff", 2);
	op_read(&h, 0x0c, high, 4, 1, rx, 2);
	assert_memory_equal(rx, "\x5a\xff", 2);
	op_read(&h, 0x3c, high, 4, 1, rx, 2);
	assert_memory_equal(rx, "\x5a\xff", 2);
	write_reg(&h, 0x31, 0x02);
	op_read(&h, 0x6c, high, 4, 1, rx, 2);
	assert_memory_equal(rx, "\x5a\xff", 2);
	op(&h, 0x06);
	op_addr(&h, 0x21, high + 0xfff, 4);
	assert_int_equal(at(&h, high), 0xff);
	op(&h, 0x06);
	op_data(&h, 0x12, high, 4, "\x5a", 1);
	op(&h, 0x06);
	op_addr(&h, 0xdc, 0x1ff0000, 4);
	assert_int_equal(at(&h, high), 0xff);
	assert_int_equal(far_sim_nor_wear(h.nor, high), 2);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x1ff0000), 1);
	assert_int_equal(far_sim_nor_counts(h.nor)->refused, 0);
	far_sim_nor_free(h.nor);
}

static void four_byte_mode_changes_the_plain_commands(void **state)
{
	struct host h = host_new(64 * MIB, true);
	uint8_t rx;

	(void)state;
	op(&h, 0xb7);
	assert_int_equal(reg(&h, 0x15) & 1, 1);
	op(&h, 0x06);
	op_data(&h, 0x02, 0x3123456, 4, "\x77", 1);
	assert_int_equal(at(&h, 0x3123456), 0x77);
	op_read(&h, 0x03, 0x3123456, 4, 0, &rx, 1);
	assert_int_equal(rx, 0x77);
	op_read(&h, 0x0b, 0x3123456, 4, 1, &rx, 1);
	assert_int_equal(rx, 0x77);
	op(&h, 0x06);
	op_addr(&h, 0x20, 0x3123456, 3); /* a byte short: no command, WEL stays */
	assert_int_equal(at(&h, 0x3123456), 0x77);
	assert_int_equal(reg(&h, 0x05), 0x02);
	op_addr(&h, 0x52, 0x3123456, 4);
	assert_int_equal(at(&h, 0x3123456), 0xff);
	op(&h, 0xe9);
	assert_int_equal(reg(&h, 0x15) & 1, 0);
	op_read(&h, 0x03, 0x123456, 3, 0, &rx, 1);
	assert_int_equal(rx, 0xff);
	far_sim_nor_free(h.nor);
}

static void the_extended_register_supplies_the_high_byte(void **state)
{
	struct host h = host_new(64 * MIB, true);

	(void)state;
	op_data(&h, 0xc5, 0, 0, "\x02", 1);
	assert_int_equal(reg(&h, 0xc8), 0x00);
	op(&h, 0x06);
	op_data(&h, 0xc5, 0, 0, "\xfe", 1); /* two address lines above A23 */
	assert_int_equal(reg(&h, 0xc8), 0x02);
	assert_int_equal(reg(&h, 0x05), 0x00);
	program_byte(&h, 0x000100, 0x33);
	assert_int_equal(at(&h, 0x2000100), 0x33);
	assert_int_equal(at(&h, 0x0000100), 0xff);
	erase(&h, 0xd8, 0x000000);
	assert_int_equal(at(&h, 0x2000100), 0xff);
	assert_int_equal(far_sim_nor_wear(h.nor, 0x2000000), 1);
	far_sim_nor_free(h.nor);
}

static void adp_chooses_the_mode_at_power_up(void **state)
{
	struct host h = host_new(32 * MIB, true), small = host_new(16 * MIB, true);

	(void)state;
	write_reg(&h, 0x11, 0x62);
	assert_int_equal(reg(&h, 0x15), 0x62);
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(reg(&h, 0x15), 0x63);
	op(&h, 0xe9);
	assert_int_equal(reg(&h, 0x15), 0x62);
	write_reg(&small, 0x11, 0x63);
	assert_int_equal(reg(&small, 0x15), 0x60);
	far_sim_nor_free(h.nor);
	far_sim_nor_free(small.nor);
}

static void small_parts_have_no_four_byte_commands(void **state)
{
	static const uint8_t opcodes[] = { 0x13, 0x0c, 0x3c, 0x6c, 0x12, 0x21,
					   0xdc, 0xb7, 0xe9, 0xc5, 0xc8 };
	struct host h = host_new(16 * MIB, true);

	(void)state;
	program_byte(&h, 0, 0x42);
	op(&h, 0x06);
	for (unsigned i = 0; i < sizeof(opcodes); i++) {
		uint8_t tx[6] = { opcodes[i] }, rx = 0;

		frame(&h, tx, 1, NULL, 0);
		frame(&h, tx, 2, NULL, 0);
		frame(&h, tx, 5, NULL, 0);
		frame(&h, tx, 6, NULL, 0);
		frame(&h, tx, 6, &rx, 1);
		assert_int_equal(rx, 0xff);
		assert_int_equal(reg(&h, 0x05), 0x02);
		assert_int_equal(reg(&h, 0x15), 0x60);
	}
	assert_int_equal(at(&h, 0), 0x42);
	assert_int_equal(far_sim_nor_counts(h.nor)->ignored, 5 * sizeof(opcodes));
	far_sim_nor_free(h.nor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_follow_the_size),
		cmocka_unit_test(the_unique_id_is_fixed),
		cmocka_unit_test(deep_power_down_hears_only_its_release),
		cmocka_unit_test(reset_takes_two_frames_in_a_row),
		cmocka_unit_test(reset_drops_what_is_volatile),
		cmocka_unit_test(power_cycle_ends_the_busy_time),
		cmocka_unit_test(four_byte_commands_reach_all_of_a_big_part),
		cmocka_unit_test(four_byte_mode_changes_the_plain_commands),
		cmocka_unit_test(the_extended_register_supplies_the_high_byte),
		cmocka_unit_test(adp_chooses_the_mode_at_power_up),
		cmocka_unit_test(small_parts_have_no_four_byte_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
