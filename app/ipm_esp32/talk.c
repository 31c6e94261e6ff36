/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console comes second: its first failure is kept in t->err and ends the next wait, so that no
 * line of a program has to look.
 */
#include "app/ipm_esp32/talk.h"

int talk_init(struct talk *t, const struct far_board *board, far_mailbox_notice notice,
	      far_mailbox_callback callback, void *user)
{
	struct far_mailbox_config config = board->mailbox;
	int err;

	/* The board has filled in all but what is the program's: who is told, and with what. */
	config.notice = notice;
	config.user = user;
	t->board = board;
	t->err = FAR_OK;
	t->began = 0;
	err = far_mailbox_init(&t->mailbox, &config);
	if (err != FAR_OK)
		return err;
	return far_mailbox_register_callback(&t->mailbox, TALK_CHANNEL, callback, user);
}

/* After the first failure silently: see above. */
static void say(struct talk *t, const uint8_t *text, size_t len)
{
	struct far_stream *console = t->board->console;

	if (t->err == FAR_OK && len > 0)
		t->err = console->ops->write(console, text, len);
}

void talk_say(struct talk *t, const char *text)
{
	size_t len = 0;

	while (text[len] != '\0')
		len++;
	say(t, (const uint8_t *)text, len);
}

void talk_say_foreign(struct talk *t, const uint8_t *data, size_t len)
{
	uint8_t text[FAR_MAILBOX_DATA_MAX];
	size_t n = 0;

	for (; n < len && n < sizeof(text) && data[n] != '\0'; n++)
		/* What another core sends must not move our cursor. */
		text[n] = data[n] >= 0x20 && data[n] < 0x7f ? data[n] : '.';
	say(t, text, n);
}

void talk_say_number(struct talk *t, uint32_t number)
{
	uint8_t text[10]; /* 4294967295 */
	size_t at = sizeof(text);

	do
		text[--at] = (uint8_t)('0' + number % 10);
	while ((number /= 10) != 0);
	say(t, text + at, sizeof(text) - at);
}

static uint32_t now(const struct talk *t)
{
	return t->board->clock->ops->now_ms(t->board->clock);
}

void talk_wait_begin(struct talk *t)
{
	t->began = now(t);
}

int talk_wait(struct talk *t, bool idle)
{
	uint32_t patience = t->board->patience_ms, spent = now(t) - t->began;
	int rc;

	if (t->err != FAR_OK)
		return t->err;
	/* One patience for the whole wait, however many messages come that are not the one. */
	if (spent >= patience)
		return FAR_ERR_TIMEOUT;
	rc = far_mailbox_poll(&t->mailbox, idle ? patience - spent : 0);
	return rc < 0 ? rc : FAR_OK;
}

/*
 * A peer that never came and one that stopped are told apart: they have different remedies, and
 * exit codes.
 */
int talk_end(struct talk *t, const char *peer, int err, bool appeared)
{
	struct far_stream *console = t->board->console;

	if (err == FAR_ERR_TIMEOUT) {
		talk_say(t, peer);
		talk_say(t, appeared ? " has stopped answering: silent for "
				     : " has not appeared: waited for ");
		talk_say_number(t, t->board->patience_ms);
		talk_say(t, " ms; start its program, with the same mailbox\n");
	}
	/* The last words are out before the core stops, or the process ends. */
	if (t->err == FAR_OK)
		t->err = console->ops->drain(console);
	if (err == FAR_OK)
		err = t->err;
	switch (err) {
	case FAR_OK:
		return FAR_APP_DONE;
	case FAR_ERR_CANCELLED:
		return FAR_APP_INTERRUPTED;
	case FAR_ERR_TIMEOUT:
		return appeared ? FAR_APP_LOST : FAR_APP_NO_PEER;
	default: /* a mailbox or a console that does not work */
		return FAR_APP_NO_BOARD;
	}
}
