/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of an ELF file goes into a firmware image: its entry point, and the bytes of its sections.
 */
#ifndef FARFLASH_CLI_ELF_FILE_H
#define FARFLASH_CLI_ELF_FILE_H

#include "cli/cli.h"
#include "service/esp_image/esp_image.h"

struct cli_elf {
	uint32_t entry;
	size_t count;
	struct far_esp_image_piece *pieces; /* their data are in memory that libelf holds */
	struct cli_elf_name {
		uint32_t addr;
		const char *text;
	} * names; /* of each piece's section: pieces are sorted later, these are not */
	void *elf; /* libelf's */
	int fd;
};

/*
 * Read the sections of a 32-bit little-endian ELF program that are loaded (allocated, with bytes in
 * the file, at an address other than 0), or with use_segments the segments at their physical
 * addresses. CLI_FILE: it is none, nothing of it is loaded, or its bytes are not all there. Close e
 * in either case.
 */
enum cli_exit cli_elf_open(struct cli *c, struct cli_elf *e, const char *path, bool use_segments);
void cli_elf_close(struct cli_elf *e);
/* The name of the section at addr, "a segment" if there is none. */
const char *cli_elf_name(const struct cli_elf *e, uint32_t addr);

#endif
