/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report.h"

static bool possible_size(uintmax_t size)
{
	return size >= CLI_IMAGE_MIN && size <= CLI_IMAGE_MAX && (size & (size - 1)) == 0;
}

enum cli_exit cli_image_size(struct cli *c, const char *text, uint32_t *size)
{
	enum cli_exit err = cli_number(c, "size", text, size);
	if (err)
		return err;
	if (!possible_size(*size))
		return cli_fail(c, CLI_USAGE,
				"size '%s' is no flash's: it is a power of two from 64k to 256M",
				text);
	return CLI_OK;
}

/* 0, or -1 with errno: the disk may be full. size is a multiple of the block. */
static int fill_erased(int fd, uint32_t size)
{
	uint8_t block[4096];
	memset(block, 0xFF, sizeof(block));
	for (uint32_t done = 0; done < size; done += sizeof(block)) {
		errno = ENOSPC; /* what a write that ends early does not tell */
		if (pwrite(fd, block, sizeof(block), (off_t)done) != (ssize_t)sizeof(block))
			return -1;
	}
	return 0;
}

/* A new file, erased. A half-made one is removed again. */
static enum cli_exit create(struct cli *c, struct cli_image *image, const char *path, uint32_t size)
{
	/* O_EXCL: never take over what somebody else has created since. */
	image->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (image->fd < 0)
		return cli_fail(c, CLI_FILE, "cannot create %s: %s", path, strerror(errno));
	/* Written, not only lengthened: a disk that is full is found out here, not by SIGBUS. */
	if (flock(image->fd, LOCK_EX | LOCK_NB) != 0 || fill_erased(image->fd, size) != 0) {
		int saved = errno;
		unlink(path);
		return cli_fail(c, CLI_FILE, "cannot create %s with %" PRIu32 " bytes: %s", path,
				size, strerror(saved));
	}
	return CLI_OK;
}

/* size 0: any that a flash can have. */
static enum cli_exit check_length(struct cli *c, const char *path, intmax_t length, uint32_t size)
{
	if (length < 0 || !possible_size((uintmax_t)length))
		return cli_fail(c, CLI_FILE,
				"%s has %jd bytes: a flash image has a power of two from 65536 to "
				"268435456 bytes; name a new file to have an erased one made",
				path, length);
	if (size != 0 && length != (intmax_t)size)
		return cli_fail(c, CLI_FILE,
				"%s has %jd bytes, not %" PRIu32
				": leave the size away, or name a new file",
				path, length, size);
	return CLI_OK;
}

/*
 * Somebody has made the file shorter while it is mapped: the memory behind its end is gone, and
 * there is no way on. _exit and write are what a signal handler may call.
 */
static void on_sigbus(int number)
{
	static const char text[] = "farflash: a file became shorter while it was in use\n";
	(void)number;
	/* The exit code tells it, too, should stderr be gone. */
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	_exit(CLI_FILE);
}

void cli_image_catch_sigbus(void)
{
	const struct sigaction sa = { .sa_handler = on_sigbus };
	sigaction(SIGBUS, &sa, NULL);
}

/*
 * 0, or -1 with errno. A file with holes needs room when they are written, and then it is too late.
 */
static int fill_holes(int fd, intmax_t size)
{
	return fallocate(fd, 0, 0, (off_t)size) == 0 || errno == EOPNOTSUPP ? 0 : -1;
}

static enum cli_exit map(struct cli *c, struct cli_image *image, const char *path, uint32_t size)
{
	struct stat st;
	if (fstat(image->fd, &st) != 0)
		return cli_fail(c, CLI_FILE, "cannot examine %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cli_fail(c, CLI_FILE, "%s is not a file", path);
	enum cli_exit err = check_length(c, path, (intmax_t)st.st_size, size);
	if (err)
		return err;
	if (fill_holes(image->fd, (intmax_t)st.st_size) != 0)
		return cli_fail(
			c, CLI_FILE,
			"%s has holes, and no room for what they may come to hold: %s; make "
			"room for its %jd bytes",
			path, strerror(errno), (intmax_t)st.st_size);
	image->size = (uint32_t)st.st_size;
	cli_image_catch_sigbus();
	void *memory = mmap(NULL, image->size, PROT_READ | PROT_WRITE, MAP_SHARED, image->fd, 0);
	if (memory == MAP_FAILED)
		return cli_fail(c, CLI_FILE, "cannot map %s: %s", path, strerror(errno));
	image->memory = memory;
	return CLI_OK;
}

/* errno says why the lock was not to be had: some file systems know none. */
static enum cli_exit in_use(struct cli *c, const char *path)
{
	if (errno != EWOULDBLOCK)
		return cli_fail(c, CLI_FILE, "cannot lock %s: %s; copy the file to a local disk",
				path, strerror(errno));
	return cli_fail(c, CLI_FILE,
			"%s is in use by another farflash: end that one, or copy the file", path);
}

/*
 * The lock is advisory: it keeps farflash from itself, and a copy of the file is always possible.
 */
enum cli_exit cli_image_open(struct cli *c, struct cli_image *image, const char *path,
			     uint32_t size)
{
	enum cli_exit err = CLI_OK;
	*image = (struct cli_image){ .path = path,
				     .fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) };
	if (image->fd < 0 && errno == ENOENT && size != 0)
		err = create(c, image, path, size);
	else if (image->fd < 0)
		err = cli_fail(c, CLI_FILE, "cannot open %s: %s", path, strerror(errno));
	else if (flock(image->fd, LOCK_EX | LOCK_NB) != 0)
		err = in_use(c, path);
	if (!err)
		err = map(c, image, path, size);
	if (err)
		cli_image_close(c, image);
	return err;
}

enum cli_exit cli_image_make(struct cli *c, struct cli_image *image, uint32_t size)
{
	*image = (struct cli_image){ .path = "memory", .fd = memfd_create("flash", MFD_CLOEXEC) };
	if (image->fd < 0 || fill_erased(image->fd, size) != 0)
		return cli_fail(c, CLI_FILE, "no memory for a flash of %" PRIu32 " bytes: %s", size,
				strerror(errno));
	return map(c, image, "memory", size);
}

/* msync: what a job has reported as written is on the disk before its exit code is seen. */
void cli_image_close(struct cli *c, struct cli_image *image)
{
	if (image->memory) {
		if (msync(image->memory, image->size, MS_SYNC) != 0)
			cli_fail(c, CLI_FILE,
				 "cannot bring all of %s to the disk: %s; what was written may be "
				 "lost with the computer's power",
				 image->path, strerror(errno));
		munmap(image->memory, image->size);
	}
	if (image->fd >= 0)
		close(image->fd);
	*image = (struct cli_image){ .fd = -1 };
}
