/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox with one memory order taken away (test/common/sim_shared.h): the virtual cores must
 * show that it matters, or they would prove nothing about the real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim_mailbox_talk.h"

#define SEEDS 200u

static void is_found_out(void **state)
{
	static struct talk talk;
	struct far_sim_mailbox_faults faults = { .switch_in = 10, .late_ns = 1500 };
	uint32_t bad = 0;

	(void)state;
	for (faults.seed = 1; faults.seed <= SEEDS; faults.seed++) {
		talk_run(&talk, 1u << faults.seed % 4, &faults);
		bad += !talk_is_good(&talk);
	}
	printf("found with %u of %u seeds\n", bad, SEEDS);
	assert_true(bad >= SEEDS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(is_found_out) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
