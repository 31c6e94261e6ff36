/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox:PATH: a flash that another process owns and serves (farflash serve, or the program of a
 * core on this machine). PATH is the file that both map. What may be done is up to the server's
 * grants; everything else is refused, and exits with CLI_REFUSED.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/share.h"
#include "cli/target.h"
#include "device/mailbox/mailbox.h"

#define CONNECT_MS 500u  /* per attempt */
#define ATTEMPTS   7u    /* the default of --connect-attempts for chips, too */
#define LOOK_MS    250u  /* between two looks at whether the server's process lives */
#define ANSWER_MS  5000u /* without a sign of life; the slowest sectors take 3 s to erase */
#define DIGEST_MS  8000u /* more per MiB, where a chip's loader computes the digest of all */

struct mailbox_state {
	struct far_doorbell bell; /* first: the shared file's, with an eye on the server */
	uint32_t looked;          /* when */
	struct far_linux_shared shared;
	struct far_mailbox mailbox;
	struct far_mailbox_flash flash;
	bool bound, opened;
};

static void ring(struct far_doorbell *d)
{
	struct far_doorbell *inner = &((struct mailbox_state *)d)->shared.doorbell;
	inner->ops->ring(inner);
}

/*
 * Silence may be a slow flash. A process that has died is told by the kernel, so a session with one
 * is ended here, and the call that waits with it. Further calls do not wait for another server:
 * this command is over.
 */
static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct mailbox_state *s = (struct mailbox_state *)d;
	struct far_clock *clock = &s->shared.clock.clock;
	int err = s->shared.doorbell.ops->wait(&s->shared.doorbell, timeout_ms);
	uint32_t now = clock->ops->now_ms(clock);
	if (err || now - s->looked < LOOK_MS)
		return err;
	s->looked = now;
	if (!s->opened || far_linux_shared_peer_lives(&s->shared))
		return FAR_OK;
	if (far_mailbox_session(&s->mailbox) == 0)
		return FAR_ERR_IO;
	far_mailbox_stop(&s->mailbox);
	return FAR_OK;
}

static const struct far_doorbell_ops bell_ops = { .ring = ring, .wait = wait };

/* Saying goodbye stops what is still under way for us, and lets the server forget the rest. */
static void close_mailbox(struct cli *c, struct cli_target *t, enum cli_exit code)
{
	struct mailbox_state *s = t->state;
	(void)c;
	(void)code;
	if (s->bound)
		far_mailbox_stop(&s->mailbox);
	far_linux_shared_close(&s->shared);
	free(s);
}

/*
 * A server makes its file before it says that it listens. So a file that is not there is a wrong
 * name more likely than a server that is late, and making one would only hide that.
 */
static enum cli_exit check_exists(struct cli *c, const struct cli_target *t, const char *path)
{
	struct stat st;
	const char *why = "it is empty";
	if (stat(path, &st) != 0)
		why = strerror(errno);
	else if (st.st_size > 0)
		return CLI_OK;
	return cli_fail(c, CLI_NO_CONNECTION,
			"nobody serves %s: %s; start farflash -p PORT serve --mailbox %s --grant "
			"all:rwe",
			t->port, why, path);
}

static enum cli_exit no_answer(struct cli *c, const struct cli_target *t, int err, uint32_t ms)
{
	const struct far_flash_fault *fault = &t->flash->fault;
	if (err == FAR_ERR_TIMEOUT)
		return cli_fail(c, CLI_NO_CONNECTION,
				"nobody serves %s: no answer within %" PRIu32
				" ms; start farflash serve there, or give it more time with "
				"--connect-attempts",
				t->port, ms);
	if (err == FAR_ERR_CANCELLED)
		return cli_fail(c, CLI_INTERRUPTED, "interrupted while looking for %s", t->port);
	return cli_fail_flash(c, CLI_PHASE_SERVED, err, fault, NULL, "%s", t->port);
}

/*
 * How long silence may last. A flash with streams of its own is a chip behind a loader, which says
 * nothing while it computes a digest; everything else is done sector by sector.
 */
static uint32_t answer_ms(const struct far_flash_info *info)
{
	return info->caps & FAR_FLASH_CAN_REPLACE ? ANSWER_MS + (info->size >> 20) * DIGEST_MS
						  : ANSWER_MS;
}

/*
 * A session that ends while we look for the supervisor (it restarts just now; or a remote before us
 * has left noise behind) ends the search early, so search again: nobody is there only when the time
 * is over.
 */
static int find(struct mailbox_state *s, const struct far_mailbox_flash_config *config)
{
	struct far_clock *clock = config->clock;
	uint32_t began = clock->ops->now_ms(clock);
	int err;
	do
		err = far_mailbox_flash_open(&s->flash, config);
	while (err == FAR_ERR_TIMEOUT && clock->ops->now_ms(clock) - began < config->timeout_ms);
	return err;
}

/*
 * Found with a short time-out, used with a long one: whether somebody is there shows soon, but the
 * flash behind may be slow.
 */
static enum cli_exit connect(struct cli *c, struct cli_target *t)
{
	struct mailbox_state *s = t->state;
	uint32_t attempts = c->set->connect_attempts ? c->set->connect_attempts : ATTEMPTS;
	struct far_mailbox_flash_config config = {
		.mailbox = &s->mailbox,
		.clock = &s->shared.clock.clock,
		.window = s->shared.window,
		.window_len = s->shared.window_len,
		.timeout_ms =
			attempts < UINT32_MAX / CONNECT_MS ? attempts * CONNECT_MS : UINT32_MAX / 2,
	};
	struct far_mailbox_config mailbox = s->shared.mailbox;
	mailbox.doorbell = &s->bell;
	s->bell.ops = &bell_ops;
	int err = far_mailbox_init(&s->mailbox, &mailbox);
	s->bound = err == FAR_OK;
	t->flash = &s->flash.flash;
	if (!err)
		err = find(s, &config);
	if (err)
		return no_answer(c, t, err, config.timeout_ms);
	config.timeout_ms = answer_ms(&s->flash.flash.info);
	err = find(s, &config);
	s->opened = err == FAR_OK;
	return err ? no_answer(c, t, err, config.timeout_ms) : CLI_OK;
}

enum cli_exit cli_open_mailbox(struct cli *c, struct cli_target *t, const char *path)
{
	enum cli_exit err = cli_no_chip(c, t, "a mailbox");
	if (!err)
		err = check_exists(c, t, path);
	if (err)
		return err;
	struct mailbox_state *s = calloc(1, sizeof(*s));
	if (!s)
		return cli_fail(c, CLI_FILE, "out of memory");
	t->state = s;
	t->close = close_mailbox;
	t->kind = "a supervisor";
	t->phase = CLI_PHASE_SERVED;
	err = cli_share(c, &s->shared, path, CLI_SIDE_REMOTE, 0);
	if (!err)
		err = connect(c, t);
	if (err)
		close_mailbox(c, t, err);
	return err;
}
