/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PRO_CPU: a hundred times, asks the other core something, gets its answer, and starts it anew.
 * Each start must be another session. In odd rounds it does not wait for the answer first.
 */
#include "app/ipm_esp32/talk.h"
#include "port/baremetal/baremetal.h"

#define ROUNDS 100u

struct restarter {
	struct talk talk;
	bool bound, answered;
};

static void on_notice(struct far_mailbox *m, void *user, bool bound)
{
	struct restarter *r = user;

	(void)m;
	r->bound = bound;
}

static void on_answer(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		      size_t len)
{
	struct restarter *r = user;

	(void)m;
	(void)channel;
	(void)data;
	(void)len;
	r->answered = true;
}

static int until(struct restarter *r, const bool *flag)
{
	int err = FAR_OK;

	talk_wait_begin(&r->talk);
	while (!*flag && err == FAR_OK)
		err = talk_wait(&r->talk, true);
	return err;
}

static int round_of(struct restarter *r, uint32_t number)
{
	int err = until(r, &r->bound);

	r->answered = false;
	if (err == FAR_OK)
		err = far_mailbox_send(&r->talk.mailbox, TALK_CHANNEL, "?", 1, 100);
	if (err == FAR_OK && number % 2 == 0)
		err = until(r, &r->answered);
	r->bound = false;
	far_bare_restart_other();
	return err;
}

int far_app_main(const struct far_board *board)
{
	struct restarter r = { .bound = false };
	int err = talk_init(&r.talk, board, on_notice, on_answer, &r);

	for (uint32_t i = 0; i < ROUNDS && err == FAR_OK; i++)
		err = round_of(&r, i);
	if (err == FAR_OK)
		err = until(&r, &r.bound);
	talk_say(&r.talk, "sessions: ");
	talk_say_number(&r.talk, r.talk.mailbox.count.sessions);
	talk_say(&r.talk, "\n");
	return talk_end(&r.talk, "APP_CPU", err, true);
}
