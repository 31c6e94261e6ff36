/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as text: read, and told with what has come of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fault/fault.h"

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
				    (w == FAR_SIM_FAULT_OP) == far_sim_fault_is_of_flash(r->kind);

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
