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

struct far_sim_esp_config {
	const char *chip;        /* "esp8266", "esp32", "esp32s2" */
	struct far_sim_nor *nor; /* its flash; outlives the chip */
	uint8_t mac[6];          /* its address; all zero: a fixed default of the simulator */
	bool in_loader;          /* powered up with the boot strap low: in the download loader */
	bool secure_download; /* eFuse burned: the loader takes harmless commands only (esp32s2) */
};

/* The names the simulator knows, in a fixed order; NULL past the end. */
const char *far_sim_esp_chip_name(size_t index);

/* NULL if the chip is unknown or memory is short. Powered up at time 0. */
struct far_sim_esp *far_sim_esp_new(const struct far_sim_esp_config *config);
void far_sim_esp_free(struct far_sim_esp *e);

/*
 * The host's modem lines through the usual two-transistor circuit: DTR alone pulls the boot strap
 * low, RTS alone holds the chip in reset, both together do neither. FAR_SIM_ESP_EN_RISE_NS after
 * the release of reset (a capacitor slows its rise) the chip samples the strap and boots: into the
 * loader, or into the program in its flash. Its mode is "reset" until then.
 */
void far_sim_esp_lines(struct far_sim_esp *e, uint64_t now_ns, bool dtr, bool rts);

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
