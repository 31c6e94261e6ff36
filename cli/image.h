/* SPDX-License-Identifier: Apache-2.0 */
/* A flash image file, mapped so that every change reaches the file at once, and locked. */
#ifndef FARFLASH_CLI_IMAGE_H
#define FARFLASH_CLI_IMAGE_H

#include "cli/cli.h"

/* What sim/nor can be: see sim/nor/nor.h. */
#define CLI_IMAGE_MIN (64u << 10)
#define CLI_IMAGE_MAX (256u << 20)

struct cli_image {
	const char *path; /* as the user wrote it, for messages */
	int fd;
	uint8_t *memory;
	uint32_t size;
};

/*
 * Map the file. size 0: the file must exist, and its length is the size; else a file that is absent
 * is created, erased (0xFF), and one that exists must have that size. The size is a power of two
 * from CLI_IMAGE_MIN to CLI_IMAGE_MAX. Nobody else can open it until it is closed. CLI_FILE: not to
 * be opened, in use, of another size, or no room on the disk for all of it; nothing is left open
 * then, nor of a file that was made.
 */
enum cli_exit cli_image_open(struct cli *c, struct cli_image *image, const char *path,
			     uint32_t size);

/* The same in memory only, erased: it is gone when it is closed. CLI_FILE: not so much memory. */
enum cli_exit cli_image_make(struct cli *c, struct cli_image *image, uint32_t size);

/* Read a size such as "4M" or "4MB" and check it against the limits above: CLI_USAGE. */
enum cli_exit cli_image_size(struct cli *c, const char *text, uint32_t *size);

/* From now on a mapped file that somebody cuts short ends the process with CLI_FILE, and a word. */
void cli_image_catch_sigbus(void);

/*
 * Write back what is not yet on the disk, unmap and unlock. If the disk does not take it the run
 * has failed with CLI_FILE, whatever the job has said: see cli_fail.
 */
void cli_image_close(struct cli *c, struct cli_image *image);

#endif
