/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts to their handlers; anything else is the end, with a line on UART0 that says where. */
#include "port/sifive_u/internal.h"

#define INTERRUPT 0x80000000u
#define GUARD     0x1000u

static const char *meaning(uint32_t cause, uint32_t value)
{
	static const char *const text[] = {
		"misaligned instruction", "instruction access fault",
		"illegal instruction",    "breakpoint",
		"misaligned load",        "load access fault",
		"misaligned store",       "store access fault",
	};

	if (value - (uint32_t)(uintptr_t)far_stack_guard < GUARD)
		return "stack overflow";
	return cause < sizeof(text) / sizeof(text[0]) ? text[cause] : "trap";
}

static void put(struct far_stream *out, const char *text)
{
	size_t len = 0;

	while (text[len] != '\0')
		len++;
	(void)out->ops->write(out, (const uint8_t *)text, len);
}

static void put_hex(struct far_stream *out, uint32_t value)
{
	char text[9];

	for (int i = 7; i >= 0; i--, value >>= 4)
		text[i] = "0123456789abcdef"[value & 15];
	text[8] = '\0';
	put(out, text);
}

/* By a stream of its own: the program's may be what is broken. */
static __attribute__((noinline)) void report(uint32_t cause)
{
	static struct far_sifive_u_uart uart;
	struct far_stream *out = &uart.uart.stream;
	uint32_t place, value;

	FAR_CSR_READ(mepc, place);
	FAR_CSR_READ(mtval, value);
	far_sifive_u_uart_join(&uart, 0);
	put(out, far_cpu_index() == 0 ? "\nhart 0: " : "\nhart 1: ");
	put(out, meaning(cause, value));
	put(out, ": mcause ");
	put_hex(out, cause);
	put(out, ", mepc ");
	put_hex(out, place);
	put(out, ", mtval ");
	put_hex(out, value);
	put(out, "\n");
	(void)out->ops->drain(out);
}

void far_sifive_u_trap(uint32_t cause)
{
	switch (cause) {
	case INTERRUPT | FAR_IRQ_TIMER:
		far_sifive_u_timer();
		return;
	case INTERRUPT | FAR_IRQ_EXTERNAL:
		far_sifive_u_plic_handle();
		return;
	default:
		report(cause);
		far_cpu_exit(FAR_SIFIVE_U_TRAPPED + (int)(cause & 0x1f));
	}
}
