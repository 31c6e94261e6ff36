/* SPDX-License-Identifier: Apache-2.0 */
/* The flash shell: what every command does, says and leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/flash_shell_rig.h"

/* ---- what each command does ------------------------------------------------------------------ */

static void reads(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 256; i++)
		rig.flash.mem[0x2000 + i] = (uint8_t)(i & 0x7F);
	gives(FAR_OK, "flash read 2020 20",
	      "00002020: 20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f | !\"#$%&' ()*+,-./|\n"
	      "00002030: 30 31 32 33 34 35 36 37  38 39 3a 3b 3c 3d 3e 3f |01234567 89:;<=>?|\n"
	      "\n");
	gives(FAR_OK, "flash read 0x207e",
	      "0000207E: 7e                                               |~                |\n\n");
	gives(FAR_OK, " \tflash\tread  2000   12 \r\n",
	      "00002000: 00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f |........ ........|\n"
	      "00002010: 10 11                                            |..               |\n\n");
	rig.flash.mem[SIZE - 1] = 0x41;
	gives(FAR_OK, "flash read 1FFFF 1",
	      "0001FFFF: 41                                               |A                |\n\n");
	ram_flash_assert_only(&rig.flash, 0x2000, SIZE - 0x2000);
}

/* More than the buffer: every byte once, in order, and others get their turn in between. */
static void reads_more_than_the_buffer(void **state)
{
	(void)state;
	assert_int_equal(run("flash read 0 1001"), FAR_OK);
	const char *line = rig.said;
	for (uint32_t addr = 0; addr < 0x1001; addr += 16) {
		char head[16];
		snprintf(head, sizeof(head), "%08X: %02x", addr, rig.flash.mem[addr]);
		assert_int_equal(strncmp(line, head, strlen(head)), 0);
		line = strchr(line, '\n') + 1;
	}
	assert_string_equal(line, "\n");
	assert_int_equal(rig.flash.counts[RAM_READ], 0x1001 / BUF + 1);
	assert_int_equal(rig.betweens, 0x1001 / BUF + 1);
}

static void erases(void **state)
{
	(void)state;
	gives(FAR_OK, "flash erase 3000", "Erase success.\n");
	ram_flash_assert_filled(&rig.flash, 0x3000, SECTOR, 0xFF);
	ram_flash_assert_only(&rig.flash, 0x3000, SECTOR);
	gives(FAR_OK, "flash erase 0x5000 0x3000", "Erase success.\n");
	ram_flash_assert_filled(&rig.flash, 0x5000, 3 * SECTOR, 0xFF);
	ram_flash_assert_only(&rig.flash, 0x3000, 5 * SECTOR);
	assert_int_equal(rig.betweens, 4); /* a sector is the longest wait for others */
}

static void writes(void **state)
{
	static const uint8_t there[] = { 0x78, 0x56, 0x34, 0x12, 0xf0, 0xde, 0xbc, 0x9a };
	(void)state;
	assert_int_equal(run("flash erase 1000"), FAR_OK);
	gives(FAR_OK, "flash write 1008 0x12345678 9ABCdef0", "Write OK.\nVerified.\n");
	assert_memory_equal(rig.flash.mem + 0x1008, there, sizeof(there));
	ram_flash_assert_filled(&rig.flash, 0x1000, 8, 0xFF);
	ram_flash_assert_filled(&rig.flash, 0x1010, SECTOR - 16, 0xFF);
	gives(FAR_ERR_VERIFY, "flash write 1008 0x11111111",
	      "Write OK.\nVerification ERROR! 0x10 instead of 0x11 at 0x1008; erase first: writing "
	      "only clears bits.\n");
	ram_flash_assert_only(&rig.flash, 0x1000, SECTOR);
}

static void tests(void **state)
{
	(void)state;
	gives(FAR_OK, "flash test 4000 2000 3",
	      "Erase OK.\nWrite OK.\nErase OK.\nWrite OK.\nErase OK.\nWrite OK.\n"
	      "Erase-Write test done.\n");
	for (uint32_t i = 0; i < 0x2000; i++)
		assert_int_equal(rig.flash.mem[0x4000 + i], i & 0xFF);
	ram_flash_assert_only(&rig.flash, 0x4000, 0x2000);
	assert_int_equal(rig.flash.erased, 3 * 0x2000);
	assert_int_equal(rig.flash.written, 3 * 0x2000);
	rig.flash.wear = (struct ram_wear){ .addr = 0x5FFF, .flip = 0x80, .times = UINT32_MAX };
	assert_int_equal(run("flash test 4000 2000 10"), FAR_ERR_VERIFY);
	assert_true(says("Write OK.\nVerification ERROR! 0x7f instead of 0xff at 0x5fff"));
	assert_false(says("done"));
	assert_int_equal(rig.flash.erased, 4 * 0x2000); /* the first bad round is the last */
}

static void tells_pages(void **state)
{
	(void)state;
	gives(FAR_OK, "flash page_info 0",
	      "Page for address 0x0:\nstart offset: 0x0\nsize: 4096\nindex: 0\n");
	gives(FAR_OK, "flash page_info 1ffff",
	      "Page for address 0x1ffff:\nstart offset: 0x1f000\nsize: 4096\nindex: 31\n");
	open_with(0xFFFF0000u, 0x10000, 1, READ);
	gives(FAR_OK, "flash page_info fffeffff",
	      "Page for address 0xfffeffff:\nstart offset: 0xfffe0000\nsize: 65536\nindex: "
	      "65534\n");
	assert_int_equal(ram_flash_calls(&rig.flash), 0);
}

static void copies(void **state)
{
	(void)state;
	assert_int_equal(run("flash erase 8000 2000"), FAR_OK);
	gives(FAR_OK, "flash copy 123 8000 1004", "Copy OK.\nVerified.\n");
	assert_memory_equal(rig.flash.mem + 0x8000, rig.flash.mem + 0x123, 0x1004);
	ram_flash_assert_filled(&rig.flash, 0x9004, 0xFFC, 0xFF);
	ram_flash_assert_only(&rig.flash, 0x8000, 0x2000);
	gives(FAR_OK, "flash copy 8000 9004 4", "Copy OK.\nVerified.\n");
	assert_int_equal(run("flash copy 0 8000 100"), FAR_ERR_VERIFY);
	assert_true(says("Verification ERROR! "));
	assert_true(says("erase first"));
}

static void refuses_to_copy_onto_itself(void **state)
{
	(void)state;
	refuses(FAR_ERR_ARG, "flash copy 1000 1000 4", "source 0x1000 and destination 0x1000",
		"0x4");
	refuses(FAR_ERR_ARG, "flash copy 1000 1ffc 1000", "source", "overlap");
	refuses(FAR_ERR_ARG, "flash copy 1ffc 1000 1000", "source", "overlap");
	refuses(FAR_ERR_RANGE, "flash copy 1f004 0 1000", "Read ERROR!", "0x1f004");
	refuses(FAR_ERR_RANGE, "flash copy 0 1f004 1000", "Write internal ERROR!", "0x1f004");
	refuses(FAR_ERR_ALIGN, "flash copy 0 8001 1000", "Write internal ERROR!",
		"no multiple of 0x4");
}

/* ---- rates ----------------------------------------------------------------------------------- */

static void measures_reads(void **state)
{
	(void)state;
	rig.tick_ms = 8; /* each round: two looks, 8 ms apart */
	gives(FAR_OK, "flash read_test 0 1000 2",
	      "Loop #1 done in 8ms.\nLoop #2 done in 8ms.\n"
	      "Total: 16ms, Per loop: ~8ms, Speed: ~500.0KiBps\n");
	assert_int_equal(rig.flash.counts[RAM_READ], 2 * 0x1000 / BUF);
	ram_flash_assert_only(&rig.flash, 0, 0);
}

static void measures_erases(void **state)
{
	(void)state;
	rig.tick_ms = 2000;
	gives(FAR_OK, "flash erase_test 2000 1000 1",
	      "Loop #1 done in 2000ms.\nTotal: 2000ms, Per loop: ~2000ms, Speed: ~2.0KiBps\n");
	ram_flash_assert_filled(&rig.flash, 0x2000, SECTOR, 0xFF);
	ram_flash_assert_only(&rig.flash, 0x2000, SECTOR);
}

static void measures_writes(void **state)
{
	(void)state;
	assert_int_equal(run("flash erase 2000"), FAR_OK);
	rig.tick_ms = 4096;
	gives(FAR_OK, "flash write_test 2000 200 1",
	      "Loop #1 done in 4096ms.\nTotal: 4096ms, Per loop: ~4096ms, Speed: ~125.0Bps\n");
	for (uint32_t i = 0; i < 0x200; i++)
		assert_int_equal(rig.flash.mem[0x2000 + i], i & 0xFF);
	ram_flash_assert_filled(&rig.flash, 0x2200, SECTOR - 0x200, 0xFF);
}

/* What is faster than the clock's tick has a bound, and is never divided by 0. */
static void measures_what_takes_no_time(void **state)
{
	(void)state;
	gives(FAR_OK, "flash read_test 0 1000 1",
	      "Loop #1 done in 0ms.\nTotal: 0ms, Per loop: <1ms, Speed: >3.9MiBps\n");
}

/* The clock may wrap within a round. */
static void measures_across_a_wrap(void **state)
{
	(void)state;
	rig.now_ms = UINT32_MAX - 10;
	rig.tick_ms = 10;
	assert_int_equal(run("flash read_test 0 10 2"), FAR_OK);
	assert_true(says("Total: 20ms, Per loop: ~10ms"));
}

static void refuses_impossible_counts(void **state)
{
	(void)state;
	refuses(FAR_ERR_ARG, "flash test 0 1000 0", "repeat count 0 ", "give 1 to 10000");
	refuses(FAR_ERR_ARG, "flash test 0 1000 10001", "repeat count 10001 ", "give 1 to 10000");
	refuses(FAR_ERR_ARG, "flash read_test 0 1000 0", "repeat count 0 ", "10000");
	refuses(FAR_ERR_ARG, "flash erase_test 0 1000 ffffffff", "repeat count ffffffff ", "10000");
	refuses(FAR_ERR_ARG, "flash write_test 0 1000 0", "repeat count 0 ", "10000");
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test_setup(reads, setup),
		cmocka_unit_test_setup(reads_more_than_the_buffer, setup),
		cmocka_unit_test_setup(erases, setup),
		cmocka_unit_test_setup(writes, setup),
		cmocka_unit_test_setup(tests, setup),
		cmocka_unit_test_setup(tells_pages, setup),
		cmocka_unit_test_setup(copies, setup),
		cmocka_unit_test_setup(refuses_to_copy_onto_itself, setup),
		cmocka_unit_test_setup(measures_reads, setup),
		cmocka_unit_test_setup(measures_erases, setup),
		cmocka_unit_test_setup(measures_writes, setup),
		cmocka_unit_test_setup(measures_what_takes_no_time, setup),
		cmocka_unit_test_setup(measures_across_a_wrap, setup),
		cmocka_unit_test_setup(refuses_impossible_counts, setup),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
