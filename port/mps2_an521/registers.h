/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of the SSE-200 subsystem (its technical reference manual, 101104), of the CMSDK
 * peripherals around it (DDI 0479), of application note AN521's board, and of the core (ARMv8-M
 * reference manual, DDI 0553). Peripherals by their secure addresses: out of reset nothing else is
 * let through to them.
 */
#ifndef FARFLASH_PORT_MPS2_AN521_REGISTERS_H
#define FARFLASH_PORT_MPS2_AN521_REGISTERS_H

#include <stdint.h>

static inline uint32_t far_reg_get(uintptr_t base, uint32_t offset)
{
	return *(volatile uint32_t *)(base + offset);
}

static inline void far_reg_set(uintptr_t base, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(base + offset) = value;
}

/* Dual timer: timer 1, which both cores read. */
#define FAR_TIMER         0x50002000u
#define FAR_TIMER_VALUE   0x04u /* counts down */
#define FAR_TIMER_CONTROL 0x08u
#define FAR_TIMER_32BIT   0x02u
#define FAR_TIMER_ENABLE  0x80u /* with no other bit: free running, not divided, no interrupt */

/* Message handling unit 0: four bits for each core, any of which raises that core's interrupt. */
#define FAR_MHU      0x50003000u
#define FAR_MHU_CORE 0x10u /* from one core's registers to the other's */
#define FAR_MHU_STAT 0x00u
#define FAR_MHU_SET  0x04u
#define FAR_MHU_CLR  0x08u
#define FAR_MHU_IRQ  6u

/* CPU_IDENTITY: each core reads its own number. */
#define FAR_IDENTITY 0x5001f000u

/* System control. */
#define FAR_SYSCTL            0x50021000u
#define FAR_SYSCTL_INITSVTOR1 0x114u /* where core 1 looks for its vectors when it is let go */
#define FAR_SYSCTL_CPUWAIT    0x118u
#define FAR_CPUWAIT_CORE1     2u /* held since the reset */

/* CMSDK UARTs. */
#define FAR_UART0          0x50200000u
#define FAR_UART1          0x50201000u
#define FAR_UART_DATA      0x00u
#define FAR_UART_STATE     0x04u
#define FAR_UART_CTRL      0x08u
#define FAR_UART_INTSTATUS 0x0cu /* write 1 to clear */
#define FAR_UART_BAUDDIV   0x10u
#define FAR_UART_TX_FULL   1u /* STATE */
#define FAR_UART_RX_FULL   2u
#define FAR_UART_TX_ENABLE 1u /* CTRL */
#define FAR_UART_RX_ENABLE 2u
#define FAR_UART_RX_INT    8u /* CTRL: interrupt when a byte comes */
#define FAR_UART_RX_CAME   2u /* INTSTATUS */
#define FAR_UART0_RX_IRQ   32u
#define FAR_UART1_RX_IRQ   34u

/* SysTick: 24 bits down, one for each core. */
#define FAR_SYSTICK       0xe000e010u
#define FAR_SYSTICK_CSR   0x00u
#define FAR_SYSTICK_RVR   0x04u
#define FAR_SYSTICK_CVR   0x08u
#define FAR_SYSTICK_RUN   7u /* CSR: the core's clock, interrupt, enable */
#define FAR_SYSTICK_LIMIT 0xffffffu

/* Interrupt controller: a bit for each interrupt. */
#define FAR_NVIC_ISER 0xe000e100u
#define FAR_NVIC_ICER 0xe000e180u
#define FAR_NVIC_ISPR 0xe000e200u
#define FAR_NVIC_ICPR 0xe000e280u
#define FAR_NVIC_LEN  0x20u /* bytes of each that any chip has sources for */

/* System control block. */
#define FAR_SCB              0xe000ed00u
#define FAR_SCB_ICSR         0x04u
#define FAR_SCB_VTOR         0x08u
#define FAR_SCB_SHCSR        0x24u
#define FAR_SCB_CFSR         0x28u
#define FAR_SCB_HFSR         0x2cu
#define FAR_SCB_MMFAR        0x34u
#define FAR_SCB_BFAR         0x38u
#define FAR_ICSR_PENDSTCLR   0x02000000u
#define FAR_ICSR_PENDSVCLR   0x08000000u
#define FAR_SHCSR_FAULTS     0x000f0000u /* memory, bus, usage and secure faults are told apart */
#define FAR_CFSR_MEMORY      0x000000ffu
#define FAR_CFSR_MEMORY_ADDR 0x00000080u /* MMFAR says where */
#define FAR_CFSR_BUS         0x0000ff00u
#define FAR_CFSR_BUS_ADDR    0x00008000u
#define FAR_CFSR_USAGE       0xffff0000u
#define FAR_CFSR_UNDEFINED   0x00010000u
#define FAR_CFSR_OVERFLOW    0x00100000u /* a stack came to its limit */
#define FAR_CFSR_UNALIGNED   0x01000000u
#define FAR_CFSR_DIVIDE      0x02000000u

/* Memory protection unit. */
#define FAR_MPU          0xe000ed90u
#define FAR_MPU_TYPE     0x00u /* regions in bits 15 to 8 */
#define FAR_MPU_CTRL     0x04u
#define FAR_MPU_RNR      0x08u
#define FAR_MPU_RBAR     0x0cu
#define FAR_MPU_RLAR     0x10u
#define FAR_MPU_MAIR0    0x30u
#define FAR_MPU_ENABLE   1u /* CTRL; without PRIVDEFENA: what is in no region is nobody's */
#define FAR_MPU_XN       1u /* RBAR */
#define FAR_MPU_READONLY 4u
#define FAR_MPU_REGION   1u     /* RLAR: in force */
#define FAR_MPU_DEVICE   2u     /* RLAR: attributes 1 */
#define FAR_MPU_MEMORY   0x44u  /* attributes 0: normal, not cached */
#define FAR_MPU_NGNRE    0x400u /* attributes 1: device */

#endif
