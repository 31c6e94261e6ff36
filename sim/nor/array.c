/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cells. A program clears bits, an erase sets them, and neither can do the other's work. Both
 * take effect when the frame ends; the busy time that follows only keeps the host out.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/nor/die.h"

#define MIB 0x100000u

void far_sim_nor_read(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	/*
	 * Address lines the part does not have are not looked at, and the end runs into the start.
	 */
	far_sim_nor_emit(c, n->memory, n->size, c->addr);
	if (n->unstable == NULL)
		return;
	for (size_t i = c->rx_lead; i < c->rx_len; i++) {
		uint64_t at = (uint64_t)c->addr + c->rx_skip + (i - c->rx_lead);

		c->rx[i] ^= far_sim_nor_waver(n, (uint32_t)(at % n->size));
	}
}

static uint64_t program_ns(size_t len)
{
	uint64_t ns = FAR_SIM_NOR_T_BP1_NS + (uint64_t)(len - 1) * FAR_SIM_NOR_T_BP2_NS;

	return ns < FAR_SIM_NOR_T_PP_NS ? ns : FAR_SIM_NOR_T_PP_NS;
}

/*
 * Let the cells become what the operation makes of them, if nothing hurts it. Bits that it leaves
 * at their rest are firm from then on: all of an erased sector, the zeros of a programmed page.
 */
static void change(struct far_sim_nor *n, uint64_t now_ns, struct far_sim_nor_change *c,
		   uint64_t ns)
{
	if (far_sim_nor_hurt(n, c)) {
		memcpy(n->memory + c->addr, c->cells, c->len);
		if (!c->cut)
			far_sim_nor_settle(n, c->addr, c->len, c->erase);
	}
	n->off = c->cut;
	far_sim_nor_start(n, now_ns, ns, false);
	if (c->stuck)
		n->busy_until_ns = UINT64_MAX;
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
	uint8_t cells[FAR_SIM_NOR_PAGE];

	if (!far_sim_nor_take_write_enable(n, inside))
		return;
	memcpy(cells, n->memory + page, sizeof(cells));
	for (size_t i = 0; i < len; i++) {
		uint32_t at = (c->addr + (uint32_t)(first + i)) % FAR_SIM_NOR_PAGE;
		uint8_t want = c->data[first + i] | far_sim_nor_dead_bits(n, page + at);

		lost = lost || (want & ~cells[at]) != 0;
		cells[at] &= want;
	}
	n->counts.programs++;
	n->counts.zero_to_one += lost;
	change(n, c->now_ns,
	       &(struct far_sim_nor_change){
		       .addr = page, .len = FAR_SIM_NOR_PAGE, .cells = cells },
	       program_ns(len));
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
	struct far_sim_nor_change erased = { .addr = from, .len = unit, .erase = true };

	if (!far_sim_nor_take_write_enable(n, inside))
		return;
	for (uint32_t s = 0; s < unit; s += FAR_SIM_NOR_SECTOR)
		n->wear[(from + s) / FAR_SIM_NOR_SECTOR]++;
	n->counts.erases++;
	erased.cells = n->fault != NULL ? malloc(unit) : NULL;
	if (erased.cells == NULL) { /* nothing hurts it, or there is no memory to hurt it with */
		memset(n->memory + from, 0xff, unit);
		far_sim_nor_settle(n, from, unit, true);
		far_sim_nor_start(n, c->now_ns, erase_ns(n, c->op->param), false);
		return;
	}
	memset(erased.cells, 0xff, unit);
	change(n, c->now_ns, &erased, erase_ns(n, c->op->param));
	free(erased.cells);
}
