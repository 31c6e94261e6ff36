/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two virtual cores that talk over two channels in both directions, whatever happens to them, and
 * check every message. Once nothing happens any more, each must get so many more, and both end.
 */
#ifndef FARFLASH_TEST_SIM_MAILBOX_TALK_H
#define FARFLASH_TEST_SIM_MAILBOX_TALK_H

#include <stdbool.h>

#include "sim/mailbox/mailbox.h"

#define TALK_WAIT_MS  1000u
#define TALK_LIMIT_MS 600000u

struct talk_end {
	uint32_t wrong;    /* messages torn, of another session, lost, doubled or out of order */
	uint32_t got;      /* messages, in all */
	uint32_t stories;  /* notices that did not alternate */
	uint32_t sessions; /* bound so often */
	uint32_t lives;    /* starts of the program */
};

struct talk {
	struct far_sim_clock clock;
	struct far_sim_mailbox m;
	struct talk_end end[2];
	bool foreign; /* messages may be anything: count none as wrong */
	int result;   /* of far_sim_mailbox_run */
	uint64_t took_ns;
};

/* Run with these faults; rings of so many slots. */
void talk_run(struct talk *t, uint32_t slots, const struct far_sim_mailbox_faults *faults);

/* True if all went well; else prints what did not, and the faults that show it again. */
bool talk_is_good(const struct talk *t);

#endif
