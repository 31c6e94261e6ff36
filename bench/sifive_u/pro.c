/* SPDX-License-Identifier: Apache-2.0 */
/* Hart 0: asks and waits for answers, counting; measures its own NOR; then serves it to hart 1. */
#include "bench/board/count.h"
#include "bench/board/trips.h"
#include "bench/sifive_u/range.h"
#include "service/supervisor/supervisor.h"

#define DATA_MAX 256u

struct pro {
	struct far_mailbox mailbox;
	struct far_supervisor supervisor;
	struct far_supervisor_remote remote;
	_Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(DATA_MAX)];
	uint32_t piece[1024];
};

/* What hart 1 measures with, and nothing beside it. */
static const struct far_supervisor_grant grant = {
	.addr = FLASH_ADDR,
	.len = FLASH_LEN,
	.rights = FAR_SERVICE_MAY_READ | FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE,
};

/* The same work without a mailbox: what is left of the service's figures is the service. */
static int own_flash(struct pro *p, const struct far_board *board)
{
	uint8_t *bytes = (uint8_t *)p->piece;
	uint32_t began = count_now();
	int err = far_flash_erase(board->flash, FLASH_ADDR, sizeof(p->piece));

	count_say(board->console, "own NOR erase per sector", count_now() - began, 1);
	began = count_now();
	if (err == FAR_OK)
		err = far_flash_write(board->flash, FLASH_ADDR, bytes, sizeof(p->piece));
	count_say(board->console, "own NOR program per byte", count_now() - began,
		  sizeof(p->piece));
	began = count_now();
	if (err == FAR_OK)
		err = far_flash_read(board->flash, FLASH_ADDR, bytes, sizeof(p->piece));
	count_say(board->console, "own NOR read per byte", count_now() - began, sizeof(p->piece));
	return err;
}

/* Until hart 1 is done with this, which it says by leaving its session. */
static int serve(struct pro *p, const struct far_board *board)
{
	const struct far_supervisor_config config = { .flash = board->flash,
						      .clock = board->clock,
						      .ops = far_supervisor_all };
	const struct far_supervisor_remote_config remote = {
		.mailbox = &p->mailbox,
		.grants = &grant,
		.grant_count = 1,
		.buf = p->queue,
		.data_max = DATA_MAX,
		.window = board->window,
		.window_len = board->window_len,
	};
	uint32_t session = far_mailbox_session(&p->mailbox);
	int err = far_supervisor_init(&p->supervisor, &config);

	if (err == FAR_OK)
		err = far_supervisor_add_remote(&p->supervisor, &p->remote, &remote);
	while (err == FAR_OK && far_mailbox_session(&p->mailbox) == session)
		(void)far_supervisor_wait(&p->supervisor, board->patience_ms);
	return err;
}

/* In the order in which hart 1 expects it: trips, then the flash. */
int far_app_main(const struct far_board *board)
{
	static struct pro p;
	int err = board->flash ? far_mailbox_init(&p.mailbox, &board->mailbox) : FAR_ERR_ARG;

	if (err == FAR_OK)
		err = trips_ask(&p.mailbox, board);
	if (err == FAR_OK)
		err = trips_alone(
			board, "mailbox round trip 64 bytes; both ends on one hart; no doorbell");
	if (err == FAR_OK)
		err = own_flash(&p, board);
	if (err == FAR_OK)
		err = serve(&p, board);
	return err == FAR_OK ? FAR_APP_DONE : FAR_APP_LOST;
}
