/* SPDX-License-Identifier: Apache-2.0 */
/* The UART's registers below the stream of port/baremetal. */
#include "port/sifive_u/internal.h"

#define ENABLE      1u
#define ONE_WAITING 0x10000u /* watermark: is the transmitter's FIFO empty? */

static struct far_sifive_u_uart *self_of(struct far_bare_uart *u)
{
	return (struct far_sifive_u_uart *)(void *)u;
}

/*
 * or-ing a byte into TXDATA puts it in and returns the register as it was before: nothing happens
 * if the FIFO was full. So two harts can share one transmitter without a lock.
 */
static bool put(struct far_bare_uart *u, uint8_t byte)
{
	uint32_t before;

	__asm__ volatile("amoor.w %0, %2, (%1)"
			 : "=r"(before)
			 : "r"(far_reg(self_of(u)->base, FAR_UART_TXDATA)), "r"((uint32_t)byte)
			 : "memory");
	return (before & FAR_UART_FLAG) == 0;
}

static bool is_sent(struct far_bare_uart *u)
{
	return (far_reg_get(self_of(u)->base, FAR_UART_IP) & 1) != 0;
}

static void listen(struct far_bare_uart *u, bool on)
{
	far_reg_set(self_of(u)->base, FAR_UART_IE, on ? FAR_UART_RX : 0);
}

/* The nearest divider. */
static int set_baud(struct far_bare_uart *u, uint32_t baud)
{
	uint32_t div = (FAR_SIFIVE_U_TLCLK_HZ + baud / 2) / baud;

	if (div < 16 || div > 65536)
		return FAR_ERR_NOTSUP;
	far_reg_set(self_of(u)->base, FAR_UART_DIV, div - 1);
	return FAR_OK;
}

/*
 * Both pins are low when they are driven so, and follow the circuit of farflash/stream.h
 * otherwise.
 */
static int set_lines(struct far_bare_uart *u, unsigned lines)
{
	uint32_t pins = FAR_SIFIVE_U_PIN_BOOT | FAR_SIFIVE_U_PIN_RESET;
	uint32_t low = 0, value = far_reg_get(FAR_GPIO, FAR_GPIO_OUTPUT_VAL);

	(void)u;
	if (lines == FAR_LINE_DTR)
		low = FAR_SIFIVE_U_PIN_BOOT;
	else if (lines == FAR_LINE_RTS)
		low = FAR_SIFIVE_U_PIN_RESET;
	far_reg_set(FAR_GPIO, FAR_GPIO_OUTPUT_VAL, (value | pins) & ~low);
	far_reg_set(FAR_GPIO, FAR_GPIO_OUTPUT_EN, far_reg_get(FAR_GPIO, FAR_GPIO_OUTPUT_EN) | pins);
	return FAR_OK;
}

/*
 * The PLIC may have latched a request for a byte that the call before this one has taken already,
 * or has found no room for: then the receiver is off, and no byte may be taken.
 */
static void on_receive(void *ctx)
{
	struct far_sifive_u_uart *u = ctx;

	while ((far_reg_get(u->base, FAR_UART_IE) & FAR_UART_RX) != 0) {
		uint32_t data = far_reg_get(u->base, FAR_UART_RXDATA);

		if ((data & FAR_UART_FLAG) != 0)
			return;
		(void)far_bare_uart_received(&u->uart, (uint8_t)data);
	}
}

static const struct far_bare_uart_ops ops = {
	.put = put,
	.is_sent = is_sent,
	.listen = listen,
	.set_baud = set_baud,
};

static const struct far_bare_uart_ops with_lines = {
	.put = put,
	.is_sent = is_sent,
	.listen = listen,
	.set_baud = set_baud,
	.set_lines = set_lines,
};

static const struct far_bare_uart_ops send_only = { .put = put, .is_sent = is_sent };

static void init(struct far_sifive_u_uart *u, uint32_t number, bool console,
		 const struct far_bare_uart_ops *with)
{
	u->base = number == 0 ? FAR_UART0 : FAR_UART1;
	far_reg_set(u->base, FAR_UART_IE, 0);
	(void)set_baud(&u->uart, FAR_SIFIVE_U_BAUD);
	far_reg_set(u->base, FAR_UART_TXCTRL, ENABLE | ONE_WAITING);
	far_reg_set(u->base, FAR_UART_RXCTRL, ENABLE);
	far_bare_uart_init(&u->uart, with, FAR_SIFIVE_U_BAUD, console);
	far_sifive_u_on_irq(number == 0 ? FAR_UART0_IRQ : FAR_UART1_IRQ, on_receive, u);
}

void far_sifive_u_uart_init(struct far_sifive_u_uart *u, uint32_t number, bool console)
{
	init(u, number, console, &ops);
}

void far_sifive_u_target_init(struct far_sifive_u_target *t, enum far_bare_lines lines)
{
	init(&t->uart, 1, false, lines == FAR_BARE_LINES_PINS ? &with_lines : &ops);
	t->stream = &t->uart.uart.stream;
	if (lines == FAR_BARE_LINES_IN_BAND &&
	    far_bare_comport_init(&t->comport, t->stream, &far_bare_clock, FAR_SIFIVE_U_BAUD) ==
		    FAR_OK)
		t->stream = &t->comport.stream;
}

void far_sifive_u_uart_join(struct far_sifive_u_uart *u, uint32_t number)
{
	u->base = number == 0 ? FAR_UART0 : FAR_UART1;
	far_bare_uart_init(&u->uart, &send_only, FAR_SIFIVE_U_BAUD, true);
}
