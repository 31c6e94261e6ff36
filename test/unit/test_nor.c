/* SPDX-License-Identifier: Apache-2.0 */
/* device/nor at work on the simulator's die: what it sends, and what it makes of trouble. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/nor_bus.h"

#define MIB      0x100000u
#define SLACK_MS 13u /* the device allows for a clock that steps by 10 ms, and polls every 1 ms */

static struct nor_bus bus;
static struct far_nor nor;
static struct far_flash *const flash = &nor.flash;

static int open_mib(uint32_t mib)
{
	nor_bus_open(&bus, mib * MIB);
	memset(&nor, 0xA5, sizeof(nor)); /* init must not rely on anything */
	assert_int_equal(far_nor_init(&nor, &bus.spi, &bus.clock.clock), FAR_OK);
	nor_bus_forget(&bus);
	return 0;
}

static int open_1(void **state)
{
	(void)state;
	return open_mib(1);
}

static int open_16(void **state)
{
	(void)state;
	return open_mib(16);
}

static int open_32(void **state)
{
	(void)state;
	return open_mib(32);
}

static int teardown(void **state)
{
	(void)state;
	nor_bus_close(&bus);
	return 0;
}

static const uint8_t *die(uint32_t addr)
{
	return far_sim_nor_memory(bus.die) + addr;
}

static void fill(uint8_t *buf, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		buf[i] = (uint8_t)(seed >> 24);
	}
}

static void assert_erased(uint32_t addr, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (*die(addr + i) != 0xFF)
			fail_msg("byte %#x is %#x, not erased", addr + i, *die(addr + i));
}

static void assert_fault(int err, uint32_t addr, uint32_t peer_code, uint32_t touched_addr,
			 uint32_t touched_len)
{
	assert_int_equal(flash->fault.err, err);
	assert_int_equal(flash->fault.addr, addr);
	assert_int_equal(flash->fault.peer_code, peer_code);
	assert_int_equal(flash->fault.touched_len, touched_len);
	if (touched_len > 0)
		assert_int_equal(flash->fault.touched_addr, touched_addr);
}

/* ---- what it sends --------------------------------------------------------------------------- */

static void info_is_that_of_a_nor(void **state)
{
	(void)state;
	assert_int_equal(flash->info.size, MIB);
	assert_int_equal(flash->info.sector_size, 4096);
	assert_int_equal(flash->info.write_block, 1);
	assert_int_equal(flash->info.erase_value, 0xFF);
	assert_int_equal(flash->info.caps, FAR_FLASH_CAN_READ);
	assert_int_equal(flash->fault.err, FAR_OK);
}

static void programs_stay_in_their_pages(void **state)
{
	uint8_t data[1000];
	uint32_t sum = 0;

	(void)state;
	fill(data, sizeof(data), 1);
	assert_int_equal(far_flash_write(flash, 0x10FD, data, sizeof(data)), FAR_OK);
	assert_memory_equal(die(0x10FD), data, sizeof(data));
	assert_erased(0x1000, 0xFD);
	assert_erased(0x10FD + sizeof(data), 0x400);
	assert_int_equal(nor_bus_seen(&bus, 0x02), 5); /* 3 + 256 * 3 + 229 */
	for (unsigned i = 0; i < bus.count; i++) {
		const struct nor_frame *f = &bus.log[i];

		if (f->opcode != 0x02)
			continue;
		assert_in_range(f->tx_len, 1, 256);
		assert_int_equal(f->addr / 256, (f->addr + f->tx_len - 1) / 256);
		sum += (uint32_t)f->tx_len;
	}
	assert_int_equal(sum, sizeof(data));
}

static void erase_takes_the_largest_unit(void **state)
{
	static uint8_t zeros[0x40000];

	(void)state;
	assert_int_equal(far_flash_write(flash, 0, zeros, sizeof(zeros)), FAR_OK);
	nor_bus_forget(&bus);
	/* E000h to 32000h: two sectors, two blocks, two sectors. */
	assert_int_equal(far_flash_erase(flash, 0xE000, 0x24000), FAR_OK);
	assert_int_equal(nor_bus_seen(&bus, 0xD8), 2);
	assert_int_equal(nor_bus_seen(&bus, 0x20), 4);
	assert_int_equal(nor_bus_seen(&bus, 0x06), 6);
	assert_erased(0xE000, 0x24000);
	assert_memory_equal(die(0), zeros, 0xE000);
	assert_memory_equal(die(0x32000), zeros, 0xE000);
}

/* A die that is told to work without write enable, or while it is busy, counts that. */
static void the_die_has_nothing_to_complain_about(void **state)
{
	const struct far_sim_nor_counts *counts = far_sim_nor_counts(bus.die);
	uint8_t data[5000], back[5000];

	(void)state;
	fill(data, sizeof(data), 2);
	assert_int_equal(far_flash_erase(flash, 0x3000, 0x2000), FAR_OK);
	assert_int_equal(far_flash_write(flash, 0x3001, data, sizeof(data)), FAR_OK);
	assert_int_equal(far_flash_read(flash, 0x3001, back, sizeof(back)), FAR_OK);
	assert_memory_equal(data, back, sizeof(data));
	assert_int_equal(counts->refused, 0);
	assert_int_equal(counts->while_busy, 0);
	assert_int_equal(counts->zero_to_one, 0);
	assert_int_equal(counts->erases, 2);
	assert_int_equal(counts->programs, 20);
}

static void narrow_part_gets_three_address_bytes(void **state)
{
	uint8_t data[16] = { 1, 2, 3 }, back[16];
	uint32_t last = 16 * MIB - sizeof(data);

	(void)state;
	assert_int_equal(far_flash_erase(flash, 16 * MIB - 4096, 4096), FAR_OK);
	assert_int_equal(far_flash_write(flash, last, data, sizeof(data)), FAR_OK);
	assert_int_equal(far_flash_read(flash, last, back, sizeof(back)), FAR_OK);
	assert_memory_equal(back, data, sizeof(data));
	assert_int_equal(nor_bus_seen(&bus, 0x20), 1);
	assert_int_equal(nor_bus_seen(&bus, 0x02), 1);
	assert_int_equal(nor_bus_seen(&bus, 0x03), 1);
	for (unsigned i = 0; i < bus.count; i++)
		assert_in_range(bus.log[i].cmd_len, 1, 4);
}

/* Address 1000000h and 0 share their lower 24 bits. */
static void wide_part_does_not_alias(void **state)
{
	static uint8_t data[0x20000], back[0x20000];
	uint32_t middle = 16 * MIB - 0x10000;

	(void)state;
	fill(data, sizeof(data), 3);
	assert_int_equal(flash->info.size, 32 * MIB);
	assert_int_equal(far_flash_write(flash, 0, data, 4096), FAR_OK);
	assert_int_equal(far_flash_erase(flash, middle, sizeof(data)), FAR_OK);
	assert_int_equal(far_flash_write(flash, middle, data, sizeof(data)), FAR_OK);
	assert_int_equal(far_flash_read(flash, middle, back, sizeof(back)), FAR_OK);
	assert_memory_equal(back, data, sizeof(data));
	assert_memory_equal(die(middle), data, sizeof(data));
	assert_memory_equal(die(0), data, 4096);
	assert_int_equal(far_flash_erase(flash, 16 * MIB, 4096), FAR_OK);
	assert_memory_equal(die(0), data, 4096);
	assert_erased(16 * MIB, 4096);
	assert_int_equal(nor_bus_seen(&bus, 0xDC), 2);
	assert_int_equal(nor_bus_seen(&bus, 0x21), 1);
	assert_int_equal(nor_bus_seen(&bus, 0x03) + nor_bus_seen(&bus, 0x02), 0);
}

/* The wide commands work in either address mode, and nothing ever changes it. */
static void wide_part_keeps_its_address_mode(void **state)
{
	uint8_t data[300];

	(void)state;
	fill(data, sizeof(data), 4);
	assert_int_equal(far_flash_erase(flash, 20 * MIB, 0x11000), FAR_OK);
	assert_int_equal(far_flash_write(flash, 20 * MIB, data, sizeof(data)), FAR_OK);
	assert_int_equal(nor_bus_seen(&bus, 0xB7) + nor_bus_seen(&bus, 0xE9), 0);
	assert_memory_equal(die(20 * MIB), data, sizeof(data));
}

/* The first look at the status costs no sleep; while busy there is one look per millisecond. */
static void waiting_polls_every_millisecond(void **state)
{
	uint32_t start = nor_bus_now_ms(&bus);
	uint32_t took;

	(void)state;
	assert_int_equal(far_flash_erase(flash, 0, 4096), FAR_OK);
	took = nor_bus_now_ms(&bus) - start;
	assert_in_range(took, 10, 400);
	/* One before the erase, one after write enable, one at once, then one each millisecond. */
	assert_int_equal(nor_bus_seen(&bus, 0x05), took + 3);
}

/* ---- protection ------------------------------------------------------------------------------ */

static void protected_part_refuses(void **state)
{
	const uint8_t data[4] = { 0 };

	(void)state;
	assert_int_equal(far_flash_write(flash, 0x5123, data, sizeof(data)), FAR_OK);
	nor_bus_set_status(&bus, 0x1C); /* BP0 to BP2: everything */
	assert_int_equal(far_flash_erase(flash, 0x5000, 0x2000), FAR_ERR_REFUSED);
	assert_int_equal(flash->fault.addr, 0x5000);
	assert_int_equal(flash->fault.peer_code & 0x1C, 0x1C);
	assert_memory_equal(die(0x5123), data, sizeof(data));
	assert_int_equal(far_flash_write(flash, 0x4001, data, sizeof(data)), FAR_ERR_REFUSED);
	assert_int_equal(flash->fault.addr, 0x4001);
	assert_int_equal(flash->fault.peer_code & 0x1C, 0x1C);
	assert_int_equal(flash->fault.op, FAR_FLASH_OP_WRITE);
	assert_erased(0x4000, 0x1000);
	nor_bus_set_status(&bus, 0);
	assert_int_equal(far_flash_write(flash, 0x4001, data, sizeof(data)), FAR_OK);
	assert_memory_equal(die(0x4001), data, sizeof(data));
}

/* Part of the part is protected: the rest works as ever. */
static void free_half_of_a_protected_part_works(void **state)
{
	uint8_t data[700];

	(void)state;
	fill(data, sizeof(data), 5);
	/* BP0, 1 MiB: the upper sixteenth or less, with any of the makers. */
	nor_bus_set_status(&bus, 0x04);
	assert_int_equal(far_flash_erase(flash, 0, 0x12000), FAR_OK);
	assert_int_equal(far_flash_write(flash, 0x33, data, sizeof(data)), FAR_OK);
	assert_memory_equal(die(0x33), data, sizeof(data));
	assert_int_equal(far_flash_write(flash, MIB - 700, data, sizeof(data)), FAR_ERR_REFUSED);
	assert_erased(MIB - 4096, 4096);
}

/* A part that drops changes and clears its latch all the same. */
static void silent_no_is_heard(void **state)
{
	uint8_t data[300];

	(void)state;
	fill(data, sizeof(data), 6);
	assert_int_equal(far_flash_write(flash, 0x1000, data, sizeof(data)), FAR_OK);
	bus.drop_changes = true;
	bus.status_or = 0x1C;
	assert_int_equal(far_flash_write(flash, 0x2000, data, sizeof(data)), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x2000, 0x1C, 0x2000, 256);
	assert_int_equal(far_flash_erase(flash, 0x1000, 4096), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x1000, 0x1C, 0x1000, 4096);
	/* What is there already is no proof of a refusal. */
	assert_int_equal(far_flash_erase(flash, 0x8000, 4096), FAR_OK);
	assert_int_equal(far_flash_write(flash, 0x1000, data, sizeof(data)), FAR_OK);
}

/* A part that does nothing at all: neither the change nor clearing the latch. */
static void latch_left_set_is_a_no(void **state)
{
	uint8_t data[300] = { 0 };

	(void)state;
	assert_int_equal(far_flash_write(flash, 0x1000, data, 1), FAR_OK);
	bus.drop_changes = true;
	bus.keep_latch = true;
	assert_int_equal(far_flash_write(flash, 0x20F0, data, sizeof(data)), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x20F0, 0x02, 0x20F0, 16);
	assert_int_equal(far_flash_erase(flash, 0x1000, 4096), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x1000, 0x02, 0x1000, 4096);
}

/* A part that does the change and keeps its latch, as emulated ones do: the array decides. */
static void latch_left_set_is_cleared(void **state)
{
	const uint8_t data[4] = { 1, 2, 3, 4 };
	uint8_t back[4];

	(void)state;
	bus.status_or = 0x02;
	assert_int_equal(far_flash_write(flash, 0x3000, data, sizeof(data)), FAR_OK);
	assert_int_equal(far_flash_read(flash, 0x3000, back, sizeof(back)), FAR_OK);
	assert_memory_equal(back, data, sizeof(data));
	assert_int_equal(nor_bus_seen(&bus, 0x04), 1);
	assert_int_equal(far_flash_erase(flash, 0x3000, 4096), FAR_OK);
	assert_int_equal(nor_bus_seen(&bus, 0x04), 2);
	/* Nothing of this where the latch is clear. */
	bus.status_or = 0;
	assert_int_equal(far_flash_write(flash, 0x3000, data, sizeof(data)), FAR_OK);
	assert_int_equal(nor_bus_seen(&bus, 0x04), 2);
}

/* ---- dead and stuck parts -------------------------------------------------------------------- */

static void part_that_died_low_refuses(void **state)
{
	const uint8_t data[4] = { 0 };

	(void)state;
	bus.answer_all = 0x00;
	assert_int_equal(far_flash_write(flash, 0x123, data, sizeof(data)), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x123, 0x00, 0, 0);
	assert_int_equal(far_flash_erase(flash, 0x3000, 4096), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x3000, 0x00, 0, 0);
	assert_int_equal(nor_bus_seen(&bus, 0x02) + nor_bus_seen(&bus, 0x20), 0);
}

/* Contents that nobody sent must not pass for erased flash. */
static void part_that_died_high_times_out(void **state)
{
	uint8_t data[4] = { 0 };
	uint32_t start = nor_bus_now_ms(&bus);

	(void)state;
	bus.answer_all = 0xFF;
	assert_int_equal(far_flash_read(flash, 0x123, data, sizeof(data)), FAR_ERR_TIMEOUT);
	assert_fault(FAR_ERR_TIMEOUT, 0x123, 0, 0, 0);
	assert_in_range(nor_bus_now_ms(&bus) - start, 2000, 2000 + SLACK_MS);
	assert_int_equal(far_flash_write(flash, 0x123, data, sizeof(data)), FAR_ERR_TIMEOUT);
	assert_fault(FAR_ERR_TIMEOUT, 0x123, 0, 0, 0);
	assert_int_equal(far_flash_erase(flash, 0x3000, 4096), FAR_ERR_TIMEOUT);
	assert_fault(FAR_ERR_TIMEOUT, 0x3000, 0, 0, 0);
}

/* Busy from the frame with this opcode on. */
static uint8_t stick_at;
static const struct far_spi_ops *real_ops;

static int sticking_transfer(struct far_spi *s, const struct far_spi_frame *f)
{
	if (f->cmd[0] == stick_at)
		bus.status_or = 0x01;
	return real_ops->transfer(s, f);
}

static const struct far_spi_ops sticking_ops = { .transfer = sticking_transfer };

static uint32_t time_until_stuck(uint8_t opcode, uint32_t addr, uint32_t len, const void *data)
{
	uint32_t start = nor_bus_now_ms(&bus);
	int err;

	stick_at = opcode;
	real_ops = bus.spi.ops;
	bus.spi.ops = &sticking_ops;
	err = data != NULL ? far_flash_write(flash, addr, data, len)
			   : far_flash_erase(flash, addr, len);
	assert_int_equal(err, FAR_ERR_TIMEOUT);
	bus.spi.ops = real_ops;
	bus.status_or = 0;
	return nor_bus_now_ms(&bus) - start;
}

static void stuck_busy_times_out_within_the_bound(void **state)
{
	uint8_t data[300];

	(void)state;
	fill(data, sizeof(data), 7);
	assert_in_range(time_until_stuck(0x02, 0x10F0, 300, data), 5, 5 + SLACK_MS);
	assert_fault(FAR_ERR_TIMEOUT, 0x10F0, 0, 0x10F0, 16);
	assert_in_range(time_until_stuck(0x20, 0x3000, 0x2000, NULL), 400, 400 + SLACK_MS);
	assert_fault(FAR_ERR_TIMEOUT, 0x3000, 0, 0x3000, 4096);
	assert_in_range(time_until_stuck(0xD8, 0x10000, 0x20000, NULL), 2000, 2000 + SLACK_MS);
	assert_fault(FAR_ERR_TIMEOUT, 0x10000, 0, 0x10000, 0x10000);
}

/* A part that merely took too long is waited for by the next call. */
static void late_part_is_waited_for(void **state)
{
	static const uint8_t enable = 0x06, erase[4] = { 0xD8, 0, 0, 0 };
	uint8_t byte = 0;

	(void)state;
	assert_int_equal(far_flash_write(flash, 0, &byte, 1), FAR_OK);
	nor_bus_raw(&bus, &enable, 1, 0);
	nor_bus_raw(&bus, erase, sizeof(erase), 0);
	assert_int_equal(far_flash_read(flash, 0, &byte, 1), FAR_OK);
	assert_int_equal(byte, 0xFF);
	assert_int_equal(far_sim_nor_counts(bus.die)->while_busy, 0);
}

/* ---- every transfer may fail ----------------------------------------------------------------- */

#define SWEEP_ADDR 0xF800u

static uint8_t sweep_data[0x400];

static int sweep_read(void)
{
	uint8_t buf[64];

	return far_flash_read(flash, SWEEP_ADDR, buf, sizeof(buf));
}

static int sweep_write(void)
{
	return far_flash_write(flash, SWEEP_ADDR + 1, sweep_data, sizeof(sweep_data) - 5);
}

static int sweep_erase(void)
{
	return far_flash_erase(flash, 0xF000, 0x12000); /* sector, block, sector */
}

static int sweep_replace(void)
{
	int err = far_flash_replace_begin(flash, 0xF000, 0x1123, 0);

	for (uint32_t done = 0; !err && done < 0x1123; done += 0x123)
		err = far_flash_replace_write(flash, sweep_data,
					      0x1123 - done < 0x123 ? 0x1123 - done : 0x123);
	return err ? err : far_flash_replace_end(flash);
}

static void assert_outside_unchanged(const uint8_t *before)
{
	const struct far_flash_fault *f = &flash->fault;

	assert_in_range(f->touched_addr + f->touched_len, 0, MIB);
	if (f->touched_len == 0) {
		assert_memory_equal(die(0), before, MIB);
		return;
	}
	assert_memory_equal(die(0), before, f->touched_addr);
	assert_memory_equal(die(f->touched_addr + f->touched_len),
			    before + f->touched_addr + f->touched_len,
			    MIB - f->touched_addr - f->touched_len);
}

/* Fail transfer 1, 2, 3, ... of a call, alone or with all behind it, until the call succeeds. */
static void sweep(int (*call)(void), enum far_flash_op op, bool persistent)
{
	static uint8_t before[MIB];

	for (unsigned n = 1;; n++) {
		int err;

		assert_int_equal(far_flash_erase(flash, 0, 0x30000), FAR_OK);
		assert_int_equal(far_flash_write(flash, 0xE000, sweep_data, 0x300), FAR_OK);
		memcpy(before, die(0), MIB);
		nor_bus_forget(&bus);
		bus.fail_at = n;
		bus.fail_later = persistent;
		err = call();
		bus.fail_at = 0;
		if (err == FAR_OK) {
			assert_int_equal(bus.count, n - 1); /* no transfer's failure went unseen */
			assert_in_range(n, 3, 2000);
			return;
		}
		assert_int_equal(err, FAR_ERR_IO);
		assert_int_equal(flash->fault.err, FAR_ERR_IO);
		assert_int_equal(flash->fault.op, op);
		assert_int_equal(flash->fault.peer_code, 0);
		assert_int_equal(bus.count, n); /* nothing is sent behind a failure */
		assert_outside_unchanged(before);
	}
}

static void every_transfer_may_fail(void **state)
{
	(void)state;
	fill(sweep_data, sizeof(sweep_data), 8);
	for (int persistent = 0; persistent < 2; persistent++) {
		sweep(sweep_read, FAR_FLASH_OP_READ, persistent != 0);
		sweep(sweep_write, FAR_FLASH_OP_WRITE, persistent != 0);
		sweep(sweep_erase, FAR_FLASH_OP_ERASE, persistent != 0);
		sweep(sweep_replace, FAR_FLASH_OP_REPLACE, persistent != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(info_is_that_of_a_nor, open_1, teardown),
		cmocka_unit_test_setup_teardown(programs_stay_in_their_pages, open_1, teardown),
		cmocka_unit_test_setup_teardown(erase_takes_the_largest_unit, open_1, teardown),
		cmocka_unit_test_setup_teardown(the_die_has_nothing_to_complain_about, open_1,
						teardown),
		cmocka_unit_test_setup_teardown(narrow_part_gets_three_address_bytes, open_16,
						teardown),
		cmocka_unit_test_setup_teardown(wide_part_does_not_alias, open_32, teardown),
		cmocka_unit_test_setup_teardown(wide_part_keeps_its_address_mode, open_32,
						teardown),
		cmocka_unit_test_setup_teardown(waiting_polls_every_millisecond, open_1, teardown),
		cmocka_unit_test_setup_teardown(protected_part_refuses, open_1, teardown),
		cmocka_unit_test_setup_teardown(free_half_of_a_protected_part_works, open_1,
						teardown),
		cmocka_unit_test_setup_teardown(silent_no_is_heard, open_1, teardown),
		cmocka_unit_test_setup_teardown(latch_left_set_is_a_no, open_1, teardown),
		cmocka_unit_test_setup_teardown(latch_left_set_is_cleared, open_1, teardown),
		cmocka_unit_test_setup_teardown(part_that_died_low_refuses, open_1, teardown),
		cmocka_unit_test_setup_teardown(part_that_died_high_times_out, open_1, teardown),
		cmocka_unit_test_setup_teardown(stuck_busy_times_out_within_the_bound, open_1,
						teardown),
		cmocka_unit_test_setup_teardown(late_part_is_waited_for, open_1, teardown),
		cmocka_unit_test_setup_teardown(every_transfer_may_fail, open_1, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
