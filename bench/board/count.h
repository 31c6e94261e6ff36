/* SPDX-License-Identifier: Apache-2.0 */
/* Counting instructions, and saying how many there were. */
#ifndef FARFLASH_BENCH_BOARD_COUNT_H
#define FARFLASH_BENCH_BOARD_COUNT_H

#include "farflash/board.h"
#include "port/baremetal/baremetal.h"

/*
 * Instructions of both cores so far: QEMU counts them together with -icount. Wraps. Each board has
 * its own.
 */
uint32_t count_now(void);

/* Sleep between interrupts until is_over(ctx); whoever runs the board has the patience. */
void count_sleep(bool (*is_over)(void *ctx), void *ctx);
/* The same by far_bare_serve. */
void count_serve(bool (*is_over)(void *ctx), void *ctx);

/* "name,value" with two decimals, value being instructions / pieces. */
void count_say(struct far_stream *out, const char *name, uint32_t instructions, uint32_t pieces);

#endif
