/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/linux as a client for RFC 2217: against a server that behaves (the one of farflash emulate)
 * and against ones that do not. How it gets on with somebody else's server test/cli/ser2net.sh
 * shows.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/comport_server.h"
#include "port/linux/comport.h"
#include "port/linux/rfc2217.h"
#include "test/unit/linux_peer.h"

#define AGREE_MS 400u
#define WILLING  "\xff\xfd\x2c\xff\xfb\x00\xff\xfd\x00"

static struct far_linux_rfc2217 port;
static struct far_linux_clock real_time;
static char target[32];
static int listener;

/* The server, in a thread of its own: it serves one client until that one leaves. */
static struct {
	pthread_t thread;
	bool good;             /* serves properly, and sends back what it gets */
	bool agrees;           /* else it may agree first, and at the next word */
	uint8_t script[65536]; /* this goes out once the client has spoken, */
	size_t len;
	unsigned repeat;     /* as often, */
	bool closes;         /* and it hangs up */
	bool mute;           /* good, but it does not answer about lines */
	size_t heard;        /* bytes in all */
	unsigned lines, log; /* now; and one hex digit for each state that there was */
	unsigned purged;
	uint32_t baud;
} far;

static void on_lines(void *ctx, bool dtr, bool rts)
{
	(void)ctx;
	far.lines = (dtr ? FAR_LINE_DTR : 0) | (rts ? FAR_LINE_RTS : 0);
	far.log = far.log << 4 | far.lines;
}

static void on_purge(void *ctx, unsigned what)
{
	(void)ctx;
	far.purged = what;
}

static bool send_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static bool send_pending(int fd, struct cli_comport *server)
{
	const uint8_t *bytes;
	size_t n = cli_comport_pending(server, &bytes);
	bool ok = send_all(fd, bytes, n);

	cli_comport_sent(server, n);
	return ok;
}

static void serve_well(int fd)
{
	static struct cli_comport server;
	uint8_t buf[2048];
	ssize_t n;

	cli_comport_init(&server);
	server.on_lines = on_lines;
	server.on_purge = on_purge;
	cli_comport_begin(&server);
	while (send_pending(fd, &server) &&
	       (n = recv(fd, buf, cli_comport_may_take(&server), 0)) > 0) {
		size_t len;

		for (ssize_t i = 0; i + 1 < n && far.mute; i++)
			if (buf[i] == FAR_TELNET_COM_PORT && buf[i + 1] == FAR_COMPORT_CONTROL)
				buf[i + 1] = 99; /* means nothing to anybody */
		len = cli_comport_take(&server, buf, (size_t)n);

		far.heard += (size_t)n;
		far.baud = server.baud;
		for (size_t at = 0; at < len;) {
			at += cli_comport_put(&server, buf + at, len - at);
			if (!send_pending(fd, &server))
				return;
		}
	}
}

static void serve_badly(int fd)
{
	uint8_t buf[2048];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	far.heard += n > 0 ? (size_t)n : 0;
	if (far.agrees && send_all(fd, (const uint8_t *)WILLING, sizeof(WILLING) - 1))
		far.heard += (size_t)recv(fd, buf, sizeof(buf), 0);
	for (unsigned i = 0; i < far.repeat; i++)
		if (!send_all(fd, far.script, far.len))
			return;
	while (!far.closes && (n = recv(fd, buf, sizeof(buf), 0)) > 0)
		far.heard += (size_t)n;
}

static void *serve(void *arg)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int fd = poll(&p, 1, 5000) == 1 ? accept(listener, NULL, NULL) : -1;

	(void)arg;
	if (fd < 0)
		return NULL;
	if (far.good)
		serve_well(fd);
	else
		serve_badly(fd);
	close(fd);
	return NULL;
}

static int setup(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);

	(void)state;
	memset(&far, 0, sizeof(far));
	far.repeat = 1;
	peer_cancel = 0;
	far_linux_clock_init(&real_time, NULL);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	snprintf(target, sizeof(target), "127.0.0.1:%u", ntohs(a.sin_port));
	return 0;
}

/* The client leaves, the server ends: from here on what it has noted may be looked at. */
static void leave(void)
{
	far_linux_close(&port.base);
	pthread_join(far.thread, NULL);
}

static int teardown(void **state)
{
	(void)state;
	peer_stop_alarm();
	far_linux_close(&port.base);
	close(listener);
	return 0;
}

static int open_port(void)
{
	assert_int_equal(pthread_create(&far.thread, NULL, serve, NULL), 0);
	return far_linux_open_rfc2217(&port, target, 230400, AGREE_MS, &peer_cancel);
}

static void open_good(void)
{
	far.good = true;
	assert_int_equal(open_port(), FAR_OK);
}

static struct far_stream *stream(void)
{
	return &port.base.stream;
}

static uint32_t now_ms(void)
{
	return real_time.clock.ops->now_ms(&real_time.clock);
}

static void add(const void *bytes, size_t len)
{
	assert_in_range(far.len + len, 0, sizeof(far.script));
	memcpy(far.script + far.len, bytes, len);
	far.len += len;
}

/* ---- a server that behaves ------------------------------------------------------------------- */

static void rate_and_buffers_are_set(void **state)
{
	(void)state;
	open_good();
	assert_int_equal(stream()->baud, 230400);
	assert_int_equal(stream()->ops->set_baud(stream(), 921600), FAR_OK);
	assert_int_equal(stream()->baud, 921600);
	assert_int_equal(stream()->ops->set_baud(stream(), 0), FAR_ERR_ARG);
	leave();
	assert_int_equal(far.baud, 921600);
	assert_int_equal(far.purged, 3);
}

static void rate_that_it_cannot_do(void **state)
{
	(void)state;
	open_good();
	assert_int_equal(stream()->ops->set_baud(stream(), 50000000), FAR_ERR_NOTSUP);
	assert_int_equal(stream()->baud, 230400);
	leave();
	assert_int_equal(far.baud, 230400);
}

static void lines_change_in_order(void **state)
{
	const unsigned order[] = { FAR_LINE_DTR | FAR_LINE_RTS, FAR_LINE_RTS, FAR_LINE_DTR, 0 };

	(void)state;
	open_good();
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(stream()->ops->set_lines(stream(), order[i]), FAR_OK);
		/* With the answer it has happened. */
		assert_int_equal(__atomic_load_n(&far.lines, __ATOMIC_SEQ_CST), order[i]);
	}
	leave();
	/* DTR first: 0 -> D -> DR -> R -> DR -> D -> 0. */
	assert_int_equal(far.log, 0x132310);
}

static void exchange(const uint8_t *bytes, size_t len)
{
	size_t got = 0;
	uint8_t *back = malloc(len);

	assert_int_equal(stream()->ops->write(stream(), bytes, len), FAR_OK);
	while (got < len) {
		int n = stream()->ops->read(stream(), back + got, len - got, 5000);

		assert_in_range(n, 1, len - got);
		got += (size_t)n;
	}
	assert_memory_equal(back, bytes, len);
	free(back);
}

static void every_byte_passes_both_ways(void **state)
{
	static uint8_t bytes[9000];

	(void)state;
	open_good();
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	exchange(bytes, 256);
	exchange(bytes, sizeof(bytes));
	memset(bytes, 255, sizeof(bytes));
	exchange(bytes, sizeof(bytes));
	leave();
}

/* A change of the rate in between does not swallow what the chip says meanwhile. */
static void what_comes_meanwhile_is_kept(void **state)
{
	uint8_t buf[16];

	(void)state;
	open_good();
	assert_int_equal(stream()->ops->write(stream(), (const uint8_t *)"boot text", 9), FAR_OK);
	assert_int_equal(stream()->ops->set_baud(stream(), 115200), FAR_OK);
	assert_int_equal(stream()->ops->set_lines(stream(), FAR_LINE_RTS), FAR_OK);
	assert_int_equal(stream()->ops->read(stream(), buf, 4, 0), 4);
	assert_int_equal(stream()->ops->read(stream(), buf + 4, 12, 0), 5);
	assert_memory_equal(buf, "boot text", 9);
	assert_int_equal(stream()->ops->read(stream(), buf, 1, 0), 0);
	leave();
}

/* The server has it at once, the wire behind it has not: a rate of 9600 is slow enough to see. */
static void drain_waits_for_the_wire(void **state)
{
	static const uint8_t bytes[96];
	uint32_t start;

	(void)state;
	open_good();
	assert_int_equal(stream()->ops->set_baud(stream(), 9600), FAR_OK);
	/* Nothing comes back before it is asked for: the time counts from the write. */
	start = now_ms();
	port._state.rx_len = sizeof(port._state.rx); /* so that no answer is seen */
	assert_int_equal(stream()->ops->write(stream(), bytes, sizeof(bytes)), FAR_OK);
	assert_int_equal(stream()->ops->drain(stream()), FAR_OK);
	assert_in_range(now_ms() - start, 99, 3000);
	leave();
}

static void silence_times_out(void **state)
{
	uint32_t start = now_ms();
	uint8_t byte;

	(void)state;
	open_good();
	assert_int_equal(stream()->ops->read(stream(), &byte, 1, 0), 0);
	assert_int_equal(stream()->ops->read(stream(), &byte, 1, 50), 0);
	assert_in_range(now_ms() - start, 50, 3000);
	leave();
}

static void cancel_ends_a_wait(void **state)
{
	uint8_t byte;

	(void)state;
	open_good();
	peer_alarm(30, PEER_ALARM_CANCEL);
	assert_int_equal(stream()->ops->read(stream(), &byte, 1, 60000), FAR_ERR_CANCELLED);
	assert_int_equal(stream()->ops->set_lines(stream(), 0), FAR_ERR_CANCELLED);
	peer_stop_alarm();
	leave();
}

/* ---- servers that do not agree --------------------------------------------------------------- */

static void refuses(const char *script, size_t len, int err)
{
	uint32_t start = now_ms();

	add(script, len);
	assert_int_equal(open_port(), err);
	assert_in_range(now_ms() - start, 0, 3000);
	/* Closed, and so it stays. */
	assert_int_equal(stream()->ops->write(stream(), (const uint8_t *)"x", 1), FAR_ERR_IO);
	leave();
}

static void silent(void **state)
{
	(void)state;
	refuses("", 0, FAR_ERR_PROTO);
}

static void no_com_port(void **state)
{
	(void)state;
	refuses("\xff\xfe\x2c\xff\xfb\x00\xff\xfd\x00", 9, FAR_ERR_PROTO);
}

static void not_binary(void **state)
{
	(void)state;
	refuses("\xff\xfd\x2c\xff\xfc\x00\xff\xfd\x00", 9, FAR_ERR_PROTO);
}

static void a_chip_without_telnet(void **state)
{
	(void)state;
	refuses("ets Jul 29 2019 12:21:46\r\n", 26, FAR_ERR_PROTO);
}

static void hangs_up(void **state)
{
	(void)state;
	far.closes = true;
	errno = 0;
	refuses("Device open failure\r\n", 21, FAR_ERR_IO);
}

static void another_rate(void **state)
{
	(void)state;
	far.agrees = true;
	refuses("\xff\xfa\x2c\x65\x00\x00\x25\x80\xff\xf0", 10, FAR_ERR_NOTSUP);
}

static void seven_bits(void **state)
{
	(void)state;
	far.agrees = true;
	refuses("\xff\xfa\x2c\x66\x07\xff\xf0\xff\xfa\x2c\x65\x00\x03\x84\x00\xff\xf0", 17,
		FAR_ERR_NOTSUP);
}

static void cancelled_while_opening(void **state)
{
	(void)state;
	peer_alarm(30, PEER_ALARM_CANCEL);
	refuses("", 0, FAR_ERR_CANCELLED);
	peer_stop_alarm();
}

/* ---- hostile ones ---------------------------------------------------------------------------- */

/* It asks for every option over and over: every question is answered once, and no more. */
static void asks_for_ever(void **state)
{
	(void)state;
	for (unsigned option = 0; option < 256; option++)
		for (unsigned verb = 251; verb < 255; verb++)
			if (option != 44 && option != 0)
				add((const uint8_t[]){ 255, (uint8_t)verb, (uint8_t)option }, 3);
	far.repeat = 200;
	refuses("", 0, FAR_ERR_PROTO);
	assert_in_range(far.heard, 15, 15 + 2 * 256 * 3);
}

static void subnegotiation_without_end(void **state)
{
	(void)state;
	add("\xff\xfa\x2c", 3);
	memset(far.script + 3, 'x', sizeof(far.script) - 3);
	far.len = sizeof(far.script);
	assert_int_equal(open_port(), FAR_ERR_PROTO);
	leave();
}

static void noise(void **state)
{
	(void)state;
	srand(7);
	for (size_t i = 0; i < 60000; i++)
		add((const uint8_t[]){ rand() % 3 ? (uint8_t)(240 + rand() % 16)
						  : (uint8_t)rand() },
		    1);
	far.repeat = 20;
	assert_int_not_equal(open_port(), FAR_OK);
	leave();
}

#define RATE_230400 "\xff\xfa\x2c\x65\x00\x03\x84\x00\xff\xf0"

/* Agrees, tells the rate, and then only what the script says. */
static void open_with(const char *script, size_t len)
{
	far.agrees = true;
	add(RATE_230400, 10);
	add(script, len);
	assert_int_equal(open_port(), FAR_OK);
}

/* As ser2net on a pseudo terminal: it answers the question after the lines, not the lines. */
static void lines_without_an_answer(void **state)
{
	uint32_t start = now_ms();

	(void)state;
	far.mute = true;
	open_good();
	assert_int_equal(stream()->ops->set_lines(stream(), 0), FAR_ERR_NOTSUP);
	assert_in_range(now_ms() - start, 0, 2000);
	leave();
}

/* Nor anything else: the wait for it has an end. */
static void no_answer_at_all(void **state)
{
	uint32_t start;

	(void)state;
	open_with("", 0);
	start = now_ms();
	assert_int_equal(stream()->ops->set_lines(stream(), 0), FAR_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 2990, 6000);
	leave();
}

static void held_up_and_let_go(void **state)
{
	uint8_t byte;

	(void)state;
	/* It asks not to send, and says so only when the rest has been read. */
	open_with("\xff\xfa\x2c\x6c\xff\xf0", 6);
	while (!port._state.suspended)
		assert_int_equal(stream()->ops->read(stream(), &byte, 1, 10), 0);
	peer_alarm(30, PEER_ALARM_CANCEL);
	assert_int_equal(stream()->ops->write(stream(), (const uint8_t *)"x", 1),
			 FAR_ERR_CANCELLED);
	peer_stop_alarm();
	leave();
}

/* It floods while an answer is awaited: the wait ends in time, what fits is kept. */
static void floods(void **state)
{
	static uint8_t buf[65536];
	uint32_t start;
	size_t got = 0;
	int n;

	(void)state;
	far.agrees = true;
	add(RATE_230400, 10);
	memset(far.script + far.len, 'x', 60000);
	far.len += 60000;
	assert_int_equal(open_port(), FAR_OK);
	start = now_ms();
	assert_int_equal(stream()->ops->drain(stream()), FAR_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 0, 6000);
	while ((n = stream()->ops->read(stream(), buf, sizeof(buf), 0)) > 0)
		got += (size_t)n;
	assert_int_equal(n, 0);
	assert_in_range(got, 1, sizeof(port._state.rx));
	leave();
}

static void vanishes(void **state)
{
	uint8_t buf[32];
	int n;

	(void)state;
	far.closes = true;
	open_with("last words", 10);
	for (n = 0; n < 10;) {
		int more = stream()->ops->read(stream(), buf + n, sizeof(buf) - (size_t)n, 5000);

		/* They may have come with the answer about the rate, and gone with the purge. */
		if (more <= 0)
			break;
		n += more;
	}
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(stream()->ops->read(stream(), buf, 1, 5000), FAR_ERR_IO);
		assert_int_equal(stream()->ops->set_lines(stream(), 0), FAR_ERR_IO);
		assert_int_equal(stream()->ops->set_baud(stream(), 9600), FAR_ERR_IO);
		assert_int_equal(stream()->ops->drain(stream()), FAR_ERR_IO);
	}
	leave();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rate_and_buffers_are_set),
		TEST(rate_that_it_cannot_do),
		TEST(lines_change_in_order),
		TEST(every_byte_passes_both_ways),
		TEST(what_comes_meanwhile_is_kept),
		TEST(drain_waits_for_the_wire),
		TEST(silence_times_out),
		TEST(cancel_ends_a_wait),
		TEST(silent),
		TEST(no_com_port),
		TEST(not_binary),
		TEST(a_chip_without_telnet),
		TEST(hangs_up),
		TEST(another_rate),
		TEST(seven_bits),
		TEST(cancelled_while_opening),
		TEST(asks_for_ever),
		TEST(subnegotiation_without_end),
		TEST(noise),
		TEST(lines_without_an_answer),
		TEST(no_answer_at_all),
		TEST(held_up_and_let_go),
		TEST(floods),
		TEST(vanishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
