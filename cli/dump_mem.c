/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash dump-mem: the chip's memory into a file, such as its ROM for a look at what it really
 * does. As the loaders have no command for more than a word, this is slow: a round trip for every
 * four bytes. Reading some registers changes them, so nothing is read that was not asked for.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/memory.h"
#include "cli/output.h"
#include "cli/progress.h"

struct range {
	uint32_t addr, len; /* bytes, multiples of 4 */
};

/* One question for each word: that is all that the loaders offer. */
static enum cli_exit copy(struct cli *c, struct cli_target *t, const struct range *r,
			  struct cli_output *out, struct cli_progress *p)
{
	enum cli_exit code = cli_memory_check(c, t);
	for (uint32_t done = 0; done < r->len && !code; done += 4) {
		uint32_t value = 0;
		code = cli_memory_read(c, t, r->addr + done, &value);
		if (code)
			break;
		const uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8),
					  (uint8_t)(value >> 16), (uint8_t)(value >> 24) };
		fwrite(bytes, 1, sizeof(bytes), out->file);
		if (ferror(out->file))
			return cli_output_failed(c, out);
		cli_progress_update(p, done + 4);
	}
	return code;
}

/* The output is finished before it is told: what is said to be read is on the disk. */
static enum cli_exit dump(struct cli *c, struct cli_target *t, const struct range *r,
			  struct cli_output *out)
{
	struct cli_progress p;
	cli_progress_begin(c, &p, "Reading", r->len);
	enum cli_exit code = copy(c, t, r, out, &p);
	cli_progress_end(&p);
	if (!code)
		code = cli_output_finish(c, out);
	if (code)
		return code;
	cli_say(c, "Read %" PRIu32 " bytes at 0x%08" PRIx32 " to %s", r->len, r->addr, out->name);
	if (c->result) {
		cJSON_AddNumberToObject(c->result, "addr", r->addr);
		cJSON_AddNumberToObject(c->result, "len", r->len);
		cJSON_AddStringToObject(c->result, "file", out->name);
	}
	return CLI_OK;
}

/* Up to and with the last word of the address space; only what goes round it is refused. */
static enum cli_exit parse(struct cli *c, char **argv, struct range *r)
{
	enum cli_exit code = cli_word_number(c, "address", argv[0], &r->addr);
	if (!code)
		code = cli_word_number(c, "length", argv[1], &r->len);
	if (!code && r->len == 0)
		code = cli_fail(c, CLI_USAGE, "the length is 0");
	if (!code && r->len - 1 > UINT32_MAX - r->addr)
		code = cli_fail(c, CLI_USAGE, "%s bytes at %s reach beyond the end of the memory",
				argv[1], argv[0]);
	return code;
}

/* The output before the port: an hour of reading must not end at a folder that does not exist. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct range r;
	struct cli_target t;
	struct cli_output out;
	(void)argc;
	enum cli_exit code = parse(c, argv, &r);
	if (!code)
		code = cli_output_open(c, &out, argv[2]);
	if (code)
		return code;
	code = cli_target_open(c, &t);
	if (!code)
		code = cli_target_close(c, &t, dump(c, &t, &r, &out));
	cli_output_close(&out);
	return code;
}

const struct cli_command cli_dump_mem = {
	.name = "dump-mem",
	.arguments = "ADDR LEN FILE",
	.summary = "read the chip's memory into a file",
	.details =
		"Whole words: ADDR and LEN are multiples of 4. FILE is replaced only when all was "
		"read.\n",
	.min_arguments = 3,
	.max_arguments = 3,
	.run = run,
};
