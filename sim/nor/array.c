/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cells. A program clears bits, an erase sets them, and neither can do the other's work. Both
 * take effect when the frame ends; the busy time that follows only keeps the host out.
 */
#include <string.h>

#include "sim/nor/die.h"

#define MIB 0x100000u

void far_sim_nor_read(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	/* Address lines the part does not have are not looked at, and the end runs into the start. */
	far_sim_nor_emit(c, n->memory, n->size, c->addr);
}

static uint64_t program_ns(size_t len)
{
	uint64_t ns = FAR_SIM_NOR_T_BP1_NS + (uint64_t)(len - 1) * FAR_SIM_NOR_T_BP2_NS;

	return ns < FAR_SIM_NOR_T_PP_NS ? ns : FAR_SIM_NOR_T_PP_NS;
}

/*
 * The page buffer is a ring of 256 bytes that the data go round in: of longer data the last 256
 * remain.
 */
void far_sim_nor_program(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	uint32_t page = c->addr & ~(FAR_SIM_NOR_PAGE - 1);
	bool inside = c->addr < n->size && !far_sim_nor_protected(n, page, FAR_SIM_NOR_PAGE);
	size_t len = c->data_len < FAR_SIM_NOR_PAGE ? c->data_len : FAR_SIM_NOR_PAGE;
	size_t first = c->data_len - len;
	bool lost = false;

	if (!far_sim_nor_take_write_enable(n, inside))
		return;
	for (size_t i = 0; i < len; i++) {
		uint8_t *cell = &n->memory[page + (c->addr + first + i) % FAR_SIM_NOR_PAGE];
		uint8_t want = c->data[first + i];

		lost = lost || (want & ~*cell) != 0;
		*cell &= want;
	}
	n->counts.programs++;
	n->counts.zero_to_one += lost;
	far_sim_nor_start(n, c->now_ns, program_ns(len), false);
}

static uint64_t erase_ns(const struct far_sim_nor *n, uint32_t unit)
{
	switch (unit) {
	case 0x1000:
		return FAR_SIM_NOR_T_SE_NS;
	case 0x8000:
		return FAR_SIM_NOR_T_BE1_NS;
	case 0x10000:
		return FAR_SIM_NOR_T_BE2_NS;
	default:
		return (uint64_t)FAR_SIM_NOR_T_CE_MIB_NS * n->size / MIB;
	}
}

/* The address may lie anywhere in the unit. */
void far_sim_nor_erase(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	uint32_t unit = c->op->param != 0 ? c->op->param : n->size;
	uint32_t from = c->addr & ~(unit - 1);
	bool inside = c->addr < n->size && !far_sim_nor_protected(n, from, unit);

	if (!far_sim_nor_take_write_enable(n, inside))
		return;
	memset(n->memory + from, 0xff, unit);
	for (uint32_t s = 0; s < unit; s += FAR_SIM_NOR_SECTOR)
		n->wear[(from + s) / FAR_SIM_NOR_SECTOR]++;
	n->counts.erases++;
	far_sim_nor_start(n, c->now_ns, erase_ns(n, c->op->param), false);
}
