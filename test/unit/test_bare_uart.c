/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/baremetal: a UART as a stream, as a console, its ring; the memory functions; the stack's
 * paint.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/bare_cpu.h"

/* Under other names, beside those of the C library that judge them. */
#define memcpy  bare_memcpy
#define memmove bare_memmove
#define memset  bare_memset
#define memcmp  bare_memcmp
#include "port/baremetal/mem.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

static struct far_bare_uart uart;
static char sent[8192];
static size_t sent_len;
static unsigned refuse; /* so many puts find the transmitter full */
static bool listening, dead;
/* What the line brings, as long as somebody listens. */
static const char *line;
static size_t line_len;

static bool put(struct far_bare_uart *u, uint8_t byte)
{
	assert_ptr_equal(u, &uart);
	if (dead)
		return false;
	if (refuse > 0) {
		refuse--;
		return false;
	}
	sent[sent_len++] = (char)byte;
	return true;
}

static bool is_sent(struct far_bare_uart *u)
{
	(void)u;
	return !dead;
}

/* The handler: all that the line has and the ring takes. */
static void receive(void)
{
	while (listening && line_len > 0) {
		line_len--;
		if (!far_bare_uart_received(&uart, (uint8_t)*line++))
			return;
	}
}

static void interrupt(void)
{
	cpu.pending = true;
}

static void listen(struct far_bare_uart *u, bool on)
{
	(void)u;
	assert_true(cpu.masked);
	listening = on;
	if (on && line_len > 0)
		cpu.pending = true;
}

static int set_baud(struct far_bare_uart *u, uint32_t baud)
{
	(void)u;
	return baud > 1000000 ? FAR_ERR_NOTSUP : FAR_OK;
}

static int set_lines(struct far_bare_uart *u, unsigned lines)
{
	(void)u;
	return lines == FAR_LINE_DTR ? FAR_OK : FAR_ERR_IO;
}

static const struct far_bare_uart_ops whole = { .put = put,
						.is_sent = is_sent,
						.listen = listen,
						.set_baud = set_baud,
						.set_lines = set_lines };
static const struct far_bare_uart_ops bare = { .put = put, .is_sent = is_sent };

static void begin(const struct far_bare_uart_ops *ops, bool console)
{
	bare_cpu_power_up();
	bare_cpu_reset(0);
	cpu.handler = receive;
	sent_len = refuse = 0;
	line_len = 0;
	dead = listening = false;
	far_bare_uart_init(&uart, ops, 115200, console);
}

static void comes(const char *text, size_t len)
{
	line = text;
	line_len = len;
	cpu.pending = true;
	far_cpu_restore(0);
}

static int read(char *buf, size_t cap, uint32_t ms)
{
	return uart.stream.ops->read(&uart.stream, (uint8_t *)buf, cap, ms);
}

static void assert_sent(const char *text)
{
	assert_int_equal(sent_len, strlen(text));
	assert_memory_equal(sent, text, sent_len);
	sent_len = 0;
}

static int write(const char *text)
{
	return uart.stream.ops->write(&uart.stream, (const uint8_t *)text, strlen(text));
}

/* ---- out ------------------------------------------------------------------------------------- */

static void bytes_go_out_as_they_are(void **state)
{
	(void)state;
	begin(&whole, false);
	refuse = 5; /* full for a while */
	assert_int_equal(write("a\nb\r\n"), FAR_OK);
	assert_sent("a\nb\r\n");
	assert_int_equal(uart.stream.ops->drain(&uart.stream), FAR_OK);
}

static void a_console_ends_lines_for_a_terminal(void **state)
{
	(void)state;
	begin(&whole, true);
	assert_int_equal(write("one\n\ntwo\n"), FAR_OK);
	assert_sent("one\r\n\r\ntwo\r\n");
}

static void a_dead_transmitter_is_told_in_time(void **state)
{
	(void)state;
	begin(&whole, false);
	dead = true;
	assert_int_equal(write("x"), FAR_ERR_TIMEOUT);
	assert_in_range(cpu.now_us, 1000, 2000);
	assert_int_equal(uart.stream.ops->drain(&uart.stream), FAR_ERR_TIMEOUT);
	assert_in_range(cpu.now_us, 1000, 400000);
	assert_int_equal(uart.stream.ops->set_baud(&uart.stream, 9600), FAR_ERR_TIMEOUT);
	assert_int_equal(uart.stream.baud, 115200);
}

/* ---- in -------------------------------------------------------------------------------------- */

static void bytes_come_in_as_they_are(void **state)
{
	char buf[16];

	(void)state;
	begin(&whole, false);
	assert_int_equal(read(buf, sizeof(buf), 0), 0);
	comes("ab\ncd\r\b", 7);
	assert_int_equal(read(buf, 4, 0), 4);
	assert_memory_equal(buf, "ab\nc", 4);
	assert_int_equal(read(buf, sizeof(buf), 0), 3);
	assert_memory_equal(buf, "d\r\b", 3);
	assert_sent("");
}

static void read_waits_for_the_first_byte(void **state)
{
	char buf[4];

	(void)state;
	begin(&whole, false);
	assert_int_equal(read(buf, sizeof(buf), 30), 0);
	assert_in_range(cpu.now_us, 30000, 30020);
	line = "z";
	line_len = 1;
	bare_cpu_plan(35000, interrupt);
	assert_int_equal(read(buf, sizeof(buf), 30), 1);
	assert_in_range(cpu.now_us, 35000, 35020);
}

/* Bytes of which none can be taken for its neighbour, or for one a ring further on. */
static void comes_much(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(i * 7 + i / 256);
	comes(text, len);
}

/* Read to the end, n bytes at most at a time: text, all of it and in order. */
static void reads_all(const char *text, size_t len, size_t at_once)
{
	char buf[700];
	size_t got = 0;
	int n;

	while ((n = read(buf, at_once, 0)) > 0) {
		assert_memory_equal(buf, text + got, (size_t)n);
		got += (size_t)n;
	}
	assert_int_equal(got, len);
	assert_true(listening);
}

/* More than the ring holds: the device is left alone until there is room, and nothing is lost. */
static void a_full_ring_stops_the_receiver(void **state)
{
	static char text[5000];

	(void)state;
	begin(&whole, false);
	comes_much(text, sizeof(text));
	assert_false(listening);
	assert_int_equal(line_len, sizeof(text) - FAR_BARE_RING);
	reads_all(text, sizeof(text), 700);
}

/* What the handler takes in the last moment: all that there is room for. */
static void fill(void)
{
	listening = true;
	receive();
}

/*
 * Between the last byte that a reader takes and its look at whether the receiver waits the handler
 * may have filled the ring once more: then there is no room yet.
 */
static void a_ring_filled_again_stays_stopped(void **state)
{
	static char text[3000];

	(void)state;
	begin(&whole, false);
	comes_much(text, sizeof(text));
	cpu.masking = fill;
	reads_all(text, sizeof(text), 20);
	assert_null(cpu.masking);
}

static void a_sender_only_hears_nothing(void **state)
{
	char buf[4];

	(void)state;
	begin(&bare, true);
	assert_int_equal(read(buf, sizeof(buf), 40), 0);
	assert_in_range(cpu.now_us, 40000, 40100);
}

/* ---- a console's keys ------------------------------------------------------------------------ */

static void keys_are_echoed_when_they_are_read(void **state)
{
	char buf[32];

	(void)state;
	begin(&whole, true);
	comes("one\rtwo\n", 8);
	assert_sent("");
	assert_int_equal(read(buf, sizeof(buf), 0), 4); /* typed ahead: a line at a time */
	assert_memory_equal(buf, "one\r", 4);
	assert_sent("one\r\n");
	assert_int_equal(read(buf, sizeof(buf), 0), 4);
	assert_memory_equal(buf, "two\n", 4);
	assert_sent("two\r\n");
}

static void backspace_stays_in_its_line(void **state)
{
	char buf[32];

	(void)state;
	begin(&whole, true);
	comes("a\b\b\x7f"
	      "bc\x7f\x01\n\b",
	      10);
	assert_int_equal(read(buf, sizeof(buf), 0), 9);
	assert_memory_equal(buf,
			    "a\b\b\x7f"
			    "bc\x7f\x01\n",
			    9); /* the program's to understand */
	assert_sent("a\b \bbc\b \b\r\n");
	assert_int_equal(read(buf, sizeof(buf), 0), 1);
	assert_sent("");
}

/* ---- rate and lines -------------------------------------------------------------------------- */

static void rates(void **state)
{
	const struct far_stream_ops *ops;

	(void)state;
	begin(&whole, false);
	ops = uart.stream.ops;
	assert_int_equal(ops->set_baud(&uart.stream, 921600), FAR_OK);
	assert_int_equal(uart.stream.baud, 921600);
	assert_int_equal(ops->set_baud(&uart.stream, 2000000), FAR_ERR_NOTSUP);
	assert_int_equal(uart.stream.baud, 921600);
	assert_int_equal(ops->set_lines(&uart.stream, FAR_LINE_DTR), FAR_OK);
	assert_int_equal(ops->set_lines(&uart.stream, FAR_LINE_RTS), FAR_ERR_IO);
	begin(&bare, false);
	assert_int_equal(ops->set_baud(&uart.stream, 9600), FAR_ERR_NOTSUP);
	assert_int_equal(ops->set_lines(&uart.stream, 0), FAR_ERR_NOTSUP);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Every alignment and length, against the C library's. */
static void memory_functions(void **state)
{
	uint8_t from[96], mine[96], theirs[96];

	(void)state;
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)(i * 37 + 1);
	for (size_t at = 0; at < 8; at++) {
		for (size_t to = 0; to < 8; to++) {
			for (size_t n = 0; n <= 80; n++) {
				memset(mine, 0xee, sizeof(mine));
				memset(theirs, 0xee, sizeof(theirs));
				assert_ptr_equal(bare_memcpy(mine + to, from + at, n), mine + to);
				memcpy(theirs + to, from + at, n);
				assert_memory_equal(mine, theirs, sizeof(mine));
				bare_memset(mine + to, (int)n - 300, n);
				memset(theirs + to, (int)n - 300, n);
				assert_memory_equal(mine, theirs, sizeof(mine));
				memcpy(mine, from, sizeof(from));
				memcpy(theirs, from, sizeof(from));
				bare_memmove(mine + to, mine + at, n);
				memmove(theirs + to, theirs + at, n);
				assert_memory_equal(mine, theirs, sizeof(mine));
			}
		}
	}
	assert_int_equal(bare_memcmp(from, from, 96), 0);
	assert_true(bare_memcmp("\x01\xff", "\x01\x7f", 2) > 0);
	assert_true(bare_memcmp("\x01\x7f", "\x01\xff", 2) < 0);
	assert_int_equal(bare_memcmp("a", "b", 0), 0);
}

static void paint_tells_how_deep(void **state)
{
	uint32_t stack[16];

	(void)state;
	for (int i = 0; i < 16; i++)
		stack[i] = FAR_BARE_PAINT;
	assert_int_equal(far_bare_stack_used(stack, stack + 16), 0);
	stack[13] = 1;
	assert_int_equal(far_bare_stack_used(stack, stack + 16), 12);
	stack[0] = 0;
	assert_int_equal(far_bare_stack_used(stack, stack + 16), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_out_as_they_are),
		cmocka_unit_test(a_console_ends_lines_for_a_terminal),
		cmocka_unit_test(a_dead_transmitter_is_told_in_time),
		cmocka_unit_test(bytes_come_in_as_they_are),
		cmocka_unit_test(read_waits_for_the_first_byte),
		cmocka_unit_test(a_full_ring_stops_the_receiver),
		cmocka_unit_test(a_ring_filled_again_stays_stopped),
		cmocka_unit_test(a_sender_only_hears_nothing),
		cmocka_unit_test(keys_are_echoed_when_they_are_read),
		cmocka_unit_test(backspace_stays_in_its_line),
		cmocka_unit_test(rates),
		cmocka_unit_test(memory_functions),
		cmocka_unit_test(paint_tells_how_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
