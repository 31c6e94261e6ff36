/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hex dump, 16 bytes to the line:
 * 003B0000: 00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f |........ ........|
 */
#ifndef FARFLASH_CLI_HEXDUMP_H
#define FARFLASH_CLI_HEXDUMP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Dump len bytes; addr is the address of the first. A short last line keeps its columns. */
void cli_hexdump(FILE *out, uint32_t addr, const uint8_t *data, size_t len);

#endif
