/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/linux/internal.h"

#define HOST_MAX 253 /* a DNS name in text form, RFC 1035 */
#define PORT_MAX 65535

struct target {
	char host[HOST_MAX + 1];
	char port[6];
};

static bool parse_port(const char *text, char port[6])
{
	size_t len = strlen(text);
	long n = 0;

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return false;
	for (size_t i = 0; i < len; i++)
		n = n * 10 + (text[i] - '0');
	memcpy(port, text, len + 1);
	return n > 0 && n <= PORT_MAX;
}

/* "host:port", or "[host]:port" where the host has colons of its own. */
static bool parse(const char *text, struct target *t)
{
	const char *colon = strrchr(text, ':');
	const char *host = text;
	size_t len;

	if (colon == NULL || !parse_port(colon + 1, t->port))
		return false;
	len = (size_t)(colon - text);
	if (len >= 2 && text[0] == '[' && colon[-1] == ']') {
		host++;
		len -= 2;
	} else if (memchr(text, ':', len) != NULL) {
		return false;
	}
	if (len == 0 || len > HOST_MAX)
		return false;
	memcpy(t->host, host, len);
	t->host[len] = '\0';
	return true;
}

static int resolve(const struct target *t, struct addrinfo **list)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	int err = getaddrinfo(t->host, t->port, &hints, list);

	if (err == 0)
		return FAR_OK;
	/* The resolver has its own numbers; callers know errno. */
	if (err == EAI_MEMORY)
		errno = ENOMEM;
	else if (err == EAI_AGAIN)
		errno = EAGAIN;
	else if (err != EAI_SYSTEM)
		errno = ENXIO;
	return FAR_ERR_IO;
}

static int finish_connect(int fd, int64_t deadline_ns, const volatile sig_atomic_t *cancel)
{
	int ready = far_linux_wait(fd, POLLOUT, deadline_ns, cancel);
	socklen_t len = sizeof(errno);

	if (ready < 0)
		return ready;
	if (ready == 0)
		return FAR_ERR_TIMEOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errno, &len) != 0 || errno != 0)
		return FAR_ERR_IO;
	return FAR_OK;
}

static int try_one(struct far_linux_stream *s, const struct addrinfo *a, int64_t deadline_ns)
{
	int fd =
		socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	int on = 1;

	if (fd < 0)
		return FAR_ERR_IO;
	s->_state.fd = fd;
	/* A command must not wait for the acknowledgement of the one before. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		return FAR_ERR_IO;
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return FAR_OK;
	if (errno != EINPROGRESS && errno != EINTR)
		return FAR_ERR_IO;
	return finish_connect(fd, deadline_ns, s->_state.cancel);
}

/*
 * One address after the other, each with an equal share of the time left: an address family that
 * leads nowhere does not cost the others their chance.
 */
static int try_all(struct far_linux_stream *s, const struct addrinfo *list, int64_t deadline_ns)
{
	int64_t left = 0;
	int err = FAR_ERR_IO;

	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
		left++;
	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
		int64_t now = far_linux_now_ns();

		err = try_one(s, a, now + (deadline_ns - now) / left--);
		if (err == FAR_OK || err == FAR_ERR_CANCELLED)
			break;
		far_linux_stream_fail(s, err);
	}
	return err;
}

static const struct far_stream_ops tcp_ops = {
	.read = far_linux_stream_read,
	.write = far_linux_stream_write,
	.drain = far_linux_stream_drain,
};

int far_linux_open_tcp(struct far_linux_stream *s, const char *host_port, uint32_t baud,
		       uint32_t timeout_ms, volatile sig_atomic_t *cancel)
{
	int64_t deadline = far_linux_deadline(timeout_ms);
	struct addrinfo *list = NULL;
	struct target target;
	int err;

	far_linux_stream_init(s, baud, cancel);
	if (host_port == NULL || baud == 0 || !parse(host_port, &target))
		return FAR_ERR_ARG;
	err = resolve(&target, &list);
	if (err)
		return err;
	err = try_all(s, list, deadline);
	freeaddrinfo(list); /* free() keeps errno */
	if (err)
		return far_linux_stream_fail(s, err);
	s->stream.ops = &tcp_ops;
	s->_state.gone = false;
	return FAR_OK;
}
