/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values for the options of all commands that are not on the command line. Each source goes before
 * the ones above it:
 *   $XDG_CONFIG_HOME/farflash.conf, or ~/.config/farflash.conf
 *   ./farflash.conf
 *   the environment: ESPTOOL_PORT, _BAUD, _CHIP, _BEFORE and _AFTER, then FARFLASH_PORT,
 *   FARFLASH_BAUD and so on, one for each option the command line
 * $FARFLASH_CONFIG names the one file to read instead of both; if it is empty, there is none.
 */
#ifndef FARFLASH_CLI_CONFIG_H
#define FARFLASH_CLI_CONFIG_H

#include "cli/cli.h"

#define CLI_CONFIG_LINE_MAX 1024 /* characters */

/*
 * Read all of them into the options' places, before the command line is parsed. CLI_USAGE: a value
 * or a line is impossible; which one has been told. CLI_FILE: a file that is there cannot be read.
 */
enum cli_exit cli_config_load(struct cli *c);

#endif
