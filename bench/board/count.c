/* SPDX-License-Identifier: Apache-2.0 */
/* A row of figures without printf, and sleep that is counted for what it is: no instructions. */
#include "bench/board/count.h"
#include "core/text.h"

/*
 * In hundredths, as a byte costs less than ten instructions. Errors of the console show as a row
 * that is missing.
 */
void count_say(struct far_stream *out, const char *name, uint32_t instructions, uint32_t pieces)
{
	char line[80];
	struct far_text text = { .at = line, .cap = sizeof(line) };
	uint32_t hundredths = (uint32_t)((uint64_t)instructions * 100 / pieces);

	far_text_put(&text, name);
	far_text_put(&text, ",");
	far_text_decimal(&text, hundredths / 100);
	far_text_put(&text, hundredths % 100 < 10 ? ".0" : ".");
	far_text_decimal(&text, hundredths % 100);
	far_text_put(&text, "\n");
	(void)out->ops->write(out, (const uint8_t *)line, text.len);
	(void)out->ops->drain(out);
}

/* Masked from the look to the sleep: an interrupt between them would be slept through. */
void count_sleep(bool (*is_over)(void *ctx), void *ctx)
{
	bool over = false;

	while (!over) {
		uint32_t key = far_cpu_mask();

		over = is_over(ctx);
		if (!over)
			far_cpu_idle(UINT64_MAX);
		far_cpu_restore(key);
	}
}

void count_serve(bool (*is_over)(void *ctx), void *ctx)
{
	(void)far_bare_serve(is_over, ctx, UINT32_MAX);
}
