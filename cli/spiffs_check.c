/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash spiffs check: all that is wrong with an image, and how full it is. Damage is told apart
 * from the traces that a cut of power leaves, which the file system lives with: only damage is a
 * failure. Everything is told, not only the first thing, as it is looked at to see what can be
 * saved.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/spiffs.h"
#include "service/spiffs/check.h"

struct job {
	struct cli *c;
	struct cli_spiffs *s;
	cJSON *list; /* of findings, with --json */
	uint32_t damages;
};

/*
 * Those from FAR_SPIFFS_DAMAGE on are damage. A row for each; the names are for scripts and stay.
 */
static const struct trouble {
	const char *name; /* for machines */
	const char *text; /* for people; what it is about comes before it */
} troubles[FAR_SPIFFS_TROUBLES] = {
	[FAR_SPIFFS_NO_MAGIC] = { "no-magic", "the block has no magic: its erase was cut" },
	[FAR_SPIFFS_PAGE_HALF] = { "page-half", "half written, or half deleted" },
	[FAR_SPIFFS_FILE_UNFINISHED] = { "file-unfinished", "the file was never closed" },
	[FAR_SPIFFS_FILE_DELETING] = { "file-deleting", "the file is half deleted" },
	[FAR_SPIFFS_FILE_TWICE] = { "file-twice", "an older or newer head of the same file" },
	[FAR_SPIFFS_PAGE_MOVED] = { "page-moved", "the file's index does not know of the page" },
	[FAR_SPIFFS_PAGE_ORPHAN] = { "page-orphan", "no file leads to the page" },
	[FAR_SPIFFS_CONTRADICTION] = { "contradiction",
				       "the page is not what its block's look-up says" },
	[FAR_SPIFFS_NOT_BLANK] = { "not-blank", "should be free, but is not erased" },
	[FAR_SPIFFS_BAD_NAME] = { "bad-name", "the file's name is empty or has no end" },
	[FAR_SPIFFS_BAD_SIZE] = { "bad-size", "the file's size is larger than the image" },
	[FAR_SPIFFS_INDEX_LOST] = { "index-lost",
				    "an index page of the file, and all behind it, are lost" },
	[FAR_SPIFFS_DATA_LOST] = { "data-lost", "pages of the file's data are lost" },
};

/* damage, or a mere trace of a cut. */
static void tell(struct job *j, bool damage, const char *name, uint32_t page, uint32_t id,
		 uint32_t span, uint32_t lost, const char *text)
{
	const struct far_spiffs *fs = &j->s->fs;
	uint32_t addr = fs->addr + page * fs->geometry.page_size;
	char about[64] = "", many[32] = "";
	if (id)
		snprintf(about, sizeof(about), ", file %" PRIu32 ", part %" PRIu32, id, span);
	if (lost)
		snprintf(many, sizeof(many), "%" PRIu32 " ", lost);
	cli_say(j->c, "%s: page %" PRIu32 " at 0x%" PRIx32 "%s: %s%s", damage ? "damage" : "trace",
		page, addr, about, many, text);
	if (!j->list)
		return;
	cJSON *one = cJSON_CreateObject();
	cJSON_AddStringToObject(one, "trouble", name);
	cJSON_AddBoolToObject(one, "damage", damage);
	cJSON_AddNumberToObject(one, "page", page);
	cJSON_AddNumberToObject(one, "addr", addr);
	cJSON_AddNumberToObject(one, "id", id);
	cJSON_AddNumberToObject(one, "span", span);
	cJSON_AddNumberToObject(one, "lost", lost);
	cJSON_AddItemToArray(j->list, one);
}

static void report(void *ctx, const struct far_spiffs_finding *f)
{
	const struct trouble *t = &troubles[f->trouble];
	tell(ctx, f->trouble >= FAR_SPIFFS_DAMAGE, t->name, f->page, f->id, f->span, f->lost,
	     t->text);
}

/* Not 0 ends the check: an interrupt. */
static int progress(void *ctx)
{
	(void)ctx;
	return cli_cancel != 0;
}

/* Two files of one name: only the first can be opened. */
static enum cli_exit check_names(struct job *j)
{
	struct cli_spiffs_files files;
	enum cli_exit code = cli_spiffs_files(j->c, j->s, &files);
	for (size_t i = 1; i < files.count && !code; i++) {
		const struct far_spiffs_entry *e = &files.list[i];
		if (strcmp(e->name, e[-1].name) != 0)
			continue;
		tell(j, true, "name-twice", e->page, e->id, 0, 0,
		     "another file of the same name hides this one");
		j->damages++;
	}
	free(files.list);
	return code;
}

/* For machines the same numbers by name; damages with the names that occur twice. */
static void tell_counts(struct job *j, const struct far_spiffs_counts *n)
{
	const struct {
		const char *name;
		uint32_t value;
	} rows[] = {
		{ "files", n->files },           { "bytes", n->bytes },
		{ "pages", n->pages },           { "free_pages", n->free },
		{ "deleted_pages", n->deleted }, { "index_pages", n->index },
		{ "data_pages", n->data },       { "half_pages", n->half },
		{ "traces", n->traces },         { "damages", j->damages },
	};
	cli_say(j->c,
		"%" PRIu32 " files of %" PRIu32 " bytes; of %" PRIu32 " pages %" PRIu32
		" are free, %" PRIu32 " deleted, %" PRIu32 " indices, %" PRIu32 " data, %" PRIu32
		" neither",
		n->files, n->bytes, n->pages, n->free, n->deleted, n->index, n->data, n->half);
	cli_say(j->c, "%" PRIu32 " damages, %" PRIu32 " traces of a cut", j->damages, n->traces);
	for (size_t i = 0; j->list && i < sizeof(rows) / sizeof(rows[0]); i++)
		cJSON_AddNumberToObject(j->c->result, rows[i].name, rows[i].value);
}

/* A failure of the check itself is told apart from one of the image: then nothing was counted. */
static enum cli_exit check(struct cli *c, struct cli_spiffs *s)
{
	static uint8_t work[FAR_SPIFFS_CHECK_WORK], cache[65536];
	struct job j = { .c = c, .s = s };
	struct far_spiffs_counts counts;
	const struct far_spiffs_check_config config = {
		.report = report,
		.progress = progress,
		.ctx = &j,
		.work = work,
		.work_len = sizeof(work),
		.cache = cache,
		.cache_len = sizeof(cache),
	};
	if (c->result)
		j.list = cJSON_AddArrayToObject(c->result, "findings");
	int err = far_spiffs_check(&s->fs, &config, &counts);
	if (err && (err != FAR_ERR_VERIFY || counts.damages == 0))
		return cli_spiffs_failed(c, s, err, "checking the image");
	j.damages = counts.damages;
	enum cli_exit code = check_names(&j);
	if (code)
		return code;
	tell_counts(&j, &counts);
	if (j.damages > 0)
		return cli_fail(c, CLI_MISMATCH,
				"%s is damaged: %" PRIu32
				" findings; what can be read spiffs extract saves",
				s->name, j.damages);
	return CLI_OK;
}

enum cli_exit cli_spiffs_check(struct cli *c, int argc, char **argv)
{
	struct cli_spiffs s;
	enum cli_exit code = cli_spiffs_open(c, &s, argc > 0 ? argv[0] : NULL);
	return code ? code : cli_spiffs_close(c, &s, check(c, &s));
}
