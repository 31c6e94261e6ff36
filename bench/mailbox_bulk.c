/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process on core 0 reads and writes memory that a process on core 1 has, in calls of 1 MiB:
 * through the flash service, inline and in a window, and by what Linux has. The flash is RAM and
 * its driver a memcpy, so that nothing but the way is measured; memcpy from and to the same RAM,
 * within one process, is the limit.
 *
 * What is read through a window comes out of another core's cache; what memcpy copies does not. How
 * much that costs is the row of mailbox_bare.c, and changes for minutes at a time on a virtual
 * machine, while memcpy stays as it is. And glibc 2.36 copies up to what the second cache holds,
 * 1 MiB here, by rep movsb, and that much or more by vectors: 42 GB/s in pieces, 21 to 31 at once.
 * With rep movsb forbidden (GLIBC_TUNABLES) pieces fall to 25 GB/s, and the window to 14.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "bench/mailbox_bench.h"
#include "core/emulate.h"
#include "device/mailbox/mailbox.h"
#include "port/linux/shared.h"
#include "service/supervisor/supervisor.h"

enum {
	HALF = BENCH_WINDOW / 2,
	DATA_MAX = 4096,
	SLOTS = 64,
	TIMEOUT_MS = 5000,
	CALLS = 8,
	SPAN_NS = 100000000
};

static uint8_t *memory; /* shared, so that the client can see what its writes came to */

/* The limit has nobody to prepare for, and nothing to open or close. */
static bool nothing_prepare(const struct bench_way *w)
{
	(void)w;
	return true;
}

static void nothing(void)
{
}

/* ---- the limit ------------------------------------------------------------------------------- */

static void copy_read(uint32_t addr, uint8_t *buf, uint32_t len)
{
	memcpy(buf, memory + addr, len);
}

static void copy_write(uint32_t addr, const uint8_t *buf, uint32_t len)
{
	memcpy(memory + addr, buf, len);
}

/* In pieces as through a window: a whole MiB is copied in another way by the C library. */
static void pieces_read(uint32_t addr, uint8_t *buf, uint32_t len)
{
	for (uint32_t i = 0; i < len; i += HALF)
		copy_read(addr + i, buf + i, HALF);
}

static void pieces_write(uint32_t addr, const uint8_t *buf, uint32_t len)
{
	for (uint32_t i = 0; i < len; i += HALF)
		copy_write(addr + i, buf + i, HALF);
}

/* ---- the flash service ----------------------------------------------------------------------- */

/* One way at a time, so its state is the file's. */
static const char *path;
static const struct bench_way *way;
static struct far_linux_shared shared;
static struct far_mailbox mailbox;
static struct far_mailbox_flash remote;

/* A driver that costs no more than the copy itself. */
static int ram_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	(void)f;
	copy_read(addr, buf, len);
	return FAR_OK;
}

static int ram_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	(void)f;
	copy_write(addr, buf, len);
	return FAR_OK;
}

static int ram_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	memset(memory + addr, f->info.erase_value, len);
	return FAR_OK;
}

/* Either side opens the same file; the first one makes it. */
static void share(uint32_t side)
{
	const struct far_linux_shared_config config = {
		.path = path, .side = side, .slots = SLOTS, .window_len = way->window
	};

	if (far_linux_shared_open(&shared, &config) != FAR_OK ||
	    far_mailbox_init(&mailbox, &shared.mailbox) != FAR_OK)
		bench_die(path);
}

/* The file keeps the window that it was made with. */
static bool service_prepare(const struct bench_way *w)
{
	way = w;
	remove(path);
	share(0);
	far_linux_shared_close(&shared);
	return true;
}

/*
 * As farflash serve does it, with everything that there is to serve. Never returns: core 0 ends it.
 */
static void service_serve(uint8_t *unused)
{
	static const struct far_flash_ops ops = { .read = ram_read,
						  .write = ram_write,
						  .erase = ram_erase,
						  .digest = far_flash_emulate_digest,
						  .replace_begin = far_flash_emulate_begin,
						  .replace_write = far_flash_emulate_write,
						  .replace_end = far_flash_emulate_end };
	static struct far_flash flash = { .ops = &ops,
					  .info = { .size = BENCH_FLASH,
						    .sector_size = 4096,
						    .write_block = 4,
						    .erase_value = 0xff,
						    .caps = FAR_FLASH_CAN_READ } };
	static const struct far_supervisor_grant all = { 0, BENCH_FLASH, 7 };
	static _Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(DATA_MAX)];
	static struct far_supervisor_remote served;
	static struct far_supervisor supervisor;
	struct far_supervisor_config config = { .flash = &flash, .ops = far_supervisor_all };
	struct far_supervisor_remote_config peer = { .mailbox = &mailbox,
						     .grants = &all,
						     .grant_count = 1,
						     .buf = queue,
						     .data_max = DATA_MAX };

	(void)unused;
	share(0);
	config.clock = &shared.clock.clock;
	peer.window = shared.window;
	peer.window_len = shared.window_len;
	if (far_supervisor_init(&supervisor, &config) != FAR_OK ||
	    far_supervisor_add_remote(&supervisor, &served, &peer) != FAR_OK)
		bench_die("supervisor");
	for (;;)
		far_supervisor_wait(&supervisor, 1000);
}

/* After the server is there: bound within the time-out, or the run is over. */
static void service_open(void)
{
	struct far_mailbox_flash_config config = { .mailbox = &mailbox, .timeout_ms = TIMEOUT_MS };

	share(1);
	config.clock = &shared.clock.clock;
	config.window = shared.window;
	config.window_len = shared.window_len;
	if (far_mailbox_flash_open(&remote, &config) != FAR_OK)
		bench_die("no supervisor");
}

static void service_read(uint32_t addr, uint8_t *buf, uint32_t len)
{
	if (far_flash_read(&remote.flash, addr, buf, len) != FAR_OK)
		bench_die("reading the flash");
}

static void service_write(uint32_t addr, const uint8_t *buf, uint32_t len)
{
	if (far_flash_write(&remote.flash, addr, buf, len) != FAR_OK)
		bench_die("writing the flash");
}

static void service_close(void)
{
	far_linux_shared_close(&shared);
}

/* ---- measuring ------------------------------------------------------------------------------- */

struct rates {
	double read, write; /* MB/s */
};

/* Some of the memory, on and on through all of it: from at, which moves along. */
static void read_some(const struct bench_way *w, uint8_t *buf, uint32_t *at)
{
	for (int i = 0; i < CALLS; i++, *at = (*at + BENCH_CALL) % BENCH_FLASH)
		w->read(*at, buf, BENCH_CALL);
}

static void write_some(const struct bench_way *w, uint8_t *buf, uint32_t *at)
{
	for (int i = 0; i < CALLS; i++, *at = (*at + BENCH_CALL) % BENCH_FLASH)
		w->write(*at, buf, BENCH_CALL);
}

/*
 * For a while: fast ways need many tries to have both cores for themselves in one of them. In the
 * end buf and the last that was moved must be the same.
 */
static void time_some(const struct bench_way *w,
		      void (*some)(const struct bench_way *w, uint8_t *buf, uint32_t *at),
		      double *best)
{
	static uint8_t buf[BENCH_CALL];
	uint64_t began = bench_now_ns(), start = began, end;
	uint32_t at = 0;

	do {
		double rate;

		some(w, buf, &at);
		end = bench_now_ns();
		rate = CALLS * BENCH_CALL * 1e3 / (double)(end - start);
		*best = rate > *best ? rate : *best;
		start = end;
	} while (end - began < SPAN_NS);
	at = (at + BENCH_FLASH - BENCH_CALL) % BENCH_FLASH;
	if (memcmp(buf, memory + at, BENCH_CALL) != 0)
		bench_die("moved something else");
}

/*
 * The memory differs from pass to pass, so that what an earlier one has moved is not right by
 * chance.
 */
static void pass(const struct bench_way *w, uint32_t number, struct rates *best)
{
	for (uint32_t i = 0; i < BENCH_FLASH; i += sizeof(i)) {
		uint32_t word = (i + number) * 2654435761u;

		memcpy(memory + i, &word, sizeof(word));
	}
	time_some(w, read_some, &best->read);
	time_some(w, write_some, &best->write);
}

/* A new process has none of the shared pages mapped yet: that is not what is to be measured. */
static void touch(void)
{
	for (uint32_t i = 0; i < BENCH_FLASH; i += 4096)
		*(volatile uint8_t *)(memory + i);
}

/* A new server for each pass: what one leaves in caches and mappings is not the next one's. */
static void measure(const struct bench_way *w, uint32_t number, struct rates *best)
{
	int child = 0;

	if (w->serve != NULL) {
		child = bench_fork();
		if (child == 0) {
			touch();
			w->serve(memory);
		}
	}
	w->open();
	pass(w, number, best);
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	w->close();
}

#define SERVICE service_prepare, service_serve, service_open, service_read, service_write
#define LIMIT   nothing_prepare, NULL, nothing, copy_read, copy_write

/*
 * Passes go round all ways, so that a disturbance of the machine meets each of them once and not
 * one of them always.
 */
void bench_bulk(const char *mailbox_path)
{
	static const struct bench_way limit = { "memcpy (the limit)", 0, LIMIT, nothing };
	static const struct bench_way pieces = { "memcpy in halves of the window",
						 0,
						 nothing_prepare,
						 NULL,
						 nothing,
						 pieces_read,
						 pieces_write,
						 nothing };
	static const struct bench_way by_window = { "farflash window", BENCH_WINDOW, SERVICE,
						    service_close };
	static const struct bench_way by_inline = { "farflash inline", 0, SERVICE, service_close };
	const struct bench_way *ways[] = { &limit,          &pieces,        &bench_bare,
					   &by_window,      &by_inline,     &bench_peers[0],
					   &bench_peers[1], &bench_peers[2] };
	enum { WAYS = sizeof(ways) / sizeof(ways[0]) };
	struct rates best[WAYS] = { 0 };

	path = mailbox_path;
	memory = mmap(NULL, BENCH_FLASH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		bench_die("memory");
	bench_pin(0);
	for (uint32_t n = 0; n < BENCH_PASSES; n++)
		for (int i = 0; i < WAYS; i++)
			if (ways[i]->prepare(ways[i]))
				measure(ways[i], n, &best[i]);
	for (int i = 0; i < WAYS; i++)
		if (best[i].read > 0)
			printf("bulk,%s,,,,,%.0f,%.0f\n", ways[i]->name, best[i].read,
			       best[i].write);
}
