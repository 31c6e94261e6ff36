/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash spiffs build: the files below a folder as an image. The same files make the same image,
 * byte for byte, on any computer: they go in by name, and nothing of dates or owners goes in at
 * all.
 *
 * Everything is looked at before the output is opened: names, sizes, whether all fits. A file that
 * changes between that and its turn ends the job, and nothing is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/place.h"
#include "cli/spiffs.h"
#include "service/spiffs/build.h"

#define PIECE 65536u /* of a file that is read at once */

/* A file to go in: path is where it is, name what it is called in the image. */
struct source {
	char *path;
	const char *name; /* part of path */
	uint32_t len;
};

struct job {
	const char *folder;
	size_t prefix; /* of every path: what is not in the name */
	struct source *list;
	size_t count, room;
	struct cli_output out;
	struct stat old; /* what is in the place of the output; st_nlink 0: nothing */
	struct far_spiffs_params params;
	struct far_spiffs_geometry geometry;
	uint32_t size;         /* of the image */
	uint64_t bytes, pages; /* of all files */
};

/* ---- the folder ------------------------------------------------------------------------------ */

/* With its NUL it must fit name_len bytes. Control characters would not come out again. */
static enum cli_exit check_name(struct cli *c, const struct job *j, const struct source *s)
{
	char text[CLI_SPIFFS_NAME];
	const char *why;
	size_t len = strlen(s->name);
	if (len >= j->geometry.name_len)
		return cli_fail(c, CLI_FILE,
				"%s: its name in the image, %s, has %zu bytes, and %" PRIu32
				" is the limit: make it shorter, or give --name-len %zu if the "
				"program that reads the image was built for that",
				s->path, s->name, len, j->geometry.name_len - 1, len + 1);
	if (!cli_spiffs_path(s->name, &why))
		return cli_fail(c, CLI_FILE, "the name %s cannot be in an image: %s",
				cli_spiffs_name(s->name, text), why);
	return CLI_OK;
}

/* e is gone at the next step of the walk: its path is copied. */
static enum cli_exit add(struct cli *c, struct job *j, const FTSENT *e)
{
	off_t len = e->fts_statp->st_size;
	struct source s = { .path = strdup(e->fts_path), .len = (uint32_t)len };
	if (j->count == j->room) {
		size_t room = j->room ? 2 * j->room : 64;
		struct source *list = realloc(j->list, room * sizeof(list[0]));
		if (list) {
			j->list = list;
			j->room = room;
		}
	}
	if (!s.path || j->count == j->room) {
		free(s.path);
		return cli_fail(c, CLI_FILE, "out of memory");
	}
	s.name = s.path + j->prefix;
	j->list[j->count++] = s;
	if (len > (off_t)UINT32_MAX)
		return cli_fail(c, CLI_FILE, "%s has %jd bytes: no image is that large", s.path,
				(intmax_t)len);
	return check_name(c, j, &s);
}

/* One entry of the walk. Links are followed; a folder that leads back into itself is not. */
static enum cli_exit visit(struct cli *c, struct job *j, FTS *fts, FTSENT *e)
{
	if (cli_cancel)
		return cli_fail(c, CLI_INTERRUPTED, "interrupted; nothing was written");
	switch (e->fts_info) {
	case FTS_D:
		if (e->fts_level > 0 && !fts_children(fts, FTS_NAMEONLY) && errno == 0)
			cli_warn(c, "%s is empty, and a SPIFFS has no folders: it is left out",
				 e->fts_path);
		return CLI_OK;
	case FTS_DP:
		return CLI_OK;
	case FTS_F:
		if (j->old.st_nlink > 0 && e->fts_statp->st_ino == j->old.st_ino &&
		    e->fts_statp->st_dev == j->old.st_dev) {
			cli_warn(c, "%s is the image itself: it is left out", e->fts_path);
			return CLI_OK;
		}
		return add(c, j, e);
	case FTS_DC:
		return cli_fail(c, CLI_FILE, "%s is a link to a folder that it is in", e->fts_path);
	case FTS_SLNONE:
		return cli_fail(c, CLI_FILE, "%s is a link to nothing", e->fts_path);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return cli_fail(c, CLI_FILE, "cannot read %s: %s", e->fts_path,
				strerror(e->fts_errno));
	default:
		return cli_fail(c, CLI_FILE, "%s is neither a file nor a folder", e->fts_path);
	}
}

/* By bytes: a locale would order them differently elsewhere. */
static int by_name(const void *a, const void *b)
{
	const struct source *x = a, *y = b;
	return strcmp(x->name, y->name);
}

/* Everything below the folder, by name. */
static enum cli_exit walk(struct cli *c, struct job *j, char *folder)
{
	struct stat st;
	if (stat(folder, &st) != 0)
		return cli_fail(c, CLI_FILE, "cannot open %s: %s", folder, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return cli_fail(c, CLI_FILE, "%s is not a folder", folder);
	FTS *fts = fts_open((char *const[]){ folder, NULL }, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	if (!fts)
		return cli_fail(c, CLI_FILE, "cannot read %s: %s", folder, strerror(errno));
	enum cli_exit code = CLI_OK;
	errno = 0;
	for (FTSENT *e; !code && (e = fts_read(fts)); errno = 0)
		code = visit(c, j, fts, e);
	if (!code && errno != 0)
		code = cli_fail(c, CLI_FILE, "cannot read %s: %s", folder, strerror(errno));
	fts_close(fts);
	if (!code && j->count > 0)
		qsort(j->list, j->count, sizeof(j->list[0]), by_name);
	return code;
}

/* Before anything is written: do they all fit? */
static enum cli_exit check_room(struct cli *c, struct job *j)
{
	const struct far_spiffs_geometry *g = &j->geometry;
	uint32_t usable = far_spiffs_usable_pages(g);
	for (size_t i = 0; i < j->count; i++) {
		j->bytes += j->list[i].len;
		j->pages += far_spiffs_file_pages(g, j->list[i].len);
	}
	if (j->count > FAR_SPIFFS_ID_MAX)
		return cli_fail(c, CLI_FILE, "%s has %zu files: an image has at most %u", j->folder,
				j->count, FAR_SPIFFS_ID_MAX);
	if (j->pages <= usable)
		return CLI_OK;
	uint32_t of_block = g->pages - g->lookup_pages;
	uint64_t blocks = (j->pages + of_block - 1) / of_block;
	return cli_fail(c, CLI_FILE,
			"the %zu files of %s take %" PRIu64 " pages and the image has %" PRIu32
			": --size 0x%" PRIx64 " is the least that will do",
			j->count, j->folder, j->pages, usable, blocks * g->block_size);
}

/* ---- the image ------------------------------------------------------------------------------- */

/* Blocks come in order, so offset is where the file is anyhow. */
static int write_block(void *ctx, uint32_t offset, const uint8_t *data, uint32_t len)
{
	const struct job *j = ctx;
	(void)offset;
	return fwrite(data, 1, len, j->out.file) == len ? FAR_OK : FAR_ERR_IO;
}

/* What the builder refuses here has been looked at before: only writing can fail. */
static enum cli_exit put_bytes(struct cli *c, struct job *j, struct far_spiffs_build *b,
			       const struct source *s, int fd)
{
	static uint8_t piece[PIECE];
	uint32_t left = s->len;
	while (left > 0) {
		ssize_t n = read(fd, piece, left < PIECE ? left : PIECE);
		if (cli_cancel)
			return cli_fail(c, CLI_INTERRUPTED, "interrupted; nothing is left of %s",
					j->out.name);
		if (n < 0)
			return cli_fail(c, CLI_FILE, "cannot read %s: %s", s->path,
					strerror(errno));
		if (n == 0)
			return cli_fail(c, CLI_FILE, "%s became shorter while it was read",
					s->path);
		if (far_spiffs_build_data(b, piece, (uint32_t)n))
			return cli_output_failed(c, &j->out);
		left -= (uint32_t)n;
	}
	if (read(fd, piece, 1) == 1)
		return cli_fail(c, CLI_FILE, "%s became longer while it was read", s->path);
	return CLI_OK;
}

/* Not waited for: a pipe may have taken the file's place since the walk. */
static enum cli_exit put_file(struct cli *c, struct job *j, struct far_spiffs_build *b,
			      const struct source *s)
{
	int fd = open(s->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return cli_fail(c, CLI_FILE, "cannot open %s: %s", s->path, strerror(errno));
	enum cli_exit code = CLI_OK;
	if (far_spiffs_build_file(b, s->name, s->len))
		code = cli_output_failed(c, &j->out);
	else
		code = put_bytes(c, j, b, s, fd);
	close(fd);
	return code;
}

static enum cli_exit put_all(struct cli *c, struct job *j, uint8_t *block)
{
	struct far_spiffs_build b;
	struct far_spiffs_build_config config = {
		.params = j->params,
		.size = j->size,
		.block = block,
		.block_len = j->geometry.block_size,
		.write = write_block,
		.ctx = j,
	};
	enum cli_exit code = CLI_OK;
	far_spiffs_build_begin(&b, &config); /* the geometry is known to be possible */
	for (size_t i = 0; i < j->count && !code; i++)
		code = put_file(c, j, &b, &j->list[i]);
	if (!code && far_spiffs_build_end(&b))
		code = cli_output_failed(c, &j->out);
	return code;
}

/* Finished only with all files in it. */
static enum cli_exit make(struct cli *c, struct job *j)
{
	uint8_t *block = malloc(j->geometry.block_size);
	if (!block)
		return cli_fail(c, CLI_FILE, "out of memory");
	enum cli_exit code = put_all(c, j, block);
	free(block);
	return code ? code : cli_output_finish(c, &j->out);
}

/* Pages are what runs out, long before bytes do. */
static void tell(struct cli *c, const struct job *j)
{
	uint32_t usable = far_spiffs_usable_pages(&j->geometry);
	cli_say(c,
		"Built %s: %" PRIu32 " bytes with %zu file%s of %" PRIu64 " bytes; %" PRIu64
		" of %" PRIu32 " pages are used",
		j->out.name, j->size, j->count, j->count == 1 ? "" : "s", j->bytes, j->pages,
		usable);
	if (!c->result)
		return;
	cJSON_AddStringToObject(c->result, "file", j->out.name);
	cJSON_AddNumberToObject(c->result, "size", j->size);
	cJSON_AddNumberToObject(c->result, "files", (double)j->count);
	cJSON_AddNumberToObject(c->result, "bytes", (double)j->bytes);
	cJSON_AddNumberToObject(c->result, "pages", usable);
	cJSON_AddNumberToObject(c->result, "used_pages", (double)j->pages);
}

/* That of --size, or of the partition that --offset names in --partition-table. */
static enum cli_exit settle_size(struct cli *c, uint32_t *size)
{
	struct far_flash any = { .info = { .size = UINT32_MAX } };
	struct cli_target t = { .port = c->set->partition_table, .flash = &any };
	struct cli_place place = { 0 };
	uint32_t addr;
	*size = cli_spiffs_opt.size;
	if (cli_spiffs_opt.offset) {
		enum cli_exit code = cli_place_parse(c, cli_spiffs_opt.offset, &place);
		if (code)
			return code;
	}
	if (place.named && c->set->partition_table)
		return cli_spiffs_where(c, &t, &addr, size);
	if (*size)
		return CLI_OK;
	return cli_fail(
		c, CLI_USAGE,
		"how large? give --size, the size of the partition that the image is for; or "
		"its name with --offset, and --partition-table FILE");
}

static enum cli_exit build(struct cli *c, struct job *j, char *folder, const char *out)
{
	enum cli_exit code = settle_size(c, &j->size);
	if (!code)
		code = cli_spiffs_params(c, out, j->size, &j->params, &j->geometry);
	if (strcmp(out, "-") == 0 || stat(out, &j->old) != 0)
		j->old.st_nlink = 0;
	if (!code)
		code = walk(c, j, folder);
	if (!code)
		code = check_room(c, j);
	if (!code)
		code = cli_output_open(c, &j->out, out);
	if (code)
		return code;
	code = make(c, j);
	if (!code)
		tell(c, j);
	cli_output_close(&j->out);
	return code;
}

/* Slashes at the end of the folder would become part of every name. */
enum cli_exit cli_spiffs_build(struct cli *c, int argc, char **argv)
{
	(void)argc;
	enum cli_exit code = cli_output_claim(c, argv[1]);
	if (code)
		return code;
	char *folder = strdup(argv[0]);
	if (!folder)
		return cli_fail(c, CLI_FILE, "out of memory");
	for (size_t len = strlen(folder); len > 1 && folder[len - 1] == '/'; len--)
		folder[len - 1] = '\0';
	/* What follows it in the path of a file begins with a slash: that is its name. */
	struct job j = { .folder = folder, .prefix = strcmp(folder, "/") ? strlen(folder) : 0 };
	code = build(c, &j, folder, argv[1]);
	for (size_t i = 0; i < j.count; i++)
		free(j.list[i].path);
	free(j.list);
	free(folder);
	return code;
}
