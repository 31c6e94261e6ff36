/* SPDX-License-Identifier: Apache-2.0 */
/* The console of port/linux on pipes: its ends fail apart, and no wait is longer than said. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "port/linux/console.h"

static struct far_linux_console console;
static struct far_linux_clock real_time;
static volatile sig_atomic_t cancel;
static int in[2], out[2];

static int setup(void **state)
{
	(void)state;
	cancel = 0;
	signal(SIGPIPE, SIG_IGN);
	far_linux_clock_init(&real_time, NULL);
	assert_int_equal(pipe(in) + pipe(out), 0);
	far_linux_console_init(&console, in[0], out[1], &cancel);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
	return 0;
}

static uint32_t now_ms(void)
{
	return real_time.clock.ops->now_ms(&real_time.clock);
}

static int get(void *buf, size_t cap, uint32_t timeout_ms)
{
	return console.stream.ops->read(&console.stream, buf, cap, timeout_ms);
}

static int put(const void *buf, size_t len)
{
	return console.stream.ops->write(&console.stream, buf, len);
}

static void text_passes(void **state)
{
	char got[16];

	(void)state;
	assert_int_equal(put("hello\n", 6), FAR_OK);
	assert_int_equal(console.stream.ops->drain(&console.stream), FAR_OK);
	assert_int_equal(read(out[0], got, sizeof(got)), 6);
	assert_memory_equal(got, "hello\n", 6);
	assert_int_equal(write(in[1], "keys", 4), 4);
	assert_int_equal(get(got, 3, 1000), 3);
	assert_int_equal(get(got + 3, 13, 1000), 1);
	assert_memory_equal(got, "keys", 4);
}

static void nothing_to_read(void **state)
{
	uint32_t began = now_ms();
	char got[4];

	(void)state;
	assert_int_equal(get(got, sizeof(got), 0), 0);
	assert_int_equal(get(got, sizeof(got), 20), 0);
	far_linux_console_init(&console, -1, out[1], &cancel);
	assert_int_equal(get(got, sizeof(got), 0), 0);
	assert_int_equal(get(got, sizeof(got), 20), 0);
	assert_true(now_ms() - began >= 38);
	cancel = 1;
	assert_int_equal(get(got, sizeof(got), 60000), FAR_ERR_CANCELLED);
	assert_true(now_ms() - began < 5000);
}

/* The end of the input is no end of the output, and the other way round. */
static void ends_fail_apart(void **state)
{
	char got[4];

	(void)state;
	close(in[1]);
	in[1] = -1;
	assert_int_equal(get(got, sizeof(got), 1000), FAR_ERR_IO);
	assert_int_equal(get(got, sizeof(got), 1000), FAR_ERR_IO);
	assert_int_equal(put("x", 1), FAR_OK);
	close(out[0]);
	out[0] = -1;
	assert_int_equal(put("x", 1), FAR_ERR_IO);
}

/* A reader that does not read: cancelled at once, or given up after 5 s. */
static void nobody_reads(void **state)
{
	static const char much[1 << 20];
	uint32_t began = now_ms();

	(void)state;
	assert_int_equal(put(much, sizeof(much)), FAR_ERR_TIMEOUT);
	assert_true(now_ms() - began >= 4900);
	cancel = 1;
	began = now_ms();
	assert_int_equal(put(much, sizeof(much)), FAR_ERR_CANCELLED);
	assert_true(now_ms() - began < 2000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(text_passes), TEST(nothing_to_read),
					    TEST(ends_fail_apart), TEST(nobody_reads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
