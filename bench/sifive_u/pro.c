/* SPDX-License-Identifier: Apache-2.0 */
/* Hart 0: asks and waits for answers, counting; measures its own NOR; then serves it to hart 1. */
#include "bench/sifive_u/count.h"
#include "service/supervisor/supervisor.h"

#define DATA_MAX 256u

struct pro {
	struct far_mailbox mailbox;
	struct far_supervisor supervisor;
	struct far_supervisor_remote remote;
	_Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(DATA_MAX)];
	uint32_t piece[1024];
};

static const struct far_supervisor_grant grant = {
	.addr = FLASH_ADDR,
	.len = FLASH_LEN,
	.rights = FAR_SERVICE_MAY_READ | FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE,
};

static int trip(struct pro *p, uint32_t wait_ms)
{
	int rc = far_mailbox_send(&p->mailbox, BENCH_CHANNEL, p->piece, FAR_MAILBOX_DATA_MAX, 0);

	if (rc == FAR_OK)
		rc = far_mailbox_receive(&p->mailbox, BENCH_CHANNEL, p->piece, sizeof(p->piece),
					 wait_ms);
	return rc == (int)FAR_MAILBOX_DATA_MAX ? FAR_OK : FAR_ERR_TIMEOUT;
}

/* The first trip is when hart 1 has appeared. */
static int trips(struct pro *p, const struct far_board *board)
{
	uint32_t began;
	int err = FAR_ERR_TIMEOUT;

	for (uint32_t i = 0; i < 10 && err != FAR_OK; i++) {
		(void)far_mailbox_poll(&p->mailbox, board->patience_ms);
		err = trip(p, board->patience_ms);
	}
	began = count_now();
	for (uint32_t i = 0; i < TRIPS && err == FAR_OK; i++)
		err = trip(p, board->patience_ms);
	if (err == FAR_OK)
		count_say(board->console, "mailbox round trip 64 bytes", count_now() - began,
			  TRIPS);
	return err;
}

/* The next one is sent from the interrupt that brought the answer. */
struct volley {
	struct far_mailbox *mailbox;
	volatile uint32_t left;
	volatile bool failed;
};

static void returned(void *user)
{
	struct volley *v = user;
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4];

	while (far_mailbox_receive_whole(v->mailbox, BENCH_CHANNEL, message) > 0) {
		if (--v->left > 0 &&
		    far_mailbox_send_whole(v->mailbox, BENCH_CHANNEL, message) != FAR_OK)
			v->failed = true;
	}
}

static bool is_over(void *ctx)
{
	const struct volley *v = ctx;

	return v->left == 0 || v->failed;
}

/* As trips, in interrupt handlers on both sides, which otherwise sleep. */
static int volleys(struct pro *p, const struct far_board *board)
{
	struct volley v = { .mailbox = &p->mailbox, .left = TRIPS };
	uint32_t began = count_now();
	int err;

	(void)far_mailbox_set_enabled(&p->mailbox, true);
	far_bare_on_ring(returned, &v);
	err = far_mailbox_send_whole(&p->mailbox, BENCH_CHANNEL, p->piece);
	if (err == FAR_OK)
		count_sleep(is_over, &v);
	far_bare_on_ring(NULL, NULL);
	(void)far_mailbox_set_enabled(&p->mailbox, false);
	if (err == FAR_OK && v.left == 0)
		count_say(board->console, "mailbox round trip 64 bytes; in interrupt handlers",
			  count_now() - began, TRIPS);
	return v.left == 0 ? err : FAR_ERR_TIMEOUT;
}

static void ring_nobody(struct far_doorbell *d)
{
	(void)d;
}

/*
 * Both ends here, as the peers were measured: what the mailbox itself costs, without sleep and
 * doorbell.
 */
static int one_hart(struct pro *p, const struct far_board *board)
{
	static const struct far_doorbell_ops ops = { .ring = ring_nobody };
	static uint32_t region[FAR_MAILBOX_REGION_SIZE(8) / 4];
	static struct far_mailbox side[2];
	struct far_doorbell bell = { .ops = &ops };
	struct far_mailbox_config config = board->mailbox;
	uint32_t began;
	int rc = FAR_OK;

	config.region = region;
	config.region_size = sizeof(region);
	config.doorbell = &bell;
	for (config.side = 0; config.side < 2; config.side++)
		(void)far_mailbox_init(&side[config.side], &config);
	for (uint32_t i = 0; i < 6; i++)
		(void)far_mailbox_poll(&side[i % 2], 0);
	began = count_now();
	for (uint32_t i = 0; i < 2 * TRIPS && rc >= 0; i++) {
		rc = far_mailbox_send_whole(&side[i % 2], BENCH_CHANNEL, p->piece);
		if (rc == FAR_OK)
			rc = far_mailbox_receive_whole(&side[1 - i % 2], BENCH_CHANNEL, p->piece);
	}
	count_say(board->console, "mailbox round trip 64 bytes; both ends on one hart; no doorbell",
		  count_now() - began, TRIPS);
	return rc < 0 ? rc : FAR_OK;
}

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

int far_app_main(const struct far_board *board)
{
	static struct pro p;
	int err = board->flash ? far_mailbox_init(&p.mailbox, &board->mailbox) : FAR_ERR_ARG;

	if (err == FAR_OK)
		err = trips(&p, board);
	if (err == FAR_OK)
		err = volleys(&p, board);
	if (err == FAR_OK)
		err = one_hart(&p, board);
	if (err == FAR_OK)
		err = own_flash(&p, board);
	if (err == FAR_OK)
		err = serve(&p, board);
	return err == FAR_OK ? FAR_APP_DONE : FAR_APP_LOST;
}
