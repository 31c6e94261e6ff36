/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "port/linux/internal.h"

/* Both lines change in one system call, and with most adapters in one USB transfer. */
static int set_lines(struct far_stream *st, unsigned lines)
{
	struct far_linux_stream *s = (struct far_linux_stream *)(void *)st;
	int bits;

	if (s->_state.gone)
		return FAR_ERR_IO;
	if (!s->_state.has_lines)
		return FAR_ERR_NOTSUP;
	if (ioctl(s->_state.fd, TIOCMGET, &bits) != 0)
		return far_linux_stream_gone(s);
	bits &= ~(TIOCM_DTR | TIOCM_RTS);
	if (lines & FAR_LINE_DTR)
		bits |= TIOCM_DTR;
	if (lines & FAR_LINE_RTS)
		bits |= TIOCM_RTS;
	if (ioctl(s->_state.fd, TIOCMSET, &bits) == 0)
		return FAR_OK;
	if (errno == ENOTTY || errno == EINVAL) {
		s->_state.has_lines = false;
		return FAR_ERR_NOTSUP;
	}
	return far_linux_stream_gone(s);
}

static int set_baud(struct far_stream *st, uint32_t baud)
{
	struct far_linux_stream *s = (struct far_linux_stream *)(void *)st;
	int err;

	if (baud == 0)
		return FAR_ERR_ARG; /* to the kernel: hang up */
	err = far_linux_stream_drain(st);
	if (err)
		return err;
	err = far_linux_tty_set_baud(s->_state.fd, baud);
	if (err == FAR_ERR_IO)
		return far_linux_stream_gone(s);
	if (err)
		return err;
	st->baud = baud;
	return FAR_OK;
}

static const struct far_stream_ops serial_ops = {
	.read = far_linux_stream_read,
	.write = far_linux_stream_write,
	.drain = far_linux_stream_drain,
	.set_baud = set_baud,
	.set_lines = set_lines,
};

/*
 * flock decides between programs that use it, root's included. TIOCEXCL also keeps out those that
 * do not, but not on a pseudo terminal: there the mark outlives a killed program as long as the
 * master is open, and nobody but root could open it again.
 */
static int lock(const struct far_linux_stream *s)
{
	if (flock(s->_state.fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? FAR_ERR_BUSY : FAR_ERR_IO;
	if (s->_state.has_lines)
		ioctl(s->_state.fd, TIOCEXCL);
	return FAR_OK;
}

int far_linux_open_serial(struct far_linux_stream *s, const char *path, uint32_t baud,
			  volatile sig_atomic_t *cancel)
{
	int bits, err;

	far_linux_stream_init(s, baud, cancel);
	if (path == NULL || baud == 0)
		return FAR_ERR_ARG;
	s->_state.fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (s->_state.fd < 0)
		return errno == EBUSY ? FAR_ERR_BUSY : FAR_ERR_IO;
	s->_state.is_tty = isatty(s->_state.fd) != 0;
	if (!s->_state.is_tty)
		return far_linux_stream_fail(s, FAR_ERR_ARG);
	s->_state.has_lines = ioctl(s->_state.fd, TIOCMGET, &bits) == 0;
	/* Locked first: the settings of a port in use are not ours to change. */
	err = lock(s);
	if (!err)
		err = far_linux_tty_setup(s->_state.fd, baud);
	if (err)
		return far_linux_stream_fail(s, err);
	s->stream.ops = &serial_ops;
	s->_state.gone = false;
	return FAR_OK;
}
