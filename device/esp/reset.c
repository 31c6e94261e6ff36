/* SPDX-License-Identifier: Apache-2.0 */
/* Resets through the modem lines, step by step. */
#include "device/esp/session.h"

enum { BOTH = FAR_LINE_DTR | FAR_LINE_RTS, LAST = FAR_ESP_STEP_LAST };

/*
 * Through "both", which the circuit ignores, so that there is no moment of "DTR alone" before. The
 * strap is held longer at every other attempt, for boards with a large capacitor at EN.
 */
static const struct far_esp_step to_loader[2][4] = {
	{ { BOTH, 0 }, { FAR_LINE_RTS, 10 }, { FAR_LINE_DTR, 5 }, { LAST, 0 } },
	{ { BOTH, 0 }, { FAR_LINE_RTS, 10 }, { FAR_LINE_DTR, 55 }, { LAST, 0 } },
};
/* Never DTR alone: the chip would sample its strap low and be back in the loader. */
static const struct far_esp_step to_run[2] = { { FAR_LINE_RTS, 10 }, { LAST, 0 } };

int far_esp_reset(struct far_esp *e, enum far_esp_reset how, unsigned attempt)
{
	const struct far_esp_config *config = &e->_state.config;
	struct far_stream *s = config->stream;
	const struct far_esp_step *step = config->to_loader;
	int rc;

	if (config->reset != NULL)
		return config->reset(config->reset_ctx, how, attempt);
	if (s->ops->set_lines == NULL)
		return FAR_ERR_NOTSUP;
	if (step == NULL)
		step = to_loader[attempt % 2];
	if (how == FAR_ESP_RESET_RUN)
		step = config->to_run != NULL ? config->to_run : to_run;
	do {
		rc = s->ops->set_lines(s, step->lines & BOTH);
		if (rc == FAR_OK)
			config->clock->ops->sleep_ms(config->clock, 10u * step->time);
	} while (rc == FAR_OK && ((step++)->lines & LAST) == 0);
	return rc;
}
