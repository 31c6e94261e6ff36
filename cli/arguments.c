/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line with the words of files in the place of @FILE. Done before anything else looks
 * at it, so that options and commands may come from there. What a build leaves behind is trusted as
 * far as the command line is: it is one.
 */
#include "cli/arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report.h"

#define BLANKS " \t\r\n"

/* One more pointer at the end of a list that is NULL-terminated. False: no memory. */
static bool append(char ***list, size_t count, char *item)
{
	char **more = realloc(*list, (count + 2) * sizeof(*more));
	if (!more)
		return false;
	*list = more;
	more[count] = item;
	more[count + 1] = NULL;
	return true;
}

static enum cli_exit add_word(struct cli *c, struct cli_arguments *a, char *word)
{
	if (!append(&a->argv, (size_t)a->argc, word))
		return cli_fail(c, CLI_FILE, "out of memory");
	a->argc++;
	return CLI_OK;
}

/*
 * Take the quotes and backslashes out of the word at *at, in place: it only becomes shorter. *at
 * moves behind it. False: a quote or backslash with nothing behind it.
 */
static bool unquote(char **at)
{
	char *from = *at, *to = *at, quote = '\0';
	for (; *from && (quote || !strchr(BLANKS, *from)); from++) {
		if (*from == quote) {
			quote = '\0';
		} else if (!quote && (*from == '\'' || *from == '"')) {
			quote = *from;
		} else {
			from += *from == '\\' && quote != '\'';
			if (!*from)
				return false;
			*to++ = *from;
		}
	}
	*at = from + (*from != '\0');
	*to = '\0';
	return !quote;
}

/* The words of a text, which a owns already. */
static enum cli_exit split(struct cli *c, struct cli_arguments *a, const char *path, char *text)
{
	enum cli_exit code = CLI_OK;
	for (char *at = text + strspn(text, BLANKS); !code && *at; at += strspn(at, BLANKS)) {
		char *word = at;
		if (!unquote(&at))
			return cli_fail(c, CLI_FILE, "@%s: a quote or backslash has no end", path);
		code = add_word(c, a, word);
	}
	return code;
}

/* Terminated, however much there is; a NUL in it ends it, as it would end any argument. */
static enum cli_exit read_open(struct cli *c, const char *path, int fd, char *text)
{
	struct stat st;
	size_t len = 0;
	ssize_t n = 1;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return cli_fail(c, CLI_FILE, "@%s: it is not a file", path);
	while (n > 0 && len <= CLI_ARGUMENTS_FILE_MAX) {
		n = read(fd, text + len, CLI_ARGUMENTS_FILE_MAX + 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return cli_fail(c, CLI_FILE, "@%s: cannot read it: %s", path, strerror(errno));
	if (len > CLI_ARGUMENTS_FILE_MAX)
		return cli_fail(c, CLI_FILE, "@%s has more than %d bytes: these are no arguments",
				path, CLI_ARGUMENTS_FILE_MAX);
	text[len] = '\0';
	return CLI_OK;
}

/* The text is a's from the moment that it is there, so that it is freed whatever follows. */
static enum cli_exit take_file(struct cli *c, struct cli_arguments *a, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return cli_fail(c, CLI_FILE, "@%s: cannot open the file of arguments: %s", path,
				strerror(errno));
	char *text = malloc(CLI_ARGUMENTS_FILE_MAX + 2);
	enum cli_exit code = CLI_OK;
	if (!text || !append(&a->texts, a->files, text)) {
		free(text);
		code = cli_fail(c, CLI_FILE, "out of memory");
	} else {
		a->files++;
		code = read_open(c, path, fd, text);
	}
	close(fd);
	return code ? code : split(c, a, path, text);
}

enum cli_exit cli_arguments_expand(struct cli *c, struct cli_arguments *a, int argc, char **argv)
{
	bool options = true; /* a lone @ is a word, and so is everything behind "--" */
	enum cli_exit code = CLI_OK;
	*a = (struct cli_arguments){ 0 };
	for (int i = 0; i < argc && !code; i++) {
		options = options && strcmp(argv[i], "--") != 0;
		if (i > 0 && options && argv[i][0] == '@' && argv[i][1])
			code = take_file(c, a, argv[i] + 1);
		else
			code = add_word(c, a, argv[i]);
	}
	return code;
}

void cli_arguments_free(struct cli_arguments *a)
{
	for (size_t i = 0; i < a->files; i++)
		free(a->texts[i]);
	free(a->texts);
	free(a->argv);
	*a = (struct cli_arguments){ 0 };
}
