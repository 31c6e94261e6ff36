/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sleeps, and compares what the clock says it took with a counter that the port has no use for: the
 * other timer of the dual timer, which lasts 15 hours. The port's own wraps every 214 s.
 */
#include "core/text.h"
#include "farflash/board.h"

#define TIMER2_VALUE   0x50002024u
#define TIMER2_CONTROL 0x50002028u
#define BY_256         0x8au /* free running, 32 bits, 20 MHz / 256 */
#define TICKS_PER_S    78125u
#define TOLERANCE_MS   2u

static volatile uint32_t *at(uintptr_t address)
{
	return (volatile uint32_t *)address;
}

static void say(const struct far_board *board, const char *words, uint32_t asked, uint32_t took)
{
	char line[80];
	struct far_text text = { .at = line, .cap = sizeof(line) };

	far_text_put(&text, words);
	far_text_decimal(&text, asked);
	far_text_put(&text, " ms took ");
	far_text_decimal(&text, took);
	far_text_put(&text, "\n");
	(void)board->console->ops->write(board->console, (const uint8_t *)line, text.len);
}

static bool is_about(uint32_t ms, uint32_t expected)
{
	return ms - expected <= TOLERANCE_MS || expected - ms <= TOLERANCE_MS;
}

static bool sleep(const struct far_board *board, uint32_t ms)
{
	const struct far_clock_ops *ops = board->clock->ops;
	uint32_t ticks = *at(TIMER2_VALUE), before = ops->now_ms(board->clock), real, told;

	ops->sleep_ms(board->clock, ms);
	told = ops->now_ms(board->clock) - before;
	ticks -= *at(TIMER2_VALUE) - 1; /* it counts down; a tick that has begun counts */
	real = ticks / TICKS_PER_S * 1000 + ticks % TICKS_PER_S * 8 / (TICKS_PER_S / 125);
	say(board, "by the clock ", ms, told);
	say(board, "by the other ", ms, real);
	return real >= ms && is_about(real, ms) && is_about(told, ms);
}

int far_app_main(const struct far_board *board)
{
	static const uint32_t sleeps[] = { 0, 1, 20, 799, 800, 1000, 200000, 250000, 3600000 };
	bool good = true;

	*at(TIMER2_CONTROL) = BY_256;
	for (uint32_t i = 0; i < sizeof(sleeps) / sizeof(sleeps[0]); i++)
		good = sleep(board, sleeps[i]) && good;
	return good ? FAR_APP_DONE : FAR_APP_MISMATCH;
}
