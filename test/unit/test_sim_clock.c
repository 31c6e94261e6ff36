/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/clock/clock.h"

static uint32_t now(struct far_sim_clock *c)
{
	return c->clock.ops->now_ms(&c->clock);
}

static void starts_at_zero(void **state)
{
	struct far_sim_clock c = { .now_ns = 77 };

	(void)state;
	far_sim_clock_init(&c);
	assert_int_equal(c.now_ns, 0);
	assert_int_equal(now(&c), 0);
}

static void sleeping_moves_time_exactly(void **state)
{
	struct far_sim_clock c;

	(void)state;
	far_sim_clock_init(&c);
	c.clock.ops->sleep_ms(&c.clock, 0);
	assert_int_equal(c.now_ns, 0);
	c.clock.ops->sleep_ms(&c.clock, 7);
	assert_int_equal(c.now_ns, 7000000);
	assert_int_equal(now(&c), 7);
	c.clock.ops->sleep_ms(&c.clock, UINT32_MAX);
	assert_true(c.now_ns == 7000000ull + UINT32_MAX * 1000000ull);
}

/* A sleep that starts inside a millisecond must still show as at least its length. */
static void sleep_is_never_short(void **state)
{
	struct far_sim_clock c;

	(void)state;
	for (uint32_t offset = 0; offset < 2000000; offset += 99991) {
		uint32_t before;

		far_sim_clock_init(&c);
		far_sim_clock_advance_to(&c, offset);
		before = now(&c);
		c.clock.ops->sleep_ms(&c.clock, 3);
		assert_true(now(&c) - before >= 3);
	}
}

static void milliseconds_wrap(void **state)
{
	struct far_sim_clock c;

	(void)state;
	far_sim_clock_init(&c);
	far_sim_clock_advance_to(&c, (1ull << 32) * 1000000 - 1);
	assert_int_equal(now(&c), UINT32_MAX);
	far_sim_clock_advance_to(&c, (1ull << 32) * 1000000);
	assert_int_equal(now(&c), 0);
	c.clock.ops->sleep_ms(&c.clock, 5);
	assert_int_equal(now(&c) - UINT32_MAX, 6);
}

static void time_does_not_go_back(void **state)
{
	struct far_sim_clock c;

	(void)state;
	far_sim_clock_init(&c);
	far_sim_clock_advance_to(&c, 500);
	assert_int_equal(c.now_ns, 500);
	far_sim_clock_advance_to(&c, 499);
	assert_int_equal(c.now_ns, 500);
	far_sim_clock_advance_to(&c, 501);
	assert_int_equal(c.now_ns, 501);
}

static void never_does_not_come(void **state)
{
	struct far_sim_clock c;

	(void)state;
	far_sim_clock_init(&c);
	far_sim_clock_advance_to(&c, 500);
	far_sim_clock_advance_to(&c, FAR_SIM_NEVER);
	assert_int_equal(c.now_ns, 500);
}

static void the_end_of_time_holds(void **state)
{
	struct far_sim_clock c;

	(void)state;
	far_sim_clock_init(&c);
	far_sim_clock_advance_to(&c, FAR_SIM_NEVER - 2);
	c.clock.ops->sleep_ms(&c.clock, 1);
	assert_true(c.now_ns == FAR_SIM_NEVER - 1);
	c.clock.ops->sleep_ms(&c.clock, UINT32_MAX);
	assert_true(c.now_ns == FAR_SIM_NEVER - 1);
}

static void two_clocks_are_two(void **state)
{
	struct far_sim_clock a, b;

	(void)state;
	far_sim_clock_init(&a);
	far_sim_clock_init(&b);
	a.clock.ops->sleep_ms(&a.clock, 10);
	assert_int_equal(now(&a), 10);
	assert_int_equal(now(&b), 0);
}

static uint32_t other_now(struct far_clock *c)
{
	(void)c;
	return 0;
}

static void other_sleep(struct far_clock *c, uint32_t ms)
{
	(void)c;
	(void)ms;
}

static void a_virtual_clock_is_known_again(void **state)
{
	static const struct far_clock_ops other_ops = { other_now, other_sleep };
	struct far_clock other = { &other_ops };
	struct far_sim_clock c;

	(void)state;
	far_sim_clock_init(&c);
	assert_ptr_equal(far_sim_clock_of(&c.clock), &c);
	assert_null(far_sim_clock_of(&other));
	assert_null(far_sim_clock_of(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_at_zero),
		cmocka_unit_test(sleeping_moves_time_exactly),
		cmocka_unit_test(sleep_is_never_short),
		cmocka_unit_test(milliseconds_wrap),
		cmocka_unit_test(time_does_not_go_back),
		cmocka_unit_test(never_does_not_come),
		cmocka_unit_test(the_end_of_time_holds),
		cmocka_unit_test(two_clocks_are_two),
		cmocka_unit_test(a_virtual_clock_is_known_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
