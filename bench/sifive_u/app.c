/* SPDX-License-Identifier: Apache-2.0 */
/* Hart 1: answers, then uses hart 0's flash, inline and through the window, counting. */
#include "bench/board/count.h"
#include "bench/board/trips.h"
#include "bench/sifive_u/range.h"
#include "device/mailbox/mailbox.h"

struct app {
	struct far_mailbox mailbox;
	struct far_mailbox_flash flash;
	uint8_t bytes[FLASH_LEN];
};

/*
 * Erased, written, read: one range, so that each row is about the same bytes. names: of the three
 * rows.
 */
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

/* Inline first, then the window: a second opening, as a program has one or the other. */
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
		err = trips_answer(&a.mailbox, board);
	if (err == FAR_OK)
		err = measure(&a, board, 0, plain);
	if (err == FAR_OK)
		err = measure(&a, board, board->window_len, window);
	far_mailbox_stop(&a.mailbox);
	return err == FAR_OK ? FAR_APP_DONE : FAR_APP_LOST;
}
