/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when, by the plan. */
#include <string.h>

#include "sim/fault/fault.h"

#define DELAY_MAX_NS 3000000000u

bool far_sim_fault_is_of_flash(enum far_sim_fault_kind kind)
{
	return kind >= FAR_SIM_FAULT_CUT && kind <= FAR_SIM_FAULT_STUCK;
}

void far_sim_fault_restore(struct far_sim_fault *f)
{
	f->off = f->vanished = false;
}

/* ---- chance ---------------------------------------------------------------------------------- */

/* splitmix64: every seed gives a good sequence, 0 included. */
uint64_t far_sim_fault_draw(struct far_sim_fault *f, uint64_t below)
{
	uint64_t z = f->_state.random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) % below;
}

static bool is_met(struct far_sim_fault *f, const struct far_sim_fault_rule *r, uint64_t count)
{
	return r->when == FAR_SIM_FAULT_RATE ? far_sim_fault_draw(f, r->n) == 0 : r->n == count;
}

static void happen(struct far_sim_fault *f, enum far_sim_fault_kind kind)
{
	f->injected[kind]++;
	if (kind != FAR_SIM_FAULT_CUT && kind != FAR_SIM_FAULT_VANISH &&
	    kind != FAR_SIM_FAULT_RESET)
		return;
	f->off = f->off || kind == FAR_SIM_FAULT_CUT;
	f->vanished = f->vanished || kind == FAR_SIM_FAULT_VANISH;
	if (f->happened != NULL)
		f->happened(f->ctx, kind);
}

/* ---- the flash ------------------------------------------------------------------------------- */

enum far_sim_fault_kind far_sim_fault_op(struct far_sim_fault *f, enum far_sim_fault_where *where)
{
	enum far_sim_fault_kind met = FAR_SIM_FAULT_NONE;

	if (f->off)
		return FAR_SIM_FAULT_CUT;
	f->ops++;
	for (size_t i = 0; i < f->_state.count && met == FAR_SIM_FAULT_NONE; i++) {
		const struct far_sim_fault_rule *r = &f->_state.rules[i];

		if (!far_sim_fault_is_of_flash(r->kind) || !is_met(f, r, f->ops))
			continue;
		met = r->kind;
		*where = r->where;
	}
	if (met == FAR_SIM_FAULT_NONE)
		return met;
	if (met == FAR_SIM_FAULT_CUT && *where == FAR_SIM_FAULT_BY_SEED)
		*where =
			(enum far_sim_fault_where)(FAR_SIM_FAULT_BEFORE + far_sim_fault_draw(f, 3));
	happen(f, met);
	return met;
}

/* ---- the line -------------------------------------------------------------------------------- */

static void remember(struct far_sim_fault *f, bool out, uint8_t byte)
{
	uint8_t *recent = f->_state.recent[out];
	size_t *len = &f->_state.recent_len[out];

	if (*len == sizeof(f->_state.recent[0]))
		memmove(recent, recent + 1, --*len);
	recent[(*len)++] = byte;
}

/* What becomes of one byte that meets a fault: the bytes at to, n of them so far. */
static size_t spoil(struct far_sim_fault *f, enum far_sim_fault_kind kind, bool out, uint8_t *to,
		    size_t n, size_t cap, uint64_t *delay_ns)
{
	size_t again = f->_state.recent_len[out], room = cap > n ? cap - n : 0;

	switch ((int)kind) {
	case FAR_SIM_FAULT_DROP:
		return 0;
	case FAR_SIM_FAULT_FLIP:
		to[0] ^= (uint8_t)(1u << far_sim_fault_draw(f, 8));
		return n;
	case FAR_SIM_FAULT_DOUBLE:
		to[1] = to[0];
		return 2;
	case FAR_SIM_FAULT_DELAY:
		*delay_ns += 1 + far_sim_fault_draw(f, DELAY_MAX_NS);
		return n;
	case FAR_SIM_FAULT_STALE:
		again = again > 0 ? 1 + (size_t)far_sim_fault_draw(f, again) : 0;
		if (again > room)
			again = room;
		memmove(to + again, to, n);
		memcpy(to, f->_state.recent[out] + f->_state.recent_len[out] - again, again);
		return n + again;
	default: /* the port or the chip is gone before it comes */
		return 0;
	}
}

size_t far_sim_fault_byte(struct far_sim_fault *f, bool out, uint8_t byte, uint8_t *to, size_t cap,
			  uint64_t *delay_ns)
{
	uint64_t count = out ? ++f->out : ++f->in;
	size_t n = 1;

	to[0] = byte;
	for (size_t i = 0; i < f->_state.count; i++) {
		const struct far_sim_fault_rule *r = &f->_state.rules[i];

		if (far_sim_fault_is_of_flash(r->kind) ||
		    r->when == (out ? FAR_SIM_FAULT_IN : FAR_SIM_FAULT_OUT))
			continue;
		if (!is_met(f, r, count))
			continue;
		n = spoil(f, r->kind, out, to, n, cap, delay_ns);
		happen(f, r->kind);
		if (n != 1)
			break;
	}
	remember(f, out, byte);
	return f->off || f->vanished ? 0 : n;
}
