/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/linux on real connections of this machine: opening, bytes, time-outs, and peers that leave.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "port/linux/linux.h"
#include "test/unit/linux_peer.h"

static struct far_linux_stream conn;
static struct far_linux_clock real_time;
static int listener, peer;
static char target[32];

static struct far_stream *stream(void)
{
	return &conn.stream;
}

static uint32_t now_ms(void)
{
	return real_time.clock.ops->now_ms(&real_time.clock);
}

static int open_target(uint32_t timeout_ms)
{
	return far_linux_open_tcp(&conn, target, 115200, timeout_ms, &peer_cancel);
}

/* Listen on a free port of the loopback address. */
static void start_listening(int backlog)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(listener, backlog), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	snprintf(target, sizeof(target), "127.0.0.1:%u", ntohs(a.sin_port));
}

static int listen_only(void **state)
{
	(void)state;
	peer = -1;
	peer_cancel = 0;
	far_linux_clock_init(&real_time, NULL);
	start_listening(4);
	return 0;
}

static int connected(void **state)
{
	listen_only(state);
	assert_int_equal(open_target(5000), FAR_OK);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	peer_stop_alarm();
	far_linux_close(&conn);
	if (peer >= 0)
		close(peer);
	if (listener >= 0)
		close(listener);
	return 0;
}

static int get(uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	return stream()->ops->read(stream(), buf, cap, timeout_ms);
}

static int put(const void *buf, size_t len)
{
	return stream()->ops->write(stream(), buf, len);
}

static int drain(void)
{
	return stream()->ops->drain(stream());
}

/* ---- opening --------------------------------------------------------------------------------- */

static void connection_has_no_rate_and_no_lines(void **state)
{
	int on = 0;
	socklen_t len = sizeof(on);

	(void)state;
	assert_int_equal(stream()->baud, 115200);
	assert_null(stream()->ops->set_baud);
	assert_null(stream()->ops->set_lines);
	assert_int_equal(getsockopt(conn._state.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
	assert_int_not_equal(on, 0);
}

static void malformed_targets_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"localhost",
		"localhost:",
		":80",
		"localhost:0",
		"host:65536",
		"host:123456",
		"host:8o",
		"host:-1",
		"host:+1",
		"host: 1",
		"::1:80",
		"[::1]",
		"[]:80",
		"[::1:80",
		"::1]:80",
		"a:b:80",
		"host:99999999999999999999",
	};
	char longest[400];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (far_linux_open_tcp(&conn, bad[i], 115200, 100, NULL) != FAR_ERR_ARG)
			fail_msg("\"%s\" was taken", bad[i]);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + sizeof(longest) - 4, ":80", 4);
	assert_int_equal(far_linux_open_tcp(&conn, longest, 115200, 100, NULL), FAR_ERR_ARG);
	assert_int_equal(far_linux_open_tcp(&conn, NULL, 115200, 100, NULL), FAR_ERR_ARG);
	assert_int_equal(far_linux_open_tcp(&conn, target, 0, 100, NULL), FAR_ERR_ARG);
}

static void names_are_looked_up(void **state)
{
	char by_name[40];

	(void)state;
	snprintf(by_name, sizeof(by_name), "localhost%s", strchr(target, ':'));
	assert_int_equal(far_linux_open_tcp(&conn, by_name, 115200, 5000, NULL), FAR_OK);
}

/* Where this machine has IPv6. */
static void brackets_hold_ipv6(void **state)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof(a);
	char text[32];
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 1) != 0) {
		if (fd >= 0)
			close(fd);
		skip();
	}
	getsockname(fd, (struct sockaddr *)&a, &len);
	snprintf(text, sizeof(text), "[::1]:%u", ntohs(a.sin6_port));
	assert_int_equal(far_linux_open_tcp(&conn, text, 115200, 5000, NULL), FAR_OK);
	close(fd);
}

static void nobody_listens(void **state)
{
	uint8_t byte;

	(void)state;
	close(listener);
	listener = -1;
	errno = 0;
	assert_int_equal(open_target(5000), FAR_ERR_IO);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(get(&byte, 1, 0), FAR_ERR_IO);
}

/* Fill the listener's queue; from then on nobody answers to a new connection. */
static void fill_queue(int fds[16])
{
	close(listener);
	start_listening(0);
	for (unsigned i = 0; i < 16; i++) {
		struct sockaddr_in a = { .sin_family = AF_INET };

		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		a.sin_port = htons((uint16_t)atoi(strchr(target, ':') + 1));
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(fds[i], (struct sockaddr *)&a, sizeof(a));
	}
}

static void close_all(const int fds[16])
{
	for (unsigned i = 0; i < 16; i++)
		close(fds[i]);
}

static void connecting_times_out(void **state)
{
	uint32_t start;
	int fds[16];

	(void)state;
	fill_queue(fds);
	start = now_ms();
	assert_int_equal(open_target(120), FAR_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 119, 1000);
	close_all(fds);
}

static void connecting_can_be_cancelled(void **state)
{
	uint32_t start;
	int fds[16];

	(void)state;
	fill_queue(fds);
	start = now_ms();
	peer_alarm(30, PEER_ALARM_CANCEL);
	assert_int_equal(open_target(60000), FAR_ERR_CANCELLED);
	assert_in_range(now_ms() - start, 20, 5000);
	close_all(fds);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void bytes_pass_both_ways(void **state)
{
	uint8_t buf[16];

	(void)state;
	assert_int_equal(put("abc", 3), FAR_OK);
	assert_int_equal(put("def", 3), FAR_OK);
	assert_int_equal(peer_pending(peer), 0);
	assert_int_equal(drain(), FAR_OK);
	peer_expect(peer, "abcdef", 6);
	peer_send(peer, "ghi", 3);
	assert_int_equal(get(buf, 2, 5000), 2);
	assert_int_equal(get(buf + 2, sizeof(buf) - 2, 0), 1);
	assert_memory_equal(buf, "ghi", 3);
	assert_int_equal(get(buf, sizeof(buf), 0), 0);
}

/* What was held back leaves in one piece: one segment on the wire, not one for each write. */
static void held_back_bytes_leave_in_one_segment(void **state)
{
	struct tcp_info before, after;
	socklen_t len = sizeof(before);
	uint8_t buf[4];

	(void)state;
	getsockopt(conn._state.fd, IPPROTO_TCP, TCP_INFO, &before, &len);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(put("0123456789", 10), FAR_OK);
	assert_int_equal(get(buf, sizeof(buf), 0), 0);
	getsockopt(conn._state.fd, IPPROTO_TCP, TCP_INFO, &after, &len);
	assert_int_equal(after.tcpi_data_segs_out - before.tcpi_data_segs_out, 1);
}

static void stalled_peer_times_out(void **state)
{
	static uint8_t junk[8 << 20];
	uint32_t start = now_ms();

	(void)state;
	stream()->baud = 100000000;
	assert_int_equal(put(junk, sizeof(junk)), FAR_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 999, 5000);
}

/* ---- leaving --------------------------------------------------------------------------------- */

static void assert_gone_for_ever(void)
{
	uint8_t byte = 0;

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(get(&byte, 1, 1000), FAR_ERR_IO);
		assert_int_equal(put(&byte, 1), FAR_ERR_IO);
		assert_int_equal(drain(), FAR_ERR_IO);
	}
}

/* What it sent before it left is still delivered. */
static void peer_closes(void **state)
{
	uint8_t buf[8];

	(void)state;
	peer_send(peer, "bye", 3);
	close(peer);
	peer = -1;
	assert_int_equal(get(buf, sizeof(buf), 5000), 3);
	assert_int_equal(get(buf, sizeof(buf), 60000), FAR_ERR_IO);
	assert_gone_for_ever();
}

static void peer_resets(void **state)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	uint8_t byte;

	(void)state;
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(peer);
	peer = -1;
	assert_int_equal(get(&byte, 1, 60000), FAR_ERR_IO);
	assert_gone_for_ever();
}

/* Writing to nobody must not end the program with SIGPIPE. */
static void peer_is_gone_before_a_write(void **state)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)state;
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(peer);
	peer = -1;
	for (unsigned i = 0; i < 2; i++)
		if (put("abc", 3) == FAR_OK && i == 0)
			drain();
	assert_int_equal(drain(), FAR_ERR_IO);
	assert_gone_for_ever();
}

static void cancel_ends_a_read(void **state)
{
	uint32_t start = now_ms();
	uint8_t byte;

	(void)state;
	peer_alarm(30, PEER_ALARM_CANCEL);
	assert_int_equal(get(&byte, 1, 60000), FAR_ERR_CANCELLED);
	assert_in_range(now_ms() - start, 20, 5000);
}

static void closed_twice(void **state)
{
	uint8_t byte;

	(void)state;
	far_linux_close(&conn);
	assert_int_equal(recv(peer, &byte, 1, 0), 0);
	far_linux_close(&conn);
	assert_gone_for_ever();
}

#define TEST(function, from) cmocka_unit_test_setup_teardown(function, from, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(connection_has_no_rate_and_no_lines, connected),
		TEST(malformed_targets_are_refused, listen_only),
		TEST(names_are_looked_up, listen_only),
		TEST(brackets_hold_ipv6, listen_only),
		TEST(nobody_listens, listen_only),
		TEST(connecting_times_out, listen_only),
		TEST(connecting_can_be_cancelled, listen_only),
		TEST(bytes_pass_both_ways, connected),
		TEST(held_back_bytes_leave_in_one_segment, connected),
		TEST(stalled_peer_times_out, connected),
		TEST(peer_closes, connected),
		TEST(peer_resets, connected),
		TEST(peer_is_gone_before_a_write, connected),
		TEST(cancel_ends_a_read, connected),
		TEST(closed_twice, connected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
