/* SPDX-License-Identifier: Apache-2.0 */
/* What a hart is to port/baremetal: mstatus, wfi, the CLINT's clock and software interrupts. */
#include "port/sifive_u/internal.h"

#define NEVER UINT64_MAX

static uint64_t restart_at = NEVER;
static uint64_t armed = NEVER; /* when the timer will interrupt */

uint32_t far_cpu_index(void)
{
	uint32_t hart;

	FAR_CSR_READ(mhartid, hart);
	return hart;
}

uint32_t far_cpu_mask(void)
{
	uint32_t before;

	__asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before)::"memory");
	return before & FAR_MSTATUS_MIE;
}

void far_cpu_restore(uint32_t key)
{
	FAR_CSR_SET(mstatus, key);
}

/* The upper word twice, in case the lower one wraps in between. */
uint64_t far_cpu_now_us(void)
{
	uint32_t high, low, again = far_reg_get(FAR_CLINT, FAR_CLINT_MTIME + 4);

	do {
		high = again;
		low = far_reg_get(FAR_CLINT, FAR_CLINT_MTIME);
		again = far_reg_get(FAR_CLINT, FAR_CLINT_MTIME + 4);
	} while (again != high);
	return (uint64_t)high << 32 | low;
}

/* Upper word to the end of time first, lest what is in between be in the past. */
static void arm(uint64_t us)
{
	uint32_t at = FAR_CLINT_MTIMECMP + 8 * far_cpu_index();

	armed = us;
	far_reg_set(FAR_CLINT, at + 4, UINT32_MAX);
	far_reg_set(FAR_CLINT, at, (uint32_t)us);
	far_reg_set(FAR_CLINT, at + 4, (uint32_t)(us >> 32));
}

/*
 * A timer that is set for an earlier moment stays: most sleeps end otherwise, long before. Then it
 * interrupts once, for nothing.
 */
void far_cpu_idle(uint64_t until_us)
{
	if (until_us < armed)
		arm(until_us);
	__asm__ volatile("wfi" ::: "memory");
}

void far_cpu_restart_at(uint64_t us)
{
	uint32_t key = far_cpu_mask();

	restart_at = us;
	arm(us);
	far_cpu_restore(key);
}

void far_sifive_u_timer(void)
{
	if (far_cpu_now_us() >= restart_at)
		far_cpu_restart();
	arm(restart_at);
}

void far_cpu_restart(void)
{
	(void)far_cpu_mask();
	__asm__ volatile("j _start");
	__builtin_unreachable();
}

void far_cpu_ring(void)
{
	__asm__ volatile("fence rw, o" ::: "memory");
	far_bell_other = 1;
}

bool far_cpu_take_ring(void)
{
	if ((far_bell_own & 1) == 0)
		return false;
	far_bell_own = 0;
	__asm__ volatile("fence o, rw" ::: "memory");
	return true;
}

/* Hart 1 runs already, in far_sifive_u_hold. */
void far_cpu_release(void)
{
	far_cpu_ring();
}

void far_sifive_u_hold(void)
{
	if (far_cpu_index() == 0)
		return;
	FAR_CSR_SET(mie, 1u << FAR_IRQ_SOFTWARE);
	while (!far_bare_is_wanted()) {
		__asm__ volatile("wfi");
		(void)far_cpu_take_ring();
	}
}

void far_sifive_u_begin(void)
{
	far_sifive_u_protect();
	if (far_cpu_index() == 0)
		far_sifive_u_plic_init();
	arm(NEVER);
	FAR_CSR_SET(mie, 1u << FAR_IRQ_SOFTWARE | 1u << FAR_IRQ_TIMER);
	far_cpu_restore(FAR_MSTATUS_MIE);
}
