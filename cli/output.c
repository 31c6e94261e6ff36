/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report.h"

#define SUFFIX ".XXXXXX" /* for mkstemp */

/* errno says why. */
static enum cli_exit open_failed(struct cli *c, const char *name)
{
	return cli_fail(c, CLI_FILE, "cannot write %s: %s", name, strerror(errno));
}

/* In the same folder, so that it can be renamed. mkstemp's mode is 0600: give it the usual one. */
static int open_temporary(struct cli_output *o)
{
	size_t len = strlen(o->path);
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
	mode_t mask = umask(0);
	umask(mask);
	fchmod(fd, 0666 & ~mask);
	return fd;
}

enum cli_exit cli_output_open(struct cli *c, struct cli_output *o, const char *name)
{
	*o = (struct cli_output){ .name = name };
	if (strcmp(name, "-") == 0) {
		o->name = "stdout";
		o->file = stdout;
		return CLI_OK;
	}
	struct stat st;
	o->path = realpath(name, NULL);
	bool direct = o->path && stat(o->path, &st) == 0 && !S_ISREG(st.st_mode);
	if (!o->path)
		o->path = strdup(name);
	if (!o->path)
		return open_failed(c, name);
	int fd = direct ? open(o->path, O_WRONLY | O_CLOEXEC) : open_temporary(o);
	o->file = fd < 0 ? NULL : fdopen(fd, "wb");
	if (o->file)
		return CLI_OK;
	enum cli_exit err = open_failed(c, name);
	if (fd >= 0)
		close(fd);
	cli_output_close(o);
	return err;
}

enum cli_exit cli_output_failed(struct cli *c, const struct cli_output *o)
{
	return cli_fail(c, CLI_FILE, "cannot write %s: %s; nothing is left of it", o->name,
			strerror(errno));
}

enum cli_exit cli_output_finish(struct cli *c, struct cli_output *o)
{
	/* A device or pipe that cannot be synced is no failure: EINVAL, EROFS. */
	bool bad = fflush(o->file) != 0 || (o->temporary && fsync(fileno(o->file)) != 0);
	if (!bad && o->temporary)
		bad = rename(o->temporary, o->path) != 0;
	if (bad)
		return cli_output_failed(c, o);
	free(o->temporary);
	o->temporary = NULL;
	return CLI_OK;
}

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
