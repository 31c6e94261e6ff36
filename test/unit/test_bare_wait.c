/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/baremetal: waiting without missing what it is for, the clock, the doorbell, the second
 * core.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "test/unit/bare_cpu.h"

static bool flag;
static unsigned asked;

static bool is_set(void *ctx)
{
	assert_true(cpu.masked);
	assert_ptr_equal(ctx, &flag);
	asked++;
	return flag;
}

static void set_flag(void)
{
	flag = true;
}

static void interrupt(void)
{
	cpu.pending = true;
}

static void ring_here(void)
{
	cpu.rung = true;
}

static void nothing(void)
{
}

static int setup(void **state)
{
	(void)state;
	bare_cpu_power_up();
	bare_cpu_reset(0);
	cpu.handler = set_flag;
	flag = false;
	asked = 0;
	return 0;
}

/* ---- far_bare_wait --------------------------------------------------------------------------- */

static void ready_at_once(void **state)
{
	(void)state;
	flag = true;
	assert_true(far_bare_wait(is_set, &flag, 1000));
	assert_int_equal(asked, 1);
	assert_int_equal(cpu.idles, 0);
	assert_false(cpu.masked);
}

static void zero_asks_once(void **state)
{
	(void)state;
	assert_false(far_bare_wait(is_set, &flag, 0));
	assert_int_equal(asked, 1);
	assert_int_equal(cpu.idles, 0);
}

static void handler_ends_the_wait(void **state)
{
	(void)state;
	bare_cpu_plan(4000, interrupt);
	assert_true(far_bare_wait(is_set, &flag, 10));
	assert_int_equal(cpu.handled, 1);
	assert_in_range(cpu.now_us, 4000, 4020);
}

/* What becomes pending between the question and the sleep ends the sleep. */
static void no_interrupt_is_slept_through(void **state)
{
	(void)state;
	cpu.asleep = interrupt;
	assert_true(far_bare_wait(is_set, &flag, 1000));
	assert_int_equal(cpu.idles, 1);
	assert_in_range(cpu.now_us, 0, 20);
}

static void other_interrupts_do_not(void **state)
{
	(void)state;
	cpu.handler = nothing;
	for (uint64_t at = 1000; at <= 5000; at += 1000)
		bare_cpu_plan(at, interrupt);
	assert_false(far_bare_wait(is_set, &flag, 20));
	assert_int_equal(cpu.handled, 5);
	assert_in_range(cpu.now_us, 20000, 20020);
}

/* ---- the clock ------------------------------------------------------------------------------- */

static void milliseconds_of_any_microseconds(void **state)
{
	static const uint64_t at[] = { 0,
				       999,
				       1000,
				       UINT32_MAX - 1,
				       UINT32_MAX,
				       UINT32_MAX + UINT64_C(1),
				       UINT64_C(0x1ffffffff),
				       UINT64_C(0x200000000),
				       UINT64_C(4294967296000) - 1, /* 2^32 ms */
				       UINT64_C(4294967296000),
				       UINT64_C(0x007fffffffffffff) };

	(void)state;
	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		cpu.now_us = at[i];
		assert_int_equal(far_bare_clock.ops->now_ms(&far_bare_clock),
				 (uint32_t)(at[i] / 1000));
	}
	for (uint64_t us = 1; us < UINT64_C(1) << 53; us = us * 3 + 7) {
		cpu.now_us = us;
		assert_int_equal(far_bare_clock.ops->now_ms(&far_bare_clock),
				 (uint32_t)(us / 1000));
	}
}

static void sleep_takes_its_time(void **state)
{
	(void)state;
	cpu.now_us = UINT32_MAX - UINT64_C(500);
	cpu.handler = nothing;
	bare_cpu_plan(cpu.now_us + 700, interrupt);
	far_bare_clock.ops->sleep_ms(&far_bare_clock, 3);
	assert_in_range(cpu.now_us, UINT32_MAX + UINT64_C(2500), UINT32_MAX + UINT64_C(2520));
	assert_int_equal(cpu.handled, 1);
}

/* ---- the doorbell ---------------------------------------------------------------------------- */

static int wait(uint32_t ms)
{
	return far_bare_doorbell.ops->wait(&far_bare_doorbell, ms);
}

static void ring_before_the_wait(void **state)
{
	(void)state;
	cpu.masked = true; /* pending, its handler has not run */
	cpu.rung = true;
	assert_int_equal(wait(1000), FAR_OK);
	assert_int_equal(cpu.idles + cpu.handled, 0);
	assert_false(cpu.rung);
}

/* It costs no interrupt. */
static void ring_ends_the_sleep(void **state)
{
	(void)state;
	bare_cpu_plan(3000, ring_here);
	assert_int_equal(wait(1000), FAR_OK);
	assert_int_equal(cpu.handled, 0);
	assert_int_equal(cpu.idles, 1);
	assert_in_range(cpu.now_us, 3000, 3020);
}

static void ring_is_kept_for_the_next_wait(void **state)
{
	(void)state;
	cpu.rung = true;
	far_cpu_restore(0); /* the handler runs */
	assert_int_equal(cpu.handled, 1);
	assert_int_equal(wait(1000), FAR_OK);
	assert_int_equal(cpu.idles, 0);
	assert_int_equal(wait(5), FAR_OK); /* but for one only */
	assert_in_range(cpu.now_us, 5000, 5040);
}

static void ring_in_another_interrupts_handler(void **state)
{
	(void)state;
	cpu.handler = ring_here;
	bare_cpu_plan(2000, interrupt);
	assert_int_equal(wait(1000), FAR_OK);
	assert_in_range(cpu.now_us, 2000, 2030);
}

static void wait_ends_without_a_ring(void **state)
{
	(void)state;
	cpu.handler = nothing;
	bare_cpu_plan(1000, interrupt);
	bare_cpu_plan(2000, interrupt);
	assert_int_equal(wait(7), FAR_OK);
	assert_int_equal(cpu.handled, 2);
	assert_in_range(cpu.now_us, 7000, 7040);
	assert_false(cpu.masked);
}

static void count_ring(void *user)
{
	assert_true(cpu.masked);
	*(unsigned *)user += 1;
}

/* In the interrupt, once per ring; a ring that a wait finds is none. */
static void handler_of_the_programs(void **state)
{
	unsigned rings = 0;

	(void)state;
	far_bare_on_ring(count_ring, &rings);
	for (unsigned i = 1; i < 4; i++) {
		cpu.rung = true;
		far_cpu_restore(0);
		assert_int_equal(rings, i);
	}
	assert_int_equal(wait(1000), FAR_OK);
	bare_cpu_plan(2000, ring_here);
	assert_int_equal(wait(1000), FAR_OK);
	assert_int_equal(rings, 3);
	far_bare_on_ring(NULL, NULL);
	cpu.rung = true;
	far_cpu_restore(0);
	assert_int_equal(rings, 3);
}

/* ---- far_bare_serve -------------------------------------------------------------------------- */

static unsigned served;

static void serve_ring(void *user)
{
	assert_true(cpu.masked);
	assert_ptr_equal(user, &flag);
	if (++served == 3)
		flag = true;
}

static void begin_serving(void)
{
	served = 0;
	far_bare_on_ring(serve_ring, &flag);
}

/* Their handler is called, and no interrupt is taken for it. */
static void rings_are_served_without_an_interrupt(void **state)
{
	(void)state;
	begin_serving();
	for (uint64_t at = 1000; at <= 3000; at += 1000)
		bare_cpu_plan(at, ring_here);
	assert_true(far_bare_serve(is_set, &flag, 1000));
	assert_int_equal(served, 3);
	assert_int_equal(cpu.handled, 0);
	assert_int_equal(cpu.idles, 3);
	assert_in_range(cpu.now_us, 3000, 3020);
	assert_false(cpu.masked);
}

/* One that is pending when it begins, and one that comes between the question and the sleep. */
static void no_ring_is_slept_through(void **state)
{
	(void)state;
	begin_serving();
	served = 2;
	cpu.masked = true;
	cpu.rung = true;
	assert_true(far_bare_serve(is_set, &flag, 1000));
	assert_int_equal(cpu.handled, 0);
	flag = false;
	begin_serving();
	served = 2;
	cpu.masked = false;
	cpu.asleep = ring_here;
	assert_true(far_bare_serve(is_set, &flag, 1000));
	assert_in_range(cpu.now_us, 0, 20);
}

static void others_are_handled_meanwhile(void **state)
{
	(void)state;
	begin_serving();
	bare_cpu_plan(1000, ring_here);
	bare_cpu_plan(2000, interrupt); /* sets the flag */
	assert_true(far_bare_serve(is_set, &flag, 1000));
	assert_int_equal(served, 1);
	assert_int_equal(cpu.handled, 1);
	assert_in_range(cpu.now_us, 2000, 2020);
}

static void serving_ends_in_time(void **state)
{
	(void)state;
	begin_serving();
	bare_cpu_plan(1000, ring_here);
	assert_false(far_bare_serve(is_set, &flag, 7));
	assert_in_range(cpu.now_us, 7000, 7020);
	assert_false(cpu.masked);
	asked = 0;
	assert_false(far_bare_serve(is_set, &flag, 0));
	assert_int_equal(asked, 1);
}

/*
 * A core that rings without end neither stops the clock nor keeps other interrupts from their
 * handlers.
 */
static void ring_without_end(void)
{
	served = 0;
	cpu.rung = true;
	cpu.now_us += 10;
}

static void nobody_is_rung_off(void **state)
{
	(void)state;
	begin_serving();
	cpu.handler = nothing;
	cpu.asleep = ring_without_end;
	cpu.pending = true;
	assert_false(far_bare_serve(is_set, &flag, 7));
	assert_in_range(cpu.now_us, 7000, 7400);
	assert_true(cpu.handled > 0);
	assert_false(cpu.pending);
}

/* As if there were no handler any more. */
static void serving_nobody(void **state)
{
	(void)state;
	far_bare_on_ring(NULL, NULL);
	bare_cpu_plan(1000, ring_here);
	assert_false(far_bare_serve(is_set, &flag, 7));
	assert_int_equal(wait(5), FAR_OK); /* the ring was kept for it */
	assert_in_range(cpu.now_us, 7000, 7040);
}

static void ringing_is_the_ports(void **state)
{
	(void)state;
	far_bare_doorbell.ops->ring(&far_bare_doorbell);
	assert_int_equal(cpu.rings_out, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ready_at_once, setup),
		cmocka_unit_test_setup(zero_asks_once, setup),
		cmocka_unit_test_setup(handler_ends_the_wait, setup),
		cmocka_unit_test_setup(no_interrupt_is_slept_through, setup),
		cmocka_unit_test_setup(other_interrupts_do_not, setup),
		cmocka_unit_test_setup(milliseconds_of_any_microseconds, setup),
		cmocka_unit_test_setup(sleep_takes_its_time, setup),
		cmocka_unit_test_setup(ring_before_the_wait, setup),
		cmocka_unit_test_setup(ring_ends_the_sleep, setup),
		cmocka_unit_test_setup(ring_is_kept_for_the_next_wait, setup),
		cmocka_unit_test_setup(ring_in_another_interrupts_handler, setup),
		cmocka_unit_test_setup(wait_ends_without_a_ring, setup),
		cmocka_unit_test_setup(handler_of_the_programs, setup),
		cmocka_unit_test_setup(rings_are_served_without_an_interrupt, setup),
		cmocka_unit_test_setup(no_ring_is_slept_through, setup),
		cmocka_unit_test_setup(others_are_handled_meanwhile, setup),
		cmocka_unit_test_setup(serving_ends_in_time, setup),
		cmocka_unit_test_setup(nobody_is_rung_off, setup),
		cmocka_unit_test_setup(serving_nobody, setup),
		cmocka_unit_test_setup(ringing_is_the_ports, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
