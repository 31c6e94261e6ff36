/* SPDX-License-Identifier: Apache-2.0 */
/* The kind of remote that has everything: window, native streams, reports and a way to stop. */
#include "farflash/flash.h"

enum {
	CAPS = FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE |
	       FAR_FLASH_CAN_DEFLATE
};

#include "device/mailbox/call.h"

/* A part of a call, in a half of the window if there is one. */
struct part {
	uint32_t at, len; /* bytes of the call that are still to be done */
	uint32_t place;   /* in the window */
	uint32_t word;    /* of the request; 0: not asked for */
};

/* A call in parts. Two have begun at the same time if it goes through the window. */
struct parts {
	struct far_mailbox_flash_state *s;
	uint32_t cut;    /* len of a part, but for the last */
	uint32_t begun;  /* bytes of the call in parts so far */
	uint8_t *window; /* NULL: nothing goes through it */
	bool reads;      /* from the window, or else into it */
	struct part part[2];
};

/* What is read, written or streamed goes through the window if both sides have one. */
static void plan(struct parts *p)
{
	struct far_mailbox_flash_state *s = p->s;
	const struct far_mailbox_flash_config *c = &s->config;
	uint32_t half = far_min32(said_to(s)->window_len, c->window_len) / 2 & ~(UNIT - 1),
		 op = s->call.op;

	p->cut = op & FAR_SERVICE_SENDS ? piece_max(s) : UINT32_MAX;
	p->reads = op == FAR_SERVICE_READ;
	if (half > 0 && (p->reads || (op & FAR_SERVICE_SENDS) != 0)) {
		p->cut = half;
		p->window = c->window;
		s->call.op = FAR_SERVICE_WINDOW(op);
	}
}

/* Begin the next part in h, if that is done and there is more. */
static void begin(struct parts *p, struct part *h)
{
	if (h->len > 0)
		return;
	h->at = p->begun;
	h->len = far_min32(p->s->call.len - p->begun, p->cut);
	h->place = h == p->part ? 0 : p->cut;
	p->begun += h->len;
	if (p->window != NULL && !p->reads)
		memcpy(p->window + h->place, p->s->call.data + h->at, h->len);
}

static void ask_part(struct parts *p, struct part *h)
{
	struct far_mailbox_flash_state *s = p->s;
	uint32_t extra = h->at;

	if (p->window != NULL)
		extra = h->place;
	if (s->call.op == FAR_SERVICE_BEGIN)
		extra = s->stream_len;
	ask(s, h->at, h->len, extra);
	h->word = s->word;
}

/* A request is answered: so much more is done. */
static int go_on(struct parts *p, struct part *h)
{
	struct far_mailbox_flash_state *s = p->s;
	const struct far_mailbox_flash_config *c = &s->config;
	uint32_t n = s->call.count, done = s->call.done + n, len = s->call.len;

	if (p->window != NULL && p->reads)
		memcpy(s->call.data + h->at, p->window + h->place, n);
	h->word = 0;
	h->at += n;
	h->len -= n;
	h->place += n;
	s->call.done = done;
	if (c->progress == NULL || len == 0 || (s->call.op & CHANGES) != 0 ||
	    c->progress(c->ctx, done, len) == 0 || done >= len)
		return FAR_OK;
	s->call.end = s->call.addr + done;
	return FAR_ERR_CANCELLED;
}

/*
 * Replies come in the order of the requests. Reads are asked for two at a time: while one is copied
 * out here, the supervisor reads the next. Of writes only the copying in goes ahead: one that fails
 * is the last that was asked for.
 */
static int carry(struct far_mailbox_flash_state *s)
{
	struct parts p = { .s = s };
	struct part *h = p.part, *next = p.part + 1;
	int rc;

	plan(&p);
	do {
		begin(&p, h);
		if (h->word == 0)
			ask_part(&p, h);
		if (p.window != NULL) {
			far_fragment_send(&s->link, 0); /* what goes wrong now goes wrong again */
			begin(&p, next);
			if (p.reads && next->len > 0 && s->link.out.words[0] == 0)
				ask_part(&p, next);
		}
		s->due = h->word;
		rc = await(s, h->len);
		if (rc >= 0)
			rc = go_on(&p, h);
		if (rc != FAR_OK)
			break;
		if (next->len > 0 && (p.reads || h->len == 0)) {
			struct part *last = h;

			h = next;
			next = last;
		}
	} while (s->call.done < s->call.len);
	if (rc != FAR_OK && next->word != 0)
		s->due = next->word; /* under way all the same */
	return rc;
}

/* ---- streams --------------------------------------------------------------------------------- */

/* The record of a failure is one of the stream: its sectors, as far as the supervisor says. */
static int replace(struct far_flash *f, uint32_t addr, void *data, uint32_t len, uint32_t op)
{
	struct far_mailbox_flash *m = (struct far_mailbox_flash *)(void *)f;
	const struct far_mailbox_flash_state *s = &m->_state;
	uint32_t sector = f->info.sector_size,
		 most = (f->_replace.len + sector - 1) & ~(sector - 1);
	int rc = perform(m, addr, data, len, op, op != FAR_SERVICE_BEGIN);

	if (rc == FAR_OK)
		return FAR_OK;
	if (op == FAR_SERVICE_BEGIN && s->call.sent == 0)
		most = 0;
	f->fault.touched_addr = f->_replace.addr;
	f->fault.touched_len = far_min32(s->call.end - f->_replace.addr, most);
	return rc;
}

static int mailbox_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	struct far_mailbox_flash *m = (struct far_mailbox_flash *)(void *)f;

	m->_state.stream_len = stream_len;
	return replace(f, addr, f, len, FAR_SERVICE_BEGIN);
}

static int mailbox_stream(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	return replace(f, 0, (void *)(uintptr_t)data, len, FAR_SERVICE_STREAM);
}

static int mailbox_end(struct far_flash *f)
{
	return replace(f, 0, f, 0, FAR_SERVICE_END);
}

int far_mailbox_flash_open(struct far_mailbox_flash *m,
			   const struct far_mailbox_flash_config *config)
{
	static const struct far_flash_ops ops = { .read = mailbox_read,
						  .write = mailbox_write,
						  .erase = mailbox_erase,
						  .digest = mailbox_digest,
						  .replace_begin = mailbox_begin,
						  .replace_write = mailbox_stream,
						  .replace_end = mailbox_end,
						  .sync = mailbox_sync };

	struct far_mailbox_flash_config *c = &m->_state.config;

	memcpy(c, config, sizeof(*c));
	if (c->window == NULL && c->window_len > 0)
		c->clock = NULL; /* as impossible */
	return start(m, c, &ops);
}
