/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash verify-flash: does the flash hold these files? By digests where the flash's side can
 * compute them, so that a megabyte costs some bytes on the line; by reading where it cannot. The
 * words for an image's header are applied to the file first, as write-flash did, or what it wrote
 * would differ.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/firmware.h"
#include "cli/progress.h"
#include "service/update/update.h"

static struct cli_flash_words words;
static struct {
	bool diff;
} opt;

struct job {
	struct cli *c;
	const struct cli_part *part;
	cJSON *list;        /* --json: of what differs, else NULL */
	uint32_t runs, len; /* that differ: how many, of how many bytes */
	struct cli_progress progress;
};

static uint8_t work[FAR_UPDATE_SEGMENT_MAX];

static int job_read(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	const struct job *j = ctx;
	return cli_part_read(j->part, offset, buf, len);
}

/* Not 0 ends the job: an interrupt. */
static int job_progress(void *ctx, const struct far_update_result *so_far)
{
	struct job *j = ctx;
	cli_progress_update(&j->progress, so_far->done);
	return cli_cancel != 0;
}

/* A run of sectors that differs, told at once: reading all of a large flash takes long. */
static int job_differs(void *ctx, uint32_t addr, uint32_t len)
{
	struct job *j = ctx;
	j->runs++;
	j->len += len;
	cli_say(j->c, "differs: 0x%08" PRIx32 " to 0x%08" PRIx32 ", %" PRIu32 " bytes", addr,
		addr + len - 1, len);
	if (j->list) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "addr", addr);
		cJSON_AddNumberToObject(o, "len", len);
		cJSON_AddItemToArray(j->list, o);
	}
	return 0;
}

/* One list for all files; NULL: it is not asked for. */
static cJSON *list_of_differences(struct cli *c)
{
	if (!opt.diff || !c->result)
		return NULL;
	cJSON *list = cJSON_GetObjectItem(c->result, "differs");
	return list ? list : cJSON_AddArrayToObject(c->result, "differs");
}

/* Nothing is changed, so there is nothing to say about what was touched. */
static enum cli_exit verify_part(struct cli *c, struct cli_target *t, const struct cli_part *part)
{
	struct job j = { .c = c, .part = part, .list = list_of_differences(c) };
	struct far_update_result result = { 0 };
	const struct far_update_config config = {
		.flash = t->flash,
		.addr = part->addr,
		.len = part->len,
		.read = job_read,
		.progress = job_progress,
		.differs = opt.diff ? job_differs : NULL,
		.ctx = &j,
		.work = work,
		.work_len = sizeof(work),
	};
	cli_progress_begin(c, &j.progress, "Verifying", part->len);
	int err = far_update_verify(&config, &result);
	cli_progress_end(&j.progress);
	if (err == FAR_ERR_VERIFY && opt.diff)
		return cli_fail_target(c, t, err, NULL,
				       "%s at 0x%" PRIx32 " differs in %" PRIu32
				       " places, sectors with %" PRIu32 " bytes in all",
				       part->path, part->addr, j.runs, j.len);
	if (err == FAR_ERR_VERIFY)
		return cli_fail_target(c, t, err, NULL,
				       "%s at 0x%" PRIx32
				       " differs, first in the sector at 0x%" PRIx32,
				       part->path, part->addr, result.first_bad);
	if (err)
		return cli_fail_target(c, t, err, NULL, "verifying %s at 0x%" PRIx32, part->path,
				       part->addr);
	cli_say(c, "Verified %" PRIu32 " bytes of %s at 0x%" PRIx32, part->len, part->path,
		part->addr);
	return CLI_OK;
}

/*
 * Alignment 1 and overlaps are fine: only looking. A chip that can show nothing at all is told as
 * that, not as a flash that differs.
 */
static enum cli_exit verify_all(struct cli *c, struct cli_target *t, struct cli_parts *parts)
{
	const struct far_esp_image_chip *chip = cli_firmware_target_chip(t);
	enum cli_exit code = cli_parts_resolve(c, t, parts);
	if (!code)
		code = cli_parts_check(c, t, parts, 1);
	for (size_t i = 0; i < parts->count && !code; i++)
		code = cli_firmware_patch(c, chip, &parts->list[i], &words, c->set->flash_size,
					  t->flash->info.size);
	if (!code && !(t->flash->info.caps & (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST)))
		code = cli_fail(c, CLI_UNSUPPORTED,
				"the loader of this chip can neither read its flash nor compute a "
				"digest of it: nothing can be verified");
	/* With --diff a file that differs does not hide the others; the first failure is kept. */
	for (size_t i = 0; i < parts->count && (!code || (opt.diff && code == CLI_MISMATCH)); i++) {
		enum cli_exit one = verify_part(c, t, &parts->list[i]);
		code = code && !one ? code : one;
	}
	if (!code && c->result)
		cJSON_AddNumberToObject(c->result, "verified", (double)parts->count);
	return code;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	return cli_parts_run(c, argc, argv, verify_all);
}

static const struct cli_option options[] = {
	{ "diff", 'd', CLI_FLAG, &opt.diff, NULL, NULL, "list all sectors that differ" },
	CLI_FLASH_MODE_ROW(words, "as it was given to write-flash (keep)"),
	CLI_FLASH_FREQ_ROW(words, "as it was given to write-flash (keep)"),
	{ 0 },
};

const struct cli_command cli_verify_flash = {
	.name = "verify-flash",
	.arguments = "ADDR FILE [ADDR FILE ...]",
	.summary = "compare the flash with files",
	.details = "Any ADDR, or a partition: NAME or NAME+OFFSET. Exit code 7 if something "
		   "differs. The ESP8266's loader can neither\n"
		   "read nor digest: exit code 8.\n",
	.options = options,
	.min_arguments = 2,
	.max_arguments = -1,
	.uses_stub = true,
	.run = run,
};
