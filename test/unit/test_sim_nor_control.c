/* SPDX-License-Identifier: Apache-2.0 */
/* The NOR die's control side: latches, status registers, busy time, odd frames. */
#include "sim_nor_host.h"

#define BUSY_WEL 0x03

static void write_enable_is_needed_and_used_up(void **state)
{
	static const uint8_t with_addr[] = { 0x02, 0x20, 0x52, 0xd8 };
	static const uint8_t bare[] = { 0xc7, 0x60 };
	struct host h = host_new(64 * KIB, true);
	uint64_t refused = 0;

	(void)state;
	program_byte(&h, 0, 0x0f);
	for (unsigned i = 0; i < sizeof(with_addr); i++) {
		op_data(&h, with_addr[i], 0, 3, "", with_addr[i] == 0x02);
		assert_int_equal(at(&h, 0), 0x0f);
		assert_int_equal(far_sim_nor_counts(h.nor)->refused, ++refused);
	}
	for (unsigned i = 0; i < sizeof(bare); i++) {
		op(&h, bare[i]);
		assert_int_equal(at(&h, 0), 0x0f);
		assert_int_equal(far_sim_nor_counts(h.nor)->refused, ++refused);
	}
	op(&h, 0x06);
	assert_int_equal(reg(&h, 0x05), 0x02);
	op_data(&h, 0x02, 1, 3, "", 1);
	assert_int_equal(reg(&h, 0x05), 0x00);
	op_data(&h, 0x02, 2, 3, "", 1);
	assert_int_equal(at(&h, 1), 0x00);
	assert_int_equal(at(&h, 2), 0xff);
	op(&h, 0x06);
	op(&h, 0x04);
	assert_int_equal(reg(&h, 0x05), 0x00);
	op_data(&h, 0x02, 2, 3, "", 1);
	assert_int_equal(at(&h, 2), 0xff);
	far_sim_nor_free(h.nor);
}

struct timing {
	uint8_t opcode;
	size_t addr_len, data_len;
	uint32_t size;
	uint64_t ns;
};

/* Typical times of the W25Q32JV to W25Q256JV datasheets. */
static const struct timing timings[] = {
	{ 0x02, 3, 1, 64 * KIB, 30 * US },    { 0x02, 3, 5, 64 * KIB, 40 * US },
	{ 0x02, 3, 256, 64 * KIB, 400 * US }, { 0x02, 3, 300, 64 * KIB, 400 * US },
	{ 0x20, 3, 0, 64 * KIB, 45 * MS },    { 0x52, 3, 0, 64 * KIB, 120 * MS },
	{ 0xd8, 3, 0, 64 * KIB, 150 * MS },   { 0xc7, 0, 0, 4 * MIB, 10000 * MS },
	{ 0x60, 0, 0, 16 * MIB, 40000 * MS }, { 0xc7, 0, 0, 32 * MIB, 80000 * MS },
	{ 0x01, 0, 1, 64 * KIB, 10 * MS },    { 0x01, 0, 2, 64 * KIB, 10 * MS },
	{ 0x31, 0, 1, 64 * KIB, 10 * MS },    { 0x11, 0, 1, 64 * KIB, 10 * MS },
	{ 0x12, 4, 256, 32 * MIB, 400 * US }, { 0x21, 4, 0, 32 * MIB, 45 * MS },
	{ 0xdc, 4, 0, 32 * MIB, 150 * MS },
};

static void every_operation_takes_its_time(void **state)
{
	static const uint8_t zeros[512];

	(void)state;
	for (size_t i = 0; i < sizeof(timings) / sizeof(timings[0]); i++) {
		const struct timing *t = &timings[i];
		struct host h = host_new(t->size, false);

		h.now_ns = 123456789;
		op(&h, 0x06);
		assert_int_equal(reg(&h, 0x05), 0x02);
		op_data(&h, t->opcode, 0, t->addr_len, zeros, t->data_len);
		assert_true(far_sim_nor_busy_until_ns(h.nor) == h.now_ns + t->ns);
		assert_int_equal(reg(&h, 0x05), BUSY_WEL);
		h.now_ns += t->ns - 1;
		assert_int_equal(reg(&h, 0x05), BUSY_WEL);
		h.now_ns += 1;
		assert_int_equal(reg(&h, 0x05), 0);
		far_sim_nor_free(h.nor);
	}
}

static void an_instant_die_is_never_busy(void **state)
{
	static const uint8_t zeros[512];

	(void)state;
	for (size_t i = 0; i < sizeof(timings) / sizeof(timings[0]); i++) {
		const struct timing *t = &timings[i];
		struct host h = host_new(t->size, true);

		op(&h, 0x06);
		op_data(&h, t->opcode, 0, t->addr_len, zeros, t->data_len);
		assert_int_equal(reg(&h, 0x05), 0);
		assert_true(far_sim_nor_busy_until_ns(h.nor) <= h.now_ns);
		assert_int_equal(far_sim_nor_counts(h.nor)->refused, 0);
		assert_int_equal(far_sim_nor_counts(h.nor)->ignored, 0);
		far_sim_nor_free(h.nor);
	}
}

static void a_busy_die_hears_only_status_reads(void **state)
{
	struct host h = host_new(64 * KIB, false);
	uint8_t rx[4];
	uint64_t ignored = 0;

	(void)state;
	op(&h, 0x06);
	op_addr(&h, 0x20, 0, 3);
	for (unsigned opcode = 0; opcode < 256; opcode++) {
		uint8_t tx[8] = { (uint8_t)opcode };

		if (opcode == 0x05 || opcode == 0x35 || opcode == 0x15)
			continue;
		frame(&h, tx, 1, rx, 4);
		assert_true(all_ff(rx, 4));
		frame(&h, tx, 1, NULL, 0);
		frame(&h, tx, 5, NULL, 0);
		ignored += 3;
		assert_int_equal(far_sim_nor_counts(h.nor)->while_busy, ignored);
	}
	assert_int_equal(reg(&h, 0x05), BUSY_WEL);
	assert_int_equal(reg(&h, 0x35), 0x00);
	assert_int_equal(reg(&h, 0x15), 0x60);
	assert_int_equal(far_sim_nor_counts(h.nor)->while_busy, ignored);
	assert_int_equal(far_sim_nor_counts(h.nor)->ignored, 0);
	wait_idle(&h);
	assert_int_equal(reg(&h, 0x05), 0x00);
	op_read(&h, 0x9f, 0, 0, 0, rx, 3);
	assert_memory_equal(rx, "\xef\x40\x10", 3);
	far_sim_nor_free(h.nor);
}

static void status_reads_repeat_for_ever(void **state)
{
	struct host h = host_new(64 * KIB, false);
	uint8_t rx[100];

	(void)state;
	op(&h, 0x06);
	op_read(&h, 0x05, 0, 0, 0, rx, sizeof(rx));
	for (unsigned i = 0; i < sizeof(rx); i++)
		assert_int_equal(rx[i], 0x02);
	op_read(&h, 0x05, 0, 0, 3, rx, 1);
	assert_int_equal(rx[0], 0x02);
	far_sim_nor_free(h.nor);
}

static void status_writes_change_what_they_may(void **state)
{
	struct host h = host_new(16 * MIB, true);

	(void)state;
	write_reg(&h, 0x01, 0xff);
	assert_int_equal(reg(&h, 0x05), 0xfc);
	assert_int_equal(reg(&h, 0x35), 0x00);
	assert_int_equal(reg(&h, 0x15), 0x60);
	op(&h, 0x06);
	op_data(&h, 0x01, 0, 0, "\x04\x42", 2);
	assert_int_equal(reg(&h, 0x05), 0x04);
	assert_int_equal(reg(&h, 0x35), 0x42);
	write_reg(&h, 0x01, 0x00); /* one byte leaves register 2 alone */
	assert_int_equal(reg(&h, 0x05), 0x00);
	assert_int_equal(reg(&h, 0x35), 0x42);
	write_reg(&h, 0x31, 0x80);
	assert_int_equal(reg(&h, 0x35), 0x00);
	write_reg(&h, 0x11, 0xff);
	assert_int_equal(reg(&h, 0x15), 0xe0);
	write_reg(&h, 0x11, 0x00);
	assert_int_equal(reg(&h, 0x15), 0x00);
	op_data(&h, 0x01, 0, 0, "\x04", 1);
	assert_int_equal(reg(&h, 0x05), 0x00);
	assert_int_equal(far_sim_nor_counts(h.nor)->refused, 1);
	far_sim_nor_free(h.nor);
}

static void kept_status_survives_and_volatile_does_not(void **state)
{
	struct host h = host_new(64 * KIB, false);

	(void)state;
	write_reg(&h, 0x01, 0x24);
	op(&h, 0x50);
	assert_int_equal(reg(&h, 0x05), 0x24); /* 50h is no WEL */
	op_data(&h, 0x01, 0, 0, "\x1c", 1);
	assert_int_equal(reg(&h, 0x05), 0x1c); /* at once, and not busy */
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(reg(&h, 0x05), 0x24);
	op(&h, 0x50);
	op_data(&h, 0x31, 0, 0, "\x02", 1);
	assert_int_equal(reg(&h, 0x35), 0x02);
	op_data(&h, 0x31, 0, 0, "\x00", 1); /* 50h is used up */
	assert_int_equal(reg(&h, 0x35), 0x02);
	assert_int_equal(far_sim_nor_counts(h.nor)->refused, 1);
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(reg(&h, 0x35), 0x00);
	/* 50h allows no program. */
	op(&h, 0x50);
	op_data(&h, 0x02, 0, 3, "", 1);
	assert_int_equal(at(&h, 0), 0xff);
	far_sim_nor_free(h.nor);
}

static void lock_bits_burn_once(void **state)
{
	struct host h = host_new(64 * KIB, true);

	(void)state;
	op(&h, 0x50);
	op_data(&h, 0x31, 0, 0, "\x38", 1);
	assert_int_equal(reg(&h, 0x35), 0x00); /* not by a volatile write */
	write_reg(&h, 0x31, 0x10);
	write_reg(&h, 0x31, 0x00);
	assert_int_equal(reg(&h, 0x35), 0x10);
	write_reg(&h, 0x31, 0x20);
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(reg(&h, 0x35), 0x30);
	far_sim_nor_free(h.nor);
}

static void srl_locks_until_power_goes(void **state)
{
	struct host h = host_new(64 * KIB, true);

	(void)state;
	write_reg(&h, 0x01, 0x1c);
	write_reg(&h, 0x31, 0x01);
	assert_int_equal(reg(&h, 0x35), 0x01);
	write_reg(&h, 0x01, 0x00);
	op(&h, 0x50);
	op_data(&h, 0x01, 0, 0, "", 1);
	assert_int_equal(reg(&h, 0x05), 0x1c);
	assert_int_equal(far_sim_nor_counts(h.nor)->refused, 2);
	op(&h, 0x66);
	op(&h, 0x99);
	write_reg(&h, 0x01, 0x00);
	assert_int_equal(reg(&h, 0x05), 0x1c);
	far_sim_nor_power_cycle(h.nor);
	assert_int_equal(reg(&h, 0x35), 0x00);
	write_reg(&h, 0x01, 0x00);
	assert_int_equal(reg(&h, 0x05), 0x00);
	far_sim_nor_free(h.nor);
}

struct odd {
	uint8_t opcode;
	size_t tx_len, rx_len;
};

/* Changes end on their last byte, neither before nor after, or do not happen. */
static void changes_of_the_wrong_length_do_nothing(void **state)
{
	static const struct odd frames[] = {
		{ 0x06, 2, 0 }, { 0x06, 1, 1 }, { 0x04, 2, 0 }, { 0x50, 2, 0 }, { 0x02, 1, 0 },
		{ 0x02, 3, 0 }, { 0x02, 4, 0 }, { 0x02, 5, 1 }, { 0x20, 3, 0 }, { 0x20, 5, 0 },
		{ 0x20, 4, 1 }, { 0x52, 3, 0 }, { 0x52, 5, 0 }, { 0xd8, 3, 0 }, { 0xd8, 5, 0 },
		{ 0xc7, 2, 0 }, { 0x60, 2, 0 }, { 0x01, 1, 0 }, { 0x01, 4, 0 }, { 0x01, 2, 1 },
		{ 0x31, 1, 0 }, { 0x31, 3, 0 }, { 0x11, 1, 0 }, { 0x11, 3, 0 }, { 0xb9, 2, 0 },
		{ 0x66, 2, 0 }, { 0x99, 2, 0 }, { 0xb7, 2, 0 }, { 0xc5, 1, 0 }, { 0xc5, 3, 0 },
		{ 0x12, 5, 0 }, { 0x21, 4, 0 }, { 0x21, 6, 0 }, { 0xdc, 4, 0 }, { 0x99, 1, 0 },
		{ 0x03, 3, 4 }, { 0x0b, 3, 4 }, { 0x5a, 3, 4 }, { 0x90, 3, 4 }, { 0x13, 4, 4 },
	};
	struct host h = host_new(32 * MIB, false);

	(void)state;
	program_byte(&h, 0, 0x5a);
	op(&h, 0x06);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t tx[8] = { frames[i].opcode }, rx[8] = { 0 };

		frame(&h, tx, frames[i].tx_len, rx, frames[i].rx_len);
		assert_true(all_ff(rx, frames[i].rx_len));
		assert_int_equal(far_sim_nor_counts(h.nor)->ignored, i + 1);
		assert_int_equal(reg(&h, 0x05), 0x02);
		assert_int_equal(reg(&h, 0x35), 0x00);
		assert_int_equal(reg(&h, 0x15), 0x60);
	}
	assert_int_equal(at(&h, 0), 0x5a);
	assert_int_equal(far_sim_nor_counts(h.nor)->refused, 0);
	far_sim_nor_free(h.nor);
}

static void frames_without_bytes_are_harmless(void **state)
{
	struct host h = host_new(64 * KIB, false);
	uint8_t rx[2] = { 0 }, tx = 0x9f;

	(void)state;
	frame(&h, NULL, 0, NULL, 0);
	frame(&h, NULL, 0, rx, 2);
	assert_true(all_ff(rx, 2));
	frame(&h, &tx, 0, rx, 2);
	frame(&h, &tx, 1, NULL, 5);
	frame(&h, NULL, 5, rx, 2);
	assert_int_equal(far_sim_nor_counts(h.nor)->refused, 0);
	far_sim_nor_free(h.nor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_enable_is_needed_and_used_up),
		cmocka_unit_test(every_operation_takes_its_time),
		cmocka_unit_test(an_instant_die_is_never_busy),
		cmocka_unit_test(a_busy_die_hears_only_status_reads),
		cmocka_unit_test(status_reads_repeat_for_ever),
		cmocka_unit_test(status_writes_change_what_they_may),
		cmocka_unit_test(kept_status_survives_and_volatile_does_not),
		cmocka_unit_test(lock_bits_burn_once),
		cmocka_unit_test(srl_locks_until_power_goes),
		cmocka_unit_test(changes_of_the_wrong_length_do_nothing),
		cmocka_unit_test(frames_without_bytes_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
