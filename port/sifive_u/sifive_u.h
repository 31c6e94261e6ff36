/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SiFive FU540 as two boards in one: hart 0 owns the NOR on QSPI0, hart 1 asks it. One image per
 * hart (hart0.ld, hart1.ld). This is what an image has before main: a stack with a guard page, .data
 * and .bss, traps that are reported, PMP, no interrupts enabled but the doorbell. What main returns
 * is the program's result: far_sifive_u_end.
 *
 * Hart 1 waits in its start-up code until hart 0 is ready, which it is when it waits for its
 * doorbell for the first time; from then on either hart may restart, at any moment, alone.
 */
#ifndef FARFLASH_PORT_SIFIVE_U_H
#define FARFLASH_PORT_SIFIVE_U_H

#include <stdbool.h>
#include <stdint.h>

#include "farflash/mailbox.h"
#include "farflash/spi.h"
#include "port/baremetal/baremetal.h"

#define FAR_SIFIVE_U_TLCLK_HZ 500000000u /* peripherals' clock: half of coreclk at 1 GHz */
#define FAR_SIFIVE_U_BAUD     115200u

/* 0 or 1: the hart that runs this. */
uint32_t far_sifive_u_hart(void);

/* ---- Devices. Each is initialised once per start, by the only hart that uses it. ---- */

/* A UART, number 0 or 1; hart 0 receives by interrupt. */
struct far_sifive_u_uart {
	struct far_bare_uart uart; /* first; uart.stream is what programs are given */
	uintptr_t base;
};

/* Set the device up; 115200 bit/s, 8N1. console as far_bare_uart_init. Hart 0. */
void far_sifive_u_uart_init(struct far_sifive_u_uart *u, uint32_t number, bool console);
/*
 * Hart 1's console: the transmitter that hart 0 has set up. Bytes of both harts mix, none is lost: TXDATA is
 * written by an atomic that also tells whether there was room.
 */
void far_sifive_u_uart_join(struct far_sifive_u_uart *u, uint32_t number);

/* QSPI0 and the NOR on it. */
struct far_sifive_u_qspi {
	struct far_spi spi; /* first */
};

/*
 * Take the bus out of the memory-mapped mode it has after a reset, and deselect the part whatever was
 * under way. max_hz: the fastest clock that the part and the board allow.
 */
void far_sifive_u_qspi_init(struct far_sifive_u_qspi *q, uint32_t max_hz);

/* The doorbell to the other hart: its software interrupt. No lock: one context uses the mailbox. */
struct far_sifive_u_doorbell {
	struct far_doorbell doorbell; /* first */
};

void far_sifive_u_doorbell_init(struct far_sifive_u_doorbell *d);

/* What both harts share: region, size, slots, side and doorbell of the mailbox; the window. */
void far_sifive_u_mailbox(struct far_mailbox_config *config, struct far_sifive_u_doorbell *d);
void *far_sifive_u_window(uint32_t *len);

/* ---- Starting and ending. ---- */

/*
 * Call handler(ctx) with interrupts masked when source (a PLIC number) interrupts hart 0. Up to four
 * sources; further ones are ignored. It must make the device stop asking.
 */
void far_sifive_u_on_irq(uint32_t source, void (*handler)(void *ctx), void *ctx);

/* Boot arguments of this hart; 0 where there are none. */
uint32_t far_sifive_u_rounds(void);
uint32_t far_sifive_u_patience_ms(void);
/* Draw the moment of this hart's next restart, if the boot arguments ask for one. */
void far_sifive_u_draw_restart(void);

/* Hart 0: start hart 1's image anew, whatever it does. It must have interrupts on, or be waiting. */
void far_sifive_u_restart_other(void);
/* Begin this hart's image anew. Any context; does not return. */
_Noreturn void far_sifive_u_restart(void);
/* Restart this hart at us of far_cpu_now_us, if it still runs then; 0: do not. A watchdog. */
void far_sifive_u_restart_at(uint64_t us);

/*
 * The program is over. Hart 1 leaves its result for hart 0 and stands still. Hart 0 waits for that,
 * patience_ms at most, and ends the emulator with the first result that is not 0; FAR_APP_LOST if
 * hart 1 does not end.
 */
_Noreturn void far_sifive_u_end(int result);
/* End the emulator with code, from either hart. On a chip without a debugger: stand still. */
_Noreturn void far_sifive_u_exit(int code);

/* Traps that are no interrupts are reported on UART0, and end the emulator with this + the cause. */
#define FAR_SIFIVE_U_TRAPPED 100

#endif
