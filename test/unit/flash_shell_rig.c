/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/flash_shell_rig.h"

struct rig rig;

static uint32_t now_ms(struct far_clock *c)
{
	(void)c;
	rig.now_ms += rig.tick_ms;
	return rig.now_ms;
}

static const struct far_clock_ops clock_ops = { .now_ms = now_ms };

/* What the shell promises about its output: whole lines, printable. */
static int print(void *ctx, const char *text, size_t len)
{
	assert_ptr_equal(ctx, &rig);
	assert_true(len > 0 && text[len - 1] == '\n');
	for (size_t i = 0; i < len; i++)
		assert_true(text[i] == '\n' || (text[i] >= 0x20 && text[i] < 0x7F));
	if (rig.prints_left == 0)
		return FAR_ERR_IO;
	rig.prints_left--;
	assert_true(len < sizeof(rig.said) - rig.len);
	memcpy(rig.said + rig.len, text, len);
	rig.len += len;
	rig.said[rig.len] = '\0';
	return FAR_OK;
}

static int between(void *ctx)
{
	assert_ptr_equal(ctx, &rig);
	rig.betweens++;
	if (rig.betweens_left == 0)
		return FAR_ERR_CANCELLED;
	rig.betweens_left--;
	return FAR_OK;
}

void open_with(uint32_t size, uint32_t sector, uint32_t block, uint8_t caps)
{
	ram_flash_open(&rig.flash, size, sector, block, caps);
	rig.clock.ops = &clock_ops;
	rig.now_ms = rig.tick_ms = 0;
	rig.prints_left = rig.betweens_left = UINT32_MAX;
	rig.betweens = 0;
	rig.shell = (struct far_flash_shell){
		.flash = &rig.flash.flash,
		.clock = &rig.clock,
		.buf = rig.buf,
		.buf_len = BUF,
		.print = print,
		.between = between,
		.ctx = &rig,
	};
}

int setup(void **state)
{
	(void)state;
	open_with(SIZE, SECTOR, 4, READ);
	return 0;
}

int run(const char *line)
{
	rig.len = 0;
	rig.said[0] = '\0';
	return far_flash_shell_run(&rig.shell, line, strlen(line));
}

void gives(int err, const char *line, const char *said)
{
	assert_int_equal(run(line), err);
	assert_string_equal(rig.said, said);
}

void refuses(int err, const char *line, const char *begin, const char *what)
{
	uint32_t calls = ram_flash_calls(&rig.flash);

	assert_int_equal(run(line), err);
	assert_int_equal(strncmp(rig.said, begin, strlen(begin)), 0);
	if (!strstr(rig.said, what))
		fail_msg("'%s' says: %swithout: %s", line, rig.said, what);
	assert_int_equal(ram_flash_calls(&rig.flash), calls);
}

bool says(const char *what)
{
	return strstr(rig.said, what) != NULL;
}
