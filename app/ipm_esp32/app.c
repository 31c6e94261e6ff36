/* SPDX-License-Identifier: Apache-2.0 */
/* APP_CPU: answers each request of the other core, whichever session it comes in. */
#include "app/ipm_esp32/talk.h"

struct app {
	struct talk talk;
	uint32_t owed;     /* requests of this session without an answer */
	uint32_t answered; /* in all sessions */
	bool appeared;     /* the other core, ever */
};

/* Requests and answers of a session end with it. */
static void on_notice(struct far_mailbox *m, void *user, bool bound)
{
	struct app *a = user;

	(void)m;
	a->owed = 0;
	a->appeared = a->appeared || bound;
}

static void on_request(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		       size_t len)
{
	struct app *a = user;

	(void)m;
	(void)channel;
	(void)data;
	(void)len;
	a->owed++;
}

/* Not in the callback: there it could not wait for room. */
static void answer(struct app *a)
{
	static const char text[] = "APP_CPU: This is a response";

	while (a->owed > 0 &&
	       far_mailbox_send(&a->talk.mailbox, TALK_CHANNEL, text, sizeof(text) - 1,
				a->talk.board->patience_ms) == FAR_OK) {
		a->owed--;
		a->answered++;
	}
}

/* One who serves for ever does not mind silence, once the other core was there. */
static int serve(struct app *a, uint32_t rounds)
{
	int err = FAR_OK;

	talk_wait_begin(&a->talk);
	while (err == FAR_OK && (rounds == 0 || a->answered < rounds)) {
		uint32_t before = a->answered;

		err = talk_wait(&a->talk, true);
		answer(a);
		if (a->answered != before ||
		    (err == FAR_ERR_TIMEOUT && rounds == 0 && a->appeared)) {
			talk_wait_begin(&a->talk);
			err = FAR_OK;
		}
	}
	return err;
}

int far_app_main(const struct far_board *board)
{
	struct app a = { .owed = 0 };
	int err = talk_init(&a.talk, board, on_notice, on_request, &a);

	if (err == FAR_OK)
		err = serve(&a, board->rounds);
	return talk_end(&a.talk, "PRO_CPU", err, a.appeared);
}
