/* SPDX-License-Identifier: Apache-2.0 */
/* What the command says: dumps, suggestions, the meaning of errors; and what a wrong rate hears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/foreign.h"
#include "cli/hexdump.h"
#include "cli/report.h"
#include "cli/suggest.h"
#include "cli/wire.h"

static void dumps_as_specified(void **state)
{
	char *text = NULL;
	size_t len = 0;
	uint8_t data[33];
	(void)state;
	for (uint8_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i + 0x70);
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	cli_hexdump(out, 0x3B0000, data, sizeof(data));
	cli_hexdump(out, 0x10, data, 0);
	fclose(out);
	assert_string_equal(
		text,
		"003B0000: 70 71 72 73 74 75 76 77  78 79 7a 7b 7c 7d 7e 7f |pqrstuvw xyz{|}~.|\n"
		"003B0010: 80 81 82 83 84 85 86 87  88 89 8a 8b 8c 8d 8e 8f |........ ........|\n"
		"003B0020: 90                                               |.                |\n");
	free(text);
}

static const char *closest(const char *typed)
{
	static const char *const words[] = { "write-flash", "read-flash", "verify-flash",
					     "flash-id",    "emulate",    "help" };
	struct cli_suggest s = { .typed = typed, .distance = CLI_SUGGEST_FAR };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		cli_suggest_offer(&s, words[i]);
	return s.best;
}

static void suggests_what_is_close(void **state)
{
	(void)state;
	assert_string_equal(closest("wirte-flash"), "write-flash");
	assert_string_equal(closest("write-flas"), "write-flash");
	assert_string_equal(closest("writeflash"), "write-flash");
	assert_string_equal(closest("read_flash"), "read-flash");
	assert_string_equal(closest("flashid"), "flash-id");
	assert_string_equal(closest("hlep"), "help");
	assert_string_equal(closest("help"), "help");
	assert_null(closest("frobnicate"));
	assert_null(closest("x"));
	assert_null(closest(""));
	assert_null(closest("a word that is so long that no command could ever be like it"));
}

/* Exit codes are a promise to scripts: every pair is written down here once more. */
static const struct {
	enum cli_phase phase;
	int err, exit;
} promised[] = {
	{ CLI_PHASE_OPEN, FAR_ERR_IO, 3 },
	{ CLI_PHASE_OPEN, FAR_ERR_BUSY, 3 },
	{ CLI_PHASE_OPEN, FAR_ERR_ARG, 3 },
	{ CLI_PHASE_OPEN, FAR_ERR_TIMEOUT, 3 },
	{ CLI_PHASE_OPEN, FAR_ERR_NOTSUP, 8 },
	{ CLI_PHASE_OPEN, FAR_ERR_CANCELLED, 130 },
	{ CLI_PHASE_CONNECT, FAR_ERR_IO, 3 },
	{ CLI_PHASE_CONNECT, FAR_ERR_TIMEOUT, 3 },
	{ CLI_PHASE_CONNECT, FAR_ERR_NOTSUP, 3 },
	{ CLI_PHASE_CONNECT, FAR_ERR_VERIFY, 2 },
	{ CLI_PHASE_CONNECT, FAR_ERR_PROTO, 5 },
	{ CLI_PHASE_CONNECT, FAR_ERR_REFUSED, 6 },
	{ CLI_PHASE_CONNECT, FAR_ERR_BUSY, 3 },
	{ CLI_PHASE_CONNECT, FAR_ERR_CANCELLED, 130 },
	{ CLI_PHASE_WORK, FAR_ERR_IO, 4 },
	{ CLI_PHASE_WORK, FAR_ERR_TIMEOUT, 4 },
	{ CLI_PHASE_WORK, FAR_ERR_BUSY, 4 },
	{ CLI_PHASE_WORK, FAR_ERR_STATE, 4 },
	{ CLI_PHASE_WORK, FAR_ERR_PROTO, 5 },
	{ CLI_PHASE_WORK, FAR_ERR_REFUSED, 6 },
	{ CLI_PHASE_WORK, FAR_ERR_VERIFY, 7 },
	{ CLI_PHASE_WORK, FAR_ERR_NOTSUP, 8 },
	{ CLI_PHASE_WORK, FAR_ERR_CANCELLED, 130 },
	{ CLI_PHASE_WORK, FAR_ERR_ARG, 2 },
	{ CLI_PHASE_WORK, FAR_ERR_RANGE, 2 },
	{ CLI_PHASE_WORK, FAR_ERR_ALIGN, 2 },
	{ CLI_PHASE_SERVED, FAR_ERR_IO, 4 },
	{ CLI_PHASE_SERVED, FAR_ERR_TIMEOUT, 4 },
	{ CLI_PHASE_SERVED, FAR_ERR_BUSY, 4 },
	{ CLI_PHASE_SERVED, FAR_ERR_STATE, 4 },
	{ CLI_PHASE_SERVED, FAR_ERR_PROTO, 5 },
	{ CLI_PHASE_SERVED, FAR_ERR_REFUSED, 6 },
	{ CLI_PHASE_SERVED, FAR_ERR_VERIFY, 7 },
	{ CLI_PHASE_SERVED, FAR_ERR_NOTSUP, 8 },
	{ CLI_PHASE_SERVED, FAR_ERR_CANCELLED, 130 },
	{ CLI_PHASE_SERVED, FAR_ERR_ARG, 2 },
	{ CLI_PHASE_SERVED, FAR_ERR_RANGE, 2 },
	{ CLI_PHASE_SERVED, FAR_ERR_ALIGN, 2 },
};

static void keeps_the_exit_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
		struct cli_meaning m = cli_meaning(promised[i].phase, promised[i].err);
		if ((int)m.exit != promised[i].exit)
			fail_msg("phase %d, %s: exit code %d", (int)promised[i].phase,
				 far_err_name(promised[i].err), (int)m.exit);
		assert_non_null(m.remedy);
		/* Without words of its own an error is told by errno: only opening sets that. */
		if (promised[i].phase != CLI_PHASE_OPEN)
			assert_non_null(m.description);
		assert_string_not_equal(cli_exit_name(m.exit), "unknown");
	}
}

static void any_code_has_a_meaning(void **state)
{
	(void)state;
	for (int phase = CLI_PHASE_OPEN; phase <= CLI_PHASE_SERVED; phase++) {
		for (int err = -128; err < 0; err++)
			assert_int_not_equal(cli_meaning((enum cli_phase)phase, err).exit, CLI_OK);
	}
}

static void hears_what_is_sent_at_its_rate(void **state)
{
	(void)state;
	for (unsigned b = 0; b < 256; b++) {
		assert_int_equal(cli_wire_sample((uint8_t)b, 115200, 115200), b);
		assert_int_equal(cli_wire_sample((uint8_t)b, 115200, 117500), b); /* 2 % */
		assert_int_equal(cli_wire_sample((uint8_t)b, 117500, 115200), b);
	}
}

/* Most bytes, not all: 00 and FF look alike at many rates, on a real line too. */
static void hears_garbage_at_another_rate(void **state)
{
	static const uint32_t rates[] = { 9600, 74880, 230400, 460800, 921600, 1, 20000000 };
	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		unsigned wrong = 0;
		for (unsigned b = 0; b < 256; b++)
			wrong += cli_wire_sample((uint8_t)b, 115200, rates[i]) != b;
		assert_true(wrong > 200);
	}
}

/* Nothing of what others wrote is obeyed by a terminal, whatever it is cut to. */
static void shows_foreign_text(void **state)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{ "", "" },
		{ "CP2102 \xC2\xAE", "CP2102 \xC2\xAE" },
		{ "a\x1B[2Jb\n", "a\\x1b[2Jb\\x0a" },
		{ "\xC2\x9B"
		  "1m",
		  "\\xc2\\x9b"
		  "1m" }, /* C1's CSI */
		{ "\xC2", "\\xc2" },
		{ "\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80",
		  "\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80" },
		{ "\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\\", "\xE2\x82\xAC\xF0\x9F\x98\x80\\x7f\\x5c" },
	};
	char out[80];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(cli_foreign(rows[i].text, out, sizeof(out)), rows[i].shown);
		for (size_t cap = 1; cap < sizeof(out); cap++) {
			memset(out, 'x', sizeof(out));
			cli_foreign(rows[i].text, out, cap);
			assert_true(strlen(out) < cap);
			assert_int_equal(strncmp(out, rows[i].shown, strlen(out)), 0);
			for (const char *at = out; *at; at += cli_utf8(at))
				assert_true(cli_utf8(at) > 0 && !cli_is_control(at));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_foreign_text),
		cmocka_unit_test(dumps_as_specified),
		cmocka_unit_test(suggests_what_is_close),
		cmocka_unit_test(keeps_the_exit_codes),
		cmocka_unit_test(any_code_has_a_meaning),
		cmocka_unit_test(hears_what_is_sent_at_its_rate),
		cmocka_unit_test(hears_garbage_at_another_rate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
