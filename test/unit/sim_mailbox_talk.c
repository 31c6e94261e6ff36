/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_mailbox_talk.h"

#define CHANNELS 2u
#define MORE     24u /* messages on each channel after the faults, more than any ring here holds */

/* What one life of one core knows. */
struct life {
	struct talk *talk;
	struct talk_end *end;
	struct far_mailbox m;
	uint32_t side;
	uint32_t out[CHANNELS], in[CHANNELS]; /* next numbers of this session */
	uint32_t late[CHANNELS];              /* got since the faults ended */
	bool bound, news, done_there, done_told;
};

static bool is_calm(const struct life *l)
{
	const struct far_sim_mailbox *m = &l->talk->m;

	return m->faults.until == 0 ||
	       m->count.accesses[0] + m->count.accesses[1] > m->faults.until;
}

static bool is_done(const struct life *l)
{
	return l->late[0] >= MORE && l->late[1] >= MORE;
}

/* Both have got enough, and know it of each other. */
static bool is_over(const struct life *l)
{
	return is_calm(l) && is_done(l) && l->done_there && l->done_told;
}

static void on_notice(struct far_mailbox *m, void *user, bool bound)
{
	struct life *l = user;

	l->end->stories += bound == l->bound || bound != (far_mailbox_session(m) != 0);
	l->end->sessions += bound;
	l->bound = bound;
	l->news = true;
	l->done_there = l->done_told = false;
	for (uint32_t i = 0; i < CHANNELS; i++)
		l->in[i] = l->out[i] = l->late[i] = 0;
}

/* Words: session, number and channel, the sender is done, then all the same: a sum over them. */
static uint32_t fill(uint32_t *word, uint32_t session, uint32_t number, bool done)
{
	uint32_t count = 4 + number % 13;

	word[0] = session;
	word[1] = number;
	word[2] = done;
	for (uint32_t i = 3; i < count; i++)
		word[i] = (session ^ number * 0x9e3779b9u) + i;
	return count * 4;
}

static void check(struct life *l, uint32_t i, const void *data, size_t len)
{
	uint32_t got[16] = { 0 }, want[16] = { 0 };
	uint32_t want_len;

	memcpy(got, data, len);
	want_len = fill(want, far_mailbox_session(&l->m), l->in[i], got[2] == 1);
	if (len != want_len || memcmp(got, want, len) != 0)
		l->end->wrong += !l->talk->foreign;
	l->end->got++;
	l->in[i]++;
	l->late[i] += is_calm(l);
	if (is_calm(l) && got[2] == 1)
		l->done_there = true;
}

static void on_message(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		       size_t len)
{
	(void)m;
	check(user, channel - 2, data, len);
}

/*
 * Core 0 waits for room, core 1 does not: both might wait for each other. At the end it does not
 * either: the other one may be gone.
 */
static void send(struct life *l, uint32_t i)
{
	uint32_t word[16], session = far_mailbox_session(&l->m), number = l->out[i];
	bool done = is_done(l) && is_calm(l);
	uint32_t len = fill(word, session, number, done);

	if (session == 0 ||
	    far_mailbox_send(&l->m, 2 + i, word, len,
			     l->side == 0 && !is_done(l) ? TALK_WAIT_MS : 0) != FAR_OK)
		return;
	if (far_mailbox_session(&l->m) == session) {
		l->out[i]++;
		l->done_told = l->done_told || (done && is_done(l));
	}
}

/* Channel 2 by receive, channel 3 by callback. True: something came, or happened to the session. */
static bool take(struct life *l)
{
	uint32_t word[16];
	int len, some = 0;

	while ((len = far_mailbox_receive(&l->m, 2, word, sizeof(word), 0)) >= 0) {
		check(l, 0, word, (size_t)len);
		some++;
	}
	return some + far_mailbox_poll(&l->m, 0) > 0 || l->news;
}

/* A long wait is for anything that can come, so it must never last to its end. */
static void wait_for_more(struct life *l)
{
	uint32_t word[16];
	int len = FAR_ERR_TIMEOUT;

	if (l->end->got % 2 == 0)
		len = far_mailbox_receive(&l->m, 2, word, sizeof(word), 1);
	if (len >= 0) {
		check(l, 0, word, (size_t)len);
		return;
	}
	if (l->news)
		return;
	far_mailbox_register_callback(&l->m, 2, on_message, l);
	far_mailbox_poll(&l->m, TALK_WAIT_MS);
	far_mailbox_register_callback(&l->m, 2, NULL, NULL);
}

static void program(void *user, const struct far_mailbox_config *config)
{
	struct talk *t = user;
	struct far_mailbox_config c = *config;
	struct life l = { .talk = t, .end = &t->end[config->side], .side = config->side };

	l.end->lives++;
	c.notice = on_notice;
	c.user = &l;
	if (far_mailbox_init(&l.m, &c) != FAR_OK ||
	    far_mailbox_register_callback(&l.m, 3, on_message, &l) != FAR_OK)
		return;
	while (!is_over(&l)) {
		l.news = false;
		send(&l, 0);
		send(&l, 1);
		if (!take(&l) && !is_over(&l))
			wait_for_more(&l);
	}
}

void talk_run(struct talk *t, uint32_t slots, const struct far_sim_mailbox_faults *faults)
{
	memset(t, 0, sizeof(*t));
	far_sim_clock_init(&t->clock);
	t->m.clock = &t->clock;
	t->m.slots = slots;
	t->m.faults = *faults;
	t->foreign = faults->scribble_in != 0;
	for (int i = 0; i < 2; i++) {
		t->m.program[i] = program;
		t->m.user[i] = t;
	}
	t->result = far_sim_mailbox_run(&t->m, TALK_LIMIT_MS);
	t->took_ns = t->clock.now_ns;
}

bool talk_is_good(const struct talk *t)
{
	const struct far_sim_mailbox_faults *f = &t->m.faults;
	bool lossless = f->lose_ring == 0 && f->scribble_in == 0;
	bool slept = lossless && t->took_ns >= (uint64_t)TALK_WAIT_MS * 1000000u;
	uint32_t wrong = t->end[0].wrong + t->end[1].wrong;
	uint32_t stories = t->end[0].stories + t->end[1].stories;

	if (t->result == FAR_OK && wrong == 0 && stories == 0 && !slept)
		return true;
	printf("result %d, %u wrong, %u odd notices, %llu us; seed %u switch %u late %u lose %u "
	       "reset %u %u at %u %u scribble %u until %u\n",
	       t->result, wrong, stories, (unsigned long long)(t->took_ns / 1000), f->seed,
	       f->switch_in, f->late_ns, f->lose_ring, f->reset_in[0], f->reset_in[1],
	       f->reset_at[0], f->reset_at[1], f->scribble_in, f->until);
	return false;
}
