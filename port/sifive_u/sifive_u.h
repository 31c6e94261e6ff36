/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SiFive FU540 as two boards in one: hart 0 owns the NOR on QSPI0, hart 1 asks it. One image
 * per hart (hart0.ld, hart1.ld). This is what an image has before main: a stack with a guard page,
 * .data and .bss, traps that are reported, PMP, no interrupts but the doorbell's. Main's result is
 * the program's (far_bare_end).
 *
 * Hart 1 waits in its start-up code until hart 0 is ready; from then on either hart may restart,
 * at any moment, alone.
 */
#ifndef FARFLASH_PORT_SIFIVE_U_H
#define FARFLASH_PORT_SIFIVE_U_H

#include <stdbool.h>
#include <stdint.h>

#include "farflash/spi.h"
#include "port/baremetal/baremetal.h"
#include "port/baremetal/comport.h"

#define FAR_SIFIVE_U_TLCLK_HZ 500000000u /* peripherals' clock: half of coreclk at 1 GHz */
#define FAR_SIFIVE_U_BAUD     115200u

/* ---- Devices. Each is initialised once per start, by the only hart that uses it. ---- */

/* A UART, number 0 or 1; hart 0 receives by interrupt. */
struct far_sifive_u_uart {
	struct far_bare_uart uart; /* first; uart.stream is what programs are given */
	uintptr_t base;
};

/* Set the device up; 115200 bit/s, 8N1. console as far_bare_uart_init. Hart 0. */
void far_sifive_u_uart_init(struct far_sifive_u_uart *u, uint32_t number, bool console);
/*
 * Hart 1's console: the transmitter that hart 0 has set up. Bytes of both harts mix, none is lost:
 * TXDATA is written by an atomic that also tells whether there was room.
 */
void far_sifive_u_uart_join(struct far_sifive_u_uart *u, uint32_t number);

/*
 * UART1 as the line to another chip, whose boot strap and reset hang on two pins of GPIO, each low
 * when driven as far_stream's lines. In QEMU nothing can be on the pins: there a terminal server
 * may be at the other end of UART1, which is told in-band, or the chip has to be in its loader.
 */
#define FAR_SIFIVE_U_PIN_BOOT  0x1u /* GPIO0, to IO0 */
#define FAR_SIFIVE_U_PIN_RESET 0x2u /* GPIO1, to RESET */
struct far_sifive_u_target {
	struct far_stream *stream; /* what programs are given */
	struct far_sifive_u_uart uart;
	struct far_bare_comport comport;
};

void far_sifive_u_target_init(struct far_sifive_u_target *t, enum far_bare_lines lines);

/* QSPI0 and the NOR on it. */
struct far_sifive_u_qspi {
	struct far_spi spi; /* first */
};

/*
 * Take the bus out of the memory-mapped mode it has after a reset, and deselect the part whatever
 * was under way. max_hz: the fastest clock that the part and the board allow.
 */
void far_sifive_u_qspi_init(struct far_sifive_u_qspi *q, uint32_t max_hz);

/*
 * Call handler(ctx) with interrupts masked when source (a PLIC number) interrupts hart 0. Up to
 * four sources; further ones are ignored. It must make the device stop asking.
 */
void far_sifive_u_on_irq(uint32_t source, void (*handler)(void *ctx), void *ctx);

/*
 * Traps that are no interrupts are reported on UART0, and end the emulator with this + the cause.
 */
#define FAR_SIFIVE_U_TRAPPED 100

#endif
