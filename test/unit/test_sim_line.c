/* SPDX-License-Identifier: Apache-2.0 */
/* The serial line on the virtual clock: time, rates, faults, counts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/clock/clock.h"
#include "sim/line/line.h"
#include "sim/nor/nor.h"

#define MS 1000000ull

struct world {
	struct far_sim_clock clock;
	struct far_sim_nor *nor;
	struct far_sim_esp *esp;
	struct far_sim_line line;
	struct far_stream *s;
};

static const uint8_t sync_frame[] = {
	0xC0, 0,    8,    36,   0,    0,    0,    0,    0,    7,    7,    0x12,
	0x20, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
	0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
	0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xC0,
};
static const uint8_t read_magic[] = { 0xC0, 0, 0x0A, 4, 0, 0, 0, 0, 0, 0x00, 0x10, 0, 0x40, 0xC0 };
static const uint8_t magic_answer[] = { 0xC0, 1, 0x0A, 4, 0, 0x83, 0x1D, 0xF0, 0, 0 };

#define SYNC_ANSWERS (8u * 14u)

static size_t read_all(struct world *w, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	size_t len = 0;

	while (len < cap) {
		int n = w->s->ops->read(w->s, buf + len, cap - len, timeout_ms);

		assert_true(n >= 0);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return len;
}

static void drop_input(struct world *w)
{
	uint8_t buf[256];

	while (read_all(w, buf, sizeof(buf), 20) == sizeof(buf))
		;
}

static int setup(void **state)
{
	struct far_sim_nor_config nor = { .size = 0x400000 };
	struct far_sim_esp_config esp = { .chip = "esp32", .in_loader = true };
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	far_sim_clock_init(&w->clock);
	w->nor = far_sim_nor_new(&nor);
	assert_non_null(w->nor);
	esp.nor = w->nor;
	w->esp = far_sim_esp_new(&esp);
	assert_non_null(w->esp);
	assert_int_equal(far_sim_line_init(&w->line, &w->clock, w->esp), FAR_OK);
	w->s = &w->line.stream;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	far_sim_line_free(&w->line);
	far_sim_esp_free(w->esp);
	far_sim_nor_free(w->nor);
	free(w);
	return 0;
}

/* SYNC, answers read. */
static void connect(struct world *w)
{
	uint8_t buf[SYNC_ANSWERS];

	drop_input(w);
	assert_int_equal(w->s->ops->write(w->s, sync_frame, sizeof(sync_frame)), FAR_OK);
	assert_int_equal(read_all(w, buf, sizeof(buf), 1000), sizeof(buf));
}

static void boot_text_takes_its_time(void **state)
{
	struct world *w = *state;
	uint8_t buf[512];
	size_t n = read_all(w, buf, sizeof(buf), 100);

	assert_true(n > 80);
	assert_memory_equal(buf, "ets Jul 29 2019", 15);
	/* The last byte came after n byte times, and the wait for more took 100 ms. */
	assert_in_range(w->clock.now_ns, 100 * MS + n * 86000, 100 * MS + n * 87000);
}

static void a_wait_in_vain_takes_exactly_its_time(void **state)
{
	struct world *w = *state;
	uint64_t start;
	uint8_t byte;

	drop_input(w);
	start = w->clock.now_ns;
	assert_int_equal(w->s->ops->read(w->s, &byte, 1, 60000), 0);
	assert_int_equal(w->clock.now_ns - start, 60000 * MS);
	assert_int_equal(w->s->ops->read(w->s, &byte, 1, 0), 0);
	assert_int_equal(w->clock.now_ns - start, 60000 * MS);
}

static void a_round_trip_takes_the_time_of_its_bytes(void **state)
{
	struct world *w = *state;
	uint8_t buf[14];
	uint64_t start;

	connect(w);
	start = w->clock.now_ns;
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(w->clock.now_ns, start); /* writing does not wait */
	assert_int_equal(read_all(w, buf, sizeof(buf), 1000), sizeof(buf));
	assert_memory_equal(buf, magic_answer, sizeof(magic_answer));
	/* 28 bytes of 86.8 us. */
	assert_in_range(w->clock.now_ns - start, 28 * 86800, 28 * 86810);
}

static void read_stops_at_the_first_byte(void **state)
{
	struct world *w = *state;
	uint8_t buf[14];

	connect(w);
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(w->s->ops->read(w->s, buf, sizeof(buf), 1000), 1);
	w->clock.clock.ops->sleep_ms(&w->clock.clock, 5);
	assert_int_equal(w->s->ops->read(w->s, buf + 1, sizeof(buf) - 1, 0), 13);
	assert_memory_equal(buf, magic_answer, sizeof(magic_answer));
}

static void what_happens_while_others_sleep_happened_at_its_time(void **state)
{
	struct world *w = *state;
	uint8_t buf[200];

	connect(w);
	w->s->ops->write(w->s, sync_frame, sizeof(sync_frame));
	w->clock.clock.ops->sleep_ms(&w->clock.clock, 8); /* 4 ms there, 4 ms of answers */
	assert_in_range(w->s->ops->read(w->s, buf, sizeof(buf), 0), 40, 50);
}

static void drain_waits_until_all_has_left(void **state)
{
	struct world *w = *state;
	uint64_t start = w->clock.now_ns;
	static uint8_t zeros[1152];

	w->s->ops->write(w->s, zeros, sizeof(zeros));
	assert_int_equal(w->s->ops->drain(w->s), FAR_OK);
	assert_in_range(w->clock.now_ns - start, 99 * MS, 101 * MS);
	start = w->clock.now_ns;
	assert_int_equal(w->s->ops->drain(w->s), FAR_OK);
	assert_int_equal(w->clock.now_ns, start);
}

static void change_rate(struct world *w, uint32_t baud)
{
	uint8_t frame[] = { 0xC0, 0, 0x0F, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xC0 };
	uint8_t buf[14];

	for (int i = 0; i < 4; i++)
		frame[9 + i] = (uint8_t)(baud >> 8 * i);
	w->s->ops->write(w->s, frame, sizeof(frame));
	assert_int_equal(read_all(w, buf, sizeof(buf), 1000), sizeof(buf));
	assert_int_equal(buf[9], 0);
}

static void at_a_higher_rate_it_is_faster(void **state)
{
	struct world *w = *state;
	uint8_t buf[14];
	uint64_t start;

	connect(w);
	change_rate(w, 930000); /* the ROM makes 921300 of it */
	assert_int_equal(w->s->ops->set_baud(w->s, 921600), FAR_OK);
	assert_int_equal(w->s->baud, 921600);
	start = w->clock.now_ns;
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(read_all(w, buf, sizeof(buf), 1000), sizeof(buf));
	assert_memory_equal(buf, magic_answer, sizeof(magic_answer));
	assert_in_range(w->clock.now_ns - start, 28 * 10800, 28 * 10900);
}

static void a_host_at_another_rate_hears_garbage(void **state)
{
	struct world *w = *state;
	uint8_t buf[256];
	size_t n;

	connect(w);
	w->s->ops->write(w->s, sync_frame, sizeof(sync_frame));
	w->s->ops->set_baud(w->s, 74880); /* drains, then hears the answers at the wrong rate */
	n = read_all(w, buf, sizeof(buf), 100);
	assert_true(n > SYNC_ANSWERS / 2 && n < SYNC_ANSWERS); /* and some not at all */
	for (size_t i = 0; i + 10 < n; i++)
		assert_memory_not_equal(buf + i, "\x01\x08\x04\x00\x07\x07\x12\x20", 8);
}

static void count_syncs(void *ctx, uint64_t now_ns, const char *text)
{
	(void)now_ns;
	if (strstr(text, "SYNC"))
		++*(int *)ctx;
}

static void a_chip_at_another_rate_hears_garbage(void **state)
{
	struct world *w = *state;
	int syncs = 0;

	connect(w);
	far_sim_esp_set_trace(w->esp, count_syncs, &syncs);
	w->s->ops->set_baud(w->s, 230400);
	for (int i = 0; i < 10; i++)
		w->s->ops->write(w->s, sync_frame, sizeof(sync_frame));
	drop_input(w);
	assert_int_equal(syncs, 0);
	w->s->ops->set_baud(w->s, 115200);
	w->s->ops->write(w->s, (const uint8_t *)"\xC0\xC0", 2);
	drop_input(w);
	connect(w);
	assert_int_equal(syncs, 1);
}

static void no_rate_is_refused_but_zero(void **state)
{
	struct world *w = *state;

	assert_int_equal(w->s->ops->set_baud(w->s, 0), FAR_ERR_NOTSUP);
	assert_int_equal(w->s->baud, 115200);
	assert_int_equal(w->s->ops->set_baud(w->s, 12345), FAR_OK);
	assert_int_equal(w->s->baud, 12345);
}

static void above_the_cable_limit_all_is_garbage(void **state)
{
	struct world *w = *state;
	uint8_t buf[256];

	connect(w);
	w->line.max_baud = 460800;
	change_rate(w, 930000);
	w->s->ops->set_baud(w->s, 921600);
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(read_all(w, buf, sizeof(buf), 100), 0);
	w->line.max_baud = 0;
	w->s->ops->write(w->s, (const uint8_t *)"\xC0\xC0", 2);
	drop_input(w);
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(read_all(w, buf, 14, 100), 14);
	assert_memory_equal(buf, magic_answer, sizeof(magic_answer));
}

static void latency_is_added_on_the_way_to_the_host(void **state)
{
	struct world *w = *state;
	uint8_t buf[14];
	uint64_t start;

	connect(w);
	w->line.latency_ns = 16000000;
	start = w->clock.now_ns;
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(read_all(w, buf, sizeof(buf), 1000), sizeof(buf));
	assert_in_range(w->clock.now_ns - start, 16 * MS + 28 * 86800, 16 * MS + 28 * 86810);
}

static void bytes_and_turnarounds_are_counted(void **state)
{
	struct world *w = *state;
	struct far_sim_line_counts before;
	uint8_t buf[14];

	connect(w);
	before = w->line.counts;
	for (int i = 0; i < 5; i++) {
		w->s->ops->write(w->s, read_magic, 7);
		w->s->ops->write(w->s, read_magic + 7, 7);
		for (int n = 0; n < 14; n++)
			assert_int_equal(w->s->ops->read(w->s, buf, 1, 1000), 1);
	}
	assert_int_equal(w->line.counts.to_chip - before.to_chip, 5 * 14);
	assert_int_equal(w->line.counts.to_host - before.to_host, 5 * 14);
	assert_int_equal(w->line.counts.turnarounds - before.turnarounds, 5);
	assert_int_equal(w->s->ops->read(w->s, buf, 1, 100), 0); /* nothing sent before this */
	assert_int_equal(w->line.counts.turnarounds - before.turnarounds, 5);
}

/* A tap for one byte: the nth in one direction. */
struct fault {
	enum far_sim_dir dir;
	unsigned at;
	enum { LOSE, CHANGE, DOUBLE, DELAY } what;
	unsigned seen;
	struct world *unplug; /* the port vanishes at that byte */
};

static size_t tap(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t *out, uint64_t *delay_ns)
{
	struct fault *f = ctx;

	assert_int_equal(*delay_ns, 0);
	out[0] = in;
	if (dir != f->dir || f->seen++ != f->at)
		return 1;
	if (f->unplug)
		f->unplug->line.gone = true;
	out[0] = f->what == CHANGE ? (uint8_t)(in ^ 0x80u) : in;
	out[1] = in;
	if (f->what == DELAY)
		*delay_ns = 50 * MS;
	return f->what == LOSE ? 0 : f->what == DOUBLE ? 2 : 1;
}

static size_t with_fault(struct world *w, struct fault *f, uint8_t *buf, size_t cap)
{
	w->line.tap = tap;
	w->line.tap_ctx = f;
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	return read_all(w, buf, cap, 200);
}

static void a_tap_loses_changes_and_doubles_bytes_to_the_host(void **state)
{
	struct world *w = *state;
	struct fault f = { .dir = FAR_SIM_TO_HOST, .at = 2, .what = LOSE };
	uint8_t buf[64];

	connect(w);
	assert_int_equal(with_fault(w, &f, buf, sizeof(buf)), 13);
	assert_memory_equal(buf, "\xC0\x01\x04\x00", 4);
	f = (struct fault){ .dir = FAR_SIM_TO_HOST, .at = 2, .what = CHANGE };
	assert_int_equal(with_fault(w, &f, buf, sizeof(buf)), 14);
	assert_memory_equal(buf, "\xC0\x01\x8A\x04", 4);
	f = (struct fault){ .dir = FAR_SIM_TO_HOST, .at = 2, .what = DOUBLE };
	assert_int_equal(with_fault(w, &f, buf, sizeof(buf)), 15);
	assert_memory_equal(buf, "\xC0\x01\x0A\x0A", 4);
}

static void a_tap_spoils_bytes_to_the_chip(void **state)
{
	struct world *w = *state;
	struct fault f = { .dir = FAR_SIM_TO_CHIP, .at = 13, .what = LOSE };
	uint8_t buf[64];

	connect(w);
	assert_int_equal(with_fault(w, &f, buf, sizeof(buf)), 0); /* its closing C0 is lost */
	w->line.tap = NULL;
	w->s->ops->write(w->s, (const uint8_t *)"\xC0", 1);
	assert_int_equal(read_all(w, buf, 14, 100), 14);
	assert_memory_equal(buf, magic_answer, sizeof(magic_answer));

	f = (struct fault){ .dir = FAR_SIM_TO_CHIP, .at = 9, .what = CHANGE };
	assert_int_equal(with_fault(w, &f, buf, sizeof(buf)), 14);
	assert_memory_not_equal(buf, magic_answer, sizeof(magic_answer)); /* another register */
}

static void a_lost_byte_takes_its_time(void **state)
{
	struct world *w = *state;
	struct fault f = { .dir = FAR_SIM_TO_CHIP, .at = 0, .what = LOSE };
	const uint8_t end = 0xC0;
	uint64_t start;
	uint8_t buf[14];

	connect(w);
	w->line.tap = tap;
	w->line.tap_ctx = &f;
	start = w->clock.now_ns;
	w->s->ops->write(w->s, &end, 1);
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(read_all(w, buf, sizeof(buf), 100), 14);
	assert_in_range(w->clock.now_ns - start, 29 * 86800, 29 * 86810);
}

static void a_delay_holds_back_all_that_follows(void **state)
{
	struct world *w = *state;
	struct fault f = { .dir = FAR_SIM_TO_HOST, .at = 4, .what = DELAY };
	uint8_t buf[14];
	uint64_t start;

	connect(w);
	w->line.tap = tap;
	w->line.tap_ctx = &f;
	start = w->clock.now_ns;
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(read_all(w, buf, sizeof(buf), 10), 4);
	assert_int_equal(read_all(w, buf + 4, sizeof(buf) - 4, 100), 10);
	assert_memory_equal(buf, magic_answer, sizeof(magic_answer));
	assert_in_range(w->clock.now_ns - start, 51 * MS, 53 * MS);

	f = (struct fault){ .dir = FAR_SIM_TO_CHIP, .at = 4, .what = DELAY };
	start = w->clock.now_ns;
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(read_all(w, buf, sizeof(buf), 100), 14);
	assert_in_range(w->clock.now_ns - start, 50 * MS + 28 * 86800, 50 * MS + 28 * 86810);
}

static void a_port_that_is_gone_fails_everywhere(void **state)
{
	struct world *w = *state;
	uint8_t byte = 0;

	w->line.gone = true;
	assert_int_equal(w->s->ops->read(w->s, &byte, 1, 10), FAR_ERR_IO);
	assert_int_equal(w->s->ops->write(w->s, &byte, 1), FAR_ERR_IO);
	assert_int_equal(w->s->ops->drain(w->s), FAR_ERR_IO);
	assert_int_equal(w->s->ops->set_baud(w->s, 9600), FAR_ERR_IO);
	assert_int_equal(w->s->ops->set_lines(w->s, 0), FAR_ERR_IO);
	assert_int_equal(w->s->baud, 115200);
}

static void a_port_can_vanish_under_a_read(void **state)
{
	struct world *w = *state;
	struct fault f = { .dir = FAR_SIM_TO_HOST, .at = 0, .what = LOSE, .unplug = w };
	uint8_t byte;
	uint64_t start;

	connect(w);
	w->line.tap = tap;
	w->line.tap_ctx = &f;
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	start = w->clock.now_ns;
	assert_int_equal(w->s->ops->read(w->s, &byte, 1, 60000), FAR_ERR_IO);
	assert_true(w->clock.now_ns - start < 10 * MS);
}

static void the_lines_reach_the_chip(void **state)
{
	struct world *w = *state;
	struct far_clock *c = &w->clock.clock;

	connect(w);
	w->s->ops->set_lines(w->s, FAR_LINE_RTS);
	assert_string_equal(far_sim_esp_mode(w->esp), "reset");
	c->ops->sleep_ms(c, 100);
	w->s->ops->set_lines(w->s, FAR_LINE_DTR);
	c->ops->sleep_ms(c, 50);
	w->s->ops->set_lines(w->s, 0);
	assert_string_equal(far_sim_esp_mode(w->esp), "rom");
	connect(w);
	w->s->ops->set_lines(w->s, FAR_LINE_RTS);
	c->ops->sleep_ms(c, 100);
	w->s->ops->set_lines(w->s, 0);
	c->ops->sleep_ms(c, 100);
	w->s->ops->set_lines(w->s, 0);
	assert_string_equal(far_sim_esp_mode(w->esp), "silent");
}

static void a_megabyte_may_be_written_at_once(void **state)
{
	struct world *w = *state;
	size_t len = 1u << 20;
	uint8_t *zeros = calloc(1, len);
	uint8_t buf[14];

	assert_non_null(zeros);
	connect(w);
	assert_int_equal(w->s->ops->write(w->s, zeros, len), FAR_OK);
	w->s->ops->write(w->s, read_magic, sizeof(read_magic));
	assert_int_equal(read_all(w, buf, sizeof(buf), 100000), sizeof(buf));
	assert_memory_equal(buf, magic_answer, sizeof(magic_answer));
	assert_in_range(w->clock.now_ns, 91000 * MS, 92000 * MS);
	free(zeros);
}

static void two_runs_are_the_same_to_the_nanosecond(void **state)
{
	uint64_t end[2];
	uint8_t heard[2][300];
	size_t n[2];

	teardown(state);
	for (int run = 0; run < 2; run++) {
		struct world *w;

		setup(state);
		w = *state;
		connect(w);
		w->s->ops->set_baud(w->s, 100000);
		w->s->ops->write(w->s, sync_frame, sizeof(sync_frame));
		w->s->ops->set_baud(w->s, 115200);
		w->s->ops->write(w->s, sync_frame, sizeof(sync_frame));
		w->s->ops->set_baud(w->s, 74880);
		n[run] = read_all(w, heard[run], sizeof(heard[run]), 100);
		end[run] = w->clock.now_ns;
		if (run == 0)
			teardown(state);
	}
	assert_int_equal(n[0], n[1]);
	assert_true(n[0] > 0);
	assert_memory_equal(heard[0], heard[1], n[0]);
	assert_int_equal(end[0], end[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(boot_text_takes_its_time),
		TEST(a_wait_in_vain_takes_exactly_its_time),
		TEST(a_round_trip_takes_the_time_of_its_bytes),
		TEST(read_stops_at_the_first_byte),
		TEST(what_happens_while_others_sleep_happened_at_its_time),
		TEST(drain_waits_until_all_has_left),
		TEST(at_a_higher_rate_it_is_faster),
		TEST(a_host_at_another_rate_hears_garbage),
		TEST(a_chip_at_another_rate_hears_garbage),
		TEST(no_rate_is_refused_but_zero),
		TEST(above_the_cable_limit_all_is_garbage),
		TEST(latency_is_added_on_the_way_to_the_host),
		TEST(bytes_and_turnarounds_are_counted),
		TEST(a_tap_loses_changes_and_doubles_bytes_to_the_host),
		TEST(a_tap_spoils_bytes_to_the_chip),
		TEST(a_lost_byte_takes_its_time),
		TEST(a_delay_holds_back_all_that_follows),
		TEST(a_port_that_is_gone_fails_everywhere),
		TEST(a_port_can_vanish_under_a_read),
		TEST(the_lines_reach_the_chip),
		TEST(a_megabyte_may_be_written_at_once),
		TEST(two_runs_are_the_same_to_the_nanosecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
