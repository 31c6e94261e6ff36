/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fault does to the cells. An operation that power cuts short leaves some cells done and
 * others not; those that were under way hold a charge near the limit and read one way or the other,
 * again and again, until the sector is erased in full.
 */
#include <stdlib.h>

#include "sim/nor/die.h"

void far_sim_nor_set_fault(struct far_sim_nor *n, struct far_sim_fault *fault)
{
	n->fault = fault;
}

static uint8_t some_bits(struct far_sim_nor *n)
{
	return (uint8_t)far_sim_fault_draw(n->fault, 256);
}

/* Bits of the cell at addr that read differently from time to time. Without memory: none. */
static void set_unstable(struct far_sim_nor *n, uint32_t addr, uint8_t bits)
{
	if (n->unstable == NULL)
		n->unstable = calloc(n->size, 1);
	if (n->unstable != NULL)
		n->unstable[addr] = bits;
}

void far_sim_nor_settle(struct far_sim_nor *n, uint32_t addr, uint32_t len, bool erased)
{
	for (uint32_t i = addr; n->unstable != NULL && i < addr + len; i++)
		n->unstable[i] &= erased ? 0 : n->memory[i];
}

uint8_t far_sim_nor_waver(struct far_sim_nor *n, uint32_t addr)
{
	uint8_t bits = n->unstable != NULL ? n->unstable[addr] : 0;

	return bits != 0 && n->fault != NULL ? bits & some_bits(n) : 0;
}

/* Bits that cannot be programmed any more, in a sector that is worn out. */
uint8_t far_sim_nor_dead_bits(const struct far_sim_nor *n, uint32_t addr)
{
	for (size_t i = 0; i < n->worn_count; i++)
		if (n->worn[i] == addr / FAR_SIM_NOR_SECTOR)
			return addr % 37 == 0 ? 0x55 : 0;
	return 0;
}

static void wear_out(struct far_sim_nor *n, uint32_t addr)
{
	if (n->worn_count < sizeof(n->worn) / sizeof(n->worn[0]))
		n->worn[n->worn_count++] = addr / FAR_SIM_NOR_SECTOR;
}

/*
 * Half-way: each cell of the first part is as after, of the last as before, and where they meet
 * each bit is as it happens, and unstable.
 */
static void tear(struct far_sim_nor *n, struct far_sim_nor_change *c)
{
	uint32_t done = (uint32_t)far_sim_fault_draw(n->fault, c->len + 1);
	uint32_t torn = (uint32_t)far_sim_fault_draw(n->fault, c->len - done + 1);
	bool whole = far_sim_fault_draw(n->fault, 2) != 0; /* all cells at once, not in order */

	for (uint32_t i = whole ? 0 : done; i < c->len; i++) {
		uint8_t before = n->memory[c->addr + i], moving = before ^ c->cells[i];
		uint8_t moved = moving & some_bits(n);

		if (!whole && i >= done + torn)
			moved = moving = 0;
		set_unstable(n, c->addr + i, (uint8_t)(moving & some_bits(n)));
		c->cells[i] = before ^ moved;
	}
}

/* A bit here and there stays as it was. */
static void forget_some(struct far_sim_nor *n, struct far_sim_nor_change *c)
{
	for (unsigned i = 0; i < 3; i++) {
		uint32_t at = (uint32_t)far_sim_fault_draw(n->fault, c->len);

		c->cells[at] = n->memory[c->addr + at];
	}
}

bool far_sim_nor_hurt(struct far_sim_nor *n, struct far_sim_nor_change *c)
{
	enum far_sim_fault_where where = FAR_SIM_FAULT_BY_SEED;

	if (n->fault == NULL)
		return true;
	switch ((int)far_sim_fault_op(n->fault, &where)) {
	case FAR_SIM_FAULT_CUT:
		if (where == FAR_SIM_FAULT_INSIDE)
			tear(n, c);
		c->cut = true;
		return where == FAR_SIM_FAULT_INSIDE || where == FAR_SIM_FAULT_AFTER;
	case FAR_SIM_FAULT_LIE:
		forget_some(n, c);
		return true;
	case FAR_SIM_FAULT_WORN:
		wear_out(n, c->addr);
		return true;
	case FAR_SIM_FAULT_STUCK:
		c->stuck = true;
		return true;
	default:
		return true;
	}
}
