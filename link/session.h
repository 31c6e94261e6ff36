/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For layers above the mailbox whose messages belong to one session: what is written for one never
 * goes into, or is taken from, the next, whoever else calls on the same mailbox meanwhile.
 */
#ifndef FARFLASH_LINK_SESSION_H
#define FARFLASH_LINK_SESSION_H

#include "farflash/mailbox.h"

#define FAR_MAILBOX_ANY_SESSION 0u         /* the one that there is, or will be */
#define FAR_MAILBOX_NO_SESSION  1u         /* no session has this number: no epoch is 0 */
#define FAR_MAILBOX_TAKE        UINT32_MAX /* as length: receive */

/* far_mailbox_session, without a call. */
static inline uint32_t far_mailbox_session_told(const struct far_mailbox *m)
{
	return m->_state.session;
}

/*
 * Send len (0 to 64) bytes of data, or with FAR_MAILBOX_TAKE receive up to 64 bytes into it, within
 * the session that far_mailbox_session named so; FAR_ERR_TIMEOUT only if it is over, FAR_ERR_BUSY
 * also if nothing has come. Else as far_mailbox_send and far_mailbox_receive, whose checks of data
 * and len are the caller's.
 */
int far_mailbox_transfer(struct far_mailbox *m, uint32_t session, uint32_t channel, void *data,
			 uint32_t len, uint32_t timeout_ms);

#endif
