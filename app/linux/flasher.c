/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board of a Linux process that programs another chip: its own flash is an image file, its
 * console standard output, and its target a chip on a serial port or TCP connection, or a virtual
 * one on a line with reset and boot strap, in this same process. A virtual target has virtual time:
 * all the waiting costs nothing, and the times on the console are what they would have been.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/linux/process.h"
#include "farflash/board.h"
#include "port/linux/console.h"
#include "sim/clock/clock.h"
#include "sim/esp/esp.h"
#include "sim/line/line.h"

#define NO_PEER     3 /* as the farflash command: no connection */
#define BAUD        115200u
#define TCP_MS      5000u /* for the connection to be made */
#define PATIENCE_MS 10000u
#define SOCKET      "socket://"

struct options {
	const char *flash, *target, *port, *virtual_flash, *virtual_chip;
};

/* A chip with its flash, and the line to it. */
struct virtual_target {
	struct far_sim_clock clock;
	struct linux_image flash;
	struct far_sim_esp *esp;
	struct far_sim_line line;
};

static void usage(FILE *to, const char *name)
{
	fprintf(to,
		"usage: %s --flash FILE --port PORT|--virtual FILE [OPTION]...\n"
		"  --flash FILE          this host's flash, a NOR image\n"
		"  --target NAME         the chip to program: esp32 (the default), esp32s2, "
		"esp8266\n"
		"  --port PORT           where it is: /dev/ttyX or socket://HOST:PORT\n"
		"  --virtual FILE        or a virtual one, with FILE as its flash\n"
		"  --virtual-chip NAME   which that is (as --target)\n",
		name);
}

/* For linux_options: every letter of the table is one of these. */
static bool option(void *ctx, int letter, const char *name)
{
	struct options *o = ctx;

	(void)name;
	switch (letter) {
	case 'f':
		o->flash = optarg;
		break;
	case 't':
		o->target = optarg;
		break;
	case 'p':
		o->port = optarg;
		break;
	case 'v':
		o->virtual_flash = optarg;
		break;
	default:
		o->virtual_chip = optarg;
	}
	return true;
}

/* 0, or what to exit with. A target is either on a port or virtual. */
static int read_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
		{ "flash", required_argument, NULL, 'f' },
		{ "target", required_argument, NULL, 't' },
		{ "port", required_argument, NULL, 'p' },
		{ "virtual", required_argument, NULL, 'v' },
		{ "virtual-chip", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const struct linux_words words = { table, usage, option, o };
	int err = linux_options(&words, argc, argv);

	if (err != 0 || (o->flash != NULL && (o->port == NULL) != (o->virtual_flash == NULL)))
		return err;
	usage(stderr, argv[0]);
	return LINUX_USAGE;
}

/* The chip is powered up here; what runs on it, if anything, is in its flash. */
static int open_virtual(struct virtual_target *t, const struct options *o)
{
	struct far_sim_esp_config config = { .chip = o->virtual_chip };
	int err = linux_open_image(&t->flash, o->virtual_flash, NULL);

	if (err != 0)
		return err;
	if (config.chip == NULL)
		config.chip = o->target != NULL ? o->target : "esp32";
	config.nor = t->flash.die;
	far_sim_clock_init(&t->clock);
	t->esp = far_sim_esp_new(&config);
	if (t->esp == NULL) {
		fprintf(stderr, "no virtual chip '%s': esp32, esp32s2 and esp8266 are some\n",
			config.chip);
		return LINUX_USAGE;
	}
	return far_sim_line_init(&t->line, &t->clock, t->esp) == FAR_OK ? 0 : LINUX_FILE;
}

/* As far as it was opened; what was not is NULL. */
static void close_virtual(struct virtual_target *t)
{
	if (t->line.stream.ops != NULL)
		far_sim_line_free(&t->line);
	far_sim_esp_free(t->esp);
	linux_close_image(&t->flash);
}

/* 0, or what to exit with; told. */
static int open_port(struct far_linux_stream *s, const char *port)
{
	size_t prefix = strlen(SOCKET);
	int err = strncmp(port, SOCKET, prefix) == 0
			  ? far_linux_open_tcp(s, port + prefix, BAUD, TCP_MS, &linux_cancel)
			  : far_linux_open_serial(s, port, BAUD, &linux_cancel);

	if (err == FAR_OK)
		return 0;
	fprintf(stderr, "cannot open %s: %s\n", port,
		err == FAR_ERR_IO ? strerror(errno) : far_err_name(err));
	return NO_PEER;
}

static int run(const struct options *o, struct virtual_target *target,
	       struct far_linux_stream *port)
{
	struct far_linux_clock clock;
	struct far_linux_console console;
	struct linux_image image = { .die = NULL };
	struct far_board board = {
		.clock = &clock.clock,
		.console = &console.stream,
		.target = &port->stream,
		.target_name = o->target,
		.patience_ms = PATIENCE_MS,
	};
	int result = o->port != NULL ? open_port(port, o->port) : open_virtual(target, o);

	if (result != 0)
		return result;
	/*
	 * Everything on the virtual target's clock, or a wait of the program would not move its
	 * time.
	 */
	if (o->virtual_flash != NULL) {
		board.clock = &target->clock.clock;
		board.target = &target->line.stream;
	}
	far_linux_clock_init(&clock, &linux_cancel);
	far_linux_console_init(&console, -1, STDOUT_FILENO, &linux_cancel);
	result = linux_open_image(&image, o->flash, board.clock);
	board.flash = &image.nor.flash;
	if (result == 0)
		result = far_app_main(&board);
	linux_close_image(&image);
	return result;
}

/* What was opened is closed in any case; closing what was not does nothing. */
int main(int argc, char **argv)
{
	static struct far_linux_stream port;
	struct virtual_target target = { .esp = NULL };
	struct options o = { .flash = NULL };
	int err;

	linux_begin();
	err = read_options(&o, argc, argv);
	if (err != 0)
		return err;
	err = run(&o, &target, &port);
	close_virtual(&target);
	far_linux_close(&port);
	return err;
}
