/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that a person types to look at any flash and to try it out, as the flash shell of Zephyr
 * has them: read, erase, write, test, page_info, read_test, erase_test, write_test, copy, help.
 *
 *   flash read 3b0000 100
 *
 * All numbers are hexadecimal, with or without 0x, up to ffffffff. What is said about success is
 * said in Zephyr's words, as scripts wait for them; what is said about a failure begins with them
 * and goes on with the value, its limit and what to do.
 *
 * Freestanding. Lines come from where the caller has them, output goes where the caller wants it;
 * editing, history, echo and prompt are the caller's.
 */
#ifndef FARFLASH_SERVICE_FLASH_SHELL_H
#define FARFLASH_SERVICE_FLASH_SHELL_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/flash.h"

#define FAR_FLASH_SHELL_BUF_MIN    64u
#define FAR_FLASH_SHELL_REPEAT_MAX 0x10000u

/* Filled in by the caller; nothing is kept here between two lines. */
struct far_flash_shell {
	struct far_flash *flash;
	struct far_clock
		*clock; /* for the rates of the tests; a read is timed from call to return */
	/*
	 * For data on its way: a multiple of FAR_FLASH_SHELL_BUF_MIN bytes. Reads and writes come
	 * in pieces of this; `flash write` takes at most buf_len / 4 words.
	 */
	uint8_t *buf;
	uint32_t buf_len;
	/* len characters for the user, in whole lines. Not FAR_OK: the command ends with that. */
	int (*print)(void *ctx, const char *text, size_t len);
	/*
	 * Optional: called between the pieces of a long command (a sector erased, a buffer read or
	 * written). It may use the flash, as others that share it want to. Not FAR_OK: the
	 * command ends with that.
	 */
	int (*between)(void *ctx);
	void *ctx;
};

/*
 * Do what a line of len characters says; blanks around and between words do not count, nor does a
 * line end. The user is told of everything, failures included. Takes as long as the flash takes.
 *
 * FAR_OK, also for an empty line. FAR_ERR_ARG: no such command, or its arguments are not as they
 * must be. FAR_ERR_RANGE, FAR_ERR_ALIGN: they do not suit this flash. In these cases the flash was
 * not touched. FAR_ERR_VERIFY: it does not hold what was written. Else the flash's error, with
 * flash->fault, or that of print or between.
 */
int far_flash_shell_run(const struct far_flash_shell *s, const char *line, size_t len);

#endif
