/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages there and back between the two cores of a board, counted: core 0 asks, core 1 answers,
 * each function of the one while the other is in its counterpart. FAR_OK or the first failure.
 */
#ifndef FARFLASH_BENCH_BOARD_TRIPS_H
#define FARFLASH_BENCH_BOARD_TRIPS_H

#include "farflash/board.h"
#include "farflash/mailbox.h"

#define TRIPS 2000u

/* Both programs' mailbox messages outside the flash service. */
#define BENCH_CHANNEL 3u

/*
 * Core 0: wait for core 1 to appear, then say what a trip costs: by calls that wait, of any message
 * and of whole ones; in handlers of the doorbell's interrupt; in the same handlers, called by who
 * sleeps. Each message is stored into the ring once and copied out of it once, on either side.
 */
int trips_ask(struct far_mailbox *m, const struct far_board *board);
/* Core 1: until core 0 has all its answers. */
int trips_answer(struct far_mailbox *m, const struct far_board *board);
/*
 * Both ends on this core, as the peers were measured: what the mailbox itself costs, without sleep
 * and doorbell. name: what the row is called.
 */
int trips_alone(const struct far_board *board, const char *name);

#endif
