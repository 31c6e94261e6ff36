/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of trees: built, judged by another reader, mounted, listed, read in pieces and in
 * leaps, checked. One number makes a tree; a failure prints it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/spiffs/build.h"
#include "service/spiffs/check.h"
#include "service/spiffs/spiffs.h"
#include "test/common/spiffs_image.h"
#include "test/common/spiffs_oracle.h"

#define TREES     3000u
#define FILES_MAX 40u
#define ADDR      0x7000u

static const struct far_spiffs_params kinds[] = {
	{ 0 },
	{ 0 },
	{ 0 },
	{ .page_size = 512, .block_size = 8192 },
	{ .page_size = 128, .block_size = 4096, .name_len = 40 },
	{ .block_size = 65536 }, /* two pages of look-up */
	{ .name_len = 64, .meta_len = FAR_SPIFFS_NO_META },
	{ .aligned_tables = 1 },
	{ .page_size = 64, .block_size = 4096, .name_len = 16, .aligned_tables = 1 },
	{ .no_magic_length = 1, .meta_len = 8 },
	{ .no_magic = 1 },
	{ .page_size = 1024, .block_size = 4096, .name_len = 256 },
};

struct source {
	char name[FAR_SPIFFS_NAME_MAX];
	uint32_t len, from; /* in noise */
};

static struct source files[FILES_MAX];
static uint32_t count;
static uint8_t noise[0x40000];
static uint8_t image[SPIFFS_IMAGE_MAX], block[65536], buf[0x40000];
static uint32_t image_len;
static struct far_spiffs_params params;
static struct far_spiffs_geometry g;
static struct spiffs_flash flash;
static struct far_spiffs fs;
static uint32_t seed;
static uint32_t present; /* tree; UINT32_MAX: done */

static uint32_t random_below(uint32_t limit)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(seed >> 4) * limit >> 28);
}

static int take(void *ctx, uint32_t offset, const uint8_t *data, uint32_t len)
{
	(void)ctx;
	assert_true(offset + len <= image_len);
	memcpy(image + offset, data, len);
	return FAR_OK;
}

/* ---- a tree ---------------------------------------------------------------------------------- */

static uint32_t random_len(void)
{
	uint32_t head = g.head_entries * g.data_len;

	switch (random_below(10)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return g.data_len * random_below(4);
	case 3:
		return head + random_below(3) - 1;
	case 4:
		return head + g.index_entries * g.data_len + random_below(3) - 1;
	case 5:
		return random_below(head);
	default:
		return random_below(5 * g.data_len);
	}
}

static void random_name(char *name, uint32_t n)
{
	static const char letters[] = "abcxyz019._-/ A";
	uint32_t len = random_below(4) == 0 ? g.name_len - 1 : 4 + random_below(g.name_len - 4);

	name[0] = '/';
	for (uint32_t i = 1; i < len; i++)
		name[i] = letters[random_below(sizeof(letters) - 1)];
	/* No two are the same. */
	name[len - 2] = (char)('a' + n / 10);
	name[len - 1] = (char)('0' + n % 10);
	name[len] = '\0';
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

static void make_tree(void)
{
	uint32_t limit = SPIFFS_IMAGE_MAX / 8;

	params = kinds[random_below(sizeof(kinds) / sizeof(kinds[0]))];
	assert_int_equal(far_spiffs_geometry(&g, &params, 65536), FAR_OK);
	image_len = (2 + random_below(limit / g.block_size - 2)) * g.block_size;
	assert_int_equal(far_spiffs_geometry(&g, &params, image_len), FAR_OK);
	count = random_below(FILES_MAX + 1);
	for (uint32_t i = 0; i < count; i++) {
		random_name(files[i].name, i);
		files[i].len = random_len() % 100000;
		files[i].from = random_below(sizeof(noise) - 100000);
	}
	qsort(files, count, sizeof(files[0]), by_name);
}

/* What does not fit is left out; the last one sometimes fills all that is left. */
static void build_tree(void)
{
	struct far_spiffs_build_config config = { .params = params,
						  .size = image_len,
						  .block = block,
						  .block_len = sizeof(block),
						  .write = take };
	struct far_spiffs_build b;
	uint32_t kept = 0;

	memset(image, 0x55, image_len);
	assert_int_equal(far_spiffs_build_begin(&b, &config), FAR_OK);
	for (uint32_t i = 0; i < count; i++) {
		struct source *f = &files[i];

		if (i + 1 == count && random_below(2) == 0)
			while (far_spiffs_file_pages(&g, f->len + g.data_len) <= b.pages_left &&
			       f->len + g.data_len < 100000)
				f->len += g.data_len;
		if (far_spiffs_file_pages(&g, f->len) > b.pages_left) {
			assert_int_equal(far_spiffs_build_file(&b, f->name, f->len), FAR_ERR_RANGE);
			continue;
		}
		assert_int_equal(far_spiffs_build_file(&b, f->name, f->len), FAR_OK);
		for (uint32_t at = 0, n; at < f->len; at += n) {
			n = 1 + random_below(3000);
			n = n < f->len - at ? n : f->len - at;
			assert_int_equal(far_spiffs_build_data(&b, noise + f->from + at, n),
					 FAR_OK);
		}
		files[kept++] = *f;
	}
	assert_int_equal(far_spiffs_build_end(&b), FAR_OK);
	count = kept;
}

/* ---- judged ---------------------------------------------------------------------------------- */

static void judge(void)
{
	const struct spiffs_oracle o = { .image = image,
					 .len = image_len,
					 .page = g.page_size,
					 .block = g.block_size,
					 .name = g.name_len,
					 .meta = g.meta_len,
					 .magic = !params.no_magic,
					 .magic_length = !params.no_magic_length,
					 .aligned = params.aligned_tables };

	assert_true(spiffs_oracle_sound(&o));
	assert_int_equal(spiffs_oracle_files(&o), count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(spiffs_oracle_read(&o, files[i].name, buf, sizeof(buf)),
				 files[i].len);
		assert_memory_equal(buf, noise + files[i].from, files[i].len);
	}
}

static void mount(void)
{
	struct far_spiffs_config config = {
		.flash = &flash.flash, .addr = ADDR, .len = image_len, .params = params
	};

	spiffs_flash_open(&flash, image, image_len, ADDR);
	assert_int_equal(far_spiffs_mount(&fs, &config), FAR_OK);
	assert_int_equal(fs.bad_block, FAR_SPIFFS_NO_BLOCK);
}

/* The files come in the order in which they were built. */
static void list(void)
{
	uint8_t seen[8] = { 0 };
	struct far_spiffs_walk walk = { .fs = &fs, .seen = seen, .seen_len = sizeof(seen) };
	struct far_spiffs_entry e;

	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(far_spiffs_next(&walk, &e), FAR_OK);
		assert_string_equal(e.name, files[i].name);
		assert_int_equal(e.size, files[i].len);
		assert_int_equal(e.id, i + 1);
		assert_int_equal(e.type, 1);
		assert_int_equal(e.unfinished, 0);
	}
	assert_int_equal(far_spiffs_next(&walk, &e), FAR_ERR_ABSENT);
	assert_int_equal(far_spiffs_next(&walk, &e), FAR_ERR_ABSENT);
}

static void read_some(struct far_spiffs_file *file, const struct source *f, uint32_t n)
{
	uint32_t at = file->at, left = f->len - at;

	assert_int_equal(far_spiffs_read(file, buf, n), n < left ? n : left);
	assert_int_equal(file->at, n < left ? at + n : f->len);
	assert_memory_equal(buf, noise + f->from + at, n < left ? n : left);
}

/* From start to end in pieces, then in leaps; with a cache of any size. */
static void read_file(const struct source *f)
{
	uint8_t cache[2048];
	struct far_spiffs_file file;
	uint32_t cache_len = random_below(3) == 0 ? 2 + random_below(40) : sizeof(cache);

	assert_int_equal(far_spiffs_open(&fs, &file, f->name, cache, cache_len), FAR_OK);
	assert_int_equal(file.size, f->len);
	while (file.at < f->len)
		read_some(&file, f, 1 + random_below(10000));
	read_some(&file, f, 1);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(far_spiffs_seek(&file, random_below(f->len + 1)), FAR_OK);
		read_some(&file, f, random_below(1000));
	}
	assert_int_equal(far_spiffs_seek(&file, f->len + 1), FAR_ERR_RANGE);
}

static void check(void)
{
	static uint8_t work[FAR_SPIFFS_CHECK_WORK];
	uint8_t cache[256];
	const struct far_spiffs_check_config config = {
		.work = work, .work_len = sizeof(work), .cache = cache, .cache_len = sizeof(cache)
	};
	struct far_spiffs_counts counts;
	uint32_t bytes = 0, used = 0;

	for (uint32_t i = 0; i < count; i++) {
		bytes += files[i].len;
		used += far_spiffs_file_pages(&g, files[i].len);
	}
	assert_int_equal(far_spiffs_check(&fs, &config, &counts), FAR_OK);
	assert_int_equal(counts.traces + counts.damages + counts.half + counts.deleted, 0);
	assert_int_equal(counts.files, count);
	assert_int_equal(counts.bytes, bytes);
	assert_int_equal(counts.index + counts.data, used);
	assert_int_equal(counts.free + used, counts.pages);
}

static void any_tree(void **state)
{
	const char *one = getenv("SPIFFS_TREE");
	uint32_t first = one ? (uint32_t)strtoul(one, NULL, 0) : 0;
	uint32_t last = one ? first + 1 : TREES;

	(void)state;
	seed = 42;
	for (uint32_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)random_below(256);
	for (uint32_t tree = first; tree < last; tree++) {
		present = tree;
		seed = tree * 2654435761u;
		make_tree();
		build_tree();
		judge();
		mount();
		list();
		for (uint32_t i = 0; i < count; i++)
			read_file(&files[i]);
		check();
	}
	present = UINT32_MAX;
}

static int replay(void **state)
{
	(void)state;
	if (present != UINT32_MAX)
		print_message("replay with SPIFFS_TREE=%u\n", present);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(any_tree, replay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
