/* SPDX-License-Identifier: Apache-2.0 */
/* What a core is to port/baremetal: PRIMASK, the doorbells, its beginning and its end. */
#include "port/baremetal/control.h"
#include "port/mps2_an521/internal.h"

#define EXIT_EXTENDED    0x20u    /* semihosting: SYS_EXIT_EXTENDED */
#define APPLICATION_EXIT 0x20026u /* ADP_Stopped_ApplicationExit */

static bool over;

extern char far_core1_vectors[];

uint32_t far_cpu_index(void)
{
	return far_reg_get(FAR_IDENTITY, 0);
}

uint32_t far_cpu_mask(void)
{
	uint32_t before;

	__asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(before)::"memory");
	return before;
}

void far_cpu_restore(uint32_t key)
{
	__asm__ volatile("msr primask, %0" ::"r"(key) : "memory");
}

void far_mps2_an521_enable(uint32_t irq)
{
	far_reg_set(FAR_NVIC_ISER, irq / 32 * 4, 1u << irq % 32);
}

void far_mps2_an521_pend(uint32_t irq)
{
	far_reg_set(FAR_NVIC_ISPR, irq / 32 * 4, 1u << irq % 32);
}

void far_cpu_ring(void)
{
	__asm__ volatile("dmb" ::: "memory");
	far_reg_set(FAR_MHU, FAR_MHU_CORE * (1 - far_cpu_index()) + FAR_MHU_SET, 1);
}

/*
 * First the device stops asking, then the interrupt controller forgets that it did: it remembers by
 * itself, and the handler would run for nothing. A ring in between asks again, and stays.
 */
bool far_cpu_take_ring(void)
{
	uint32_t at = FAR_MHU_CORE * far_cpu_index();

	if (far_reg_get(FAR_MHU, at + FAR_MHU_STAT) == 0)
		return false;
	far_reg_set(FAR_MHU, at + FAR_MHU_CLR, 1);
	__asm__ volatile("dsb" ::: "memory");
	far_reg_set(FAR_NVIC_ICPR, FAR_MHU_IRQ / 32 * 4, 1u << FAR_MHU_IRQ % 32);
	__asm__ volatile("dmb" ::: "memory");
	return true;
}

void far_mps2_an521_rung(void)
{
	if (far_cpu_take_ring())
		far_bare_rung();
}

/* A second time it runs already, and minds nothing. */
void far_cpu_release(void)
{
	uint32_t held = far_reg_get(FAR_SYSCTL, FAR_SYSCTL_CPUWAIT);

	__asm__ volatile("dsb" ::: "memory");
	far_reg_set(FAR_SYSCTL, FAR_SYSCTL_INITSVTOR1, (uint32_t)(uintptr_t)far_core1_vectors);
	far_reg_set(FAR_SYSCTL, FAR_SYSCTL_CPUWAIT, held & ~FAR_CPUWAIT_CORE1);
}

void far_cpu_restart(void)
{
	(void)far_cpu_mask();
	far_mps2_an521_again();
}

bool far_mps2_an521_is_over(void)
{
	return over;
}

/* Where no debugger listens bkpt is a fault, and this core stands still. */
void far_cpu_exit(int code)
{
	uint32_t block[2] = { APPLICATION_EXIT, (uint32_t)code };
	register uint32_t operation __asm__("r0") = EXIT_EXTENDED;
	register uint32_t *argument __asm__("r1") = block;

	(void)far_cpu_mask();
	over = true;
	__asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
	for (;;)
		__asm__ volatile("wfi");
}

/* Masked, on a stack, without variables: nothing that was under way before a restart comes back. */
void far_mps2_an521_reset(void)
{
	far_reg_set(FAR_SYSTICK, FAR_SYSTICK_CSR, 0);
	for (uint32_t at = 0; at < FAR_NVIC_LEN; at += 4) {
		far_reg_set(FAR_NVIC_ICER, at, UINT32_MAX);
		far_reg_set(FAR_NVIC_ICPR, at, UINT32_MAX);
	}
	far_reg_set(FAR_SCB, FAR_SCB_ICSR, FAR_ICSR_PENDSTCLR | FAR_ICSR_PENDSVCLR);
	far_reg_set(FAR_SCB, FAR_SCB_VTOR, (uint32_t)(uintptr_t)far_mps2_an521_vectors);
	far_reg_set(FAR_SCB, FAR_SCB_SHCSR, FAR_SHCSR_FAULTS);
	__asm__ volatile("dsb\n\tisb" ::: "memory");
}

/*
 * SSRAM outlives a reset of the chip, which holds core 1 again. Then the word that says that core 1
 * runs is an old one, and nobody would let it go.
 */
static void forget_core1(void)
{
	if ((far_reg_get(FAR_SYSCTL, FAR_SYSCTL_CPUWAIT) & FAR_CPUWAIT_CORE1) != 0)
		far_shared_control.run = 0;
}

void far_mps2_an521_begin(void)
{
	if (far_cpu_index() == 0)
		forget_core1();
	far_mps2_an521_protect();
	far_mps2_an521_time_init();
	far_mps2_an521_enable(FAR_MHU_IRQ);
	far_cpu_restore(0);
}
