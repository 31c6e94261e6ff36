/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical memory protection. All entries are locked: they bind this hart in machine mode, and
 * nothing it does until the chip's reset takes them back (a restart writes them again, which is
 * ignored). What no entry names is allowed.
 *
 * On a chip whose second core cannot be trusted even with its own start-up code, the first one's
 * boot code sets these before it lets the other begin.
 */
#include "port/sifive_u/internal.h"

#define READ   1u
#define EXEC   4u
#define NAPOT  0x18u /* a power of two of bytes, aligned to it */
#define LOCKED 0x80u

#define PAGE 0x1000u

static uint32_t napot(uintptr_t base, uintptr_t size)
{
	return (uint32_t)(base >> 2 | (size / 8 - 1));
}

/*
 * Entries 0 and 1: the stack does not grow into what is below it, and the program stays as it is.
 */
static void protect_self(void)
{
	FAR_CSR_WRITE(pmpaddr0, napot((uintptr_t)far_stack_guard, PAGE));
	FAR_CSR_WRITE(pmpaddr1, napot((uintptr_t)far_rom_begin, (uintptr_t)far_rom_size));
	FAR_CSR_SET(pmpcfg0, (LOCKED | NAPOT) | (LOCKED | NAPOT | READ | EXEC) << 8);
}

/*
 * Entries 2 to 7, for hart 1: nothing of what could change the flash, by itself or through others:
 * the controller, hart 0's memory, the DMA engine, hart 0's interrupts and timer; nor read it: the
 * mapped flash.
 */
static void protect_flash(void)
{
	const uint32_t no = LOCKED | NAPOT;

	FAR_CSR_WRITE(pmpaddr2, napot(FAR_QSPI0, PAGE));
	FAR_CSR_WRITE(pmpaddr3, napot((uintptr_t)far_hart0_begin, (uintptr_t)far_hart0_size));
	FAR_CSR_WRITE(pmpaddr4, napot(FAR_PDMA, 0x100000));
	FAR_CSR_WRITE(pmpaddr5, napot(FAR_PLIC, 0x4000000));
	FAR_CSR_WRITE(pmpaddr6, napot(FAR_CLINT + FAR_CLINT_MTIMECMP, 8));
	FAR_CSR_WRITE(pmpaddr7, napot(FAR_QSPI0_MEMORY, 0x10000000));
	FAR_CSR_SET(pmpcfg0, no << 16 | no << 24);
	FAR_CSR_SET(pmpcfg1, no | no << 8 | no << 16 | no << 24);
}

void far_sifive_u_protect(void)
{
	protect_self();
	if (far_cpu_index() != 0)
		protect_flash();
}
