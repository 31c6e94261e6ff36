/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any SPIFFS image: see test/common/spiffs_exercise.h for what must hold. An input is not the image
 * itself, of which most would be blank, but what is written on a blank one:
 *   1 byte   the geometry, a row of kinds
 *   1 byte   blocks, 1 to 8
 *   then any number of pieces: page, offset, length (1 byte each), and that many bytes
 */
#include <stdlib.h>
#include <string.h>

#include "test/common/spiffs_exercise.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static const struct far_spiffs_params kinds[] = {
	{ 0 },
	{ .page_size = 64, .block_size = 512, .name_len = 8, .meta_len = FAR_SPIFFS_NO_META },
	{ .page_size = 64, .block_size = 4096, .name_len = 16, .aligned_tables = 1 },
	{ .page_size = 128, .block_size = 1024, .no_magic_length = 1 },
	{ .page_size = 64, .block_size = 512, .name_len = 40, .no_magic = 1 },
};

static struct spiffs_image image;

static void put_pieces(const uint8_t *from, size_t left)
{
	while (left > 3) {
		size_t at = (from[0] * image.page + from[1]) % image.len;
		size_t n = from[2];

		from += 3;
		left -= 3;
		n = n < left ? n : left;
		if (n > image.len - at)
			n = image.len - at;
		memcpy(image.bytes + at, from, n);
		from += n;
		left -= n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	const struct far_spiffs_params *p;
	struct far_spiffs_geometry g;
	struct spiffs_flash flash;
	uint8_t *copy;

	if (len < 2)
		return 0;
	p = &kinds[input[0] % (sizeof(kinds) / sizeof(kinds[0]))];
	if (far_spiffs_geometry(&g, p, p->block_size ? p->block_size : 4096) != FAR_OK)
		abort();
	spiffs_image_open_as(&image, input[1] % 8 + 1, g.page_size, g.block_size, g.name_len,
			     g.meta_len);
	if (!g.magic_length) /* opened with it; the last block's has length 1 */
		for (uint32_t b = 0; b < image.len / g.block_size; b++)
			image.bytes[b * g.block_size + g.lookup_pages * g.page_size - 4] ^=
				(uint8_t)(image.len / g.block_size - b);
	put_pieces(input + 2, len - 2);
	copy = malloc(image.len); /* so that the sanitizer sees a byte beyond */
	if (copy == NULL)
		abort();
	memcpy(copy, image.bytes, image.len);
	spiffs_flash_open(&flash, copy, image.len, 0x2000);
	spiffs_exercise(&flash, p);
	free(copy);
	return 0;
}
