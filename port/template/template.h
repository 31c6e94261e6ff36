/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port to begin with: copy the folder, name it after your chip, and go through docs/PORTING.md.
 * It compiles and links for a bare RISC-V, and drives the imaginary chip of registers.h. What each
 * function has to guarantee is said at its definition here and, for far_cpu_*, in
 * port/baremetal/baremetal.h; nothing else of farflash is asked of a port.
 *
 * This header is what app/BOARD puts a program together from: the devices of the board.
 */
#ifndef FARFLASH_PORT_TEMPLATE_H
#define FARFLASH_PORT_TEMPLATE_H

#include "farflash/spi.h"
#include "port/baremetal/baremetal.h"

#define FAR_TEMPLATE_CLOCK_HZ 100000000u /* what the UART and the SPI controller divide */
#define FAR_TEMPLATE_BAUD     115200u

/* The board's UART. */
struct far_template_uart {
	struct far_bare_uart uart; /* first; uart.stream is what programs are given */
};

/* Set the device up and receive by interrupt. console as far_bare_uart_init. Once per start. */
void far_template_uart_init(struct far_template_uart *u, bool console);

/* The SPI controller with the NOR on it. */
struct far_template_spi {
	struct far_spi spi; /* first */
};

/* Take the controller over in whatever state it is. max_hz: what the part and the board allow. */
void far_template_spi_init(struct far_template_spi *s, uint32_t max_hz);

#endif
