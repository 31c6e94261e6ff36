/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/suggest.h"

#include <string.h>

#define WORD_MAX 31 /* longer words are not compared: no command or option is that long */

static size_t min2(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Edit distance in which swapping two neighbours counts as one edit (optimal string alignment):
 * that is how commands are mistyped.
 */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	size_t d[WORD_MAX + 1][WORD_MAX + 1];
	if (la > WORD_MAX || lb > WORD_MAX)
		return CLI_SUGGEST_FAR;

	for (size_t i = 0; i <= la; i++) {
		for (size_t j = 0; j <= lb; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			size_t replaced = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			d[i][j] = min2(replaced, min2(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = min2(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[la][lb];
}

void cli_suggest_offer(struct cli_suggest *s, const char *word)
{
	size_t d = distance(s->typed, word);
	if (d < s->distance && d <= strlen(s->typed) / 3 + 1) {
		s->distance = d;
		s->best = word;
	}
}
