/* SPDX-License-Identifier: Apache-2.0 */
/* The file behind a mailbox between processes: whose it is, what it must be, and its doorbells. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux_box.h"

#define SLICE_MS 50u   /* as port/linux/shared.h promises */
#define LATE_MS  2000u /* what a busy machine may add */

static struct far_linux_shared a, b;

static int teardown(void **state)
{
	far_linux_shared_close(&a);
	far_linux_shared_close(&b);
	return box_teardown(state);
}

static uint32_t now_ms(void)
{
	return a.clock.clock.ops->now_ms(&a.clock.clock);
}

static off_t file_size(void)
{
	struct stat st;

	assert_int_equal(stat(box_path, &st), 0);
	return st.st_size;
}

static void write_file(off_t at, const void *data, size_t len)
{
	int fd = open(box_path, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(pwrite(fd, data, len, at), len);
	close(fd);
}

static void write_word(off_t at, uint32_t word)
{
	write_file(at, &word, sizeof(word));
}

/* A good file that nobody has open. */
static void make_file(void)
{
	assert_int_equal(box_open(&a, 0, 8, 4096), FAR_OK);
	far_linux_shared_close(&a);
}

static void creates_and_shares(void **state)
{
	(void)state;
	assert_int_equal(box_open(&a, 0, 16, 8192), FAR_OK);
	assert_int_equal(box_open(&b, 1, 4, 64), FAR_OK); /* what there is already counts */
	assert_int_equal(b.mailbox.slots, 16);
	assert_int_equal(b.window_len, 8192);
	assert_int_equal(a.mailbox.region_size, FAR_MAILBOX_REGION_SIZE(16));
	assert_int_equal((uintptr_t)a.mailbox.region % 64, 0);
	assert_int_equal((uintptr_t)a.window % 64, 0);
	memset(a.window, 0x5a, a.window_len);
	memset(b.mailbox.region, 0xa5, b.mailbox.region_size);
	for (size_t i = 0; i < a.window_len; i++)
		assert_int_equal(((uint8_t *)b.window)[i], 0x5a);
	for (size_t i = 0; i < a.mailbox.region_size; i++)
		assert_int_equal(((uint8_t *)a.mailbox.region)[i], 0xa5);
}

static void without_a_window(void **state)
{
	(void)state;
	assert_int_equal(box_open(&a, 1, 0, 0), FAR_OK);
	assert_null(a.window);
	assert_int_equal(a.window_len, 0);
	assert_int_equal(a.mailbox.slots, 8);
	assert_int_equal(a.mailbox.side, 1);
}

static void impossible_arguments(void **state)
{
	struct far_linux_shared_config c = { .side = 0 };

	(void)state;
	assert_int_equal(far_linux_shared_open(&a, &c), FAR_ERR_ARG);
	assert_int_equal(box_open(&a, 2, 8, 0), FAR_ERR_ARG);
	assert_int_equal(box_open(&a, 0, 3, 0), FAR_ERR_ARG);
	assert_int_equal(box_open(&a, 0, 128, 0), FAR_ERR_ARG);
	assert_int_equal(box_open(&a, 0, 8, 100), FAR_ERR_ARG);
	assert_int_equal(box_open(&a, 0, 8, FAR_LINUX_WINDOW_MAX + 64), FAR_ERR_ARG);
	assert_int_equal(access(box_path, F_OK), -1);
}

static void second_on_a_side(void **state)
{
	struct far_linux_shared second;

	(void)state;
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_OK);
	assert_int_equal(box_open(&second, 0, 8, 0), FAR_ERR_BUSY);
	assert_int_equal(box_open(&b, 1, 8, 0), FAR_OK);
	assert_int_equal(box_open(&second, 1, 8, 0), FAR_ERR_BUSY);
	far_linux_shared_close(&a);
	assert_int_equal(box_open(&second, 0, 8, 0), FAR_OK);
	far_linux_shared_close(&second);
}

static void the_other_side_is_seen_to_live(void **state)
{
	(void)state;
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_OK);
	assert_false(far_linux_shared_peer_lives(&a));
	assert_int_equal(box_open(&b, 1, 8, 0), FAR_OK);
	assert_true(far_linux_shared_peer_lives(&a));
	assert_true(far_linux_shared_peer_lives(&b));
	far_linux_shared_close(&a);
	assert_false(far_linux_shared_peer_lives(&b));
}

/* Also closing what failed to open, and twice. */
static void closing(void **state)
{
	struct far_linux_shared never = { .window_len = 0 };

	(void)state;
	assert_int_equal(box_open(&a, 7, 8, 0), FAR_ERR_ARG);
	far_linux_shared_close(&a);
	far_linux_shared_close(&a);
	far_linux_shared_close(&never);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

static void wrong_magic(void **state)
{
	static const uint8_t zeros[100000];
	uint8_t byte;
	int fd;

	(void)state;
	write_file(0, "hello", 5);
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_PROTO);
	write_file(0, zeros, sizeof(zeros)); /* a blank image, say: not to be written over */
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_PROTO);
	assert_int_equal(file_size(), sizeof(zeros));
	fd = open(box_path, O_RDONLY);
	while (read(fd, &byte, 1) == 1)
		assert_int_equal(byte, 0);
	close(fd);
}

static void wrong_version(void **state)
{
	(void)state;
	make_file();
	write_word(4, 2);
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_NOTSUP);
	assert_int_equal(a._state.found, 2);
}

static void wrong_size(void **state)
{
	static const uint32_t windows[] = { 0, 64 * 1024, 4097, FAR_LINUX_WINDOW_MAX, UINT32_MAX };
	static const uint32_t slots[] = { 0, 3, 16, 64, 128, UINT32_MAX };
	off_t good;

	(void)state;
	make_file();
	good = file_size();
	for (off_t size = 1; size < good; size = size * 2 + 63) {
		make_file();
		assert_int_equal(truncate(box_path, size), 0);
		assert_int_equal(box_open(&a, 0, 8, 0), size < 4 ? FAR_ERR_PROTO : FAR_ERR_RANGE);
		unlink(box_path);
	}
	make_file();
	assert_int_equal(truncate(box_path, good + 4096), 0);
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_RANGE);
	assert_int_equal(truncate(box_path, good), 0);
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		write_word(8, slots[i]);
		assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_RANGE);
	}
	write_word(8, 8);
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		write_word(12, windows[i]);
		assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_RANGE);
	}
	write_word(12, 4096);
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_OK);
}

static void no_file_at_all(void **state)
{
	(void)state;
	assert_int_equal(mkdir(box_path, 0700), 0);
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_IO);
	assert_int_equal(errno, EISDIR);
	rmdir(box_path);
	assert_int_equal(mkfifo(box_path, 0600), 0);
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_PROTO);
	unlink(box_path);
	snprintf(box_path, sizeof(box_path), "%s/none/box", box_folder);
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_ERR_IO);
	assert_int_equal(errno, ENOENT);
}

/* What a creator left that was killed at any point is finished by the next one. */
static void killed_creator(void **state)
{
	static const off_t sizes[] = { 4, 4096, 77824, 1000000 };

	(void)state;
	write_file(0, "", 0);
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_OK);
	far_linux_shared_close(&a);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unlink(box_path);
		write_word(0, 0x6d535246);
		assert_int_equal(truncate(box_path, sizes[i]), 0);
		assert_int_equal(box_open(&a, 0, 8, 64), FAR_OK);
		assert_int_equal(a.window_len, 64);
		far_linux_shared_close(&a);
	}
}

static int wait_bell(struct far_linux_shared *s, uint32_t ms)
{
	return s->doorbell.ops->wait(&s->doorbell, ms);
}

static void ring_bell(struct far_linux_shared *s)
{
	s->doorbell.ops->ring(&s->doorbell);
}

static void open_both(void)
{
	assert_int_equal(box_open(&a, 0, 8, 0), FAR_OK);
	assert_int_equal(box_open(&b, 1, 8, 0), FAR_OK);
}

/* One that was made before is kept, once; the next wait lasts. */
static void a_ring_is_kept(void **state)
{
	uint32_t began, fast = 0;

	(void)state;
	open_both();
	for (int i = 0; i < 20; i++) {
		ring_bell(&a);
		ring_bell(&a);
		began = now_ms();
		assert_int_equal(wait_bell(&b, SLICE_MS), FAR_OK);
		fast += now_ms() - began < SLICE_MS - 1;
	}
	assert_true(fast >= 10); /* a busy machine is slow now and then */
	began = now_ms();
	assert_int_equal(wait_bell(&b, 20), FAR_OK);
	assert_true(now_ms() - began >= 19);
	assert_int_equal(wait_bell(&a, 1), FAR_OK); /* its own ring is not for it */
}

static void waits_are_bounded(void **state)
{
	uint32_t began;

	(void)state;
	open_both();
	began = now_ms();
	assert_int_equal(wait_bell(&a, 60000), FAR_OK);
	assert_true(now_ms() - began >= SLICE_MS - 1 && now_ms() - began < SLICE_MS + LATE_MS);
	began = now_ms();
	assert_int_equal(wait_bell(&a, 5), FAR_OK);
	assert_true(now_ms() - began >= 4 && now_ms() - began < 5 + LATE_MS);
}

static void cancelled(void **state)
{
	uint32_t began;

	(void)state;
	open_both();
	box_cancel = 1;
	began = now_ms();
	assert_int_equal(wait_bell(&a, 60000), FAR_ERR_CANCELLED);
	assert_true(now_ms() - began < LATE_MS);
}

/* Turns between two threads: 20,000 waits that must be ended by a ring, not by their slice. */
static void *answer(void *arg)
{
	uint32_t *ball = arg;

	for (uint32_t i = 0; i < 20000; i++) {
		while (__atomic_load_n(ball, __ATOMIC_ACQUIRE) != 2 * i + 1)
			wait_bell(&b, 1000);
		__atomic_store_n(ball, 2 * i + 2, __ATOMIC_RELEASE);
		ring_bell(&b);
	}
	return NULL;
}

static void no_ring_is_lost(void **state)
{
	uint32_t ball = 0, slow = 0;
	pthread_t thread;

	(void)state;
	open_both();
	assert_int_equal(pthread_create(&thread, NULL, answer, &ball), 0);
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t began = now_ms();

		__atomic_store_n(&ball, 2 * i + 1, __ATOMIC_RELEASE);
		ring_bell(&a);
		while (__atomic_load_n(&ball, __ATOMIC_ACQUIRE) != 2 * i + 2)
			wait_bell(&a, 1000);
		slow += now_ms() - began >= SLICE_MS - 5;
	}
	pthread_join(thread, NULL);
	assert_true(slow < 10); /* a busy machine is slow now and then; a lost ring is every time */
}

static volatile int stop_scribbling;

static void *scribble(void *arg)
{
	uint32_t *word = arg, r = 1;

	while (!stop_scribbling) {
		r = r * 1664525 + 1013904223;
		__atomic_store_n(&word[16 + (r >> 8) % 32], r >> 9 & 3 ? r : 0, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* A peer that writes anything into the bells: each wait ends, without error, within its slice. */
static void hostile_bells(void **state)
{
	int fd;
	void *map;
	pthread_t thread;

	(void)state;
	open_both();
	fd = open(box_path, O_RDWR);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_true(map != MAP_FAILED);
	stop_scribbling = 0;
	assert_int_equal(pthread_create(&thread, NULL, scribble, map), 0);
	for (int i = 0; i < 60; i++) {
		uint32_t began = now_ms();

		ring_bell(&a);
		assert_int_equal(wait_bell(&a, 60000), FAR_OK);
		assert_true(now_ms() - began < SLICE_MS + LATE_MS);
	}
	stop_scribbling = 1;
	pthread_join(thread, NULL);
	munmap(map, 4096);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, box_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(creates_and_shares),
		TEST(without_a_window),
		TEST(impossible_arguments),
		TEST(second_on_a_side),
		TEST(the_other_side_is_seen_to_live),
		TEST(closing),
		TEST(wrong_magic),
		TEST(wrong_version),
		TEST(wrong_size),
		TEST(no_file_at_all),
		TEST(killed_creator),
		TEST(a_ring_is_kept),
		TEST(waits_are_bounded),
		TEST(cancelled),
		TEST(no_ring_is_lost),
		TEST(hostile_bells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
