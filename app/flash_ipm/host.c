/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PRO_CPU: owns the flash, serves storage_partition of it to the other core, and answers the flash
 * shell's commands on its console, between one piece of the other core's work and the next.
 *
 * It ends on `exit`, when the console's input ends, or when the port says stop. A console whose
 * input ends before anything was typed has nobody behind it: then this core goes on serving. What
 * is typed is shown by the console itself, as a terminal does it; lines end in \n or \r.
 */
#include <stdbool.h>

#include "app/flash_ipm/console.h"
#include "service/flash_shell/flash_shell.h"
#include "service/supervisor/supervisor.h"

#define PROMPT       "uart:~$ "
#define DATA_MAX     256u /* bytes of an inline request */
#define SHELL_BUF    256u
#define TYPED_MAX    255u
#define LISTEN_MS    20u /* to the remote, before keys are looked at */
#define STREAM_MS    500u
#define KEYS_AT_ONCE 64u

struct host {
	struct console console;
	struct far_mailbox mailbox;
	struct far_supervisor supervisor;
	struct far_supervisor_remote remote;
	struct far_flash_shell shell;
	bool typed_any, over;
	uint32_t typed; /* characters of the line so far; TYPED_MAX + 1: too many */
	char line[TYPED_MAX];
	uint8_t shell_buf[SHELL_BUF];
	_Alignas(4) uint8_t remote_buf[FAR_SUPERVISOR_BUF(DATA_MAX)];
};

/* The remote may do anything there and nothing elsewhere: the rest of the flash holds programs. */
static const struct far_supervisor_grant grant = {
	.addr = STORAGE_ADDR,
	.len = STORAGE_LEN,
	.rights = FAR_SERVICE_MAY_READ | FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE,
};

/* The shell's output. */
static int print(void *ctx, const char *text, size_t len)
{
	struct host *h = ctx;
	const uint8_t *bytes = (const uint8_t *)text;

	if (h->console.err == FAR_OK)
		h->console.err = h->console.stream->ops->write(h->console.stream, bytes, len);
	return h->console.err;
}

/* A long command of the shell does not keep the remote waiting. */
static int between(void *ctx)
{
	struct host *h = ctx;

	far_supervisor_step(&h->supervisor);
	return FAR_OK;
}

/* Not a command of the flash shell: what it ends is this program's business. */
static bool is_exit(const struct host *h)
{
	static const char word[] = { 'e', 'x', 'i', 't' };
	uint32_t i = 0;

	while (i < sizeof(word) && i < h->typed && h->line[i] == word[i])
		i++;
	return i == sizeof(word) && h->typed == sizeof(word);
}

/* What becomes of a command is told on the console; it never ends the supervisor. */
static void run_line(struct host *h)
{
	if (h->typed > TYPED_MAX)
		console_say(&h->console, "more than 255 characters: give shorter lines\n");
	else if (is_exit(h))
		h->over = true;
	else
		(void)far_flash_shell_run(&h->shell, h->line, h->typed);
	h->typed = 0;
	if (!h->over)
		console_say(&h->console, PROMPT);
}

/* Backspace for consoles that hand every key on; a terminal that edits by itself sends none. */
static void key(struct host *h, uint8_t c)
{
	if (c == '\n' || c == '\r') {
		run_line(h);
	} else if (c == '\b' || c == 0x7F) {
		h->typed -= h->typed > 0 && h->typed <= TYPED_MAX;
	} else if (h->typed < TYPED_MAX) {
		h->line[h->typed++] = (char)c;
	} else {
		h->typed = TYPED_MAX + 1;
	}
}

/* FAR_OK to go on. Asked also when there is nothing more to read: a stop comes this way. */
static int take_keys(struct host *h)
{
	uint8_t keys[KEYS_AT_ONCE];
	int n = h->console.stream->ops->read(h->console.stream, keys, sizeof(keys), 0);

	if (n == FAR_ERR_IO) {
		/* A pipe that is used up ends the program; /dev/null does not. */
		h->over = h->typed_any;
		return FAR_OK;
	}
	for (int i = 0; i < n && !h->over; i++) {
		h->typed_any = true;
		key(h, keys[i]);
	}
	return n < 0 ? n : h->console.err;
}

/* Nothing waits here: the remote may come at any time. */
static int start(struct host *h, const struct far_board *board)
{
	const struct far_supervisor_config config = {
		.flash = board->flash,
		.clock = board->clock,
		.ops = far_supervisor_all,
		.hold_ms = STREAM_MS,
	};
	const struct far_supervisor_remote_config remote = {
		.mailbox = &h->mailbox,
		.grants = &grant,
		.grant_count = 1,
		.buf = h->remote_buf,
		.data_max = DATA_MAX,
		.window = board->window,
		.window_len = board->window_len,
	};
	int err = far_mailbox_init(&h->mailbox, &board->mailbox);

	h->shell = (struct far_flash_shell){
		.flash = board->flash,
		.clock = board->clock,
		.buf = h->shell_buf,
		.buf_len = SHELL_BUF,
		.print = print,
		.between = between,
		.ctx = h,
	};
	if (!err)
		err = far_supervisor_init(&h->supervisor, &config);
	return err ? err : far_supervisor_add_remote(&h->supervisor, &h->remote, &remote);
}

/* One context does both jobs: neither the mailbox nor the flash needs a lock. */
static int serve(struct host *h)
{
	int err = FAR_OK;

	console_say(&h->console, PROMPT);
	while (!err && !h->over) {
		far_supervisor_wait(&h->supervisor, LISTEN_MS);
		err = take_keys(h);
	}
	far_mailbox_stop(&h->mailbox);
	return err;
}

/* What is wrong with the board, before anything was served. */
static int refuse(struct host *h, const struct far_board *board, int err)
{
	struct far_text *text = &h->console.text;

	if (!board->flash) {
		far_text_put(text, "this core has no flash to serve: give it one of 4 MiB");
	} else if (err == FAR_ERR_RANGE) {
		far_text_put(text, "storage_partition ends at 0x");
		far_text_hex(text, STORAGE_ADDR + STORAGE_LEN, 0);
		far_text_put(text, ", the flash at 0x");
		far_text_hex(text, board->flash->info.size, 0);
		far_text_put(text, ": give one of 4 MiB");
	} else {
		far_text_put(text, "cannot serve: ");
		console_put_fault(&h->console, err, 0);
	}
	console_say(&h->console, "\n");
	return FAR_APP_NO_BOARD;
}

int far_app_main(const struct far_board *board)
{
	struct host h;
	int err;

	h.typed_any = h.over = false;
	h.typed = 0;
	console_init(&h.console, board);
	err = board->flash ? start(&h, board) : FAR_ERR_ARG;
	if (err)
		return refuse(&h, board, err);
	err = serve(&h);
	if (!err)
		err = console_end(&h.console);
	return exit_of(err);
}
