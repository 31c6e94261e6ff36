/* SPDX-License-Identifier: Apache-2.0 */
/* Data through shared RAM. A remote can change it at any time: it is copied once, then used. */
#include "core/bytes.h"
#include "service/supervisor/internal.h"

static int read_piece(struct far_supervisor_remote *r, uint32_t *m, uint8_t *window, uint32_t n)
{
	return far_flash_read(far_supervisor_flash(r), m[FAR_SUPERVISOR_ADDR], window, n);
}

static int write_piece(struct far_supervisor_remote *r, uint32_t *m, uint8_t *window, uint32_t n)
{
	memcpy(far_supervisor_data(m), window, n);
	return far_flash_write(far_supervisor_flash(r), m[FAR_SUPERVISOR_ADDR],
			       far_supervisor_data(m), n);
}

int far_supervisor_read_window(struct far_supervisor_remote *r, uint32_t *m)
{
	uint8_t *window = far_supervisor_window(r, m);

	return window == NULL ? FAR_ERR_PROTO
			      : far_supervisor_repeat(r, m, window, true, read_piece);
}

int far_supervisor_write_window(struct far_supervisor_remote *r, uint32_t *m)
{
	uint8_t *window = far_supervisor_window(r, m);

	if (window == NULL)
		return FAR_ERR_PROTO;
	if ((m[FAR_SUPERVISOR_LEN] & (far_supervisor_flash(r)->info.write_block - 1)) != 0)
		return FAR_ERR_ALIGN;
	return far_supervisor_repeat(r, m, window, false, write_piece);
}
