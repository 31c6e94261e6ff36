/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board that a Linux process is: a mailbox file and standard input and output, and where asked
 * for an image file as a NOR flash. Linked with one core's program; FARFLASH_SIDE is its side.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/linux/process.h"
#include "farflash/board.h"
#include "port/linux/console.h"
#include "port/linux/shared.h"

#define PATIENCE_MS  10000u   /* time enough to start the other program by hand */
#define PATIENCE_MAX 3600000u /* an hour: milliseconds are added up in 32 bits */
#define WINDOW_LEN   65536u   /* 16 sectors in one request */

struct options {
	struct far_linux_shared_config shared;
	const char *flash;
	uint32_t rounds, patience_ms;
};

static void usage(FILE *to, const char *name)
{
	fprintf(to,
		"usage: %s --mailbox PATH [OPTION]...\n"
		"  --mailbox PATH   file that both cores' programs share; made if there is none\n"
		"  --side pro|app   the core to be; this program's own is %s\n"
		"  --rounds N       how often to repeat what repeats; 0: for ever (the default)\n"
		"  --flash FILE     NOR image that this core can reach\n"
		"  --window BYTES   shared memory for bulk data in a new mailbox file (%u)\n"
		"  --patience MS    how long to wait for the other core (%u)\n",
		name, FARFLASH_SIDE == 0 ? "pro" : "app", WINDOW_LEN, PATIENCE_MS);
}

/* Decimal, octal or 0x; all of the text. strtoull would take a minus for a huge number. */
static bool number(const char *option, const char *text, uint32_t min, uint32_t max,
		   uint32_t *value)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || v < min || v > max) {
		fprintf(stderr, "--%s '%s': not a number from %" PRIu32 " to %" PRIu32 "\n", option,
			text, min, max);
		return false;
	}
	*value = (uint32_t)v;
	return true;
}

/* The words are the sample's names of its two cores. */
static bool side(const char *text, uint32_t *value)
{
	if (strcmp(text, "pro") == 0 || strcmp(text, "app") == 0) {
		*value = text[0] == 'a';
		return true;
	}
	fprintf(stderr, "--side '%s': neither pro nor app\n", text);
	return false;
}

/* For linux_options. false: told, and the process ends. */
static bool option(void *ctx, int letter, const char *name)
{
	struct options *o = ctx;

	switch (letter) {
	case 'm':
		o->shared.path = optarg;
		return true;
	case 's':
		return side(optarg, &o->shared.side);
	case 'n':
		return number(name, optarg, 0, UINT32_MAX, &o->rounds);
	case 'f':
		o->flash = optarg;
		return true;
	case 'w':
		return number(name, optarg, 0, FAR_LINUX_WINDOW_MAX, &o->shared.window_len);
	case 'p':
		return number(name, optarg, 1, PATIENCE_MAX, &o->patience_ms);
	default:
		return false;
	}
}

/* 0, or what to exit with. */
static int read_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
		{ "mailbox", required_argument, NULL, 'm' },
		{ "side", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'n' },
		{ "flash", required_argument, NULL, 'f' },
		{ "window", required_argument, NULL, 'w' },
		{ "patience", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const struct linux_words words = { table, usage, option, o };
	int err = linux_options(&words, argc, argv);

	if (err != 0 || o->shared.path != NULL)
		return err;
	usage(stderr, argv[0]);
	return LINUX_USAGE;
}

/*
 * The board is put together, and the program is run on it; what it returns is what the process
 * exits with.
 */
static int run(const struct options *o, struct far_linux_shared *shared)
{
	struct far_linux_console console;
	struct linux_image image = { .die = NULL };
	struct far_board board = {
		.clock = &shared->clock.clock,
		.console = &console.stream,
		.mailbox = shared->mailbox,
		.window = shared->window,
		.window_len = shared->window_len, /* that of the file, if it was there already */
		.patience_ms = o->patience_ms,
		.rounds = o->rounds,
	};
	int result = 0;

	far_linux_console_init(&console, STDIN_FILENO, STDOUT_FILENO, &linux_cancel);
	if (o->flash != NULL) { /* else board.flash is NULL: a core that has to ask the other one */
		result = linux_open_image(&image, o->flash, board.clock);
		board.flash = &image.nor.flash;
	}
	if (result == 0)
		result = far_app_main(&board);
	linux_close_image(&image);
	return result;
}

/*
 * A mailbox that cannot be shared is told in words by the port: it knows which of its checks
 * failed.
 */
int main(int argc, char **argv)
{
	struct options o = {
		.shared = { .side = FARFLASH_SIDE,
			    .window_len = WINDOW_LEN,
			    .cancel = &linux_cancel },
		.patience_ms = PATIENCE_MS,
	};
	struct far_linux_shared shared;
	char text[512];
	int err;

	linux_begin();
	err = read_options(&o, argc, argv);
	if (err != 0)
		return err;
	err = far_linux_shared_open(&shared, &o.shared);
	if (err != FAR_OK) {
		fprintf(stderr, "%s\n",
			far_linux_shared_explain(&shared, &o.shared, err, text, sizeof(text)));
		return err == FAR_ERR_ARG ? LINUX_USAGE : LINUX_FILE;
	}
	err = run(&o, &shared);
	far_linux_shared_close(&shared);
	return err;
}
