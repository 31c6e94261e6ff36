/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status registers, latches, modes. The W25Q has three status registers, each kept in cells
 * (written after 06h, taking tW) and in force in latches (written after 50h, at once and until
 * power-down or reset).
 *
 * The /WP pin is taken as high, so SRP alone locks nothing. Individual block locks (WPS), suspend
 * and the security registers are not modelled: WPS and SUS read 0, and their commands are unknown.
 */
#include "sim/nor/die.h"

/* The bits a status write may change, by register. */
static const uint8_t writable[3] = { 0xfc, 0x7b, 0xe0 };

bool far_sim_nor_take_write_enable(struct far_sim_nor *n, bool allowed)
{
	bool go = n->write_enable && allowed;

	if (!go)
		n->counts.refused++;
	n->write_enable = false;
	return go;
}

void far_sim_nor_enable_write(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	n->write_enable = c->op->param != 0;
	n->volatile_enable = false;
}

void far_sim_nor_enable_volatile(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	(void)c;
	n->volatile_enable = true;
}

void far_sim_nor_read_status(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	uint8_t value = n->status[c->op->param];

	if (c->op->param == 0) {
		/* WEL falls when the operation that used it ends, so a busy die shows both. */
		if (c->now_ns < n->busy_until_ns)
			value |= FAR_SIM_NOR_SR1_BUSY | FAR_SIM_NOR_SR1_WEL;
		else if (n->write_enable)
			value |= FAR_SIM_NOR_SR1_WEL;
	}
	if (c->op->param == 2 && n->addr4)
		value |= FAR_SIM_NOR_SR3_ADS;
	far_sim_nor_emit(c, &value, 1, 0);
}

static void put_status(struct far_sim_nor *n, size_t index, uint8_t value, bool keep)
{
	uint8_t mask = writable[index];

	if (index == 2 && far_sim_nor_is_big(n))
		mask |= FAR_SIM_NOR_SR3_ADP;
	if (index == 1) {
		/* The lock bits burn once and for all; a volatile write cannot touch them. */
		if (keep)
			value |= n->status[1] & FAR_SIM_NOR_SR2_LB;
		else
			mask &= (uint8_t)~FAR_SIM_NOR_SR2_LB;
	}
	n->status[index] = (uint8_t)((n->status[index] & ~mask) | (value & mask));
	if (keep) {
		n->status_kept[index] = n->status[index];
		/* SRL locks until power goes, and power-up finds it 0. */
		if (index == 1)
			n->status_kept[1] &= (uint8_t)~FAR_SIM_NOR_SR2_SRL;
	}
}

/* 01h with two bytes writes registers 1 and 2; with one byte register 2 stays as it is. */
void far_sim_nor_write_status(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	bool unlocked = (n->status[1] & FAR_SIM_NOR_SR2_SRL) == 0;
	bool keep = !n->volatile_enable;

	n->volatile_enable = false;
	n->write_enable = n->write_enable || !keep; /* 50h stands in for WEL */
	if (!far_sim_nor_take_write_enable(n, unlocked))
		return;
	for (size_t i = 0; i < c->data_len; i++)
		put_status(n, c->op->param + i, c->data[i], keep);
	if (keep)
		far_sim_nor_start(n, c->now_ns, FAR_SIM_NOR_T_W_NS, false);
}

void far_sim_nor_address_mode(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	n->addr4 = c->op->param != 0;
}

void far_sim_nor_read_extended(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	far_sim_nor_emit(c, &n->extended_address, 1, 0);
}

void far_sim_nor_write_extended(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	if (!far_sim_nor_take_write_enable(n, true))
		return;
	/* Only as many bits exist as the part has address lines; it takes no time. */
	n->extended_address = (uint8_t)(c->data[0] & ((n->size - 1) >> 24));
}

void far_sim_nor_sleep(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	(void)c;
	n->asleep = true;
}

void far_sim_nor_arm_reset(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	(void)c;
	n->reset_armed = true;
}

void far_sim_nor_reset(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	uint8_t locked = n->status[1] & FAR_SIM_NOR_SR2_SRL;

	if (!n->reset_armed) {
		n->counts.ignored++;
		return;
	}
	far_sim_nor_load_power_up(n);
	n->status[1] |= locked;
	far_sim_nor_start(n, c->now_ns, FAR_SIM_NOR_T_RST_NS, true);
}
