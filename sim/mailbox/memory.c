/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sim/mailbox/world.h"

#define WORD sizeof(uint32_t)

static struct far_sim_core *other(struct far_sim_core *c)
{
	return &c->world->core[1 - c->side];
}

void far_sim_deliver(struct far_sim_core *c, bool all)
{
	uint64_t now = c->world->m->clock->now_ns;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < c->pending_count; i++) {
		const struct far_sim_pending *p = &c->pending[i];

		if (all || p->due_ns <= now)
			other(c)->view[p->word] = p->value;
		else
			c->pending[kept++] = *p;
	}
	c->pending_count = kept;
}

void far_sim_store(struct far_sim_core *c, uint32_t word, bool release)
{
	struct far_sim_world *w = c->world;
	struct far_sim_pending new = { .word = word, .value = c->view[word] };

	if (c->pending_count == FAR_SIM_PENDING_MAX)
		far_sim_deliver(c, true);
	new.due_ns = w->m->clock->now_ns + far_sim_world_random(w, w->m->faults.late_ns + 1);
	for (uint32_t i = 0; i < c->pending_count; i++)
		if ((release || c->pending[i].word == word) && c->pending[i].due_ns > new.due_ns)
			new.due_ns = c->pending[i].due_ns;
	c->pending[c->pending_count++] = new;
	if (new.due_ns > w->m->clock->now_ns)
		w->m->count.late_stores++;
	far_sim_deliver(c, false);
}

/* The stores of one half's owner; those that a reset loses never were, for either core. */
void far_sim_forget(struct far_sim_core *c)
{
	size_t half = c->world->words / 2, from = half * c->side;

	if (far_sim_world_random(c->world, 2) == 0)
		far_sim_deliver(c, true);
	c->pending_count = 0;
	memcpy(c->view + from, other(c)->view + from, half * WORD);
}

/* Noise, a word that is nearly right, or one from elsewhere. */
void far_sim_scribble(struct far_sim_world *w)
{
	uint32_t words = (uint32_t)w->words, at = far_sim_world_random(w, words);
	uint32_t value = w->core[0].view[at];

	switch (far_sim_world_random(w, 4)) {
	case 0:
		value = far_sim_world_random(w, UINT32_MAX);
		break;
	case 1:
		value += far_sim_world_random(w, 5) - 2;
		break;
	case 2:
		value ^= UINT32_C(1) << far_sim_world_random(w, 32);
		break;
	default:
		value = w->core[0].view[far_sim_world_random(w, words)];
		break;
	}
	w->core[0].view[at] = value;
	w->core[1].view[at] = value;
	w->m->count.scribbles++;
}

/* Where p is in the region of this core. Elsewhere no mailbox has any business. */
static uint32_t index_of(const struct far_sim_core *c, const uint32_t *p, size_t len)
{
	size_t at = (size_t)(p - c->view);

	if (p < c->view || at >= c->world->words || len > (c->world->words - at) * WORD)
		abort();
	return (uint32_t)at;
}

uint32_t far_sim_shared_load(const uint32_t *p)
{
	struct far_sim_core *c = far_sim_core_now();

	if (c == NULL)
		return *p;
	index_of(c, p, WORD);
	far_sim_seam(c);
	return *p;
}

void far_sim_shared_store(uint32_t *p, uint32_t value)
{
	struct far_sim_core *c = far_sim_core_now();

	if (c != NULL)
		far_sim_seam(c);
	*p = value;
	if (c != NULL)
		far_sim_store(c, index_of(c, p, WORD), true);
}

void far_sim_shared_fence(void)
{
	struct far_sim_core *c = far_sim_core_now();

	if (c == NULL)
		return;
	far_sim_seam(c);
	far_sim_deliver(c, true);
}

/* Word by word: a payload can be seen half-written, and a reset can leave it so. */
void far_sim_shared_put(uint32_t *to, const void *from, size_t len)
{
	struct far_sim_core *c = far_sim_core_now();

	for (size_t at = 0; at < len; at += WORD) {
		size_t n = len - at < WORD ? len - at : WORD;
		uint32_t *word = to + at / WORD;

		if (c != NULL)
			far_sim_seam(c);
		memcpy(word, (const uint8_t *)from + at, n);
		if (c != NULL)
			far_sim_store(c, index_of(c, word, n), false);
	}
}

void far_sim_shared_get(void *to, const uint32_t *from, size_t len)
{
	struct far_sim_core *c = far_sim_core_now();

	for (size_t at = 0; at < len; at += WORD) {
		size_t n = len - at < WORD ? len - at : WORD;

		if (c != NULL) {
			index_of(c, from + at / WORD, n);
			far_sim_seam(c);
		}
		memcpy((uint8_t *)to + at, from + at / WORD, n);
	}
}
