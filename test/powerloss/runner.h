/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cut everywhere: an update job is begun on a flash in some virtual world and cut off at one point
 * after the other; then the world is started again and the job run again. Whatever the cut, the
 * first run has told the truth about what it touched, the second one ends verified, and no byte
 * outside the range has changed.
 *
 * A cut is a plan of sim/fault with its seed; several, one for each run before the last, make a
 * replay id: WORLD/PLAN@SEED[+PLAN@SEED]. A failure prints it, and WORLD's program takes it as
 * --replay ID.
 */
#ifndef FARFLASH_TEST_POWERLOSS_RUNNER_H
#define FARFLASH_TEST_POWERLOSS_RUNNER_H

#include "farflash/flash.h"
#include "sim/fault/fault.h"

#define POWERLOSS_SIZE 0x20000u /* bytes of the flash */

struct powerloss_world {
	const char *name;
	/*
	 * All new, with a die of POWERLOSS_SIZE bytes that starts as contents, and with plan in
	 * force for flash operations and, where there is one, for the link.
	 */
	void (*create)(const uint8_t *contents, struct far_sim_fault *plan);
	/*
	 * Start what is off or was cut off: the flash to use, or NULL if it does not come up, which
	 * only a cut may cause.
	 */
	struct far_flash *(*boot)(void);
	const uint8_t *(*memory)(void);
	void (*destroy)(void);
	/*
	 * Ways to cut, ended by NULL: what is before the number in a plan, such as "cut=op:"; only
	 * every stride-th place is tried (prime strides do not miss a rhythm).
	 */
	struct {
		const char *plan;
		uint32_t stride;
	} cuts[4];
	uint32_t rounds; /* of random cuts */
};

/* The test's main: every cut, pairs of cuts, random cuts. */
int powerloss_main(int argc, char **argv, const struct powerloss_world *w);

#endif
