/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this port share. Nobody else includes it. */
#ifndef FARFLASH_PORT_MPS2_AN521_INTERNAL_H
#define FARFLASH_PORT_MPS2_AN521_INTERNAL_H

#include "port/mps2_an521/mps2_an521.h"
#include "port/mps2_an521/registers.h"

/* start.S: the exception table; begin at _start anew from thread or handler mode, masked. */
extern const uint32_t far_mps2_an521_vectors[];
_Noreturn void far_mps2_an521_again(void);

/* start.S calls these: the core before any variable is there, and after. */
void far_mps2_an521_reset(void);
void far_mps2_an521_begin(void);

/* Exceptions, by the table in start.S. frame: what the core has stacked, pc at [6]. */
void far_mps2_an521_fault(const uint32_t *frame);
void far_mps2_an521_tick(void);
void far_mps2_an521_rung(void);
void far_mps2_an521_received(void);

/* Enable this interrupt, or raise it as its device would. */
void far_mps2_an521_enable(uint32_t irq);
void far_mps2_an521_pend(uint32_t irq);

/* timer.c: the counter, if the other core has not started it; a tick before the counter wraps. */
void far_mps2_an521_time_init(void);
/* protect.c: from now on this core reaches what is its business. */
void far_mps2_an521_protect(void);

/* Has far_cpu_exit been called? What then traps is the end itself, where no debugger listens. */
bool far_mps2_an521_is_over(void);

#endif
