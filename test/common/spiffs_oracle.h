/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another reader of SPIFFS, for sound images only: all of the image in memory, written from
 * docs/SPEC-spiffs.md alone, as plain as can be. It judges what service/spiffs builds and reads.
 */
#ifndef FARFLASH_TEST_SPIFFS_ORACLE_H
#define FARFLASH_TEST_SPIFFS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spiffs_oracle {
	const uint8_t *image;
	uint32_t len;
	uint32_t page, block, name, meta; /* sizes in bytes */
	bool magic, magic_length, aligned;
};

/* Is every block what it should be, and every page either blank or what the look-up says? */
bool spiffs_oracle_sound(const struct spiffs_oracle *o);

/* How many files there are. */
uint32_t spiffs_oracle_files(const struct spiffs_oracle *o);

/* The file of this name into buf: its length; -1: absent; -2: damaged, or more than cap. */
long spiffs_oracle_read(const struct spiffs_oracle *o, const char *name, uint8_t *buf, size_t cap);

#endif
