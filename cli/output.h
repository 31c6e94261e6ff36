/* SPDX-License-Identifier: Apache-2.0 */
/* A file that comes into being whole or not at all. */
#ifndef FARFLASH_CLI_OUTPUT_H
#define FARFLASH_CLI_OUTPUT_H

#include "cli/cli.h"

struct cli_output {
	const char *name; /* as the user wrote it */
	FILE *file;       /* write here */
	char *path;       /* with symbolic links followed */
	char *temporary;  /* what is written until all is there; NULL: written directly */
};

/*
 * The data will go to name. For "-" stdout is theirs from now on, and text goes to stderr: so this
 * comes before anything is said. CLI_USAGE: --json wants stdout, too; or name is empty.
 */
enum cli_exit cli_output_claim(struct cli *c, const char *name);
/*
 * Claim it, and open it. A regular file is written beside its place and put there by
 * cli_output_finish, with the owner and mode of the one that it replaces, as far as that is
 * allowed; anything else (a device, a pipe) is written directly. A file that a farflash has as its
 * flash is refused, here or by cli_output_finish. Close o only after CLI_OK.
 */
enum cli_exit cli_output_open(struct cli *c, struct cli_output *o, const char *name);
/*
 * A write to o->file failed, errno says why: CLI_FILE. Or an interrupt ended it: CLI_INTERRUPTED.
 */
enum cli_exit cli_output_failed(struct cli *c, const struct cli_output *o);
/* All is written: put it on the disk and in its place. */
enum cli_exit cli_output_finish(struct cli *c, struct cli_output *o);
/* In any case at the end. Removes what is unfinished. */
void cli_output_close(struct cli_output *o);

#endif
