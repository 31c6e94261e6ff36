/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lines.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <histedit.h>

#include "cli/report.h"

#define HISTORY_LINES 500
#define SLICE_MS      50 /* how soon a signal is seen that comes just before the wait */

/* libedit hands nothing but itself to its prompt function. */
static const char *prompt_text;

static char *prompt(EditLine *editor)
{
	static char text[64];
	(void)editor;
	snprintf(text, sizeof(text), "%s", prompt_text);
	return text;
}

/* 1: there is input, or its end; 0: cli_cancel. */
static int wait_for_input(struct cli_lines *l)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	while (!cli_cancel) {
		int n = poll(&p, 1, l->idle ? 0 : SLICE_MS);
		if (n > 0)
			return 1;
		if (n < 0 && errno != EINTR)
			return 1; /* the read will tell */
		if (l->idle)
			l->idle(l->ctx);
	}
	return 0;
}

/* False: there is no more. */
static bool next_char(struct cli_lines *l, char *out)
{
	while (l->_state.at == l->_state.len && !l->_state.over) {
		ssize_t n = 0;
		if (wait_for_input(l))
			n = read(STDIN_FILENO, l->_state.ahead, sizeof(l->_state.ahead));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		l->_state.over = n <= 0;
		l->_state.at = 0;
		l->_state.len = n > 0 ? (size_t)n : 0;
	}
	/* What was typed before an interrupt is not done after it. */
	if (l->_state.at == l->_state.len || cli_cancel)
		return false;
	l->any = true;
	*out = l->_state.ahead[l->_state.at++];
	return true;
}

/* For libedit: 1 or 0 characters. Bytes are enough: the commands are ASCII. */
static int get_character(EditLine *editor, wchar_t *out)
{
	struct cli_lines *l = NULL;
	char c;
	if (el_get(editor, EL_CLIENTDATA, &l) != 0 || !next_char(l, &c))
		return 0;
	*out = (wchar_t)(unsigned char)c;
	return 1;
}

/* Interrupts stay ours: they end the wait, and with it the shell. */
static bool open_editor(struct cli_lines *l)
{
	HistEvent event;
	l->_state.editor = el_init("farflash", stdin, stdout, stderr);
	l->_state.history = history_init();
	if (!l->_state.editor || !l->_state.history)
		return false;
	history(l->_state.history, &event, H_SETSIZE, HISTORY_LINES);
	history(l->_state.history, &event, H_SETUNIQUE, 1);
	el_set(l->_state.editor, EL_CLIENTDATA, l);
	el_set(l->_state.editor, EL_GETCFN, get_character);
	el_set(l->_state.editor, EL_PROMPT, prompt);
	el_set(l->_state.editor, EL_SIGNAL, 0);
	el_set(l->_state.editor, EL_EDITOR, "emacs");
	el_set(l->_state.editor, EL_HIST, history, l->_state.history);
	return true;
}

/* Editing needs both ends: with stdout in a file its escape sequences would land there. */
enum cli_exit cli_lines_open(struct cli *c, struct cli_lines *l, const char *text)
{
	prompt_text = text;
	l->edited = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (!l->edited || open_editor(l))
		return CLI_OK;
	cli_lines_close(l);
	return cli_fail(c, CLI_FILE, "out of memory");
}

/* Copied out of the editor, without its end. Blank lines are not worth remembering. */
static const char *edited_line(struct cli_lines *l)
{
	HistEvent event;
	int len = 0;
	const char *text = el_gets(l->_state.editor, &len);
	if (!text || len <= 0)
		return NULL;
	if (strspn(text, " \t\n") < (size_t)len)
		history(l->_state.history, &event, H_ENTER, text);
	size_t used = strcspn(text, "\n");
	l->cut = used > CLI_LINE_MAX;
	snprintf(l->_state.line, sizeof(l->_state.line), "%.*s", (int)used, text);
	return l->_state.line;
}

/* A pipe shows nothing of what is written into it, so the line is repeated behind the prompt. */
static const char *plain_line(struct cli_lines *l)
{
	size_t len = 0;
	char c = '\0';
	fputs(prompt_text, stdout);
	fflush(stdout);
	l->cut = false;
	/* To the end in any case: the rest of a command would be another one. */
	while (next_char(l, &c) && c != '\n') {
		l->cut = len == CLI_LINE_MAX;
		if (!l->cut)
			l->_state.line[len++] = c;
	}
	/* The last line may lack its end; nothing at all is the end of the input. */
	if (len == 0 && c != '\n')
		return NULL;
	l->_state.line[len] = '\0';
	if (!isatty(STDIN_FILENO)) {
		puts(l->_state.line);
		fflush(stdout);
	}
	return l->_state.line;
}

const char *cli_lines_next(struct cli_lines *l)
{
	return l->edited ? edited_line(l) : plain_line(l);
}

void cli_lines_close(struct cli_lines *l)
{
	if (l->_state.editor)
		el_end(l->_state.editor);
	if (l->_state.history)
		history_end(l->_state.history);
	l->_state.editor = NULL;
	l->_state.history = NULL;
}
