/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/esp/uart.h"

#define TOLERANCE_PERCENT 3u

bool far_sim_uart_hears(uint32_t sender_baud, uint32_t receiver_baud)
{
	uint64_t high = sender_baud > receiver_baud ? sender_baud : receiver_baud;
	uint64_t low = sender_baud > receiver_baud ? receiver_baud : sender_baud;

	return (high - low) * 100u <= low * TOLERANCE_PERCENT;
}

bool far_sim_uart_garble(uint32_t *state, uint8_t *byte)
{
	/* A linear congruential step: cheap, and its high bits are disorderly enough. */
	*state = (*state ^ *byte) * 1664525u + 1013904223u;
	*byte = (uint8_t)(*byte ^ (*state >> 24) ^ 0x5Au);
	/* A byte in four vanishes: its start bit fell inside another byte. */
	return (*state >> 16 & 3u) != 0;
}
