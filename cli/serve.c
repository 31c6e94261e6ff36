/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash serve: own a flash, and let other processes use it through mailboxes, each as far as its
 * grants go. One remote has one mailbox file; `-p mailbox:PATH` is how farflash itself uses it.
 *
 * One loop does everything, piece by piece: the supervisor's work, and the shell's keys.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/grant.h"
#include "cli/numbers.h"
#include "cli/share.h"
#include "cli/shell.h"
#include "service/supervisor/supervisor.h"

#define WINDOW_LEN 131072u /* of a new mailbox: two halves of what an update writes at once */
#define DATA_MAX   4096u   /* bytes of an inline request, and of a piece of work */
#define STREAM_MS  2000u   /* how long one remote's stream keeps the others waiting */
#define LISTEN_MS  10u     /* to the mailboxes, before keys are looked at */
#define GRANTS_MAX 16u     /* per remote */

static struct {
	struct cli_list remotes; /* --mailbox and --grant, in the order in which they were given */
	const char *window;
	bool no_shell;
} opt;

/* One remote; in a list that only grows. */
struct served {
	struct served *next;
	const char *path;
	struct far_linux_shared shared;
	struct far_mailbox mailbox;
	struct far_supervisor_remote remote;
	struct far_supervisor_grant grants[GRANTS_MAX];
	uint32_t grant_count;
	_Alignas(4) uint8_t buf[FAR_SUPERVISOR_BUF(DATA_MAX)];
};

struct server {
	struct far_supervisor supervisor;
	struct far_linux_clock clock;
	struct served *first;
};

/* Also after a start that failed half-way. Remotes that are told to go lose nothing but time. */
static void close_all(struct server *s)
{
	while (s->first) {
		struct served *r = s->first;
		s->first = r->next;
		if (r->remote.config.mailbox) /* being served: say goodbye */
			far_mailbox_stop(&r->mailbox);
		far_linux_shared_close(&r->shared);
		free(r);
	}
}

/* At the end, so that the order of the messages is that of the command line. */
static enum cli_exit add_mailbox(struct cli *c, struct server *s, const char *path)
{
	struct served **end = &s->first;
	for (; *end; end = &(*end)->next) {
		if (strcmp((*end)->path, path) == 0)
			return cli_fail(
				c, CLI_USAGE,
				"--mailbox %s is given twice: put all its grants behind one", path);
	}
	struct served *r = calloc(1, sizeof(*r));
	if (!r)
		return cli_fail(c, CLI_FILE, "out of memory");
	r->path = path;
	*end = r;
	return CLI_OK;
}

/* To the remote that was named last. */
static enum cli_exit add_grant(struct cli *c, struct server *s, struct cli_target *t,
			       const char *text)
{
	struct served *r = s->first;
	while (r && r->next)
		r = r->next;
	if (!r)
		return cli_fail(c, CLI_USAGE,
				"--grant %s: to whom? give --mailbox PATH before its grants", text);
	if (r->grant_count == GRANTS_MAX)
		return cli_fail(c, CLI_USAGE, "--grant %s: %s has %u grants already, the limit",
				text, r->path, GRANTS_MAX);
	return cli_grant_parse(c, t, text, &r->grants[r->grant_count++]);
}

/* Everything is checked before a mailbox is opened or made. */
static enum cli_exit read_remotes(struct cli *c, struct server *s, struct cli_target *t)
{
	enum cli_exit err = CLI_OK;
	for (size_t i = 0; i < opt.remotes.count && !err; i++) {
		const char *text = opt.remotes.items[i].text;
		if (strcmp(opt.remotes.items[i].option->name, "mailbox") == 0)
			err = add_mailbox(c, s, text);
		else
			err = add_grant(c, s, t, text);
	}
	for (struct served *r = s->first; r && !err; r = r->next) {
		if (r->grant_count == 0)
			err = cli_fail(c, CLI_USAGE,
				       "--mailbox %s may do nothing: give it --grant all:r, say",
				       r->path);
	}
	return err;
}

/* An existing file keeps the window it was made with; --window is for new ones. */
static enum cli_exit open_remote(struct cli *c, struct server *s, struct served *r,
				 uint32_t window_len)
{
	enum cli_exit code = cli_share(c, &r->shared, r->path, CLI_SIDE_SUPERVISOR, window_len);
	if (code)
		return code;
	const struct far_supervisor_remote_config config = {
		.mailbox = &r->mailbox,
		.grants = r->grants,
		.grant_count = r->grant_count,
		.buf = r->buf,
		.data_max = DATA_MAX,
		.window = r->shared.window,
		.window_len = r->shared.window_len,
	};
	int err = far_mailbox_init(&r->mailbox, &r->shared.mailbox);
	if (!err)
		err = far_supervisor_add_remote(&s->supervisor, &r->remote, &config);
	return err ? cli_fail(c, CLI_FILE, "cannot serve %s: %s", r->path, far_err_name(err))
		   : CLI_OK;
}

/* All or none: a server that could not open a mailbox ends, and frees those it has. */
static enum cli_exit open_remotes(struct cli *c, struct server *s, struct cli_target *t,
				  uint32_t window_len)
{
	const struct far_supervisor_config config = {
		.flash = t->flash,
		.clock = &s->clock.clock,
		.ops = far_supervisor_all,
		.hold_ms = STREAM_MS,
	};
	enum cli_exit code = CLI_OK;
	far_linux_clock_init(&s->clock, &cli_cancel);
	if (far_supervisor_init(&s->supervisor, &config))
		return cli_fail(c, CLI_UNSUPPORTED,
				"the flash does not tell its size: give it with --flash-size");
	for (struct served *r = s->first; r && !code; r = r->next)
		code = open_remote(c, s, r, window_len);
	return code;
}

/* For the program that has started us as much as for people: also with --quiet. */
static void announce(struct cli *c, const struct server *s)
{
	cJSON *list = c->result ? cJSON_AddArrayToObject(c->result, "listening") : NULL;
	for (const struct served *r = s->first; r; r = r->next) {
		char url[4200];
		snprintf(url, sizeof(url), "mailbox:%s", r->path);
		if (list)
			cJSON_AddItemToArray(list, cJSON_CreateString(url));
		else
			printf("listening on %s\n", url);
	}
	if (list)
		cli_report_end(c, CLI_OK);
	fflush(stdout);
}

/* For the shell's wait for keys: the longest that a key waits is LISTEN_MS. */
static void idle(void *ctx)
{
	struct server *s = ctx;
	far_supervisor_wait(&s->supervisor, LISTEN_MS);
}

/* For its long commands: one piece of a remote's work after each of their own. */
static void between(void *ctx)
{
	struct server *s = ctx;
	far_supervisor_step(&s->supervisor);
}

/*
 * A shell at whose input nobody has ever typed, such as /dev/null under a service manager, is none:
 * then a signal is what ends the server.
 */
static enum cli_exit serve(struct cli *c, struct server *s, struct cli_target *t)
{
	struct cli_shell shell = { .idle = idle, .between = between, .ctx = s, .keep_going = true };
	bool silent = opt.no_shell || c->set->json;
	announce(c, s);
	if (!silent) {
		enum cli_exit code = cli_shell_run(c, t, &shell);
		if (code && code != CLI_INTERRUPTED)
			return code;
		silent = !shell.any;
	}
	while (silent && !cli_cancel)
		idle(s);
	return CLI_OK;
}

/* Checked before anything is opened; the port checks again when it makes the file. */
static enum cli_exit window_size(struct cli *c, uint32_t *len)
{
	*len = WINDOW_LEN;
	enum cli_exit err = opt.window ? cli_number(c, "--window", opt.window, len) : CLI_OK;
	if (!err && (*len % 64 != 0 || *len > FAR_LINUX_WINDOW_MAX))
		err = cli_fail(c, CLI_USAGE,
			       "--window %s: a multiple of 64 bytes up to %u, or 0 for none",
			       opt.window, FAR_LINUX_WINDOW_MAX);
	return err;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	static struct server s;
	struct cli_target t;
	uint32_t window_len = 0;
	(void)argc;
	(void)argv;
	if (opt.remotes.count == 0)
		return cli_fail(c, CLI_USAGE,
				"serve whom? give --mailbox PATH --grant NAME:RIGHTS, such as "
				"--grant all:r");
	enum cli_exit code = window_size(c, &window_len);
	if (!code)
		code = cli_target_open(c, &t);
	if (code)
		return code;
	code = read_remotes(c, &s, &t);
	if (!code)
		code = open_remotes(c, &s, &t, window_len);
	if (!code)
		code = serve(c, &s, &t);
	close_all(&s);
	return cli_target_close(c, &t, code);
}

static const struct cli_option options[] = {
	{ "mailbox", 'm', CLI_LIST, &opt.remotes, NULL, "PATH",
	  "a remote's mailbox file, made if absent; its grants follow" },
	{ "grant", 'g', CLI_LIST, &opt.remotes, NULL, "GRANT",
	  "what it may do: NAME:RIGHTS[@START+LEN], such as all:r or data:rwe@0x10000+64k" },
	{ "window", 'w', CLI_TEXT, &opt.window, NULL, "SIZE",
	  "shared memory for bulk data in a new mailbox (128k; 0: none)" },
	{ "no-shell", 0, CLI_FLAG, &opt.no_shell, NULL, NULL, "do not read commands from stdin" },
	{ 0 },
};

const struct cli_command cli_serve = {
	.name = "serve",
	.arguments = "",
	.summary = "let other processes use a flash: --mailbox PATH --grant GRANT ...",
	.details =
		"Every --mailbox is for one process at a time, which uses the flash as "
		"-p mailbox:PATH;\n"
		"the --grant options that follow it, up to the next --mailbox, say what that "
		"process may\n"
		"do: r read, w write, e erase. NAME is all, a partition in the table at 0x8000, "
		"or\n"
		"storage_partition (0x3b0000, 192 KiB); with @START+LEN any name and that range.\n"
		"It prints `listening on mailbox:PATH` for each, then the shell's commands are "
		"taken from\n"
		"stdin: see farflash help shell. exit, the end of the input, SIGINT or SIGTERM end "
		"it; an\n"
		"input that ends before anything was typed (/dev/null) leaves it serving.\n",
	.options = options,
	.run = run,
};
