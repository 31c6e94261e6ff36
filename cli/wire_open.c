/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening the two kinds of wire. The link that a pseudo terminal is reached by is of our own
 * making, and it has to be told from a file of somebody else's, which is never replaced: a link
 * that another emulate left behind when it was killed is the only thing that may be taken over.
 */
#include "cli/wire_open.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "cli/report.h"

#define PTS "/dev/pts/"

/* While it runs an emulate holds this lock on its slave. Not flock: that is the clients'. */
static int lock_slave(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	return fcntl(fd, F_OFD_SETLK, &lock);
}

/*
 * Is the link one that an emulate left behind which was killed? Then its terminal is gone, or the
 * number belongs to another one by now, perhaps our own.
 */
static bool left_behind(const struct cli_wire *w)
{
	char target[sizeof(w->slave)] = "";
	if (readlink(w->link, target, sizeof(target) - 1) < 0 ||
	    strncmp(target, PTS, strlen(PTS)) != 0)
		return false;
	if (strcmp(target, w->slave) == 0)
		return true;
	int fd = open(target, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == EIO;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	bool free = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
	close(fd);
	return free;
}

/* symlink refuses what is there already: nothing of anybody's is lost. */
static int make_link(struct cli_wire *w)
{
	if (left_behind(w))
		unlink(w->link);
	return symlink(w->slave, w->link);
}

/* Until a client sets its own modes: no echo, or the chip would hear itself. */
static int set_raw(int fd)
{
	struct termios t;
	if (tcgetattr(fd, &t) != 0)
		return -1;
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	return tcsetattr(fd, TCSANOW, &t);
}

/* -1: errno says why. The lock tells others that this terminal is in use; see left_behind. */
static int open_slave(struct cli_wire *w)
{
	if (grantpt(w->fd) != 0 || unlockpt(w->fd) != 0 ||
	    ptsname_r(w->fd, w->slave, sizeof(w->slave)) != 0)
		return -1;
	w->slave_fd = open(w->slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (w->slave_fd < 0 || lock_slave(w->slave_fd) != 0 || set_raw(w->slave_fd) != 0)
		return -1;
	/* From here on every open and close is a client's. */
	w->event_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return w->event_fd < 0 ? -1 : inotify_add_watch(w->event_fd, w->slave, IN_OPEN | IN_CLOSE);
}

/* w->link is set only once the link is to be ours: closing removes what stands there. */
enum cli_exit cli_wire_open_pty(struct cli *c, struct cli_wire *w, const char *path)
{
	char link[sizeof(w->link)];
	int n = snprintf(link, sizeof(link), "%s", path);
	if (n <= 0 || (size_t)n >= sizeof(link))
		return cli_fail(c, CLI_USAGE, "pty:%s: give a path of 1 to %zu characters", path,
				sizeof(link) - 1);
	w->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (w->fd < 0 || open_slave(w) < 0)
		return cli_fail(c, CLI_FILE, "cannot make a pseudo terminal: %s", strerror(errno));
	memcpy(w->link, link, sizeof(link));
	if (make_link(w) != 0) {
		w->link[0] = '\0';
		return cli_fail(c, CLI_FILE,
				"cannot make the link %s: %s; remove it or choose another name",
				path, strerror(errno));
	}
	snprintf(w->url, sizeof(w->url), "%s", path);
	return CLI_OK;
}

/* Split "host:port" or "[host]:port" in place. False if it is not of that form. */
static bool split(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':');
	if (!colon || colon == text)
		return false;
	*colon = '\0';
	*host = text;
	*port = colon + 1;
	if (text[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = text + 1;
	} else if (strchr(text, ':')) {
		return false;
	}
	size_t digits = strspn(*port, "0123456789");
	return digits > 0 && (*port)[digits] == '\0' && strtoul(*port, NULL, 10) <= 65535;
}

/* A listener on one address, or -1 with errno. */
static int listen_at(const struct addrinfo *a)
{
	int on = 1;
	int fd =
		socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* its clients inherit it */
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 4) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* The port may have been 0: ask which it became. */
static int make_url(struct cli_wire *w, const char *scheme)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	char host[256], port[16];
	if (getsockname(w->event_fd, (struct sockaddr *)&a, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return -1;
	bool v6 = a.ss_family == AF_INET6;
	snprintf(w->url, sizeof(w->url), "%s://%s%s%s:%s", scheme, v6 ? "[" : "", host,
		 v6 ? "]" : "", port);
	return 0;
}

/* kind is what the user wrote before host_port, scheme what --port takes for it. */
static enum cli_exit listen_on(struct cli *c, struct cli_wire *w, const char *kind,
			       const char *scheme, const char *host_port)
{
	char text[300], *host, *port;
	int n = snprintf(text, sizeof(text), "%s", host_port);
	if (n < 0 || (size_t)n >= sizeof(text) || !split(text, &host, &port))
		return cli_fail(c, CLI_USAGE,
				"%s:%s is not %s:HOST:PORT, with a port from 0 (any) to 65535",
				kind, host_port, kind);
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	struct addrinfo *list = NULL;
	int err = getaddrinfo(host, port, &hints, &list);
	if (err)
		return cli_fail(c, CLI_FILE, "%s:%s: %s", kind, host_port, gai_strerror(err));
	for (const struct addrinfo *a = list; a && w->event_fd < 0; a = a->ai_next)
		w->event_fd = listen_at(a);
	int saved = errno;
	freeaddrinfo(list);
	if (w->event_fd < 0 || make_url(w, scheme) != 0)
		return cli_fail(c, CLI_FILE, "cannot listen on %s:%s: %s; port 0 takes a free one",
				kind, host_port, strerror(saved));
	return CLI_OK;
}

enum cli_exit cli_wire_open_tcp(struct cli *c, struct cli_wire *w, const char *host_port)
{
	return listen_on(c, w, "tcp", "socket", host_port);
}

enum cli_exit cli_wire_open_rfc2217(struct cli *c, struct cli_wire *w, const char *host_port)
{
	w->has_lines = true;
	cli_comport_init(&w->comport);
	return listen_on(c, w, "rfc2217", "rfc2217", host_port);
}
