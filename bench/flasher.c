/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bench/footprint links: the smallest program that does the whole job. It connects to a chip's
 * ROM loader, raises the rate, programs an image, proves it by MD5 and starts it. Stream and clock
 * are the caller's, as they belong to the board.
 */
#include "core/bytes.h"
#include "core/md5.h"
#include "device/esp/esp.h"

/* Which chips: those of one product, or all. */
#ifndef FLASHER_CHIPS
static const struct far_esp_row *const chips[] = { &far_esp_esp32c3, NULL };
#define FLASHER_CHIPS chips
#endif
#ifndef FLASHER_INIT
#define FLASHER_INIT(e, config) far_esp_init_programmer(e, config, FLASHER_CHIPS)
#endif

static uint8_t block[FAR_ESP_BLOCK_MIN];
static struct far_esp esp;

int flasher(struct far_stream *stream, struct far_clock *clock, uint32_t addr, const uint8_t *image,
	    uint32_t len);

static int prepare(struct far_stream *stream, struct far_clock *clock)
{
	const struct far_esp_config config = { .stream = stream,
					       .clock = clock,
					       .block = block,
					       .block_len = sizeof(block),
					       .baud = 921600 };

	return FLASHER_INIT(&esp, &config);
}

static int prove(uint32_t addr, const uint8_t *image, uint32_t len)
{
	uint8_t here[FAR_MD5_LEN], there[FAR_MD5_LEN];
	int rc = far_flash_digest(&esp.flash, addr, len, there);

	if (rc != FAR_OK)
		return rc;
	far_md5_of(image, len, here);
	return memcmp(here, there, sizeof(here)) == 0 ? FAR_OK : FAR_ERR_VERIFY;
}

int flasher(struct far_stream *stream, struct far_clock *clock, uint32_t addr, const uint8_t *image,
	    uint32_t len)
{
	int rc = prepare(stream, clock);

	if (rc == FAR_OK)
		rc = far_esp_connect(&esp);
	if (rc == FAR_OK)
		rc = far_flash_replace_begin(&esp.flash, addr, len, 0);
	if (rc == FAR_OK)
		rc = far_flash_replace_write(&esp.flash, image, len);
	if (rc == FAR_OK)
		rc = far_flash_replace_end(&esp.flash);
	if (rc == FAR_OK)
		rc = prove(addr, image, len);
	return rc == FAR_OK ? far_esp_leave(&esp) : rc;
}
