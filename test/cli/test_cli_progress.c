/* SPDX-License-Identifier: Apache-2.0 */
/* The bar on a terminal: it fits whatever width there is, and gives way to what is said. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/progress.h"
#include "cli/report.h"

/* A terminal in place of stderr: what is written to it can be read from master. */
struct terminal {
	int master, stderr_before;
};

static int open_terminal(void **state)
{
	static struct terminal t;
	struct termios modes;
	t.master = posix_openpt(O_RDWR | O_NOCTTY);
	if (t.master < 0 || grantpt(t.master) != 0 || unlockpt(t.master) != 0)
		return -1;
	int slave = open(ptsname(t.master), O_RDWR | O_NOCTTY);
	if (slave < 0 || tcgetattr(slave, &modes) != 0)
		return -1;
	cfmakeraw(&modes);
	tcsetattr(slave, TCSANOW, &modes);
	t.stderr_before = dup(STDERR_FILENO);
	dup2(slave, STDERR_FILENO);
	close(slave);
	*state = &t;
	return 0;
}

static int close_terminal(void **state)
{
	struct terminal *t = *state;
	dup2(t->stderr_before, STDERR_FILENO);
	close(t->stderr_before);
	close(t->master);
	return 0;
}

static void set_columns(unsigned short columns)
{
	struct winsize w = { .ws_row = 24, .ws_col = columns };
	assert_int_equal(ioctl(STDERR_FILENO, TIOCSWINSZ, &w), 0);
}

#define MARK '\1'

/*
 * All that has been written since. The kernel hands it on when it likes, so it goes by a mark
 * behind it. Returns text, cut off at its size.
 */
static const char *written(const struct terminal *t, char text[512])
{
	const char mark = MARK;
	size_t len = 0;
	char c;
	assert_int_equal(write(STDERR_FILENO, &mark, 1), 1);
	while (read(t->master, &c, 1) == 1 && c != MARK) {
		if (len < 511)
			text[len++] = c;
	}
	text[len] = '\0';
	return text;
}

/* Printable characters of a line: from its carriage return to the end of it. */
static size_t columns_of(const char *line)
{
	assert_int_equal(line[0], '\r');
	return strcspn(line + 1, "\033\r");
}

static void fits_every_width(void **state)
{
	static struct cli_settings set;
	const struct cli c = { .set = &set };
	struct cli_progress p;
	char text[512];
	for (unsigned short columns = 8; columns < 200; columns++) {
		set_columns(columns);
		cli_progress_begin(&c, &p, "Extracting", UINT32_MAX);
		cli_progress_update(&p, UINT32_MAX);
		assert_true(columns_of(written(*state, text)) <= columns);
		assert_non_null(strstr(text, "100 %"));
		cli_progress_end(&p);
		assert_string_equal(written(*state, text), "\r\033[K");
	}
	set_columns(0); /* not known: as on most terminals */
	cli_progress_begin(&c, &p, "Writing", 1000);
	cli_progress_update(&p, 500);
	assert_non_null(strstr(written(*state, text), "[===============               ]  50 %"));
	cli_progress_end(&p);
	written(*state, text);
}

static void gives_way(void **state)
{
	static struct cli_settings set;
	struct cli c = { .set = &set, .stdout_is_data = true };
	struct cli_progress p;
	char text[512];
	set_columns(100);
	cli_say(&c, "before");
	assert_string_equal(written(*state, text), "before\n");
	cli_progress_begin(&c, &p, "Reading", 1000);
	cli_progress_update(&p, 1);
	written(*state, text);
	cli_say(&c, "said");
	assert_string_equal(written(*state, text), "\r\033[Ksaid\n");
	cli_say(&c, "again");
	assert_string_equal(written(*state, text), "again\n");
	p.shown_ms = 0;
	cli_progress_update(&p, 2);
	written(*state, text);
	cli_warn(&c, "odd");
	assert_string_equal(written(*state, text), "\r\033[Kfarflash: warning: odd\n");
	p.shown_ms = 0;
	cli_progress_update(&p, 3);
	written(*state, text);
	cli_fail(&c, CLI_FILE, "bad");
	assert_string_equal(written(*state, text), "\r\033[Kfarflash: bad\n");
	assert_true(cli_progress_end(&p) > 0);
	assert_string_equal(written(*state, text), "");
}

/* Not more often than a person can read, and not at all where it was not asked for. */
static void is_quiet(void **state)
{
	static struct cli_settings set;
	struct cli c = { .set = &set };
	struct cli_progress p;
	char text[512];
	set_columns(100);
	cli_progress_begin(&c, &p, "Reading", 1000);
	uint64_t began = cli_now_ms();
	for (uint32_t i = 0; i < 1000; i++)
		cli_progress_update(&p, i);
	/* However long the loop was held up: one at once, and ten in a second. */
	uint64_t most = 1 + (cli_now_ms() - began) / 100;
	unsigned bars = 0;
	for (const char *at = written(*state, text); (at = strstr(at, "Reading")) != NULL; at++)
		bars++;
	assert_in_range(bars, 1, most);
	cli_progress_end(&p);
	written(*state, text);
	bool *const flags[] = { &set.no_progress, &set.quiet, &set.json, &set.trace };
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		*flags[i] = true;
		cli_progress_begin(&c, &p, "Reading", 1000);
		cli_progress_update(&p, 1);
		cli_progress_end(&p);
		assert_string_equal(written(*state, text), "");
		*flags[i] = false;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits_every_width),
		cmocka_unit_test(gives_way),
		cmocka_unit_test(is_quiet),
	};
	return cmocka_run_group_tests(tests, open_terminal, close_terminal);
}
