/* SPDX-License-Identifier: Apache-2.0 */
/* Hart 1: answers, then uses hart 0's flash, inline and through the window, counting. */
#include "bench/sifive_u/count.h"
#include "device/mailbox/mailbox.h"

struct app {
	struct far_mailbox mailbox;
	struct far_mailbox_flash flash;
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4];
	uint8_t bytes[FLASH_LEN];
};

static int answer(struct app *a, const struct far_board *board)
{
	int err = FAR_OK;

	for (uint32_t i = 0; i < TRIPS + 1 && err == FAR_OK; i++) {
		int len = far_mailbox_receive(&a->mailbox, BENCH_CHANNEL, a->message,
					      sizeof(a->message), board->patience_ms);

		err = len < 0 ? len
			      : far_mailbox_send(&a->mailbox, BENCH_CHANNEL, a->message,
						 (size_t)len, board->patience_ms);
	}
	return err;
}

/* As answer, from the interrupt; until the other side goes on to something else. */
struct echo {
	struct far_mailbox *mailbox;
	volatile uint32_t left;
};

static void echo(void *user)
{
	struct echo *e = user;
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4];

	while (far_mailbox_receive_whole(e->mailbox, BENCH_CHANNEL, message) > 0) {
		if (far_mailbox_send_whole(e->mailbox, BENCH_CHANNEL, message) == FAR_OK)
			e->left--;
	}
}

static bool is_over(void *ctx)
{
	return ((const struct echo *)ctx)->left == 0;
}

static void echo_all(struct app *a)
{
	struct echo e = { .mailbox = &a->mailbox, .left = TRIPS };

	(void)far_mailbox_set_enabled(&a->mailbox, true);
	far_bare_on_ring(echo, &e);
	count_sleep(is_over, &e);
	far_bare_on_ring(NULL, NULL);
	(void)far_mailbox_set_enabled(&a->mailbox, false);
}

static int measure(struct app *a, const struct far_board *board, uint32_t window_len,
		   const char *const names[3])
{
	const struct far_mailbox_flash_config config = {
		.mailbox = &a->mailbox,
		.clock = board->clock,
		.window = window_len > 0 ? board->window : NULL,
		.window_len = window_len,
		.timeout_ms = board->patience_ms,
	};
	struct far_flash *flash = &a->flash.flash;
	int err = far_mailbox_flash_open(&a->flash, &config);
	uint32_t began = count_now();

	if (err == FAR_OK)
		err = far_flash_erase(flash, FLASH_ADDR, FLASH_LEN);
	count_say(board->console, names[0], count_now() - began, FLASH_LEN / 4096);
	began = count_now();
	if (err == FAR_OK)
		err = far_flash_write(flash, FLASH_ADDR, a->bytes, FLASH_LEN);
	count_say(board->console, names[1], count_now() - began, FLASH_LEN);
	began = count_now();
	if (err == FAR_OK)
		err = far_flash_read(flash, FLASH_ADDR, a->bytes, FLASH_LEN);
	count_say(board->console, names[2], count_now() - began, FLASH_LEN);
	return err;
}

int far_app_main(const struct far_board *board)
{
	static const char *const plain[3] = { "flash service erase per sector",
					      "flash service inline write per byte",
					      "flash service inline read per byte" };
	static const char *const window[3] = { "flash service erase per sector with window",
					       "flash service window write per byte",
					       "flash service window read per byte" };
	static struct app a;
	int err = far_mailbox_init(&a.mailbox, &board->mailbox);

	if (err == FAR_OK)
		err = answer(&a, board);
	if (err == FAR_OK)
		echo_all(&a);
	if (err == FAR_OK)
		err = measure(&a, board, 0, plain);
	if (err == FAR_OK)
		err = measure(&a, board, board->window_len, window);
	far_mailbox_stop(&a.mailbox);
	return err == FAR_OK ? FAR_APP_DONE : FAR_APP_LOST;
}
