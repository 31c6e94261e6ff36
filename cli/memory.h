/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands for a chip's memory share: words of its address space, one question each. */
#ifndef FARFLASH_CLI_MEMORY_H
#define FARFLASH_CLI_MEMORY_H

#include "cli/target.h"

/* A number argument that has to be a multiple of four; else CLI_USAGE. what as for cli_number. */
enum cli_exit cli_word_number(struct cli *c, const char *what, const char *text, uint32_t *value);

/* Is there a chip, and may its memory be seen? CLI_UNSUPPORTED says why not; t is open. */
enum cli_exit cli_memory_check(struct cli *c, const struct cli_target *t);

/*
 * far_esp_read_reg, with its failure reported: CLI_INTERRUPTED, or what the error means at
 * CLI_PHASE_WORK. *value is written only with CLI_OK.
 */
enum cli_exit cli_memory_read(struct cli *c, struct cli_target *t, uint32_t addr, uint32_t *value);

#endif
