/* SPDX-License-Identifier: Apache-2.0 */
/* The flash shell when the line, the flash, the output or the user is not as it should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/flash_shell_rig.h"

/* ---- lines that are wrong -------------------------------------------------------------------- */

static void helps(void **state)
{
	static const char *const names[] = { "read",       "erase",      "write",
					     "test",       "page_info",  "read_test",
					     "erase_test", "write_test", "copy" };
	static const char *const lines[] = { "help", "flash", "flash help", "  flash  " };
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(run(lines[i]), FAR_OK);
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			char text[32];
			snprintf(text, sizeof(text), "flash %s <", names[k]);
			assert_true(says(text));
		}
	}
	assert_int_equal(ram_flash_calls(&rig.flash), 0);
}

static void ignores_blank_lines(void **state)
{
	(void)state;
	gives(FAR_OK, "", "");
	gives(FAR_OK, " \t \r\n", "");
}

static void refuses_unknown_words(void **state)
{
	(void)state;
	refuses(FAR_ERR_ARG, "foo", "foo: command not found", "help");
	refuses(FAR_ERR_ARG, "flas read 0", "flas: command not found", "help");
	refuses(FAR_ERR_ARG, "flashy read 0", "flashy: command not found", "help");
	refuses(FAR_ERR_ARG, "read 0", "read: command not found", "help");
	refuses(FAR_ERR_ARG, "flash rea 0", "flash:unknown parameter: rea", "help");
	refuses(FAR_ERR_ARG, "flash READ 0", "flash:unknown parameter: READ", "help");
	refuses(FAR_ERR_ARG, "flash read_tests 0", "flash:unknown parameter: read_tests", "help");
	refuses(FAR_ERR_ARG, "\x1b[31m\x80", ".[31m.: command not found", "help");
	refuses(FAR_ERR_ARG, "0123456789012345678901234567890123456789",
		"01234567890123456789012345678901...: command not found", "help");
}

/* A zero byte is a byte like any other, and the line ends where its length says. */
static void takes_the_length_at_its_word(void **state)
{
	(void)state;
	rig.len = 0;
	assert_int_equal(far_flash_shell_run(&rig.shell, "he\0lp", 5), FAR_ERR_ARG);
	assert_string_equal(rig.said, "he.lp: command not found; help lists what there is.\n");
	rig.len = 0;
	assert_int_equal(far_flash_shell_run(&rig.shell, "flash read 1000", 12), FAR_OK);
	assert_true(says("00000001: "));
}

static void refuses_bad_numbers(void **state)
{
	static const char *const bad[] = { "g",   "0x",    "x10",       "-1",          "+1",
					   "1.0", "0x0x1", "100000000", "0x1ffffffff", "1k",
					   "0X",  "1_0",   "''" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[64], begin[64];
		snprintf(line, sizeof(line), "flash read %s", bad[i]);
		snprintf(begin, sizeof(begin), "address '%s' is no hexadecimal number", bad[i]);
		refuses(FAR_ERR_ARG, line, begin, "ffffffff");
	}
	refuses(FAR_ERR_ARG, "flash read 0 zz", "size 'zz' is no", "3b0000");
	refuses(FAR_ERR_ARG, "flash test 0 1000 ten", "repeat count 'ten' is no", "3b0000");
	refuses(FAR_ERR_ARG, "flash copy 0 here 4", "destination 'here' is no", "3b0000");
	refuses(FAR_ERR_ARG, "flash write 0 1 2 3 what", "word 'what' is no", "3b0000");
}

static void refuses_wrong_counts(void **state)
{
	(void)state;
	refuses(FAR_ERR_ARG, "flash read", "missing address: flash read <address> [<size>]", "");
	refuses(FAR_ERR_ARG, "flash read 0 1 2", "too many arguments: flash read <address>", "");
	refuses(FAR_ERR_ARG, "flash erase", "missing page address: flash erase <page", "");
	refuses(FAR_ERR_ARG, "flash write 0", "missing word: flash write <address> <word>", "");
	refuses(FAR_ERR_ARG, "flash test 0 1000", "missing repeat count: flash test", "");
	refuses(FAR_ERR_ARG, "flash copy 0 1000", "missing size: flash copy", "");
	refuses(FAR_ERR_ARG, "flash page_info", "missing address: flash page_info", "");
	refuses(FAR_ERR_ARG, "flash page_info 0 0", "too many arguments", "");
	refuses(FAR_ERR_ARG, "flash read_test", "missing address", "<repeat count>");
}

/* As many words as the buffer holds, and not one more. */
static void bounds_the_words_of_a_write(void **state)
{
	char line[4096] = "flash write 1000";
	(void)state;
	assert_int_equal(run("flash erase 1000"), FAR_OK);
	for (unsigned i = 0; i < BUF / 4; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), " %x", i);
	gives(FAR_OK, line, "Write OK.\nVerified.\n");
	assert_int_equal(rig.flash.mem[0x1000 + BUF - 4], BUF / 4 - 1);
	memset(rig.buf + BUF, 0xA5, 16);
	strcat(line, " 1");
	refuses(FAR_ERR_ARG, line, "too many arguments for one line: flash write", "");
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(rig.buf[BUF + i], 0xA5);
}

static void refuses_what_does_not_suit_the_flash(void **state)
{
	(void)state;
	refuses(FAR_ERR_RANGE, "flash read 20000",
		"Read ERROR! code -2 (range): ", "up to 0x20000");
	refuses(FAR_ERR_RANGE, "flash read 1fff0 11", "Read ERROR!", "0x11 bytes at 0x1fff0");
	refuses(FAR_ERR_RANGE, "flash read 10 fffffff0", "Read ERROR!", "0xfffffff0 bytes at 0x10");
	refuses(FAR_ERR_RANGE, "flash read ffffffff ffffffff", "Read ERROR!", "0xffffffff");
	refuses(FAR_ERR_ARG, "flash read 0 0", "Read ERROR! code -1 (arg): size 0", "1 or more");
	refuses(FAR_ERR_ALIGN, "flash erase 1001", "Erase Failed, code -3 (align): address 0x1001",
		"no multiple of 0x1000; the next below is 0x1000");
	refuses(FAR_ERR_ALIGN, "flash erase 1000 1800",
		"Erase Failed, code -3 (align): size 0x1800", "the next below is 0x1000");
	refuses(FAR_ERR_RANGE, "flash erase 1f000 2000", "Erase Failed, code -2 (range)", "0x2000");
	refuses(FAR_ERR_ALIGN, "flash write 2 1", "Write internal ERROR! code -3 (align)", "0x4");
	refuses(FAR_ERR_RANGE, "flash write 1fffc 1 2", "Write internal ERROR! code -2",
		"0x8 bytes");
	refuses(FAR_ERR_ALIGN, "flash test 0 800 1", "Erase Failed, code -3 (align)", "0x800");
	refuses(FAR_ERR_RANGE, "flash page_info 20000", "Page info ERROR! code -2 (range)",
		"0x20000");
	refuses(FAR_ERR_RANGE, "flash read_test 20000 1 1", "Read ERROR! code -2", "0x20000");
	refuses(FAR_ERR_ALIGN, "flash erase_test 0 1 1", "Erase Failed, code -3", "0x1000");
	refuses(FAR_ERR_ALIGN, "flash write_test 0 1 1", "Write internal ERROR! code -3", "0x4");
	refuses(FAR_ERR_ARG, "flash write_test 0 0 1", "Write internal ERROR! code -1", "size 0");
}

/* ---- a flash, an output and a user that fail ------------------------------------------------- */

/* Each device call of each command fails once: the command ends there, and says which and where. */
static void tells_of_any_failure(void **state)
{
	static const struct {
		const char *line, *head;
		enum ram_call call;
	} rows[] = {
		{ "flash read 100 300", "Read ERROR! ", RAM_READ },
		{ "flash erase 1000 3000", "Erase Failed, ", RAM_ERASE },
		{ "flash write 1000 1 2 3", "Write internal ERROR! ", RAM_WRITE },
		{ "flash write 1000 1 2 3", "Verification read ERROR! ", RAM_READ },
		{ "flash test 1000 1000 1", "Erase Failed, ", RAM_ERASE },
		{ "flash test 1000 1000 1", "Write internal ERROR! ", RAM_WRITE },
		{ "flash test 1000 1000 1", "Verification read ERROR! ", RAM_READ },
		{ "flash read_test 0 300 1", "Read ERROR! ", RAM_READ },
		{ "flash erase_test 0 3000 1", "Erase Failed, ", RAM_ERASE },
		{ "flash write_test 1000 300 1", "Write internal ERROR! ", RAM_WRITE },
		{ "flash copy 0 1000 300", "Write internal ERROR! ", RAM_WRITE },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (uint32_t at = 1;; at++) {
			char told[96];
			setup(NULL);
			memset(rig.flash.mem, 0xFF, SIZE);
			rig.flash.failure = (struct ram_failure){ .calls = 1u << rows[i].call,
								  .at = at,
								  .times = 1,
								  .err = FAR_ERR_REFUSED,
								  .peer_code = 0x77 };
			int err = run(rows[i].line);
			if (rig.flash.matching < at) {
				assert_int_equal(err, FAR_OK); /* it has fewer calls */
				assert_true(at > 1);
				break;
			}
			assert_int_equal(err, FAR_ERR_REFUSED);
			snprintf(told, sizeof(told),
				 "%scode -21 (refused) at 0x%x, its own code 0x77, ", rows[i].head,
				 rig.flash.flash.fault.addr);
			assert_true(says(told));
			assert_int_equal(rig.flash.matching, at); /* nothing after it */
		}
	}
}

static void tells_how_far_it_came(void **state)
{
	(void)state;
	rig.flash.failure = (struct ram_failure){
		.calls = 1u << RAM_ERASE, .at = 3, .times = 1, .err = FAR_ERR_TIMEOUT
	};
	gives(FAR_ERR_TIMEOUT, "flash erase 1000 4000",
	      "Erase Failed, code -11 (timeout) at 0x3000, after 0x2000 of 0x4000 bytes; see "
	      "whether "
	      "the other side runs and is connected, and repeat.\n");
	ram_flash_assert_only(&rig.flash, 0x1000, 2 * SECTOR);
}

static void has_a_remedy_for_every_error(void **state)
{
	static const int errs[] = { FAR_ERR_ARG,     FAR_ERR_RANGE,     FAR_ERR_ALIGN,
				    FAR_ERR_STATE,   FAR_ERR_IO,        FAR_ERR_TIMEOUT,
				    FAR_ERR_BUSY,    FAR_ERR_CANCELLED, FAR_ERR_PROTO,
				    FAR_ERR_REFUSED, FAR_ERR_NOTSUP,    FAR_ERR_VERIFY };
	(void)state;
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		setup(NULL);
		rig.flash.failure = (struct ram_failure){
			.calls = 1u << RAM_READ, .at = 1, .times = 1, .err = errs[i], .silent = true
		};
		assert_int_equal(run("flash read 0"), errs[i]);
		assert_true(says(far_err_name(errs[i])));
		assert_true(says("; "));
		assert_int_equal(rig.said[rig.len - 2], '.');
	}
}

static void works_without_reading(void **state)
{
	(void)state;
	open_with(SIZE, SECTOR, 4, 0);
	assert_int_equal(run("flash read 0"), FAR_ERR_NOTSUP);
	assert_true(says("Read ERROR! code -22 (notsup)"));
	assert_int_equal(run("flash test 0 1000 1"), FAR_OK);
	assert_true(says("Erase-Write test done.\n"));
}

/* The output fails at every line in turn: the command ends, and no line comes after. */
static void ends_when_nobody_reads(void **state)
{
	static const char *const lines[] = { "help",
					     "flash read 0 100",
					     "flash test 0 1000 2",
					     "flash page_info 0",
					     "flash erase 0",
					     "flash read_test 0 10 3" };
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		for (uint32_t n = 0;; n++) {
			setup(NULL);
			rig.prints_left = n;
			int err = run(lines[i]);
			if (err == FAR_OK)
				break;
			assert_int_equal(err, FAR_ERR_IO);
			assert_int_equal(rig.prints_left, 0);
			assert_true(n < 40);
		}
	}
}

static void stops_when_told_to(void **state)
{
	(void)state;
	rig.betweens_left = 2;
	assert_int_equal(run("flash erase 0 8000"), FAR_ERR_CANCELLED);
	assert_int_equal(rig.flash.erased, 3 * SECTOR);
	assert_string_equal(rig.said, "");
	rig.betweens_left = 0;
	assert_int_equal(run("flash read_test 0 1000 5"), FAR_ERR_CANCELLED);
	assert_int_equal(run("flash copy 0 8000 1000"), FAR_ERR_VERIFY); /* the first piece fails */
	assert_int_equal(run("flash write_test 1000 1000 5"), FAR_ERR_CANCELLED);
	rig.shell.between = NULL;
	assert_int_equal(run("flash erase 0 8000"), FAR_OK);
}

/* ---- random lines ---------------------------------------------------------------------------- */

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* A line of words that mostly exist and numbers that mostly fit, with rubbish in between. */
static size_t random_line(uint32_t *seed, char *line, size_t cap)
{
	static const char *const words[] = {
		"flash ",      "flash ",     "flash ", "read ",      "erase ",    "write ",
		"test ",       "page_info ", "copy ",  "read_test ", "help ",     "erase_test ",
		"write_test ", "0 ",         "1000 ",  "1000 ",      "2000 ",     "0x3000 ",
		"2 ",          "1 ",         "1f000 ", "20000 ",     "ffffffff ", "10 ",
		"100000000 ",  "zz ",        "\t",
	};
	size_t len = 0;
	for (uint32_t n = 1 + next(seed) % 7; n > 0; n--) {
		const char *w = words[next(seed) % (sizeof(words) / sizeof(words[0]))];
		if (len + strlen(w) < cap) {
			memcpy(line + len, w, strlen(w));
			len += strlen(w);
		}
	}
	if (next(seed) % 4 == 0)
		line[next(seed) % len] = (char)next(seed);
	return len;
}

/*
 * Whatever comes, the flash sees only what flash.h promises it (ram_flash checks that), the output
 * is printable lines (print does), and a refused line has touched nothing.
 */
static void survives_random_lines(void **state)
{
	uint32_t seed = 20261121, done = 0, refused = 0;
	(void)state;
	for (uint32_t i = 0; i < 30000; i++) {
		char line[128];
		uint32_t calls = ram_flash_calls(&rig.flash);
		size_t len = random_line(&seed, line, sizeof(line));
		rig.len = 0;
		rig.said[0] = '\0';
		rig.betweens_left = 20; /* bounds what one line may do */
		int err = far_flash_shell_run(&rig.shell, line, len);
		if (err == FAR_OK) {
			done++;
		} else {
			assert_true(rig.len > 0 || err == FAR_ERR_CANCELLED);
			if (err == FAR_ERR_ARG || err == FAR_ERR_RANGE || err == FAR_ERR_ALIGN) {
				assert_int_equal(ram_flash_calls(&rig.flash), calls);
				refused++;
			}
		}
	}
	assert_true(done > 1000 && refused > 1000); /* both were really tried */
	assert_true(rig.flash.erased > 0 && rig.flash.written > 0);
}

/* Every write block that a flash may have, down to the smallest buffer. */
static void suits_any_write_block(void **state)
{
	(void)state;
	for (uint32_t block = 1; block <= 32; block *= 2) {
		open_with(SIZE, SECTOR, block, READ);
		rig.shell.buf_len = FAR_FLASH_SHELL_BUF_MIN;
		assert_int_equal(run("flash test 3000 2000 1"), FAR_OK);
		assert_int_equal(run("flash erase 8000"), FAR_OK);
		assert_int_equal(run("flash copy 3000 8000 1000"), FAR_OK);
		assert_memory_equal(rig.flash.mem + 0x8000, rig.flash.mem + 0x3000, 0x1000);
		int err = run("flash write 9000 1");
		assert_int_equal(err == FAR_ERR_ALIGN, block > 4);
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test_setup(helps, setup),
		cmocka_unit_test_setup(ignores_blank_lines, setup),
		cmocka_unit_test_setup(refuses_unknown_words, setup),
		cmocka_unit_test_setup(takes_the_length_at_its_word, setup),
		cmocka_unit_test_setup(refuses_bad_numbers, setup),
		cmocka_unit_test_setup(refuses_wrong_counts, setup),
		cmocka_unit_test_setup(bounds_the_words_of_a_write, setup),
		cmocka_unit_test_setup(refuses_what_does_not_suit_the_flash, setup),
		cmocka_unit_test_setup(tells_of_any_failure, setup),
		cmocka_unit_test_setup(tells_how_far_it_came, setup),
		cmocka_unit_test_setup(has_a_remedy_for_every_error, setup),
		cmocka_unit_test_setup(works_without_reading, setup),
		cmocka_unit_test_setup(ends_when_nobody_reads, setup),
		cmocka_unit_test_setup(stops_when_told_to, setup),
		cmocka_unit_test_setup(survives_random_lines, setup),
		cmocka_unit_test_setup(suits_any_write_block, setup),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
