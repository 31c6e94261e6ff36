/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two processes on two cores exchange 64 bytes: by the mailbox, spinning and sleeping, and by what
 * Linux has for the same work, in one run. The limit stands beside: a bare cache line that goes to
 * and fro. Then bulk data, see mailbox_bulk.c. Only ratios within a run mean anything.
 */
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

#include "bench/mailbox_bench.h"
#include "port/linux/shared.h"

/* Per pass. */
enum { MESSAGE = 64, WARM = 500, ROUNDS = 5000, STREAM = 100000, CHANNEL = 2 };

/* One way of exchanging messages. Both sides have it open; side 0 asks, side 1 answers. */
struct way {
	const char *name;
	const char *waits; /* spinning: burns the core meanwhile */
	void (*open)(int side);
	void (*send)(int side, const void *data);
	void (*receive)(int side, void *data);
};

void bench_die(const char *what)
{
	perror(what);
	exit(1);
}

uint64_t bench_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void bench_pin(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		bench_die("sched_setaffinity (two cores are needed)");
}

/* It begins on its own core: here, this process may leave it no time, spinning for it to begin. */
int bench_fork(void)
{
	pid_t child;

	bench_pin(1);
	child = fork();
	if (child < 0)
		bench_die("fork");
	if (child == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left spinning */
	else
		bench_pin(0);
	return child;
}

/* ---- the limit: a cache line each way ------------------------------------------------------- */

static struct line {
	_Alignas(128) uint32_t seq;
	uint8_t data[MESSAGE - 4];
} * lines;
static uint32_t line_sent, line_got;

/* Nothing to open: the page is there before the fork. */
static void line_open(int side)
{
	(void)side;
}

/* The number last: who sees it sees the data. */
static void line_send(int side, const void *data)
{
	memcpy(lines[side].data, data, sizeof(lines[side].data));
	__atomic_store_n(&lines[side].seq, ++line_sent, __ATOMIC_RELEASE);
}

/* Spinning, without any of what makes a mailbox safe: no bounds, no sessions, no second message. */
static void line_receive(int side, void *data)
{
	line_got++;
	while (__atomic_load_n(&lines[1 - side].seq, __ATOMIC_ACQUIRE) != line_got)
		;
	memcpy(data, lines[1 - side].data, sizeof(lines[0].data));
}

/* ---- the mailbox ----------------------------------------------------------------------------- */

/* In memory, not on a disk. Of 16 slots a stream keeps some full while the others are emptied. */
static char mailbox_path[] = "/dev/shm/farflash-bench-XXXXXX";
static struct far_linux_shared shared;
static struct far_mailbox mailbox;

/* Bound before it is measured: the hand-shake is once in a session. */
static void mailbox_open(int side)
{
	const struct far_linux_shared_config config = { .path = mailbox_path,
							.side = (uint32_t)side,
							.slots = 16 };

	if (far_linux_shared_open(&shared, &config) != FAR_OK ||
	    far_mailbox_init(&mailbox, &shared.mailbox) != FAR_OK)
		bench_die("mailbox");
	while (far_mailbox_session(&mailbox) == 0)
		far_mailbox_poll(&mailbox, 10);
}

/*
 * A wait looks for a ring some microseconds long before it sleeps. A peer that answers at once is
 * quicker than that; this is how it is with one that is not.
 */
static void mailbox_open_asleep(int side)
{
	mailbox_open(side);
	shared._state.looks = 0;
}

static void mailbox_send(int side, const void *data)
{
	(void)side;
	if (far_mailbox_send(&mailbox, CHANNEL, data, MESSAGE, 5000) != FAR_OK)
		bench_die("mailbox send");
}

/* Asks again at once: the lowest latency, for a whole core. */
static void mailbox_spin(int side, void *data)
{
	(void)side;
	while (far_mailbox_receive(&mailbox, CHANNEL, data, MESSAGE, 0) != MESSAGE)
		;
}

/* A long wait that is over with the first message; a time-out of it only begins the next one. */
static void mailbox_sleep(int side, void *data)
{
	(void)side;
	while (far_mailbox_receive(&mailbox, CHANNEL, data, MESSAGE, 5000) != MESSAGE)
		;
}

/* ---- what Linux has -------------------------------------------------------------------------- */

/* For whole messages of 64 bytes each; made once, used by every pass. */
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
		bench_die("send");
}

static void socket_receive(int side, void *data)
{
	if (recv(sockets[side], data, MESSAGE, 0) != MESSAGE)
		bench_die("recv");
}

static void pipe_send(int side, const void *data)
{
	if (write(pipes[side][1], data, MESSAGE) != MESSAGE)
		bench_die("write");
}

static void pipe_receive(int side, void *data)
{
	if (read(pipes[1 - side][0], data, MESSAGE) != MESSAGE)
		bench_die("read");
}

static void queue_send(int side, const void *data)
{
	if (mq_send(queues[side], data, MESSAGE, 0) != 0)
		bench_die("mq_send");
}

static void queue_receive(int side, void *data)
{
	if (mq_receive(queues[1 - side], data, MESSAGE, NULL) != MESSAGE)
		bench_die("mq_receive");
}

static bool linux_open(void)
{
	const struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = MESSAGE };

	lines = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (lines == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets) != 0 ||
	    pipe(pipes[0]) != 0 || pipe(pipes[1]) != 0)
		bench_die("sockets and pipes");
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

struct figures {
	uint64_t p50, p99; /* of the pass with the lowest p50, ns */
	double rate;       /* messages per second one way, of the best pass */
};

static int by_size(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* A line holds one value: a stream would overwrite it. */
static int stream_of(const struct way *w)
{
	return w->open == line_open ? 0 : STREAM;
}

/* Side 1: answer every round trip, then take the stream and confirm its end. */
static void answer(const struct way *w)
{
	uint8_t data[MESSAGE] = { 0 };

	w->open(1);
	for (int i = 0; i < WARM + ROUNDS; i++) {
		w->receive(1, data);
		w->send(1, data);
	}
	for (int i = 0; i < stream_of(w); i++)
		w->receive(1, data);
	if (stream_of(w) > 0)
		w->send(1, data);
	_exit(0);
}

/*
 * Side 0 measures: round trips one by one, as their spread counts, then a stream whose end the
 * other confirms, so that nothing that is still under way counts as sent. The first trips warm the
 * caches up.
 */
static void ask(const struct way *w, struct figures *best)
{
	static uint64_t times[ROUNDS];
	uint8_t data[MESSAGE] = { 0 };
	uint64_t start;
	double rate = 0;

	for (int i = -WARM; i < ROUNDS; i++) {
		start = bench_now_ns();
		w->send(0, data);
		w->receive(0, data);
		if (i >= 0)
			times[i] = bench_now_ns() - start;
	}
	start = bench_now_ns();
	for (int i = 0; i < stream_of(w); i++)
		w->send(0, data);
	if (stream_of(w) > 0) {
		w->receive(0, data);
		rate = STREAM / ((double)(bench_now_ns() - start) / 1e9);
	}
	qsort(times, ROUNDS, sizeof(times[0]), by_size);
	if (best->p50 == 0 || times[ROUNDS / 2] < best->p50) {
		best->p50 = times[ROUNDS / 2];
		best->p99 = times[ROUNDS * 99 / 100];
	}
	best->rate = rate > best->rate ? rate : best->rate;
}

/*
 * A new child for each pass. What the line counts begins at 0 on both sides, as the fork copies it.
 */
static void measure(const struct way *w, struct figures *best)
{
	int child;

	line_sent = line_got = 0;
	memset(lines, 0, 4096);
	child = bench_fork();
	if (child == 0)
		answer(w);
	w->open(0);
	ask(w, best);
	waitpid(child, NULL, 0);
	far_linux_shared_close(&shared);
	memset(&shared, 0, sizeof(shared));
}

/* A way without a stream has no rate: an empty field. */
static void print(const struct way *w, const struct figures *f)
{
	printf("64 bytes,%s,%s,%llu,%llu,", w->name, w->waits, (unsigned long long)f->p50,
	       (unsigned long long)f->p99);
	if (f->rate > 0)
		printf("%.0f", f->rate);
	printf(",,\n");
}

/*
 * Ways take turns, as in mailbox_bulk.c. Without POSIX queues their row is left out, not the run.
 */
int main(void)
{
	static const struct way ways[] = {
		{ "bare cache line", "spinning", line_open, line_send, line_receive },
		{ "farflash mailbox", "spinning", mailbox_open, mailbox_send, mailbox_spin },
		{ "farflash mailbox", "sleeping", mailbox_open, mailbox_send, mailbox_sleep },
		{ "farflash mailbox", "sleeping at once", mailbox_open_asleep, mailbox_send,
		  mailbox_sleep },
		{ "socketpair", "sleeping", nothing_open, socket_send, socket_receive },
		{ "pipe", "sleeping", nothing_open, pipe_send, pipe_receive },
		{ "POSIX message queue", "sleeping", nothing_open, queue_send, queue_receive },
	};
	enum { WAYS = sizeof(ways) / sizeof(ways[0]) };
	struct figures best[WAYS] = { 0 };
	bool has_queues;
	int fd = mkstemp(mailbox_path);

	if (fd < 0)
		bench_die(mailbox_path);
	close(fd);
	has_queues = linux_open();
	bench_pin(0);
	for (int n = 0; n < BENCH_PASSES; n++)
		for (int i = 0; i < WAYS; i++)
			if (ways[i].send != queue_send || has_queues)
				measure(&ways[i], &best[i]);
	printf("work,by,waiting,round trip p50 ns,p99 ns,messages/s one way,read MB/s,write "
	       "MB/s\n");
	for (int i = 0; i < WAYS; i++)
		if (best[i].p50 > 0)
			print(&ways[i], &best[i]);
	fflush(stdout); /* or a child would print it, too */
	bench_bulk(mailbox_path);
	unlink(mailbox_path);
	return 0;
}
