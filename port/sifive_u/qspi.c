/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QSPI0, polled. Every byte out brings one in, and what is still to come in is counted: so both
 * FIFOs are never asked for more than they hold, and the frame is over when its last byte has
 * come.
 */
#include "port/sifive_u/internal.h"

#define CS_AUTO    0u
#define CS_HOLD    2u
#define ACTIVE_LOW 1u
#define EIGHT_BITS (8u << 16)
/* Looks at an empty FIFO: a byte takes 16 to 128 clocks of the bus, a look at least one. */
#define LOOKS_MAX 100000u

/* The byte that comes next; -1: none does, the controller is not clocking. */
static int take(void)
{
	for (uint32_t looks = 0; looks < LOOKS_MAX; looks++) {
		uint32_t data = far_reg_get(FAR_QSPI0, FAR_QSPI_RXDATA);

		if ((data & FAR_QSPI_FLAG) == 0)
			return (int)data;
	}
	return -1;
}

/* What comes in is of no use, but tells what has gone out. */
static int send(const uint8_t *tx, size_t len)
{
	size_t ahead = len < FAR_QSPI_FIFO ? len : FAR_QSPI_FIFO;
	const uint8_t *end = tx + len;

	for (size_t i = 0; i < ahead; i++)
		far_reg_set(FAR_QSPI0, FAR_QSPI_TXDATA, *tx++);
	for (; tx < end; tx++) {
		if (take() < 0)
			return FAR_ERR_IO;
		far_reg_set(FAR_QSPI0, FAR_QSPI_TXDATA, *tx);
	}
	for (size_t i = 0; i < ahead; i++) {
		if (take() < 0)
			return FAR_ERR_IO;
	}
	return FAR_OK;
}

static int receive(uint8_t *rx, size_t len)
{
	size_t ahead = len < FAR_QSPI_FIFO ? len : FAR_QSPI_FIFO;
	uint8_t *end = rx + len;

	for (size_t i = 0; i < ahead; i++)
		far_reg_set(FAR_QSPI0, FAR_QSPI_TXDATA, 0);
	while (rx < end) {
		int byte = take();

		if (byte < 0)
			return FAR_ERR_IO;
		*rx++ = (uint8_t)byte;
		if (rx + ahead <= end)
			far_reg_set(FAR_QSPI0, FAR_QSPI_TXDATA, 0);
	}
	return FAR_OK;
}

static int transfer(struct far_spi *s, const struct far_spi_frame *f)
{
	int err;

	(void)s;
	far_reg_set(FAR_QSPI0, FAR_QSPI_CSMODE, CS_HOLD);
	err = send(f->cmd, f->cmd_len);
	if (!err && f->tx_len > 0)
		err = send(f->tx, f->tx_len);
	if (!err && f->rx_len > 0)
		err = receive(f->rx, f->rx_len);
	far_reg_set(FAR_QSPI0, FAR_QSPI_CSMODE, CS_AUTO);
	return err;
}

static const struct far_spi_ops ops = { .transfer = transfer };

void far_sifive_u_qspi_init(struct far_sifive_u_qspi *q, uint32_t max_hz)
{
	q->spi.ops = &ops;
	far_reg_set(FAR_QSPI0, FAR_QSPI_FCTRL, 0);
	far_reg_set(FAR_QSPI0, FAR_QSPI_IE, 0);
	far_reg_set(FAR_QSPI0, FAR_QSPI_CSMODE, CS_AUTO);
	/* tlclk / (2 * (div + 1)), not faster than max_hz. */
	far_reg_set(FAR_QSPI0, FAR_QSPI_SCKDIV, (FAR_SIFIVE_U_TLCLK_HZ - 1) / (2 * max_hz));
	far_reg_set(FAR_QSPI0, FAR_QSPI_SCKMODE, 0);
	far_reg_set(FAR_QSPI0, FAR_QSPI_CSID, 0);
	far_reg_set(FAR_QSPI0, FAR_QSPI_CSDEF, ACTIVE_LOW);
	far_reg_set(FAR_QSPI0, FAR_QSPI_FMT, EIGHT_BITS);
	/* What a frame that a restart cut short has left behind. */
	for (uint32_t i = 0; i < 2 * FAR_QSPI_FIFO; i++)
		(void)far_reg_get(FAR_QSPI0, FAR_QSPI_RXDATA);
}
