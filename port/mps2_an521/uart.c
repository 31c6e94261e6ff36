/* SPDX-License-Identifier: Apache-2.0 */
/* The UART's registers below the stream of port/baremetal. One byte each way is all it holds. */
#include "port/mps2_an521/internal.h"

static struct far_mps2_an521_uart *only; /* whom the handler serves; NULL before init */

static struct far_mps2_an521_uart *self_of(struct far_bare_uart *u)
{
	return (struct far_mps2_an521_uart *)(void *)u;
}

static bool put(struct far_bare_uart *u, uint8_t byte)
{
	uintptr_t base = self_of(u)->base;

	if ((far_reg_get(base, FAR_UART_STATE) & FAR_UART_TX_FULL) != 0)
		return false;
	far_reg_set(base, FAR_UART_DATA, byte);
	return true;
}

/* What is then still being shifted out is one byte. */
static bool is_sent(struct far_bare_uart *u)
{
	return (far_reg_get(self_of(u)->base, FAR_UART_STATE) & FAR_UART_TX_FULL) == 0;
}

/*
 * The device interrupts when a byte comes, not while one is there: for one that has come meanwhile
 * the interrupt is raised here.
 */
static void listen(struct far_bare_uart *u, bool on)
{
	const struct far_mps2_an521_uart *self = self_of(u);

	far_reg_set(self->base, FAR_UART_CTRL,
		    FAR_UART_TX_ENABLE | FAR_UART_RX_ENABLE | (on ? FAR_UART_RX_INT : 0));
	if (on && (far_reg_get(self->base, FAR_UART_STATE) & FAR_UART_RX_FULL) != 0)
		far_mps2_an521_pend(self->irq);
}

/* The nearest divider; 16 is the least that the device can. */
static int set_baud(struct far_bare_uart *u, uint32_t baud)
{
	uint32_t div = (FAR_MPS2_AN521_CLOCK_HZ + baud / 2) / baud;

	if (div < 16 || div > 0xfffff)
		return FAR_ERR_NOTSUP;
	far_reg_set(self_of(u)->base, FAR_UART_BAUDDIV, div);
	return FAR_OK;
}

static bool has_byte(uintptr_t base)
{
	return (far_reg_get(base, FAR_UART_CTRL) & FAR_UART_RX_INT) != 0 &&
	       (far_reg_get(base, FAR_UART_STATE) & FAR_UART_RX_FULL) != 0;
}

/*
 * What comes while it is looked for raises the interrupt again, also when that byte is then taken,
 * or is the first that there is no room for: the handler may run for nothing, and must then do
 * nothing.
 */
void far_mps2_an521_received(void)
{
	uintptr_t base = only->base;

	far_reg_set(base, FAR_UART_INTSTATUS, FAR_UART_RX_CAME);
	while (has_byte(base))
		(void)far_bare_uart_received(&only->uart,
					     (uint8_t)far_reg_get(base, FAR_UART_DATA));
}

static const struct far_bare_uart_ops ops = {
	.put = put,
	.is_sent = is_sent,
	.listen = listen,
	.set_baud = set_baud,
};

void far_mps2_an521_uart_init(struct far_mps2_an521_uart *u, bool console)
{
	bool first = far_cpu_index() == 0;

	u->base = first ? FAR_UART0 : FAR_UART1;
	u->irq = first ? FAR_UART0_RX_IRQ : FAR_UART1_RX_IRQ;
	only = u;
	(void)set_baud(&u->uart, FAR_MPS2_AN521_BAUD);
	far_bare_uart_init(&u->uart, &ops, FAR_MPS2_AN521_BAUD, console);
	far_mps2_an521_enable(u->irq);
}
