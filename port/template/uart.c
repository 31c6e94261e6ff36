/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A UART: four operations and a handler. The stream with its ring, time-outs, line ends and echo is
 * port/baremetal/uart.c.
 */
#include "port/template/internal.h"

static struct far_template_uart *only; /* whom the handler serves; NULL before init */

/*
 * Guarantee: gives the byte to the device, or returns false without waiting. If both cores write
 * to one UART, looking for room and writing must be one step (an atomic, or a lock that a restart
 * of the other core cannot leave taken), or the cores have a UART each.
 */
static bool put(struct far_bare_uart *u, uint8_t byte)
{
	(void)u;
	if ((far_reg_get(FAR_UART, FAR_UART_STATUS) & FAR_UART_FULL) != 0)
		return false;
	far_reg_set(FAR_UART, FAR_UART_DATA, byte);
	return true;
}

/*
 * Guarantee: true only when the last bit has left, or may be on its way for one byte's time at
 * most.
 */
static bool is_sent(struct far_bare_uart *u)
{
	(void)u;
	return (far_reg_get(FAR_UART, FAR_UART_STATUS) & FAR_UART_IDLE) != 0;
}

/*
 * Guarantee: off: no byte is taken any more, and what has come is kept as the device can. on: what
 * has come meanwhile interrupts, too. A device that interrupts when a byte comes, not while one is
 * there, needs that interrupt to be raised here (port/mps2_an521/uart.c).
 */
static void listen(struct far_bare_uart *u, bool on)
{
	(void)u;
	far_reg_set(FAR_UART, FAR_UART_CONTROL, FAR_UART_ENABLE | (on ? FAR_UART_INT : 0));
}

/*
 * Guarantee: exactly this rate within 2 %, or FAR_ERR_NOTSUP and the old one: a chip behind the
 * line is spoken to at the rate that it was told. NULL where the rate is fixed.
 */
static int set_baud(struct far_bare_uart *u, uint32_t baud)
{
	uint32_t divider = (FAR_TEMPLATE_CLOCK_HZ + baud / 2) / baud;

	(void)u;
	if (divider < 16 || divider > 65535)
		return FAR_ERR_NOTSUP;
	far_reg_set(FAR_UART, FAR_UART_DIVIDER, divider);
	return FAR_OK;
}

static bool has_byte(void)
{
	return (far_reg_get(FAR_UART, FAR_UART_CONTROL) & FAR_UART_INT) != 0 &&
	       (far_reg_get(FAR_UART, FAR_UART_STATUS) & FAR_UART_RECV) != 0;
}

/*
 * Guarantee: every byte that is there is handed on, in order, until there is no room; after
 * listen(off) none, whatever called the handler then: it would overwrite one that nobody has read.
 */
void far_template_uart_handle(void)
{
	while (only != NULL && has_byte())
		(void)far_bare_uart_received(&only->uart,
					     (uint8_t)far_reg_get(FAR_UART, FAR_UART_DATA));
}

static const struct far_bare_uart_ops ops = {
	.put = put,
	.is_sent = is_sent,
	.listen = listen,
	.set_baud = set_baud,
};

void far_template_uart_init(struct far_template_uart *u, bool console)
{
	far_reg_set(FAR_UART, FAR_UART_CONTROL, 0);
	(void)set_baud(&u->uart, FAR_TEMPLATE_BAUD);
	only = u;
	far_bare_uart_init(&u->uart, &ops, FAR_TEMPLATE_BAUD, console);
}
