/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this port share. Nobody else includes it. */
#ifndef FARFLASH_PORT_TEMPLATE_INTERNAL_H
#define FARFLASH_PORT_TEMPLATE_INTERNAL_H

#include "port/template/registers.h"
#include "port/template/template.h"

/* start.S calls these: see cpu.c. */
void far_template_hold(void);
void far_template_begin(void);
void far_template_trap(void);

/* The interrupt of the UART, from far_template_trap. */
void far_template_uart_handle(void);

#endif
