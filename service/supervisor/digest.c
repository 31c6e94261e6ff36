/* SPDX-License-Identifier: Apache-2.0 */
/* MD5 where the flash is: by the flash itself, or read here, as much at a time as a turn allows. */
#include "core/md5.h"
#include "service/supervisor/internal.h"

static int piece(struct far_supervisor_remote *r, uint32_t *m, uint8_t *window, uint32_t n)
{
	uint8_t *data = far_supervisor_data(m);
	int rc = far_flash_read(far_supervisor_flash(r), m[FAR_SUPERVISOR_ADDR], data, n);

	(void)window;
	far_md5_update(&r->_state.md5, data, n);
	return rc;
}

int far_supervisor_digest(struct far_supervisor_remote *r, uint32_t *m)
{
	struct far_flash *f = far_supervisor_flash(r);
	uint32_t len = m[FAR_SUPERVISOR_LEN];
	uint8_t *data = far_supervisor_data(m);
	int rc;

	if (f->info.caps & FAR_FLASH_CAN_DIGEST) {
		rc = far_flash_digest(f, m[FAR_SUPERVISOR_ADDR], len, data);
	} else {
		if (m[FAR_SUPERVISOR_EXTRA] == 0)
			far_md5_init(&r->_state.md5);
		rc = far_supervisor_repeat(r, m, NULL, false, piece);
		if (m[FAR_SUPERVISOR_LEN] == len)
			far_md5_final(&r->_state.md5, data);
	}
	return rc == FAR_OK ? FAR_MD5_LEN : rc;
}
