/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What two cores can move through a window at best: two halves, of which one is filled while the
 * other is emptied, and a word for each that says whose turn it is. No mailbox, no requests, no
 * checks, no sleep. What this loses against memcpy within a process is the price of memory that
 * another core has just written; what the flash service loses against this is its own.
 */
#include <string.h>
#include <sys/mman.h>

#include "bench/mailbox_bench.h"

enum { HALF = BENCH_WINDOW / 2 };

enum turn { OWN, TO_READ, TO_WRITE }; /* OWN: core 0's */

static struct window {
	struct half {
		_Alignas(64) uint32_t turn;
		uint32_t addr;
		_Alignas(64) uint8_t data[HALF];
	} half[2];
} * window;

static bool prepare(const struct bench_way *w)
{
	(void)w;
	window = mmap(NULL, sizeof(*window), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (window == MAP_FAILED)
		bench_die("window");
	return true;
}

static void serve(uint8_t *memory)
{
	for (uint32_t i = 0;; i ^= 1) {
		struct half *h = &window->half[i];
		uint32_t turn = __atomic_load_n(&h->turn, __ATOMIC_ACQUIRE);

		if (turn == OWN)
			continue;
		if (turn == TO_READ)
			memcpy(h->data, memory + h->addr, HALF);
		else
			memcpy(memory + h->addr, h->data, HALF);
		__atomic_store_n(&h->turn, OWN, __ATOMIC_RELEASE);
	}
}

static void give(struct half *h, enum turn turn, uint32_t addr)
{
	h->addr = addr;
	__atomic_store_n(&h->turn, turn, __ATOMIC_RELEASE);
}

static struct half *await(uint32_t n)
{
	struct half *h = &window->half[n % 2];

	while (__atomic_load_n(&h->turn, __ATOMIC_ACQUIRE) != OWN)
		;
	return h;
}

/* Once the server is there. */
static void bare_open(void)
{
	give(&window->half[0], TO_READ, 0);
	await(0);
}

static void bare_read(uint32_t addr, uint8_t *buf, uint32_t len)
{
	uint32_t parts = len / HALF;

	for (uint32_t n = 0; n <= parts; n++) {
		if (n < parts)
			give(&window->half[n % 2], TO_READ, addr + n * HALF);
		if (n > 0)
			memcpy(buf + (n - 1) * HALF, await(n - 1)->data, HALF);
	}
}

static void bare_write(uint32_t addr, const uint8_t *buf, uint32_t len)
{
	uint32_t parts = len / HALF;

	for (uint32_t n = 0; n < parts; n++) {
		struct half *h = await(n);

		memcpy(h->data, buf + n * HALF, HALF);
		give(h, TO_WRITE, addr + n * HALF);
	}
	await(0);
	await(1);
}

static void bare_close(void)
{
	munmap(window, sizeof(*window));
}

const struct bench_way bench_bare = {
	"a window without protocol", 0, prepare, serve, bare_open, bare_read, bare_write, bare_close
};
