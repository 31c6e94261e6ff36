/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of the SiFive FU540 (FU540-C000 manual) that this port uses, and where the two
 * harts' memories are. QEMU's machine `sifive_u` has the same. Names are the manual's.
 */
#ifndef FARFLASH_PORT_SIFIVE_U_REGISTERS_H
#define FARFLASH_PORT_SIFIVE_U_REGISTERS_H

#include <stdint.h>

static inline volatile uint32_t *far_reg(uintptr_t base, uint32_t offset)
{
	return (volatile uint32_t *)(base + offset);
}

static inline uint32_t far_reg_get(uintptr_t base, uint32_t offset)
{
	return *far_reg(base, offset);
}

static inline void far_reg_set(uintptr_t base, uint32_t offset, uint32_t value)
{
	*far_reg(base, offset) = value;
}

/* Control and status registers, by name; the port's files are built with Zicsr. */
#define FAR_CSR_READ(csr, to)     __asm__ volatile("csrr %0, " #csr : "=r"(to))
#define FAR_CSR_WRITE(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"(value))
#define FAR_CSR_SET(csr, bits)    __asm__ volatile("csrs " #csr ", %0" ::"r"(bits) : "memory")
#define FAR_CSR_CLEAR(csr, bits)  __asm__ volatile("csrc " #csr ", %0" ::"r"(bits) : "memory")

#define FAR_MSTATUS_MIE 0x8u /* interrupts are taken */
/* Bits of mie and mip; with bit 31 of mcause the same numbers say which interrupt it is. */
#define FAR_IRQ_SOFTWARE 3u
#define FAR_IRQ_TIMER    7u
#define FAR_IRQ_EXTERNAL 11u

/* CLINT: a software interrupt per hart, one clock for all of 1 MHz, a time to be woken per hart. */
#define FAR_CLINT          0x02000000u
#define FAR_CLINT_MSIP     0x0000u /* + 4 * hart */
#define FAR_CLINT_MTIMECMP 0x4000u /* + 8 * hart */
#define FAR_CLINT_MTIME    0xbff8u
#define FAR_CLINT_TICKS_HZ 1000000u

/* PLIC: priority, then enable bits, threshold and claim per context; hart h's M-mode is context h
 * for the first two harts, as hart 0 has no S-mode. */
#define FAR_PLIC           0x0c000000u
#define FAR_PLIC_PRIORITY  0x000000u /* + 4 * source */
#define FAR_PLIC_ENABLE    0x002000u /* + 0x80 * context */
#define FAR_PLIC_THRESHOLD 0x200000u /* + 0x1000 * context */
#define FAR_PLIC_CLAIM     0x200004u /* + 0x1000 * context */
#define FAR_PLIC_SOURCES   54u

/* UART. */
#define FAR_UART0       0x10010000u
#define FAR_UART1       0x10011000u
#define FAR_UART0_IRQ   4u
#define FAR_UART1_IRQ   5u
#define FAR_UART_TXDATA 0x00u /* bit 31: full, when read */
#define FAR_UART_RXDATA 0x04u /* bit 31: empty */
#define FAR_UART_TXCTRL 0x08u /* bit 0: on; bits 16-18: watermark */
#define FAR_UART_RXCTRL 0x0cu /* bit 0: on; bits 16-18: interrupt with more than so many */
#define FAR_UART_IE     0x10u
#define FAR_UART_IP     0x14u /* bit 0: fewer than TXCTRL's watermark wait; bit 1: receive */
#define FAR_UART_DIV    0x18u
#define FAR_UART_FLAG   0x80000000u
#define FAR_UART_RX     2u

/* QSPI0, with the NOR on chip select 0; it can also be read as memory. */
#define FAR_QSPI0        0x10040000u
#define FAR_QSPI_SCKDIV  0x00u
#define FAR_QSPI_SCKMODE 0x04u
#define FAR_QSPI_CSID    0x10u
#define FAR_QSPI_CSDEF   0x14u
#define FAR_QSPI_CSMODE  0x18u /* 0: select per frame; 2: hold */
#define FAR_QSPI_FMT     0x40u /* bits 16-19: bits per frame */
#define FAR_QSPI_TXDATA  0x48u /* bit 31: full */
#define FAR_QSPI_RXDATA  0x4cu /* bit 31: empty */
#define FAR_QSPI_FCTRL   0x60u /* bit 0: memory-mapped */
#define FAR_QSPI_IE      0x70u
#define FAR_QSPI_FLAG    0x80000000u
#define FAR_QSPI_FIFO    8u
#define FAR_QSPI0_MEMORY 0x20000000u

/* GPIO: a bit for each of 16 pins. */
#define FAR_GPIO            0x10060000u
#define FAR_GPIO_OUTPUT_EN  0x08u
#define FAR_GPIO_OUTPUT_VAL 0x0cu

/* The engine that copies memory on its own; PMP does not bind it. */
#define FAR_PDMA 0x03000000u

#endif
