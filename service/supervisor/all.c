/* SPDX-License-Identifier: Apache-2.0 */
/* Everything at once. */
#include "service/supervisor/internal.h"

const struct far_supervisor_op far_supervisor_all[] = {
	{ far_supervisor_info_all, FAR_SERVICE_INFO },
	{ far_supervisor_read, FAR_SERVICE_READ },
	{ far_supervisor_write, FAR_SERVICE_WRITE },
	{ far_supervisor_erase, FAR_SERVICE_ERASE },
	{ far_supervisor_digest, FAR_SERVICE_DIGEST },
	{ far_supervisor_sync, FAR_SERVICE_SYNC },
	{ far_supervisor_read_window, FAR_SERVICE_READ_WINDOW },
	{ far_supervisor_write_window, FAR_SERVICE_WRITE_WINDOW },
	{ far_supervisor_begin, FAR_SERVICE_BEGIN },
	{ far_supervisor_stream, FAR_SERVICE_STREAM },
	{ far_supervisor_stream_window, FAR_SERVICE_STREAM_WINDOW },
	{ far_supervisor_end, FAR_SERVICE_END },
	{ NULL, 0 },
};

int far_supervisor_info_all(struct far_supervisor_remote *r, uint32_t *m)
{
	uint32_t caps = far_supervisor_flash(r)->info.caps;
	uint32_t *w = (uint32_t *)(void *)far_supervisor_data(m);
	int n = far_supervisor_info(r, m);

	if (caps & FAR_FLASH_CAN_READ)
		caps |= FAR_FLASH_CAN_DIGEST;
	if (!far_supervisor_may_deflate(r))
		caps &= ~(uint32_t)FAR_FLASH_CAN_DEFLATE;
	w[3] |= (caps & m[FAR_SUPERVISOR_ADDR]) << 8;
	w[5] = r->config.window_len;
	return n;
}

int far_supervisor_sync(struct far_supervisor_remote *r, uint32_t *m)
{
	m[FAR_SUPERVISOR_ADDR] = UINT32_MAX; /* what is done if it fails is not known */
	return far_flash_sync(far_supervisor_flash(r));
}
