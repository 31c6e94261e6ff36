/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash elf2image: from what the linker made to what the chip's ROM loads. How segments are laid
 * out is service/esp_image's; here are the file on both sides, the words for the header, and the
 * messages with names of sections in them. The ESP8266 is different enough for a way of its own:
 * two files, of which the second has no header.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/elf_file.h"
#include "cli/firmware.h"
#include "cli/output.h"

#define ESP8266_FLASH 0x40200000u /* where the ESP8266 sees its flash */
#define NO_LIMIT      0xFFFFu

static struct {
	const char *output;
	struct cli_flash_words words;
	uint32_t min_rev, min_rev_full, max_rev_full, page;
	bool no_digest, use_segments;
} opt = { .max_rev_full = NO_LIMIT };

/* An image on its way from an ELF file to a file. */
struct job {
	struct cli *c;
	const char *path;
	struct cli_elf elf;
	struct far_esp_image_build build;
	struct cli_output out;
};

/* far_esp_image_build.write */
static int write_out(void *ctx, const uint8_t *data, uint32_t len)
{
	struct job *j = ctx;
	return fwrite(data, 1, len, j->out.file) == len ? FAR_OK : FAR_ERR_IO;
}

/* esptool's defaults: what every board can do. Codes 0 are the slower frequency and qio. */
static enum cli_exit set_header(struct job *j)
{
	struct far_esp_image_build *b = &j->build;
	struct far_esp_image_change set;
	const char *size = j->c->set->flash_size ? j->c->set->flash_size : "1MB";
	enum cli_exit code = cli_firmware_words(j->c, b->chip, &opt.words, size, 0, &set);
	if (code)
		return code;
	if (set.size < 0)
		return cli_fail(j->c, CLI_USAGE,
				"--flash-size %s: there is no flash here: give a size, as in 4MB",
				size);
	if (opt.min_rev > 0xFF || opt.min_rev_full > NO_LIMIT || opt.max_rev_full > NO_LIMIT)
		return cli_fail(j->c, CLI_USAGE,
				"a revision is beyond its field: --min-rev up to 255, the others "
				"up to 65535");
	b->mode = (uint8_t)(set.mode < 0 ? 0 : set.mode);
	b->freq = (uint8_t)(set.freq < 0 ? 0 : set.freq);
	b->size = (uint8_t)set.size;
	b->min_rev = (uint8_t)opt.min_rev;
	b->min_rev_full = (uint16_t)opt.min_rev_full;
	b->max_rev_full = (uint16_t)opt.max_rev_full;
	b->append_hash = !opt.no_digest;
	b->page = opt.page;
	return CLI_OK;
}

/* Why the sections make no image, and what to do about it. */
static enum cli_exit fail_plan(struct job *j, int err)
{
	const struct far_esp_image_build *b = &j->build;
	static const char *const why[] = {
		[FAR_ESP_IMAGE_BAD_OVERLAP] =
			"lies over the one below it: correct the linker script",
		[FAR_ESP_IMAGE_BAD_PAGE] =
			"begins in an MMU page that another section uses: align it, "
			"or join them, in the linker script",
		[FAR_ESP_IMAGE_BAD_LEN] = "is larger than any flash",
		[FAR_ESP_IMAGE_BAD_COUNT] =
			"would be segment 17, and an image has 16 at most: join "
			"sections in the linker script",
	};
	if (err != FAR_ERR_RANGE)
		return cli_fail(j->c, CLI_USAGE,
				"--flash-mmu-page-size %" PRIu32 ": it is 8k, 16k, 32k or 64k",
				b->page);
	uint32_t addr = b->pieces[b->bad_piece].addr;
	return cli_fail(j->c, CLI_FILE, "%s: %s at 0x%08" PRIx32 " %s", j->path,
			cli_elf_name(&j->elf, addr), addr, why[b->bad]);
}

/* Everything into one file, which is there whole or not at all. */
static enum cli_exit write_file(struct job *j, const char *name,
				int (*writer)(const struct far_esp_image_build *))
{
	enum cli_exit code = cli_output_open(j->c, &j->out, name);
	if (!code && writer(&j->build) != FAR_OK)
		code = cli_output_failed(j->c, &j->out);
	if (!code)
		code = cli_output_finish(j->c, &j->out);
	if (!code)
		cli_say(j->c, "Wrote %s", name);
	if (!code && j->c->result) {
		cJSON *files = cJSON_GetObjectItem(j->c->result, "files");
		if (!files)
			files = cJSON_AddArrayToObject(j->c->result, "files");
		cJSON_AddItemToArray(files, cJSON_CreateString(name));
	}
	cli_output_close(&j->out);
	return code;
}

static enum cli_exit write_image(struct job *j, const char *name)
{
	struct far_esp_image_build *b = &j->build;
	int err = far_esp_image_plan(b);
	if (err)
		return fail_plan(j, err);
	cli_say(j->c, "%zu sections make %u segments, %" PRIu32 " bytes for an %s", j->elf.count,
		b->segments, b->len, b->chip->name);
	return write_file(j, name, far_esp_image_write);
}

/* The ESP8266's mapped sections, as they lie in the flash: no header, blank bytes between them. */
static int write_mapped(const struct far_esp_image_build *b)
{
	int err = FAR_OK;
	uint32_t at = b->pieces[0].addr;
	for (unsigned i = 0; i < b->count && !err; i++) {
		const struct far_esp_image_piece *p = &b->pieces[i];
		for (; at < p->addr && !err; at++)
			err = b->write(b->ctx, (const uint8_t *)"\xFF", 1);
		if (!err)
			err = b->write(b->ctx, p->data, p->len);
		at = p->addr + p->len;
	}
	return err;
}

/* Subtracting could go round. */
static int by_address(const void *a, const void *b)
{
	uint32_t x = ((const struct far_esp_image_piece *)a)->addr;
	uint32_t y = ((const struct far_esp_image_piece *)b)->addr;
	return x < y ? -1 : x > y;
}

/* The first mapped piece of a sorted list; a piece that another one covers has no place. */
static enum cli_exit split(struct job *j, unsigned *first)
{
	struct far_esp_image_piece *p = j->elf.pieces;
	unsigned count = (unsigned)j->elf.count;
	qsort(p, count, sizeof(*p), by_address);
	for (*first = 0; *first < count && !far_esp_image_is_mapped(j->build.chip, p[*first].addr);)
		++*first;
	for (unsigned i = *first; i < count; i++) {
		if (!far_esp_image_is_mapped(j->build.chip, p[i].addr) ||
		    (i > *first && p[i].addr < p[i - 1].addr + p[i - 1].len))
			return cli_fail(j->c, CLI_FILE,
					"%s: %s at 0x%08" PRIx32 " has no place in an ESP8266",
					j->path, cli_elf_name(&j->elf, p[i].addr), p[i].addr);
	}
	return CLI_OK;
}

/* Two files, named after where they go in the flash. */
static enum cli_exit write_8266(struct job *j)
{
	struct far_esp_image_build *b = &j->build;
	char name[4096];
	unsigned first;
	enum cli_exit code = split(j, &first);
	const char *prefix = opt.output ? opt.output : j->path, *dash = opt.output ? "" : "-";
	if (code)
		return code;
	snprintf(name, sizeof(name), "%s%s0x00000.bin", prefix, dash);
	b->count = first;
	if (first == 0)
		return cli_fail(j->c, CLI_FILE, "%s: no section is loaded into RAM", j->path);
	code = write_image(j, name);
	if (code || first == j->elf.count)
		return code;
	b->pieces = j->elf.pieces + first;
	b->count = (unsigned)j->elf.count - first;
	snprintf(name, sizeof(name), "%s%s0x%05" PRIx32 ".bin", prefix, dash,
		 b->pieces[0].addr - ESP8266_FLASH);
	return write_file(j, name, write_mapped);
}

/* "hello.elf" makes "hello.bin". */
static enum cli_exit write_other(struct job *j)
{
	char name[4096];
	const char *base = strrchr(j->path, '/'), *dot = strrchr(base ? base : j->path, '.');
	if (opt.output)
		return write_image(j, opt.output);
	snprintf(name, sizeof(name), "%.*s.bin", dot ? (int)(dot - j->path) : (int)strlen(j->path),
		 j->path);
	return write_image(j, name);
}

/* The header before the ELF file: its words are the cheaper mistake. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct job j = { .c = c, .path = argv[0], .elf = { .fd = -1 } };
	(void)argc;
	c->stdout_is_data = opt.output && strcmp(opt.output, "-") == 0;
	enum cli_exit code = cli_firmware_chip(c, &j.build.chip);
	if (!code && !j.build.chip)
		code = cli_fail(c, CLI_USAGE, "for which chip? give --chip, as in --chip esp32");
	if (!code)
		code = set_header(&j);
	if (!code)
		code = cli_elf_open(c, &j.elf, j.path, opt.use_segments);
	if (!code) {
		j.build.pieces = j.elf.pieces;
		j.build.count = (unsigned)j.elf.count;
		j.build.entry = j.elf.entry;
		j.build.write = write_out;
		j.build.ctx = &j;
		code = j.build.chip->id == FAR_ESP_IMAGE_NO_ID ? write_8266(&j) : write_other(&j);
	}
	cli_elf_close(&j.elf);
	return code;
}

static const struct cli_option options[] = {
	{ "output", 'o', CLI_TEXT, &opt.output, NULL, "FILE",
	  "the image (ELF's name, with .bin); ESP8266: how its two files' names begin" },
	CLI_FLASH_MODE_ROW(opt.words, "qio, qout, dio or dout (qio)"),
	CLI_FLASH_FREQ_ROW(opt.words, "80m, 40m, ... as the chip can (the one coded as 0: 40m)"),
	{ "min-rev", 0, CLI_NUMBER, &opt.min_rev, NULL, "N", "oldest revision, for old tools (0)" },
	{ "min-rev-full", 0, CLI_NUMBER, &opt.min_rev_full, NULL, "N",
	  "oldest revision that it runs on, major * 100 + minor (0)" },
	{ "max-rev-full", 0, CLI_NUMBER, &opt.max_rev_full, NULL, "N",
	  "newest revision that it runs on (65535: any)" },
	{ "flash-mmu-page-size", 0, CLI_NUMBER, &opt.page, NULL, "SIZE",
	  "8k, 16k, 32k or 64k, as the program expects it (64k)" },
	{ "dont-append-digest", 0, CLI_FLAG, &opt.no_digest, NULL, NULL, "no SHA-256 at the end" },
	{ "use-segments", 0, CLI_FLAG, &opt.use_segments, NULL, NULL,
	  "go by the ELF file's segments, not its sections" },
	{ 0 },
};

const struct cli_command cli_elf2image = {
	.name = "elf2image",
	.arguments = "ELF",
	.summary = "make a firmware image from an ELF file",
	.details =
		"--chip says for which chip. Sections that the chip maps from flash get offsets\n"
		"that agree with their addresses; what is loaded into RAM fills the gaps. For the\n"
		"ESP8266 there are two files: what its ROM loads (0x00000), and what is mapped,\n"
		"each named after where it goes in the flash.\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
