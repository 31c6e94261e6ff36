/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim/fault: the plan's text, its chance, and what it does to bytes; sim/nor: what it does to
 * cells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/nor/nor.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct far_sim_fault fault;
static char why[256];

static void plan(const char *text, uint64_t seed)
{
	if (far_sim_fault_plan(&fault, text, seed, why, sizeof(why)) != 0)
		fail_msg("%s: %s", text, why);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void plans_that_are_none(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "cat=op:1", "fault 'cat=op:1': kinds are cut, " },
		{ "cut", "when is op:N" },
		{ "cut=op", "when is op:N" },
		{ "cut=out:1", "when is op:N" },
		{ "drop=op:1", "when is op:N" },
		{ "drop=sometimes:1", "when is op:N" },
		{ "drop=out:0", "from 1 on" },
		{ "drop=out:-1", "from 1 on" },
		{ "drop=out:1x", "from 1 on" },
		{ "drop=out:", "from 1 on" },
		{ "drop=out:99999999999999999999", "from 1 on" },
		{ "drop=out:1:after", "only a cut" },
		{ "cut=op:1:during", "only a cut" },
		{ "cut=op:1,lie=op:2,bad=op:3", "fault 'bad=op:3'" },
		{ "cut=op:1,lie=op:2,lie=op:3,lie=op:4,lie=op:5,lie=op:6,lie=op:7,lie=op:8,lie=op:"
		  "9",
		  "at most 8" },
		{ "drop=out:1,drop=out:1,drop=out:1,drop=out:1,drop=out:1,drop=out:1,drop=out:1,"
		  "drop=out:1000000000000000000000000000000000000000000000000000000",
		  "at most 127 characters" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(far_sim_fault_plan(&fault, bad[i].text, 1, why, sizeof(why)), -1);
		if (strstr(why, bad[i].says) == NULL)
			fail_msg("'%s' is refused with: %s", bad[i].text, why);
	}
}

/* Who reads the description can run it again, and sees what was done. */
static void description(void **state)
{
	uint64_t delay = 0;
	uint8_t to[4];
	char text[200], tiny[10];

	(void)state;
	plan("drop=out:2,flip=in:1", 77);
	for (unsigned i = 0; i < 3; i++)
		far_sim_fault_byte(&fault, true, 'x', to, sizeof(to), &delay);
	far_sim_fault_byte(&fault, false, 'x', to, sizeof(to), &delay);
	far_sim_fault_describe(&fault, text, sizeof(text));
	assert_string_equal(text, "--fault drop=out:2,flip=in:1 --seed 77: 0 flash operations, "
				  "bytes 3 out 1 in; injected: drop 1 flip 1");
	far_sim_fault_describe(&fault, tiny, sizeof(tiny));
	assert_string_equal(tiny, "--fault d");
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Send "0123456789" one way; what comes out, and how late it is. */
static void send(bool out, char *got, uint64_t *delay)
{
	*delay = 0;
	for (unsigned i = 0; i < 10; i++) {
		uint8_t to[68];
		size_t n =
			far_sim_fault_byte(&fault, out, (uint8_t)('0' + i), to, sizeof(to), delay);

		for (size_t k = 0; k < n; k++)
			*got++ = (char)to[k];
	}
	*got = '\0';
}

static void bytes_by_number(void **state)
{
	static const struct {
		const char *plan, *out, *in;
	} rows[] = {
		{ "", "0123456789", "0123456789" },
		{ "drop=out:3", "013456789", "0123456789" },
		{ "drop=in:1,drop=in:10", "0123456789", "12345678" },
		{ "double=out:10", "01234567899", "0123456789" },
		{ "vanish=out:4", "012", "" },
		{ "reset=in:4", "0123456789", "012456789" },
	};
	char got[300];
	uint64_t delay;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		plan(rows[i].plan, 5);
		send(true, got, &delay);
		assert_string_equal(got, rows[i].out);
		send(false, got, &delay);
		assert_string_equal(got, rows[i].in);
		assert_int_equal(delay, 0);
	}
}

/* One bit, a delay below its limit, a piece of what went before. */
static void bytes_by_chance(void **state)
{
	char got[300];
	uint64_t delay;

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		unsigned moved;

		plan("flip=out:5", seed);
		send(true, got, &delay);
		moved = (uint8_t)(got[4] ^ '4');
		assert_true(moved != 0 && (moved & (moved - 1)) == 0);
		plan("delay=out:5", seed);
		send(true, got, &delay);
		assert_string_equal(got, "0123456789");
		assert_in_range(delay, 1, 3000000000u);
		plan("stale=in:5", seed);
		send(false, got, &delay);
		assert_in_range(strlen(got), 11, 14);
		assert_memory_equal(got, "0123", 4);
		assert_string_equal(got + strlen(got) - 6, "456789");
		assert_int_equal(got[strlen(got) - 7], '3');
	}
}

/* The same seed, the same faults; about as many as the rate says; another seed, others. */
static void a_rate(void **state)
{
	uint8_t first[2000], to[4];
	uint64_t delay = 0;

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		unsigned differ = 0;

		plan("drop=rate:20", round < 2 ? 9 : 10);
		for (size_t i = 0; i < sizeof(first); i++) {
			uint8_t n = (uint8_t)far_sim_fault_byte(&fault, i & 1, 'x', to, 4, &delay);

			differ += round > 0 && n != first[i];
			if (round == 0)
				first[i] = n;
		}
		assert_int_equal(differ == 0, round < 2);
		assert_in_range(fault.injected[FAR_SIM_FAULT_DROP], 60, 140);
	}
}

static enum far_sim_fault_kind seen[8];
static size_t seen_count;

static void note(void *ctx, enum far_sim_fault_kind kind)
{
	assert_true(ctx == &fault);
	seen[seen_count++] = kind;
}

static void owner_is_told(void **state)
{
	char got[300];
	uint64_t delay;

	(void)state;
	plan("reset=out:2,vanish=out:5,drop=out:7", 1);
	fault.happened = note;
	fault.ctx = &fault;
	seen_count = 0;
	send(true, got, &delay);
	assert_string_equal(got, "023");
	assert_int_equal(seen_count, 2);
	assert_int_equal(seen[0], FAR_SIM_FAULT_RESET);
	assert_int_equal(seen[1], FAR_SIM_FAULT_VANISH);
	assert_true(fault.vanished && !fault.off);
	far_sim_fault_restore(&fault);
	send(true, got, &delay);
	assert_string_equal(got, "0123456789");
}

/* ---- cells ----------------------------------------------------------------------------------- */

#define SIZE 0x10000u

static struct far_sim_nor *die;
static uint64_t now;

static int setup(void **state)
{
	const struct far_sim_nor_config config = { .size = SIZE };

	(void)state;
	die = far_sim_nor_new(&config);
	now = 0;
	far_sim_nor_set_fault(die, &fault);
	return die == NULL;
}

static int teardown(void **state)
{
	(void)state;
	far_sim_nor_free(die);
	return 0;
}

static void frame(const uint8_t *tx, size_t len, uint8_t *rx, size_t rx_len)
{
	now += 1000000000u;
	far_sim_nor_frame(die, now, tx, len, rx, rx_len);
}

static void erase(uint32_t addr)
{
	frame((const uint8_t[]){ 0x06 }, 1, NULL, 0);
	frame((const uint8_t[]){ 0x20, 0, (uint8_t)(addr >> 8), (uint8_t)addr }, 4, NULL, 0);
}

static void program(uint32_t addr, uint8_t value)
{
	uint8_t tx[4 + 256] = { 0x02, 0, (uint8_t)(addr >> 8), (uint8_t)addr };

	memset(tx + 4, value, 256);
	frame((const uint8_t[]){ 0x06 }, 1, NULL, 0);
	frame(tx, sizeof(tx), NULL, 0);
}

static const uint8_t *look(uint32_t addr, uint32_t len)
{
	static uint8_t rx[4096];

	frame((const uint8_t[]){ 0x03, 0, (uint8_t)(addr >> 8), (uint8_t)addr }, 4, rx, len);
	return rx;
}

static unsigned count_of(const uint8_t *bytes, size_t len, uint8_t value)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += bytes[i] == value;
	return n;
}

/* Before: nothing is done. After: all is. And then nobody is there until power comes back. */
static void cut_at_the_ends(void **state)
{
	static const char *const plans[] = { "cut=op:2:before", "cut=op:2:after" };

	(void)state;
	for (size_t i = 0; i < COUNT(plans); i++) {
		plan(plans[i], 3);
		far_sim_nor_power_cycle(die);
		erase(0);
		program(0, 0x5a);
		assert_true(fault.off);
		assert_int_equal(count_of(look(0, 256), 256, 0xff), 256);
		program(0x200, 0);
		assert_int_equal(far_sim_nor_memory(die)[0x200], 0xff);
		far_sim_nor_power_cycle(die);
		far_sim_fault_restore(&fault);
		assert_int_equal(count_of(look(0, 256), 256, i == 0 ? 0xff : 0x5a), 256);
		program(0x200, 0);
		assert_int_equal(count_of(look(0x200, 256), 256, 0), 256);
	}
}

/* Reads differ from each other where bits were on their way; a full erase makes them firm. */
static void cut_inside(void **state)
{
	unsigned torn_programs = 0, torn_erases = 0, unstable = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		uint8_t first[4096];
		bool erasing = seed % 2 != 0;

		plan("", seed);
		far_sim_nor_power_cycle(die);
		erase(0);
		if (erasing)
			for (uint32_t at = 0; at < 4096; at += 256)
				program(at, 0);
		plan("cut=op:1:inside", seed);
		if (erasing)
			erase(0);
		else
			program(0, 0);
		far_sim_nor_power_cycle(die);
		far_sim_fault_restore(&fault);
		memcpy(first, look(0, 4096), 4096);
		torn_programs += !erasing && count_of(first, 256, 0) < 256;
		torn_erases += erasing && count_of(first, 4096, 0xff) < 4096;
		unstable += memcmp(first, look(0, 4096), 4096) != 0;
		assert_int_equal(count_of(look(0x1000, 4096), 4096, 0xff), 4096);
		erase(0);
		assert_int_equal(count_of(look(0, 4096), 4096, 0xff), 4096);
		assert_int_equal(count_of(look(0, 4096), 4096, 0xff), 4096);
	}
	assert_true(torn_programs > 10 && torn_erases > 10 && unstable > 10);
}

/* It says it is done, and three bytes at most are as before. */
static void lie(void **state)
{
	unsigned lies = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 10; seed++) {
		unsigned wrong;

		plan("lie=op:2", seed);
		erase(0);
		program(0, 0);
		wrong = 256 - count_of(look(0, 256), 256, 0);
		assert_in_range(wrong, 1, 3);
		lies += wrong;
	}
	assert_true(lies > 10);
}

/* That sector does not take all bits any more, however often it is erased; others do. */
static void worn(void **state)
{
	(void)state;
	plan("worn=op:1", 1);
	erase(0x1000);
	for (unsigned i = 0; i < 3; i++) {
		erase(0x1000);
		erase(0x2000);
		program(0x1000, 0);
		program(0x2000, 0);
		assert_in_range(count_of(look(0x1000, 256), 256, 0x55), 1, 10);
		assert_int_equal(count_of(look(0x2000, 256), 256, 0), 256);
	}
	assert_int_equal(fault.injected[FAR_SIM_FAULT_WORN], 1);
}

/* Busy for good, until power is cycled. */
static void stuck(void **state)
{
	uint8_t status;

	(void)state;
	plan("stuck=op:1", 1);
	erase(0);
	for (unsigned i = 0; i < 100; i++) {
		frame((const uint8_t[]){ 0x05 }, 1, &status, 1);
		assert_int_equal(status & 1, 1);
	}
	far_sim_nor_power_cycle(die);
	frame((const uint8_t[]){ 0x05 }, 1, &status, 1);
	assert_int_equal(status & 1, 0);
}

#define CELLS(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_that_are_none),
		cmocka_unit_test(description),
		cmocka_unit_test(bytes_by_number),
		cmocka_unit_test(bytes_by_chance),
		cmocka_unit_test(a_rate),
		cmocka_unit_test(owner_is_told),
		CELLS(cut_at_the_ends),
		CELLS(cut_inside),
		CELLS(lie),
		CELLS(worn),
		CELLS(stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
