/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of bench/mailbox share: messages (mailbox.c), bulk data through the flash service
 * (mailbox_bulk.c), through a window alone (mailbox_bare.c), and by what Linux has
 * (mailbox_peers.c).
 */
#ifndef FARFLASH_BENCH_MAILBOX_BENCH_H
#define FARFLASH_BENCH_MAILBOX_BENCH_H

#include <stdbool.h>
#include <stdint.h>

/* Everything is measured so often, and the best counts: others may be at work on the machine. */
enum { BENCH_PASSES = 5 };

/*
 * The memory that is read and written, larger than caches, as nobody reads the same flash again and
 * again; how much one call moves; and the window, as farflash serve makes it.
 */
enum { BENCH_FLASH = 64 << 20, BENCH_CALL = 1 << 20, BENCH_WINDOW = 128 << 10 };

/* Say what failed, with errno, and end. */
_Noreturn void bench_die(const char *what);
uint64_t bench_now_ns(void);
/* Stay on this core; there must be two. */
void bench_pin(unsigned cpu);
/* A process on core 1, which dies with this one, on core 0. 0: this is it. */
int bench_fork(void);

/* One way to reach memory that another process has. */
struct bench_way {
	const char *name;
	uint32_t window;                            /* of the flash service */
	bool (*prepare)(const struct bench_way *w); /* before the fork; false: not on this system */
	void (*serve)(uint8_t *memory);             /* core 1, for ever */
	void (*open)(void);                         /* core 0 */
	void (*read)(uint32_t addr, uint8_t *buf, uint32_t len);
	void (*write)(uint32_t addr, const uint8_t *buf, uint32_t len);
	void (*close)(void); /* core 0 */
};

/* A window, and nothing else. */
extern const struct bench_way bench_bare;

/* socketpair, pipe, POSIX message queue. */
enum { BENCH_PEERS = 3 };
extern const struct bench_way bench_peers[BENCH_PEERS];

/* All ways, as rows of the table that mailbox.c prints. */
void bench_bulk(const char *mailbox_path);

#endif
