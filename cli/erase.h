/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What erase-flash, erase-region and write-flash --erase-all share: a range that has been checked
 * becomes erased.
 */
#ifndef FARFLASH_CLI_ERASE_H
#define FARFLASH_CLI_ERASE_H

#include "cli/target.h"

/*
 * Erase [addr, addr + len), whole sectors inside the flash, in pieces so that there is progress and
 * an interrupt ends it soon; says what it did. A failure tells which bytes may have changed; its
 * code is what the error means at t->phase. into (NULL without --json) gets addr, len and seconds.
 */
enum cli_exit cli_erase(struct cli *c, struct cli_target *t, uint32_t addr, uint32_t len,
			cJSON *into);

#endif
