/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each core may touch, in its own MPU: nothing but what is listed here. A core could turn its
 * MPU off, and on this chip nothing keeps it from that; so core 1 is stopped in its mistakes and
 * not in its malice. Real enforcement would run core 1 in non-secure state behind the chip's
 * protection controllers.
 */
#include "port/mps2_an521/internal.h"

extern char far_rom_begin[], far_rom_size[], far_ram_begin[], far_ram_size[];
extern char far_shared_begin[], far_shared_size[];

struct region {
	uintptr_t begin;
	uint32_t size;   /* a multiple of 32 */
	uint32_t access; /* RBAR: XN, read only; 0: read, write, execute */
	uint32_t kind;   /* RLAR */
};

static void set_region(uint32_t number, const struct region *r)
{
	uint32_t last = (uint32_t)r->begin + r->size - 32;

	far_reg_set(FAR_MPU, FAR_MPU_RNR, number);
	far_reg_set(FAR_MPU, FAR_MPU_RBAR, (uint32_t)r->begin | r->access);
	far_reg_set(FAR_MPU, FAR_MPU_RLAR, last | r->kind | FAR_MPU_REGION);
}

static uint32_t number_of(const char *symbol)
{
	return (uint32_t)(uintptr_t)symbol;
}

/* The core's own, and what is shared. Returns how many regions that took. */
static uint32_t set_memory(void)
{
	const struct region memory[] = {
		{ number_of(far_rom_begin), number_of(far_rom_size), FAR_MPU_READONLY, 0 },
		{ number_of(far_ram_begin), number_of(far_ram_size), FAR_MPU_XN, 0 },
		{ number_of(far_shared_begin), number_of(far_shared_size), FAR_MPU_XN, 0 },
	};
	uint32_t count = sizeof(memory) / sizeof(memory[0]);

	for (uint32_t i = 0; i < count; i++)
		set_region(i, &memory[i]);
	return count;
}

static const struct region of_core0[] = {
	{ 0x50000000, 0x300000, FAR_MPU_XN, FAR_MPU_DEVICE },
	{ FAR_MPS2_AN521_PSRAM, FAR_MPS2_AN521_PSRAM_SIZE, FAR_MPU_XN, 0 },
};

/* The last one is the boot arguments. */
static const struct region of_core1[] = {
	{ FAR_TIMER, 0x2000, FAR_MPU_XN, FAR_MPU_DEVICE }, /* and MHU0 behind it */
	{ FAR_IDENTITY, 0x1000, FAR_MPU_XN, FAR_MPU_DEVICE },
	{ FAR_UART1, 0x1000, FAR_MPU_XN, FAR_MPU_DEVICE },
	{ FAR_MPS2_AN521_PSRAM + FAR_MPS2_AN521_PSRAM_SIZE - 0x1000, 0x1000, FAR_MPU_XN, 0 },
};

void far_mps2_an521_protect(void)
{
	bool first = far_cpu_index() == 0;
	const struct region *own = first ? of_core0 : of_core1;
	uint32_t count = first ? sizeof(of_core0) / sizeof(of_core0[0])
			       : sizeof(of_core1) / sizeof(of_core1[0]);
	uint32_t regions = (far_reg_get(FAR_MPU, FAR_MPU_TYPE) >> 8) & 0xff, used;

	far_reg_set(FAR_MPU, FAR_MPU_CTRL, 0);
	far_reg_set(FAR_MPU, FAR_MPU_MAIR0, FAR_MPU_MEMORY | FAR_MPU_NGNRE);
	used = set_memory();
	for (uint32_t i = 0; i < count; i++)
		set_region(used++, &own[i]);
	for (; used < regions; used++) {
		far_reg_set(FAR_MPU, FAR_MPU_RNR, used);
		far_reg_set(FAR_MPU, FAR_MPU_RLAR, 0);
	}
	far_reg_set(FAR_MPU, FAR_MPU_CTRL, FAR_MPU_ENABLE);
	__asm__ volatile("dsb\n\tisb" ::: "memory");
}
