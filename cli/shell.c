/* SPDX-License-Identifier: Apache-2.0 */
/* farflash shell: Zephyr's flash commands on whatever --port names. */
#include "cli/shell.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/lines.h"
#include "port/linux/linux.h"
#include "service/flash_shell/flash_shell.h"

#define PROMPT "uart:~$ " /* the sample's: scripts wait for it */
#define BUF    65536u     /* bytes of a read or write; a chip's longest block and more */

/* A shell being run: the ctx of its callbacks. */
struct running {
	struct cli_shell *shell;
	struct far_linux_clock clock;
	struct far_flash_shell commands;
	bool no_output; /* stdout failed; errno told why then */
	int output_errno;
	uint8_t buf[BUF];
};

/* errno is kept at once: by the time it is told other calls have been made. */
static int print(void *ctx, const char *text, size_t len)
{
	struct running *r = ctx;
	if (fwrite(text, 1, len, stdout) == len)
		return FAR_OK;
	r->no_output = true;
	r->output_errno = errno;
	return FAR_ERR_IO;
}

/* A long command ends at an interrupt, with the piece at hand. */
static int between(void *ctx)
{
	struct running *r = ctx;
	if (r->shell->between)
		r->shell->between(r->shell->ctx);
	return cli_cancel ? FAR_ERR_CANCELLED : FAR_OK;
}

/* Reads and writes go in pieces of the whole buffer: a remote's window carries them at once. */
static void begin(struct running *r, struct cli_target *t, struct cli_shell *s)
{
	r->shell = s;
	r->no_output = false;
	far_linux_clock_init(&r->clock, &cli_cancel);
	r->commands = (struct far_flash_shell){
		.flash = t->flash,
		.clock = &r->clock.clock,
		.buf = r->buf,
		.buf_len = sizeof(r->buf),
		.print = print,
		.between = between,
		.ctx = r,
	};
}

static enum cli_exit no_output(struct cli *c, const struct running *r)
{
	return cli_fail(c, CLI_FILE, "cannot write stdout: %s", strerror(r->output_errno));
}

/* The command itself has said what is wrong, on stdout; here it gets its exit code. */
static enum cli_exit run_line(struct cli *c, struct cli_target *t, struct running *r,
			      const char *line)
{
	int err = far_flash_shell_run(&r->commands, line, strlen(line));
	if (!r->no_output && (fflush(stdout) != 0 || ferror(stdout))) {
		r->no_output = true;
		r->output_errno = errno;
	}
	if (r->no_output)
		return no_output(c, r);
	if (!err || (r->shell->keep_going && err != FAR_ERR_CANCELLED))
		return CLI_OK;
	/* The shell refused these by itself: the flash has recorded no fault. */
	if (err == FAR_ERR_ARG || err == FAR_ERR_RANGE || err == FAR_ERR_ALIGN)
		return cli_fail(c, CLI_USAGE, "'%s' cannot be done: see above", line);
	return cli_fail_flash(c, t->phase, err, &t->flash->fault, NULL, "'%s'", line);
}

/* Half a command may be another one, and half a number is another address: none of it is done. */
static enum cli_exit refuse_cut(struct cli *c, const struct running *r)
{
	printf("The line has more than %d characters: nothing of it is done\n", CLI_LINE_MAX);
	return r->shell->keep_going
		       ? CLI_OK
		       : cli_fail(c, CLI_USAGE, "a line of the input has more than %d characters",
				  CLI_LINE_MAX);
}

/* A person sees what failed and tries again; a script must not go on as if nothing had. */
static enum cli_exit run_lines(struct cli *c, struct cli_target *t, struct running *r,
			       struct cli_lines *l)
{
	enum cli_exit code = CLI_OK;
	const char *line;
	r->shell->keep_going |= l->edited;
	while (!code && (line = cli_lines_next(l)) != NULL) {
		if (l->cut) {
			code = refuse_cut(c, r);
			continue;
		}
		if (strcmp(line + strspn(line, " \t"), "exit") == 0)
			return CLI_OK;
		code = run_line(c, t, r, line);
	}
	if (!code && cli_cancel)
		return CLI_INTERRUPTED;
	if (!code && !r->no_output)
		putchar('\n'); /* behind the last prompt */
	return code;
}

/* Static, as they are too large for some stacks; there is one shell in a process. */
enum cli_exit cli_shell_run(struct cli *c, struct cli_target *t, struct cli_shell *s)
{
	static struct running running;
	static struct cli_lines lines;
	lines = (struct cli_lines){ .idle = s->idle, .ctx = s->ctx };
	begin(&running, t, s);
	enum cli_exit code = cli_lines_open(c, &lines, PROMPT);
	if (code)
		return code;
	code = run_lines(c, t, &running, &lines);
	s->any = lines.any;
	cli_lines_close(&lines);
	return code;
}

/* `farflash shell flash read 0 100`: one line, made of the arguments. */
static enum cli_exit run_arguments(struct cli *c, struct cli_target *t, int argc, char **argv)
{
	static struct running running;
	struct cli_shell s = { 0 };
	char line[CLI_LINE_MAX + 1] = "";
	size_t used = 0;
	for (int i = 0; i < argc; i++) {
		int n = snprintf(line + used, sizeof(line) - used, "%s%s", i ? " " : "", argv[i]);
		used += n > 0 ? (size_t)n : 0;
		if (used >= sizeof(line))
			return cli_fail(c, CLI_USAGE,
					"the command has more than %d characters: give it in "
					"parts",
					CLI_LINE_MAX);
	}
	begin(&running, t, &s);
	return run_line(c, t, &running, line);
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct cli_target t;
	struct cli_shell s = { 0 };
	if (c->set->json)
		return cli_fail(c, CLI_USAGE, "the shell talks to people: leave --json away");
	c->stdout_is_data = true;
	enum cli_exit code = cli_target_open(c, &t);
	if (code)
		return code;
	code = argc > 0 ? run_arguments(c, &t, argc, argv) : cli_shell_run(c, &t, &s);
	if (code == CLI_INTERRUPTED && c->failed == CLI_OK)
		cli_fail(c, code, "interrupted");
	return cli_target_close(c, &t, code);
}

const struct cli_command cli_shell = {
	.name = "shell",
	.arguments = "[COMMAND ...]",
	.summary = "try out a flash by hand: flash read, erase, write, test, copy, ...",
	.details =
		"The commands are those of Zephyr's flash shell, `help` lists them; their numbers "
		"are\n"
		"hexadecimal. On a terminal lines are edited and remembered, and the shell goes on "
		"after\n"
		"a failure; in a script the first failure ends it. With COMMAND it does only that. "
		"It\n"
		"ends with exit, or at the end of its input.\n",
	.max_arguments = -1,
	.run = run,
};
