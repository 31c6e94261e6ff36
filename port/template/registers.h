/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An imaginary chip, with the registers that most have in some form. Replace all of it by the ones
 * of yours, and say which manual and which chapter they are from.
 */
#ifndef FARFLASH_PORT_TEMPLATE_REGISTERS_H
#define FARFLASH_PORT_TEMPLATE_REGISTERS_H

#include <stdint.h>

static inline uint32_t far_reg_get(uintptr_t base, uint32_t offset)
{
	return *(volatile uint32_t *)(base + offset);
}

static inline void far_reg_set(uintptr_t base, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(base + offset) = value;
}

/* Time: a counter of microseconds, and for each core a moment at which it is interrupted. */
#define FAR_TIMER       0x40000000u
#define FAR_TIMER_LOW   0x00u
#define FAR_TIMER_HIGH  0x04u
#define FAR_TIMER_AT    0x10u /* + 8 * core: low word, high word */
#define FAR_TIMER_FIRED 0x20u /* + 4 * core: 1 once the moment has come; write 0 */

/* A doorbell for each core: 1 raises its interrupt until 0 is written; and what lets core 1 run. */
#define FAR_BELL     0x40001000u
#define FAR_BELL_OF  0x00u /* + 4 * core */
#define FAR_BELL_RUN 0x10u

/* A UART. */
#define FAR_UART         0x40002000u
#define FAR_UART_DATA    0x00u
#define FAR_UART_STATUS  0x04u
#define FAR_UART_CONTROL 0x08u
#define FAR_UART_DIVIDER 0x0cu
#define FAR_UART_FULL    1u /* status: no room to send */
#define FAR_UART_RECV    2u /* status: a byte has come */
#define FAR_UART_IDLE    4u /* status: nothing is left to send */
#define FAR_UART_ENABLE  1u /* control */
#define FAR_UART_INT     2u /* control: interrupt while a byte has come */

/* An SPI controller with the flash on its select line. */
#define FAR_SPI         0x40003000u
#define FAR_SPI_DATA    0x00u
#define FAR_SPI_STATUS  0x04u
#define FAR_SPI_SELECT  0x08u
#define FAR_SPI_DIVIDER 0x0cu
#define FAR_SPI_BUSY    1u

/* The chip's end: 1 resets it. */
#define FAR_RESET 0x40004000u

#endif
