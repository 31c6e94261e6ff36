/* SPDX-License-Identifier: Apache-2.0 */
/*
 * APP_CPU: erases, writes and reads a flash that only the other core can reach. The lines are those
 * that scripts know the sample by, the spelling of "Verifing" included; only a failure says more.
 */
#include "app/flash_ipm/console.h"
#include "device/mailbox/mailbox.h"

#define TEST_LEN  4096u
#define PIECE_LEN 128u /* the pattern is 00 to 7f, so every piece is the same */

struct remote {
	const struct far_board *board;
	struct console console;
	struct far_mailbox mailbox;
	struct far_mailbox_flash flash;
};

/* Waits for the host for the board's patience, and as long for its answer. */
static int open_flash(struct remote *r)
{
	struct far_mailbox_flash_config config = {
		.mailbox = &r->mailbox,
		.clock = r->board->clock,
		.window = r->board->window,
		.window_len = r->board->window_len,
		.timeout_ms = r->board->patience_ms,
	};
	int err = far_mailbox_init(&r->mailbox, &r->board->mailbox);

	return err ? err : far_mailbox_flash_open(&r->flash, &config);
}

/* The end of the line that says what failed. */
static const char *remedy(int err)
{
	switch (err) {
	case FAR_ERR_TIMEOUT:
		return "; see whether the host CPU's program runs, and start this one again\n";
	case FAR_ERR_REFUSED:
		return "; the host CPU's program must grant the partition: read, write and erase\n";
	case FAR_ERR_RANGE:
		return "; the partition needs a flash of 4 MiB\n";
	case FAR_ERR_VERIFY:
		return "; the flash is worn out, protected, or in use by somebody else\n";
	default:
		return "; start both programs again\n";
	}
}

/*
 * The end of a step's line. Its result is the step's: the flash's failure, or else the console's.
 */
static int tell(struct remote *r, int err, uint32_t addr, const char *ok)
{
	if (err) {
		far_text_put(&r->console.text, "FAILED: ");
		console_put_fault(&r->console, err, addr);
		far_text_put(&r->console.text, remedy(err));
	}
	console_say(&r->console, err ? "" : ok);
	return err ? err : r->console.err;
}

/* Byte i of the test range is to be i & mask | blank. */
static int verify(struct remote *r, uint8_t mask, uint8_t blank)
{
	uint8_t there[PIECE_LEN];

	for (uint32_t at = 0; at < TEST_LEN; at += PIECE_LEN) {
		int err = far_flash_read(&r->flash.flash, STORAGE_ADDR + at, there, PIECE_LEN);
		if (err)
			return tell(r, err, r->flash.flash.fault.addr, "");
		for (uint32_t i = 0; i < PIECE_LEN; i++) {
			if (there[i] != ((i & mask) | blank))
				return tell(r, FAR_ERR_VERIFY, STORAGE_ADDR + at + i, "");
		}
	}
	return tell(r, FAR_OK, 0, "OK\n");
}

/* The first 4096 bytes of the partition, a page: then every byte must read as erased. */
static int erase(struct remote *r)
{
	int err;

	console_say(&r->console, "Step 1: Erase\n* Erasing first 4096 bytes of partition.. ");
	err = far_flash_erase(&r->flash.flash, STORAGE_ADDR, TEST_LEN);
	err = tell(r, err, r->flash.flash.fault.addr, "OK\n");
	if (err)
		return err;
	console_say(&r->console, "* Verifing page erased.. ");
	return verify(r, 0, r->flash.flash.info.erase_value);
}

/* "ascii" is the sample's word for 00 to 7f. Its line has no blank before the OK. */
static int write(struct remote *r)
{
	uint8_t pattern[PIECE_LEN];
	int err = FAR_OK;

	for (uint32_t i = 0; i < PIECE_LEN; i++)
		pattern[i] = (uint8_t)i;
	console_say(&r->console, "Step 2: Write\n* Write ascii pattern..");
	/* In pieces, so that this core needs no page of RAM; the sample never had one. */
	for (uint32_t at = 0; at < TEST_LEN && !err; at += PIECE_LEN)
		err = far_flash_write(&r->flash.flash, STORAGE_ADDR + at, pattern, PIECE_LEN);
	return tell(r, err, r->flash.flash.fault.addr, "OK\n");
}

/* The first step that fails is the last one. */
static int run_steps(struct remote *r)
{
	int err = erase(r);

	if (!err)
		err = write(r);
	if (err)
		return err;
	console_say(&r->console, "Step 3: Verify\n* Verifing pattern.. ");
	return verify(r, PIECE_LEN - 1, 0);
}

/* Silence is told with how long it lasted; anything else with its code. */
static int no_flash(struct remote *r, int err)
{
	struct far_text *text = &r->console.text;

	if (err == FAR_ERR_TIMEOUT) {
		far_text_put(text, "no flash supervisor on the host CPU within ");
		far_text_decimal(text, r->board->patience_ms);
		far_text_put(text, " ms; start its program, with the same mailbox\n");
	} else {
		far_text_put(text, "cannot reach the host CPU's flash: code -");
		far_text_decimal(text, (uint32_t)-err);
		far_text_put(text, " (");
		far_text_put(text, far_err_name(err));
		far_text_put(text, ")\n");
	}
	console_flush(&r->console);
	return err == FAR_ERR_TIMEOUT ? FAR_APP_NO_PEER : exit_of(err);
}

/* Before anything is tried, so that a remote that finds nobody is recognised by its console. */
static void greet(struct console *c)
{
	console_say(c, "Flash IPM sample program (remote CPU)\n\n");
	console_say(c, "This program is running on a remote CPU.\n");
	console_say(c, "Partition storage_partition will be used to perform flash API.\n\n");
	console_say(c, "To inspect the test area manually, run on HOST CPU console:\n");
	console_say(c, " $ flash read 3b0000 1000\n\n");
}

int far_app_main(const struct far_board *board)
{
	struct remote r;
	int err, result;

	r.board = board;
	console_init(&r.console, board);
	greet(&r.console);
	err = open_flash(&r);
	result = err ? no_flash(&r, err) : FAR_APP_DONE;
	if (!err) {
		result = exit_of(run_steps(&r));
		/* The host need not wait for a silence to know that this remote is done. */
		far_mailbox_stop(&r.mailbox);
	}
	console_say(&r.console, "\n");
	err = console_end(&r.console);
	return result == FAR_APP_DONE ? exit_of(err) : result;
}
