/* SPDX-License-Identifier: Apache-2.0 */
/* Man page and completions, made from the tables of commands and options as --help is. */
#ifndef FARFLASH_CLI_MANUAL_H
#define FARFLASH_CLI_MANUAL_H

#include "cli/cli.h"

/*
 * For man(1); to be sourced by bash; for a folder in zsh's fpath, as _farflash. Errors of out are
 * the caller's to look for.
 */
void cli_print_man(FILE *out);
void cli_print_bash(FILE *out);
void cli_print_zsh(FILE *out);

#endif
