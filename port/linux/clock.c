/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "port/linux/internal.h"

/*
 * A signal that arrives just before a system call does not interrupt it, and the flag may be set by
 * another thread. So no wait that can be cancelled is longer than this without a look at the flag.
 */
#define SLICE_NS (100 * FAR_LINUX_NS_PER_MS)

int64_t far_linux_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with this clock */
	return (int64_t)t.tv_sec * 1000 * FAR_LINUX_NS_PER_MS + t.tv_nsec;
}

int64_t far_linux_deadline(uint32_t ms)
{
	return far_linux_now_ns() + (int64_t)ms * FAR_LINUX_NS_PER_MS;
}

bool far_linux_cancelled(const volatile sig_atomic_t *cancel)
{
	return cancel != NULL && *cancel != 0;
}

/* The end of the next wait: the deadline, or earlier if the flag has to be looked at. */
static int64_t slice_end(int64_t deadline_ns, const volatile sig_atomic_t *cancel)
{
	int64_t slice = far_linux_now_ns() + SLICE_NS;

	return cancel != NULL && slice < deadline_ns ? slice : deadline_ns;
}

int far_linux_nap(int64_t deadline_ns, const volatile sig_atomic_t *cancel)
{
	while (!far_linux_cancelled(cancel)) {
		int64_t end = slice_end(deadline_ns, cancel);
		struct timespec t = {
			.tv_sec = (time_t)(end / (1000 * FAR_LINUX_NS_PER_MS)),
			.tv_nsec = (long)(end % (1000 * FAR_LINUX_NS_PER_MS)),
		};

		/* The end is absolute: after an interruption the same call goes on. */
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		if (far_linux_now_ns() >= deadline_ns)
			return FAR_OK;
	}
	return FAR_ERR_CANCELLED;
}

/* Whole milliseconds for poll, rounded up lest it spins through the last one. */
static int poll_ms(int64_t end_ns)
{
	int64_t ms = (end_ns - far_linux_now_ns() + FAR_LINUX_NS_PER_MS - 1) / FAR_LINUX_NS_PER_MS;

	if (ms < 0)
		return 0;
	return ms > 60000 ? 60000 : (int)ms;
}

int far_linux_wait(int fd, short events, int64_t deadline_ns, const volatile sig_atomic_t *cancel)
{
	struct pollfd p = { .fd = fd, .events = events };

	while (!far_linux_cancelled(cancel)) {
		int n = poll(&p, 1, poll_ms(slice_end(deadline_ns, cancel)));

		if (n > 0)
			return 1; /* or an error, which the read or write will tell */
		if (n < 0 && errno != EINTR)
			return FAR_ERR_IO;
		if (n == 0 && far_linux_now_ns() >= deadline_ns)
			return 0;
	}
	return FAR_ERR_CANCELLED;
}

static uint32_t clock_now_ms(struct far_clock *c)
{
	(void)c;
	return (uint32_t)(far_linux_now_ns() / FAR_LINUX_NS_PER_MS);
}

static void clock_sleep_ms(struct far_clock *c, uint32_t ms)
{
	struct far_linux_clock *self = (struct far_linux_clock *)(void *)c;

	far_linux_nap(far_linux_deadline(ms), self->cancel);
}

static const struct far_clock_ops clock_ops = {
	.now_ms = clock_now_ms,
	.sleep_ms = clock_sleep_ms,
};

void far_linux_clock_init(struct far_linux_clock *c, volatile sig_atomic_t *cancel)
{
	c->clock.ops = &clock_ops;
	c->cancel = cancel;
}
