/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that fails, for a program that is started with this in LD_PRELOAD: the call that $BAD_DISK
 * names ends with EIO, or early. A full disk can be had for real (disk.sh), one that breaks cannot.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(const char *call)
{
	const char *bad = getenv("BAD_DISK");

	return bad != NULL && strcmp(bad, call) == 0;
}

static int end(void)
{
	errno = EIO;
	return -1;
}

int msync(void *addr, size_t len, int flags)
{
	return fails("msync") ? end() : (int)syscall(SYS_msync, addr, len, flags);
}

int fsync(int fd)
{
	return fails("fsync") ? end() : (int)syscall(SYS_fsync, fd);
}

/* Half of what was asked for, without a word: what a file system may do that runs full. */
ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	return syscall(SYS_pwrite64, fd, buf, fails("pwrite") ? len / 2 : len, at);
}
