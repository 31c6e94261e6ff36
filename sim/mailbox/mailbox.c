/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs, who waits until when, and what the plan does to them. */
#include <stdlib.h>
#include <string.h>

#include "sim/mailbox/world.h"

#define NS_PER_MS 1000000u
#define CALLER    2u /* in place of a core: the caller of run */

enum restart { RESTART_NOT, RESTART_RESET, RESTART_OVER };

/* Which core a thread is, as a core's own number register tells it. */
static _Thread_local struct far_sim_core *this_core;

struct far_sim_core *far_sim_core_now(void)
{
	return this_core;
}

/* splitmix64 */
uint32_t far_sim_world_random(struct far_sim_world *w, uint32_t below)
{
	uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(((z ^ (z >> 31)) >> 32) * below >> 32);
}

bool far_sim_world_one_in(struct far_sim_world *w, uint32_t n)
{
	return n != 0 && far_sim_world_random(w, n) == 0;
}

static bool is_ready(const struct far_sim_core *c)
{
	if (c->state == CORE_WAITS)
		return (c->hears && c->rung) || c->world->m->clock->now_ns >= c->wake_ns;
	return c->state == CORE_READY;
}

/* When nobody can go on: the first moment at which somebody can. */
static uint64_t next_wake(const struct far_sim_world *w)
{
	uint64_t t = FAR_SIM_NEVER;

	for (int i = 0; i < 2; i++)
		if (w->core[i].state == CORE_WAITS && w->core[i].wake_ns < t)
			t = w->core[i].wake_ns;
	return t;
}

/* Who has the next turn; prefer is asked first. Time moves if it must. */
static uint32_t choose(struct far_sim_world *w, uint32_t prefer)
{
	const struct far_sim_core *core = w->core;

	if (core[0].state == CORE_DONE && core[1].state == CORE_DONE)
		return CALLER;
	if (!is_ready(&core[0]) && !is_ready(&core[1]))
		far_sim_clock_advance_to(w->m->clock, next_wake(w));
	if (w->m->clock->now_ns >= w->limit_ns)
		w->over = true;
	if (w->over)
		return core[0].state == CORE_DONE;
	return is_ready(&core[prefer]) ? prefer : 1 - prefer;
}

static sem_t *turn_of(struct far_sim_world *w, uint32_t who)
{
	return who == CALLER ? &w->finished : &w->core[who].turn;
}

static void await(sem_t *s)
{
	while (sem_wait(s) != 0)
		; /* EINTR */
}

/* Let the next one go on, and return when it is this core's turn again. */
static void pass(struct far_sim_core *c, uint32_t prefer)
{
	uint32_t next = choose(c->world, prefer);

	if (next != c->side) {
		c->world->m->count.switches++;
		sem_post(turn_of(c->world, next));
		await(&c->turn);
	}
	if (c->world->over)
		longjmp(c->restart, RESTART_OVER);
	c->state = CORE_READY;
}

static void reset(struct far_sim_core *c)
{
	c->world->m->count.resets[c->side]++;
	c->rung = false;
	far_sim_forget(c);
	longjmp(c->restart, RESTART_RESET);
}

/* The end of the faults; if there were scribbles, the scribbler becomes a decent core again. */
static void calm_down(struct far_sim_world *w)
{
	struct far_sim_mailbox *m = w->m;

	w->calm = true;
	if (m->count.scribbles > 0)
		m->faults.reset_at[1] = m->count.accesses[1] + 1;
}

static void misfortune(struct far_sim_core *c)
{
	struct far_sim_world *w = c->world;
	struct far_sim_mailbox *m = w->m;
	const struct far_sim_mailbox_faults *f = &m->faults;

	if (!w->calm && f->until != 0 && m->count.accesses[0] + m->count.accesses[1] > f->until)
		calm_down(w);
	if (!w->calm && far_sim_world_one_in(w, f->scribble_in))
		far_sim_scribble(w);
	if (f->reset_at[c->side] == m->count.accesses[c->side] ||
	    (!w->calm && far_sim_world_one_in(w, f->reset_in[c->side])))
		reset(c);
}

void far_sim_seam(struct far_sim_core *c)
{
	struct far_sim_world *w = c->world;

	w->m->count.accesses[c->side]++;
	far_sim_clock_advance_to(w->m->clock, w->m->clock->now_ns + FAR_SIM_ACCESS_NS);
	pass(c, far_sim_world_one_in(w, w->m->faults.switch_in) ? 1 - c->side : c->side);
	far_sim_deliver(&w->core[0], false);
	far_sim_deliver(&w->core[1], false);
	misfortune(c);
}

static void sleep_until(struct far_sim_core *c, uint32_t ms, bool hears)
{
	c->state = CORE_WAITS;
	c->hears = hears;
	c->wake_ns = c->world->m->clock->now_ns + (uint64_t)ms * NS_PER_MS;
	pass(c, 1 - c->side);
	far_sim_seam(c);
}

static struct far_sim_core *core_of(struct far_doorbell *d)
{
	return (struct far_sim_core *)(void *)((char *)d - offsetof(struct far_sim_core, doorbell));
}

static void doorbell_ring(struct far_doorbell *d)
{
	struct far_sim_core *c = core_of(d);
	struct far_sim_world *w = c->world;

	far_sim_seam(c);
	far_sim_deliver(c, true);
	w->m->count.rings++;
	if (!w->calm && far_sim_world_one_in(w, w->m->faults.lose_ring))
		w->m->count.lost_rings++;
	else
		w->core[1 - c->side].rung = true;
}

static int doorbell_wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct far_sim_core *c = core_of(d);

	if (!c->rung)
		sleep_until(c, timeout_ms, true);
	c->rung = false;
	return FAR_OK;
}

static uint32_t clock_now_ms(struct far_clock *clock)
{
	struct far_sim_core *c = this_core;

	(void)clock;
	far_sim_seam(c);
	return c->world->m->clock->clock.ops->now_ms(&c->world->m->clock->clock);
}

static void clock_sleep_ms(struct far_clock *clock, uint32_t ms)
{
	(void)clock;
	sleep_until(this_core, ms, false);
}

static const struct far_doorbell_ops doorbell_ops = { .ring = doorbell_ring,
						      .wait = doorbell_wait };
static const struct far_clock_ops clock_ops = { .now_ms = clock_now_ms,
						.sleep_ms = clock_sleep_ms };

/* The end of a core: its turn goes to whoever is left. */
static void leave(struct far_sim_core *c)
{
	c->state = CORE_DONE;
	sem_post(turn_of(c->world, choose(c->world, 1 - c->side)));
}

static void *run_core(void *arg)
{
	struct far_sim_core *c = arg;
	const struct far_sim_mailbox *m = c->world->m;

	this_core = c;
	await(&c->turn);
	if (setjmp(c->restart) != RESTART_OVER && !c->world->over)
		m->program[c->side](m->user[c->side], &c->config);
	leave(c);
	return NULL;
}

static void init_core(struct far_sim_world *w, uint32_t side)
{
	struct far_sim_core *c = &w->core[side];

	c->world = w;
	c->side = side;
	c->doorbell.ops = &doorbell_ops;
	c->clock.ops = &clock_ops;
	c->config = (struct far_mailbox_config){ .region = c->view,
						 .region_size = w->words * sizeof(uint32_t),
						 .side = side,
						 .slots = w->m->slots,
						 .doorbell = &c->doorbell,
						 .clock = &c->clock };
}

/* Shared RAM holds anything after power-up; both cores find the same. */
static bool make(struct far_sim_world *w)
{
	size_t size = w->words * sizeof(uint32_t);

	w->core[0].view = malloc(size);
	w->core[1].view = malloc(size);
	if (w->core[0].view == NULL || w->core[1].view == NULL)
		return false;
	for (size_t i = 0; i < w->words; i++)
		w->core[0].view[i] = far_sim_world_random(w, UINT32_MAX);
	memcpy(w->core[1].view, w->core[0].view, size);
	for (uint32_t i = 0; i < 2; i++)
		init_core(w, i);
	return sem_init(&w->core[0].turn, 0, 0) == 0 && sem_init(&w->core[1].turn, 0, 0) == 0 &&
	       sem_init(&w->finished, 0, 0) == 0;
}

static int run(struct far_sim_world *w)
{
	int threads = 0;

	while (threads < 2 &&
	       pthread_create(&w->core[threads].thread, NULL, run_core, &w->core[threads]) == 0)
		threads++;
	if (threads < 2) {
		w->over = true; /* the one there is, if any, finds the world over */
		w->core[1].state = CORE_DONE;
		if (threads == 0)
			return FAR_ERR_IO;
	}
	sem_post(&w->core[0].turn);
	await(&w->finished);
	for (int i = 0; i < threads; i++)
		pthread_join(w->core[i].thread, NULL);
	if (threads < 2)
		return FAR_ERR_IO;
	return w->over ? FAR_ERR_TIMEOUT : FAR_OK;
}

int far_sim_mailbox_run(struct far_sim_mailbox *m, uint32_t limit_ms)
{
	struct far_sim_mailbox_faults faults = m->faults;
	struct far_sim_world *w;
	int err = FAR_ERR_IO;

	if (m->slots - 1 >= FAR_MAILBOX_SLOTS_MAX || (m->slots & (m->slots - 1)) != 0)
		return FAR_ERR_ARG;
	memset(&m->count, 0, sizeof(m->count));
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return FAR_ERR_IO;
	w->m = m;
	w->random = m->faults.seed;
	w->words = FAR_MAILBOX_REGION_SIZE(m->slots) / sizeof(uint32_t);
	w->limit_ns = m->clock->now_ns + (uint64_t)limit_ms * NS_PER_MS;
	if (make(w))
		err = run(w);
	m->faults = faults;
	free(w->core[0].view);
	free(w->core[1].view);
	free(w);
	return err;
}
