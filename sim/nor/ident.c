/* SPDX-License-Identifier: Apache-2.0 */
/* Who the die says it is: Winbond (EFh), W25Q (40h), and its capacity. */
#include "sim/nor/die.h"

#define WINBOND 0xefu
#define W25Q    0x40u

/*
 * The third byte of the JEDEC id is log2 of the size up to 19h (32 MiB); the next part, 64 MiB, is
 * 20h: the two hex digits count in tens.
 */
static uint8_t capacity_code(uint32_t size)
{
	uint8_t log = far_sim_nor_log2(size);

	return log <= 0x19 ? log : (uint8_t)(log + 6);
}

/* The device id of 90h and ABh is the code of the part half as large: 17h for 16 MiB. */
static uint8_t device_code(uint32_t size)
{
	return capacity_code(size / 2);
}

void far_sim_nor_jedec_id(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	const uint8_t id[3] = { WINBOND, W25Q, capacity_code(n->size) };

	far_sim_nor_emit(c, id, sizeof(id), 0);
}

/* Manufacturer and device in turns, device first if the address is odd. */
void far_sim_nor_device_id(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	const uint8_t id[2] = { WINBOND, device_code(n->size) };

	far_sim_nor_emit(c, id, sizeof(id), c->addr & 1);
}

/* ABh wakes the die, and names it to a host that goes on clocking. */
void far_sim_nor_wake(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	const uint8_t id = device_code(n->size);

	far_sim_nor_emit(c, &id, 1, 0);
	if (n->asleep) {
		n->asleep = false;
		far_sim_nor_start(n, c->now_ns, FAR_SIM_NOR_T_RES_NS, true);
	}
}

void far_sim_nor_unique_id(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	static const uint8_t id[8] = { 0xd2, 0x66, 0xb4, 0x21, 0x83, 0x1f, 0x09, 0x2b };

	(void)n;
	far_sim_nor_emit(c, id, sizeof(id), 0);
}
