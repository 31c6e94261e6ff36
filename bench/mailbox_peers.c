/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bulk data by what Linux has: the client sends an order and, if it writes, the bytes; the server
 * answers with the bytes, or with one that says done. The server sends from and receives into
 * its memory, the client its buffer, with no copy but the kernel's.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/mailbox_bench.h"

enum { QUEUED = 8192 }; /* the longest message of a queue that Linux gives to anybody */

/* What the client asks for; an order to write is followed by its bytes. */
struct order {
	uint32_t write, addr, len;
};

/* Made before the fork, so that both processes have them. */
static int ends[2][2]; /* of the client and of the server: in, out */
static mqd_t queues[2];
static int side;
static bool queued;

/* All of it, in as many parts as the kernel gives. */
static void get(void *buf, size_t len)
{
	for (size_t at = 0; at < len;) {
		char *to = (char *)buf + at;
		/* A queue takes no shorter buffer than its longest message: see room(). */
		ssize_t n = queued ? mq_receive(queues[1 - side], to, QUEUED, NULL)
				   : read(ends[side][0], to, len - at);

		if (n <= 0)
			bench_die("receive");
		at += (size_t)n;
	}
}

/* As many bytes as go at once; a queue takes whole messages or none. */
static void put(const void *buf, size_t len)
{
	for (size_t at = 0; at < len;) {
		const char *from = (const char *)buf + at;
		size_t part = queued && len - at > QUEUED ? QUEUED : len - at;
		ssize_t n = queued ? mq_send(queues[side], from, part, 0)
				   : write(ends[side][1], from, part);

		if (n < 0)
			bench_die("send");
		at += queued ? part : (size_t)n;
	}
}

/* Short messages, with room for what the queue might hold. */
static void get_short(void *buf, size_t len)
{
	static char room[QUEUED];

	if (queued && mq_receive(queues[1 - side], room, QUEUED, NULL) != (ssize_t)len)
		bench_die("mq_receive");
	if (queued)
		memcpy(buf, room, len);
	else
		get(buf, len);
}

/* For ever, on core 1. "" has the one byte that says done. */
static void serve(uint8_t *memory)
{
	struct order o;

	side = 1;
	for (;;) {
		get_short(&o, sizeof(o));
		if (o.write) {
			get(memory + o.addr, o.len);
			put("", 1);
		} else {
			put(memory + o.addr, o.len);
		}
	}
}

/* The bytes themselves are the answer. */
static void peer_read(uint32_t addr, uint8_t *buf, uint32_t len)
{
	const struct order o = { 0, addr, len };

	put(&o, sizeof(o));
	get(buf, len);
}

/* Over only when the server has all of it: the same that the flash service promises. */
static void peer_write(uint32_t addr, const uint8_t *buf, uint32_t len)
{
	const struct order o = { 1, addr, len };
	char done;

	put(&o, sizeof(o));
	put(buf, len);
	get_short(&done, 1);
}

static void peer_open(void)
{
	side = 0;
}

/* A socket has one end that is both. */
static void peer_close(void)
{
	for (int i = 0; i < 2; i++) {
		if (queued)
			mq_close(queues[i]);
		else
			close(ends[i][0]);
		if (!queued && ends[i][1] != ends[i][0])
			close(ends[i][1]);
	}
}

/* A stream: packets of 1 MiB would not fit its buffers. */
static bool prepare_socketpair(const struct bench_way *w)
{
	int s[2];

	(void)w;
	queued = false;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) != 0)
		bench_die("socketpair");
	for (int i = 0; i < 2; i++)
		ends[i][0] = ends[i][1] = s[i];
	return true;
}

static bool prepare_pipe(const struct bench_way *w)
{
	(void)w;
	queued = false;
	for (int i = 0; i < 2; i++) {
		int p[2];

		/* As much memory as the window has: twice the default. */
		if (pipe(p) != 0 || fcntl(p[1], F_SETPIPE_SZ, BENCH_WINDOW) < 0)
			bench_die("pipe");
		ends[i][1] = p[1];
		ends[1 - i][0] = p[0];
	}
	return true;
}

/* Its name is gone before anybody can find it; both processes have it open. */
static bool prepare_queue(const struct bench_way *w)
{
	const struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = QUEUED };

	(void)w;
	queued = true;
	for (int i = 0; i < 2; i++) {
		char name[40];

		snprintf(name, sizeof(name), "/farflash-bulk-%d-%d", (int)getpid(), i);
		queues[i] = mq_open(name, O_CREAT | O_RDWR | O_EXCL, 0600, &attr);
		if (queues[i] == (mqd_t)-1)
			return false; /* not every kernel has them */
		mq_unlink(name);
	}
	return true;
}

const struct bench_way bench_peers[BENCH_PEERS] = {
	{ "socketpair", 0, prepare_socketpair, serve, peer_open, peer_read, peer_write,
	  peer_close },
	{ "pipe", 0, prepare_pipe, serve, peer_open, peer_read, peer_write, peer_close },
	{ "POSIX message queue", 0, prepare_queue, serve, peer_open, peer_read, peer_write,
	  peer_close },
};
