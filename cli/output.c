/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output beside its place, renamed once it is whole: a reader never sees half a file, and a failure
 * leaves what was there before. Renaming replaces a file in one step, but only within one file
 * system; so the temporary file lies in the same folder, and one that may not be written to is told
 * at once.
 *
 * What is no regular file (a pipe, a device such as a second serial port) has no such place and is
 * written as it is.
 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report.h"

#define SUFFIX ".XXXXXX" /* for mkstemp */

/* errno says why; a pipe without a reader is waited for until an interrupt comes. */
static enum cli_exit open_failed(struct cli *c, const char *name)
{
	if (cli_cancel)
		return cli_fail(c, CLI_INTERRUPTED, "interrupted; nothing is written to %s", name);
	return cli_fail(c, CLI_FILE, "cannot write %s: %s", name, strerror(errno));
}

/* How much of a path stands in the name of its temporary file, which has a limit, too. */
static size_t prefix_len(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = strlen(base), most = NAME_MAX - strlen(SUFFIX);
	return (size_t)(base - path) + (len < most ? len : most);
}

/* mkstemp's mode is 0600: give it the usual one, or what the file has that it will replace. */
static void set_mode(int fd, const struct stat *old)
{
	mode_t mask = umask(0);
	umask(mask);
	if (old)
		(void)!fchown(fd, old->st_uid, old->st_gid); /* only root may give files away */
	fchmod(fd, old ? old->st_mode & 0777 : 0666 & ~mask);
}

/* In the same folder, so that it can be renamed. old is what it will replace, NULL: nothing. */
static int open_temporary(struct cli_output *o, const struct stat *old)
{
	size_t len = prefix_len(o->path);
	o->temporary = malloc(len + sizeof(SUFFIX));
	if (!o->temporary)
		return -1;
	memcpy(o->temporary, o->path, len);
	memcpy(o->temporary + len, SUFFIX, sizeof(SUFFIX));
	int fd = mkostemp(o->temporary, O_CLOEXEC);
	if (fd < 0) {
		free(o->temporary);
		o->temporary = NULL;
		return -1;
	}
	set_mode(fd, old);
	return fd;
}

enum cli_exit cli_output_claim(struct cli *c, const char *name)
{
	if (!name[0])
		return cli_fail(c, CLI_USAGE,
				"the name of the output is empty: name a file, or - "
				"for stdout");
	if (strcmp(name, "-") != 0)
		return CLI_OK;
	c->stdout_is_data = true;
	if (c->set->json)
		return cli_fail(c, CLI_USAGE,
				"the data and --json cannot both go to stdout: name a file");
	return CLI_OK;
}

/* A link is followed, so that what it leads to is replaced and not the link. */
/*
 * Does a farflash hold the file as its flash (image.c)? Renaming over it would leave that
 * one with a file that has no name any more, and lose all that is written to it.
 */
static bool is_in_use(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool used = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (fd >= 0)
		close(fd);
	return used;
}

static enum cli_exit in_use(struct cli *c, const char *name)
{
	return cli_fail(c, CLI_FILE,
			"%s is in use as a flash: name another file; nothing is written to it",
			name);
}

enum cli_exit cli_output_open(struct cli *c, struct cli_output *o, const char *name)
{
	*o = (struct cli_output){ .name = name };
	enum cli_exit err = cli_output_claim(c, name);
	if (err)
		return err;
	if (strcmp(name, "-") == 0) {
		o->name = "stdout";
		o->file = stdout;
		return CLI_OK;
	}
	struct stat st;
	o->path = realpath(name, NULL);
	bool exists = o->path && stat(o->path, &st) == 0;
	bool direct = exists && !S_ISREG(st.st_mode);
	if (exists && !direct && is_in_use(o->path)) {
		cli_output_close(o);
		return in_use(c, name);
	}
	if (!o->path)
		o->path = strdup(name);
	if (!o->path)
		return open_failed(c, name);
	int fd = direct ? open(o->path, O_WRONLY | O_CLOEXEC)
			: open_temporary(o, exists ? &st : NULL);
	o->file = fd < 0 ? NULL : fdopen(fd, "wb");
	if (o->file)
		return CLI_OK;
	err = open_failed(c, name);
	if (fd >= 0)
		close(fd);
	cli_output_close(o);
	return err;
}

enum cli_exit cli_output_failed(struct cli *c, const struct cli_output *o)
{
	/* What went to a device or pipe is there for good. */
	const char *left = o->temporary ? "; nothing is left of it" : "";
	if (cli_cancel)
		return cli_fail(c, CLI_INTERRUPTED, "interrupted while writing %s%s", o->name,
				left);
	return cli_fail(c, CLI_FILE, "cannot write %s: %s%s", o->name, strerror(errno), left);
}

enum cli_exit cli_output_finish(struct cli *c, struct cli_output *o)
{
	/* A device or pipe that cannot be synced is no failure: EINVAL, EROFS. */
	bool bad = fflush(o->file) != 0 || (o->temporary && fsync(fileno(o->file)) != 0);
	/* Once more, as the port that was opened since may be that very file. */
	if (!bad && o->temporary && is_in_use(o->path))
		return in_use(c, o->name);
	if (!bad && o->temporary)
		bad = rename(o->temporary, o->path) != 0;
	if (bad)
		return cli_output_failed(c, o);
	free(o->temporary);
	o->temporary = NULL;
	return CLI_OK;
}

/* Unfinished is whatever has a temporary file still. */
void cli_output_close(struct cli_output *o)
{
	if (o->file && o->file != stdout)
		fclose(o->file);
	if (o->temporary)
		unlink(o->temporary);
	free(o->temporary);
	free(o->path);
	*o = (struct cli_output){ 0 };
}
