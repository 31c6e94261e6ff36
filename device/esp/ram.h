/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs for the chip's RAM: bring their segments there and let the chip's ROM jump to them.
 * Nothing in the flash changes.
 *
 *     far_esp_connect -> far_esp_ram_write for each segment -> far_esp_ram_run
 *
 * Which addresses are RAM, and which of it the ROM needs itself, is the caller's to know: the
 * chip's technical reference manual has both. A ROM refuses what is no RAM at all.
 *
 * Both calls: FAR_ERR_STATE: not connected, or the line to the chip was lost since; what was
 * written before may be gone then, so connect and begin again. FAR_ERR_NOTSUP: the chip's ROM runs
 * nothing from RAM (secure download mode; ESP32-S3 with secure boot). FAR_ERR_BUSY: a flasher stub
 * answers, and which part of the RAM it needs is not known.
 */
#ifndef FARFLASH_DEVICE_ESP_RAM_H
#define FARFLASH_DEVICE_ESP_RAM_H

#include "device/esp/esp.h"

/* Bytes for a place in the chip's RAM. */
struct far_esp_segment {
	uint32_t addr;
	uint32_t len; /* > 0 */
	const uint8_t *bytes;
};

/*
 * Write one segment: whole words, at a multiple of 4. The RAM has no digest: its first word is read
 * back, and the last of each block of 6 KiB, so that a request which the line has turned into one
 * for another place is noticed, and so is a byte too few or too many. Each block has a checksum of
 * 8 bits. FAR_ERR_ALIGN; FAR_ERR_ARG: no bytes, or beyond the end of the address space;
 * FAR_ERR_REFUSED: the chip has no RAM there; FAR_ERR_VERIFY: the words read back are others
 * (fault.addr: where).
 */
int far_esp_ram_write(struct far_esp *e, const struct far_esp_segment *segment);

/*
 * Jump to entry. The session is over: connect again to go on. The program finds the line at the
 * rate that the session had last. FAR_OK: the ROM has acknowledged the jump, which is all it tells.
 * FAR_ERR_TIMEOUT: it has not, and answers nothing more: the program runs, or the chip has crashed.
 * FAR_ERR_REFUSED: it stays in its loader, and the session goes on.
 */
int far_esp_ram_run(struct far_esp *e, uint32_t entry);

#endif
