/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware images for tests, put together by themselves from docs/SPEC-esp-image.md: nothing of
 * service/esp_image makes them. Reads outside an image fail the test.
 */
#ifndef FARFLASH_TEST_ESP_IMAGE_RIG_H
#define FARFLASH_TEST_ESP_IMAGE_RIG_H

#include <stdint.h>

#include "service/esp_image/esp_image.h"

/* Two images by hand, see there. */
#define IMAGE_ESP32_LEN   80
#define IMAGE_ESP8266_LEN 48
extern const uint8_t image_esp32[IMAGE_ESP32_LEN];
extern const uint8_t image_esp8266[IMAGE_ESP8266_LEN];

struct image_rig {
	uint8_t bytes[0x100000]; /* what is behind len is of no meaning */
	uint32_t len;
	unsigned reads;   /* calls of the source */
	unsigned fail_at; /* the call that fails with FAR_ERR_IO, counted from 1; 0: none */
	uint8_t work[64];
	struct far_esp_image_source source; /* over all of the above */
	struct far_esp_image image;         /* what was read */
};

/* Begin an image: chip_id 0xFFFF is an ESP8266's, without an extended header. */
void image_rig_begin(struct image_rig *r, uint16_t chip_id);
/* A segment of len bytes of noise that seed makes. */
void image_rig_segment(struct image_rig *r, uint32_t addr, uint32_t len, uint32_t seed);
/* Padding, checksum, and with hash the SHA-256. */
void image_rig_end(struct image_rig *r, int hash);
/* Take these bytes for the image. */
void image_rig_load(struct image_rig *r, const uint8_t *bytes, uint32_t len);
/* Read it from the start; chip NULL: whichever it is. */
int image_rig_read(struct image_rig *r, const struct far_esp_image_chip *chip);

/* The chip called so; the test fails if there is none. */
const struct far_esp_image_chip *chip_named(const char *name);

#endif
