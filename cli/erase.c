/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Erasing as every command does it that has to. The flash takes blocks of 64 KiB faster than the
 * same in sectors, so the pieces are blocks as far as the range has whole ones; between two of them
 * an interrupt is seen, and the bar moves.
 */
#include "cli/erase.h"

#include <inttypes.h>

#include "cli/progress.h"

#define PIECE 0x10000u /* a block of the flash; the largest erase command below the whole chip */

/* Up to the next block boundary, so that all pieces but the first and last are whole blocks. */
static uint32_t piece_at(uint32_t addr, uint32_t left)
{
	uint32_t n = PIECE - addr % PIECE;
	return n < left ? n : left;
}

/* What was touched is what is done, and what the failed piece says of itself. */
static enum cli_exit fail(struct cli *c, struct cli_target *t, int err, uint32_t addr,
			  uint32_t done)
{
	const struct far_flash_fault *fault = &t->flash->fault;
	uint32_t end = addr + done;
	if (fault->err && fault->touched_len && fault->touched_addr + fault->touched_len > end)
		end = fault->touched_addr + fault->touched_len;
	struct cli_touched touched = { addr, end - addr };
	return cli_fail_target(c, t, err, &touched, "erasing at 0x%" PRIx32, addr + done);
}

enum cli_exit cli_erase(struct cli *c, struct cli_target *t, uint32_t addr, uint32_t len,
			cJSON *into)
{
	struct cli_progress p;
	int err = FAR_OK;
	uint32_t done = 0;
	cli_progress_begin(c, &p, "Erasing", len);
	while (done < len && !err) {
		uint32_t n = piece_at(addr + done, len - done);
		err = cli_cancel ? FAR_ERR_CANCELLED : far_flash_erase(t->flash, addr + done, n);
		if (!err)
			done += n;
		cli_progress_update(&p, done);
	}
	if (!err)
		err = far_flash_sync(t->flash);
	double seconds = cli_progress_end(&p);
	if (err)
		return fail(c, t, err, addr, done);
	cli_say(c, "Erased %" PRIu32 " bytes at 0x%" PRIx32 " in %.1f s", len, addr, seconds);
	if (into) {
		cJSON_AddNumberToObject(into, "addr", addr);
		cJSON_AddNumberToObject(into, "len", len);
		cJSON_AddNumberToObject(into, "seconds", seconds);
	}
	return CLI_OK;
}
