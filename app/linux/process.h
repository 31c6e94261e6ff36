/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every board that is a Linux process has: descriptors, signals, and image files as NOR
 * flashes.
 */
#ifndef FARFLASH_APP_LINUX_PROCESS_H
#define FARFLASH_APP_LINUX_PROCESS_H

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "device/nor/nor.h"
#include "sim/nor/nor.h"

/* What the process exits with before there is a program: the numbers of the farflash command. */
#define LINUX_USAGE 2
#define LINUX_FILE  9

/* Set by SIGINT and SIGTERM. */
extern volatile sig_atomic_t linux_cancel;

/* The first thing in main. */
void linux_begin(void);

/* What a program can be told, for getopt_long. There may be a row "help" with 'h'. */
struct linux_words {
	const struct option *table;
	void (*usage)(FILE *to, const char *name);
	/*
	 * One option, its argument in optarg; false: it was not taken, and a line on stderr says
	 * why.
	 */
	bool (*take)(void *ctx, int letter, const char *name);
	void *ctx;
};

/*
 * Take all there are. 0, or LINUX_USAGE, said on stderr: an option is wrong, or something is left
 * that is none. Help asked for is no failure, and ends here.
 */
int linux_options(const struct linux_words *words, int argc, char **argv);

/* An image file behind the driver for real parts, so that NOR's rules hold for the file too. */
struct linux_image {
	struct far_sim_nor *die;
	struct far_sim_spi spi;
	struct far_nor nor; /* with clock only */
};

/*
 * Map the file, and lock it, for as long as the process lives. clock NULL: only the die, for a chip
 * of whose board it is a part; it takes its time. 0, or LINUX_FILE with a line on stderr.
 */
int linux_open_image(struct linux_image *i, const char *path, struct far_clock *clock);
/* Also where it was not opened, but cleared. */
void linux_close_image(struct linux_image *i);

#endif
