/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any firmware image, for any chip: the first byte of an input chooses the chip that is asked for,
 * the rest is the image. Reads beyond it, and results that contradict each other, are failures.
 */
#include <stdlib.h>
#include <string.h>

#include "service/esp_image/esp_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

struct image {
	uint8_t *bytes; /* of its own length, so that the sanitizer sees what lies beyond */
	uint32_t len;
};

static void must(int holds)
{
	if (!holds)
		abort();
}

static int read_image(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	const struct image *image = ctx;

	must(len > 0 && offset <= image->len && len <= image->len - offset);
	memcpy(buf, image->bytes + offset, len);
	return FAR_OK;
}

/* A sound image stays sound when its header is changed. */
static void change(struct image *image, const struct far_esp_image_source *source,
		   struct far_esp_image *m)
{
	const struct far_esp_image_change want = { 3, 1, 1 };
	struct far_esp_image_patch patch;

	must(far_esp_image_change(m, source, &want, &patch) == FAR_OK);
	far_esp_image_apply(&patch, 0, image->bytes, image->len);
	must(far_esp_image_read(m, source, NULL) == FAR_OK);
	must(m->mode == 3 && m->freq == 1 && m->size == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	struct far_esp_image m;
	struct far_esp_image_app app;
	uint8_t work[FAR_ESP_IMAGE_WORK_MIN];
	struct image image = { NULL, 0 };
	struct far_esp_image_source source = { read_image, &image, 0, work, sizeof(work) };
	int err;

	if (len < 2)
		return 0;
	image.len = source.len = (uint32_t)len - 1;
	image.bytes = malloc(image.len);
	must(image.bytes != NULL);
	memcpy(image.bytes, input + 1, image.len);
	err = far_esp_image_read(&m, &source, far_esp_image_chip_row(input[0] % 16));
	must(err == FAR_OK || err == FAR_ERR_PROTO || err == FAR_ERR_VERIFY);
	must((err == FAR_OK) == (m.problem == FAR_ESP_IMAGE_FINE));
	must(m.len <= image.len && m.problem_at <= image.len);
	must(m.segments <= FAR_ESP_IMAGE_SEGMENTS);
	err = far_esp_image_read_app(&m, &source, &app);
	must(err == FAR_OK || err == FAR_ERR_NOTSUP);
	if (m.problem == FAR_ESP_IMAGE_FINE)
		change(&image, &source, &m);
	free(image.bytes);
	return 0;
}
