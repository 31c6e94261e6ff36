/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One chip-select frame: find the opcode, decide whether the die hears it, take it apart.
 *
 * The datasheet lets a read end after any clock, but a command that changes something must end on
 * exactly its last byte or it is not executed: WREN with a byte too many is no WREN.
 */
#include <string.h>

#include "sim/nor/die.h"

/* Address bytes by the mode in force: 3, or 4 after B7h. */
#define ADDR_MODE 0xffu

enum {
	READ = 0,       /* may end anywhere and may have any number of bytes out */
	CHANGE = 0x01,  /* no bytes out, data_min to data_max bytes in */
	STATUS = 0x02,  /* answered while the die is busy */
	BIG = 0x04,     /* exists on parts above 16 MiB only */
	NEEDS_QE = 0x08 /* ignored until the quad enable bit is set */
};

#define ANY 0xffu /* data_max: no limit */

static const struct far_sim_nor_op op_table[] = {
	{ 0x01, 0, 0, CHANGE, 1, 2, 0, far_sim_nor_write_status },
	{ 0x02, ADDR_MODE, 0, CHANGE, 1, ANY, 0, far_sim_nor_program },
	{ 0x03, ADDR_MODE, 0, READ, 0, 0, 0, far_sim_nor_read },
	{ 0x04, 0, 0, CHANGE, 0, 0, 0, far_sim_nor_enable_write },
	{ 0x05, 0, 0, STATUS, 0, 0, 0, far_sim_nor_read_status },
	{ 0x06, 0, 0, CHANGE, 0, 0, 1, far_sim_nor_enable_write },
	{ 0x0b, ADDR_MODE, 1, READ, 0, 0, 0, far_sim_nor_read },
	{ 0x0c, 4, 1, BIG, 0, 0, 0, far_sim_nor_read },
	{ 0x11, 0, 0, CHANGE, 1, 1, 2, far_sim_nor_write_status },
	{ 0x12, 4, 0, CHANGE | BIG, 1, ANY, 0, far_sim_nor_program },
	{ 0x13, 4, 0, BIG, 0, 0, 0, far_sim_nor_read },
	{ 0x15, 0, 0, STATUS, 0, 0, 2, far_sim_nor_read_status },
	{ 0x20, ADDR_MODE, 0, CHANGE, 0, 0, 0x1000, far_sim_nor_erase },
	{ 0x21, 4, 0, CHANGE | BIG, 0, 0, 0x1000, far_sim_nor_erase },
	{ 0x31, 0, 0, CHANGE, 1, 1, 1, far_sim_nor_write_status },
	{ 0x35, 0, 0, STATUS, 0, 0, 1, far_sim_nor_read_status },
	{ 0x3b, ADDR_MODE, 1, READ, 0, 0, 0, far_sim_nor_read },
	{ 0x3c, 4, 1, BIG, 0, 0, 0, far_sim_nor_read },
	{ 0x4b, ADDR_MODE, 1, READ, 0, 0, 0, far_sim_nor_unique_id },
	{ 0x50, 0, 0, CHANGE, 0, 0, 0, far_sim_nor_enable_volatile },
	{ 0x52, ADDR_MODE, 0, CHANGE, 0, 0, 0x8000, far_sim_nor_erase },
	{ 0x5a, 3, 1, READ, 0, 0, 0, far_sim_nor_read_sfdp },
	{ 0x60, 0, 0, CHANGE, 0, 0, 0, far_sim_nor_erase },
	{ 0x66, 0, 0, CHANGE, 0, 0, 0, far_sim_nor_arm_reset },
	{ 0x6b, ADDR_MODE, 1, NEEDS_QE, 0, 0, 0, far_sim_nor_read },
	{ 0x6c, 4, 1, NEEDS_QE | BIG, 0, 0, 0, far_sim_nor_read },
	{ 0x90, 3, 0, READ, 0, 0, 0, far_sim_nor_device_id },
	{ 0x99, 0, 0, CHANGE, 0, 0, 0, far_sim_nor_reset },
	{ 0x9f, 0, 0, READ, 0, 0, 0, far_sim_nor_jedec_id },
	{ 0xab, 0, 3, READ, 0, 0, 0, far_sim_nor_wake },
	{ 0xb7, 0, 0, CHANGE | BIG, 0, 0, 1, far_sim_nor_address_mode },
	{ 0xb9, 0, 0, CHANGE, 0, 0, 0, far_sim_nor_sleep },
	{ 0xc5, 0, 0, CHANGE | BIG, 1, 1, 0, far_sim_nor_write_extended },
	{ 0xc7, 0, 0, CHANGE, 0, 0, 0, far_sim_nor_erase },
	{ 0xc8, 0, 0, BIG, 0, 0, 0, far_sim_nor_read_extended },
	{ 0xd8, ADDR_MODE, 0, CHANGE, 0, 0, 0x10000, far_sim_nor_erase },
	{ 0xdc, 4, 0, CHANGE | BIG, 0, 0, 0x10000, far_sim_nor_erase },
	{ 0xe9, 0, 0, CHANGE | BIG, 0, 0, 0, far_sim_nor_address_mode },
};

static const struct far_sim_nor_op *find_op(uint8_t opcode)
{
	for (size_t i = 0; i < sizeof(op_table) / sizeof(op_table[0]); i++)
		if (op_table[i].opcode == opcode)
			return &op_table[i];
	return NULL;
}

/* Does this part, as it is set up, have the command? */
static bool has_op(const struct far_sim_nor *n, const struct far_sim_nor_op *op)
{
	if (op == NULL || ((op->flags & BIG) != 0 && !far_sim_nor_is_big(n)))
		return false;
	if ((op->flags & NEEDS_QE) != 0 && (n->status[1] & FAR_SIM_NOR_SR2_QE) == 0)
		return false;
	return !n->asleep || op->handler == far_sim_nor_wake;
}

static bool busy_for(const struct far_sim_nor *n, const struct far_sim_nor_op *op, uint64_t now_ns)
{
	if (now_ns >= n->busy_until_ns)
		return false;
	return n->deaf || op == NULL || (op->flags & STATUS) == 0;
}

/* The address behind the opcode; a 3-byte one into the array of a big part needs the register. */
static uint32_t get_addr(const struct far_sim_nor *n, const struct far_sim_nor_op *op,
			 const uint8_t *bytes, size_t addr_len)
{
	uint32_t addr = 0;

	for (size_t i = 0; i < addr_len; i++)
		addr = addr << 8 | bytes[i];
	if (op->addr_len == ADDR_MODE && addr_len == 3)
		addr |= (uint32_t)n->extended_address << 24;
	return addr;
}

static size_t addr_len_of(const struct far_sim_nor *n, const struct far_sim_nor_op *op)
{
	if (op->addr_len != ADDR_MODE)
		return op->addr_len;
	return n->addr4 ? 4 : 3;
}

/* false: not a complete command, or one that does not end where it must. */
static bool take_apart(const struct far_sim_nor *n, struct far_sim_nor_call *c, const uint8_t *tx,
		       size_t tx_len)
{
	size_t addr_len = addr_len_of(n, c->op);

	if (tx_len < 1 + addr_len)
		return false;
	c->addr = get_addr(n, c->op, tx + 1, addr_len);
	c->data = tx + 1 + addr_len;
	c->data_len = tx_len - 1 - addr_len;
	c->rx_lead = c->data_len < c->op->dummy ? c->op->dummy - c->data_len : 0;
	c->rx_skip = c->data_len > c->op->dummy ? c->data_len - c->op->dummy : 0;
	if ((c->op->flags & CHANGE) == 0)
		return true;
	return c->rx_len == 0 && c->data_len >= c->op->data_min &&
	       (c->op->data_max == ANY || c->data_len <= c->op->data_max);
}

void far_sim_nor_frame(struct far_sim_nor *n, uint64_t now_ns, const uint8_t *tx, size_t tx_len,
		       uint8_t *rx, size_t rx_len)
{
	struct far_sim_nor_call c = { .now_ns = now_ns, .rx = rx, .rx_len = rx_len };

	if (rx == NULL)
		c.rx_len = 0;
	if (c.rx_len > 0)
		memset(rx, 0xff, rx_len);
	if (tx == NULL || tx_len == 0 || n->off)
		return;
	c.op = find_op(tx[0]);
	if (busy_for(n, c.op, now_ns)) {
		n->counts.while_busy++;
		return;
	}
	/* 66h must come right before 99h; whatever else the die hears in between disarms it. */
	if (c.op == NULL || c.op->handler != far_sim_nor_reset)
		n->reset_armed = false;
	if (!has_op(n, c.op) || !take_apart(n, &c, tx, tx_len)) {
		n->counts.ignored++;
		return;
	}
	c.op->handler(n, &c);
}

void far_sim_nor_emit(const struct far_sim_nor_call *c, const uint8_t *src, size_t len,
		      size_t start)
{
	size_t at = (start % len + c->rx_skip % len) % len;
	size_t done = c->rx_lead;

	while (done < c->rx_len) {
		size_t chunk = len - at;

		if (chunk > c->rx_len - done)
			chunk = c->rx_len - done;
		memcpy(c->rx + done, src + at, chunk);
		done += chunk;
		at = 0;
	}
}
