/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two mailboxes on one region in one program, on the virtual clock. A wait lets the other side act,
 * or else only time pass.
 */
#ifndef FARFLASH_TEST_MAILBOX_PAIR_H
#define FARFLASH_TEST_MAILBOX_PAIR_H

#include "farflash/mailbox.h"
#include "sim/clock/clock.h"

#define PAIR_NEWS_MAX 16

/* Words of a half, as docs/SPEC-mailbox.md gives them; not taken from the code under test. */
enum {
	SPEC_FORMAT = 0,
	SPEC_CONTROL = 1,
	SPEC_WANTS = 2,
	SPEC_BEAT = 3,
	SPEC_TAKEN = 16,
	SPEC_RINGS = 32,
	SPEC_SLOT = 17
};

struct pair;

struct side {
	struct far_doorbell doorbell; /* first: the ops get back to the side */
	struct far_mailbox m;
	struct far_mailbox_config config;
	struct pair *pair;
	unsigned rings; /* made by this side */
	unsigned waits; /* begun by this side */
	int wait_rc;
	void (*in_wait)(struct side *s); /* what the world does while this side waits */
	bool news[PAIR_NEWS_MAX];        /* the notices, in order */
	unsigned news_count;
	unsigned got; /* messages that a callback saw */
	uint8_t last[FAR_MAILBOX_DATA_MAX];
	size_t last_len;
	uint32_t last_channel;
};

struct pair {
	struct far_sim_clock clock;
	struct side side[2];
	uint32_t *region; /* from malloc, exactly as long as it must be */
	size_t region_size;
	uint32_t slots;
};

/* Both sides initialised, not yet bound. Rings of so many slots. */
void pair_start(struct pair *p, uint32_t slots);
void pair_stop(struct pair *p);

/* A reset of one side: what it knew is gone. */
void pair_reset(struct pair *p, uint32_t side);

/* Poll both until nothing happens any more: they are bound then, or cannot be. */
void pair_settle(struct pair *p);

/* Counts and keeps what came in *user, a struct side. */
void pair_callback(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		   size_t len);

/* A word of a side's half, as it stands in memory. */
uint32_t *pair_word(struct pair *p, uint32_t side, uint32_t word);
uint32_t *pair_slot(struct pair *p, uint32_t side, uint32_t channel, uint32_t slot);

extern const struct far_doorbell_ops pair_ops;      /* ring and wait */
extern const struct far_doorbell_ops pair_poll_ops; /* ring alone */

#endif
