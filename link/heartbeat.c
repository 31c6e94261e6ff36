/* SPDX-License-Identifier: Apache-2.0 */
/* A sign of life, for those who have to know that a peer is dead and not only slow. */
#include "farflash/mailbox.h"
#include "link/shared.h"

#define BEAT 3 /* word of a half: docs/SPEC-mailbox.md */

void far_mailbox_heartbeat(struct far_mailbox *m, uint32_t limit_ms)
{
	struct far_clock *clock = m->_state.config.clock;
	uint32_t now = clock->ops->now_ms(clock);
	uint32_t beat = far_shared_load(&m->_state.peer[BEAT]);

	far_shared_store(&m->_state.own[BEAT], ++m->_state.beat);
	if (beat != m->_state.peer_beat || m->_state.link == 0) {
		m->_state.peer_beat = beat;
		m->_state.peer_at = now;
	} else if (limit_ms != 0 && now - m->_state.peer_at >= limit_ms) {
		far_mailbox_stop(m);
	}
}
