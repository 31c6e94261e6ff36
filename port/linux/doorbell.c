/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doorbells between processes. Each side has two words in the file: how often it was rung, which is
 * a futex, and whether it sleeps, which saves the peer a system call when it does not.
 *
 * No ring is lost: the ringer counts, then looks whether the other sleeps; the sleeper says that it
 * sleeps, then looks at the count (the kernel looks once more). One of them sees the other. What a
 * hostile or half-dead peer makes of the words can only end a wait early, or let it last its slice.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "port/linux/internal.h"

enum { COUNT = 0, SLEEPS = 1 };

#define SLICE_MS 50u

/*
 * Looks before it sleeps: some microseconds, less than a sleep and a wake cost. A peer on another
 * core that answers at once is then not made to wake anybody.
 */
#define LOOKS 400u

static struct far_linux_shared *self_of(struct far_doorbell *d)
{
	return (struct far_linux_shared *)(void *)d;
}

static long futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

static void ring(struct far_doorbell *d)
{
	uint32_t *peer = self_of(d)->_state.peer;
	int saved = errno;

	__atomic_fetch_add(&peer[COUNT], 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&peer[SLEEPS], __ATOMIC_SEQ_CST) != 0)
		futex(&peer[COUNT], FUTEX_WAKE, INT_MAX, NULL);
	errno = saved;
}

/* Look for a ring a little while. On a single core that would only keep the peer from ringing. */
static void look_for_ring(const struct far_linux_shared *s)
{
	for (unsigned i = 0; i < s->_state.looks; i++) {
		if (__atomic_load_n(&s->_state.own[COUNT], __ATOMIC_ACQUIRE) != s->_state.seen)
			return;
#if defined(__x86_64__) || defined(__i386__)
		__builtin_ia32_pause();
#endif
	}
}

static int sleep_for(struct far_linux_shared *s, uint32_t ms)
{
	struct timespec t = { .tv_nsec = (long)(ms * FAR_LINUX_NS_PER_MS) };
	uint32_t *own = s->_state.own;
	int err = FAR_OK;

	__atomic_store_n(&own[SLEEPS], 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&own[COUNT], __ATOMIC_SEQ_CST) == s->_state.seen &&
	    futex(&own[COUNT], FUTEX_WAIT, s->_state.seen, &t) != 0 && errno != EAGAIN &&
	    errno != EINTR && errno != ETIMEDOUT)
		err = FAR_ERR_IO;
	__atomic_store_n(&own[SLEEPS], 0, __ATOMIC_RELAXED);
	return err;
}

static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct far_linux_shared *s = self_of(d);
	int err = FAR_OK;

	if (far_linux_cancelled(s->_state.cancel))
		return FAR_ERR_CANCELLED;
	look_for_ring(s);
	if (__atomic_load_n(&s->_state.own[COUNT], __ATOMIC_ACQUIRE) == s->_state.seen)
		err = sleep_for(s, timeout_ms < SLICE_MS ? timeout_ms : SLICE_MS);
	s->_state.seen = __atomic_load_n(&s->_state.own[COUNT], __ATOMIC_ACQUIRE);
	return far_linux_cancelled(s->_state.cancel) ? FAR_ERR_CANCELLED : err;
}

static const struct far_doorbell_ops ops = { .ring = ring, .wait = wait };

void far_linux_doorbell_init(struct far_linux_shared *s, uint32_t *own, uint32_t *peer)
{
	s->doorbell.ops = &ops;
	s->_state.own = own;
	s->_state.peer = peer;
	s->_state.looks = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? LOOKS : 0;
	s->_state.seen = __atomic_load_n(&own[COUNT], __ATOMIC_ACQUIRE);
}
