/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "port/linux/internal.h"

#define BITS_PER_BYTE  10u   /* 8N1: start bit, 8 data bits, stop bit */
#define WRITE_SLACK_MS 1000u /* beyond the time on the wire: scheduling, USB, network */

static struct far_linux_stream *self_of(struct far_stream *st)
{
	return (struct far_linux_stream *)(void *)st;
}

int far_linux_stream_gone(struct far_linux_stream *s)
{
	s->_state.gone = true;
	s->_state.tx_len = 0;
	return FAR_ERR_IO;
}

/* Bytes that the kernel still has to send; a negative number: the port is gone. */
static int unsent(const struct far_linux_stream *s)
{
	int n = 0;

	if (ioctl(s->_state.fd, s->_state.is_tty ? TIOCOUTQ : SIOCOUTQNSD, &n) != 0)
		return -1;
	return n;
}

/* When len bytes, and those that the kernel holds already, must have left. */
static int64_t write_deadline(const struct far_linux_stream *s, size_t len)
{
	int queued = unsent(s);
	uint64_t bits = (len + (queued > 0 ? (size_t)queued : 0)) * BITS_PER_BYTE;

	return far_linux_deadline(WRITE_SLACK_MS + (uint32_t)(bits * 1000 / s->stream.baud));
}

static ssize_t put(const struct far_linux_stream *s, const uint8_t *buf, size_t len)
{
	if (s->_state.is_tty)
		return write(s->_state.fd, buf, len);
	return send(s->_state.fd, buf, len, MSG_NOSIGNAL);
}

static bool is_temporary(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR;
}

static int send_all(struct far_linux_stream *s, const uint8_t *buf, size_t len)
{
	int64_t deadline = write_deadline(s, len);

	while (len > 0) {
		ssize_t n = put(s, buf, len);
		int ready;

		if (n > 0) {
			buf += n;
			len -= (size_t)n;
			continue;
		}
		if (n < 0 && !is_temporary(errno))
			return far_linux_stream_gone(s);
		/* A port that says it is ready and takes nothing must not keep us here. */
		ready = far_linux_wait(s->_state.fd, POLLOUT, deadline, s->_state.cancel);
		if (ready == FAR_ERR_IO)
			return far_linux_stream_gone(s);
		if (ready < 0)
			return ready;
		if (far_linux_now_ns() >= deadline)
			return FAR_ERR_TIMEOUT;
	}
	return FAR_OK;
}

/*
 * Send what was held back. After a failure the rest is dropped: half a frame is of no use to the
 * chip, and sent later it would spoil the next one.
 */
static int flush(struct far_linux_stream *s)
{
	size_t len = s->_state.tx_len;

	if (s->_state.gone)
		return FAR_ERR_IO;
	if (far_linux_cancelled(s->_state.cancel))
		return FAR_ERR_CANCELLED;
	s->_state.tx_len = 0;
	return len > 0 ? send_all(s, s->_state.tx, len) : FAR_OK;
}

int far_linux_stream_read(struct far_stream *st, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct far_linux_stream *s = self_of(st);
	int64_t deadline;
	int err = flush(s);

	if (err)
		return err;
	deadline = far_linux_deadline(timeout_ms);
	do {
		int ready = far_linux_wait(s->_state.fd, POLLIN, deadline, s->_state.cancel);
		ssize_t n;

		if (ready == FAR_ERR_IO)
			return far_linux_stream_gone(s);
		if (ready <= 0)
			return ready;
		n = read(s->_state.fd, buf, cap > INT_MAX ? INT_MAX : cap);
		if (n > 0)
			return (int)n;
		if (n == 0 || !is_temporary(errno))
			return far_linux_stream_gone(s);
	} while (far_linux_now_ns() < deadline);
	return 0;
}

int far_linux_stream_write(struct far_stream *st, const uint8_t *buf, size_t len)
{
	struct far_linux_stream *s = self_of(st);

	if (s->_state.gone)
		return FAR_ERR_IO;
	while (len > 0) {
		size_t room = sizeof(s->_state.tx) - s->_state.tx_len;
		size_t n = len < room ? len : room;

		memcpy(s->_state.tx + s->_state.tx_len, buf, n);
		s->_state.tx_len += n;
		buf += n;
		len -= n;
		if (s->_state.tx_len == sizeof(s->_state.tx)) {
			int err = flush(s);

			if (err)
				return err;
		}
	}
	return FAR_OK;
}

/*
 * tcdrain alone would wait for ever for a USB chip that stopped taking data. With the kernel's
 * queue empty all it still waits for is the UART's own buffer, and for that the drivers have a
 * bound of their own.
 */
int far_linux_stream_drain(struct far_stream *st)
{
	struct far_linux_stream *s = self_of(st);
	int64_t deadline;
	int queued, err = flush(s);

	if (err)
		return err;
	deadline = write_deadline(s, 0);
	while ((queued = unsent(s)) > 0) {
		int64_t ms = (int64_t)queued * BITS_PER_BYTE * 1000 / s->stream.baud + 1;
		int64_t now = far_linux_now_ns();

		if (now >= deadline)
			return FAR_ERR_TIMEOUT;
		err = far_linux_nap(now + (ms > 20 ? 20 : ms) * FAR_LINUX_NS_PER_MS,
				    s->_state.cancel);
		if (err)
			return err;
	}
	while (s->_state.is_tty && queued == 0 && tcdrain(s->_state.fd) != 0) {
		if (errno != EINTR)
			queued = -1;
		else if (far_linux_cancelled(s->_state.cancel))
			return FAR_ERR_CANCELLED;
	}
	return queued < 0 ? far_linux_stream_gone(s) : FAR_OK;
}

/* Until it is opened a stream behaves as one that has vanished. */
static const struct far_stream_ops closed_ops = {
	.read = far_linux_stream_read,
	.write = far_linux_stream_write,
	.drain = far_linux_stream_drain,
};

void far_linux_stream_init(struct far_linux_stream *s, uint32_t baud, volatile sig_atomic_t *cancel)
{
	s->stream.ops = &closed_ops;
	s->stream.baud = baud;
	s->_state.cancel = cancel;
	s->_state.fd = -1;
	s->_state.is_tty = false;
	s->_state.has_lines = false;
	s->_state.gone = true;
	s->_state.tx_len = 0;
}

int far_linux_stream_fail(struct far_linux_stream *s, int err)
{
	int saved = errno;

	far_linux_close(s);
	errno = saved;
	return err;
}

void far_linux_close(struct far_linux_stream *s)
{
	if (s->stream.ops == NULL || s->_state.fd < 0)
		return;
	if (s->_state.has_lines)
		ioctl(s->_state.fd, TIOCNXCL);
	close(s->_state.fd); /* unlocks */
	far_linux_stream_init(s, s->stream.baud, s->_state.cancel);
}
