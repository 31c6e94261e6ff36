/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean ...?": the closest of some words to a mistyped one. */
#ifndef FARFLASH_CLI_SUGGEST_H
#define FARFLASH_CLI_SUGGEST_H

#include <stddef.h>

struct cli_suggest {
	const char *typed; /* set these two, */
	size_t distance;   /* this one to CLI_SUGGEST_FAR; offer words; */
	const char *best;  /* read the result: NULL if none is close. Points to a word offered */
};

/* Words further from what was typed than a third of it, or than this, are no help. */
#define CLI_SUGGEST_FAR 5

/*
 * Compare one more word, which must stay for as long as best is used. Of two as close the first one
 * wins.
 */
void cli_suggest_offer(struct cli_suggest *s, const char *word);

#endif
