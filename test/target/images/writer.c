/* SPDX-License-Identifier: Apache-2.0 */
/*
 * APP_CPU: brings storage_partition to one generation of content (board->rounds), by the update job
 * over the mailbox, a sector at a time, however often the other core goes away meanwhile.
 */
#include "core/text.h"
#include "device/mailbox/mailbox.h"
#include "farflash/board.h"
#include "service/update/update.h"
#include "test/target/images/content.h"

#define TRIES 1000u

struct writer {
	const struct far_board *board;
	struct far_mailbox mailbox;
	struct far_mailbox_flash flash;
	uint8_t work[CONTENT_SECTOR];
	uint32_t told;
};

static void say(struct writer *w, const char *words, uint32_t number)
{
	char line[64];
	struct far_text text = { .at = line, .cap = sizeof(line) };

	far_text_put(&text, words);
	far_text_decimal(&text, number);
	far_text_put(&text, "\n");
	(void)w->board->console->ops->write(w->board->console, (const uint8_t *)line, text.len);
}

static int source(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	struct writer *w = ctx;

	for (uint32_t i = 0; i < len; i++)
		buf[i] = content(w->board->rounds, offset + i);
	return FAR_OK;
}

static int progress(void *ctx, const struct far_update_result *so_far)
{
	struct writer *w = ctx;

	if (so_far->written != w->told)
		say(w, "written: ", so_far->written);
	w->told = so_far->written;
	return 0;
}

static int bring(struct writer *w)
{
	const struct far_update_config job = {
		.flash = &w->flash.flash,
		.addr = CONTENT_ADDR,
		.len = CONTENT_LEN,
		.read = source,
		.progress = progress,
		.ctx = w,
		.work = w->work,
		.work_len = sizeof(w->work),
		.diff = 1,
	};
	struct far_update_result result;
	int err = far_update_run(&job, &result);

	if (err != FAR_OK)
		return err;
	say(w, "skipped: ", result.skipped);
	return result.verified ? FAR_OK : FAR_ERR_VERIFY;
}

int far_app_main(const struct far_board *board)
{
	static struct writer w;
	struct far_mailbox_flash_config config = {
		.mailbox = &w.mailbox,
		.clock = board->clock,
		.window = board->window,
		.window_len = board->window_len,
		.timeout_ms = board->patience_ms,
	};
	uint32_t tries = 0;
	int err = far_mailbox_init(&w.mailbox, &board->mailbox);

	w.board = board;
	while (err == FAR_OK || (err == FAR_ERR_TIMEOUT && tries < TRIES)) {
		tries++;
		err = far_mailbox_flash_open(&w.flash, &config);
		if (err == FAR_OK)
			err = bring(&w);
		if (err == FAR_OK)
			break;
	}
	say(&w, "tries: ", tries);
	say(&w, "result: ", (uint32_t)-err);
	return err == FAR_OK ? FAR_APP_DONE : FAR_APP_REFUSED;
}
