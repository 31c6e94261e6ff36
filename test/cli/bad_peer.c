/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bad_peer MODE: something on a TCP port that is not a chip. Prints "listening on URL" and serves
 * one client until it leaves.
 *   silent   takes everything, says nothing
 *   garbage  answers everything with noise, the SLIP delimiter among it
 *   echo     sends back what it gets, as a wire with TX and RX shorted does
 *   flood    never stops talking
 *   close    hangs up at the first byte
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t noise(void)
{
	static uint32_t state = 12345; /* any seed; the same noise every time */
	state = state * 1664525u + 1013904223u;
	return (uint8_t)(state >> 24);
}

static void answer(const char *mode, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && strcmp(mode, "echo") != 0; i++)
		bytes[i] = i % 16 == 0 ? 0xC0 : noise();
}

/* False once the client has left. */
static int serve_some(const char *mode, int fd)
{
	uint8_t bytes[512];
	int flood = strcmp(mode, "flood") == 0;
	struct pollfd p = { .fd = fd, .events = (short)(POLLIN | (flood ? POLLOUT : 0)) };
	if (poll(&p, 1, -1) < 0)
		return 0;
	size_t len = sizeof(bytes);
	if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
		ssize_t n = read(fd, bytes, sizeof(bytes));
		if (n <= 0 || strcmp(mode, "close") == 0)
			return 0;
		len = (size_t)n;
	}
	if (strcmp(mode, "silent") == 0)
		return 1;
	answer(mode, bytes, len);
	return send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno == EAGAIN;
}

int main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	alarm(100); /* whatever happens, it does not stay */
	if (argc != 2 || listener < 0 || bind(listener, (struct sockaddr *)&a, len) != 0 ||
	    listen(listener, 1) != 0 || getsockname(listener, (struct sockaddr *)&a, &len) != 0)
		return 1;
	printf("listening on socket://127.0.0.1:%u\n", (unsigned)ntohs(a.sin_port));
	fflush(stdout);
	int fd = accept(listener, NULL, NULL);
	while (fd >= 0 && serve_some(argv[1], fd))
		;
	return 0;
}
