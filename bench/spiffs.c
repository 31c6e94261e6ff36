/* SPDX-License-Identifier: Apache-2.0 */
/* What bench/footprint links for a core that reads a file of a SPIFFS. */
#include "service/spiffs/spiffs.h"

static struct far_spiffs fs;
static struct far_spiffs_file file;
/* Room for the indices of one index page where pages have 256 bytes. */
static uint8_t cache[248];

int32_t spiffs_side(struct far_flash *flash, uint8_t *buf, uint32_t len);

int32_t spiffs_side(struct far_flash *flash, uint8_t *buf, uint32_t len)
{
	const struct far_spiffs_config config = { .flash = flash };
	int rc = far_spiffs_mount(&fs, &config);

	if (rc == FAR_OK)
		rc = far_spiffs_open(&fs, &file, "/hello-world/app.bin", cache, sizeof(cache));
	return rc == FAR_OK ? far_spiffs_read(&file, buf, len) : rc;
}
