/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device/partition beyond what test/contract asks of every flash: bounds and rights at init, what
 * is offered, whose addresses a failure is told in, and that no stream reaches another window.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "device/partition/partition.h"
#include "test/common/ram_flash.h"

#define SIZE   0x10000u
#define SECTOR 0x1000u
#define AT     0x4000u
#define LEN    0x3000u
#define CAPS                                                                                       \
	(FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE)
#define READ FAR_PARTITION_READ

static struct ram_flash ram;
static struct far_partition part, other;
static struct far_flash *const flash = &part.flash;
static uint8_t data[LEN];

static int open_parent(void **state)
{
	(void)state;
	ram_flash_open(&ram, SIZE, SECTOR, 4, CAPS);
	ram_flash_pattern(data, sizeof(data), 3);
	memset(&part, 0xA5, sizeof(part)); /* need not be cleared */
	memset(&other, 0xA5, sizeof(other));
	return 0;
}

static void window(struct far_partition *p, uint32_t at, uint32_t len, uint32_t rights)
{
	assert_int_equal(far_partition_init(p, &ram.flash, at, len, rights), FAR_OK);
	ram_flash_snapshot(&ram);
}

/* touched_addr counts only if touched_len is not 0. */
static void assert_fault(int err, uint32_t addr, uint32_t peer_code, uint32_t touched,
			 uint32_t touched_len)
{
	assert_int_equal(flash->fault.err, err);
	assert_int_equal(flash->fault.addr, addr);
	assert_int_equal(flash->fault.peer_code, peer_code);
	assert_int_equal(flash->fault.touched_len, touched_len);
	if (touched_len > 0)
		assert_int_equal(flash->fault.touched_addr, touched);
}

/* ---- init ------------------------------------------------------------------------------------ */

static int init(uint32_t at, uint32_t len, uint32_t rights)
{
	return far_partition_init(&part, &ram.flash, at, len, rights);
}

static void impossible_windows(void **state)
{
	(void)state;
	assert_int_equal(far_partition_init(NULL, &ram.flash, 0, SECTOR, READ), FAR_ERR_ARG);
	assert_int_equal(far_partition_init(&part, NULL, 0, SECTOR, READ), FAR_ERR_ARG);
	assert_int_equal(far_partition_init(&part, flash, 0, SECTOR, READ), FAR_ERR_ARG);
	assert_int_equal(init(0, 0, READ), FAR_ERR_ARG);
	assert_int_equal(init(0, SECTOR, 8), FAR_ERR_ARG);
	assert_int_equal(init(0, SIZE + SECTOR, READ), FAR_ERR_RANGE);
	assert_int_equal(init(SECTOR, SIZE, READ), FAR_ERR_RANGE);
	assert_int_equal(init(SIZE, SECTOR, READ), FAR_ERR_RANGE);
	assert_int_equal(init(SIZE + SECTOR, SECTOR, READ), FAR_ERR_RANGE);
	assert_int_equal(init(SECTOR, 0u - SECTOR, READ), FAR_ERR_RANGE);
	assert_int_equal(init(1, SECTOR, READ), FAR_ERR_ALIGN);
	assert_int_equal(init(0, SECTOR + 1, READ), FAR_ERR_ALIGN);
	assert_int_equal(init(SIZE - SECTOR, SECTOR, READ), FAR_OK);
	ram.flash.info.size = 0; /* not connected */
	assert_int_equal(init(0, SECTOR, READ), FAR_ERR_STATE);
	assert_int_equal(ram_flash_calls(&ram), 0);
}

static void offers_what_the_rights_leave(void **state)
{
	const uint8_t look = FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST;

	(void)state;
	window(&part, AT, LEN, FAR_PARTITION_ALL);
	assert_int_equal(flash->info.size, LEN);
	assert_int_equal(flash->info.sector_size, SECTOR);
	assert_int_equal(flash->info.write_block, 4);
	assert_int_equal(flash->info.caps, look | FAR_FLASH_CAN_REPLACE);
	window(&part, AT, LEN, READ | FAR_PARTITION_WRITE);
	assert_int_equal(flash->info.caps, look);
	window(&part, AT, LEN, FAR_PARTITION_WRITE | FAR_PARTITION_ERASE);
	assert_int_equal(flash->info.caps, FAR_FLASH_CAN_REPLACE);
	window(&part, AT, LEN, 0);
	assert_int_equal(flash->info.caps, 0);
}

/* Nothing can lie beyond the window where it is the whole flash. */
static void deflate_only_in_the_whole(void **state)
{
	(void)state;
	window(&part, 0, SIZE, FAR_PARTITION_ALL);
	assert_int_equal(flash->info.caps, CAPS);
	window(&part, 0, SIZE, FAR_PARTITION_WRITE | READ);
	assert_int_equal(flash->info.caps & FAR_FLASH_CAN_DEFLATE, 0);
	window(&part, 0, SIZE - SECTOR, FAR_PARTITION_ALL);
	assert_int_equal(far_flash_replace_begin(flash, 0, 100, 50), FAR_ERR_NOTSUP);
	window(&part, SECTOR, SIZE - SECTOR, FAR_PARTITION_ALL);
	assert_int_equal(far_flash_replace_begin(flash, 0, 100, 50), FAR_ERR_NOTSUP);
	assert_int_equal(ram_flash_calls(&ram), 0);
}

/* ---- rights ---------------------------------------------------------------------------------- */

static void without_a_right_nothing_is_asked(void **state)
{
	uint8_t buf[16];

	(void)state;
	for (uint32_t rights = 0; rights <= FAR_PARTITION_ALL; rights++) {
		int no_read = rights & READ ? FAR_OK : FAR_ERR_NOTSUP;
		int no_write = rights & FAR_PARTITION_WRITE ? FAR_OK : FAR_ERR_REFUSED;
		int no_erase = rights & FAR_PARTITION_ERASE ? FAR_OK : FAR_ERR_REFUSED;
		int neither = no_write ? no_write : no_erase;

		ram_flash_open(&ram, SIZE, SECTOR, 4, CAPS);
		window(&part, AT, LEN, rights);
		assert_int_equal(far_flash_read(flash, 0, buf, 16), no_read);
		assert_int_equal(far_flash_digest(flash, 0, 16, buf), no_read);
		assert_int_equal(ram.counts[RAM_READ] + ram.counts[RAM_DIGEST], no_read ? 0 : 2);
		assert_int_equal(far_flash_write(flash, 8, data, 16), no_write);
		if (no_write)
			assert_fault(FAR_ERR_REFUSED, 8, 0, 0, 0);
		assert_int_equal(ram.counts[RAM_WRITE], !no_write);
		assert_int_equal(far_flash_erase(flash, SECTOR, SECTOR), no_erase);
		if (no_erase)
			assert_fault(FAR_ERR_REFUSED, SECTOR, 0, 0, 0);
		assert_int_equal(ram.counts[RAM_ERASE], !no_erase);
		assert_int_equal(far_flash_replace_begin(flash, SECTOR, 9, 0), neither);
		if (neither)
			assert_fault(FAR_ERR_REFUSED, SECTOR, 0, 0, 0);
		assert_int_equal(ram.counts[RAM_BEGIN], !neither);
		ram_flash_assert_only(&ram, AT, LEN);
	}
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void fail_call(enum ram_call call, uint32_t done)
{
	ram_flash_forget(&ram);
	ram.failure = (struct ram_failure){ .calls = 1u << call,
					    .at = 1,
					    .times = 1,
					    .err = FAR_ERR_REFUSED,
					    .peer_code = 77,
					    .done = done };
}

static void faults_are_in_the_windows_addresses(void **state)
{
	uint8_t buf[16];

	(void)state;
	window(&part, AT, LEN, FAR_PARTITION_ALL);
	fail_call(RAM_READ, 0);
	assert_int_equal(far_flash_read(flash, 0x123, buf, 16), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x123, 77, 0, 0);
	fail_call(RAM_DIGEST, 0);
	assert_int_equal(far_flash_digest(flash, 0x10, 16, buf), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x10, 77, 0, 0);
	fail_call(RAM_WRITE, 8);
	assert_int_equal(far_flash_write(flash, 0x20, data, 16), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 0x28, 77, 0x20, 8);
	fail_call(RAM_ERASE, SECTOR);
	assert_int_equal(far_flash_erase(flash, SECTOR, 2 * SECTOR), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, 2 * SECTOR, 77, SECTOR, SECTOR);
	fail_call(RAM_BEGIN, 0);
	assert_int_equal(far_flash_replace_begin(flash, SECTOR, 9, 0), FAR_ERR_REFUSED);
	assert_fault(FAR_ERR_REFUSED, SECTOR, 77, 0, 0);
	ram_flash_assert_only(&ram, AT, LEN);
}

/* A sync is about the whole parent: of what that touched only the window's part is told. */
static void what_lies_outside_is_cut_off(void **state)
{
	(void)state;
	window(&part, AT, LEN, FAR_PARTITION_ALL);
	fail_call(RAM_SYNC, 0);
	ram.failure.silent = true;
	assert_int_equal(far_flash_sync(flash), FAR_ERR_REFUSED);
	assert_int_equal(flash->fault.op, FAR_FLASH_OP_SYNC);
	assert_fault(FAR_ERR_REFUSED, 0, 0, 0, LEN);
}

/* The parent was connected anew and is smaller now. */
static void a_parent_that_shrinks(void **state)
{
	uint8_t buf[4];

	(void)state;
	window(&part, AT, LEN, FAR_PARTITION_ALL);
	ram.flash.info.size = AT + SECTOR;
	assert_int_equal(far_flash_read(flash, SECTOR - 4, buf, 4), FAR_OK);
	assert_int_equal(far_flash_read(flash, SECTOR, buf, 4), FAR_ERR_RANGE);
	assert_fault(FAR_ERR_RANGE, SECTOR, 0, 0, 0);
	assert_int_equal(far_flash_erase(flash, 0, 2 * SECTOR), FAR_ERR_RANGE);
	assert_fault(FAR_ERR_RANGE, 0, 0, 0, 0);
}

/* ---- streams --------------------------------------------------------------------------------- */

static int begin(struct far_partition *p, uint32_t len)
{
	int rc = far_flash_replace_begin(&p->flash, 0, len, 0);

	return rc == FAR_OK ? far_flash_replace_write(&p->flash, data, len / 2) : rc;
}

/* The first stream is over, and the second arrives whole. */
static void streams_do_not_mix(void **state)
{
	(void)state;
	window(&part, AT, LEN, FAR_PARTITION_ALL);
	window(&other, 0, AT, FAR_PARTITION_ALL);
	assert_int_equal(begin(&part, 1000), FAR_OK);
	assert_int_equal(begin(&other, 1000), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data + 500, 500), FAR_ERR_STATE);
	assert_fault(FAR_ERR_STATE, 0, 0, 0, SECTOR);
	assert_int_equal(far_flash_replace_end(flash), FAR_ERR_STATE);
	assert_int_equal(far_flash_replace_write(&other.flash, data + 500, 500), FAR_OK);
	assert_int_equal(far_flash_replace_end(&other.flash), FAR_OK);
	assert_memory_equal(ram_flash_at(&ram, 0), data, 1000);
}

/* An end that came for the other's stream would close it before its time. */
static void an_end_is_not_taken_for_anothers(void **state)
{
	(void)state;
	window(&part, AT, LEN, FAR_PARTITION_ALL);
	window(&other, 0, AT, FAR_PARTITION_ALL);
	assert_int_equal(begin(&part, 1000), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data + 500, 500), FAR_OK);
	assert_int_equal(begin(&other, 1000), FAR_OK);
	assert_int_equal(far_flash_replace_end(flash), FAR_ERR_STATE);
	assert_int_equal(ram.counts[RAM_END], 0);
	assert_int_equal(far_flash_replace_write(&other.flash, data + 500, 500), FAR_OK);
	assert_int_equal(far_flash_replace_end(&other.flash), FAR_OK);
}

static void any_use_of_the_parent_ends_a_stream(void **state)
{
	uint8_t buf[4];

	(void)state;
	window(&part, AT, LEN, FAR_PARTITION_ALL);
	assert_int_equal(begin(&part, 1000), FAR_OK);
	assert_int_equal(far_flash_read(&ram.flash, 0, buf, 4), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data, 4), FAR_ERR_STATE);
	assert_fault(FAR_ERR_STATE, 0, 0, 0, SECTOR);
	assert_int_equal(begin(&part, 1000), FAR_OK);
	assert_int_equal(far_flash_replace_begin(&ram.flash, AT, 999, 0), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data, 4), FAR_ERR_STATE);
}

/* What the parent does itself is not taken apart. */
static void native_stays_native(void **state)
{
	uint8_t md5[FAR_MD5_LEN];

	(void)state;
	window(&part, AT, LEN, FAR_PARTITION_ALL);
	assert_int_equal(begin(&part, 1000), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data + 500, 500), FAR_OK);
	assert_int_equal(far_flash_replace_end(flash), FAR_OK);
	assert_int_equal(far_flash_digest(flash, 0, 1000, md5), FAR_OK);
	assert_int_equal(ram.counts[RAM_BEGIN], 1);
	assert_int_equal(ram.begin_addr, AT);
	assert_int_equal(ram.counts[RAM_END], 1);
	assert_int_equal(ram.counts[RAM_DIGEST], 1);
	assert_int_equal(ram.counts[RAM_READ] + ram.counts[RAM_WRITE] + ram.counts[RAM_ERASE], 0);
	assert_memory_equal(ram_flash_at(&ram, AT), data, 1000);
	ram_flash_assert_only(&ram, AT, SECTOR);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, open_parent)
	const struct CMUnitTest tests[] = {
		TEST(impossible_windows),
		TEST(offers_what_the_rights_leave),
		TEST(deflate_only_in_the_whole),
		TEST(without_a_right_nothing_is_asked),
		TEST(faults_are_in_the_windows_addresses),
		TEST(what_lies_outside_is_cut_off),
		TEST(a_parent_that_shrinks),
		TEST(streams_do_not_mix),
		TEST(an_end_is_not_taken_for_anothers),
		TEST(any_use_of_the_parent_ends_a_stream),
		TEST(native_stays_native),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
