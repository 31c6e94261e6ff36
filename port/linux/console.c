/* SPDX-License-Identifier: Apache-2.0 */
#include "port/linux/console.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "port/linux/internal.h"

#define WRITE_LIMIT_MS 5000u

static struct far_linux_console *self_of(struct far_stream *s)
{
	return (struct far_linux_console *)(void *)s;
}

static int console_read(struct far_stream *st, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct far_linux_console *c = self_of(st);
	int64_t deadline = far_linux_deadline(timeout_ms);
	ssize_t n;
	int ready;

	if (c->_state.in < 0)
		return far_linux_nap(deadline, c->_state.cancel);
	ready = far_linux_wait(c->_state.in, POLLIN, deadline, c->_state.cancel);
	if (ready <= 0)
		return ready;
	n = read(c->_state.in, buf, cap > INT_MAX ? INT_MAX : cap);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n > 0 ? (int)n : FAR_ERR_IO;
}

/* A pipe that is ready takes PIPE_BUF bytes without blocking. */
static int console_write(struct far_stream *st, const uint8_t *buf, size_t len)
{
	struct far_linux_console *c = self_of(st);
	int64_t deadline = far_linux_deadline(WRITE_LIMIT_MS);

	while (len > 0) {
		int ready = far_linux_wait(c->_state.out, POLLOUT, deadline, c->_state.cancel);
		ssize_t n;

		if (ready <= 0)
			return ready == 0 ? FAR_ERR_TIMEOUT : ready;
		n = write(c->_state.out, buf, len < PIPE_BUF ? len : PIPE_BUF);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return FAR_ERR_IO;
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		}
	}
	return FAR_OK;
}

static int console_drain(struct far_stream *st)
{
	(void)st;
	return FAR_OK;
}

static const struct far_stream_ops ops = {
	.read = console_read,
	.write = console_write,
	.drain = console_drain,
};

void far_linux_console_init(struct far_linux_console *c, int in, int out,
			    volatile sig_atomic_t *cancel)
{
	c->stream.ops = &ops;
	c->stream.baud = 115200;
	c->_state.cancel = cancel;
	c->_state.in = in;
	c->_state.out = out;
}
