/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash write-flash: files into the flash, proved by their digests. The work itself is
 * service/update's, the same on any flash; here are files, words and judgements: does it fit, is it
 * for this chip, what is to change in a header. All of that comes before the first erase, so that a
 * mistake costs nothing.
 *
 * There is no resuming to ask for: the same command again finds what is right already and writes
 * the rest.
 */
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "cli/commands.h"
#include "cli/erase.h"
#include "cli/firmware.h"
#include "cli/progress.h"
#include "service/update/update.h"

static struct {
	bool no_compress, compress, no_diff, verify, force, encrypt, erase_all;
	struct cli_flash_words words;
} opt;

/* One file on its way. */
struct job {
	struct cli *c;
	struct cli_target *t;
	const struct cli_part *part;
	struct cli_progress progress;
	struct far_update_result result; /* what to tell, also after a failure */
};

/* A segment and its deflated form. One job runs at a time. */
static uint8_t work[2 * FAR_UPDATE_SEGMENT_MAX];

/* For far_update_run: the file is in memory, so reading cannot fail on the way. */
static int job_read(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	const struct job *j = ctx;
	return cli_part_read(j->part, offset, buf, len);
}

/* Level 9: the line is slower than any computer. */
static uint32_t job_deflate(void *ctx, const uint8_t *src, uint32_t len, uint8_t *dst, uint32_t cap)
{
	(void)ctx;
	uLongf out_len = cap;
	if (compress2(dst, &out_len, src, len, Z_BEST_COMPRESSION) != Z_OK || out_len >= len)
		return 0;
	return (uint32_t)out_len;
}

/* Called every few KiB: also where an interrupt is seen between two blocks. */
static int job_progress(void *ctx, const struct far_update_result *so_far)
{
	struct job *j = ctx;
	cli_progress_update(&j->progress, so_far->done);
	return cli_cancel != 0;
}

/* "Wrote 1048576 bytes (9331 compressed) at 0x10000 in 12.3 s (683.1 kbit/s), verified" */
static void tell(struct job *j, double seconds)
{
	const struct far_update_result *r = &j->result;
	char sent[40] = "", skipped[64] = "", repeated[48] = "";
	if (r->sent != r->written)
		snprintf(sent, sizeof(sent), " (%" PRIu32 " compressed)", r->sent);
	if (r->skipped)
		snprintf(skipped, sizeof(skipped), ", %" PRIu32 " bytes were right already",
			 r->skipped);
	if (r->repeated)
		snprintf(repeated, sizeof(repeated), ", %" PRIu32 " pieces written again",
			 r->repeated);
	cli_say(j->c, "Wrote %" PRIu32 " bytes%s at 0x%" PRIx32 " in %.1f s (%.1f kbit/s)%s%s, %s",
		r->written, sent, j->part->addr, seconds, (double)r->written * 8 / 1000 / seconds,
		skipped, repeated, r->verified ? "verified" : "not verified");
	if (!r->verified && opt.encrypt)
		cli_say(j->c, "What the chip has encrypted cannot be compared with the file: every "
			      "block was acknowledged, but what the flash holds is not proved");
	else if (!r->verified)
		cli_say(j->c,
			"The loader of this chip can neither read the flash nor compute a digest "
			"of it: every block was acknowledged, but what the flash holds is not "
			"proved");
}

/* The same for machines. files is NULL without --json. */
static void record(struct job *j, cJSON *files, double seconds)
{
	const struct far_update_result *r = &j->result;
	if (!files)
		return;
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "file", j->part->path);
	cJSON_AddNumberToObject(o, "addr", j->part->addr);
	cJSON_AddNumberToObject(o, "len", j->part->len);
	cJSON_AddNumberToObject(o, "written", r->written);
	cJSON_AddNumberToObject(o, "skipped", r->skipped);
	cJSON_AddNumberToObject(o, "erased", r->erased);
	cJSON_AddNumberToObject(o, "sent", r->sent);
	cJSON_AddNumberToObject(o, "repeated", r->repeated);
	cJSON_AddNumberToObject(o, "queries", r->queries);
	cJSON_AddNumberToObject(o, "seconds", seconds);
	cJSON_AddBoolToObject(o, "verified", r->verified != 0);
	cJSON_AddItemToArray(files, o);
}

/* What was touched is the update's own record: exact, and empty if nothing was. */
static enum cli_exit fail(struct job *j, int err)
{
	struct cli_touched touched = { j->result.touched_addr, j->result.touched_len };
	const struct cli_part *p = j->part;
	if (err == FAR_ERR_VERIFY)
		return cli_fail_target(j->c, j->t, err, &touched,
				       "wrote %s at 0x%" PRIx32 ", but from 0x%" PRIx32 " on",
				       p->path, p->addr, j->result.first_bad);
	return cli_fail_target(j->c, j->t, err, &touched, "writing %s at 0x%" PRIx32, p->path,
			       p->addr);
}

/* One file, from its first erase to its proof. */
static enum cli_exit write_part(struct job *j, cJSON *files)
{
	const struct far_update_config config = {
		.flash = j->t->flash,
		.addr = j->part->addr,
		.len = j->part->len,
		.read = job_read,
		.deflate = opt.no_compress ? NULL : job_deflate,
		.progress = job_progress,
		.ctx = j,
		.work = work,
		.work_len = FAR_UPDATE_SEGMENT_MAX,
		.diff = !opt.no_diff,
	};
	cli_progress_begin(j->c, &j->progress, "Writing", j->part->len);
	int err = far_update_run(&config, &j->result);
	if (!err)
		err = far_flash_sync(j->t->flash);
	double seconds = cli_progress_end(&j->progress);
	if (err)
		return fail(j, err);
	tell(j, seconds);
	record(j, files, seconds);
	return CLI_OK;
}

/* What there is to say for or against each file, and what is to change in it. */
static enum cli_exit prepare(struct cli *c, struct cli_target *t, struct cli_parts *parts)
{
	const struct far_esp_image_chip *chip = cli_firmware_target_chip(t);
	uint32_t sector = t->flash->info.sector_size;
	enum cli_exit code = cli_parts_resolve(c, t, parts);
	if (!code)
		code = cli_parts_to_sectors(c, parts, sector);
	for (size_t i = 0; i < parts->count && !code && !opt.force; i++)
		code = cli_firmware_check(c, t, &parts->list[i]);
	for (size_t i = 0; i < parts->count && !code; i++)
		code = cli_firmware_patch(c, chip, &parts->list[i], &opt.words, c->set->flash_size,
					  t->flash->info.size);
	return code ? code : cli_parts_check(c, t, parts, sector);
}

/* --encrypt: only where the chip's fuses say that it will be. */
static enum cli_exit set_encrypt(struct cli *c, struct cli_target *t)
{
	if (!opt.encrypt)
		return CLI_OK;
	int err = t->esp ? far_esp_set_encrypt(t->esp, 1) : FAR_ERR_NOTSUP;
	if (err == FAR_ERR_NOTSUP)
		return cli_fail(
			c, CLI_UNSUPPORTED,
			"--encrypt: only an ESP32-S2 or later chip, and an ESP32 by its stub "
			"(--stub), can encrypt what it writes");
	if (err == FAR_ERR_STATE)
		return cli_fail(c, CLI_UNSUPPORTED,
				"--encrypt: flash encryption is not enabled in the fuses of this "
				"chip; farflash get-security-info shows them");
	return err ? cli_fail_target(c, t, err, NULL, "cannot ask for encrypted writes") : CLI_OK;
}

/*
 * --erase-all: what was in the flash is not to survive, wherever it was. A run that is cut off and
 * repeated begins anew.
 */
static enum cli_exit erase_all(struct cli *c, struct cli_target *t)
{
	cJSON *into = c->result ? cJSON_AddObjectToObject(c->result, "erase_all") : NULL;
	return cli_erase(c, t, 0, t->flash->info.size, into);
}

/* Nothing is erased before all files have passed the check. The first failure ends the job. */
static enum cli_exit write_all(struct cli *c, struct cli_target *t, struct cli_parts *parts)
{
	cJSON *files = c->result ? cJSON_AddArrayToObject(c->result, "files") : NULL;
	enum cli_exit code = prepare(c, t, parts);
	if (!code)
		code = set_encrypt(c, t);
	if (!code && opt.erase_all)
		code = erase_all(c, t);
	for (size_t i = 0; i < parts->count && !code; i++) {
		struct job j = { .c = c, .t = t, .part = &parts->list[i] };
		code = write_part(&j, files);
		if (code && i > 0)
			fprintf(stderr, "farflash: the %zu file%s before %s complete\n", i,
				i > 1 ? "s" : "", i > 1 ? "are" : "is");
	}
	return code;
}

/*
 * Options that only say what is done anyhow (--compress, --verify) are taken and change nothing:
 * esptool has them.
 */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	return cli_parts_run(c, argc, argv, write_all);
}

static const struct cli_option options[] = {
	{ "no-compress", 'u', CLI_FLAG, &opt.no_compress, NULL, NULL,
	  "send the bytes as they are" },
	{ "compress", 'z', CLI_FLAG, &opt.compress, NULL, NULL, "send deflated (the default)" },
	{ "erase-all", 'e', CLI_FLAG, &opt.erase_all, NULL, NULL,
	  "erase the whole flash first, once all files have passed the check" },
	{ "no-diff", 0, CLI_FLAG, &opt.no_diff, NULL, NULL, "write what is right already, too" },
	CLI_FLASH_MODE_ROW(opt.words,
			   "into a bootloader's header: keep, qio, qout, dio, dout (keep)"),
	CLI_FLASH_FREQ_ROW(opt.words, "the same: keep, 80m, 40m, ... as the chip can (keep)"),
	{ "force", 0, CLI_FLAG, &opt.force, NULL, NULL,
	  "write an image of another chip or revision nevertheless" },
	{ "encrypt", 0, CLI_FLAG, &opt.encrypt, NULL, NULL,
	  "let the chip encrypt what it writes; cannot be verified" },
	{ "verify", 0, CLI_FLAG, &opt.verify, NULL, NULL, "compare digests after (the default)" },
	{ 0 },
};

const struct cli_command cli_write_flash = {
	.name = "write-flash",
	.arguments = "ADDR FILE [ADDR FILE ...]",
	.summary = "write files and verify them",
	.details =
		"Every ADDR is a multiple of the sector size (4096), or a partition: NAME or "
		"NAME+OFFSET. The sectors under a file are "
		"erased;\n"
		"what is right already is skipped, so a job that was cut off is completed by the\n"
		"same command. All files are read and checked before a byte is erased. Files in\n"
		"Intel hex are written where they say; ADDR is the lowest that is allowed.\n"
		"\n"
		"An image where the chip's ROM looks for it gets --flash-mode, --flash-freq and\n"
		"--flash-size (detect: what the flash tells) into its header, and a new hash. An\n"
		"image of another chip, or for another revision of it, is refused.\n",
	.options = options,
	.min_arguments = 2,
	.max_arguments = -1,
	.uses_stub = true,
	.run = run,
};
