/* SPDX-License-Identifier: Apache-2.0 */
/* Two cores, their copies of the region, and what is on its way between them. */
#ifndef FARFLASH_SIM_MAILBOX_WORLD_H
#define FARFLASH_SIM_MAILBOX_WORLD_H

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdbool.h>

#include "sim/mailbox/mailbox.h"

#define FAR_SIM_PENDING_MAX 512u

enum far_sim_core_state { CORE_READY, CORE_WAITS, CORE_DONE };

/* A store that its core has made and the other one cannot see yet. */
struct far_sim_pending {
	uint32_t word, value;
	uint64_t due_ns;
};

struct far_sim_core {
	struct far_sim_world *world;
	struct far_doorbell doorbell;
	struct far_clock clock;
	struct far_mailbox_config config;
	uint32_t side;
	uint32_t *view; /* this core's copy of the region */
	struct far_sim_pending pending[FAR_SIM_PENDING_MAX];
	uint32_t pending_count;
	enum far_sim_core_state state;
	bool rung, hears; /* hears: waits for a ring, too */
	uint64_t wake_ns;
	sem_t turn;
	pthread_t thread;
	jmp_buf restart;
};

/* Whoever has the turn, a core or the caller of run, is alone: nothing here needs a lock. */
struct far_sim_world {
	struct far_sim_mailbox *m;
	struct far_sim_core core[2];
	size_t words;
	uint64_t limit_ns;
	uint64_t random;
	bool over, calm; /* calm: the faults have ended */
	sem_t finished;
};

/* 0 to below - 1. */
uint32_t far_sim_world_random(struct far_sim_world *w, uint32_t below);
bool far_sim_world_one_in(struct far_sim_world *w, uint32_t n);

/* memory.c */
/* A store, from the core's own copy into the other's, now or later. */
void far_sim_store(struct far_sim_core *c, uint32_t word, bool release);
/* What is due reaches the other core; with all, whatever is on its way. */
void far_sim_deliver(struct far_sim_core *c, bool all);
/* A reset: part of what is on its way gets lost, and the core sees what there is. */
void far_sim_forget(struct far_sim_core *c);
void far_sim_scribble(struct far_sim_world *w);

/* mailbox.c */
/* The core that is running, on its own thread; NULL elsewhere. */
struct far_sim_core *far_sim_core_now(void);
/* Before every access: time passes, and whatever the plan says happens. May not return. */
void far_sim_seam(struct far_sim_core *c);

#endif
