/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mailbox file where it cannot be written, or where there is no room for it: told when it is
 * opened, with errno, and never by a SIGBUS later.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux_box.h"
#include "test/common/child.h"

#define SMALL  (1u << 16)
#define WINDOW (1u << 20) /* more than fits into that */

/* What a child returns, but for the errno of what it tried, or 0. */
enum { CANNOT = 250, TROUBLE = 251, NOT_IO = 252, LEFT = 253 };

static int try_to_open(uint32_t window_len)
{
	struct far_linux_shared s;
	int err = box_open(&s, 1, 64, window_len), number = errno;

	far_linux_shared_close(&s);
	if (err == FAR_OK)
		return 0;
	return err == FAR_ERR_IO ? number : NOT_IO;
}

static void make_file(void)
{
	assert_int_equal(try_to_open(4096), 0);
}

static int in_child(int (*run)(void *arg))
{
	return child_end(child_start(run, NULL));
}

/* The folders above may be closed to nobody. */
static int without_rights(void *unused)
{
	(void)unused;
	if (chdir(box_folder) != 0)
		return TROUBLE;
	strcpy(box_path, "box");
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return TROUBLE;
	return try_to_open(WINDOW);
}

static void no_right_to_write(void **state)
{
	(void)state;
	make_file();
	assert_int_equal(chmod(box_folder, 0755), 0);
	assert_int_equal(chmod(box_path, 0666), 0);
	assert_int_equal(in_child(without_rights), 0);
	assert_int_equal(chmod(box_path, 0444), 0);
	assert_int_equal(in_child(without_rights), EACCES);
	unlink(box_path);
	assert_int_equal(chmod(box_folder, 0555), 0);
	assert_int_equal(in_child(without_rights), EACCES);
	assert_int_equal(chmod(box_folder, 0700), 0);
}

static int with_a_limit(void *unused)
{
	const struct rlimit limit = { SMALL, SMALL };

	(void)unused;
	signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? try_to_open(WINDOW) : TROUBLE;
}

/* The creation fails whole: no file stays, and a later one with more room succeeds. */
static void file_too_large(void **state)
{
	(void)state;
	assert_int_equal(in_child(with_a_limit), EFBIG);
	assert_int_equal(access(box_path, F_OK), -1);
	assert_int_equal(try_to_open(WINDOW), 0);
}

/* ---- a disk of our own ----------------------------------------------------------------------- */

/* In a child that has its own view of what is mounted, so that nothing stays. */
static bool mount_small(void)
{
	char options[20];

	snprintf(options, sizeof(options), "size=%u", SMALL);
	return (unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("farflash-test", box_folder, "tmpfs", 0, options) == 0;
}

/* Where nobody may mount anything, the limit above has to do. */
static void on_own_disk(int (*run)(void *arg), int number)
{
	int code = in_child(run);

	if (code == CANNOT)
		skip();
	assert_int_equal(code, number);
}

static int create_on_full(void *unused)
{
	int number;

	(void)unused;
	if (!mount_small())
		return CANNOT;
	number = try_to_open(WINDOW);
	return access(box_path, F_OK) != 0 ? number : LEFT;
}

static void full_disk(void **state)
{
	(void)state;
	on_own_disk(create_on_full, ENOSPC);
}

/* Whatever room there is; the file's name. */
static void fill_disk(char *path, size_t cap)
{
	static const uint8_t junk[4096];
	int fd;

	snprintf(path, cap, "%s/junk", box_folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	while (write(fd, junk, sizeof(junk)) == sizeof(junk))
		;
	close(fd);
}

static bool punch_hole(off_t at, off_t len)
{
	int fd = open(box_path, O_RDWR);
	int rc = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, len);

	close(fd);
	return rc == 0;
}

/* A file that is there already but has a hole, say a copy, and nothing is left to fill it with. */
static int open_with_hole(void *unused)
{
	char junk[240];
	int number;

	(void)unused;
	if (!mount_small())
		return CANNOT;
	if (try_to_open(8192) != 0 || !punch_hole(40960, 8192))
		return TROUBLE;
	fill_disk(junk, sizeof(junk));
	number = try_to_open(0);
	unlink(junk);
	return try_to_open(0) == 0 ? number : TROUBLE;
}

static void full_disk_and_a_hole(void **state)
{
	(void)state;
	on_own_disk(open_with_hole, ENOSPC);
}

static int open_on_read_only(void *unused)
{
	int number;

	(void)unused;
	if (!mount_small())
		return CANNOT;
	if (try_to_open(0) != 0 || mount(NULL, box_folder, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0)
		return TROUBLE;
	number = try_to_open(0);
	strcat(box_path, "-new");
	return try_to_open(0) == number ? number : NOT_IO;
}

static void read_only_disk(void **state)
{
	(void)state;
	on_own_disk(open_on_read_only, EROFS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_right_to_write),    TEST(file_too_large), TEST(full_disk),
		TEST(full_disk_and_a_hole), TEST(read_only_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
