/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines as the vendor's log has them, "I (1234) example: text", with milliseconds since the program
 * began, so that tools that read such logs read this one.
 */
#include "app/flash_multiple_partitions/log.h"

#define TAG "example" /* as scripts know the sample */

void log_init(struct log *l, const struct far_board *board)
{
	l->stream = board->console;
	l->clock = board->clock;
	l->start = l->clock->ops->now_ms(l->clock);
	l->err = FAR_OK;
	l->text.at = l->line;
	l->text.cap = sizeof(l->line) - 1; /* there is always room for the line's end */
	l->text.len = 0;
}

void log_begin(struct log *l, char level, const char *tag)
{
	const char word[2] = { level, '\0' };

	l->text.len = 0;
	far_text_put(&l->text, word);
	far_text_put(&l->text, " (");
	far_text_decimal(&l->text, l->clock->ops->now_ms(l->clock) - l->start);
	far_text_put(&l->text, ") ");
	far_text_put(&l->text, tag);
	far_text_put(&l->text, ": ");
}

/* After the first failure the program goes on, silently: its work is worth more than its words. */
void log_end(struct log *l)
{
	l->line[l->text.len++] = '\n';
	if (l->err == FAR_OK)
		l->err = l->stream->ops->write(l->stream, (const uint8_t *)l->line, l->text.len);
	l->text.len = 0;
}

void log_say(struct log *l, char level, const char *words)
{
	log_begin(l, level, TAG);
	far_text_put(&l->text, words);
	log_end(l);
}

void log_number(struct log *l, const char *words, uint32_t number)
{
	log_begin(l, 'I', TAG);
	far_text_put(&l->text, words);
	far_text_decimal(&l->text, number);
	log_end(l);
}

/* Number and name: the one for those who look it up, the other for those who read. */
void log_put_fault(struct log *l, int err, uint32_t addr)
{
	far_text_put(&l->text, " at 0x");
	far_text_hex(&l->text, addr, 0);
	far_text_put(&l->text, ": code -");
	far_text_decimal(&l->text, (uint32_t)-err);
	far_text_put(&l->text, " (");
	far_text_put(&l->text, far_err_name(err));
	far_text_put(&l->text, ")");
}

/* What the console has failed with, if it has: the last chance to tell it is the exit code. */
int log_close(struct log *l)
{
	if (l->err == FAR_OK)
		l->err = l->stream->ops->drain(l->stream);
	return l->err;
}
