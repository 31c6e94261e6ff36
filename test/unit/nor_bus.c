/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "test/unit/nor_bus.h"

#define MS UINT64_C(1000000)

static void note(struct nor_bus *b, const struct far_spi_frame *f)
{
	struct nor_frame *e = &b->log[b->count % NOR_BUS_LOG];

	b->count++;
	e->opcode = f->cmd[0];
	e->cmd_len = (uint8_t)f->cmd_len;
	e->addr = 0;
	for (size_t i = 1; i < f->cmd_len; i++)
		e->addr = e->addr << 8 | f->cmd[i];
	e->tx_len = f->tx_len;
	e->rx_len = f->rx_len;
}

static bool is_change(uint8_t opcode)
{
	static const uint8_t changes[] = { 0x02, 0x12, 0x20, 0x21, 0xD8, 0xDC };

	return memchr(changes, opcode, sizeof(changes)) != NULL;
}

static void pose(const struct nor_bus *b, const struct far_spi_frame *f)
{
	if (f->cmd[0] == 0x9F && b->id != NULL)
		memcpy(f->rx, b->id, f->rx_len < 3 ? f->rx_len : 3);
	if (f->cmd[0] == 0x5A) {
		size_t at = (size_t)f->cmd[1] << 16 | (size_t)f->cmd[2] << 8 | f->cmd[3];

		for (size_t i = 0; i < f->rx_len; i++)
			f->rx[i] = at + i < b->sfdp_len ? b->sfdp[at + i] : 0xFF;
	}
}

static int transfer(struct far_spi *s, const struct far_spi_frame *f)
{
	struct nor_bus *b = (struct nor_bus *)(void *)s;
	struct far_spi_frame sent = *f;
	const uint8_t instead = b->keep_latch ? 0x05 : 0x04; /* read status, write disable */
	int err;

	note(b, f);
	if (b->fail_at != 0 && (b->count == b->fail_at || (b->fail_later && b->count > b->fail_at)))
		return FAR_ERR_IO;
	if (b->drop_changes && is_change(f->cmd[0]))
		sent = (struct far_spi_frame){ .cmd = &instead, .cmd_len = 1 };
	err = b->die_spi.spi.ops->transfer(&b->die_spi.spi, &sent);
	if (f->cmd[0] == 0x05 && f->rx_len > 0)
		f->rx[0] |= b->status_or;
	if (b->pose)
		pose(b, f);
	if (b->answer_all >= 0 && f->rx_len > 0)
		memset(f->rx, b->answer_all, f->rx_len);
	return err;
}

static const struct far_spi_ops bus_ops = { .transfer = transfer };

void nor_bus_open(struct nor_bus *b, uint32_t size)
{
	const struct far_sim_nor_config config = { .size = size };

	memset(b, 0, sizeof(*b));
	b->spi.ops = &bus_ops;
	b->answer_all = -1;
	far_sim_clock_init(&b->clock);
	b->die = far_sim_nor_new(&config);
	if (b->die == NULL)
		abort();
	far_sim_spi_init(&b->die_spi, b->die, &b->clock.clock);
}

void nor_bus_close(struct nor_bus *b)
{
	far_sim_nor_free(b->die);
}

unsigned nor_bus_seen(const struct nor_bus *b, uint8_t opcode)
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->count && i < NOR_BUS_LOG; i++)
		n += b->log[i].opcode == opcode;
	return n;
}

void nor_bus_forget(struct nor_bus *b)
{
	b->count = 0;
}

void nor_bus_raw(struct nor_bus *b, const uint8_t *tx, size_t tx_len, uint32_t ms)
{
	const struct far_spi_frame frame = { .cmd = tx, .cmd_len = tx_len };

	b->die_spi.spi.ops->transfer(&b->die_spi.spi, &frame);
	far_sim_clock_advance_to(&b->clock, b->clock.now_ns + ms * MS);
}

void nor_bus_set_status(struct nor_bus *b, uint8_t status)
{
	const uint8_t enable = 0x06;
	const uint8_t write[2] = { 0x01, status };

	nor_bus_raw(b, &enable, 1, 0);
	nor_bus_raw(b, write, sizeof(write), 100); /* tW is 15 ms at most */
}

uint32_t nor_bus_now_ms(const struct nor_bus *b)
{
	return (uint32_t)(b->clock.now_ns / MS);
}
