/* SPDX-License-Identifier: Apache-2.0 */
/* What several of the further operations need. */
#include "core/bytes.h"
#include "service/supervisor/internal.h"

bool far_supervisor_may_deflate(const struct far_supervisor_remote *r)
{
	return far_supervisor_is_granted(r, FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE, 0,
					 far_supervisor_flash(r)->info.size);
}

uint8_t *far_supervisor_window(const struct far_supervisor_remote *r, const uint32_t *m)
{
	uint32_t at = m[FAR_SUPERVISOR_EXTRA], len = r->config.window_len;

	if (len == 0 || at > len || m[FAR_SUPERVISOR_LEN] > len - at)
		return NULL;
	return (uint8_t *)r->config.window + at;
}

/* As long as a turn: the remote asks for what is left then. */
int far_supervisor_repeat(struct far_supervisor_remote *r, uint32_t *m, uint8_t *window, bool grow,
			  far_supervisor_piece *piece)
{
	uint32_t len = m[FAR_SUPERVISOR_LEN], done = 0, most = r->config.data_max;
	uint32_t began = far_supervisor_now(r), pace = r->_state.pace;
	int rc = FAR_OK;

	if (grow && pace > most)
		most = pace;
	while (done < len && rc == FAR_OK) {
		uint32_t n = far_min32(len - done, most);

		rc = piece(r, m, window, n);
		if (rc != FAR_OK)
			break;
		done += n;
		m[FAR_SUPERVISOR_ADDR] += n;
		if (window != NULL)
			window += n;
		if (grow && most < len)
			most += n;
		if (far_supervisor_now(r) - began >= r->_state.supervisor->config.turn_ms) {
			most = 0; /* more than a turn holds: begin small again */
			break;
		}
	}
	if (grow)
		r->_state.pace = most;
	m[FAR_SUPERVISOR_LEN] = done;
	return rc;
}
