/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that exists, in a file or behind a port: opened, mounted, its files known. A file is
 * made to look like a flash, so that the same code looks into both; all of it is read first, as a
 * partition table may be anywhere.
 *
 * An image does not tell how it was built, so that a wrong --size or page size is the usual
 * mistake. no_spiffs looks at what the magics would mean, and says the likeliest remedy.
 */
#include "cli/spiffs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/parts.h"
#include "core/bytes.h"

/* ---- a file as a flash ----------------------------------------------------------------------- */

/* Ranges have been checked by far_flash_read. */
static int read_memory(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	const struct cli_spiffs *s =
		(const void *)((const char *)f - offsetof(struct cli_spiffs, file));
	memcpy(buf, s->memory + addr, len);
	return FAR_OK;
}

/* All of it, as a partition table may be anywhere. */
static enum cli_exit load(struct cli *c, struct cli_spiffs *s)
{
	static const struct far_flash_ops ops = { .read = read_memory };
	struct cli_part part = { .path = s->name };
	enum cli_exit code = cli_part_load(c, &part);
	s->memory = part.data;
	s->file.ops = &ops;
	s->file.info = (struct far_flash_info){
		.size = part.len,
		.sector_size = 1,
		.write_block = 1,
		.erase_value = 0xFF,
		.caps = FAR_FLASH_CAN_READ,
	};
	s->target.port = s->name;
	s->target.flash = &s->file;
	s->target.phase = CLI_PHASE_WORK;
	return code;
}

/* ---- mounting -------------------------------------------------------------------------------- */

/* The magic of this block without the term for the image's length. */
static uint32_t plain_magic(const struct far_spiffs *fs)
{
	return (0x20140529u ^ fs->geometry.page_size) & 0xFFFF;
}

/* How many blocks would the image have for this magic to be right? 0: none. */
static uint32_t blocks_for(const struct far_spiffs *fs, uint32_t block, uint32_t magic)
{
	uint32_t left = magic ^ plain_magic(fs);
	return fs->geometry.magic_length && left > 0 ? block + left : 0;
}

/* Two blocks in a row that agree on another length: that is no accident. */
static uint32_t guess_blocks(struct cli_spiffs *s)
{
	const struct far_spiffs_geometry *g = &s->fs.geometry;
	uint32_t block = s->fs.bad_block, guess = blocks_for(&s->fs, block, s->fs.bad_magic);
	uint8_t raw[2];
	if (block + 1 >= g->blocks || far_flash_read(s->fs.flash,
						     s->fs.addr + (block + 1) * g->block_size +
							     g->lookup_pages * g->page_size - 4,
						     raw, sizeof(raw)) != FAR_OK)
		return 0;
	return blocks_for(&s->fs, block + 1, far_get_le16(raw)) == guess ? guess : 0;
}

/* What was read, what should have been there, and the likeliest remedy. */
static enum cli_exit no_spiffs(struct cli *c, struct cli_spiffs *s)
{
	const struct far_spiffs_geometry *g = &s->fs.geometry;
	char remedy[160] = "see --offset, --size, --page-size and --block-size";
	uint32_t blocks = guess_blocks(s);
	if (blocks)
		snprintf(remedy, sizeof(remedy),
			 "it looks like one of %" PRIu32 " blocks: give --size 0x%jx, or the other "
			 "--block-size",
			 blocks, (uintmax_t)blocks * g->block_size);
	else if (s->fs.bad_magic == plain_magic(&s->fs))
		snprintf(remedy, sizeof(remedy), "its magic has no length: give --no-magic-len");
	else if (s->fs.bad_magic == 0xFFFF)
		snprintf(remedy, sizeof(remedy), "it is erased there; see --offset and --size");
	return cli_fail(c, s->in_file ? CLI_FILE : CLI_MISMATCH,
			"%s is not a SPIFFS image of 0x%" PRIx32 " bytes: block %" PRIu32
			" has 0x%04" PRIx32 ", not 0x%04" PRIx32 " where its magic should be; %s",
			s->name, s->fs.len, s->fs.bad_block, s->fs.bad_magic,
			far_spiffs_magic(g, s->fs.bad_block), remedy);
}

/* VERIFY with no fault of the flash is the image's; with one the flash could not be read. */
static enum cli_exit mount(struct cli *c, struct cli_spiffs *s)
{
	struct far_flash *flash = s->target.flash;
	struct far_spiffs_config config = { .flash = flash };
	struct far_spiffs_geometry g;
	enum cli_exit code = cli_spiffs_where(c, &s->target, &config.addr, &config.len);
	if (!code)
		code = cli_spiffs_params(c, s->name, config.len, &config.params, &g);
	if (code)
		return code;
	int err = far_spiffs_mount(&s->fs, &config);
	if (err == FAR_ERR_VERIFY && flash->fault.err == FAR_OK)
		return no_spiffs(c, s);
	if (err)
		return cli_spiffs_failed(c, s, err, "looking for a SPIFFS image");
	if (s->fs.bad_block != FAR_SPIFFS_NO_BLOCK)
		cli_warn(c,
			 "block %" PRIu32
			 " has no magic: its erase was cut, what it holds does not "
			 "count",
			 s->fs.bad_block);
	return CLI_OK;
}

/* The same of what is found later. In a file it is a bad file (9), in a flash a mismatch (7). */
enum cli_exit cli_spiffs_failed(struct cli *c, struct cli_spiffs *s, int err, const char *what)
{
	if (err == FAR_ERR_VERIFY && s->fs.flash->fault.err == FAR_OK)
		return cli_fail(c, s->in_file ? CLI_FILE : CLI_MISMATCH,
				"%s: the image makes no sense at 0x%" PRIx32
				"; spiffs check tells all that is wrong",
				what, s->fs.bad_addr);
	return cli_fail_target(c, &s->target, err, NULL, "%s", what);
}

/* What has been opened is closed here if the rest fails. */
enum cli_exit cli_spiffs_open(struct cli *c, struct cli_spiffs *s, const char *path)
{
	enum cli_exit code;
	*s = (struct cli_spiffs){ .name = path, .in_file = path != NULL };
	if (path) {
		code = load(c, s);
	} else {
		code = cli_target_open(c, &s->target);
		if (code)
			return code;
		s->name = s->target.port;
	}
	if (!code)
		code = mount(c, s);
	return code ? cli_spiffs_close(c, s, code) : CLI_OK;
}

enum cli_exit cli_spiffs_close(struct cli *c, struct cli_spiffs *s, enum cli_exit code)
{
	free(s->memory);
	s->memory = NULL;
	return s->in_file ? code : cli_target_close(c, &s->target, code);
}

/* ---- its files ------------------------------------------------------------------------------- */

/* By page for those of one name, so that the order is the same at every run. */
static int by_name(const void *a, const void *b)
{
	const struct far_spiffs_entry *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : (x->page > y->page) - (x->page < y->page);
}

/* False: no memory. Twice as much room each time. */
static bool add(struct cli_spiffs_files *files, const struct far_spiffs_entry *entry)
{
	if (files->count == files->room) {
		size_t room = files->room ? 2 * files->room : 64;
		void *list = realloc(files->list, room * sizeof(files->list[0]));
		if (!list)
			return false;
		files->list = list;
		files->room = room;
	}
	files->list[files->count++] = *entry;
	return true;
}

/* A file whose head was being moved when the power failed has two: seen keeps the second out. */
enum cli_exit cli_spiffs_files(struct cli *c, struct cli_spiffs *s, struct cli_spiffs_files *files)
{
	static uint8_t seen[4096];
	struct far_spiffs_walk walk = { .fs = &s->fs, .seen = seen, .seen_len = sizeof(seen) };
	struct far_spiffs_entry entry = { 0 };
	int err = FAR_OK;
	memset(seen, 0, sizeof(seen));
	*files = (struct cli_spiffs_files){ 0 };
	while (!err) {
		err = cli_cancel ? FAR_ERR_CANCELLED : far_spiffs_next(&walk, &entry);
		if (!err && !add(files, &entry))
			return cli_fail(c, CLI_FILE, "no memory for the names of the files");
	}
	if (err != FAR_ERR_ABSENT)
		return cli_spiffs_failed(c, s, err, "reading the names of the files");
	if (files->count > 0)
		qsort(files->list, files->count, sizeof(files->list[0]), by_name);
	return CLI_OK;
}
