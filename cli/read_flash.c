/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash read-flash: the flash into a file, to stdout, or as a hex dump. A file is there whole or
 * not at all, so that a backup that was cut off cannot be taken for one. What was read is not
 * compared with anything here: that is what verify-flash is for.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/hexdump.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/region.h"

#define CHUNK 16384u /* how often there is progress, and an interrupt is seen */

static struct {
	bool hex;
} opt;

/* Not 0: the output took no more, errno says why. */
static int write_chunk(struct cli_output *out, uint32_t addr, const uint8_t *data, uint32_t len)
{
	if (opt.hex)
		cli_hexdump(out->file, addr, data, len);
	else
		fwrite(data, 1, len, out->file);
	return ferror(out->file);
}

/* The output may fail at any chunk: a full disk is told at once, not after an hour of reading. */
static enum cli_exit copy(struct cli *c, struct cli_target *t, const struct cli_region *r,
			  struct cli_output *out, struct cli_progress *p)
{
	uint8_t chunk[CHUNK];
	for (uint32_t done = 0; done < r->len;) {
		uint32_t n = r->len - done < CHUNK ? r->len - done : CHUNK;
		int err = cli_cancel ? FAR_ERR_CANCELLED
				     : far_flash_read(t->flash, r->addr + done, chunk, n);
		if (err) {
			cli_progress_end(p);
			return cli_fail_target(c, t, err, NULL, "reading at 0x%" PRIx32,
					       r->addr + done);
		}
		if (write_chunk(out, r->addr + done, chunk, n))
			return cli_output_failed(c, out);
		done += n;
		cli_progress_update(p, done);
	}
	return CLI_OK;
}

/* The rate is bits of flash per second, to be compared with the line's. */
static void tell(struct cli *c, const struct cli_region *r, const struct cli_output *out,
		 double seconds)
{
	cli_say(c, "Read %" PRIu32 " bytes at 0x%" PRIx32 " in %.1f s (%.1f kbit/s) to %s", r->len,
		r->addr, seconds, (double)r->len * 8 / 1000 / seconds, out->name);
	if (!c->result)
		return;
	cJSON_AddNumberToObject(c->result, "addr", r->addr);
	cJSON_AddNumberToObject(c->result, "len", r->len);
	cJSON_AddStringToObject(c->result, "file", out->name);
	cJSON_AddNumberToObject(c->result, "seconds", seconds);
}

/*
 * The range is checked first: a wrong one is the user's mistake, whether or not this loader could
 * read. Finished, that is on the disk and in its place, before anything is said.
 */
static enum cli_exit read_region(struct cli *c, struct cli_target *t, struct cli_region *r,
				 struct cli_output *out)
{
	enum cli_exit code = cli_region_check(c, t, r, 1);
	if (code)
		return code;
	if (!(t->flash->info.caps & FAR_FLASH_CAN_READ))
		return cli_fail(c, CLI_UNSUPPORTED,
				"the loader of this chip cannot read its flash: erase-region and "
				"write-flash are all that it can");
	struct cli_progress p;
	cli_progress_begin(c, &p, "Reading", r->len);
	code = copy(c, t, r, out, &p);
	double seconds = cli_progress_end(&p);
	if (!code)
		code = cli_output_finish(c, out);
	if (!code)
		tell(c, r, out, seconds);
	return code;
}

/*
 * The output is opened before the port is, so that a file that cannot be written costs no reset of
 * the chip. --hex is for looking at: it goes to stdout, and has no FILE.
 */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	struct cli_region region;
	struct cli_target t;
	struct cli_output out;
	enum cli_exit code = cli_region_parse(c, argv, &region);
	if (code)
		return code;
	if (argc != (opt.hex ? 2 : 3))
		return cli_fail(c, CLI_USAGE, "read-flash takes ADDR LEN FILE, or ADDR LEN --hex");
	const char *name = opt.hex ? "-" : argv[2];
	code = cli_output_open(c, &out, name);
	if (code)
		return code;
	code = cli_target_open(c, &t);
	if (!code)
		code = cli_target_close(c, &t, read_region(c, &t, &region, &out));
	cli_output_close(&out);
	return code;
}

static const struct cli_option options[] = {
	{ "hex", 'x', CLI_FLAG, &opt.hex, NULL, NULL, "print a hex dump instead of making a file" },
	{ 0 },
};

const struct cli_command cli_read_flash = {
	.name = "read-flash",
	.arguments = "ADDR LEN|ALL FILE|-",
	.summary = "read the flash into a file",
	.details =
		"Any ADDR and LEN; ALL: up to the end. ADDR may be a partition, NAME or "
		"NAME+OFFSET,\n"
		"and ALL its end. FILE is replaced only when all was read;\n"
		"- is stdout. The loaders in ROM give 64 bytes per question: about 4 KiB/s over a\n"
		"USB adapter; a flasher stub reads as fast as the line (--stub). The ESP8266's "
		"ROM\n"
		"cannot read: exit code 8.\n",
	.options = options,
	.min_arguments = 2,
	.max_arguments = 3,
	.uses_stub = true,
	.run = run,
};
