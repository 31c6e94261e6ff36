/* SPDX-License-Identifier: Apache-2.0 */
/* device/nor meets a part: the simulator's in all sizes, others by their ids and SFDP, and none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/nor_bus.h"

#define KIB      1024u
#define MIB      0x100000u
#define SLACK_MS 13u

static struct nor_bus bus;
static struct far_nor nor;
static struct far_flash *const flash = &nor.flash;

static int setup(void **state)
{
	(void)state;
	nor_bus_open(&bus, MIB);
	memset(&nor, 0xA5, sizeof(nor));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nor_bus_close(&bus);
	return 0;
}

static int init(void)
{
	return far_nor_init(&nor, &bus.spi, &bus.clock.clock);
}

static void assert_not_connected(int err)
{
	uint8_t byte;

	assert_int_equal(init(), err);
	assert_int_equal(flash->fault.err, err);
	assert_int_equal(flash->fault.op, FAR_FLASH_OP_SESSION);
	assert_int_equal(flash->fault.touched_len, 0);
	assert_int_equal(flash->info.size, 0);
	/* A flash without size takes no call. */
	assert_int_equal(far_flash_read(flash, 0, &byte, 1), FAR_ERR_RANGE);
	assert_int_equal(far_flash_write(flash, 0, &byte, 1), FAR_ERR_RANGE);
	assert_int_equal(far_flash_erase(flash, 0, 4096), FAR_ERR_RANGE);
}

static void null_arguments(void **state)
{
	(void)state;
	assert_int_equal(far_nor_init(NULL, &bus.spi, &bus.clock.clock), FAR_ERR_ARG);
	assert_int_equal(far_nor_init(&nor, NULL, &bus.clock.clock), FAR_ERR_ARG);
	assert_int_equal(far_nor_init(&nor, &bus.spi, NULL), FAR_ERR_ARG);
	assert_int_equal(bus.count, 0);
}

/* The simulator's own identification, in every size that it makes and this machine has room for. */
static void sizes(void **state)
{
	(void)state;
	for (uint32_t size = 64 * KIB; size <= 64 * MIB; size *= 2) {
		uint8_t data[3] = { 0x12, 0x34, 0x56 };

		nor_bus_close(&bus);
		nor_bus_open(&bus, size);
		assert_int_equal(init(), FAR_OK);
		assert_int_equal(flash->info.size, size);
		assert_int_not_equal(nor.jedec_id[0], 0);
		assert_int_equal(far_flash_erase(flash, size - 4096, 4096), FAR_OK);
		assert_int_equal(far_flash_write(flash, size - 3, data, 3), FAR_OK);
		assert_memory_equal(far_sim_nor_memory(bus.die) + size - 3, data, 3);
	}
}

/* ---- nobody there ---------------------------------------------------------------------------- */

static void nothing_answers(void **state)
{
	(void)state;
	bus.answer_all = 0x00;
	assert_not_connected(FAR_ERR_NOTSUP);
	bus.answer_all = 0xFF;
	assert_not_connected(FAR_ERR_NOTSUP);
	assert_in_range(nor_bus_now_ms(&bus), 0, 20); /* found out at once */
}

static void never_ready(void **state)
{
	(void)state;
	bus.status_or = 0x01;
	assert_not_connected(FAR_ERR_TIMEOUT);
	assert_in_range(nor_bus_now_ms(&bus), 2000, 2000 + SLACK_MS);
}

/* Our side was reset in the middle of an erase: the part does not answer until it is done. */
static void busy_at_first(void **state)
{
	static const uint8_t enable = 0x06, erase[4] = { 0xD8, 0, 0, 0 };

	(void)state;
	nor_bus_raw(&bus, &enable, 1, 0);
	nor_bus_raw(&bus, erase, sizeof(erase), 0);
	assert_true(far_sim_nor_busy_until_ns(bus.die) > bus.clock.now_ns);
	assert_int_equal(init(), FAR_OK);
	assert_true(far_sim_nor_busy_until_ns(bus.die) <= bus.clock.now_ns);
	assert_int_equal(flash->info.size, MIB);
}

/* It may sleep, too: release comes before any question. */
static void woken_first(void **state)
{
	(void)state;
	assert_int_equal(init(), FAR_OK);
	assert_int_equal(bus.log[0].opcode, 0xAB);
	assert_in_range(nor_bus_now_ms(&bus), 1, 2);
}

static void every_transfer_may_fail(void **state)
{
	unsigned n;

	(void)state;
	for (n = 1; n < 100; n++) {
		nor_bus_forget(&bus);
		bus.fail_at = n;
		if (init() == FAR_OK)
			break;
		bus.fail_at = n;
		nor_bus_forget(&bus);
		assert_not_connected(FAR_ERR_IO);
		assert_int_equal(bus.count, n);
	}
	assert_in_range(n, 6, 99);
	assert_int_equal(bus.count, n - 1);
}

/* ---- by id ----------------------------------------------------------------------------------- */

struct known {
	uint8_t id[3];
	uint32_t size; /* 0: refused */
	bool wide;
};

/* From the datasheets of these parts. */
static const struct known known[] = {
	{ { 0xEF, 0x40, 0x14 }, 1 * MIB, false },  /* W25Q80 */
	{ { 0xEF, 0x40, 0x18 }, 16 * MIB, false }, /* W25Q128 */
	{ { 0xEF, 0x60, 0x17 }, 8 * MIB, false },  /* W25Q64FW */
	{ { 0xEF, 0x70, 0x19 }, 32 * MIB, true },  /* W25Q256JV-IM */
	{ { 0xEF, 0x70, 0x20 }, 64 * MIB, true },  /* W25Q512JV-IM */
	{ { 0xEF, 0x70, 0x21 }, 128 * MIB, true }, /* W25Q01JV-IM */
	{ { 0xEF, 0x70, 0x14 }, 0, false },        /* no such part */
	{ { 0xEF, 0x40, 0x19 }, 0, false },        /* W25Q256FV: no 4-byte page program */
	{ { 0x9D, 0x60, 0x16 }, 4 * MIB, false },  /* IS25LP032 */
	{ { 0x9D, 0x60, 0x19 }, 32 * MIB, true },  /* IS25LP256 */
	{ { 0x9D, 0x70, 0x18 }, 16 * MIB, false }, /* IS25WP128 */
	{ { 0xC2, 0x20, 0x15 }, 2 * MIB, false },  /* MX25L16 */
	{ { 0xC2, 0x20, 0x18 }, 16 * MIB, false }, /* MX25L128 */
	{ { 0xC2, 0x20, 0x19 }, 0, false },        /* MX25L25635E: no 4-byte page program */
	{ { 0xC8, 0x40, 0x16 }, 4 * MIB, false },  /* GD25Q32 */
	{ { 0xC8, 0x40, 0x19 }, 32 * MIB, true },  /* GD25Q256 */
	{ { 0x20, 0x40, 0x16 }, 4 * MIB, false },  /* XM25QH32C */
	{ { 0x20, 0x70, 0x18 }, 16 * MIB, false }, /* XM25QH128A */
	{ { 0x20, 0xBA, 0x18 }, 0, false },        /* N25Q128: not one of ours without SFDP */
	{ { 0xEF, 0x40, 0xFE }, 0, false },        /* a capacity that makes no sense */
	{ { 0x12, 0x34, 0x56 }, 0, false },        { { 0xFF, 0x40, 0x18 }, 0, false },
};

static void parts_without_sfdp(void **state)
{
	(void)state;
	bus.pose = true;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct known *k = &known[i];
		uint8_t byte = 0;

		bus.id = k->id;
		if (k->size == 0) {
			assert_not_connected(FAR_ERR_NOTSUP);
			assert_memory_equal(nor.jedec_id, k->id, 3);
			continue;
		}
		assert_int_equal(init(), FAR_OK);
		assert_memory_equal(nor.jedec_id, k->id, 3);
		assert_int_equal(flash->info.size, k->size);
		nor_bus_forget(&bus);
		assert_int_equal(far_flash_read(flash, k->size - 1, &byte, 1), FAR_OK);
		assert_int_equal(nor_bus_seen(&bus, k->wide ? 0x13 : 0x03), 1);
		assert_int_equal(bus.log[bus.count - 1].cmd_len, k->wide ? 5 : 4);
		assert_int_equal(bus.log[bus.count - 1].addr, k->size - 1);
	}
}

/* ---- by SFDP --------------------------------------------------------------------------------- */

/* Which opcodes does the part get for a sector and a block? 0: none. */
struct erases {
	uint8_t sector, block;
};

static struct erases erases_seen(void)
{
	static const uint8_t others[] = { 0x05, 0x06, 0x04, 0x03, 0x13 }; /* 03, 13: read back */
	struct erases seen = { 0, 0 };

	/* The die need not know the opcodes: let it ignore them. */
	bus.drop_changes = true;
	nor_bus_forget(&bus);
	far_flash_erase(flash, 0x10000, 0x10000);
	for (unsigned i = 0; i < bus.count; i++)
		if (memchr(others, bus.log[i].opcode, sizeof(others)) == NULL)
			seen.block = bus.log[i].opcode;
	nor_bus_forget(&bus);
	far_flash_erase(flash, 0x1000, 0x1000);
	for (unsigned i = 0; i < bus.count; i++)
		if (memchr(others, bus.log[i].opcode, sizeof(others)) == NULL)
			seen.sector = bus.log[i].opcode;
	bus.drop_changes = false;
	return seen;
}

static uint8_t sfdp[256];

static void put32(size_t at, uint32_t v)
{
	for (size_t i = 0; i < 4; i++)
		sfdp[at + i] = (uint8_t)(v >> (8 * i));
}

static void put_header(unsigned i, uint16_t id, uint8_t dwords, uint32_t pointer)
{
	size_t at = 8u * (i + 1);

	put32(at, (uint32_t)(id & 0xFF) | 6u << 8 | 1u << 16 | (uint32_t)dwords << 24);
	put32(at + 4, pointer | (uint32_t)(id >> 8) << 24);
}

#define BASIC 0x30u
#define WIDE  0x80u

static void put_basic(unsigned number, uint32_t v)
{
	put32(BASIC + 4 * ((size_t)number - 1), v);
}

/* A part of 2 MiB with the usual erases, that any test then changes to its taste. */
static void make_sfdp(void)
{
	static const uint8_t id[3] = { 0x77, 0x01, 0x02 };

	memset(sfdp, 0xFF, sizeof(sfdp));
	put32(0, 0x50444653);
	put32(4, 0xFF000106); /* revision 1.6, one header */
	put_header(0, 0xFF00, 16, BASIC);
	put_basic(1, 0xFFF120E5);
	put_basic(2, 2 * MIB * 8 - 1);
	put_basic(8, 0x520F200C);  /* 4 KiB 20h, 32 KiB 52h */
	put_basic(9, 0x0000D810);  /* 64 KiB D8h */
	put_basic(16, 0x00000000); /* no way beyond 16 MiB */
	bus.pose = true;
	bus.id = id;
	bus.sfdp = sfdp;
	bus.sfdp_len = sizeof(sfdp);
}

static void assert_part(uint32_t size, uint8_t sector, uint8_t block)
{
	struct erases seen;

	assert_int_equal(init(), FAR_OK);
	assert_int_equal(flash->info.size, size);
	seen = erases_seen();
	assert_int_equal(seen.sector, sector);
	assert_int_equal(seen.block, block);
}

static void sfdp_decides(void **state)
{
	static const uint8_t winbond[3] = { 0xEF, 0x40, 0x16 };

	(void)state;
	make_sfdp();
	assert_part(2 * MIB, 0x20, 0xD8);
	bus.id = winbond; /* the id says 4 MiB */
	assert_part(2 * MIB, 0x20, 0xD8);
	put_basic(8, 0xC710810C); /* other opcodes, in another order */
	put_basic(9, 0);
	assert_part(2 * MIB, 0x81, 0xC7);
	put_basic(8, 0x0000200C); /* no block erase: sectors do it */
	assert_part(2 * MIB, 0x20, 0x20);
	put_basic(2, 0x80000000u | 26); /* 2^26 bits */
	assert_part(8 * MIB, 0x20, 0x20);
}

static void first_edition_is_enough_below_16_mib(void **state)
{
	(void)state;
	make_sfdp();
	put_header(0, 0xFF00, 9, BASIC);
	assert_part(2 * MIB, 0x20, 0xD8);
	put_basic(2, 32 * MIB * 8 - 1);
	assert_not_connected(FAR_ERR_NOTSUP);
	put_basic(16, 0x20000000); /* behind the table's end: not said */
	assert_not_connected(FAR_ERR_NOTSUP);
	put_basic(2, 2 * MIB * 8 - 1);
	put_header(0, 0xFF00, 7, BASIC); /* too short to name the erases */
	assert_not_connected(FAR_ERR_NOTSUP);
	put_header(0, 0xFF00, 0, BASIC);
	assert_not_connected(FAR_ERR_NOTSUP);
}

static void beyond_16_mib_by_sfdp(void **state)
{
	uint8_t byte;

	(void)state;
	make_sfdp();
	put_basic(2, 32 * MIB * 8 - 1);
	assert_not_connected(FAR_ERR_NOTSUP); /* only by modes */
	put_basic(16, 0x20000000);
	assert_part(32 * MIB, 0x21, 0xDC);
	put_basic(2, 16 * MIB * 8 - 1); /* just within 3 address bytes */
	assert_part(16 * MIB, 0x20, 0xD8);
	put_basic(2, 32 * MIB * 8 - 1);
	/* With a table of 4-byte instructions that one decides. */
	put32(4, 0xFF010106);
	put_header(1, 0xFF84, 2, WIDE);
	put32(WIDE, 0x00000A41); /* 13h, 12h, erase kinds 1 and 3 */
	put32(WIDE + 4, 0xFFA2FFA1);
	assert_part(32 * MIB, 0xA1, 0xA2);
	nor_bus_forget(&bus);
	assert_int_equal(far_flash_read(flash, 0, &byte, 1), FAR_OK);
	assert_int_equal(nor_bus_seen(&bus, 0x13), 1);
	put32(WIDE, 0x00000241); /* no block erase */
	assert_part(32 * MIB, 0xA1, 0xA1);
	put32(WIDE, 0x00000841); /* no sector erase */
	assert_not_connected(FAR_ERR_NOTSUP);
	put32(WIDE, 0x00000A01); /* no page program, as the W25Q256FV */
	assert_not_connected(FAR_ERR_NOTSUP);
}

static void sfdp_of_no_use(void **state)
{
	static const uint8_t winbond[3] = { 0xEF, 0x40, 0x16 };

	(void)state;
	make_sfdp();
	put_basic(8, 0x0000D810); /* 64 KiB erase only */
	put_basic(9, 0);
	assert_not_connected(FAR_ERR_NOTSUP);
	make_sfdp();
	put_basic(2, 0x80000000u | 40); /* 128 GiB */
	assert_not_connected(FAR_ERR_NOTSUP);
	put_basic(2, 0);
	assert_not_connected(FAR_ERR_NOTSUP);
	make_sfdp();
	put32(0, 0x50444654);
	assert_not_connected(FAR_ERR_NOTSUP);
	make_sfdp();
	sfdp[5] = 2; /* a revision that this side cannot know */
	assert_not_connected(FAR_ERR_NOTSUP);
	bus.id = winbond; /* but this one we know */
	assert_part(4 * MIB, 0x20, 0xD8);
}

/* Anything may stand in an SFDP area. Sanitizers watch; what is accepted must make sense. */
static void hostile_sfdp(void **state)
{
	uint32_t seed = 1, accepted = 0;

	(void)state;
	for (unsigned round = 0; round < 4000; round++) {
		unsigned changes = 1 + round % 4;

		make_sfdp();
		while (changes-- > 0) {
			seed = seed * 1664525u + 1013904223u;
			sfdp[(seed >> 24) % (BASIC + 64)] = (uint8_t)(seed >> 16);
		}
		if (init() != FAR_OK) {
			assert_int_equal(flash->fault.err, FAR_ERR_NOTSUP);
			assert_int_equal(flash->info.size, 0);
			continue;
		}
		accepted++;
		assert_int_equal(flash->info.size % 4096, 0);
		assert_int_not_equal(flash->info.size, 0);
	}
	assert_in_range(accepted, 400, 3999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(null_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(never_ready, setup, teardown),
		cmocka_unit_test_setup_teardown(busy_at_first, setup, teardown),
		cmocka_unit_test_setup_teardown(woken_first, setup, teardown),
		cmocka_unit_test_setup_teardown(every_transfer_may_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(parts_without_sfdp, setup, teardown),
		cmocka_unit_test_setup_teardown(sfdp_decides, setup, teardown),
		cmocka_unit_test_setup_teardown(first_edition_is_enough_below_16_mib, setup,
						teardown),
		cmocka_unit_test_setup_teardown(beyond_16_mib_by_sfdp, setup, teardown),
		cmocka_unit_test_setup_teardown(sfdp_of_no_use, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_sfdp, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
