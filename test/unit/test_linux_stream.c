/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/linux on real pseudo terminals: held-back writes, time-outs, locks, cancelling, vanishing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "port/linux/linux.h"
#include "test/unit/linux_peer.h"

#define LATE_MS 20000 /* what a wait ends within, however busy the machine */

static struct far_linux_stream dev;
static struct far_linux_clock real_time;
static struct far_clock *const now = &real_time.clock;
static int master;
static char path[PATH_MAX];

static struct far_stream *stream(void)
{
	return &dev.stream;
}

static uint32_t now_ms(void)
{
	return now->ops->now_ms(now);
}

static int setup(void **state)
{
	(void)state;
	peer_cancel = 0;
	far_linux_clock_init(&real_time, NULL);
	master = peer_pty(path, sizeof(path));
	assert_int_equal(far_linux_open_serial(&dev, path, 115200, &peer_cancel), FAR_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	peer_stop_alarm();
	far_linux_close(&dev);
	if (master >= 0)
		close(master);
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

/* ---- bytes ----------------------------------------------------------------------------------- */

static void written_bytes_are_held_back(void **state)
{
	uint8_t buf[16];

	(void)state;
	assert_int_equal(put("abc", 3), FAR_OK);
	assert_int_equal(put("def", 3), FAR_OK);
	assert_int_equal(peer_pending(master), 0);
	assert_int_equal(drain(), FAR_OK);
	peer_expect(master, "abcdef", 6);
	assert_int_equal(put("ghi", 3), FAR_OK);
	assert_int_equal(get(buf, sizeof(buf), 0), 0);
	peer_expect(master, "ghi", 3);
	assert_int_equal(put("jkl", 3), FAR_OK);
	assert_int_equal(stream()->ops->set_baud(stream(), 57600), FAR_OK);
	peer_expect(master, "jkl", 3);
	assert_int_equal(peer_pending(master), 0);
}

static void closing_sends_nothing(void **state)
{
	(void)state;
	assert_int_equal(put("abc", 3), FAR_OK);
	far_linux_close(&dev);
	assert_int_equal(peer_pending(master), 0);
}

/* More than the buffer holds goes out by itself, in order; the rest stays until it is asked for. */
static void full_buffer_is_sent(void **state)
{
	static uint8_t all[2 * sizeof(dev._state.tx) + 100], got[sizeof(all)];
	size_t held = 100, sent;

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)(i * 7 >> 3);
	peer_collect(master, got, sizeof(got) - held);
	for (sent = 0; sent < sizeof(all); sent += 100) {
		size_t n = sizeof(all) - sent < 100 ? sizeof(all) - sent : 100;

		assert_int_equal(put(all + sent, n), FAR_OK);
	}
	assert_int_equal(peer_collected(), sizeof(got) - held);
	assert_memory_equal(got, all, sizeof(got) - held);
	assert_int_equal(peer_pending(master), 0);
	assert_int_equal(drain(), FAR_OK);
	peer_expect(master, all + sizeof(all) - held, held);
}

/* One write that is larger than all buffers. */
static void large_write_arrives_whole(void **state)
{
	static uint8_t all[100001], got[sizeof(all)];

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)(i * 13 >> 5);
	peer_collect(master, got, sizeof(got));
	assert_int_equal(put(all, sizeof(all)), FAR_OK);
	assert_int_equal(drain(), FAR_OK);
	assert_int_equal(peer_collected(), sizeof(got));
	assert_memory_equal(got, all, sizeof(all));
}

static void every_byte_value_passes(void **state)
{
	uint8_t all[256], back[256];
	size_t got = 0;

	(void)state;
	for (unsigned i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	assert_int_equal(put(all, sizeof(all)), FAR_OK);
	assert_int_equal(drain(), FAR_OK);
	peer_expect(master, all, sizeof(all));
	peer_send(master, all, sizeof(all));
	while (got < sizeof(back)) {
		int n = get(back + got, sizeof(back) - got, 5000);

		assert_in_range(n, 1, sizeof(back));
		got += (size_t)n;
	}
	assert_memory_equal(back, all, sizeof(all));
	assert_int_equal(peer_pending(master), 0); /* no echo */
}

static void read_takes_what_is_there(void **state)
{
	uint8_t buf[8];

	(void)state;
	assert_int_equal(get(buf, sizeof(buf), 0), 0);
	peer_send(master, "hello", 5);
	assert_int_equal(get(buf, 2, 5000), 2);
	assert_memory_equal(buf, "he", 2);
	assert_int_equal(get(buf, sizeof(buf), 0), 3);
	assert_memory_equal(buf, "llo", 3);
	assert_int_equal(get(buf, sizeof(buf), 0), 0);
}

static void read_waits_as_long_as_told(void **state)
{
	uint32_t start = now_ms();
	uint8_t byte;

	(void)state;
	assert_int_equal(get(&byte, 1, 60), 0);
	assert_in_range(now_ms() - start, 59, LATE_MS);
}

/* Nobody takes the bytes: bounded in time, and what was left over does not come later. */
static void stalled_line_times_out(void **state)
{
	static uint8_t junk[300000];
	uint32_t start = now_ms();
	uint8_t buf[4096], last;
	size_t taken = 0;

	(void)state;
	assert_int_equal(stream()->ops->set_baud(stream(), 4000000), FAR_OK);
	assert_int_equal(put(junk, sizeof(junk)), FAR_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 999, LATE_MS);
	peer_wait(master, buf, sizeof(buf));
	assert_int_equal(put("new", 3), FAR_OK);
	assert_int_equal(drain(), FAR_OK);
	/* What the kernel had taken comes first, and then nothing but the new bytes. */
	do {
		size_t n = peer_wait(master, buf, sizeof(buf));

		last = buf[n - 1];
		taken += n;
	} while (last != 'w');
	assert_in_range(taken, 4, sizeof(junk) / 2);
}

/* ---- settings -------------------------------------------------------------------------------- */

static void terminal_is_raw(void **state)
{
	struct peer_settings t = peer_settings(dev._state.fd);

	(void)state;
	assert_true(t.raw_8n1);
	assert_false(t.hangs_up);
	assert_false(t.flow_control);
	assert_int_equal(t.baud, 115200);
}

static void any_rate_is_set(void **state)
{
	static const uint32_t rates[] = { 74880, 115200, 250000, 921600, 1500000, 2000000, 300 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		assert_int_equal(stream()->ops->set_baud(stream(), rates[i]), FAR_OK);
		assert_int_equal(stream()->baud, rates[i]);
		assert_int_equal(peer_settings(dev._state.fd).baud, rates[i]);
	}
	assert_int_equal(stream()->ops->set_baud(stream(), 0), FAR_ERR_ARG);
	assert_int_equal(stream()->baud, 300);
	assert_int_equal(peer_settings(dev._state.fd).baud, 300);
}

static void pseudo_terminal_has_no_lines(void **state)
{
	uint8_t byte;

	(void)state;
	assert_int_equal(stream()->ops->set_lines(stream(), FAR_LINE_DTR), FAR_ERR_NOTSUP);
	assert_int_equal(stream()->ops->set_lines(stream(), 0), FAR_ERR_NOTSUP);
	assert_int_equal(get(&byte, 1, 0), 0); /* and is as good as before */
}

/* ---- opening --------------------------------------------------------------------------------- */

static void port_is_locked(void **state)
{
	static struct far_linux_stream second;
	int fd;

	(void)state;
	assert_int_equal(far_linux_open_serial(&second, path, 9600, NULL), FAR_ERR_BUSY);
	assert_int_equal(peer_settings(dev._state.fd).baud, 115200); /* and left alone */
	far_linux_close(&second);
	far_linux_close(&dev);
	assert_int_equal(far_linux_open_serial(&second, path, 9600, NULL), FAR_OK);
	far_linux_close(&second);
	/* Another program's lock counts, too. */
	fd = open(path, O_RDWR | O_NOCTTY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(far_linux_open_serial(&dev, path, 115200, NULL), FAR_ERR_BUSY);
	close(fd);
	assert_int_equal(far_linux_open_serial(&dev, path, 115200, NULL), FAR_OK);
}

static void what_is_no_terminal_is_refused(void **state)
{
	static struct far_linux_stream s;
	char file[] = "/tmp/farflash-test-XXXXXX";
	uint8_t byte;
	int fd = mkstemp(file);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(far_linux_open_serial(&s, file, 115200, NULL), FAR_ERR_ARG);
	far_linux_close(&s);
	unlink(file);
	assert_int_equal(far_linux_open_serial(&s, file, 115200, NULL), FAR_ERR_IO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(far_linux_open_serial(&s, "/tmp", 115200, NULL), FAR_ERR_IO);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(far_linux_open_serial(&s, NULL, 115200, NULL), FAR_ERR_ARG);
	assert_int_equal(far_linux_open_serial(&s, path, 0, NULL), FAR_ERR_ARG);
	/* A stream that is not open fails like one that has gone. */
	assert_int_equal(s.stream.ops->read(&s.stream, &byte, 1, 0), FAR_ERR_IO);
	assert_int_equal(s.stream.ops->write(&s.stream, &byte, 1), FAR_ERR_IO);
	assert_int_equal(s.stream.ops->drain(&s.stream), FAR_ERR_IO);
	far_linux_close(&s);
	far_linux_close(&s);
}

/* Closing what was never opened must not close standard input. */
static void zero_stream_may_be_closed(void **state)
{
	static struct far_linux_stream s;

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(fcntl(0, F_GETFD) >= 0 || dup2(master, 0) == 0, 1);
	far_linux_close(&s);
	assert_true(fcntl(0, F_GETFD) >= 0);
}

/* ---- vanishing ------------------------------------------------------------------------------- */

static void assert_gone_for_ever(void)
{
	uint8_t byte = 0;

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(get(&byte, 1, 1000), FAR_ERR_IO);
		assert_int_equal(put(&byte, 1), FAR_ERR_IO);
		assert_int_equal(drain(), FAR_ERR_IO);
		assert_int_equal(stream()->ops->set_baud(stream(), 9600), FAR_ERR_IO);
		assert_int_equal(stream()->ops->set_lines(stream(), 0), FAR_ERR_IO);
	}
}

static void pull_the_plug(void)
{
	close(master);
	master = -1;
}

static void vanished_is_noticed_reading(void **state)
{
	uint8_t byte;

	(void)state;
	pull_the_plug();
	assert_int_equal(get(&byte, 1, 60000), FAR_ERR_IO);
	assert_gone_for_ever();
}

static void vanished_is_noticed_without_waiting(void **state)
{
	uint8_t byte;

	(void)state;
	pull_the_plug();
	assert_int_equal(get(&byte, 1, 0), FAR_ERR_IO);
	assert_gone_for_ever();
}

static void vanished_is_noticed_writing(void **state)
{
	(void)state;
	pull_the_plug();
	assert_int_equal(put("abc", 3), FAR_OK); /* held back */
	assert_int_equal(drain(), FAR_ERR_IO);
	assert_gone_for_ever();
}

static void vanished_is_noticed_setting_the_rate(void **state)
{
	(void)state;
	pull_the_plug();
	assert_int_equal(stream()->ops->set_baud(stream(), 9600), FAR_ERR_IO);
	assert_int_equal(stream()->baud, 115200);
	assert_gone_for_ever();
}

/* ---- signals and cancelling ------------------------------------------------------------------ */

/*
 * Interrupted again and again, the read still waits its time, and no less. Signals that come while
 * others run are one: on a busy machine it takes a longer read.
 */
static void interruption_is_no_error(void **state)
{
	uint32_t wait_ms = 40;
	uint8_t byte;

	(void)state;
	do {
		uint32_t start = now_ms();

		wait_ms *= 2;
		assert_in_range(wait_ms, 80, LATE_MS);
		peer_alarm(3, PEER_ALARM_NOTHING);
		assert_int_equal(get(&byte, 1, wait_ms), 0);
		assert_in_range(now_ms() - start, wait_ms - 1, wait_ms + LATE_MS);
	} while (peer_alarms() < 5);
}

static void cancel_ends_a_read(void **state)
{
	uint32_t start = now_ms();
	uint8_t byte;

	(void)state;
	peer_alarm(30, PEER_ALARM_CANCEL);
	assert_int_equal(get(&byte, 1, 60000), FAR_ERR_CANCELLED);
	assert_in_range(now_ms() - start, 20, LATE_MS);
	/* Until the flag is cleared nothing waits any more; then all is well. */
	peer_stop_alarm();
	assert_int_equal(get(&byte, 1, 60000), FAR_ERR_CANCELLED);
	assert_int_equal(drain(), FAR_ERR_CANCELLED);
	peer_cancel = 0;
	peer_send(master, "x", 1);
	assert_int_equal(get(&byte, 1, 5000), 1);
}

static void cancel_ends_a_stalled_write(void **state)
{
	static uint8_t junk[300000];
	uint32_t start = now_ms();

	(void)state;
	peer_alarm(30, PEER_ALARM_CANCEL);
	assert_int_equal(put(junk, sizeof(junk)), FAR_ERR_CANCELLED);
	assert_in_range(now_ms() - start, 0, LATE_MS);
}

static void clock_keeps_time(void **state)
{
	uint32_t start = now_ms();

	(void)state;
	now->ops->sleep_ms(now, 40);
	assert_in_range(now_ms() - start, 40, LATE_MS);
	start = now_ms();
	peer_alarm(3, PEER_ALARM_NOTHING);
	now->ops->sleep_ms(now, 60);
	assert_in_range(now_ms() - start, 60, LATE_MS);
	peer_stop_alarm();
	start = now_ms();
	now->ops->sleep_ms(now, 0);
	assert_in_range(now_ms() - start, 0, LATE_MS);
}

static void cancel_ends_a_sleep(void **state)
{
	uint32_t start = now_ms();

	(void)state;
	far_linux_clock_init(&real_time, &peer_cancel);
	peer_alarm(30, PEER_ALARM_CANCEL);
	now->ops->sleep_ms(now, 60000);
	assert_in_range(now_ms() - start, 20, LATE_MS);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(written_bytes_are_held_back),
		TEST(closing_sends_nothing),
		TEST(full_buffer_is_sent),
		TEST(large_write_arrives_whole),
		TEST(every_byte_value_passes),
		TEST(read_takes_what_is_there),
		TEST(read_waits_as_long_as_told),
		TEST(stalled_line_times_out),
		TEST(terminal_is_raw),
		TEST(any_rate_is_set),
		TEST(pseudo_terminal_has_no_lines),
		TEST(port_is_locked),
		TEST(what_is_no_terminal_is_refused),
		TEST(zero_stream_may_be_closed),
		TEST(vanished_is_noticed_reading),
		TEST(vanished_is_noticed_without_waiting),
		TEST(vanished_is_noticed_writing),
		TEST(vanished_is_noticed_setting_the_rate),
		TEST(interruption_is_no_error),
		TEST(cancel_ends_a_read),
		TEST(cancel_ends_a_stalled_write),
		TEST(clock_keeps_time),
		TEST(cancel_ends_a_sleep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
