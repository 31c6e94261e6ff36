/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts of devices, all to hart 0 (context 0). */
#include "port/sifive_u/internal.h"

#define HANDLERS     4u
#define ENABLE_WORDS ((FAR_PLIC_SOURCES + 31) / 32)

static struct {
	uint32_t source; /* 0: free */
	void (*handler)(void *ctx);
	void *ctx;
} table[HANDLERS];

/*
 * A restart may come between a claim and its completion: what is not completed never comes again.
 */
void far_sifive_u_plic_init(void)
{
	for (uint32_t source = 1; source < FAR_PLIC_SOURCES; source++)
		far_reg_set(FAR_PLIC, FAR_PLIC_CLAIM, source);
	for (uint32_t i = 0; i < ENABLE_WORDS; i++)
		far_reg_set(FAR_PLIC, FAR_PLIC_ENABLE + 4 * i, 0);
	far_reg_set(FAR_PLIC, FAR_PLIC_THRESHOLD, 0);
	FAR_CSR_SET(mie, 1u << FAR_IRQ_EXTERNAL);
}

void far_sifive_u_on_irq(uint32_t source, void (*handler)(void *ctx), void *ctx)
{
	uint32_t word = FAR_PLIC_ENABLE + source / 32 * 4;

	for (uint32_t i = 0; i < HANDLERS; i++) {
		if (table[i].source != 0)
			continue;
		table[i].handler = handler;
		table[i].ctx = ctx;
		table[i].source = source;
		far_reg_set(FAR_PLIC, FAR_PLIC_PRIORITY + 4 * source, 1);
		far_reg_set(FAR_PLIC, word, far_reg_get(FAR_PLIC, word) | 1u << source % 32);
		return;
	}
}

void far_sifive_u_plic_handle(void)
{
	uint32_t source = far_reg_get(FAR_PLIC, FAR_PLIC_CLAIM);

	if (source == 0)
		return;
	for (uint32_t i = 0; i < HANDLERS; i++) {
		if (table[i].source == source)
			table[i].handler(table[i].ctx);
	}
	far_reg_set(FAR_PLIC, FAR_PLIC_CLAIM, source);
}
