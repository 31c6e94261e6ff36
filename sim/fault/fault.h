/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong in the virtual world, and when: one plan, one seed, so that a run that failed can
 * be run again to the bit. A plan is text, KIND=WHEN, several with commas between:
 *
 *     cut=op:137          power fails in the 137th flash operation (page program or erase)
 *     lie=op:5            that program says it is done, and some bits are not
 *     worn=op:5           the sector of that operation is worn out from then on
 *     stuck=op:5          that operation never ends (until power is cycled)
 *     drop=out:1000       the 1,000th byte that the host sends is lost
 *     flip=in:1000        one bit of the 1,000th byte that the chip sends is changed
 *     double=rate:1000    each byte, either way, comes twice with a chance of 1 in 1,000
 *     delay=in:7          that byte, and what follows it, comes late: up to 3 s, by the seed
 *     stale=in:7          before that byte the last 1 to 64 bytes of its direction come again
 *     vanish=out:7        the port is gone with that byte, as a USB adapter that is pulled
 *     reset=out:7         the chip is reset with that byte
 *
 * cut, lie, worn and stuck are met by flash operations (op:N), the others by bytes on the line
 * (out:N, in:N); all take rate:N. cut may say where: cut=op:137:before, :inside, :after; else the
 * seed decides. Counts begin at 1. A cut happens once; then power is off (far_sim_fault_restore).
 */
#ifndef FARFLASH_SIM_FAULT_H
#define FARFLASH_SIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAR_SIM_FAULT_RULES 8u

enum far_sim_fault_kind {
	FAR_SIM_FAULT_NONE,
	FAR_SIM_FAULT_CUT,
	FAR_SIM_FAULT_LIE,
	FAR_SIM_FAULT_WORN,
	FAR_SIM_FAULT_STUCK,
	FAR_SIM_FAULT_DROP,
	FAR_SIM_FAULT_FLIP,
	FAR_SIM_FAULT_DOUBLE,
	FAR_SIM_FAULT_DELAY,
	FAR_SIM_FAULT_STALE,
	FAR_SIM_FAULT_VANISH,
	FAR_SIM_FAULT_RESET,
	FAR_SIM_FAULT_KINDS
};

enum far_sim_fault_where {
	FAR_SIM_FAULT_BY_SEED,
	FAR_SIM_FAULT_BEFORE, /* the operation has not begun */
	FAR_SIM_FAULT_INSIDE, /* it is half-way: torn, unstable */
	FAR_SIM_FAULT_AFTER   /* it is done, and nobody was told */
};

struct far_sim_fault_rule {
	enum far_sim_fault_kind kind;
	enum { FAR_SIM_FAULT_OP, FAR_SIM_FAULT_OUT, FAR_SIM_FAULT_IN, FAR_SIM_FAULT_RATE } when;
	uint64_t n;
	enum far_sim_fault_where where; /* of a cut */
};

struct far_sim_fault {
	uint64_t injected[FAR_SIM_FAULT_KINDS]; /* so often, each kind */
	uint64_t ops, out, in;                  /* flash operations and bytes so far */
	bool off;                               /* a cut has happened */
	bool vanished;                          /* the port is gone */
	/*
	 * Optional: called once for each cut, vanish and reset, when it happens; what is then done
	 * (a process ends, a line goes dead, a chip restarts) is the owner's business.
	 */
	void (*happened)(void *ctx, enum far_sim_fault_kind kind);
	void *ctx;
	struct {
		struct far_sim_fault_rule rules[FAR_SIM_FAULT_RULES];
		size_t count;
		uint64_t seed, random;
		char text[128];
		uint8_t recent[2][64]; /* the last bytes each way, for stale */
		size_t recent_len[2];
	} _state;
};

/*
 * Read a plan; "" is a plan without faults. 0; or -1 and why, one line for people that names what
 * is wrong and what is possible.
 */
int far_sim_fault_plan(struct far_sim_fault *f, const char *text, uint64_t seed, char *why,
		       size_t why_len);

/* Power is back, or the port: later rules still apply, counts go on. */
void far_sim_fault_restore(struct far_sim_fault *f);

/* One line that says what to run to see it again, and what was injected. Cut off at cap. */
void far_sim_fault_describe(const struct far_sim_fault *f, char *text, size_t cap);

/* The plan's own chance: a number below `below` (> 0), the same for the same seed. */
uint64_t far_sim_fault_draw(struct far_sim_fault *f, uint64_t below);

/* For the die: one operation begins. Which fault it meets; *where is filled in for a cut. */
enum far_sim_fault_kind far_sim_fault_op(struct far_sim_fault *f, enum far_sim_fault_where *where);

/*
 * For a line: one byte enters it, from the host (out) or from the chip. As far_sim_tap in sim/line.
 */
size_t far_sim_fault_byte(struct far_sim_fault *f, bool out, uint8_t byte, uint8_t *to, size_t cap,
			  uint64_t *delay_ns);

/* Is this kind met by flash operations? The others are by bytes. */
bool far_sim_fault_is_of_flash(enum far_sim_fault_kind kind);

/* "cut", "drop", ... */
const char *far_sim_fault_name(enum far_sim_fault_kind kind);

#endif
