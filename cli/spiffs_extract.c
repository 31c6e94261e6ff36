/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash spiffs extract: the files of an image into a folder. Names in an image are anybody's:
 * none leads out of the folder, none replaces a file that is there, and no link is followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/spiffs.h"

#define PIECE 65536u /* of a file that is read at once */

struct job {
	struct cli_spiffs *s;
	const char *folder;
	int fd;          /* the folder */
	uint32_t files;  /* extracted */
	uint32_t failed; /* not */
	uint64_t bytes;
	struct cli_progress progress;
	enum cli_exit code; /* what the first file that failed means */
};

/* ---- places ---------------------------------------------------------------------------------- */

/* The folder below at, made if need be; a link is none. -1: errno says why. */
static int enter(int at, const char *name)
{
	if (mkdirat(at, name, 0777) != 0 && errno != EEXIST)
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/*
 * Make the file of this path, folders included. path is taken apart. -1: errno says why. *at and
 * *last say where it is, so that it can be removed; close *at in any case if it is not -1.
 */
static int create(int folder, char *path, int *at, const char **last)
{
	*at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	for (char *slash; *at >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		*slash = '\0';
		int below = enter(*at, path);
		int saved = errno;
		close(*at);
		errno = saved;
		*at = below;
	}
	*last = path;
	if (*at < 0)
		return -1;
	return openat(*at, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* This file is left out, the others are not. Returns CLI_OK. */
static enum cli_exit leave_out(struct cli *c, struct job *j, enum cli_exit code, const char *name,
			       const char *why)
{
	cli_warn(c, "%s is not extracted: %s", name, why);
	j->failed++;
	if (!j->code)
		j->code = code;
	return CLI_OK;
}

static enum cli_exit read_failed(struct cli *c, struct job *j, const char *name, int err)
{
	struct cli_spiffs *s = j->s;
	char text[80];
	if (err == FAR_ERR_CANCELLED || err != FAR_ERR_VERIFY || s->fs.flash->fault.err != FAR_OK) {
		char what[CLI_SPIFFS_NAME + 16];
		snprintf(what, sizeof(what), "reading %s", name);
		return cli_spiffs_failed(c, s, err, what);
	}
	snprintf(text, sizeof(text), "it is damaged, at 0x%" PRIx32, s->fs.bad_addr);
	return leave_out(c, j, s->in_file ? CLI_FILE : CLI_MISMATCH, name, text);
}

static enum cli_exit copy(struct cli *c, struct job *j, struct far_spiffs_file *file, int fd,
			  const char *name)
{
	static uint8_t piece[PIECE];
	int32_t n = 0;
	do {
		n = cli_cancel ? FAR_ERR_CANCELLED : far_spiffs_read(file, piece, sizeof(piece));
		if (n < 0)
			return read_failed(c, j, name, (int)n);
		if (!write_all(fd, piece, (size_t)n))
			return cli_fail(c, CLI_FILE, "cannot write %s/%s: %s", j->folder, name,
					strerror(errno));
		j->bytes += (uint32_t)n;
		cli_progress_update(&j->progress, (uint32_t)j->bytes);
	} while (n > 0);
	return CLI_OK;
}

/* What is not whole does not stay. */
static enum cli_exit put(struct cli *c, struct job *j, struct far_spiffs_file *file, char *path,
			 const char *name)
{
	const char *last;
	int at;
	int fd = create(j->fd, path, &at, &last);
	uint32_t failed = j->failed;
	enum cli_exit code = CLI_OK;
	if (fd < 0)
		code = leave_out(c, j, CLI_FILE, name,
				 errno == EEXIST ? "a file of this name is there already"
						 : strerror(errno));
	else
		code = copy(c, j, file, fd, name);
	if (fd >= 0 && close(fd) != 0 && !code)
		code = cli_fail(c, CLI_FILE, "cannot write %s/%s: %s", j->folder, name,
				strerror(errno));
	if (fd >= 0 && (code || j->failed > failed))
		unlinkat(at, last, 0);
	else if (fd >= 0)
		j->files++;
	if (at >= 0)
		close(at);
	return code;
}

static enum cli_exit extract_one(struct cli *c, struct job *j, const struct far_spiffs_entry *e)
{
	static uint8_t cache[65536]; /* the index page of any image */
	struct far_spiffs_file file;
	char name[CLI_SPIFFS_NAME];
	const char *why = NULL;
	cli_spiffs_name(e->name, name);
	const char *path = cli_spiffs_path(e->name, &why);
	if (!path)
		return leave_out(c, j, j->s->in_file ? CLI_FILE : CLI_MISMATCH, name, why);
	if (e->unfinished) {
		cli_warn(c, "%s is left out: it was never closed, so that nothing of it counts",
			 name);
		return CLI_OK;
	}
	int err = far_spiffs_open_entry(&j->s->fs, &file, e, cache, sizeof(cache));
	if (err)
		return read_failed(c, j, name, err);
	char *copy_of_path = strdup(path);
	if (!copy_of_path)
		return cli_fail(c, CLI_FILE, "out of memory");
	enum cli_exit code = put(c, j, &file, copy_of_path, name);
	free(copy_of_path);
	return code;
}

/* ---- the image ------------------------------------------------------------------------------- */

static enum cli_exit open_folder(struct cli *c, struct job *j)
{
	if (mkdir(j->folder, 0777) != 0 && errno != EEXIST)
		return cli_fail(c, CLI_FILE, "cannot make the folder %s: %s", j->folder,
				strerror(errno));
	j->fd = open(j->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->fd < 0)
		return cli_fail(c, CLI_FILE, "cannot open the folder %s: %s", j->folder,
				strerror(errno));
	return CLI_OK;
}

static enum cli_exit tell(struct cli *c, const struct job *j)
{
	cli_say(c, "Extracted %" PRIu32 " file%s of %" PRIu64 " bytes to %s", j->files,
		j->files == 1 ? "" : "s", j->bytes, j->folder);
	if (c->result) {
		cJSON_AddStringToObject(c->result, "folder", j->folder);
		cJSON_AddNumberToObject(c->result, "files", j->files);
		cJSON_AddNumberToObject(c->result, "bytes", (double)j->bytes);
		cJSON_AddNumberToObject(c->result, "failed", j->failed);
	}
	if (j->code)
		return cli_fail(c, j->code,
				"%" PRIu32 " of the %" PRIu32
				" files could not be extracted: see the warnings",
				j->failed, j->failed + j->files);
	return CLI_OK;
}

static enum cli_exit extract_all(struct cli *c, struct job *j, const struct cli_spiffs_files *files)
{
	uint64_t total = 0;
	for (size_t i = 0; i < files->count; i++)
		total += files->list[i].size;
	/* What sizes an image claims is another matter: the bar is only a bar. */
	cli_progress_begin(c, &j->progress, "Extracting",
			   total == 0           ? 1
			   : total > UINT32_MAX ? UINT32_MAX
						: (uint32_t)total);
	enum cli_exit code = CLI_OK;
	for (size_t i = 0; i < files->count && !code; i++)
		code = extract_one(c, j, &files->list[i]);
	cli_progress_end(&j->progress);
	return code ? code : tell(c, j);
}

static enum cli_exit extract(struct cli *c, struct cli_spiffs *s, const char *folder)
{
	struct job j = { .s = s, .folder = folder, .fd = -1 };
	struct cli_spiffs_files files;
	enum cli_exit code = cli_spiffs_files(c, s, &files);
	if (!code)
		code = open_folder(c, &j);
	if (!code)
		code = extract_all(c, &j, &files);
	if (j.fd >= 0)
		close(j.fd);
	free(files.list);
	return code;
}

enum cli_exit cli_spiffs_extract(struct cli *c, int argc, char **argv)
{
	struct cli_spiffs s;
	enum cli_exit code = cli_spiffs_open(c, &s, argc > 1 ? argv[0] : NULL);
	return code ? code : cli_spiffs_close(c, &s, extract(c, &s, argv[argc - 1]));
}
