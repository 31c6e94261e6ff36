/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every struct far_flash promises, tested on every kind there is: include/farflash/flash.h
 * sentence by sentence. A backend is a row with a few functions; the tests know nothing else of it.
 */
#ifndef FARFLASH_TEST_CONTRACT_H
#define FARFLASH_TEST_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "farflash/flash.h"

/* The part of the flash that the tests use; a snapshot of it is kept. */
#define CT_SPAN 0x40000u

/* One flash with all that is behind it. */
struct ct_world {
	const struct ct_backend *backend;
	struct far_flash *flash;
	const uint8_t *memory; /* the die's contents, past every protocol */
	uint32_t base;         /* where the tests' part begins: a multiple of 64 KiB */
	uint8_t snapshot[CT_SPAN];
};

struct ct_backend {
	const char *name;
	/* Allocate, connect, fill in the world. Aborts on failure. The flash is erased. */
	struct ct_world *(*make)(void);
	void (*free)(struct ct_world *w);
	/* Traffic to the flash so far, in units of the backend's own (frames, bytes). */
	uint32_t (*traffic)(struct ct_world *w);
	/* The way to the flash breaks after this much more traffic. */
	void (*cut)(struct ct_world *w, uint32_t after);
	/* Mend it, with all that a program would do: FAR_OK and as good as new. */
	int (*mend)(struct ct_world *w);
	uint32_t base;
	bool no_replace; /* replace is FAR_ERR_NOTSUP */
};

extern const struct ct_backend ct_nor;
extern const struct ct_backend ct_nor_wide;
extern const struct ct_backend ct_esp8266;
extern const struct ct_backend ct_esp32;
extern const struct ct_backend ct_esp32s2;
extern const struct ct_backend ct_esp32_stub;
extern const struct ct_backend ct_mailbox;
extern const struct ct_backend ct_mailbox_window;
extern const struct ct_backend ct_mailbox_inline;
extern const struct ct_backend ct_mailbox_esp;
extern const struct ct_backend ct_partition;
extern const struct ct_backend ct_partition_esp8266;
extern const struct ct_backend ct_partition_esp32;
extern const struct ct_backend ct_partition_all;
extern const struct ct_backend ct_partition_inline;

struct ct_case {
	const char *name;
	void (*run)(struct ct_world *w);
};

/* One table per file; the last row is empty. */
extern const struct ct_case ct_args[];
extern const struct ct_case ct_data[];
extern const struct ct_case ct_replace[]; /* not where there is none */
extern const struct ct_case ct_deflate[]; /* nor these */
extern const struct ct_case ct_update[];
extern const struct ct_case ct_failure[];
extern const struct ct_case ct_random[];

/* xorshift: the same numbers everywhere. Never 0 as state. */
uint32_t ct_rand(uint32_t *state);
uint32_t ct_below(uint32_t *state, uint32_t limit);
void ct_fill(uint32_t *state, uint8_t *buf, uint32_t len);

static inline const uint8_t *ct_at(const struct ct_world *w, uint32_t addr)
{
	return w->memory + addr;
}

static inline bool ct_can(const struct ct_world *w, enum far_flash_cap cap)
{
	return (w->flash->info.caps & cap) != 0;
}

/* Up to a multiple of the write block or sector. */
uint32_t ct_blocks(const struct ct_world *w, uint32_t n);
uint32_t ct_sectors(const struct ct_world *w, uint32_t n);

/* Remember the tests' part of the die; nothing outside [addr, addr + len) has changed since. */
void ct_snapshot(struct ct_world *w);
void ct_assert_only(const struct ct_world *w, uint32_t addr, uint32_t len);
void ct_assert_filled(const struct ct_world *w, uint32_t addr, uint32_t len, uint8_t value);

/* The call was rejected with this record and before anything was touched. */
void ct_assert_rejected(const struct ct_world *w, int got, int err, enum far_flash_op op,
			uint32_t addr);
/* Success, and no fault on record. */
void ct_assert_ok(const struct ct_world *w, int got);

/* Replace in one go, in portions of portion bytes; where there is no replace, erase and write. */
int ct_replace_all(struct ct_world *w, uint32_t addr, const uint8_t *data, uint32_t len,
		   uint32_t portion);

#endif
