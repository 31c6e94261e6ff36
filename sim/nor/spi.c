/* SPDX-License-Identifier: Apache-2.0 */
/* The die behind farflash/spi.h: command and data become one frame, and the bits take time. */
#include <stdlib.h>
#include <string.h>

#include "sim/clock/clock.h"
#include "sim/nor/nor.h"

#define DEFAULT_HZ 40000000u
#define NS_PER_MS  1000000u
#define NS_PER_S   1000000000u
#define CMD_MAX    8u

static uint64_t bus_ns(const struct far_sim_spi *s, const struct far_spi_frame *f)
{
	uint64_t bits = ((uint64_t)f->cmd_len + f->tx_len + f->rx_len) * 8;

	return s->hz == 0 ? 0 : bits * NS_PER_S / s->hz;
}

/*
 * The time at which the frame ends. A virtual clock is moved there. Any other clock knows only
 * milliseconds and does not see the bus, so the frames' times are added up here.
 */
static uint64_t frame_end_ns(struct far_sim_spi *s, const struct far_spi_frame *f)
{
	struct far_sim_clock *virtual = far_sim_clock_of(s->clock);
	uint32_t ms;

	if (virtual != NULL) {
		far_sim_clock_advance_to(virtual, virtual->now_ns + bus_ns(s, f));
		return virtual->now_ns;
	}
	ms = s->clock->ops->now_ms(s->clock);
	s->_state.now_ns += (uint64_t)(uint32_t)(ms - s->_state.last_ms) * NS_PER_MS;
	s->_state.now_ns += bus_ns(s, f);
	s->_state.last_ms = ms;
	return s->_state.now_ns;
}

static bool possible_frame(const struct far_spi_frame *f)
{
	return f->cmd != NULL && f->cmd_len >= 1 && f->cmd_len <= CMD_MAX &&
	       (f->tx_len == 0 || f->rx_len == 0) && (f->tx_len == 0 || f->tx != NULL) &&
	       (f->rx_len == 0 || f->rx != NULL);
}

static int spi_transfer(struct far_spi *spi, const struct far_spi_frame *f)
{
	struct far_sim_spi *s = (struct far_sim_spi *)spi;
	uint8_t page[CMD_MAX + FAR_SIM_NOR_PAGE]; /* enough for all but odd frames */
	uint8_t *tx = page;

	if (!possible_frame(f))
		return FAR_ERR_ARG;
	if (f->tx_len > FAR_SIM_NOR_PAGE) {
		tx = malloc(f->cmd_len + f->tx_len);
		if (tx == NULL)
			return FAR_ERR_IO;
	}
	memcpy(tx, f->cmd, f->cmd_len);
	if (f->tx_len > 0)
		memcpy(tx + f->cmd_len, f->tx, f->tx_len);
	far_sim_nor_frame(s->nor, frame_end_ns(s, f), tx, f->cmd_len + f->tx_len, f->rx, f->rx_len);
	if (tx != page)
		free(tx);
	return FAR_OK;
}

static const struct far_spi_ops spi_ops = { .transfer = spi_transfer };

void far_sim_spi_init(struct far_sim_spi *s, struct far_sim_nor *nor, struct far_clock *clock)
{
	*s = (struct far_sim_spi){ .spi = { &spi_ops }, .nor = nor, .clock = clock };
	s->hz = DEFAULT_HZ;
	s->_state.last_ms = clock->ops->now_ms(clock);
	s->_state.now_ns = (uint64_t)s->_state.last_ms * NS_PER_MS;
}
