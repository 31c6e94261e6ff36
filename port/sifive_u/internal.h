/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this port share. Nobody else includes it. */
#ifndef FARFLASH_PORT_SIFIVE_U_INTERNAL_H
#define FARFLASH_PORT_SIFIVE_U_INTERNAL_H

#include "port/sifive_u/registers.h"
#include "port/sifive_u/sifive_u.h"

/* Symbols of the linker script: only their addresses mean anything. */
extern char far_rom_begin[], far_rom_size[], far_stack_guard[];
extern char far_hart0_begin[], far_hart0_size[];

extern volatile uint32_t far_bell_own, far_bell_other;

/* start.S calls these: wait until this hart is wanted; set up what C may then rely on; a trap that
 * is no ring. */
void far_sifive_u_hold(void);
void far_sifive_u_begin(void);
void far_sifive_u_trap(uint32_t cause);

/* Lock what this hart must not touch. What is locked stays so until the chip's reset. */
void far_sifive_u_protect(void);
/* Hart 0: no source enabled, nothing under way. */
void far_sifive_u_plic_init(void);
void far_sifive_u_plic_handle(void);

/* The timer interrupt. */
void far_sifive_u_timer(void);

#endif
