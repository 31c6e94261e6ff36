/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that two processes share, in a file that both map: a mailbox region with its doorbells,
 * and a window for bulk data. Each process takes one side; the kernel frees the side when the
 * process dies, however it dies, and the file serves the next one.
 */
#ifndef FARFLASH_PORT_LINUX_SHARED_H
#define FARFLASH_PORT_LINUX_SHARED_H

#include "farflash/mailbox.h"
#include "port/linux/linux.h"

#define FAR_LINUX_WINDOW_MAX 0x10000000u /* 256 MiB */

struct far_linux_shared_config {
	const char *path; /* on a file system that maps and locks; tmpfs (/dev/shm) is best */
	uint32_t side;    /* 0 or 1 */
	/*
	 * For a file that is created, which happens when there is none or an empty one. An existing
	 * one keeps what it was created with.
	 */
	uint32_t slots;      /* per ring, a power of two up to 64; 0: 8 */
	uint32_t window_len; /* bytes, a multiple of 64 up to FAR_LINUX_WINDOW_MAX; 0: no window */
	volatile sig_atomic_t *cancel; /* as in linux.h; NULL: cannot be cancelled */
};

/* Stays in place from open to close. */
struct far_linux_shared {
	/*
	 * ring and wait, no lock: calls on this mailbox come from one thread at a time. wait
	 * returns within 50 ms even if nobody rings, so that nothing the peer does to the words
	 * behind it costs more than that. A set *cancel is seen as fast.
	 */
	struct far_doorbell doorbell;
	struct far_linux_clock clock;
	struct far_mailbox_config mailbox; /* complete; reserved, notice and user are free */
	void *window;                      /* as in farflash/board.h */
	uint32_t window_len;
	struct {
		volatile sig_atomic_t *cancel;
		int fd;
		bool is_open;
		void *map;
		size_t map_len;
		uint64_t found; /* what was wrong with the file: a size or a version */
		uint32_t *own;  /* bell words, the own side's and the peer's */
		uint32_t *peer;
		uint32_t seen;  /* rings that a wait has returned for */
		uint32_t looks; /* for a ring, before it sleeps */
	} _state;
};

/*
 * Open or create the file, take the side, map. Waits up to 2 s for a process that is creating it.
 * A forked child that keeps the descriptor keeps the side as well (exec closes it).
 *
 * FAR_ERR_ARG: path is NULL, or side, slots or window_len impossible.
 * FAR_ERR_BUSY: another process has this side.
 * FAR_ERR_PROTO: not such a file. FAR_ERR_NOTSUP: such a file, of another version.
 * FAR_ERR_RANGE: such a file, but cut short or lengthened, or its sizes are impossible.
 * FAR_ERR_IO: errno says why: EACCES or EROFS (read-only), ENOSPC, EDQUOT or EFBIG (no room; of a
 * new file nothing is left behind), ...
 * FAR_ERR_CANCELLED.
 *
 * Whoever may write the file may also cut it short while it is mapped; the next access is then a
 * SIGBUS, which a program that must survive that has to handle.
 */
int far_linux_shared_open(struct far_linux_shared *s, const struct far_linux_shared_config *config);

/* Unmap and give the side back. The file stays. Also after a failed open; all zero is fine, too. */
void far_linux_shared_close(struct far_linux_shared *s);

/*
 * Whether a process has the other side now. One that dies gives it back at once, however it dies;
 * one that is only slow keeps it. A system call; true if that fails.
 */
bool far_linux_shared_peer_lives(const struct far_linux_shared *s);

/*
 * What a failed open means and what to do about it, as a line for a person (errno still as it left
 * it). Returns text.
 */
const char *far_linux_shared_explain(const struct far_linux_shared *s,
				     const struct far_linux_shared_config *config, int err,
				     char *text, size_t cap);

#endif
