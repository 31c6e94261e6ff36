/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's end of RFC 2217: what it answers, what it sets, and that no client makes it
 * overflow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/comport_server.h"
#include "port/linux/comport.h"

static struct cli_comport server;
static unsigned lines, changes, purged;

static void on_lines(void *ctx, bool dtr, bool rts)
{
	assert_ptr_equal(ctx, &server);
	lines = (dtr ? 1u : 0u) | (rts ? 2u : 0u);
	changes++;
}

static void on_purge(void *ctx, unsigned what)
{
	assert_ptr_equal(ctx, &server);
	purged = what;
}

/* Everything pending, as the client gets it. */
static size_t collect(uint8_t *out, size_t cap)
{
	const uint8_t *bytes;
	size_t n = cli_comport_pending(&server, &bytes);

	assert_in_range(n, 0, cap);
	memcpy(out, bytes, n);
	cli_comport_sent(&server, n);
	return n;
}

static int begin(void **state)
{
	uint8_t out[64];

	(void)state;
	cli_comport_init(&server);
	server.on_lines = on_lines;
	server.on_purge = on_purge;
	server.ctx = &server;
	lines = changes = purged = 0;
	cli_comport_begin(&server);
	collect(out, sizeof(out));
	return 0;
}

static size_t take(const uint8_t *in, size_t len, uint8_t *data)
{
	memcpy(data, in, len);
	return cli_comport_take(&server, data, len);
}

#define BYTES(...) ((const uint8_t[]){ __VA_ARGS__ }), sizeof((const uint8_t[]){ __VA_ARGS__ })

/* This subnegotiation is answered with that one, and with nothing else. */
static void ask(const uint8_t *question, size_t len, const uint8_t *answer, size_t answer_len)
{
	uint8_t in[64], out[128], want[64];
	size_t n = far_telnet_sub(FAR_TELNET_COM_PORT, question, len, in);

	assert_int_equal(take(in, n, in), 0);
	n = collect(out, sizeof(out));
	if (answer_len == 0) {
		assert_int_equal(n, 0);
		return;
	}
	assert_int_equal(n, far_telnet_sub(FAR_TELNET_COM_PORT, answer, answer_len, want));
	assert_memory_equal(out, want, n);
}

static void offers_at_the_start(void **state)
{
	uint8_t out[64];

	(void)state;
	cli_comport_begin(&server);
	assert_int_equal(collect(out, sizeof(out)), 15);
	assert_memory_equal(out, "\xff\xfd\x2c\xff\xfb\x00\xff\xfd\x00\xff\xfb\x03\xff\xfd\x03",
			    15);
}

static void rates(void **state)
{
	(void)state;
	ask(BYTES(1, 0, 0, 0, 0), BYTES(101, 0, 1, 0xC2, 0));
	ask(BYTES(1, 0, 0x0E, 0x10, 0), BYTES(101, 0, 0x0E, 0x10, 0));
	assert_int_equal(server.baud, 921600);
	/* Impossible ones leave it as it is; too few bytes are no question. */
	ask(BYTES(1, 255, 255, 255, 255), BYTES(101, 0, 0x0E, 0x10, 0));
	ask(BYTES(1, 0, 1), NULL, 0);
	assert_int_equal(server.baud, 921600);
	/* A rate stays when the next client comes. */
	cli_comport_begin(&server);
	assert_int_equal(server.baud, 921600);
}

static void lines_reach_the_chip(void **state)
{
	(void)state;
	ask(BYTES(5, FAR_COMPORT_DTR_ON), BYTES(105, FAR_COMPORT_DTR_ON));
	assert_int_equal(lines, 1);
	ask(BYTES(5, FAR_COMPORT_RTS_ON), BYTES(105, FAR_COMPORT_RTS_ON));
	assert_int_equal(lines, 3);
	ask(BYTES(5, FAR_COMPORT_DTR_OFF), BYTES(105, FAR_COMPORT_DTR_OFF));
	assert_int_equal(lines, 2);
	ask(BYTES(5, FAR_COMPORT_DTR_WHICH), BYTES(105, FAR_COMPORT_DTR_OFF));
	ask(BYTES(5, FAR_COMPORT_RTS_WHICH), BYTES(105, FAR_COMPORT_RTS_ON));
	/* The same again is no change. */
	ask(BYTES(5, FAR_COMPORT_RTS_ON), BYTES(105, FAR_COMPORT_RTS_ON));
	assert_int_equal(changes, 3);
	/* A client that goes lets them fall. */
	cli_comport_end(&server);
	assert_int_equal(lines, 0);
	assert_int_equal(changes, 4);
}

static void what_cannot_be_changed_is_told(void **state)
{
	(void)state;
	ask(BYTES(2, 7), BYTES(102, 8));
	ask(BYTES(3, 3), BYTES(103, 1));
	ask(BYTES(4, 2), BYTES(104, 1));
	ask(BYTES(5, FAR_COMPORT_FLOW_HARDWARE), BYTES(105, FAR_COMPORT_FLOW_NONE));
	ask(BYTES(5, FAR_COMPORT_BREAK_ON), BYTES(105, FAR_COMPORT_BREAK_OFF));
	ask(BYTES(5, 15), BYTES(105, FAR_COMPORT_INPUT_FLOW_NONE));
	ask(BYTES(10, 255), BYTES(110, 255));
	ask(BYTES(11, 0), BYTES(111, 0));
	ask(BYTES(0, 'm', 'e'), NULL, 0);
	ask(BYTES(99), NULL, 0);
	ask(BYTES(99, 1), NULL, 0);
	ask(NULL, 0, NULL, 0);
}

static void purges_and_states(void **state)
{
	uint8_t in[16], out[64];

	(void)state;
	ask(BYTES(12, 3), BYTES(112, 3));
	assert_int_equal(purged, 3);
	/* The state of the modem lines is told once somebody wants it. */
	take(in, far_comport_byte(FAR_COMPORT_MODEM_MASK, 0x10, in), in);
	assert_int_equal(collect(out, sizeof(out)), 14);
	assert_memory_equal(out + 7, "\xff\xfa\x2c\x6b\x00\xff\xf0", 7);
}

static void other_options_are_refused_once(void **state)
{
	uint8_t in[6] = { 255, 251, 24, 255, 253, 24 }, out[64];

	(void)state;
	assert_int_equal(take(in, 6, in), 0);
	assert_int_equal(collect(out, sizeof(out)), 6);
	assert_memory_equal(out, "\xff\xfe\x18\xff\xfc\x18", 6);
	for (unsigned i = 0; i < 10; i++) {
		const uint8_t again[] = { 255, 251, 24, 255, 252, 24, 255, 253, 0 };
		uint8_t buf[9];

		take(again, sizeof(again), buf);
	}
	assert_int_equal(collect(out, sizeof(out)), 0);
}

static void data_passes_both_ways(void **state)
{
	const uint8_t in[] = { 'a', 255, 255, 13, 0, 255, 250, 44, 0, 255, 240, 'b' };
	uint8_t data[sizeof(in)], out[64];

	(void)state;
	assert_int_equal(take(in, sizeof(in), data), 5);
	assert_memory_equal(data, "a\xff\r\0b", 5);
	collect(out, sizeof(out));
	assert_int_equal(cli_comport_put(&server, (const uint8_t *)"a\xff\r", 3), 3);
	assert_int_equal(collect(out, sizeof(out)), 4);
	assert_memory_equal(out, "a\xff\xff\r", 4);
}

static void client_holds_it_up(void **state)
{
	(void)state;
	ask(BYTES(FAR_COMPORT_SUSPEND), NULL, 0);
	assert_false(cli_comport_may_put(&server));
	assert_int_equal(cli_comport_put(&server, (const uint8_t *)"abc", 3), 0);
	ask(BYTES(FAR_COMPORT_RESUME), NULL, 0);
	assert_int_equal(cli_comport_put(&server, (const uint8_t *)"abc", 3), 3);
}

/* It asks and asks and never reads: then no more is taken from it, and nothing overflows. */
static void client_that_does_not_read(void **state)
{
	static const uint8_t question[] = { 255, 250, 44, 0, 255, 240 };
	uint8_t in[2048], data[512];
	const uint8_t *bytes;
	size_t may, rounds = 0;

	(void)state;
	memset(data, 255, sizeof(data));
	while ((may = cli_comport_may_take(&server)) > 0) {
		assert_in_range(may, 1, sizeof(in));
		for (size_t i = 0; i < may; i++)
			in[i] = question[i % sizeof(question)];
		cli_comport_take(&server, in, may);
		cli_comport_put(&server, data, sizeof(data));
		assert_in_range(cli_comport_pending(&server, &bytes), 1, sizeof(server._state.out));
		assert_in_range(rounds++, 0, 1000);
	}
	assert_int_equal(cli_comport_put(&server, data, sizeof(data)), 0);
	cli_comport_sent(&server, cli_comport_pending(&server, &bytes));
	assert_in_range(cli_comport_may_take(&server), 1, sizeof(in));
	assert_int_equal(cli_comport_put(&server, data, sizeof(data)), sizeof(data));
}

static void any_bytes_whatsoever(void **state)
{
	static const uint8_t likely[] = { 255, 255, 250, 240, 44, 251, 253, 0, 1, 5, 8, 11 };

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 5000; round++) {
		uint8_t in[2048];
		const uint8_t *bytes;
		size_t n = cli_comport_may_take(&server);

		for (size_t i = 0; i < n; i++)
			in[i] = likely[(unsigned)rand() % sizeof(likely)];
		cli_comport_take(&server, in, n);
		n = cli_comport_pending(&server, &bytes);
		assert_in_range(n, 0, sizeof(server._state.out));
		cli_comport_sent(&server, n ? (unsigned)rand() % (n + 1) : 0);
	}
}

#define TEST(function) cmocka_unit_test_setup(function, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(offers_at_the_start),       TEST(rates),
		TEST(lines_reach_the_chip),      TEST(what_cannot_be_changed_is_told),
		TEST(purges_and_states),         TEST(other_options_are_refused_once),
		TEST(data_passes_both_ways),     TEST(client_holds_it_up),
		TEST(client_that_does_not_read), TEST(any_bytes_whatsoever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
