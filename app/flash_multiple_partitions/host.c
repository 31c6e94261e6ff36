/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host programs another chip's flash over a serial line with files from its own SPIFFS: a
 * bootloader, a partition table and a program. The lines are those that scripts know the sample by;
 * beyond them it says that what was written was verified, and what the target prints when it
 * starts.
 *
 * The first thing that fails ends it. As long as anything is wrong on the host's side the target is
 * not touched.
 */
#include "app/flash_multiple_partitions/program.h"

static int refuse_board(struct program *p)
{
	const struct far_board *board = p->board;

	log_begin(&p->log, 'E', TAG);
	if (board->flash == NULL)
		far_text_put(&p->log.text,
			     "this board has no flash of its own: the files are in it");
	else if (board->target == NULL)
		far_text_put(&p->log.text, "this board has no line to a target: give it one");
	else
		far_text_put(&p->log.text, "no such target: it is esp32, esp32s2 or esp8266");
	log_end(&p->log);
	return FAR_APP_NO_BOARD;
}

/* One file, from its size to its proof. The session begins when the first one is at hand. */
static int program_one(struct program *p, uint32_t i)
{
	int result = files_open(p, &p->images[i]);

	if (result != FAR_APP_DONE)
		return result;
	log_number(&p->log, "Image size: ", p->images[i].size);
	if (i == 0)
		result = target_connect(p);
	return result == FAR_APP_DONE ? target_program(p, &p->images[i]) : result;
}

static int run(struct program *p)
{
	int result = files_mount(p);

	if (result == FAR_APP_DONE)
		result = files_plan(p);
	for (uint32_t i = 0; i < IMAGES && result == FAR_APP_DONE; i++)
		result = program_one(p, i);
	return result == FAR_APP_DONE ? target_start(p) : result;
}

int far_app_main(const struct far_board *board)
{
	struct program p;
	int err, result;

	p.board = board;
	p.kind = target_kind_of(board->target_name);
	log_init(&p.log, board);
	if (board->flash == NULL || board->target == NULL || p.kind == NULL)
		result = refuse_board(&p);
	else
		result = run(&p);
	err = log_close(&p.log);
	return result == FAR_APP_DONE ? target_exit(err) : result;
}
