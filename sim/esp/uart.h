/* SPDX-License-Identifier: Apache-2.0 */
/* What a UART makes of bytes that were sent at another rate than it listens at. */
#ifndef FARFLASH_SIM_ESP_UART_H
#define FARFLASH_SIM_ESP_UART_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sampling the middle of the tenth bit tolerates 5 % in theory; both ends' own errors and the edges
 * of the bits leave about 3 %.
 */
bool far_sim_uart_hears(uint32_t sender_baud, uint32_t receiver_baud);

/*
 * The garbage that a receiver at the wrong rate makes of a byte. *state carries the disorder from
 * byte to byte, so that two runs hear the same nonsense. false: no byte was recognised at all.
 */
bool far_sim_uart_garble(uint32_t *state, uint8_t *byte);

#endif
