/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sequence on the command line, for a board whose lines are wired as nobody else's. Nothing of it
 * is taken unless all of it is understood: half a reset leaves a chip in a state that cannot be
 * told from a broken one.
 */
#include "cli/reset_steps.h"

#include <string.h>

#include "farflash/stream.h"

#define WAIT_MAX_MS 10000u

/* "0.05" is 50. False: no such number, more than three decimals, or above WAIT_MAX_MS. */
static bool milliseconds(const char *text, size_t len, uint32_t *ms)
{
	uint32_t unit = 1000;
	bool point = false;
	*ms = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || (point && unit == 1) || *ms > WAIT_MAX_MS)
			return false;
		if (point)
			unit /= 10;
		else
			*ms *= 10;
		*ms += (uint32_t)(text[i] - '0') * unit;
	}
	return len > 0 && *ms <= WAIT_MAX_MS;
}

/* The sequence as it grows: what the lines are now, and the steps so far. */
struct steps {
	struct far_esp_step *step;
	size_t count;
	uint8_t lines;
};

/* False: the sequence is too long. */
static bool add(struct steps *s, uint8_t time)
{
	if (s->count == CLI_STEPS_MAX)
		return false;
	s->step[s->count++] = (struct far_esp_step){ s->lines, time };
	return true;
}

/* A step waits up to 2.55 s: longer waits are several, and parts of 10 ms are rounded up. */
static bool add_wait(struct steps *s, uint32_t ms)
{
	for (uint32_t left = (ms + 9) / 10; left > 0;) {
		uint8_t n = (uint8_t)(left > UINT8_MAX ? UINT8_MAX : left);
		if (!add(s, n))
			return false;
		left -= n;
	}
	return true;
}

static bool is_level(char c)
{
	return c == '0' || c == '1';
}

/* Lines keep their levels from step to step; a wait repeats them. */
static void set(struct steps *s, uint8_t line, char level)
{
	s->lines = (uint8_t)(level == '1' ? s->lines | line : s->lines & ~line);
}

/* One word of the sequence. */
static bool add_word(struct steps *s, const char *word, size_t len)
{
	uint32_t ms;
	if (len == 2 && (word[0] == 'D' || word[0] == 'R') && is_level(word[1])) {
		set(s, word[0] == 'D' ? FAR_LINE_DTR : FAR_LINE_RTS, word[1]);
		return add(s, 0);
	}
	if (len == 4 && word[0] == 'U' && is_level(word[1]) && word[2] == ',' &&
	    is_level(word[3])) {
		set(s, FAR_LINE_DTR, word[1]);
		set(s, FAR_LINE_RTS, word[3]);
		return add(s, 0);
	}
	return len > 1 && word[0] == 'W' && milliseconds(word + 1, len - 1, &ms) && add_wait(s, ms);
}

/* The last step is marked, as device/esp counts none. A '|' at the end is as good as none. */
bool cli_reset_parse(const char *text, struct far_esp_step steps[CLI_STEPS_MAX])
{
	struct steps s = { .step = steps };
	while (*text) {
		size_t len = strcspn(text, "|");
		if (!add_word(&s, text, len))
			return false;
		text += len + (text[len] == '|');
	}
	if (s.count == 0)
		return false;
	steps[s.count - 1].lines |= FAR_ESP_STEP_LAST;
	return true;
}
