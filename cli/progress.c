/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#define REFRESH_MS 100
#define BAR_WIDTH  30

uint64_t cli_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void cli_progress_begin(const struct cli *c, struct cli_progress *p, const char *verb,
			uint32_t total)
{
	*p = (struct cli_progress){
		.verb = verb,
		.total = total,
		.start_ms = cli_now_ms(),
		.on = !c->set->no_progress && !c->set->quiet && !c->set->json && !c->set->trace &&
		      isatty(STDERR_FILENO),
	};
}

void cli_progress_update(struct cli_progress *p, uint32_t done)
{
	uint64_t now = cli_now_ms();
	if (!p->on || (p->shown && now - p->shown_ms < REFRESH_MS))
		return;
	p->shown = true;
	p->shown_ms = now;

	/* One more than has passed, so that nothing is divided by zero. */
	uint64_t ms = now - p->start_ms + 1;
	double rate = (double)done / (double)ms; /* bytes per ms */
	uint64_t left_s = done ? (uint64_t)((double)(p->total - done) / rate / 1000) : 0;
	unsigned filled = (unsigned)((uint64_t)BAR_WIDTH * done / p->total);
	char bar[BAR_WIDTH + 1];
	for (unsigned i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '=' : ' ';
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r%s [%s] %3u %%  %8.1f KiB/s  %" PRIu64 " s left \033[K", p->verb, bar,
		(unsigned)((uint64_t)100 * done / p->total), rate * 1000 / 1024, left_s);
}

double cli_progress_end(struct cli_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->on = p->shown = false;
	return (double)(cli_now_ms() - p->start_ms + 1) / 1000;
}
