/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash merge-bin: several files in one, raw or with their addresses: one file for a factory, or
 * for a bootloader that shows a disk (UF2). No port and no flash: what lies where is settled
 * between the files alone, sorted by address. Everything is checked before the output is opened.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/firmware.h"
#include "cli/intel_hex.h"
#include "cli/output.h"
#include "core/bytes.h"

/* A block of a UF2 file: docs/SPEC-esp-image.md. */
#define UF2_BLOCK      512u
#define UF2_PAYLOAD    256u
#define UF2_MAGIC_1    0x0A324655u
#define UF2_MAGIC_2    0x9E5D5157u
#define UF2_MAGIC_3    0x0AB16F30u
#define UF2_HAS_FAMILY 0x2000u

static const char *const formats[] = { "raw", "uf2", "hex", NULL };
enum { RAW, UF2, HEX };

static struct {
	const char *output, *pad_to;
	int format;
	uint32_t target_offset;
	struct cli_flash_words words;
} opt;

struct job {
	struct cli *c;
	const struct far_esp_image_chip *chip; /* NULL: each image's own */
	struct cli_parts parts;                /* sorted by address */
	struct cli_output out;
	uint32_t pad_to; /* 0: no padding */
};

/*
 * False: errno says why, or an interrupt came: what lies far apart makes gigabytes of blank bytes.
 */
static bool put(struct job *j, const uint8_t *data, size_t len)
{
	return !cli_cancel && fwrite(data, 1, len, j->out.file) == len;
}

/* As an erased flash reads. */
static bool put_blank(struct job *j, uint32_t len)
{
	static uint8_t blank[4096];
	memset(blank, 0xFF, sizeof(blank));
	for (uint32_t n; len > 0; len -= n) {
		n = far_min32(len, sizeof(blank));
		if (!put(j, blank, n))
			return false;
	}
	return true;
}

/* Byte 0 of the file goes to --target-offset. */
static bool write_raw(struct job *j)
{
	uint32_t at = opt.target_offset;
	for (size_t i = 0; i < j->parts.count; i++) {
		const struct cli_part *p = &j->parts.list[i];
		if (!put_blank(j, p->addr - at) || !put(j, p->data, p->len))
			return false;
		at = p->addr + p->len;
	}
	uint32_t end = opt.target_offset + j->pad_to;
	return at >= end || put_blank(j, end - at);
}

/*
 * upper is carried from part to part: an address record is written only where the high half
 * changes.
 */
static bool write_hex(struct job *j)
{
	uint32_t upper = 0;
	for (size_t i = 0; i < j->parts.count; i++) {
		const struct cli_part *p = &j->parts.list[i];
		if (!cli_hex_write(j->out.file, p->addr, p->data, p->len, &upper))
			return false;
	}
	return cli_hex_write_end(j->out.file);
}

/*
 * The bytes that parts from *part on have in the UF2_PAYLOAD bytes at addr; *part becomes the last.
 */
static void collect(const struct job *j, size_t *part, uint32_t addr, uint8_t *payload)
{
	memset(payload, 0xFF, UF2_PAYLOAD);
	for (;; ++*part) {
		const struct cli_part *p = &j->parts.list[*part];
		uint32_t from = p->addr > addr ? p->addr : addr;
		uint32_t end = far_min32(addr + (UF2_PAYLOAD - 1), p->addr + (p->len - 1));
		if (from <= end)
			memcpy(payload + (from - addr), p->data + (from - p->addr), end - from + 1);
		if (*part + 1 == j->parts.count ||
		    j->parts.list[*part + 1].addr / UF2_PAYLOAD > addr / UF2_PAYLOAD)
			return;
	}
}

/* Go through the blocks; file NULL: only count them. */
static bool each_block(struct job *j, uint32_t total, uint32_t *count)
{
	uint8_t block[UF2_BLOCK] = { 0 };
	size_t part = 0;
	uint32_t addr = j->parts.list[0].addr / UF2_PAYLOAD * UF2_PAYLOAD;
	for (*count = 0;;) {
		const struct cli_part *p;
		collect(j, &part, addr, block + 32);
		far_put_le32(block, UF2_MAGIC_1);
		far_put_le32(block + 4, UF2_MAGIC_2);
		far_put_le32(block + 8, UF2_HAS_FAMILY);
		far_put_le32(block + 12, addr);
		far_put_le32(block + 16, UF2_PAYLOAD);
		far_put_le32(block + 20, (*count)++);
		far_put_le32(block + 24, total);
		far_put_le32(block + 28, j->chip->uf2_family);
		far_put_le32(block + UF2_BLOCK - 4, UF2_MAGIC_3);
		if (total > 0 && !put(j, block, sizeof(block)))
			return false;
		p = &j->parts.list[part];
		if ((p->addr + (p->len - 1)) / UF2_PAYLOAD > addr / UF2_PAYLOAD)
			addr += UF2_PAYLOAD; /* there is more of this part */
		else if (part + 1 == j->parts.count)
			return true;
		else
			addr = j->parts.list[++part].addr / UF2_PAYLOAD * UF2_PAYLOAD;
	}
}

/* Every block tells how many there are: count them first. */
static bool write_uf2(struct job *j)
{
	uint32_t total, written;
	return each_block(j, 0, &total) && each_block(j, total, &written);
}

/* There is no flash to read a partition table from: names need --partition-table FILE. */
static enum cli_exit resolve(struct job *j)
{
	struct far_flash none = { 0 };
	struct cli_target t = { .port = "", .flash = &none };
	for (size_t i = 0; i < j->parts.count && !j->c->set->partition_table; i++) {
		const struct cli_place *place = &j->parts.list[i].place;
		if (place->named)
			return cli_fail(j->c, CLI_USAGE,
					"%s: a partition's name means something with "
					"--partition-table FILE only: give that, or an address",
					place->text);
	}
	return cli_parts_resolve(j->c, &t, &j->parts);
}

/* Subtracting could go round. */
static int by_address(const void *a, const void *b)
{
	uint32_t x = ((const struct cli_part *)a)->addr, y = ((const struct cli_part *)b)->addr;
	return x < y ? -1 : x > y;
}

/*
 * Sorted, only neighbours can overlap. The last address is left out so that every end fits 32 bits.
 */
static enum cli_exit check(struct job *j)
{
	struct cli_parts *parts = &j->parts;
	qsort(parts->list, parts->count, sizeof(parts->list[0]), by_address);
	for (size_t i = 0; i < parts->count; i++) {
		const struct cli_part *p = &parts->list[i];
		if (p->len > UINT32_MAX - p->addr)
			return cli_fail(j->c, CLI_USAGE,
					"%s at 0x%" PRIx32 " reaches beyond address 0xfffffffe",
					p->path, p->addr);
		if (i > 0 && p->addr < p[-1].addr + p[-1].len)
			return cli_fail(j->c, CLI_USAGE,
					"%s at 0x%" PRIx32 " lies over %s, which ends at 0x%" PRIx32
					": move one of them",
					p->path, p->addr, p[-1].path, p[-1].addr + (p[-1].len - 1));
		if (p->addr < opt.target_offset)
			return cli_fail(j->c, CLI_USAGE,
					"%s at 0x%" PRIx32
					" lies before --target-offset 0x%" PRIx32,
					p->path, p->addr, opt.target_offset);
	}
	return CLI_OK;
}

/* --pad-to-size and --target-offset mean something for raw files only. */
static enum cli_exit check_options(struct job *j)
{
	const struct cli_part *last = &j->parts.list[j->parts.count - 1];
	enum cli_exit code = CLI_OK;
	if (opt.format != RAW && (opt.pad_to || opt.target_offset))
		return cli_fail(j->c, CLI_USAGE,
				"--pad-to-size and --target-offset are for --format raw: %s files "
				"tell their addresses",
				formats[opt.format]);
	if (opt.format == UF2 && !j->chip)
		return cli_fail(
			j->c, CLI_USAGE,
			"a UF2 file tells for which chip it is: give --chip, as in --chip esp32");
	if (opt.pad_to)
		code = cli_number(j->c, "--pad-to-size", opt.pad_to, &j->pad_to);
	if (!code && (j->pad_to > UINT32_MAX - opt.target_offset ||
		      (opt.pad_to && last->addr + last->len - opt.target_offset > j->pad_to)))
		return cli_fail(j->c, CLI_USAGE,
				"--pad-to-size %s: the files end at 0x%" PRIx32
				", and the output begins at 0x%" PRIx32,
				opt.pad_to, last->addr + last->len, opt.target_offset);
	return code;
}

/* In the order of formats. */
static enum cli_exit write_out(struct job *j)
{
	bool (*const writers[])(struct job *) = { write_raw, write_uf2, write_hex };
	enum cli_exit code = cli_output_open(j->c, &j->out, opt.output);
	if (!code && !writers[opt.format](j))
		code = cli_output_failed(j->c, &j->out);
	if (!code)
		code = cli_output_finish(j->c, &j->out);
	cli_output_close(&j->out);
	return code;
}

/*
 * The cheap mistakes first, then files, then what needs both. Headers are changed last: addresses
 * are known.
 */
static enum cli_exit merge(struct job *j, int argc, char **argv)
{
	enum cli_exit code = cli_firmware_chip(j->c, &j->chip);
	if (!code && !opt.output)
		code = cli_fail(j->c, CLI_USAGE, "where to? give --output FILE");
	if (!code)
		code = cli_parts_load(j->c, &j->parts, argc, argv);
	if (!code)
		code = resolve(j);
	if (!code)
		code = check(j);
	if (!code)
		code = check_options(j);
	for (size_t i = 0; i < j->parts.count && !code; i++)
		code = cli_firmware_patch(j->c, j->chip, &j->parts.list[i], &opt.words,
					  j->c->set->flash_size, 0);
	return code ? code : write_out(j);
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct job j = { .c = c };
	enum cli_exit code = opt.output ? cli_output_claim(c, opt.output) : CLI_OK;
	if (!code)
		code = merge(&j, argc, argv);
	if (!code)
		cli_say(c, "Wrote %zu file%s into %s", j.parts.count, j.parts.count > 1 ? "s" : "",
			opt.output);
	if (!code && c->result)
		cJSON_AddStringToObject(c->result, "file", opt.output);
	cli_parts_free(&j.parts);
	return code;
}

static const struct cli_option options[] = {
	{ "output", 'o', CLI_TEXT, &opt.output, NULL, "FILE", "what is to be made" },
	{ "format", 'f', CLI_CHOICE, &opt.format, formats, "KIND", "raw, uf2 or hex (raw)" },
	{ "target-offset", 0, CLI_NUMBER, &opt.target_offset, NULL, "ADDR",
	  "raw: where the output will be written to (0)" },
	{ "pad-to-size", 0, CLI_TEXT, &opt.pad_to, NULL, "SIZE",
	  "raw: fill up with blank bytes to this size" },
	CLI_FLASH_MODE_ROW(opt.words,
			   "into the bootloader's header: keep, qio, qout, dio, dout (keep)"),
	CLI_FLASH_FREQ_ROW(opt.words, "the same: keep, 80m, 40m, ... as the chip can (keep)"),
	{ 0 },
};

const struct cli_command cli_merge_bin = {
	.name = "merge-bin",
	.arguments = "ADDR FILE [ADDR FILE ...]",
	.summary = "join files into one, raw, UF2 or Intel hex",
	.details =
		"What lies between the files is blank (0xFF) in a raw file and in the blocks of\n"
		"a UF2 file, and left away in a hex file. --flash-mode, --flash-freq and\n"
		"--flash-size change the header of an image that lies where its chip's ROM\n"
		"looks for it. No port is needed.\n",
	.options = options,
	.min_arguments = 2,
	.max_arguments = -1,
	.run = run,
};
