/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two cores' programs have in common: a mailbox and a console, and one channel on which
 * the other core is expected. Every wait ends after the board's patience.
 */
#ifndef FARFLASH_APP_IPM_ESP32_TALK_H
#define FARFLASH_APP_IPM_ESP32_TALK_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/board.h"

/* Channels 0 and 1 belong to the radio stacks. */
#define TALK_CHANNEL 2u

struct talk {
	const struct far_board *board;
	struct far_mailbox mailbox;
	uint32_t began; /* of the wait that is going on */
	int err;        /* the first of the console or the doorbell */
};

/* Take this board's side. notice and callback may be NULL; user is handed to both. */
int talk_init(struct talk *t, const struct far_board *board, far_mailbox_notice notice,
	      far_mailbox_callback callback, void *user);

/* Text on the console; a failure is kept in t->err. */
void talk_say(struct talk *t, const char *text);
/* len bytes that a peer chose, as text up to a zero; what is not printable becomes a dot. */
void talk_say_foreign(struct talk *t, const uint8_t *data, size_t len);
void talk_say_number(struct talk *t, uint32_t number);

/* Begin a wait; then, until the result is negative: let things happen, for as long as is left. */
void talk_wait_begin(struct talk *t);
/*
 * FAR_OK; FAR_ERR_TIMEOUT: patience is at its end; or the doorbell's or console's error. idle:
 * there is nothing to do until something happens; else only what has happened already is looked at.
 */
int talk_wait(struct talk *t, bool idle);

/* What the program returns for err; a line on the console says why, with the peer's name. */
int talk_end(struct talk *t, const char *peer, int err, bool appeared);

#endif
