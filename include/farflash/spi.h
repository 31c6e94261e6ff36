/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SPI bus with one NOR flash selected on it, as a port or the simulator supplies it.
 * Used by device/nor. Mode 0, most significant bit first, single data lines.
 */
#ifndef FARFLASH_SPI_H
#define FARFLASH_SPI_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/err.h"

struct far_spi;

/*
 * One chip-select frame: cmd_len bytes of cmd are clocked out, then tx_len bytes of tx, then
 * rx_len bytes are clocked in to rx. cmd_len is 1 to 8; at most one of tx_len and rx_len is not 0;
 * a pointer of length 0 may be NULL. The buffers are used only during the call.
 */
struct far_spi_frame {
	const uint8_t *cmd;
	size_t cmd_len;
	const uint8_t *tx;
	size_t tx_len;
	uint8_t *rx;
	size_t rx_len;
};

struct far_spi_ops {
	/*
	 * Required. Select the chip, do the frame, deselect: the deselection is what makes a NOR
	 * start a program or erase. Blocks for the transfer time only. FAR_OK, or FAR_ERR_IO if
	 * the bus failed; the chip may then have seen any prefix of the frame.
	 */
	int (*transfer)(struct far_spi *s, const struct far_spi_frame *frame);
};

struct far_spi {
	const struct far_spi_ops *ops;
};

#endif
