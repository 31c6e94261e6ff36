/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the format (docs/SPEC-esp-image.md) and what the files of this folder share. */
#ifndef FARFLASH_SERVICE_ESP_IMAGE_INTERNAL_H
#define FARFLASH_SERVICE_ESP_IMAGE_INTERNAL_H

#include "core/bytes.h"
#include "service/esp_image/esp_image.h"

#define MAGIC          0xE9u
#define MAGIC_V2       0xEAu /* ESP8266: the mapped segment, then an image of version 1 */
#define V2_COUNT       4u    /* what version 2 has in place of the number of segments */
#define HEADER_LEN     8u
#define EXTENDED_LEN   16u /* right behind the header, but for the ESP8266 */
#define HEAD_LEN       8u  /* of a segment */
#define CHECKSUM_START 0xEFu
#define WORD           4u  /* what the length of a segment is a multiple of */
#define LINE           16u /* the checksum is the last byte of one */

/* Offsets in the image's first bytes. */
#define AT_COUNT    1u
#define AT_MODE     2u
#define AT_SIZE     3u /* size in the high nibble, frequency in the low one */
#define AT_ENTRY    4u
#define AT_WP       8u
#define AT_DRIVE    9u
#define AT_CHIP     12u
#define AT_MIN_REV  14u
#define AT_MIN_FULL 15u
#define AT_MAX_FULL 17u
#define AT_HASHED   23u

static inline uint32_t far_esp_image_head_len(const struct far_esp_image_chip *chip)
{
	return chip->id == FAR_ESP_IMAGE_NO_ID ? HEADER_LEN : HEADER_LEN + EXTENDED_LEN;
}

#endif
