/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/esp_image_rig.h"

/*
 * By hand: an ESP32's image with one segment, "farflash" at 0x3FFB0000, for revisions up to 3.99.
 * The checksum is 0xEF ^ 'f' ^ 'a' ^ ... = 0xEA; the hash is sha256sum's of the 48 bytes before it.
 */
const uint8_t image_esp32[IMAGE_ESP32_LEN] = {
	0xE9, 0x01, 0x02, 0x20, 0x00, 0x04, 0x08, 0x40, /* one segment, dio, 4MB, 40m, entry */
	0xEE, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* WP pin, drive, chip 0, revisions */
	0x00, 0x8F, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, /* newest 399; hash */
	0x00, 0x00, 0xFB, 0x3F, 0x08, 0x00, 0x00, 0x00, /* address, length */
	0x66, 0x61, 0x72, 0x66, 0x6C, 0x61, 0x73, 0x68, /* f a r f l a s h */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xEA, /* zeros, checksum */
	0xE2, 0xD8, 0x5D, 0x4C, 0xD7, 0x02, 0x85, 0xE3, 0xF9, 0xF2, 0x9F,
	0x39, 0xF7, 0xE9, 0x1F, 0x38, 0xB4, 0x9D, 0xA2, 0x54, 0xCD, 0x03,
	0x6F, 0x3D, 0xAC, 0xA3, 0x70, 0xA2, 0xE0, 0x3C, 0x8A, 0x25,
};

/* By hand: an ESP8266's, qout, 512KB at 80m; two segments of a word; the checksum ends line 3. */
const uint8_t image_esp8266[IMAGE_ESP8266_LEN] = {
	0xE9, 0x02, 0x01, 0x0F, 0x04, 0x00, 0x10, 0x40, 0x00, 0x00, 0x10, 0x40,
	0x04, 0x00, 0x00, 0x00, 0x01, 0x02, 0x03, 0x04, 0x00, 0x80, 0xFE, 0x3F,
	0x04, 0x00, 0x00, 0x00, 0x10, 0x20, 0x30, 0x40, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xAB,
};

static int read_bytes(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	struct image_rig *r = ctx;

	assert_true(offset <= r->source.len && len <= r->source.len - offset);
	assert_true(len > 0);
	if (++r->reads == r->fail_at)
		return FAR_ERR_IO;
	memcpy(buf, r->bytes + offset, len);
	return FAR_OK;
}

static void put32(struct image_rig *r, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		r->bytes[r->len++] = (uint8_t)(v >> 8 * i);
}

void image_rig_begin(struct image_rig *r, uint16_t chip_id)
{
	memset(r->bytes, 0, 24);
	r->len = r->fail_at = 0;
	r->bytes[r->len++] = 0xE9;
	r->bytes[r->len++] = 0;    /* segments: counted later */
	r->bytes[r->len++] = 2;    /* dio */
	r->bytes[r->len++] = 0x20; /* size code 2, frequency code 0 */
	put32(r, 0x40080400);
	if (chip_id == 0xFFFF)
		return;
	put32(r, 0x000000EE);
	put32(r, chip_id);
	r->bytes[17] = 0xFF; /* no newest revision */
	r->bytes[18] = 0xFF;
	r->len = 24;
}

void image_rig_segment(struct image_rig *r, uint32_t addr, uint32_t len, uint32_t seed)
{
	put32(r, addr);
	put32(r, len);
	for (; len > 0; len--) {
		seed = seed * 1664525u + 1013904223u;
		r->bytes[r->len++] = (uint8_t)(seed >> 24);
	}
	r->bytes[1]++;
}

/* Walk over the segments once more, as the ROM does. */
static uint8_t checksum(const struct image_rig *r)
{
	uint32_t at = r->bytes[8] == 0xEE ? 24 : 8;
	uint8_t sum = 0xEF;

	for (unsigned i = 0; i < r->bytes[1]; i++) {
		uint32_t len = r->bytes[at + 4] | (uint32_t)r->bytes[at + 5] << 8 |
			       (uint32_t)r->bytes[at + 6] << 16;

		for (at += 8; len > 0; len--)
			sum ^= r->bytes[at++];
	}
	return sum;
}

void image_rig_end(struct image_rig *r, int hash)
{
	struct far_sha256 sha;
	uint8_t sum;

	if (hash)
		r->bytes[23] = 1;
	sum = checksum(r);
	while (r->len % 16 != 15)
		r->bytes[r->len++] = 0;
	r->bytes[r->len++] = sum;
	if (hash) {
		far_sha256_init(&sha);
		far_sha256_update(&sha, r->bytes, r->len);
		far_sha256_final(&sha, r->bytes + r->len);
		r->len += FAR_SHA256_LEN;
	}
}

void image_rig_load(struct image_rig *r, const uint8_t *bytes, uint32_t len)
{
	r->fail_at = 0;
	memcpy(r->bytes, bytes, len);
	r->len = len;
}

int image_rig_read(struct image_rig *r, const struct far_esp_image_chip *chip)
{
	r->source =
		(struct far_esp_image_source){ read_bytes, r, r->len, r->work, sizeof(r->work) };
	r->reads = 0;
	return far_esp_image_read(&r->image, &r->source, chip);
}

const struct far_esp_image_chip *chip_named(const char *name)
{
	const struct far_esp_image_chip *chip = far_esp_image_chip_by_name(name);

	assert_non_null(chip);
	return chip;
}
