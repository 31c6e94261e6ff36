/* SPDX-License-Identifier: Apache-2.0 */
/* The mailbox on two virtual cores: weak memory, lost doorbells, resets, a peer that scribbles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim_mailbox_talk.h"

static struct talk talk;

/* Seeds from base on; all of them good. */
static void sweep(struct far_sim_mailbox_faults faults, uint32_t base, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		faults.seed = base + i;
		talk_run(&talk, 1u << i % 4, &faults);
		assert_true(talk_is_good(&talk));
		assert_true(talk.end[0].got >= 48 && talk.end[1].got >= 48);
	}
}

static void undisturbed(void **state)
{
	const struct far_sim_mailbox_faults none = { .seed = 1 };

	(void)state;
	talk_run(&talk, 4, &none);
	assert_true(talk_is_good(&talk));
	assert_int_equal(talk.end[0].sessions, 1);
	assert_int_equal(talk.end[0].lives, 1);
	assert_int_equal(talk.m.count.late_stores + talk.m.count.lost_rings, 0);
}

static void same_seed_same_run(void **state)
{
	const struct far_sim_mailbox_faults faults = { .seed = 77,
						       .switch_in = 5,
						       .late_ns = 900,
						       .lose_ring = 20,
						       .reset_in = { 900, 1100 },
						       .until = 8000 };
	struct talk again;

	(void)state;
	talk_run(&talk, 2, &faults);
	again = talk;
	talk_run(&talk, 2, &faults);
	assert_memory_equal(&talk.m.count, &again.m.count, sizeof(again.m.count));
	assert_memory_equal(talk.end, again.end, sizeof(again.end));
	assert_true(talk.took_ns == again.took_ns);
	assert_true(talk.m.count.resets[0] > 0 && talk.m.count.lost_rings > 0);
}

static void impossible_configurations(void **state)
{
	const struct far_sim_mailbox_faults none = { .seed = 1 };

	(void)state;
	talk_run(&talk, 3, &none);
	assert_int_equal(talk.result, FAR_ERR_ARG);
	talk_run(&talk, 128, &none);
	assert_int_equal(talk.result, FAR_ERR_ARG);
}

static void late_stores(void **state)
{
	(void)state;
	sweep((struct far_sim_mailbox_faults){ .switch_in = 3, .late_ns = 300 }, 1000, 40);
	assert_true(talk.m.count.late_stores > 100);
	sweep((struct far_sim_mailbox_faults){ .switch_in = 20, .late_ns = 5000 }, 2000, 40);
}

static void lost_doorbells(void **state)
{
	(void)state;
	sweep((struct far_sim_mailbox_faults){ .switch_in = 6, .late_ns = 200, .lose_ring = 4 },
	      3000, 40);
	assert_true(talk.m.count.lost_rings > 0);
}

static void resets(void **state)
{
	(void)state;
	sweep(
		(struct far_sim_mailbox_faults){
			.switch_in = 4, .late_ns = 400, .reset_in = { 300, 200 }, .until = 5000 },
		4000, 60);
	assert_true(talk.m.count.resets[0] > 0 && talk.m.count.resets[1] > 0);
	sweep((struct far_sim_mailbox_faults){ .switch_in = 9,
					       .reset_in = { 40, 0 },
					       .until = 4000 },
	      5000, 20);
}

/* Every single access of either core, in an otherwise quiet run, is where it is reset. */
static void one_reset_anywhere(void **state)
{
	struct far_sim_mailbox_faults faults = { .seed = 6, .switch_in = 7, .late_ns = 150 };

	(void)state;
	for (uint32_t at = 1; at <= 700; at++) {
		faults.reset_at[at % 2] = at;
		faults.reset_at[1 - at % 2] = 0;
		faults.until = 2 * at + 1000;
		talk_run(&talk, 2, &faults);
		assert_true(talk_is_good(&talk));
		assert_int_equal(talk.m.count.resets[at % 2], 1);
	}
}

static void scribbling(void **state)
{
	(void)state;
	sweep(
		(struct far_sim_mailbox_faults){
			.switch_in = 5, .late_ns = 200, .scribble_in = 25, .until = 8000 },
		7000, 60);
	assert_true(talk.m.count.scribbles > 100);
	assert_true(talk.end[0].sessions > 1);
}

static void everything_at_once(void **state)
{
	(void)state;
	sweep((struct far_sim_mailbox_faults){ .switch_in = 5,
					       .late_ns = 2000,
					       .lose_ring = 10,
					       .reset_in = { 700, 500 },
					       .scribble_in = 200,
					       .until = 8000 },
	      8000, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undisturbed),
		cmocka_unit_test(same_seed_same_run),
		cmocka_unit_test(impossible_configurations),
		cmocka_unit_test(late_stores),
		cmocka_unit_test(lost_doorbells),
		cmocka_unit_test(resets),
		cmocka_unit_test(one_reset_anywhere),
		cmocka_unit_test(scribbling),
		cmocka_unit_test(everything_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
