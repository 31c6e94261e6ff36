/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two processes on two cores exchange 64 bytes: by the mailbox, spinning and sleeping, and by what
 * Linux has for the same work, in one run. The limits stand beside: a bare cache line that goes to
 * and fro, and memcpy. Only ratios within a run mean anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "port/linux/shared.h"

enum { MESSAGE = 64, WARM = 1000, ROUNDS = 20000, STREAM = 400000, CHANNEL = 2 };

/* One way of exchanging messages. Both sides have it open; side 0 asks, side 1 answers. */
struct way {
	const char *name;
	bool spins; /* burns the core while it waits */
	void (*open)(int side);
	void (*send)(int side, const void *data);
	void (*receive)(int side, void *data);
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		die("sched_setaffinity (two cores are needed)");
}

/* ---- the limit: a cache line each way ------------------------------------------------------- */

static struct line {
	_Alignas(128) uint32_t seq;
	uint8_t data[MESSAGE - 4];
} * lines;
static uint32_t line_sent, line_got;

static void line_open(int side)
{
	(void)side;
}

static void line_send(int side, const void *data)
{
	memcpy(lines[side].data, data, sizeof(lines[side].data));
	__atomic_store_n(&lines[side].seq, ++line_sent, __ATOMIC_RELEASE);
}

static void line_receive(int side, void *data)
{
	line_got++;
	while (__atomic_load_n(&lines[1 - side].seq, __ATOMIC_ACQUIRE) != line_got)
		;
	memcpy(data, lines[1 - side].data, sizeof(lines[0].data));
}

/* ---- the mailbox ----------------------------------------------------------------------------- */

static char mailbox_path[] = "/dev/shm/farflash-bench-XXXXXX";
static struct far_linux_shared shared;
static struct far_mailbox mailbox;

static void mailbox_open(int side)
{
	const struct far_linux_shared_config config = { .path = mailbox_path,
							.side = (uint32_t)side,
							.slots = 16 };

	if (far_linux_shared_open(&shared, &config) != FAR_OK ||
	    far_mailbox_init(&mailbox, &shared.mailbox) != FAR_OK)
		die("mailbox");
	while (far_mailbox_session(&mailbox) == 0)
		far_mailbox_poll(&mailbox, 10);
}

static void mailbox_send(int side, const void *data)
{
	(void)side;
	if (far_mailbox_send(&mailbox, CHANNEL, data, MESSAGE, 5000) != FAR_OK)
		die("mailbox send");
}

static void mailbox_spin(int side, void *data)
{
	(void)side;
	while (far_mailbox_receive(&mailbox, CHANNEL, data, MESSAGE, 0) != MESSAGE)
		;
}

static void mailbox_sleep(int side, void *data)
{
	(void)side;
	while (far_mailbox_receive(&mailbox, CHANNEL, data, MESSAGE, 5000) != MESSAGE)
		;
}

/* ---- what Linux has -------------------------------------------------------------------------- */

static int sockets[2], pipes[2][2];
static mqd_t queues[2];
static char queue_names[2][40];

static void nothing_open(int side)
{
	(void)side;
}

static void socket_send(int side, const void *data)
{
	if (send(sockets[side], data, MESSAGE, 0) != MESSAGE)
		die("send");
}

static void socket_receive(int side, void *data)
{
	if (recv(sockets[side], data, MESSAGE, 0) != MESSAGE)
		die("recv");
}

static void pipe_send(int side, const void *data)
{
	if (write(pipes[side][1], data, MESSAGE) != MESSAGE)
		die("write");
}

static void pipe_receive(int side, void *data)
{
	if (read(pipes[1 - side][0], data, MESSAGE) != MESSAGE)
		die("read");
}

static void queue_send(int side, const void *data)
{
	if (mq_send(queues[side], data, MESSAGE, 0) != 0)
		die("mq_send");
}

static void queue_receive(int side, void *data)
{
	if (mq_receive(queues[1 - side], data, MESSAGE, NULL) != MESSAGE)
		die("mq_receive");
}

static bool linux_open(void)
{
	const struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = MESSAGE };

	lines = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (lines == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets) != 0 ||
	    pipe(pipes[0]) != 0 || pipe(pipes[1]) != 0)
		die("sockets and pipes");
	for (int i = 0; i < 2; i++) {
		snprintf(queue_names[i], sizeof(queue_names[i]), "/farflash-bench-%d-%d",
			 (int)getpid(), i);
		queues[i] = mq_open(queue_names[i], O_CREAT | O_RDWR | O_EXCL, 0600, &attr);
		if (queues[i] == (mqd_t)-1)
			return false; /* not every kernel has them mounted */
		mq_unlink(queue_names[i]);
	}
	return true;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Side 1: answer every round trip, then take the stream and confirm its end. */
static void answer(const struct way *w)
{
	uint8_t data[MESSAGE] = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left spinning */
	pin(1);
	w->open(1);
	for (int i = 0; i < WARM + ROUNDS; i++) {
		w->receive(1, data);
		w->send(1, data);
	}
	for (int i = 0; w->open != line_open && i < STREAM; i++)
		w->receive(1, data);
	if (w->open !=
	    line_open) /* a line holds one value: a second would hide the answer before */
		w->send(1, data);
	_exit(0);
}

static void measure(const struct way *w)
{
	static uint64_t times[ROUNDS];
	uint8_t data[MESSAGE] = { 0 };
	uint64_t start;
	double rate = 0;
	pid_t child;

	fflush(stdout); /* or the child would print it, too */
	child = fork();

	if (child < 0)
		die("fork");
	if (child == 0)
		answer(w);
	pin(0);
	line_sent = line_got = 0;
	w->open(0);
	for (int i = 0; i < WARM + ROUNDS; i++) {
		start = now_ns();
		w->send(0, data);
		w->receive(0, data);
		if (i >= WARM)
			times[i - WARM] = now_ns() - start;
	}
	start = now_ns();
	for (int i = 0; w->open != line_open && i < STREAM; i++)
		w->send(0, data);
	if (w->open != line_open)
		w->receive(0, data);
	if (w->open != line_open)
		rate = STREAM / ((double)(now_ns() - start) / 1e9);
	waitpid(child, NULL, 0);
	qsort(times, ROUNDS, sizeof(times[0]), by_size);
	printf("%s,%s,%llu,%llu,%.0f\n", w->name, w->spins ? "spinning" : "sleeping",
	       (unsigned long long)times[ROUNDS / 2], (unsigned long long)times[ROUNDS * 99 / 100],
	       rate);
	fflush(stdout);
	far_linux_shared_close(&shared);
	memset(&shared, 0, sizeof(shared));
	memset(lines, 0, 4096);
}

int main(void)
{
	static const struct way ways[] = {
		{ "bare cache line", true, line_open, line_send, line_receive },
		{ "farflash mailbox", true, mailbox_open, mailbox_send, mailbox_spin },
		{ "farflash mailbox", false, mailbox_open, mailbox_send, mailbox_sleep },
		{ "socketpair", false, nothing_open, socket_send, socket_receive },
		{ "pipe", false, nothing_open, pipe_send, pipe_receive },
		{ "POSIX message queue", false, nothing_open, queue_send, queue_receive },
	};
	bool has_queues;
	int fd = mkstemp(mailbox_path);

	if (fd < 0)
		die(mailbox_path);
	close(fd);
	has_queues = linux_open();
	printf("64 bytes by,waiting,round trip p50 ns,p99 ns,messages/s one way\n");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (ways[i].send != queue_send || has_queues)
			measure(&ways[i]);
	}
	unlink(mailbox_path);
	return 0;
}
