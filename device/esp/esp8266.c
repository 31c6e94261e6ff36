/* SPDX-License-Identifier: Apache-2.0 */
/* What the ESP8266's ROM does in its own way. */
#include "device/esp/session.h"

enum {
	BLOCK_SECTORS = 16,
	SECTOR_ERASE = 0x20,
	BEYOND = 0x1000000 /* what the ROM can address */
};

/*
 * Its flash is attached by the first FLASH_BEGIN. That is for the end of what the ROM can address,
 * so that it erases nothing, whichever bit of it the line turns over. Of a refusal, which might be
 * meant for that, the usual way is the remedy.
 */
static int attach(struct far_esp *e)
{
	int rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, 0, BEYOND);

	return rc == FAR_ERR_REFUSED ? far_esp_begin(e, ESP_FLASH_BEGIN, 0, 0, 0) : rc;
}

/*
 * Told to erase n sectors it erases those up to the next 64 KiB boundary (head of them) and then
 * starts counting again: min(2n, n + head) sectors in all. An odd number of sectors below 2 * head
 * cannot be had that way: the last one is then erased by hand, before.
 */
static int erase_size(struct far_esp *e, uint32_t addr, uint32_t len, uint32_t *size_word)
{
	uint32_t sectors = len / ESP_SECTOR;
	uint32_t head = BLOCK_SECTORS - addr / ESP_SECTOR % BLOCK_SECTORS;

	if (sectors >= 2 * head) {
		*size_word = (sectors - head) * ESP_SECTOR;
		return FAR_OK;
	}
	*size_word = sectors / 2 * ESP_SECTOR;
	return sectors % 2 == 0
		       ? FAR_OK
		       : far_esp_spi_change(e, SECTOR_ERASE, addr + len - ESP_SECTOR, 0, 0);
}

const struct far_esp_old far_esp_old_ways = { attach, erase_size };
