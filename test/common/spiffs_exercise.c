/* SPDX-License-Identifier: Apache-2.0 */
#include "test/common/spiffs_exercise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/spiffs/check.h"

uint32_t spiffs_exercise_case;

/* For tests and fuzzers alike: no test framework here. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: case %u: %s\n", __FILE__, __LINE__,                \
				spiffs_exercise_case, #condition);                                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#define CACHE 64u

struct run {
	struct spiffs_flash *flash;
	struct far_spiffs fs;
	uint64_t pieces; /* reads that a look through all of the look-up takes */
	uint64_t pages;
};

static void must_be_inside(const struct run *r, uint32_t addr)
{
	MUST(addr >= r->flash->addr && addr < r->flash->addr + r->flash->len);
}

static void count(struct run *r)
{
	const struct far_spiffs_geometry *g = &r->fs.geometry;

	r->pieces = (uint64_t)g->blocks * ((g->pages - g->lookup_pages + 31) / 32);
	r->pages = (uint64_t)g->blocks * g->pages;
}

/* To the end, or to where it makes no sense: 1 or 0. The bound is the one of spiffs.h. */
static int read_all(struct run *r, struct far_spiffs_file *file)
{
	const struct far_spiffs_geometry *g = &r->fs.geometry;
	uint64_t spans = file->size / g->data_len + 1, before = r->flash->reads;
	uint64_t searches = g->pages + spans / g->index_entries + 2;
	uint8_t buf[1000];
	int32_t n;

	do {
		uint32_t at = file->at;

		n = far_spiffs_read(file, buf, sizeof(buf));
		MUST(n <= (int32_t)sizeof(buf));
		MUST(n < 0 || file->at == at + (uint32_t)n);
		MUST(n == (int32_t)sizeof(buf) || n < 0 || file->at == file->size);
		MUST(file->at <= file->size);
	} while (n > 0);
	/* A page may be entered twice, once for each piece that touches it. */
	MUST(r->flash->reads - before <= 8 * spans + searches * (r->pieces + r->pages));
	MUST(n == 0 || n == FAR_ERR_VERIFY);
	if (n < 0)
		must_be_inside(r, r->fs.bad_addr);
	return n == 0;
}

static void leap(struct far_spiffs_file *file)
{
	uint8_t byte;

	MUST(far_spiffs_seek(file, file->size / 2) == FAR_OK);
	MUST(far_spiffs_read(file, &byte, 1) <= 1);
	MUST(far_spiffs_seek(file, file->size) == FAR_OK);
	MUST(far_spiffs_read(file, &byte, 1) == 0);
	if (file->size < UINT32_MAX)
		MUST(far_spiffs_seek(file, file->size + 1) == FAR_ERR_RANGE);
}

static void one_file(struct run *r, const struct far_spiffs_entry *e, struct spiffs_exercised *x)
{
	uint8_t *cache = malloc(CACHE); /* so that a byte beyond is seen */
	struct far_spiffs_file file;
	int rc = far_spiffs_open_entry(&r->fs, &file, e, cache, CACHE);

	MUST(cache != NULL);
	MUST(rc == FAR_OK || rc == FAR_ERR_VERIFY);
	MUST(e->id >= 1 && e->id <= FAR_SPIFFS_ID_MAX && e->page < r->pages);
	MUST(memchr(e->name, 0, sizeof(e->name)) != NULL);
	if (rc == FAR_OK) {
		int whole = read_all(r, &file);

		MUST(file.size <= r->flash->len);
		x->read += whole != 0;
		x->broken += whole == 0;
		leap(&file);
	} else {
		x->broken++;
	}
	/* By name it is this one, or one of the same name before it. */
	rc = e->name[0] ? far_spiffs_open(&r->fs, &file, e->name, cache, CACHE) : FAR_OK;
	MUST(rc == FAR_OK || rc == FAR_ERR_VERIFY || rc == FAR_ERR_ABSENT);
	free(cache);
}

static void all_files(struct run *r, struct spiffs_exercised *x)
{
	static uint8_t seen[4096];
	struct far_spiffs_walk walk = { .fs = &r->fs, .seen = seen, .seen_len = sizeof(seen) };
	struct far_spiffs_entry *e = malloc(sizeof(*e));
	uint64_t before, spent = 0;
	int rc;

	MUST(e != NULL);
	memset(seen, 0, sizeof(seen));
	for (;;) {
		before = r->flash->reads;
		rc = far_spiffs_next(&walk, e);
		spent += r->flash->reads - before;
		if (rc != FAR_OK)
			break;
		MUST(++x->files <= r->pages);
		one_file(r, e, x);
	}
	MUST(rc == FAR_ERR_ABSENT);
	MUST(spent <= 3 * r->pages + r->pieces);
	free(e);
}

static void check(struct run *r, struct spiffs_exercised *x)
{
	uint32_t work_len = (uint32_t)r->pages / 8 + 1 + 4096;
	uint8_t *work = malloc(work_len), cache[CACHE];
	const struct far_spiffs_check_config config = {
		.work = work, .work_len = work_len, .cache = cache, .cache_len = CACHE
	};
	struct far_spiffs_counts n;

	MUST(work != NULL);
	x->checked = far_spiffs_check(&r->fs, &config, &n);
	MUST(x->checked == (n.damages > 0 ? FAR_ERR_VERIFY : FAR_OK));
	MUST(n.free + n.deleted + n.index + n.data + n.half == n.pages);
	MUST(n.files == x->files);
	/* Only what check calls damage can keep a file from being read, and the other way round. */
	MUST(x->broken == 0 || n.damages > 0);
	free(work);
}

struct spiffs_exercised spiffs_exercise(struct spiffs_flash *flash,
					const struct far_spiffs_params *params)
{
	struct far_spiffs_config config = {
		.flash = &flash->flash, .addr = flash->addr, .len = flash->len, .params = *params
	};
	struct spiffs_exercised x = { 0 };
	struct run r = { .flash = flash };

	x.mounted = far_spiffs_mount(&r.fs, &config);
	if (x.mounted == FAR_ERR_VERIFY)
		must_be_inside(&r, r.fs.bad_addr);
	if (x.mounted != FAR_OK)
		return x;
	count(&r);
	all_files(&r, &x);
	check(&r, &x);
	return x;
}
