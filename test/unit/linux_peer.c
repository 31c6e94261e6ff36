/* SPDX-License-Identifier: Apache-2.0 */
#include <asm/termbits.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "test/unit/linux_peer.h"

#define WAIT_MS 5000

volatile sig_atomic_t peer_cancel;
static volatile sig_atomic_t alarms;
static volatile sig_atomic_t alarm_cancels;

int peer_pty(char *path, size_t cap)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);

	assert_true(fd >= 0);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	assert_int_equal(ptsname_r(fd, path, cap), 0);
	return fd;
}

int peer_pending(int fd)
{
	int n = 0;

	assert_int_equal(ioctl(fd, FIONREAD, &n), 0);
	return n;
}

size_t peer_wait(int fd, void *buf, size_t cap)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	n = read(fd, buf, cap);
	assert_true(n > 0);
	return (size_t)n;
}

void peer_expect(int fd, const void *bytes, size_t len)
{
	uint8_t buf[1024];
	size_t got = 0;

	assert_in_range(len, 1, sizeof(buf));
	while (got < len)
		got += peer_wait(fd, buf + got, len - got);
	assert_memory_equal(buf, bytes, len);
}

void peer_send(int fd, const void *bytes, size_t len)
{
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
}

static struct {
	pthread_t thread;
	int fd;
	uint8_t *buf;
	size_t len, got;
} collector;

/* No assertions here: they only work in the test's own thread. */
static void *collect(void *arg)
{
	struct pollfd p = { .fd = collector.fd, .events = POLLIN };

	(void)arg;
	while (collector.got < collector.len && poll(&p, 1, WAIT_MS) == 1) {
		ssize_t n = read(collector.fd, collector.buf + collector.got,
				 collector.len - collector.got);

		if (n <= 0)
			break;
		collector.got += (size_t)n;
	}
	return NULL;
}

void peer_collect(int fd, void *buf, size_t len)
{
	collector.fd = fd;
	collector.buf = buf;
	collector.len = len;
	collector.got = 0;
	assert_int_equal(pthread_create(&collector.thread, NULL, collect, NULL), 0);
}

size_t peer_collected(void)
{
	assert_int_equal(pthread_join(collector.thread, NULL), 0);
	return collector.got;
}

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
	if (alarm_cancels)
		peer_cancel = 1;
}

void peer_alarm(int ms, enum peer_alarm what)
{
	const struct sigaction action = { .sa_handler = on_alarm }; /* no SA_RESTART */
	const struct timeval t = { .tv_usec = ms * 1000 };
	const struct itimerval every = { .it_interval = t, .it_value = t };

	alarms = 0;
	alarm_cancels = what == PEER_ALARM_CANCEL;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &every, NULL), 0);
}

void peer_stop_alarm(void)
{
	const struct itimerval never = { .it_value.tv_sec = 0 };

	setitimer(ITIMER_REAL, &never, NULL);
}

int peer_alarms(void)
{
	return alarms;
}

struct peer_settings peer_settings(int fd)
{
	struct termios2 t;
	struct peer_settings s;

	assert_int_equal(ioctl(fd, TCGETS2, &t), 0);
	s.raw_8n1 = (t.c_iflag & ~(tcflag_t)IGNBRK) == 0 && t.c_oflag == 0 && t.c_lflag == 0 &&
		    (t.c_cflag & CSIZE) == CS8 && (t.c_cflag & CREAD) != 0 &&
		    (t.c_cflag & CLOCAL) != 0 && (t.c_cflag & (PARENB | CSTOPB)) == 0;
	s.hangs_up = (t.c_cflag & HUPCL) != 0;
	s.flow_control = (t.c_cflag & CRTSCTS) != 0 || (t.c_iflag & (IXON | IXOFF)) != 0;
	s.baud = t.c_ospeed;
	return s;
}
