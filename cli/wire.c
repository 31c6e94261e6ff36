/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client at a time on a pseudo terminal or a TCP connection, as bytes that come and go without
 * waiting. What a real line has beside bytes is here, too: a rate that may be the wrong one, and a
 * cable that is pulled.
 *
 * A pseudo terminal tells nobody who opens it. So its slave is kept open, which makes the master
 * last, and inotify counts those who open and close it.
 */
#include "cli/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "cli/report.h"
#include "cli/wire_open.h"

#define RFC2217 "rfc2217:"

static const struct {
	const char *prefix;
	enum cli_exit (*open)(struct cli *c, struct cli_wire *w, const char *where);
} kinds[] = {
	{ "pty:", cli_wire_open_pty },
	{ "tcp:", cli_wire_open_tcp },
	{ RFC2217, cli_wire_open_rfc2217 },
};

/* Everything is closed until a kind has opened it, so that closing is possible at any time. */
enum cli_exit cli_wire_open(struct cli *c, struct cli_wire *w, const char *where)
{
	*w = (struct cli_wire){ .fd = -1, .event_fd = -1, .slave_fd = -1 };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i].prefix);
		if (strncmp(where, kinds[i].prefix, n) == 0)
			return kinds[i].open(c, w, where + n);
	}
	return cli_fail(c, CLI_USAGE,
			"cannot listen on '%s': it is pty:PATH, tcp:HOST:PORT or rfc2217:HOST:PORT",
			where);
}

bool cli_wire_has_lines(const char *where)
{
	return strncmp(where, RFC2217, strlen(RFC2217)) == 0;
}

void cli_wire_close(struct cli_wire *w)
{
	char target[sizeof(w->slave)];
	ssize_t n = w->link[0] ? readlink(w->link, target, sizeof(target)) : -1;
	/* Only if it is still ours. */
	if (n > 0 && (size_t)n == strlen(w->slave) && memcmp(target, w->slave, (size_t)n) == 0)
		unlink(w->link);
	int fds[] = { w->fd, w->slave_fd, w->event_fd };
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

static bool is_pty(const struct cli_wire *w)
{
	return w->slave_fd >= 0;
}

/*
 * Clients that opened and closed the slave. With the last one gone, what it did not read goes too,
 * as it would from the driver of a closed serial port.
 */
static void pty_event(struct cli_wire *w)
{
	_Alignas(struct inotify_event) char buf[1024];
	unsigned before = w->clients;
	ssize_t n = read(w->event_fd, buf, sizeof(buf));
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (const void *)(buf + at);
		if (e->mask & IN_OPEN)
			w->clients++;
		else if (w->clients > 0)
			w->clients--;
		w->left |= w->clients == 0;
		at += (ssize_t)(sizeof(*e) + e->len);
	}
	if (before > 0 && w->clients == 0)
		tcflush(w->slave_fd, TCIFLUSH);
}

/* A TCP client that comes while another is served waits in the listener's queue. */
void cli_wire_event(struct cli_wire *w)
{
	if (is_pty(w)) {
		pty_event(w);
		return;
	}
	if (w->fd >= 0)
		return;
	w->fd = accept4(w->event_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (w->fd >= 0 && w->has_lines)
		cli_comport_begin(&w->comport);
}

/* With RFC 2217 the lines fall, too: the chip may come out of reset by that. */
static void let_go(struct cli_wire *w)
{
	close(w->fd);
	w->fd = -1;
	w->left = true;
	if (w->has_lines)
		cli_comport_end(&w->comport);
}

/* The master of a pseudo terminal stays: its slave is kept open. */
static size_t lost(struct cli_wire *w)
{
	if (errno != EAGAIN && errno != EINTR && !is_pty(w))
		let_go(w);
	return 0;
}

/* The end of a connection is a read of 0, for which errno has to be no old one. */
static size_t read_raw(struct cli_wire *w, uint8_t *buf, size_t cap)
{
	errno = 0;
	ssize_t n = read(w->fd, buf, cap);
	return n > 0 ? (size_t)n : lost(w);
}

static size_t write_raw(struct cli_wire *w, const uint8_t *buf, size_t len)
{
	ssize_t n = write(w->fd, buf, len);
	return n > 0 ? (size_t)n : lost(w);
}

/* What the server has to say goes out as far as the client takes it. */
static void send_pending(struct cli_wire *w)
{
	const uint8_t *bytes;
	size_t len;
	while (w->fd >= 0 && (len = cli_comport_pending(&w->comport, &bytes)) > 0) {
		size_t n = write_raw(w, bytes, len);
		cli_comport_sent(&w->comport, n);
		if (n == 0)
			return;
	}
}

/* Only as many as there is room for the answers to; see cli_comport_may_take. */
size_t cli_wire_read(struct cli_wire *w, uint8_t *buf, size_t cap)
{
	if (w->fd < 0 || cap == 0)
		return 0;
	if (!w->has_lines)
		return read_raw(w, buf, cap);
	size_t may = cli_comport_may_take(&w->comport);
	size_t n = may > 0 ? read_raw(w, buf, cap < may ? cap : may) : 0;
	n = cli_comport_take(&w->comport, buf, n);
	send_pending(w);
	return n;
}

/* Also of 0 bytes with RFC 2217: answers may be pending. */
size_t cli_wire_write(struct cli_wire *w, const uint8_t *buf, size_t len)
{
	if (w->fd < 0)
		return 0;
	if (!w->has_lines)
		return len > 0 ? write_raw(w, buf, len) : 0;
	len = cli_comport_put(&w->comport, buf, len);
	send_pending(w);
	return len;
}

/* Waiting for what cannot be done would be a loop that never sleeps. */
short cli_wire_poll(const struct cli_wire *w, bool room, bool unsent)
{
	const uint8_t *bytes;
	if (w->has_lines) {
		room = room && cli_comport_may_take(&w->comport) > 0;
		unsent = (unsent && cli_comport_may_put(&w->comport)) ||
			 cli_comport_pending(&w->comport, &bytes) > 0;
	}
	return (short)((room ? POLLIN : 0) | (unsent ? POLLOUT : 0));
}

bool cli_wire_pull(struct cli_wire *w)
{
	if (is_pty(w))
		return w->clients == 0;
	if (w->fd >= 0)
		let_go(w);
	return true;
}

/* 0 is a terminal at rate B0, hung up, or one that cannot be asked. */
uint32_t cli_wire_baud(const struct cli_wire *w, uint32_t chip_baud)
{
	if (w->has_lines)
		return w->comport.baud;
	uint32_t baud = is_pty(w) ? cli_pty_baud(w->slave_fd) : 0;
	return baud ? baud : chip_baud;
}

uint8_t cli_wire_sample(uint8_t byte, uint32_t tx_baud, uint32_t rx_baud)
{
	/* Start bit, eight data bits with the lowest first, stop bit; then the line idles high. */
	const uint32_t frame = (uint32_t)byte << 1 | 0x200;
	uint8_t heard = 0;
	for (uint32_t i = 1; i <= 8; i++) {
		/* The middle of the receiver's bit i, in the sender's bit times. */
		uint64_t at = (2 * (uint64_t)i + 1) * tx_baud / (2 * (uint64_t)rx_baud);
		bool high = at > 9 || (frame >> at & 1) != 0;
		if (high)
			heard |= (uint8_t)(1u << (i - 1));
	}
	return heard;
}
