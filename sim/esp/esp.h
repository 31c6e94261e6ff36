/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual ESP chip, seen from its UART pins, its reset and boot strap, and its flash die: the
 * mask ROM's serial loader as it really behaves, and a generation-2 flasher stub once one has been
 * uploaded and started (the stub's code is not executed: the chip then behaves as one).
 *
 * The chip is a state machine that never blocks and knows time only as the now_ns it is given.
 * Bytes go in with far_sim_esp_receive and come out with far_sim_esp_transmit; between calls the
 * driver (sim/line in virtual time, the emulate command in real time) waits until
 * far_sim_esp_next_ns. now_ns never goes backwards.
 */
#ifndef FARFLASH_SIM_ESP_H
#define FARFLASH_SIM_ESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/nor/nor.h"

#define FAR_SIM_ESP_EN_RISE_NS 2000000u /* from release of reset to the sampling of the strap */

struct far_sim_esp;

/* Zero is the default everywhere: a chip as it leaves the factory. */
struct far_sim_esp_config {
	const char *chip;        /* one of far_sim_esp_chip_name */
	struct far_sim_nor *nor; /* its flash; outlives the chip */
	uint8_t mac[6];          /* its address; all zero: a fixed default of the simulator */
	bool in_loader;          /* powered up with the boot strap low: in the download loader */
	uint32_t crystal_hz;     /* on its board; 0: what most boards of this chip have */
	/* eFuses. far_sim_esp_can tells which chips have them; on others they are ignored. */
	bool secure_download;      /* the loader takes harmless commands only */
	bool secure_boot;          /* only told, except on the esp32s3: see MEM_END in rom.c */
	uint8_t flash_crypt_count; /* bits 0 to 2; odd number of ones: the flash is encrypted */
	uint64_t flash_key;        /* of that encryption, a model: see far_sim_esp_crypt */
	/*
	 * The stub's code is not executed, so the chip has to know one when it sees it: the
	 * vendor's generation-2 stub 1.2.2, by its address, size and entry. true: whatever is
	 * loaded and started is taken for a stub (another version, another generation).
	 */
	bool any_stub;
	bool usb_otg; /* its line is its own USB-OTG: blocks of more than 0x800 bytes are lost */
	const char *app_text; /* what a program in flash or RAM prints once it runs; NULL: none */
};

/* The names the simulator knows, in a fixed order; NULL past the end. */
const char *far_sim_esp_chip_name(size_t index);

/* What not every chip has; false as well if the chip is unknown. */
enum far_sim_esp_feature {
	FAR_SIM_ESP_SECURE_DOWNLOAD, /* secure download mode */
	FAR_SIM_ESP_SECURE_BOOT,
	FAR_SIM_ESP_ENCRYPTION, /* of the flash, with writes that the loader or a stub encrypts */
	FAR_SIM_ESP_CRYSTALS,   /* boards with crystals of another frequency than the usual one */
	FAR_SIM_ESP_USB_OTG     /* a loader that can be reached by USB-OTG */
};
bool far_sim_esp_can(const char *chip, enum far_sim_esp_feature feature);

/* NULL if the chip is unknown or memory is short. Powered up at time 0. */
struct far_sim_esp *far_sim_esp_new(const struct far_sim_esp_config *config);
void far_sim_esp_free(struct far_sim_esp *e);

/*
 * Encrypt len bytes as the chip's flash encryption would for addr, or decrypt them: it is the same
 * operation. A model, not the chips' cipher: every byte is combined with one that depends on
 * flash_key and addr, so that plain bytes in an encrypted flash, bytes at another address and bytes
 * under another key all read as nonsense.
 */
void far_sim_esp_crypt(const struct far_sim_esp *e, uint32_t addr, uint8_t *buf, size_t len);

/*
 * The host's modem lines through the usual two-transistor circuit: DTR alone pulls the boot strap
 * low, RTS alone holds the chip in reset, both together do neither. FAR_SIM_ESP_EN_RISE_NS after
 * the release of reset (a capacitor slows its rise) the chip samples the strap and boots: into the
 * loader, or into the program in its flash. Its mode is "reset" until then.
 */
void far_sim_esp_lines(struct far_sim_esp *e, uint64_t now_ns, bool dtr, bool rts);

/*
 * Power, independent of the lines. Off: everything stops in the middle, nothing is sent or heard;
 * the flash die is the caller's to switch (far_sim_nor_power_cycle). On, and it was off: the chip
 * boots as by far_sim_esp_new, or as the lines say if they pull the strap low. A chip that is on
 * stays as it is.
 */
void far_sim_esp_power(struct far_sim_esp *e, uint64_t now_ns, bool on);

/*
 * One byte has arrived at RXD, sent at baud bit/s. If that is not the rate the chip listens at
 * (within what a UART tolerates) the chip samples garbage, as a real one does; before the loader
 * has measured the rate from a SYNC it takes the sender's. While the ROM is busy up to 64 KiB wait
 * in its buffer, and four frames in the stub's; more is lost.
 */
void far_sim_esp_receive(struct far_sim_esp *e, uint64_t now_ns, uint8_t byte, uint32_t baud);

/*
 * Take the next byte that TXD has ready at now_ns. false: none yet. *baud is the rate it is sent
 * at. The caller models how long it takes on the wire and asks for the next one only then.
 */
bool far_sim_esp_transmit(struct far_sim_esp *e, uint64_t now_ns, uint8_t *byte, uint32_t *baud);

/* When the chip next does something by itself (now_ns or earlier: it has a byte to send now). */
uint64_t far_sim_esp_next_ns(const struct far_sim_esp *e);

/* What the chip runs, for tests and traces: "reset", "rom", "stub", "app", "silent". */
const char *far_sim_esp_mode(const struct far_sim_esp *e);

/* The rate that the chip's UART is set to now, bit/s. */
uint32_t far_sim_esp_baud(const struct far_sim_esp *e);

/*
 * Optional trace: called with one line of text (no newline), such as a decoded command, as it
 * happens. text lives only during the call.
 */
void far_sim_esp_set_trace(struct far_sim_esp *e,
			   void (*trace)(void *ctx, uint64_t now_ns, const char *text), void *ctx);

#endif
