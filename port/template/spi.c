/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SPI bus of farflash/spi.h: one function. A chip whose flash is not on such a bus needs none
 * of this; it fills struct far_flash_ops in a device of its own.
 */
#include "port/template/internal.h"

#define LOOKS_MAX 100000u /* far more than a byte takes at the slowest clock */

/* -1: the controller does not come to an end. */
static int exchange(uint8_t out)
{
	far_reg_set(FAR_SPI, FAR_SPI_DATA, out);
	for (uint32_t looks = 0; looks < LOOKS_MAX; looks++) {
		if ((far_reg_get(FAR_SPI, FAR_SPI_STATUS) & FAR_SPI_BUSY) == 0)
			return (int)(far_reg_get(FAR_SPI, FAR_SPI_DATA) & 0xff);
	}
	return -1;
}

static int send(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (exchange(bytes[i]) < 0)
			return FAR_ERR_IO;
	}
	return FAR_OK;
}

static int receive(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int in = exchange(0);

		if (in < 0)
			return FAR_ERR_IO;
		bytes[i] = (uint8_t)in;
	}
	return FAR_OK;
}

/*
 * Guarantee: the part is selected all through the frame and never in between, deselected after the
 * last bit, also on failure: deselecting is what starts a program or erase, and no frame may be
 * joined to another. Every wait has a bound. An interrupt in the middle only makes it longer.
 */
static int transfer(struct far_spi *s, const struct far_spi_frame *f)
{
	int err;

	(void)s;
	far_reg_set(FAR_SPI, FAR_SPI_SELECT, 1);
	err = send(f->cmd, f->cmd_len);
	if (!err)
		err = send(f->tx, f->tx_len);
	if (!err)
		err = receive(f->rx, f->rx_len);
	far_reg_set(FAR_SPI, FAR_SPI_SELECT, 0);
	return err;
}

static const struct far_spi_ops ops = { .transfer = transfer };

/* Guarantee: mode 0, at most max_hz, and nothing selected, whatever the controller was doing. */
void far_template_spi_init(struct far_template_spi *s, uint32_t max_hz)
{
	s->spi.ops = &ops;
	far_reg_set(FAR_SPI, FAR_SPI_SELECT, 0);
	far_reg_set(FAR_SPI, FAR_SPI_DIVIDER, (FAR_TEMPLATE_CLOCK_HZ + max_hz - 1) / max_hz);
}
