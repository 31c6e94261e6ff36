/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/baremetal: when core 1 runs, how either restarts, how programs end. An image's variables are
 * those of one start; here every test is one, so each loads control.c anew.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "port/baremetal/control.c"
#include "test/unit/bare_cpu.h"

static int program_result;
static unsigned programs;

static int program(void)
{
	programs++;
	return program_result;
}

/* A start of this core: its variables are as start-up makes them. */
static void begin(uint32_t index)
{
	bare_cpu_reset(index);
	far_bare_started = 0;
	met = will_restart = false;
	programs = 0;
}

static int setup(void **state)
{
	(void)state;
	bare_cpu_power_up();
	begin(0);
	program_result = FAR_APP_DONE;
	return 0;
}

static void ring_late(void)
{
	cpu.rung = true;
}

static void result_comes(void)
{
	far_shared_control.result = FAR_CONTROL_RESULT | FAR_APP_MISMATCH;
	cpu.rung = true;
}

/* ---- the second core's start ----------------------------------------------------------------- */

static void core_1_waits_for_core_0(void **state)
{
	(void)state;
	assert_false(far_bare_is_wanted()); /* whatever memory holds */
	far_bare_meet();
	assert_true(far_bare_is_wanted());
	assert_int_equal(cpu.releases, 1);
	assert_int_equal(far_shared_control.result, 0);
	far_bare_meet();
	assert_int_equal(cpu.releases, 1);
}

static void core_1_starts_nobody(void **state)
{
	(void)state;
	begin(1);
	far_bare_meet();
	assert_int_equal(cpu.releases, 0);
	assert_false(far_bare_is_wanted());
}

static void restarted_core_0_leaves_core_1_alone(void **state)
{
	(void)state;
	far_bare_meet();
	uint32_t run = far_shared_control.run;

	begin(0);
	far_bare_meet();
	assert_int_equal(cpu.releases, 0);
	assert_int_equal(far_shared_control.run, run);
}

/* ---- restarts -------------------------------------------------------------------------------- */

static void core_1_obeys_once(void **state)
{
	(void)state;
	far_bare_meet();
	far_bare_restart_other();
	assert_int_equal(cpu.rings_out, 1);
	begin(1);
	far_bare_started = FAR_CONTROL_RUN + 1; /* its start was the one before */
	if (bare_cpu_ends() == BARE_RUNS) {
		far_bare_obey();
		fail_msg("did not restart");
	}
	begin(1);
	far_bare_started = far_shared_control.run; /* as far_bare_run does */
	far_bare_obey();
	assert_int_equal(cpu.releases + cpu.rings_out, 0);
}

/* Neither core 0 nor nonsense in the page makes anybody restart. */
static void nobody_else_restarts(void **state)
{
	(void)state;
	far_bare_meet();
	far_bare_restart_other();
	far_bare_obey();
	begin(1);
	far_bare_started = far_shared_control.run;
	far_shared_control.run = 0xffffffff;
	far_bare_obey();
}

static void the_number_of_a_start_wraps(void **state)
{
	(void)state;
	far_bare_meet();
	far_shared_control.run = FAR_CONTROL_RUN + 0xffff;
	far_bare_restart_other();
	assert_true(far_bare_is_wanted());
	assert_int_equal(far_shared_control.run, FAR_CONTROL_RUN);
}

static void restarts_are_drawn_and_counted(void **state)
{
	uint64_t moments[3];

	(void)state;
	far_shared_args.magic = FAR_CONTROL_ARGS;
	far_shared_args.core[0].restarts = 3;
	far_shared_args.core[0].restart_us = 5000;
	far_shared_args.core[0].seed = 42;
	far_shared_args.core[1].restarts = 7;
	for (int i = 0; i < 3; i++) {
		begin(0);
		draw_restart();
		moments[i] = cpu.restart_at;
		assert_in_range(moments[i], 1, 5010);
		assert_int_equal(far_shared_args.core[0].restarts, 2 - i);
	}
	assert_true(moments[0] != moments[1] || moments[1] != moments[2]);
	begin(0);
	draw_restart();
	assert_true(cpu.restart_at == UINT64_MAX);
	assert_int_equal(far_shared_args.core[1].restarts, 7);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void core_0_fails_alone(void **state)
{
	(void)state;
	program_result = FAR_APP_NO_BOARD;
	if (bare_cpu_ends() == BARE_RUNS)
		far_bare_run(program);
	assert_int_equal(programs, 1);
	assert_int_equal(cpu.exit_code, FAR_APP_NO_BOARD);
	assert_int_equal(cpu.idles, 0);
}

static void nobody_was_started(void **state)
{
	(void)state;
	if (bare_cpu_ends() == BARE_RUNS)
		far_bare_run(program);
	assert_int_equal(cpu.exit_code, FAR_APP_DONE);
}

static void core_1s_result_decides(void **state)
{
	(void)state;
	far_bare_meet();
	bare_cpu_plan(3000, result_comes);
	if (bare_cpu_ends() == BARE_RUNS)
		far_bare_run(program);
	assert_int_equal(cpu.exit_code, FAR_APP_MISMATCH);
}

static void core_1_never_ends(void **state)
{
	(void)state;
	far_shared_args.magic = FAR_CONTROL_ARGS;
	far_shared_args.patience_ms = 250;
	far_bare_meet();
	bare_cpu_plan(3000, ring_late);
	if (bare_cpu_ends() == BARE_RUNS)
		far_bare_run(program);
	assert_int_equal(cpu.exit_code, FAR_APP_LOST);
	assert_in_range(cpu.now_us, 250000, 250100);
}

static void told_anew(void)
{
	far_shared_control.run++;
	cpu.rung = true;
}

/* Core 1 leaves its result, rings, and stands still until it is wanted again. */
static void core_1_stands_still(void **state)
{
	(void)state;
	far_bare_meet();
	begin(1);
	program_result = FAR_APP_REFUSED;
	bare_cpu_plan(9000, told_anew);
	if (bare_cpu_ends() == BARE_RUNS)
		far_bare_run(program);
	assert_int_equal(far_shared_control.result, FAR_CONTROL_RESULT | FAR_APP_REFUSED);
	assert_int_equal(cpu.rings_out, 1);
	assert_in_range(cpu.now_us, 9000, 9010);
}

/* ---- the board ------------------------------------------------------------------------------- */

static void board_without_arguments(void **state)
{
	struct far_board board;

	(void)state;
	far_bare_board(&board);
	assert_int_equal(board.patience_ms, 10000);
	assert_int_equal(board.rounds, 0);
	assert_string_equal(board.target_name, "esp32");
	assert_int_equal(far_bare_lines(), FAR_BARE_LINES_PINS);
	assert_int_equal(board.mailbox.side, 0);
	assert_ptr_equal(board.mailbox.region, far_shared_mailbox);
	assert_ptr_equal(board.window, far_shared_window);
	assert_null(board.flash);
	assert_null(board.console);
	assert_null(board.target);
}

static void board_with_arguments(void **state)
{
	struct far_board board;

	(void)state;
	begin(1);
	far_shared_args.magic = FAR_CONTROL_ARGS;
	far_shared_args.patience_ms = 77;
	far_shared_args.rounds = 5;
	far_shared_args.target = 2;
	far_shared_args.lines = 2;
	far_bare_board(&board);
	assert_int_equal(board.patience_ms, 77);
	assert_int_equal(board.rounds, 5);
	assert_int_equal(board.mailbox.side, 1);
	assert_string_equal(board.target_name, "esp8266");
	assert_int_equal(far_bare_lines(), FAR_BARE_LINES_IN_BAND);
	far_shared_args.lines = 3;
	assert_int_equal(far_bare_lines(), FAR_BARE_LINES_NONE);
	far_shared_args.target = 9;
	far_bare_board(&board);
	assert_string_equal(board.target_name, "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(core_1_waits_for_core_0, setup),
		cmocka_unit_test_setup(core_1_starts_nobody, setup),
		cmocka_unit_test_setup(restarted_core_0_leaves_core_1_alone, setup),
		cmocka_unit_test_setup(core_1_obeys_once, setup),
		cmocka_unit_test_setup(nobody_else_restarts, setup),
		cmocka_unit_test_setup(the_number_of_a_start_wraps, setup),
		cmocka_unit_test_setup(restarts_are_drawn_and_counted, setup),
		cmocka_unit_test_setup(core_0_fails_alone, setup),
		cmocka_unit_test_setup(nobody_was_started, setup),
		cmocka_unit_test_setup(core_1s_result_decides, setup),
		cmocka_unit_test_setup(core_1_never_ends, setup),
		cmocka_unit_test_setup(core_1_stands_still, setup),
		cmocka_unit_test_setup(board_without_arguments, setup),
		cmocka_unit_test_setup(board_with_arguments, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
