/* SPDX-License-Identifier: Apache-2.0 */
/* Changing mode, frequency and size in the header of an image, and its hash with them. */
#include "service/esp_image/internal.h"

#define CODE_MAX 15

/* The hash of the image as it is with its new head. */
static int rehash(const struct far_esp_image *image, const struct far_esp_image_source *source,
		  struct far_esp_image_patch *patch)
{
	struct far_sha256 sha;

	far_sha256_init(&sha);
	for (uint32_t at = 0, n; at < image->hash_at; at += n) {
		n = far_min32(image->hash_at - at, source->work_len);
		int err = source->read(source->ctx, at, source->work, n);

		if (err != FAR_OK)
			return err;
		far_esp_image_apply(patch, at, source->work, n);
		far_sha256_update(&sha, source->work, n);
	}
	far_sha256_final(&sha, patch->hash);
	patch->hash_at = image->hash_at;
	return FAR_OK;
}

/* Put code in place of the bits of mask. */
static void set_bits(uint8_t *byte, int code, unsigned shift, uint8_t mask)
{
	if (code >= 0)
		*byte = (uint8_t)((*byte & ~mask) | code << shift);
}

int far_esp_image_change(const struct far_esp_image *image,
			 const struct far_esp_image_source *source,
			 const struct far_esp_image_change *change,
			 struct far_esp_image_patch *patch)
{
	int err;

	if (image->problem != FAR_ESP_IMAGE_FINE || change->mode > CODE_MAX ||
	    change->freq > CODE_MAX || change->size > CODE_MAX)
		return FAR_ERR_ARG;
	memset(patch, 0, sizeof(*patch));
	err = source->read(source->ctx, 0, patch->head, sizeof(patch->head));
	if (err != FAR_OK)
		return err;
	set_bits(&patch->head[AT_MODE], change->mode, 0, 0xFF);
	set_bits(&patch->head[AT_SIZE], change->size, 4, 0xF0);
	set_bits(&patch->head[AT_SIZE], change->freq, 0, 0x0F);
	return image->hash_appended ? rehash(image, source, patch) : FAR_OK;
}

/* The part of len bytes of patch at at that [offset, offset + buf_len) holds. */
static void overlay(uint32_t at, const uint8_t *bytes, uint32_t len, uint32_t offset, uint8_t *buf,
		    uint32_t buf_len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (at + i >= offset && at + i - offset < buf_len)
			buf[at + i - offset] = bytes[i];
	}
}

void far_esp_image_apply(const struct far_esp_image_patch *patch, uint32_t offset, uint8_t *buf,
			 uint32_t len)
{
	overlay(0, patch->head, sizeof(patch->head), offset, buf, len);
	if (patch->hash_at > 0)
		overlay(patch->hash_at, patch->hash, sizeof(patch->hash), offset, buf, len);
}
