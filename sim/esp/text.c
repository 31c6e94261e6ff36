/* SPDX-License-Identifier: Apache-2.0 */
/* What the chip prints. */
#include <stdarg.h>
#include <stdio.h>

#include "sim/esp/chip.h"

void esp_print(struct far_sim_esp *e, const char *text)
{
	while (text && *text)
		esp_tx_byte(e, (uint8_t)*text++);
}

void esp_printf(struct far_sim_esp *e, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	esp_print(e, text);
}
