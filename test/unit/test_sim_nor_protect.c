/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Block protection of the NOR die against the datasheets' tables, typed in row by row: first and
 * last protected address for each setting of CMP, SEC, TB and BP.
 */
#include "sim_nor_host.h"

#define NONE 1, 0

struct row {
	uint8_t sr1, cmp;
	uint32_t first, last; /* last < first: nothing */
};

/* W25Q32JV. Bits of sr1: BP0 04, BP1 08, BP2 10, TB 20, SEC 40. */
static const struct row w25q32[] = {
	{ 0x00, 0, NONE },
	{ 0x60, 0, NONE },
	{ 0x04, 0, 0x3f0000, 0x3fffff },
	{ 0x08, 0, 0x3e0000, 0x3fffff },
	{ 0x0c, 0, 0x3c0000, 0x3fffff },
	{ 0x10, 0, 0x380000, 0x3fffff },
	{ 0x14, 0, 0x300000, 0x3fffff },
	{ 0x18, 0, 0x200000, 0x3fffff },
	{ 0x24, 0, 0x000000, 0x00ffff },
	{ 0x28, 0, 0x000000, 0x01ffff },
	{ 0x2c, 0, 0x000000, 0x03ffff },
	{ 0x30, 0, 0x000000, 0x07ffff },
	{ 0x34, 0, 0x000000, 0x0fffff },
	{ 0x38, 0, 0x000000, 0x1fffff },
	{ 0x1c, 0, 0x000000, 0x3fffff },
	{ 0x3c, 0, 0x000000, 0x3fffff },
	{ 0x5c, 0, 0x000000, 0x3fffff },
	{ 0x7c, 0, 0x000000, 0x3fffff },
	{ 0x44, 0, 0x3ff000, 0x3fffff },
	{ 0x48, 0, 0x3fe000, 0x3fffff },
	{ 0x4c, 0, 0x3fc000, 0x3fffff },
	{ 0x50, 0, 0x3f8000, 0x3fffff },
	{ 0x54, 0, 0x3f8000, 0x3fffff },
	{ 0x64, 0, 0x000000, 0x000fff },
	{ 0x68, 0, 0x000000, 0x001fff },
	{ 0x6c, 0, 0x000000, 0x003fff },
	{ 0x70, 0, 0x000000, 0x007fff },
	{ 0x74, 0, 0x000000, 0x007fff },
	{ 0x00, 1, 0x000000, 0x3fffff },
	{ 0x04, 1, 0x000000, 0x3effff },
	{ 0x08, 1, 0x000000, 0x3dffff },
	{ 0x0c, 1, 0x000000, 0x3bffff },
	{ 0x10, 1, 0x000000, 0x37ffff },
	{ 0x14, 1, 0x000000, 0x2fffff },
	{ 0x18, 1, 0x000000, 0x1fffff },
	{ 0x24, 1, 0x010000, 0x3fffff },
	{ 0x28, 1, 0x020000, 0x3fffff },
	{ 0x2c, 1, 0x040000, 0x3fffff },
	{ 0x30, 1, 0x080000, 0x3fffff },
	{ 0x34, 1, 0x100000, 0x3fffff },
	{ 0x38, 1, 0x200000, 0x3fffff },
	{ 0x1c, 1, NONE },
	{ 0x7c, 1, NONE },
	{ 0x44, 1, 0x000000, 0x3fefff },
	{ 0x48, 1, 0x000000, 0x3fdfff },
	{ 0x4c, 1, 0x000000, 0x3fbfff },
	{ 0x50, 1, 0x000000, 0x3f7fff },
	{ 0x64, 1, 0x001000, 0x3fffff },
	{ 0x68, 1, 0x002000, 0x3fffff },
	{ 0x6c, 1, 0x004000, 0x3fffff },
	{ 0x74, 1, 0x008000, 0x3fffff },
};

static const struct row w25q80[] = {
	{ 0x04, 0, 0x0f0000, 0x0fffff }, { 0x08, 0, 0x0e0000, 0x0fffff },
	{ 0x0c, 0, 0x0c0000, 0x0fffff }, { 0x10, 0, 0x080000, 0x0fffff },
	{ 0x24, 0, 0x000000, 0x00ffff }, { 0x30, 0, 0x000000, 0x07ffff },
	{ 0x1c, 0, 0x000000, 0x0fffff }, { 0x44, 0, 0x0ff000, 0x0fffff },
	{ 0x70, 0, 0x000000, 0x007fff }, { 0x04, 1, 0x000000, 0x0effff },
};

static const struct row w25q128[] = {
	{ 0x04, 0, 0xfc0000, 0xffffff }, { 0x08, 0, 0xf80000, 0xffffff },
	{ 0x0c, 0, 0xf00000, 0xffffff }, { 0x10, 0, 0xe00000, 0xffffff },
	{ 0x14, 0, 0xc00000, 0xffffff }, { 0x18, 0, 0x800000, 0xffffff },
	{ 0x24, 0, 0x000000, 0x03ffff }, { 0x38, 0, 0x000000, 0x7fffff },
	{ 0x44, 0, 0xfff000, 0xffffff }, { 0x54, 0, 0xff8000, 0xffffff },
	{ 0x74, 0, 0x000000, 0x007fff }, { 0x04, 1, 0x000000, 0xfbffff },
	{ 0x24, 1, 0x040000, 0xffffff }, { 0x1c, 0, 0x000000, 0xffffff },
};

/* W25Q256JV: BP0 04 to BP3 20, TB 40, no SEC. */
static const struct row w25q256[] = {
	{ 0x00, 0, NONE },
	{ 0x40, 0, NONE },
	{ 0x04, 0, 0x1ff0000, 0x1ffffff },
	{ 0x08, 0, 0x1fe0000, 0x1ffffff },
	{ 0x0c, 0, 0x1fc0000, 0x1ffffff },
	{ 0x10, 0, 0x1f80000, 0x1ffffff },
	{ 0x14, 0, 0x1f00000, 0x1ffffff },
	{ 0x18, 0, 0x1e00000, 0x1ffffff },
	{ 0x1c, 0, 0x1c00000, 0x1ffffff },
	{ 0x20, 0, 0x1800000, 0x1ffffff },
	{ 0x24, 0, 0x1000000, 0x1ffffff },
	{ 0x28, 0, 0x0000000, 0x1ffffff },
	{ 0x3c, 0, 0x0000000, 0x1ffffff },
	{ 0x44, 0, 0x0000000, 0x000ffff },
	{ 0x5c, 0, 0x0000000, 0x03fffff },
	{ 0x60, 0, 0x0000000, 0x07fffff },
	{ 0x64, 0, 0x0000000, 0x0ffffff },
	{ 0x7c, 0, 0x0000000, 0x1ffffff },
	{ 0x00, 1, 0x0000000, 0x1ffffff },
	{ 0x04, 1, 0x0000000, 0x1feffff },
	{ 0x44, 1, 0x0010000, 0x1ffffff },
	{ 0x64, 1, 0x1000000, 0x1ffffff },
	{ 0x3c, 1, NONE },
};

struct part {
	uint32_t size;
	const struct row *rows;
	size_t count;
};

#define PART(size, rows)                                                                           \
	{                                                                                          \
		size, rows, sizeof(rows) / sizeof((rows)[0])                                       \
	}

static const struct part parts[] = { PART(4 * MIB, w25q32), PART(1 * MIB, w25q80),
				     PART(16 * MIB, w25q128), PART(32 * MIB, w25q256) };

static void set_protection(struct host *h, const struct row *r)
{
	uint8_t regs[2] = { r->sr1, (uint8_t)(r->cmp << 6) };

	op(h, 0x06);
	op_data(h, 0x01, 0, 0, regs, 2);
	if (far_sim_nor_size(h->nor) > 16 * MIB)
		op(h, 0xb7);
}

static size_t addr_len(const struct host *h)
{
	return far_sim_nor_size(h->nor) > 16 * MIB ? 4 : 3;
}

/* Does this change go through? Told by the counters, the memory and the write enable latch. */
static bool goes(struct host *h, uint8_t opcode, uint32_t addr)
{
	struct far_sim_nor_counts before = *far_sim_nor_counts(h->nor);
	const struct far_sim_nor_counts *now = far_sim_nor_counts(h->nor);
	uint64_t done;

	op(h, 0x06);
	if (opcode == 0xc7)
		op(h, opcode);
	else
		op_data(h, opcode, addr, addr_len(h), "", opcode == 0x02);
	assert_int_equal(reg(h, 0x05) & 0x03, 0);
	done = now->programs - before.programs + now->erases - before.erases;
	assert_int_equal(done + now->refused - before.refused, 1);
	if (opcode == 0x02 && done == 1)
		assert_int_equal(at(h, addr), 0);
	return done == 1;
}

static bool overlaps(const struct row *r, uint32_t addr, uint32_t unit)
{
	uint32_t from = addr & ~(unit - 1);

	return r->first <= r->last && from <= r->last && from + (unit - 1) >= r->first;
}

static void probe(struct host *h, const struct row *r, uint32_t addr)
{
	if (goes(h, 0x02, addr) == overlaps(r, addr, 256))
		fail_msg("sr1 %02x cmp %u: program at %07x", r->sr1, r->cmp, addr);
	if (goes(h, 0x20, addr) == overlaps(r, addr, 4096))
		fail_msg("sr1 %02x cmp %u: sector erase at %07x", r->sr1, r->cmp, addr);
	if (goes(h, 0x52, addr) == overlaps(r, addr, 0x8000))
		fail_msg("sr1 %02x cmp %u: 32K erase at %07x", r->sr1, r->cmp, addr);
	if (goes(h, 0xd8, addr) == overlaps(r, addr, 0x10000))
		fail_msg("sr1 %02x cmp %u: block erase at %07x", r->sr1, r->cmp, addr);
}

static void rows_of(const struct part *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct row *r = &p->rows[i];
		struct host h = host_new(p->size, true);

		set_protection(&h, r);
		probe(&h, r, 0);
		probe(&h, r, p->size - 1);
		if (r->first <= r->last) {
			probe(&h, r, r->first);
			probe(&h, r, r->last);
			probe(&h, r, (r->first + r->last) / 2);
			if (r->first > 0)
				probe(&h, r, r->first - 1);
			if (r->last < p->size - 1)
				probe(&h, r, r->last + 1);
		}
		assert_true(goes(&h, 0xc7, 0) == (r->first > r->last));
		far_sim_nor_free(h.nor);
	}
}

static void every_row_of_every_table(void **state)
{
	(void)state;
	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
		rows_of(&parts[p]);
}

static void protected_bytes_keep_their_values(void **state)
{
	struct host h = host_new(1 * MIB, true);

	(void)state;
	program_byte(&h, 0xfffff, 0x3c);
	write_reg(&h, 0x01, 0x04);
	program_byte(&h, 0xfffff, 0x00);
	erase(&h, 0x20, 0xfffff);
	erase(&h, 0xd8, 0xfffff);
	op(&h, 0x06);
	op(&h, 0x60);
	assert_int_equal(at(&h, 0xfffff), 0x3c);
	assert_int_equal(far_sim_nor_wear(h.nor, 0xfffff), 0);
	assert_int_equal(far_sim_nor_counts(h.nor)->refused, 4);
	write_reg(&h, 0x01, 0x00);
	erase(&h, 0x20, 0xfffff);
	assert_int_equal(at(&h, 0xfffff), 0xff);
	far_sim_nor_free(h.nor);
}

static void refusal_takes_no_time(void **state)
{
	struct host h = host_new(1 * MIB, false);

	(void)state;
	write_reg(&h, 0x01, 0x1c);
	op(&h, 0x06);
	op_addr(&h, 0x20, 0, 3);
	assert_int_equal(reg(&h, 0x05), 0x1c);
	assert_true(far_sim_nor_busy_until_ns(h.nor) <= h.now_ns);
	far_sim_nor_free(h.nor);
}

/* Any setting on any size gives an answer, and never protects beyond what BP names. */
static void all_settings_of_all_sizes(void **state)
{
	(void)state;
	for (uint32_t size = 64 * KIB; size <= 32 * MIB; size *= 2) {
		struct host h = host_new(size, true);

		for (unsigned sr1 = 0; sr1 < 0x80; sr1 += 4) {
			const struct row plain = { .sr1 = (uint8_t)sr1, .cmp = 0 };
			const struct row swapped = { .sr1 = (uint8_t)sr1, .cmp = 1 };
			bool low, high;

			set_protection(&h, &plain);
			low = goes(&h, 0x20, 0);
			high = goes(&h, 0x20, size - 1);
			set_protection(&h, &swapped);
			assert_int_equal(goes(&h, 0x20, 0), !low);
			assert_int_equal(goes(&h, 0x20, size - 1), !high);
		}
		far_sim_nor_free(h.nor);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_every_table),
		cmocka_unit_test(protected_bytes_keep_their_values),
		cmocka_unit_test(refusal_takes_no_time),
		cmocka_unit_test(all_settings_of_all_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
