/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with a flasher stub: the vendor's program for the chip's RAM, which is uploaded at
 * connect and then answers instead of the ROM. What it brings: reads at the rate of the line,
 * blocks of 16 KiB that arrive while the one before is programmed, flash beyond 16 MiB, and digest,
 * read, deflate and a change of the rate on the ESP8266. What it costs: its upload, and the ROM's
 * memory of block numbers; a lost answer means beginning the block's sector, or a deflated stream,
 * anew.
 *
 * The stub's bytes are the caller's. Generation 2 of the vendor's stubs is what this speaks.
 *
 *     far_esp_init_stub -> far_esp_connect -> as in esp.h
 *
 * Where no stub is to be had, or the chip cannot have one (secure download mode; ESP32-C2 of
 * revision 0; ESP32-S3 with secure boot), the session is one with the ROM: far_esp.loader tells. A
 * stub that runs already, because the chip was not reset, is used as it is.
 *
 * far_flash_write: a stub erases what it writes. So a sector that is not blank is read, merged, and
 * erased and written as a whole; the fault record names whole sectors then.
 *
 * If the stub is started and does not answer connect is FAR_ERR_TIMEOUT, with far_esp.loader
 * FAR_ESP_STUB_SILENT: only a reset brings that chip back, and a session without stub may still
 * work.
 *
 * Protocol facts: docs/SPEC-esp-loader.md, 7.
 */
#ifndef FARFLASH_DEVICE_ESP_STUB_H
#define FARFLASH_DEVICE_ESP_STUB_H

#include "device/esp/ram.h"

/* Bytes of text or data that a stub may have. */
#define FAR_ESP_STUB_MAX 0x10000u

struct far_esp_stub {
	struct far_esp_segment text, data; /* data.len may be 0; they do not overlap */
	uint32_t bss;   /* where its variables begin, outside both; 0: not known */
	uint32_t entry; /* inside text */
};

/* Where stubs come from. Outlives the session, as what it returns does. */
struct far_esp_stub_finder {
	/*
	 * The stub for this chip, or NULL: go on with the ROM. revision as far_esp_read_revision,
	 * of those chips whose stub depends on it (ESP32-C2, ESP32-P4), else 0. Called in the midst
	 * of connecting: it must not use the session.
	 */
	const struct far_esp_stub *(*find)(void *ctx, enum far_esp_chip chip, uint32_t revision);
	void *ctx;
};

/*
 * Is this a stub that can be uploaded? FAR_OK or FAR_ERR_ARG, then *why names the reason: static
 * text.
 */
int far_esp_check_stub(const struct far_esp_stub *stub, const char **why);

/*
 * As far_esp_init. FAR_ERR_ARG also if the finder is incomplete, or the block buffer smaller than a
 * sector, 0x1000. far_esp_connect is FAR_ERR_ARG for a
 * stub that far_esp_check_stub refuses; nothing was uploaded then.
 */
int far_esp_init_stub(struct far_esp *e, const struct far_esp_config *config,
		      const struct far_esp_stub_finder *finder);

#endif
