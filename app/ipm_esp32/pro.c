/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PRO_CPU: sends a request, prints what the other core answers, and again. If the other core
 * restarts in between, the request is sent again in the new session: a round is never lost.
 */
#include "app/ipm_esp32/talk.h"

#define PAUSE_MS 200u /* between rounds */

struct pro {
	struct talk talk;
	bool asked; /* the request is sent in this session */
	bool answered;
	bool appeared; /* the other core, ever */
	uint8_t answer[FAR_MAILBOX_DATA_MAX];
	size_t answer_len;
};

static void on_notice(struct far_mailbox *m, void *user, bool bound)
{
	struct pro *p = user;

	(void)m;
	p->asked = false;
	p->appeared = p->appeared || bound;
}

/* An answer to a request of an older round cannot come: a round ends with its answer. */
static void on_answer(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		      size_t len)
{
	struct pro *p = user;
	const uint8_t *byte = data;

	(void)m;
	(void)channel;
	if (!p->asked || p->answered)
		return;
	for (size_t i = 0; i < len; i++)
		p->answer[i] = byte[i];
	p->answer_len = len;
	p->answered = true;
}

/* Whatever the error, the wait that follows finds out what became of the other core. */
static void ask(struct pro *p)
{
	static const uint8_t request[] = { 'P', 'R', 'O', '_', 'C', 'P', 'U' };

	p->asked = far_mailbox_send(&p->talk.mailbox, TALK_CHANNEL, request, sizeof(request),
				    p->talk.board->patience_ms) == FAR_OK;
}

static int meet(struct pro *p)
{
	int err = FAR_OK;

	talk_wait_begin(&p->talk);
	while (!p->appeared && err == FAR_OK)
		err = talk_wait(&p->talk, true);
	return err;
}

static int exchange(struct pro *p)
{
	int err = FAR_OK;
	bool bound;

	p->asked = p->answered = false;
	talk_say(&p->talk, "PRO_CPU is sending a fake request, waiting remote response...\n");
	talk_wait_begin(&p->talk);
	while (!p->answered && err == FAR_OK) {
		if (!p->asked)
			ask(p);
		/*
		 * A session that began while it was sent is news already told: ask in it at once.
		 */
		bound = far_mailbox_session(&p->talk.mailbox) != 0;
		err = talk_wait(&p->talk, p->asked || !bound);
	}
	if (!p->answered)
		return err;
	talk_say(&p->talk, "PRO_CPU received a message from APP_CPU : ");
	talk_say_foreign(&p->talk, p->answer, p->answer_len);
	talk_say(&p->talk, "\n");
	return p->talk.err;
}

int far_app_main(const struct far_board *board)
{
	struct pro p = { .asked = false };
	int err = talk_init(&p.talk, board, on_notice, on_answer, &p);

	if (err == FAR_OK)
		err = meet(&p);
	for (uint32_t round = 0; err == FAR_OK; round++) {
		if (round > 0)
			board->clock->ops->sleep_ms(board->clock, PAUSE_MS);
		err = exchange(&p);
		if (round + 1 == board->rounds)
			break;
	}
	return talk_end(&p.talk, "APP_CPU", err, p.appeared);
}
