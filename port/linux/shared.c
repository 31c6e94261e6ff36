/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file: a page with the header and the bells, the mailbox region, the window, each on pages of
 * its own. Locks of the open file description on two of its bytes say who has which side, one on a
 * third that somebody is creating it: they vanish with their process.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "port/linux/internal.h"

/* Words of the header, in the byte order of the machine: both processes are on it. */
enum {
	MAGIC = 0,
	VERSION = 1,
	SLOTS = 2,
	WINDOW_LEN = 3,
	BELLS = 16, /* a cache line for each side */
	BELL_WORDS = 16,
	HEADER_WORDS = BELLS + 2 * BELL_WORDS
};

#define MAGIC_WORD      0x4d535246u /* "FRSM" */
#define UNFINISHED_WORD 0x6d535246u /* "FRSm": while it is created */
#define VERSION_WORD    1u
#define PAGE            4096u
#define SLOTS_DEFAULT   8u
#define MODE            0600 /* whoever may write it may disturb both sides */
#define CREATE_LIMIT_MS 2000u
#define TRIES           5 /* openings that find another process creating or removing it */

/* Bytes of the file that locks name; what is in them does not matter. */
enum { LOCK_SIDE = 0, LOCK_CREATE = 2 };

struct layout {
	uint32_t slots, window_len;
	uint64_t window_at, size;
};

static uint64_t whole_pages(uint64_t len)
{
	return (len + PAGE - 1) / PAGE * PAGE;
}

/* False: no file has these sizes. */
static bool plan(struct layout *l, uint32_t slots, uint32_t window_len)
{
	if (slots - 1 >= FAR_MAILBOX_SLOTS_MAX || (slots & (slots - 1)) != 0)
		return false;
	if (window_len > FAR_LINUX_WINDOW_MAX || window_len % 64 != 0)
		return false;
	l->slots = slots;
	l->window_len = window_len;
	l->window_at = PAGE + whole_pages(FAR_MAILBOX_REGION_SIZE(slots));
	l->size = l->window_at + whole_pages(window_len);
	return true;
}

/* FAR_OK, FAR_ERR_BUSY (somebody else has it) or FAR_ERR_IO. */
static int set_lock(int fd, short type, off_t byte)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	if (fcntl(fd, F_OFD_SETLK, &l) == 0)
		return FAR_OK;
	return errno == EAGAIN || errno == EACCES ? FAR_ERR_BUSY : FAR_ERR_IO;
}

/* Creating takes a moment; a process that is stopped while at it must not stop us for good. */
static int lock_creation(int fd, const volatile sig_atomic_t *cancel)
{
	int64_t limit = far_linux_deadline(CREATE_LIMIT_MS);
	int err;

	while ((err = set_lock(fd, F_WRLCK, LOCK_CREATE)) == FAR_ERR_BUSY) {
		int64_t now = far_linux_now_ns();

		if (now >= limit)
			return FAR_ERR_BUSY;
		if (far_linux_nap(now + FAR_LINUX_NS_PER_MS, cancel) != FAR_OK)
			return FAR_ERR_CANCELLED;
	}
	return err;
}

static bool put_header(int fd, const uint32_t *word, size_t count)
{
	size_t len = count * sizeof(*word);

	return pwrite(fd, word, len, 0) == (ssize_t)len;
}

/* 0 or an errno. Every block is allocated here, lest a full disk be a SIGBUS later. */
static int fill(int fd, const struct layout *l)
{
	uint32_t header[HEADER_WORDS] = { UNFINISHED_WORD, VERSION_WORD, l->slots, l->window_len };
	int err;

	if (ftruncate(fd, 0) != 0 || !put_header(fd, header, 1))
		return errno;
	err = posix_fallocate(fd, 0, (off_t)l->size);
	if (err != 0)
		return err;
	header[MAGIC] = MAGIC_WORD;
	return put_header(fd, header, HEADER_WORDS) ? 0 : errno;
}

/*
 * A copy of a file may have holes, which would be a SIGBUS later if the disk is full. Not
 * posix_fallocate: where the file system cannot do it, it writes, which would disturb the peer.
 */
static int fill_holes(int fd, uint64_t size)
{
	if (fallocate(fd, 0, 0, (off_t)size) == 0 || errno == EOPNOTSUPP)
		return FAR_OK;
	return FAR_ERR_IO;
}

/* Under the creation lock. Failed: nothing is left. */
static int create(int fd, const struct far_linux_shared_config *c)
{
	struct layout l;
	int err;

	plan(&l, c->slots != 0 ? c->slots : SLOTS_DEFAULT, c->window_len);
	err = fill(fd, &l);
	if (err == 0)
		return FAR_OK;
	unlink(c->path); /* whoever waits for the lock finds the file without a name */
	errno = err;
	return FAR_ERR_IO;
}

/* The header is read once, and believed only as far as the size of the file bears it out. */
static int examine(struct far_linux_shared *s, uint64_t size, struct layout *l)
{
	uint32_t header[HEADER_WORDS] = { 0 };
	ssize_t got = pread(s->_state.fd, header, sizeof(header), 0);

	if (got < 0)
		return FAR_ERR_IO;
	s->_state.found = size;
	if (header[MAGIC] != MAGIC_WORD)
		return FAR_ERR_PROTO;
	if (got < (ssize_t)sizeof(header))
		return FAR_ERR_RANGE;
	if (header[VERSION] != VERSION_WORD) {
		s->_state.found = header[VERSION];
		return FAR_ERR_NOTSUP;
	}
	if (!plan(l, header[SLOTS], header[WINDOW_LEN]) || l->size != size)
		return FAR_ERR_RANGE;
	return FAR_OK;
}

/* New, or its creator was killed while at it. Nothing else is ever written over. */
static bool is_unfinished(int fd, uint64_t size)
{
	uint32_t magic;

	if (size == 0)
		return true;
	return pread(fd, &magic, sizeof(magic), 0) == sizeof(magic) && magic == UNFINISHED_WORD;
}

/* 1: the file was removed meanwhile, open again. */
static int prepare(struct far_linux_shared *s, const struct far_linux_shared_config *c,
		   struct layout *l)
{
	int fd = s->_state.fd;
	struct stat st;
	int err = lock_creation(fd, c->cancel);

	if (err == FAR_OK && fstat(fd, &st) != 0)
		err = FAR_ERR_IO;
	if (err != FAR_OK)
		return err;
	if (st.st_nlink == 0)
		return 1;
	if (!S_ISREG(st.st_mode))
		return FAR_ERR_PROTO;
	if (is_unfinished(fd, (uint64_t)st.st_size)) {
		err = create(fd, c);
		if (err == FAR_OK && fstat(fd, &st) != 0)
			err = FAR_ERR_IO;
	}
	if (err == FAR_OK)
		err = examine(s, (uint64_t)st.st_size, l);
	if (err == FAR_OK)
		err = set_lock(fd, F_WRLCK, LOCK_SIDE + (off_t)c->side);
	if (err == FAR_OK)
		err = fill_holes(fd, l->size);
	if (err == FAR_OK)
		err = set_lock(fd, F_UNLCK, LOCK_CREATE);
	return err;
}

/* The file, or a new one of our own. */
static int open_path(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
	return fd;
}

static int open_file(struct far_linux_shared *s, const struct far_linux_shared_config *c,
		     struct layout *l)
{
	for (int i = 0; i < TRIES; i++) {
		int err, fd = open_path(c->path);

		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0)
			return FAR_ERR_IO;
		s->_state.fd = fd;
		s->_state.is_open = true;
		err = prepare(s, c, l);
		if (err <= FAR_OK)
			return err;
		close(fd);
		s->_state.is_open = false;
	}
	errno = ENOENT;
	return FAR_ERR_IO;
}

static int map(struct far_linux_shared *s, const struct far_linux_shared_config *c,
	       const struct layout *l)
{
	uint8_t *base = mmap(NULL, l->size, PROT_READ | PROT_WRITE, MAP_SHARED, s->_state.fd, 0);
	uint32_t *bells;

	if ((void *)base == MAP_FAILED)
		return FAR_ERR_IO;
	bells = (uint32_t *)(void *)base + BELLS;
	s->_state.map = base;
	s->_state.map_len = l->size;
	far_linux_doorbell_init(s, bells + BELL_WORDS * c->side,
				bells + BELL_WORDS * (1 - c->side));
	s->mailbox = (struct far_mailbox_config){
		.region = base + PAGE,
		.region_size = FAR_MAILBOX_REGION_SIZE(l->slots),
		.side = c->side,
		.slots = l->slots,
		.doorbell = &s->doorbell,
		.clock = &s->clock.clock,
	};
	s->window = l->window_len > 0 ? base + l->window_at : NULL;
	s->window_len = l->window_len;
	return FAR_OK;
}

int far_linux_shared_open(struct far_linux_shared *s, const struct far_linux_shared_config *config)
{
	struct layout l;
	int err;

	memset(s, 0, sizeof(*s));
	if (config->path == NULL || config->side > 1 ||
	    !plan(&l, config->slots != 0 ? config->slots : SLOTS_DEFAULT, config->window_len))
		return FAR_ERR_ARG;
	s->_state.cancel = config->cancel;
	far_linux_clock_init(&s->clock, config->cancel);
	err = open_file(s, config, &l);
	if (err == FAR_OK)
		err = map(s, config, &l);
	if (err != FAR_OK) {
		int saved = errno;

		far_linux_shared_close(s);
		errno = saved;
	}
	return err;
}

void far_linux_shared_close(struct far_linux_shared *s)
{
	if (s->_state.map != NULL)
		munmap(s->_state.map, s->_state.map_len);
	if (s->_state.is_open)
		close(s->_state.fd);
	s->_state.map = NULL;
	s->_state.is_open = false;
}

bool far_linux_shared_peer_lives(const struct far_linux_shared *s)
{
	struct flock l = { .l_type = F_WRLCK,
			   .l_whence = SEEK_SET,
			   .l_start = LOCK_SIDE + 1 - (off_t)s->mailbox.side,
			   .l_len = 1 };

	return fcntl(s->_state.fd, F_OFD_GETLK, &l) != 0 || l.l_type != F_UNLCK;
}

const char *far_linux_shared_explain(const struct far_linux_shared *s,
				     const struct far_linux_shared_config *config, int err,
				     char *text, size_t cap)
{
	const char *path = config->path != NULL ? config->path : "(no path)";
	uint64_t found = s->_state.found;

	if (err == FAR_ERR_ARG)
		snprintf(
			text, cap,
			"side %" PRIu32 ", %" PRIu32 " slots, window of %" PRIu32
			" bytes: the side is 0 or 1, slots are a power of two up to %u, the window "
			"is a multiple of 64 up to %u",
			config->side, config->slots, config->window_len, FAR_MAILBOX_SLOTS_MAX,
			FAR_LINUX_WINDOW_MAX);
	else if (err == FAR_ERR_BUSY)
		snprintf(text, cap, "%s: another process has side %" PRIu32 ": end it", path,
			 config->side);
	else if (err == FAR_ERR_PROTO)
		snprintf(text, cap, "%s is not a mailbox file: name another one, or a new one",
			 path);
	else if (err == FAR_ERR_NOTSUP)
		snprintf(text, cap,
			 "%s is a mailbox file of version %" PRIu64
			 ", not %u: end its processes and remove it",
			 path, found, VERSION_WORD);
	else if (err == FAR_ERR_RANGE)
		snprintf(text, cap,
			 "%s has %" PRIu64 " bytes, which is not what its header says: end its "
			 "processes and remove it",
			 path, found);
	else if (err == FAR_ERR_CANCELLED)
		snprintf(text, cap, "interrupted");
	else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		snprintf(text, cap,
			 "cannot share %s: %s: make room, or name a place with more, such as "
			 "/dev/shm",
			 path, strerror(errno));
	else
		snprintf(text, cap, "cannot share %s: %s", path, strerror(errno));
	return text;
}
