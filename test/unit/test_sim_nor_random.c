/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random lives of a NOR die. A model of a page of code - AND for programs, 0xff for erases, a
 * latch, a busy time - walks beside the die through 100000 operations; then pure noise is sent,
 * which may do anything but harm. FARFLASH_SEED=n replays one seed alone.
 */
#include "sim_nor_host.h"

#define SIZE    (128 * KIB)
#define OPS     100000u
#define MAX_LEN 600u

struct model {
	uint64_t rng;
	uint64_t busy_until;
	uint64_t programs, erases, refused, while_busy;
	bool latch, instant;
	uint32_t wear[SIZE / FAR_SIM_NOR_SECTOR];
	uint8_t cells[SIZE];
};

/* splitmix64 */
static uint64_t next(struct model *m)
{
	uint64_t z = m->rng += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t below(struct model *m, uint32_t limit)
{
	return (uint32_t)(next(m) % limit);
}

/* A command of the kind that a busy die ignores: is it heard? */
static bool heard(struct model *m, const struct host *h)
{
	if (h->now_ns >= m->busy_until)
		return true;
	m->while_busy++;
	return false;
}

static bool use_latch(struct model *m, const struct host *h)
{
	bool set = m->latch;

	if (!heard(m, h))
		return false;
	m->latch = false;
	m->refused += !set;
	return set;
}

static void do_program(struct model *m, struct host *h)
{
	uint8_t data[MAX_LEN];
	uint32_t addr = below(m, SIZE);
	uint32_t len = 1 + below(m, below(m, 4) == 0 ? MAX_LEN : 256);
	uint64_t ns = 30 * US + (uint64_t)((len < 256 ? len : 256) - 1) * 2500;

	for (uint32_t i = 0; i < len; i++)
		data[i] = (uint8_t)(next(m) | next(m));
	op_data(h, 0x02, addr, 3, data, len);
	if (!use_latch(m, h))
		return;
	for (uint32_t i = len > 256 ? len - 256 : 0; i < len; i++)
		m->cells[(addr & ~255u) | ((addr + i) & 255u)] &= data[i];
	m->programs++;
	if (!m->instant)
		m->busy_until = h->now_ns + (ns < 400 * US ? ns : 400 * US);
}

static void do_erase(struct model *m, struct host *h)
{
	static const uint8_t opcodes[] = { 0x20, 0x52, 0xd8, 0xc7, 0x60 };
	static const uint32_t units[] = { 0x1000, 0x8000, 0x10000, SIZE, SIZE };
	static const uint64_t times[] = { 45 * MS, 120 * MS, 150 * MS, 312500 * US, 312500 * US };
	uint32_t which = below(m, below(m, 50) == 0 ? 5 : 3);
	uint32_t addr = below(m, SIZE);
	uint32_t from = addr / units[which] * units[which];

	if (which < 3)
		op_addr(h, opcodes[which], addr, 3);
	else
		op(h, opcodes[which]);
	if (!use_latch(m, h))
		return;
	memset(m->cells + from, 0xff, units[which]);
	for (uint32_t s = from / 4096; s < (from + units[which]) / 4096; s++)
		m->wear[s]++;
	m->erases++;
	if (!m->instant)
		m->busy_until = h->now_ns + times[which];
}

static void do_latch(struct model *m, struct host *h)
{
	bool set = below(m, 8) != 0;

	op(h, set ? 0x06 : 0x04);
	if (heard(m, h))
		m->latch = set;
}

static void do_read(struct model *m, struct host *h)
{
	uint8_t rx[MAX_LEN];
	uint32_t addr = below(m, SIZE), len = 1 + below(m, MAX_LEN);
	bool fast = below(m, 2) != 0;
	bool answered;

	if (below(m, 8) == 0)
		addr = SIZE - 1 - below(m, 20);
	op_read(h, fast ? 0x0b : 0x03, addr, 3, fast, rx, len);
	answered = heard(m, h);
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(rx[i], answered ? m->cells[(addr + i) % SIZE] : 0xff);
}

static void do_status(struct model *m, struct host *h)
{
	uint8_t want = h->now_ns < m->busy_until ? 0x03 : m->latch ? 0x02 : 0x00;

	assert_int_equal(reg(h, 0x05), want);
}

static void do_wait(struct model *m, struct host *h)
{
	if (below(m, 2) != 0)
		h->now_ns += below(m, 200000000);
	else
		wait_idle(h);
}

static void do_power_cycle(struct model *m, struct host *h)
{
	if (below(m, 20) != 0)
		return;
	far_sim_nor_power_cycle(h->nor);
	m->latch = false;
	m->busy_until = 0;
}

typedef void step(struct model *m, struct host *h);

/* Often what matters, seldom what destroys. */
static step *const steps[] = { do_program, do_program, do_program, do_latch, do_latch,
			       do_latch,   do_latch,   do_erase,   do_read,  do_read,
			       do_status,  do_status,  do_wait,    do_wait,  do_power_cycle };

static void compare(const struct model *m, const struct host *h)
{
	const struct far_sim_nor_counts *c = far_sim_nor_counts(h->nor);

	assert_memory_equal(far_sim_nor_memory(h->nor), m->cells, SIZE);
	for (uint32_t s = 0; s < SIZE / FAR_SIM_NOR_SECTOR; s++)
		assert_int_equal(far_sim_nor_wear(h->nor, s * FAR_SIM_NOR_SECTOR), m->wear[s]);
	assert_int_equal(c->programs, m->programs);
	assert_int_equal(c->erases, m->erases);
	assert_int_equal(c->refused, m->refused);
	assert_int_equal(c->while_busy, m->while_busy);
	assert_int_equal(c->ignored, 0);
}

static uint64_t seed_or(uint64_t standard)
{
	const char *text = getenv("FARFLASH_SEED");

	return text != NULL ? strtoull(text, NULL, 0) : standard;
}

static void live(uint64_t seed, bool instant)
{
	struct model *m = calloc(1, sizeof(*m));
	struct host h = host_new(SIZE, instant);

	assert_non_null(m);
	print_message("FARFLASH_SEED=%llu\n", (unsigned long long)seed);
	m->rng = seed;
	m->instant = instant;
	memset(m->cells, 0xff, SIZE);
	for (unsigned i = 0; i < OPS; i++) {
		steps[below(m, sizeof(steps) / sizeof(steps[0]))](m, &h);
		if (i % 1000 == 0)
			compare(m, &h);
	}
	compare(m, &h);
	/* The walk went everywhere. */
	assert_true(m->programs > OPS / 100 && m->erases > OPS / 1000 && m->refused > OPS / 100);
	assert_true(instant ? m->while_busy == 0 : m->while_busy > OPS / 100);
	far_sim_nor_free(h.nor);
	free(m);
}

static void an_instant_die_is_the_model(void **state)
{
	(void)state;
	live(seed_or(1), true);
}

static void a_timed_die_is_the_model(void **state)
{
	(void)state;
	live(seed_or(2), false);
}

/* Noise of every opcode and length: a program or erase at worst, and never a byte read or
 * written outside; that is for the sanitizers to say. Bits rise only when an erase is counted. */
static void noise(uint32_t size, bool instant, uint64_t seed)
{
	struct model *m = calloc(1, sizeof(*m));
	struct host h = host_new(size, instant);
	uint8_t *before = malloc(size);

	assert_non_null(m);
	assert_non_null(before);
	m->rng = seed;
	for (unsigned i = 0; i < 3000; i++) {
		uint8_t tx[300], rx[300];
		uint64_t erases = far_sim_nor_counts(h.nor)->erases;
		uint32_t tx_len = below(m, below(m, 4) == 0 ? 300 : 8);
		uint32_t rx_len = below(m, 3) == 0 ? below(m, 300) : 0;

		memcpy(before, far_sim_nor_memory(h.nor), size);
		for (uint32_t b = 0; b < tx_len; b++)
			tx[b] = (uint8_t)next(m);
		op(&h, 0x06);
		frame(&h, tx, tx_len, rx, rx_len);
		h.now_ns += below(m, 100000000);
		if (below(m, 10) == 0)
			far_sim_nor_power_cycle(h.nor);
		if (far_sim_nor_counts(h.nor)->erases != erases)
			continue;
		for (uint32_t a = 0; a < size; a++)
			if ((far_sim_nor_memory(h.nor)[a] & ~before[a]) != 0)
				fail_msg("seed %llu: bits rose at %x without an erase",
					 (unsigned long long)seed, a);
	}
	far_sim_nor_free(h.nor);
	free(before);
	free(m);
}

static void noise_does_no_harm(void **state)
{
	(void)state;
	noise(64 * KIB, false, seed_or(3));
	noise(64 * KIB, true, seed_or(4));
}

/* The same on a part with 4-byte commands, without the walk over all its cells. */
static void noise_does_no_harm_to_a_big_part(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	struct host h = host_new(32 * MIB, false);

	(void)state;
	assert_non_null(m);
	m->rng = seed_or(5);
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t tx[40], rx[40];
		uint32_t tx_len = below(m, 40), rx_len = below(m, 2) * below(m, 40);

		for (uint32_t b = 0; b < tx_len; b++)
			tx[b] = (uint8_t)(below(m, 4) == 0 ? 0xff : next(m));
		if (below(m, 8) == 0) { /* noise puts the die to sleep and protects all of it */
			far_sim_nor_power_cycle(h.nor);
			op(&h, 0x06);
			op_data(&h, 0x01, 0, 0, "\0", 2);
			wait_idle(&h);
			tx[0] = 0x12;
		}
		if (tx_len > 0 && (tx[0] == 0xc7 || tx[0] == 0x60))
			continue; /* erasing 32 MiB shows nothing and takes long */
		op(&h, 0x06);
		frame(&h, tx, tx_len, rx, rx_len);
		h.now_ns += below(m, 200000000);
	}
	assert_true(far_sim_nor_counts(h.nor)->programs > 0);
	assert_true(far_sim_nor_counts(h.nor)->ignored > 0);
	far_sim_nor_free(h.nor);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instant_die_is_the_model),
		cmocka_unit_test(a_timed_die_is_the_model),
		cmocka_unit_test(noise_does_no_harm),
		cmocka_unit_test(noise_does_no_harm_to_a_big_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
