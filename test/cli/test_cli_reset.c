/* SPDX-License-Identifier: Apache-2.0 */
/* Reset sequences from the command line: the steps they become, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/reset_steps.h"
#include "farflash/stream.h"

static struct far_esp_step steps[CLI_STEPS_MAX];

/* "2+10 1+5 0." are the lines, the time in 10 ms, and '.' for the last. */
static const char *told(const char *sequence)
{
	static char text[1024];
	size_t used = 0;

	memset(steps, 0xA5, sizeof(steps));
	if (!cli_reset_parse(sequence, steps))
		return "no";
	for (size_t i = 0; i < CLI_STEPS_MAX; i++) {
		int last = (steps[i].lines & FAR_ESP_STEP_LAST) != 0;

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u+%u%s",
					 i > 0 ? " " : "", steps[i].lines & 3u, steps[i].time,
					 last ? "." : "");
		if (last)
			return text;
	}
	return "no end";
}

static void test_sequences(void **state)
{
	(void)state;
	/* DTR is 1, RTS is 2. */
	assert_string_equal(told("D0|R1|W0.1|D1|R0|W0.05|D0"), "0+0 2+0 2+10 3+0 1+0 1+5 0+0.");
	assert_string_equal(told("U1,1|U0,1|W0.1|U1,0|W0.05|U0,0"), "3+0 2+0 2+10 1+0 1+5 0+0.");
	assert_string_equal(told("R1"), "2+0.");
	assert_string_equal(told("R1|"), "2+0.");
	/* A wait is never shorter than asked for. */
	assert_string_equal(told("W0.001"), "0+1.");
	assert_string_equal(told("W0.011"), "0+2.");
	assert_string_equal(told("R1|W3"), "2+0 2+255 2+45.");
	assert_string_equal(told("W0.5|W.25"), "0+50 0+25.");
}

static void test_nonsense(void **state)
{
	static const char *const bad[] = {
		"",        "|",      "|D0",   "D",      "D2",       "D00",
		"X1",      "d0",     "U1",    "U1,",    "U1,2",     "U11,1",
		"W",       "Wx",     "W-1",   "W1.2.3", "W11",      "W99999999999",
		"W0.0001", "D0||R1", "D0 R1", "D0,R1",  "no-reset", "W1e3"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (strcmp(told(bad[i]), "no") != 0)
			fail_msg("'%s' became %s", bad[i], told(bad[i]));
	}
}

/* As many steps as there is room for, and one more. */
static void test_length(void **state)
{
	char text[3 * CLI_STEPS_MAX + 4] = "";

	(void)state;
	for (int i = 0; i < CLI_STEPS_MAX; i++)
		strcat(text, i % 2 == 0 ? "D1|" : "D0|");
	assert_true(cli_reset_parse(text, steps));
	assert_int_equal(steps[CLI_STEPS_MAX - 1].lines, FAR_ESP_STEP_LAST);
	strcat(text, "R1");
	assert_false(cli_reset_parse(text, steps));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
