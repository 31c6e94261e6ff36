/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console of both programs: a line is put together and goes out at once, so that lines of two
 * cores on one terminal do not mix within. Its first failure is kept for the end.
 */
#include "app/flash_ipm/console.h"

void console_init(struct console *c, const struct far_board *board)
{
	c->stream = board->console;
	c->err = FAR_OK;
	c->text.at = c->line;
	c->text.cap = sizeof(c->line);
	c->text.len = 0;
}

/* After the first failure the program goes on, silently: its work is worth more than its words. */
void console_flush(struct console *c)
{
	const uint8_t *text = (const uint8_t *)c->line;

	if (c->err == FAR_OK && c->text.len > 0)
		c->err = c->stream->ops->write(c->stream, text, c->text.len);
	c->text.len = 0;
}

void console_say(struct console *c, const char *words)
{
	far_text_put(&c->text, words);
	console_flush(c);
}

/* The number for scripts that knew the sample, the name for people, and where it was. */
void console_put_fault(struct console *c, int err, uint32_t addr)
{
	far_text_put(&c->text, "code -");
	far_text_decimal(&c->text, (uint32_t)-err);
	far_text_put(&c->text, " (");
	far_text_put(&c->text, far_err_name(err));
	far_text_put(&c->text, ") at 0x");
	far_text_hex(&c->text, addr, 0);
}

/* The last words are out before the core stops. */
int console_end(struct console *c)
{
	console_flush(c);
	if (c->err == FAR_OK)
		c->err = c->stream->ops->drain(c->stream);
	return c->err;
}

/* The peer's and the flash's no are one to whoever started the program. */
int exit_of(int err)
{
	switch (err) {
	case FAR_OK:
		return FAR_APP_DONE;
	case FAR_ERR_CANCELLED:
		return FAR_APP_INTERRUPTED;
	case FAR_ERR_TIMEOUT:
		return FAR_APP_LOST;
	case FAR_ERR_PROTO:
		return FAR_APP_PROTOCOL;
	case FAR_ERR_VERIFY:
		return FAR_APP_MISMATCH;
	case FAR_ERR_ARG:
	case FAR_ERR_IO:
		return FAR_APP_NO_BOARD;
	default: /* out of range, not granted, not possible: a no */
		return FAR_APP_REFUSED;
	}
}
