/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as people write them: decimal, 0x hexadecimal, and either with a suffix k, K or M
 * (1024 and 1024 * 1024; kB, KB, MB, KiB, MiB mean the same, as in esptool's "4MB").
 */
#ifndef FARFLASH_CLI_NUMBERS_H
#define FARFLASH_CLI_NUMBERS_H

#include <stdint.h>

enum cli_number {
	CLI_NUMBER_OK,
	CLI_NUMBER_MALFORMED, /* not a number of the above forms, or with something behind it */
	CLI_NUMBER_TOO_LARGE  /* above 4294967295 */
};

/*
 * Read all of text. A leading 0 does not mean octal. No sign, no blanks. *value is written only
 * with CLI_NUMBER_OK.
 */
enum cli_number cli_parse_number(const char *text, uint32_t *value);

/*
 * "4 MiB", "64 KiB", "100 bytes": by the largest unit that divides value, so that nothing is
 * rounded. Returns text.
 */
const char *cli_format_size(uint32_t value, char text[24]);

#endif
