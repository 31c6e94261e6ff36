/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes and judges flash images for the tests with the writer of test/target/images.
 *   judge make GENERATION FILE     put a generation into storage_partition
 *   judge count OLD NEW FILE       print how many sectors of it are old, new, or neither; fail if
 *                                  anything outside is not erased
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/target/images/content.h"

static int make(uint32_t generation, FILE *file)
{
	if (fseek(file, CONTENT_ADDR, SEEK_SET) != 0)
		return 1;
	for (uint32_t i = 0; i < CONTENT_LEN; i++)
		if (fputc(content(generation, i), file) == EOF)
			return 1;
	return 0;
}

static int is_generation(const uint8_t *sector, uint32_t generation, uint32_t offset)
{
	for (uint32_t i = 0; i < CONTENT_SECTOR; i++)
		if (sector[i] != content(generation, offset + i))
			return 0;
	return 1;
}

static int is_erased(const uint8_t *sector)
{
	for (uint32_t i = 0; i < CONTENT_SECTOR; i++)
		if (sector[i] != 0xff)
			return 0;
	return 1;
}

static int count(uint32_t old, uint32_t new, FILE *file)
{
	uint8_t sector[CONTENT_SECTOR];
	unsigned olds = 0, news = 0, others = 0, outside = 0;

	for (uint32_t at = 0; fread(sector, sizeof(sector), 1, file) == 1; at += CONTENT_SECTOR) {
		uint32_t offset = at - CONTENT_ADDR;

		if (offset >= CONTENT_LEN)
			outside += !is_erased(sector);
		else if (is_generation(sector, new, offset))
			news++;
		else if (is_generation(sector, old, offset))
			olds++;
		else
			others++;
	}
	printf("old %u new %u other %u\n", olds, news, others);
	if (outside > 0)
		printf("%u sectors outside are not erased\n", outside);
	return outside > 0;
}

static uint32_t number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 0);
}

int main(int argc, char **argv)
{
	FILE *file = argc > 3 ? fopen(argv[argc - 1], "r+b") : NULL;
	int result = 2;

	if (file == NULL)
		return 2;
	if (argc == 4 && strcmp(argv[1], "make") == 0)
		result = make(number(argv[2]), file);
	else if (argc == 5 && strcmp(argv[1], "count") == 0)
		result = count(number(argv[2]), number(argv[3]), file);
	return fclose(file) == 0 ? result : 1;
}
