/* SPDX-License-Identifier: Apache-2.0 */
/* What an application tells of itself, at the start of its first mapped segment. */
#include "service/esp_image/internal.h"

#define APP_MAGIC 0xABCD5432u

/* Offsets from the magic word. */
enum {
	AT_SECURE = 4,
	AT_VERSION = 16,
	AT_PROJECT = 48,
	AT_TIME = 80,
	AT_DATE = 96,
	AT_IDF = 112,
	AT_ELF_HASH = 144,
	APP_LEN = 176 /* what is read of its 256 bytes */
};

/* A text that fills its field need not end with a zero there; here it does. */
static void copy_text(char *to, const uint8_t *from, uint32_t len)
{
	memcpy(to, from, len);
	to[len] = '\0';
}

static int read_at(const struct far_esp_image_source *source, uint32_t offset,
		   struct far_esp_image_app *app)
{
	uint8_t buf[APP_LEN];
	int err = source->read(source->ctx, offset, buf, sizeof(buf));

	if (err != FAR_OK)
		return err;
	if (far_get_le32(buf) != APP_MAGIC)
		return FAR_ERR_NOTSUP;
	app->secure_version = far_get_le32(buf + AT_SECURE);
	copy_text(app->version, buf + AT_VERSION, 32);
	copy_text(app->project, buf + AT_PROJECT, 32);
	copy_text(app->time, buf + AT_TIME, 16);
	copy_text(app->date, buf + AT_DATE, 16);
	copy_text(app->idf, buf + AT_IDF, 32);
	memcpy(app->elf_hash, buf + AT_ELF_HASH, sizeof(app->elf_hash));
	return FAR_OK;
}

int far_esp_image_read_app(const struct far_esp_image *image,
			   const struct far_esp_image_source *source, struct far_esp_image_app *app)
{
	int err = FAR_ERR_NOTSUP;

	for (unsigned i = 0; i < image->segments && err == FAR_ERR_NOTSUP; i++) {
		const struct far_esp_image_segment *s = &image->segment[i];
		int there = s->offset <= source->len && source->len - s->offset >= APP_LEN;

		if (image->chip && s->len >= APP_LEN && there &&
		    far_esp_image_is_mapped(image->chip, s->addr))
			err = read_at(source, s->offset, app);
	}
	return err;
}
