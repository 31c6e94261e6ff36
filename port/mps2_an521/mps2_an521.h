/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm's MPS2 board with the image of application note AN521: an SSE-200 subsystem with two
 * Cortex-M33, of which core 0 starts first and owns the flash. Both run in secure state and
 * privileged, without FPU. One image per core (core0.ld, core1.ld).
 *
 * What docs/PORTING.md asks of a chip, and where it is here:
 *   core number    CPU_IDENTITY
 *   memory         SSRAM, neither cached nor private: see memory.ld
 *   doorbell       MHU0, both ways; MHU1 is left to programs
 *   time           timer 1 of the dual timer (32 bits, both cores), and each core's SysTick to wake
 *   start          core 1 is held by CPUWAIT until core 0 lets it go
 *   protection     each core's own MPU, which that core could turn off: core 1 is trusted not to be
 *                  hostile, a mistake of it is stopped and reported
 *   flash          none on the board: app/mps2_an521 has a model of one in the 16 MiB of PSRAM
 *   console        UART0 for core 0, UART1 for core 1
 */
#ifndef FARFLASH_PORT_MPS2_AN521_H
#define FARFLASH_PORT_MPS2_AN521_H

#include <stdbool.h>
#include <stdint.h>

#include "port/baremetal/baremetal.h"

#define FAR_MPS2_AN521_CLOCK_HZ 20000000u /* of the cores and all that is used here */
#define FAR_MPS2_AN521_BAUD     115200u

/* A core's UART: number 0 is core 0's, 1 core 1's. */
struct far_mps2_an521_uart {
	struct far_bare_uart uart; /* first; uart.stream is what programs are given */
	uintptr_t base;
	uint32_t irq;
};

/*
 * Set up this core's UART, 115200 bit/s, 8N1, and receive by interrupt; there is no lock that one
 * core could leave taken. console as far_bare_uart_init. Once per start.
 */
void far_mps2_an521_uart_init(struct far_mps2_an521_uart *u, bool console);

/*
 * Where the board has its flash model: PSRAM, which core 1 is kept from. It holds anything when
 * the power comes, and keeps it over a reset.
 */
#define FAR_MPS2_AN521_PSRAM      0x80000000u
#define FAR_MPS2_AN521_PSRAM_SIZE 0x1000000u

/*
 * Faults, and interrupts that nobody has asked for, are reported on this core's UART and end the
 * emulator with this + the exception's number: 3 hard, 4 memory, 5 bus, 6 usage, 7 secure.
 */
#define FAR_MPS2_AN521_TRAPPED 100

#endif
