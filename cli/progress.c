/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bar on stderr, so that stdout can be piped on, and only if a person looks at it. It overwrites
 * itself: a carriage return in front, and an escape sequence that erases what is left of a longer
 * one.
 */
#include "cli/progress.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define REFRESH_MS 100
#define BAR_WIDTH  30u
#define TEXT_WIDTH 50u /* columns of the line without its bar: a long verb, gigabytes, hours */

/* There is one terminal, so there is one bar. */
static bool shown;

/* Not the time of day, which may be set meanwhile. */
uint64_t cli_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*
 * A line that is too long for the terminal wraps, and cannot be taken away. 0 columns: not known.
 */
static unsigned bar_width(void)
{
	struct winsize w;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 ||
	    w.ws_col > TEXT_WIDTH + BAR_WIDTH)
		return BAR_WIDTH;
	return w.ws_col > TEXT_WIDTH ? w.ws_col - TEXT_WIDTH : 0;
}

void cli_progress_begin(const struct cli *c, struct cli_progress *p, const char *verb,
			uint32_t total)
{
	*p = (struct cli_progress){
		.verb = verb,
		.total = total,
		.start_ms = cli_now_ms(),
		.width = bar_width(),
		.on = !c->set->no_progress && !c->set->quiet && !c->set->json && !c->set->trace &&
		      isatty(STDERR_FILENO),
	};
}

/* The first call always shows it: a job that then hangs has said what it hangs in. */
void cli_progress_update(struct cli_progress *p, uint32_t done)
{
	uint64_t now = cli_now_ms();
	if (!p->on || (p->shown_ms && now - p->shown_ms < REFRESH_MS))
		return;
	shown = true;
	p->shown_ms = now;

	unsigned percent = (unsigned)((uint64_t)100 * done / p->total);
	if (p->width == 0) {
		fprintf(stderr, "\r%u %% \033[K", percent);
		return;
	}
	/* One more than has passed, so that nothing is divided by zero. */
	uint64_t ms = now - p->start_ms + 1;
	double rate = (double)done / (double)ms; /* bytes per ms */
	uint64_t left_s = done ? (uint64_t)((double)(p->total - done) / rate / 1000) : 0;
	char bar[BAR_WIDTH + 1];
	memset(bar, ' ', p->width);
	memset(bar, '=', (size_t)((uint64_t)p->width * done / p->total));
	bar[p->width] = '\0';
	fprintf(stderr, "\r%s [%s] %3u %%  %8.1f KiB/s  %" PRIu64 " s left \033[K", p->verb, bar,
		percent, rate * 1000 / 1024, left_s);
}

void cli_progress_hide(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}

/* A millisecond is added, so that rates can be computed from it. */
double cli_progress_end(struct cli_progress *p)
{
	cli_progress_hide();
	p->on = false;
	return (double)(cli_now_ms() - p->start_ms + 1) / 1000;
}
