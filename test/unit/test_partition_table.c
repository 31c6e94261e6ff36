/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service/partition_table, the binary form: against bytes put together by hand from the format,
 * from memory and from a flash, whole, cut off, damaged and made of noise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/partition_table/partition_table.h"
#include "test/common/ram_flash.h"
#include "test/common/ref_md5.h"

#define LEN FAR_PARTITION_TABLE_LEN

/* ESP-IDF's "single factory app, no OTA". */
static const uint8_t factory[4 * 32] = {
	/* nvs, data, nvs, 0x9000, 0x6000 */
	0xAA, 0x50, 0x01, 0x02, 0x00, 0x90, 0x00, 0x00, 0x00, 0x60, 0x00, 0x00, 'n', 'v', 's', 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* phy_init, data, phy, 0xf000, 0x1000 */
	0xAA, 0x50, 0x01, 0x01, 0x00, 0xF0, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 'p', 'h', 'y', '_',
	'i', 'n', 'i', 't', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* factory, app, factory, 0x10000, 1M */
	0xAA, 0x50, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x10, 0x00, 'f', 'a', 'c', 't',
	'o', 'r', 'y', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* the MD5 of the 96 bytes before */
	0xEB, 0xEB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0xFF, 0xF4, 0xAD, 0x4F, 0x45, 0x38, 0x56, 0x4B, 0x5D, 0x74, 0x35, 0xB6, 0x2C, 0x75, 0xB6,
	0x95, 0x24
};

static struct far_partition_entry entries[FAR_PARTITION_ENTRIES_MAX];
static struct far_partition_table table;
static uint8_t bytes[LEN], out[LEN];
static struct ram_flash ram;

static int setup(void **state)
{
	(void)state;
	memset(entries, 0x5A, sizeof(entries));
	far_partition_table_init(&table, entries, FAR_PARTITION_ENTRIES_MAX);
	memset(bytes, 0xFF, sizeof(bytes));
	memcpy(bytes, factory, sizeof(factory));
	return 0;
}

static void assert_problem(int got, int err, enum far_partition_kind kind, uint32_t entry)
{
	assert_int_equal(got, err);
	assert_int_equal(table.problem.kind, kind);
	assert_int_equal(table.problem.entry, entry);
}

static void assert_entry(uint32_t i, const char *label, uint8_t type, uint8_t subtype,
			 uint32_t addr, uint32_t size)
{
	assert_string_equal(entries[i].label, label);
	assert_int_equal(entries[i].type, type);
	assert_int_equal(entries[i].subtype, subtype);
	assert_int_equal(entries[i].addr, addr);
	assert_int_equal(entries[i].size, size);
	assert_int_equal(entries[i].flags, 0);
	assert_int_equal(entries[i].line, 0);
}

static void assert_factory(void)
{
	assert_int_equal(table.count, 3);
	assert_int_equal(table.problem.kind, FAR_PARTITION_FINE);
	assert_entry(0, "nvs", 1, 2, 0x9000, 0x6000);
	assert_entry(1, "phy_init", 1, 1, 0xF000, 0x1000);
	assert_entry(2, "factory", 0, 0, 0x10000, 0x100000);
}

/* The checksum's bytes after the first n entries, by another MD5. */
static void sum_up(uint32_t n)
{
	memset(bytes + 32 * n, 0xFF, LEN - 32 * n);
	bytes[32 * n] = bytes[32 * n + 1] = 0xEB;
	ref_md5(bytes, 32 * n, bytes + 32 * n + 16);
}

/* n entries, each 4 KiB behind the last. */
static void many(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		memcpy(bytes + 32 * i, factory, 32);
		bytes[32 * i + 5] = (uint8_t)(0x90 + 0x10 * i);
		bytes[32 * i + 6] = (uint8_t)((0x90 + 0x10 * i) >> 8);
		bytes[32 * i + 14] = (uint8_t)('0' + i / 10);
		bytes[32 * i + 15] = (uint8_t)('0' + i % 10);
	}
	memset(bytes + 32 * n, 0xFF, LEN - 32 * n);
}

/* ---- right ones ------------------------------------------------------------------------------ */

static void from_memory(void **state)
{
	(void)state;
	assert_int_equal(far_partition_table_parse(&table, bytes, LEN), FAR_OK);
	assert_factory();
	assert_int_equal(table.has_sum, 1);
	/* Five entries are enough; what is behind the end does not matter. */
	memset(bytes + sizeof(factory) + 32, 0, LEN - sizeof(factory) - 32);
	assert_int_equal(far_partition_table_parse(&table, bytes, sizeof(factory) + 32), FAR_OK);
	assert_int_equal(far_partition_table_parse(&table, bytes, UINT32_MAX), FAR_OK);
	assert_factory();
}

static void without_a_checksum(void **state)
{
	(void)state;
	memset(bytes + 96, 0xFF, 32);
	assert_int_equal(far_partition_table_parse(&table, bytes, LEN), FAR_OK);
	assert_factory();
	assert_int_equal(table.has_sum, 0);
}

static void from_a_flash(void **state)
{
	(void)state;
	ram_flash_open(&ram, 0x40000, 0x1000, 4, FAR_FLASH_CAN_READ);
	memcpy(ram_flash_at(&ram, 0x8000), bytes, LEN);
	assert_int_equal(far_partition_table_read(&table, &ram.flash, 0x8000), FAR_OK);
	assert_factory();
	assert_int_equal(ram.counts[RAM_READ], 1); /* no further than its end */
	many(94);
	sum_up(94);
	memcpy(ram_flash_at(&ram, 0x10000), bytes, LEN);
	assert_int_equal(far_partition_table_read(&table, &ram.flash, 0x10000), FAR_OK);
	assert_int_equal(table.count, 94);
	assert_int_equal(entries[93].addr, 0x9000 + 93 * 0x1000);
}

static void a_flash_that_fails(void **state)
{
	(void)state;
	ram_flash_open(&ram, 0x40000, 0x1000, 4, FAR_FLASH_CAN_READ);
	many(40);
	memcpy(ram_flash_at(&ram, 0x8000), bytes, LEN);
	for (uint32_t at = 1; at <= 6; at++) {
		ram_flash_forget(&ram);
		ram.failure = (struct ram_failure){
			.calls = 1u << RAM_READ, .at = at, .times = 1, .err = FAR_ERR_TIMEOUT
		};
		assert_problem(far_partition_table_read(&table, &ram.flash, 0x8000),
			       FAR_ERR_TIMEOUT, FAR_PARTITION_FINE, 0);
	}
	ram_flash_forget(&ram);
	assert_problem(far_partition_table_read(&table, &ram.flash, 0x40000), FAR_ERR_RANGE,
		       FAR_PARTITION_FINE, 0);
}

static void written_as_by_hand(void **state)
{
	(void)state;
	assert_int_equal(far_partition_table_parse(&table, bytes, LEN), FAR_OK);
	memset(out, 0, sizeof(out));
	assert_int_equal(far_partition_table_put(&table, out, 1), FAR_OK);
	assert_memory_equal(out, bytes, LEN);
	assert_int_equal(far_partition_table_put(&table, out, 0), FAR_OK);
	memset(bytes + 96, 0xFF, 32);
	assert_memory_equal(out, bytes, LEN);
}

/* Every member that can be anything comes back, a label without a zero included. */
static void all_is_kept(void **state)
{
	(void)state;
	for (uint32_t i = 2; i < 32; i++)
		bytes[i] = (uint8_t)(0x81 + i);
	sum_up(3);
	assert_int_equal(far_partition_table_parse(&table, bytes, LEN), FAR_OK);
	assert_int_equal(entries[0].flags, 0xA09F9E9D);
	assert_int_equal(strlen(entries[0].label), 16);
	assert_int_equal(far_partition_table_put(&table, out, 1), FAR_OK);
	assert_memory_equal(out, bytes, LEN);
}

static void an_empty_one_has_its_checksum(void **state)
{
	static const uint8_t nothing[16] = { 0xD4, 0x1D, 0x8C, 0xD9, 0x8F, 0x00, 0xB2, 0x04,
					     0xE9, 0x80, 0x09, 0x98, 0xEC, 0xF8, 0x42, 0x7E };

	(void)state;
	assert_int_equal(far_partition_table_put(&table, out, 1), FAR_OK);
	assert_memory_equal(out + 16, nothing, 16);
	assert_int_equal(far_partition_table_parse(&table, out, LEN), FAR_OK);
	assert_int_equal(table.count, 0);
}

static void as_many_as_there_is_room_for(void **state)
{
	(void)state;
	many(95);
	assert_int_equal(far_partition_table_parse(&table, bytes, LEN), FAR_OK);
	assert_int_equal(table.count, 95);
	assert_int_equal(far_partition_table_put(&table, out, 0), FAR_OK);
	assert_memory_equal(out, bytes, LEN);
	assert_problem(far_partition_table_put(&table, out, 1), FAR_ERR_RANGE,
		       FAR_PARTITION_TOO_MANY, 94);
	/* No room for an end behind the checksum: nothing else could follow. */
	sum_up(95);
	assert_int_equal(far_partition_table_parse(&table, bytes, LEN), FAR_OK);
	assert_int_equal(table.count, 95);
	table.capacity = 94;
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_RANGE,
		       FAR_PARTITION_TOO_MANY, 94);
	assert_int_equal(table.problem.limit, 94);
}

static void found_by_label(void **state)
{
	static const char long_label[] = "sixteen bytes .. and more";

	(void)state;
	memcpy(bytes + 32 + 12, long_label, 16);
	sum_up(3);
	assert_int_equal(far_partition_table_parse(&table, bytes, LEN), FAR_OK);
	assert_ptr_equal(far_partition_table_find(&table, "factory", 7), &entries[2]);
	assert_ptr_equal(far_partition_table_find(&table, "nvs+0x10", 3), &entries[0]);
	assert_ptr_equal(far_partition_table_find(&table, long_label, 16), &entries[1]);
	assert_null(far_partition_table_find(&table, long_label, 17));
	assert_null(far_partition_table_find(&table, long_label, 15));
	assert_null(far_partition_table_find(&table, "factor", 6));
	assert_null(far_partition_table_find(&table, "factory2", 8));
	assert_null(far_partition_table_find(&table, "", 0));
	assert_null(far_partition_table_find(&table, NULL, SIZE_MAX));
}

static void told_apart(void **state)
{
	(void)state;
	assert_true(far_partition_table_is_binary(bytes, LEN));
	assert_true(far_partition_table_is_binary(bytes + 96, 32));
	assert_true(far_partition_table_is_binary(bytes + 128, 32));
	assert_false(far_partition_table_is_binary(bytes, 1));
	assert_false(far_partition_table_is_binary((const uint8_t *)"# Name", 6));
	assert_false(far_partition_table_is_binary((const uint8_t *)"\xEF\xBB\xBF#", 4));
}

/* ---- wrong ones ------------------------------------------------------------------------------ */

static void no_table(void **state)
{
	(void)state;
	memset(bytes, 0xFF, LEN);
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_PROTO,
		       FAR_PARTITION_NO_TABLE, 0);
	assert_int_equal(table.problem.value, 0xFFFF);
	memset(bytes, 0, LEN);
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_PROTO,
		       FAR_PARTITION_NO_TABLE, 0);
	assert_int_equal(table.problem.value, 0);
}

static void cut_off(void **state)
{
	(void)state;
	/* Up to the last entry it looks whole where there is no end: it is not. */
	for (uint32_t len = 0; len < sizeof(factory) + 32; len++)
		assert_problem(far_partition_table_parse(&table, bytes, len), FAR_ERR_PROTO,
			       FAR_PARTITION_NO_END, len / 32 < 3 ? len / 32 : 3);
}

static void no_end(void **state)
{
	(void)state;
	many(95);
	memcpy(bytes + 95 * 32, bytes, 32);
	table.capacity = 95;
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_RANGE,
		       FAR_PARTITION_TOO_MANY, 95);
}

static void no_entry(void **state)
{
	(void)state;
	bytes[64] = 0xAB;
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_PROTO,
		       FAR_PARTITION_NO_ENTRY, 2);
	assert_int_equal(table.problem.value, 0x50AB);
	/* An end that is not blank to its own end is none. */
	memset(bytes + 64, 0xFF, 32);
	bytes[95] = 0xFE;
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_PROTO,
		       FAR_PARTITION_NO_ENTRY, 2);
	assert_int_equal(table.problem.value, 0xFFFF);
}

static void behind_the_checksum(void **state)
{
	(void)state;
	memcpy(bytes + 128, bytes, 32);
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_PROTO,
		       FAR_PARTITION_BEHIND_SUM, 3);
	memcpy(bytes + 128, bytes + 96, 32);
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_PROTO,
		       FAR_PARTITION_BEHIND_SUM, 3);
}

/* Whichever bit of entries or checksum is wrong, no table comes of it. */
static void every_bit_counts(void **state)
{
	(void)state;
	for (uint32_t bit = 0; bit < 8 * sizeof(factory); bit++) {
		if (bit / 8 >= 98 && bit / 8 < 112)
			continue; /* FF by convention, and covered by nothing */
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(far_partition_table_parse(&table, bytes, LEN), FAR_OK);
		assert_int_not_equal(table.problem.kind, FAR_PARTITION_FINE);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	bytes[40] ^= 1;
	assert_problem(far_partition_table_parse(&table, bytes, LEN), FAR_ERR_VERIFY,
		       FAR_PARTITION_WRONG_SUM, 3);
}

/* Noise with the marks of a table strewn in: no crash, and the count stays within the capacity. */
static void noise(void **state)
{
	static const uint8_t marks[3][2] = { { 0xAA, 0x50 }, { 0xEB, 0xEB }, { 0xFF, 0xFF } };
	char text[200];

	(void)state;
	srand(4);
	for (uint32_t round = 0; round < 20000; round++) {
		uint32_t len = (uint32_t)rand() % (LEN + 1);
		uint8_t *exact = malloc(len + 1); /* a byte too far is seen */

		table.capacity = (uint32_t)rand() % FAR_PARTITION_ENTRIES_MAX;
		for (uint32_t i = 0; i < len; i++)
			exact[i] = (uint8_t)rand();
		for (uint32_t i = 0; i + 32 <= len; i += 32)
			memcpy(exact + i, marks[(uint32_t)rand() % 16 / 14], 2);
		if (far_partition_table_parse(&table, exact, len) == FAR_OK)
			(void)far_partition_table_check(&table, NULL);
		assert_true(table.count <= table.capacity);
		struct far_text t = { text, sizeof(text), 0 };
		far_partition_table_explain(&table, &t);
		assert_true(t.len > 0 && t.len < t.cap);
		free(exact);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		TEST(from_memory),
		TEST(without_a_checksum),
		TEST(from_a_flash),
		TEST(a_flash_that_fails),
		TEST(written_as_by_hand),
		TEST(all_is_kept),
		TEST(an_empty_one_has_its_checksum),
		TEST(as_many_as_there_is_room_for),
		TEST(found_by_label),
		TEST(told_apart),
		TEST(no_table),
		TEST(cut_off),
		TEST(no_end),
		TEST(no_entry),
		TEST(behind_the_checksum),
		TEST(every_bit_counts),
		TEST(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
