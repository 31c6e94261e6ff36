/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fault/fault.h"

#define DELAY_MAX_NS 3000000000u

static const char *const names[FAR_SIM_FAULT_KINDS] = {
	[FAR_SIM_FAULT_NONE] = "none",     [FAR_SIM_FAULT_CUT] = "cut",
	[FAR_SIM_FAULT_LIE] = "lie",       [FAR_SIM_FAULT_WORN] = "worn",
	[FAR_SIM_FAULT_STUCK] = "stuck",   [FAR_SIM_FAULT_DROP] = "drop",
	[FAR_SIM_FAULT_FLIP] = "flip",     [FAR_SIM_FAULT_DOUBLE] = "double",
	[FAR_SIM_FAULT_DELAY] = "delay",   [FAR_SIM_FAULT_STALE] = "stale",
	[FAR_SIM_FAULT_VANISH] = "vanish", [FAR_SIM_FAULT_RESET] = "reset",
};

const char *far_sim_fault_name(enum far_sim_fault_kind kind)
{
	return kind < FAR_SIM_FAULT_KINDS ? names[kind] : "unknown";
}

static bool is_of_flash(enum far_sim_fault_kind kind)
{
	return kind >= FAR_SIM_FAULT_CUT && kind <= FAR_SIM_FAULT_STUCK;
}

/* ---- the plan's text ------------------------------------------------------------------------- */

/* Split text at the first c; what comes behind it, or NULL. */
static char *cut_at(char *text, char c)
{
	char *at = strchr(text, c);

	if (at != NULL)
		*at++ = '\0';
	return at;
}

static bool parse_kind(struct far_sim_fault_rule *r, const char *text)
{
	for (unsigned k = FAR_SIM_FAULT_CUT; k < FAR_SIM_FAULT_KINDS; k++)
		if (strcmp(text, names[k]) == 0) {
			r->kind = (enum far_sim_fault_kind)k;
			return true;
		}
	return false;
}

static bool parse_when(struct far_sim_fault_rule *r, const char *text)
{
	static const char *const whens[] = { "op", "out", "in", "rate" };

	for (unsigned w = 0; w < sizeof(whens) / sizeof(whens[0]); w++)
		if (strcmp(text, whens[w]) == 0) {
			bool fits = w == FAR_SIM_FAULT_RATE ||
				    (w == FAR_SIM_FAULT_OP) == is_of_flash(r->kind);

			r->when = w;
			return fits;
		}
	return false;
}

static bool parse_number(struct far_sim_fault_rule *r, const char *text)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	r->n = strtoull(text, &end, 10);
	return *end == '\0' && r->n > 0 && r->n < UINT64_MAX;
}

static bool parse_where(struct far_sim_fault_rule *r, const char *text)
{
	static const char *const wheres[] = { "before", "inside", "after" };

	if (text == NULL)
		return true;
	for (unsigned w = 0; w < sizeof(wheres) / sizeof(wheres[0]); w++)
		if (strcmp(text, wheres[w]) == 0) {
			r->where = (enum far_sim_fault_where)(FAR_SIM_FAULT_BEFORE + w);
			return r->kind == FAR_SIM_FAULT_CUT;
		}
	return false;
}

/* One KIND=WHEN:N[:WHERE], which is torn apart. */
static const char *parse_rule(struct far_sim_fault_rule *r, char *text)
{
	char *when = cut_at(text, '=');
	char *n = when != NULL ? cut_at(when, ':') : NULL;
	char *where = n != NULL ? cut_at(n, ':') : NULL;

	if (!parse_kind(r, text))
		return "kinds are cut, lie, worn, stuck, drop, flip, double, delay, stale, vanish, "
		       "reset";
	if (n == NULL || !parse_when(r, when))
		return "when is op:N for a fault of the flash, out:N or in:N for one of the line, "
		       "or rate:N";
	if (!parse_number(r, n))
		return "N is a number from 1 on";
	if (!parse_where(r, where))
		return "only a cut may say :before, :inside or :after";
	return NULL;
}

static int refuse(char *why, size_t why_len, const char *rule, const char *reason)
{
	snprintf(why, why_len, "fault '%s': %s", rule, reason);
	return -1;
}

int far_sim_fault_plan(struct far_sim_fault *f, const char *text, uint64_t seed, char *why,
		       size_t why_len)
{
	char copy[sizeof(f->_state.text)], one[sizeof(copy)];
	char *rule = copy;

	memset(f, 0, sizeof(*f));
	f->_state.seed = f->_state.random = seed;
	if (strlen(text) >= sizeof(copy))
		return refuse(why, why_len, text, "a plan has at most 127 characters");
	strcpy(f->_state.text, text);
	strcpy(copy, text);
	while (rule != NULL && *rule != '\0') {
		char *next = cut_at(rule, ',');
		const char *reason;

		if (f->_state.count == FAR_SIM_FAULT_RULES)
			return refuse(why, why_len, rule, "a plan has at most 8 rules");
		strcpy(one, rule);
		reason = parse_rule(&f->_state.rules[f->_state.count++], rule);
		if (reason != NULL)
			return refuse(why, why_len, one, reason);
		rule = next;
	}
	return 0;
}

void far_sim_fault_restore(struct far_sim_fault *f)
{
	f->off = f->vanished = false;
}

void far_sim_fault_describe(const struct far_sim_fault *f, char *text, size_t cap)
{
	size_t len;

	snprintf(text, cap,
		 "--fault %s --seed %llu: %llu flash operations, bytes %llu out %llu in; "
		 "injected:",
		 f->_state.text[0] != '\0' ? f->_state.text : "''",
		 (unsigned long long)f->_state.seed, (unsigned long long)f->ops,
		 (unsigned long long)f->out, (unsigned long long)f->in);
	for (unsigned k = FAR_SIM_FAULT_CUT; k < FAR_SIM_FAULT_KINDS; k++) {
		len = strlen(text);
		if (f->injected[k] > 0)
			snprintf(text + len, cap - len, " %s %llu", names[k],
				 (unsigned long long)f->injected[k]);
	}
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

		if (!is_of_flash(r->kind) || !is_met(f, r, f->ops))
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

		if (is_of_flash(r->kind) || r->when == (out ? FAR_SIM_FAULT_IN : FAR_SIM_FAULT_OUT))
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
