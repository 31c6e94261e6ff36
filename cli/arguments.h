/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line with files of arguments taken in: @FILE stands for the words in FILE, as esptool
 * has it; the builds of ESP-IDF leave one behind (flash_args), with options, addresses and files.
 */
#ifndef FARFLASH_CLI_ARGUMENTS_H
#define FARFLASH_CLI_ARGUMENTS_H

#include "cli/cli.h"

#define CLI_ARGUMENTS_FILE_MAX 65536 /* bytes; the largest that a build makes has some hundred */

/* The new command line, and what it is made of. */
struct cli_arguments {
	int argc;
	char **argv; /* NULL-terminated */
	/* The texts of the files, in which their words lie. */
	size_t files;
	char **texts;
};

/*
 * argv with every @FILE before a "--" replaced by the words of that file. Words end at blanks and
 * line ends, '...' and "..." keep those, and a backslash takes the character behind it as it is,
 * but not in '...'; there are no comments, and @FILE in a file is a word like any other.
 * CLI_FILE: not to be read, too large, or a quote that never ends. Free a in either case; words
 * are part of it, and argv[] that stay as they were are not copied.
 */
enum cli_exit cli_arguments_expand(struct cli *c, struct cli_arguments *a, int argc, char **argv);
void cli_arguments_free(struct cli_arguments *a);

#endif
