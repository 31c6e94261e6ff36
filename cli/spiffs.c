/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash spiffs: the command and its options; each action is a file of its own. The options are
 * ESP-IDF's names for the numbers that an image is built with: whoever reads it must have the same,
 * as the image does not tell them. So there is no guessing but for error messages (spiffs_image.c).
 */
#include "cli/spiffs.h"

#include <inttypes.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/place.h"
#include "cli/suggest.h"

struct cli_spiffs_options cli_spiffs_opt = {
	.page_size = 256,
	.block_size = 4096,
	.name_len = 32,
	.meta_len = 4,
};

/* One row for each action; min and max count the arguments behind its name. */
static const struct action {
	const char *name;
	const char *arguments;
	int min, max;
	enum cli_exit (*run)(struct cli *c, int argc, char **argv);
} actions[] = {
	{ "build", "DIR OUT", 2, 2, cli_spiffs_build },
	{ "list", "[IMG]", 0, 1, cli_spiffs_list },
	{ "extract", "[IMG] DIR", 1, 2, cli_spiffs_extract },
	{ "check", "[IMG]", 0, 1, cli_spiffs_check },
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

/* 0 would be the service's word for its own default. */
static enum cli_exit check_given(struct cli *c)
{
	const struct cli_spiffs_options *o = &cli_spiffs_opt;
	if (o->page_size == 0 || o->block_size == 0 || o->name_len == 0)
		return cli_fail(c, CLI_USAGE, "--%s cannot be 0",
				o->page_size == 0    ? "page-size"
				: o->block_size == 0 ? "block-size"
						     : "name-len");
	return CLI_OK;
}

/* Each code of far_spiffs_geometry, and what to do about it. */
static enum cli_exit impossible(struct cli *c, int err, const char *what, uint32_t size)
{
	const struct cli_spiffs_options *o = &cli_spiffs_opt;
	uint64_t below = size - size % o->block_size;
	if (err == FAR_ERR_ALIGN && size == 0)
		return cli_fail(c, CLI_USAGE, "%s has no bytes", what);
	if (err == FAR_ERR_ALIGN)
		return cli_fail(c, CLI_USAGE,
				"%s: %" PRIu32 " bytes are not whole blocks of %" PRIu32
				": 0x%" PRIx64 " or 0x%" PRIx64 " would be",
				what, size, o->block_size, below, below + o->block_size);
	if (err == FAR_ERR_RANGE)
		return cli_fail(c, CLI_USAGE,
				"%s: %" PRIu32 " bytes are more than %u pages of %" PRIu32
				" bytes: no SPIFFS can have those, make --page-size larger",
				what, size, FAR_SPIFFS_PAGES, o->page_size);
	return cli_fail(
		c, CLI_USAGE,
		"no SPIFFS has pages of %" PRIu32 " bytes, blocks of %" PRIu32 ", names of %" PRIu32
		" and meta data of %" PRIu32
		" bytes: a page is a power of two from 64 to 32768, a block a multiple of "
		"it, a name at most %u; name and meta data fit a page with 15 bytes to spare; "
		"the look-up of a block needs room for its magic",
		o->page_size, o->block_size, o->name_len, o->meta_len, FAR_SPIFFS_NAME_MAX);
}

/*
 * A named partition gives the size as well, so that a forgotten --size cannot make the image reach
 * into the next one. Everything is compared with what is left, so that no sum can go round.
 */
enum cli_exit cli_spiffs_where(struct cli *c, struct cli_target *t, uint32_t *addr, uint32_t *len)
{
	const struct cli_spiffs_options *o = &cli_spiffs_opt;
	uint32_t size = t->flash->info.size;
	struct cli_place place;
	enum cli_exit code = cli_place_parse(c, o->offset ? o->offset : "0", &place);
	if (!code)
		code = cli_place_resolve(c, t, &place);
	if (!code)
		code = cli_place_check(c, &place, "the image", o->size);
	if (code)
		return code;
	if (place.addr >= size)
		return cli_fail(c, CLI_USAGE, "nothing is at 0x%" PRIx32 ": %s ends at 0x%" PRIx32,
				place.addr, t->port, size);
	*addr = place.addr;
	*len = o->size ? o->size : place.named ? place.room : size - place.addr;
	if (*len > size - place.addr)
		return cli_fail(c, CLI_USAGE,
				"%s ends at 0x%" PRIx32 ": no image of 0x%" PRIx32
				" bytes is at 0x%" PRIx32,
				t->port, size, *len, place.addr);
	return CLI_OK;
}

/*
 * 0 bytes of meta data is a wish; the service's 0 is its default, so the wish has a word of its
 * own.
 */
enum cli_exit cli_spiffs_params(struct cli *c, const char *what, uint32_t size,
				struct far_spiffs_params *params, struct far_spiffs_geometry *g)
{
	const struct cli_spiffs_options *o = &cli_spiffs_opt;
	enum cli_exit code = check_given(c);
	if (code)
		return code;
	if (o->meta_len == FAR_SPIFFS_NO_META) /* as a number it is none that fits a page */
		return impossible(c, FAR_ERR_ARG, what, size);
	*params = (struct far_spiffs_params){
		.page_size = o->page_size,
		.block_size = o->block_size,
		.name_len = o->name_len,
		.meta_len = o->meta_len ? o->meta_len : FAR_SPIFFS_NO_META,
		.no_magic = o->no_magic,
		.no_magic_length = o->no_magic_length,
		.aligned_tables = o->aligned,
	};
	int err = far_spiffs_geometry(g, params, size);
	return err ? impossible(c, err, what, size) : CLI_OK;
}

/* The actions are few, so that a mistyped one can nearly always be guessed. */
static enum cli_exit unknown(struct cli *c, const char *name)
{
	struct cli_suggest s = { .typed = name, .distance = CLI_SUGGEST_FAR };
	for (size_t i = 0; i < ACTIONS; i++)
		cli_suggest_offer(&s, actions[i].name);
	if (s.best)
		return cli_fail(c, CLI_USAGE, "no action spiffs %s: did you mean %s?", name,
				s.best);
	return cli_fail(c, CLI_USAGE, "no action spiffs %s: see farflash help spiffs", name);
}

/* main.c has counted the arguments of all actions together; here each has its own count. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	const struct action *a = actions;
	while (a < actions + ACTIONS && strcmp(a->name, argv[0]) != 0)
		a++;
	if (a == actions + ACTIONS)
		return unknown(c, argv[0]);
	argc--;
	argv++;
	if (argc < a->min || argc > a->max)
		return cli_fail(c, CLI_USAGE, "spiffs %s takes %s, not %d argument%s", a->name,
				a->arguments, argc, argc == 1 ? "" : "s");
	return a->run(c, argc, argv);
}

static const struct cli_option options[] = {
	{ "size", 's', CLI_NUMBER, &cli_spiffs_opt.size, NULL, "N",
	  "bytes of the image (up to the end of the partition or file)" },
	{ "offset", 'o', CLI_TEXT, &cli_spiffs_opt.offset, NULL, "ADDR",
	  "where it is in IMG or in the flash; or the name of its partition (0)" },
	{ "page-size", 0, CLI_NUMBER, &cli_spiffs_opt.page_size, NULL, "N", "bytes (256)" },
	{ "block-size", 0, CLI_NUMBER, &cli_spiffs_opt.block_size, NULL, "N", "bytes (4096)" },
	{ "name-len", 0, CLI_NUMBER, &cli_spiffs_opt.name_len, NULL, "N",
	  "bytes for a name, one of them its end (32)" },
	{ "meta-len", 0, CLI_NUMBER, &cli_spiffs_opt.meta_len, NULL, "N",
	  "bytes of meta data of each file (4)" },
	{ "no-magic", 0, CLI_FLAG, &cli_spiffs_opt.no_magic, NULL, NULL, "blocks have no magic" },
	{ "no-magic-len", 0, CLI_FLAG, &cli_spiffs_opt.no_magic_length, NULL, NULL,
	  "the magic does not depend on the size" },
	{ "aligned-obj-ix-tables", 0, CLI_FLAG, &cli_spiffs_opt.aligned, NULL, NULL,
	  "index tables begin at even addresses" },
	{ 0 },
};

const struct cli_command cli_spiffs = {
	.name = "spiffs",
	.arguments = "build|list|extract|check ...",
	.summary = "make, look into and check SPIFFS file system images",
	.details =
		"  spiffs build DIR OUT --size N   the files below DIR as an image, always the "
		"same\n"
		"  spiffs list [IMG]               what is in it\n"
		"  spiffs extract [IMG] DIR        its files into DIR, which has none of them yet\n"
		"  spiffs check [IMG]              is it sound? 7: no\n"
		"Without IMG the image is in the flash behind --port, at --offset. IMG may hold "
		"more\n"
		"than the image, too. A partition's name stands for its place and size; build "
		"wants\n"
		"--partition-table FILE for that.\n"
		"The sizes are those of ESP-IDF, and must be the same for whoever uses the "
		"image.\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 3,
	.run = run,
};
