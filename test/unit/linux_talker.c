/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_talker.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "port/linux/shared.h"
#include "test/common/child.h"

#define CHANNELS  2u
#define WAIT_MS   1000
#define REPORT_MS 20000

/* In the child. */
struct self {
	const struct talker *talker;
	struct far_mailbox m;
	uint32_t side;
	uint32_t out[CHANNELS], in[CHANNELS]; /* next numbers of this session */
};

static uint32_t fill(uint32_t *word, uint32_t session, uint32_t channel, uint32_t number)
{
	uint32_t count = 4 + number % 13;

	word[0] = session;
	word[1] = number;
	for (uint32_t i = 2; i < count; i++)
		word[i] = (session ^ number * 0x9e3779b9u) + channel * 0x01000193u + i;
	return count * 4;
}

/* Once in a session: when the later channel comes so far. */
static void report(const struct self *s, uint32_t channel)
{
	struct talker_report r = { .side = s->side,
				   .session = far_mailbox_session(&s->m),
				   .pid = getpid() };

	if ((s->in[0] < s->in[1] ? s->in[0] : s->in[1]) != TALKER_REPORT_AT ||
	    s->in[channel - 2] != TALKER_REPORT_AT)
		return;
	if (write(s->talker->reports[1], &r, sizeof(r)) != sizeof(r))
		_exit(TALKER_TROUBLE);
}

static void on_message(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		       size_t len)
{
	struct self *s = user;
	uint32_t word[16], i = channel - 2;

	if (fill(word, far_mailbox_session(m), channel, s->in[i]) != len ||
	    memcmp(word, data, len) != 0)
		_exit(TALKER_WRONG);
	s->in[i]++;
	report(s, channel);
}

static void on_notice(struct far_mailbox *m, void *user, bool bound)
{
	struct self *s = user;

	(void)m;
	(void)bound;
	memset(s->out, 0, sizeof(s->out));
	memset(s->in, 0, sizeof(s->in));
}

/* As many as there is room for. */
static void send_all(struct self *s, uint32_t i)
{
	uint32_t goal = s->talker->goal, word[16];

	while (goal == 0 || s->out[i] < goal) {
		uint32_t session = far_mailbox_session(&s->m);
		uint32_t len = fill(word, session, 2 + i, s->out[i]);

		if (far_mailbox_send(&s->m, 2 + i, word, len, 0) != FAR_OK ||
		    far_mailbox_session(&s->m) != session)
			return;
		s->out[i]++;
	}
}

static bool is_done(const struct self *s)
{
	uint32_t goal = s->talker->goal;
	bool done = goal != 0;

	for (uint32_t i = 0; i < CHANNELS; i++)
		done = done && s->out[i] == goal && s->in[i] == goal;
	return done;
}

static int talk(void *arg)
{
	struct self *s = arg;
	struct far_linux_shared_config config = { .path = s->talker->path,
						  .side = s->side,
						  .slots = s->talker->slots };
	struct far_mailbox_config c;
	struct far_linux_shared shared;

	if (far_linux_shared_open(&shared, &config) != FAR_OK)
		return TALKER_NO_FILE;
	c = shared.mailbox;
	c.notice = on_notice;
	c.user = s;
	if (far_mailbox_init(&s->m, &c) != FAR_OK)
		return TALKER_TROUBLE;
	for (uint32_t i = 0; i < CHANNELS; i++)
		far_mailbox_register_callback(&s->m, 2 + i, on_message, s);
	while (!is_done(s)) {
		send_all(s, 0);
		send_all(s, 1);
		if (far_mailbox_poll(&s->m, WAIT_MS) < 0)
			return TALKER_TROUBLE;
	}
	return TALKER_DONE;
}

void talker_init(struct talker *t, const char *path)
{
	memset(t, 0, sizeof(*t));
	t->path = path;
	assert_int_equal(pipe(t->reports), 0);
}

void talker_free(struct talker *t)
{
	close(t->reports[0]);
	close(t->reports[1]);
}

pid_t talker_start(struct talker *t, uint32_t side)
{
	struct self s = { .talker = t, .side = side };

	return child_start(talk, &s);
}

struct talker_report talker_report(struct talker *t)
{
	struct pollfd p = { .fd = t->reports[0], .events = POLLIN };
	struct talker_report r;

	assert_int_equal(poll(&p, 1, REPORT_MS), 1);
	assert_int_equal(read(t->reports[0], &r, sizeof(r)), sizeof(r));
	return r;
}
