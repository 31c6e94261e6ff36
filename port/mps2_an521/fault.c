/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions that are no interrupts of ours are the end, with a line on the core's UART that says
 * where.
 */
#include "port/mps2_an521/internal.h"

#define FRAME_PC 6u

/* The bits of CFSR say more than the exception does: masked, every fault becomes a hard one. */
static const struct {
	uint32_t bits;
	int number;
	const char *meaning;
} causes[] = {
	{ FAR_CFSR_OVERFLOW, 6, "stack overflow" },
	{ FAR_CFSR_UNDEFINED, 6, "undefined instruction" },
	{ FAR_CFSR_UNALIGNED, 6, "unaligned access" },
	{ FAR_CFSR_DIVIDE, 6, "division by zero" },
	{ FAR_CFSR_USAGE, 6, "usage fault" },
	{ FAR_CFSR_MEMORY, 4, "memory fault" },
	{ FAR_CFSR_BUS, 5, "bus fault" },
};

static uint32_t exception(void)
{
	uint32_t number;

	__asm__ volatile("mrs %0, ipsr" : "=r"(number));
	return number;
}

static void put(struct far_stream *out, const char *text)
{
	size_t len = 0;

	while (text[len] != '\0')
		len++;
	(void)out->ops->write(out, (const uint8_t *)text, len);
}

static void put_hex(struct far_stream *out, const char *name, uint32_t value)
{
	char text[9];

	for (int i = 7; i >= 0; i--, value >>= 4)
		text[i] = "0123456789abcdef"[value & 15];
	text[8] = '\0';
	put(out, name);
	put(out, text);
}

/* By a stream of its own: the program's may be what is broken. */
static void report(const char *meaning, uint32_t cfsr, uint32_t place)
{
	static struct far_mps2_an521_uart uart;
	struct far_stream *out = &uart.uart.stream;

	far_mps2_an521_uart_init(&uart, true);
	put(out, far_cpu_index() == 0 ? "\ncore 0: " : "\ncore 1: ");
	put(out, meaning);
	put_hex(out, ": exception ", exception());
	put_hex(out, ", cfsr ", cfsr);
	put_hex(out, ", pc ", place);
	if ((cfsr & FAR_CFSR_MEMORY_ADDR) != 0)
		put_hex(out, ", address ", far_reg_get(FAR_SCB, FAR_SCB_MMFAR));
	else if ((cfsr & FAR_CFSR_BUS_ADDR) != 0)
		put_hex(out, ", address ", far_reg_get(FAR_SCB, FAR_SCB_BFAR));
	put(out, "\n");
	(void)out->ops->drain(out);
}

void far_mps2_an521_fault(const uint32_t *frame)
{
	uint32_t cfsr = far_reg_get(FAR_SCB, FAR_SCB_CFSR);
	int number = (int)exception();
	const char *meaning = "exception that nobody asked for";

	while (far_mps2_an521_is_over())
		__asm__ volatile("wfi");
	for (uint32_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if ((cfsr & causes[i].bits) != 0) {
			meaning = causes[i].meaning;
			number = causes[i].number;
			break;
		}
	}
	report(meaning, cfsr, frame[FRAME_PC]);
	far_cpu_exit(FAR_MPS2_AN521_TRAPPED + number);
}
