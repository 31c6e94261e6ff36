/* SPDX-License-Identifier: Apache-2.0 */
/* port/baremetal/comport: what goes out and comes in, byte by byte, as RFC 2217 has it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "port/baremetal/comport.h"
#include "test/common/script_stream.h"

static struct script_stream line;
static struct far_bare_comport port;

#define BYTES(...) ((const uint8_t[]){ __VA_ARGS__ }), sizeof((const uint8_t[]){ __VA_ARGS__ })

static void assert_out(const uint8_t *bytes, size_t len)
{
	assert_int_equal(line.out_len, len);
	assert_memory_equal(line.out, bytes, len);
	line.out_len = 0;
}

static int setup(void **state)
{
	(void)state;
	script_open(&line);
	assert_int_equal(far_bare_comport_init(&port, &line.stream, &line.clock, 115200), FAR_OK);
	line.out_len = 0;
	return 0;
}

/* Everything that comes, into buf. */
static size_t read_all(uint8_t *buf, size_t cap)
{
	size_t len = 0;
	int n;

	while ((n = port.stream.ops->read(&port.stream, buf + len, cap - len, 10)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	return len;
}

static void greets(void **state)
{
	(void)state;
	script_open(&line);
	assert_int_equal(far_bare_comport_init(&port, &line.stream, &line.clock, 115200), FAR_OK);
	assert_int_equal(port.stream.baud, 115200);
	assert_out(BYTES(255, 251, 44, 255, 251, 0, 255, 253, 0, 255, 251, 3, 255, 253, 3, 255, 250,
			 44, 1, 0, 1, 0xc2, 0, 255, 240));
	line.fail_at = line.calls + 1;
	line.fail_err = FAR_ERR_IO;
	assert_int_equal(far_bare_comport_init(&port, &line.stream, &line.clock, 115200),
			 FAR_ERR_IO);
}

static void doubles_the_escape(void **state)
{
	(void)state;
	assert_int_equal(port.stream.ops->write(&port.stream, BYTES(1, 255, 2, 255, 255)), FAR_OK);
	assert_out(BYTES(1, 255, 255, 2, 255, 255, 255, 255));
	assert_int_equal(port.stream.ops->write(&port.stream, BYTES(240)), FAR_OK);
	assert_out(BYTES(240));
}

static void rates(void **state)
{
	(void)state;
	assert_int_equal(port.stream.ops->set_baud(&port.stream, 0x0100ff02), FAR_OK);
	assert_out(BYTES(255, 250, 44, 1, 1, 0, 255, 255, 2, 255, 240));
	assert_int_equal(port.stream.baud, 0x0100ff02);
}

/* Asserted before the other is released: never a moment of the wrong one alone. */
static void lines(void **state)
{
	int (*set)(struct far_stream * s, unsigned l) = port.stream.ops->set_lines;

	(void)state;
	assert_int_equal(set(&port.stream, FAR_LINE_RTS), FAR_OK);
	assert_out(BYTES(255, 250, 44, 5, 11, 255, 240, 255, 250, 44, 5, 9, 255, 240));
	assert_int_equal(set(&port.stream, FAR_LINE_DTR), FAR_OK);
	assert_out(BYTES(255, 250, 44, 5, 8, 255, 240, 255, 250, 44, 5, 12, 255, 240));
	assert_int_equal(set(&port.stream, FAR_LINE_DTR | FAR_LINE_RTS), FAR_OK);
	assert_out(BYTES(255, 250, 44, 5, 8, 255, 240, 255, 250, 44, 5, 11, 255, 240));
	assert_int_equal(set(&port.stream, 0), FAR_OK);
	assert_out(BYTES(255, 250, 44, 5, 12, 255, 240, 255, 250, 44, 5, 9, 255, 240));
}

static const uint8_t mixed[] = {
	'a', 255, 255, 'b',                                /* an escaped byte */
	255, 253, 44,  255, 251, 0,   255,  251, 3,        /* answers to the greeting */
	255, 250, 44,  101, 0,   1,   0xc2, 0,   255, 240, /* a confirmation */
	'c', 255, 250, 44,  107, 255, 255,  'x', 255, 240, /* a state of 255 within */
	255, 241, 'd',                                     /* no operation */
};

/* However the line cuts it. */
static void takes_commands_out(void **state)
{
	uint8_t got[64];

	(void)state;
	for (size_t cut = 1; cut <= sizeof(mixed); cut++) {
		setup(NULL);
		line.cut = cut;
		script_feed(&line, 0, mixed, sizeof(mixed));
		assert_int_equal(read_all(got, sizeof(got)), 5);
		assert_memory_equal(got,
				    "a\xff"
				    "bcd",
				    5);
		assert_int_equal(line.out_len, 0);
	}
}

static void declines_what_it_does_not_know(void **state)
{
	uint8_t got[8];

	(void)state;
	script_feed(&line, 0, BYTES(255, 253, 31, 255, 251, 1, 255, 254, 5, 255, 252, 6, 'z'));
	assert_int_equal(read_all(got, sizeof(got)), 1);
	assert_out(BYTES(255, 252, 31, 255, 254, 1)); /* WONT, DONT; no answer to a no */
}

/* A wait that only commands came into goes on, but not for ever. */
static void commands_do_not_end_a_wait(void **state)
{
	uint8_t got[8];

	(void)state;
	script_feed(&line, 0, BYTES(255, 241));
	script_feed(&line, 20, BYTES('q'));
	assert_int_equal(port.stream.ops->read(&port.stream, got, sizeof(got), 30), 1);
	assert_int_equal(got[0], 'q');
	for (int i = 0; i < 10; i++)
		script_feed(&line, 20, BYTES(255, 241));
	assert_int_equal(port.stream.ops->read(&port.stream, got, sizeof(got), 30), 0);
	assert_in_range(line.now_ms, 45, 60);
}

static void errors_come_through(void **state)
{
	uint8_t got[8];

	(void)state;
	line.fail_at = 1;
	line.calls = 0;
	line.fail_err = FAR_ERR_CANCELLED;
	assert_int_equal(port.stream.ops->read(&port.stream, got, sizeof(got), 1),
			 FAR_ERR_CANCELLED);
	assert_int_equal(port.stream.ops->write(&port.stream, got, 1), FAR_ERR_CANCELLED);
	assert_int_equal(port.stream.ops->set_lines(&port.stream, 0), FAR_ERR_CANCELLED);
	assert_int_equal(port.stream.ops->set_baud(&port.stream, 9600), FAR_ERR_CANCELLED);
	assert_int_equal(port.stream.baud, 115200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(greets, setup),
		cmocka_unit_test_setup(doubles_the_escape, setup),
		cmocka_unit_test_setup(rates, setup),
		cmocka_unit_test_setup(lines, setup),
		cmocka_unit_test_setup(takes_commands_out, setup),
		cmocka_unit_test_setup(declines_what_it_does_not_know, setup),
		cmocka_unit_test_setup(commands_do_not_end_a_wait, setup),
		cmocka_unit_test_setup(errors_come_through, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
