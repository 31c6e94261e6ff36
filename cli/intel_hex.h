/* SPDX-License-Identifier: Apache-2.0 */
/* Intel hex: bytes with their addresses, as text with a checksum on every line. */
#ifndef FARFLASH_CLI_INTEL_HEX_H
#define FARFLASH_CLI_INTEL_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes that lie together. */
struct cli_hex_range {
	uint32_t addr, len;
	uint8_t *data;
	size_t capacity; /* of data */
	unsigned line;   /* of the record that it begins with */
};

/* What a file holds: its ranges by address, with at least a byte between any two. */
struct cli_hex {
	size_t count;
	struct cli_hex_range *ranges;
};

/* Does the first line look like a record, or the name end in ".hex"? */
bool cli_hex_detect(const char *path, const uint8_t *text, size_t len);

#define CLI_HEX_ERROR_MAX 160

/*
 * Read all records and check everything about them: marks, lengths, checksums, types, that no byte
 * comes twice, and the end record, which nothing may follow. false: error says what is wrong, with
 * the number of the line. Free h in either case.
 */
bool cli_hex_parse(struct cli_hex *h, const uint8_t *text, size_t len,
		   char error[CLI_HEX_ERROR_MAX]);
void cli_hex_free(struct cli_hex *h);

/*
 * Write len bytes at addr as records of 16; *upper is the high half of the address that the records
 * before have set: begin with 0. false: a write failed, errno says why.
 */
bool cli_hex_write(FILE *out, uint32_t addr, const uint8_t *data, uint32_t len, uint32_t *upper);
/* The end record. */
bool cli_hex_write_end(FILE *out);

#endif
