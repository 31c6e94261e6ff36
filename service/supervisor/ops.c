/* SPDX-License-Identifier: Apache-2.0 */
/* What every remote needs: to know the flash, to read, to write and to erase it, inline. */
#include "core/bytes.h"
#include "service/supervisor/internal.h"

const struct far_supervisor_op far_supervisor_inline[] = {
	{ far_supervisor_info, FAR_SERVICE_INFO },
	{ far_supervisor_read, FAR_SERVICE_READ },
	{ far_supervisor_write, FAR_SERVICE_WRITE },
	{ far_supervisor_erase, FAR_SERVICE_ERASE },
	{ NULL, 0 },
};

int far_supervisor_info(struct far_supervisor_remote *r, uint32_t *m)
{
	const struct far_flash_info *info = &far_supervisor_flash(r)->info;
	uint32_t caps = info->caps & FAR_FLASH_CAN_READ & m[FAR_SUPERVISOR_ADDR];
	uint32_t number = m[FAR_SUPERVISOR_EXTRA], *w = (uint32_t *)(void *)far_supervisor_data(m);

	memset(w, 0, 4 * FAR_SERVICE_INFO_WORDS);
	w[0] = info->size;
	w[1] = info->sector_size;
	w[2] = info->write_block;
	w[3] = info->erase_value | caps << 8 | FAR_SERVICE_VERSION << 16;
	w[4] = r->config.data_max;
	if (number < r->config.grant_count)
		memcpy(w + 6, &r->config.grants[number], sizeof(r->config.grants[0]));
	w[9] = r->config.grant_count;
	return 4 * FAR_SERVICE_INFO_WORDS;
}

int far_supervisor_read(struct far_supervisor_remote *r, uint32_t *m)
{
	uint32_t n = far_min32(m[FAR_SUPERVISOR_LEN], r->config.data_max);
	int rc = far_flash_read(far_supervisor_flash(r), m[FAR_SUPERVISOR_ADDR],
				far_supervisor_data(m), n);

	m[FAR_SUPERVISOR_LEN] = n;
	return rc == FAR_OK ? (int)n : rc;
}

int far_supervisor_write(struct far_supervisor_remote *r, uint32_t *m)
{
	return far_flash_write(far_supervisor_flash(r), m[FAR_SUPERVISOR_ADDR],
			       far_supervisor_data(m), m[FAR_SUPERVISOR_LEN]);
}

/* A sector at a time: the remote asks for the next when the others have had their turn. */
int far_supervisor_erase(struct far_supervisor_remote *r, uint32_t *m)
{
	struct far_flash *f = far_supervisor_flash(r);
	uint32_t len = m[FAR_SUPERVISOR_LEN], sector = f->info.sector_size;

	if ((len & (sector - 1)) != 0)
		return FAR_ERR_ALIGN;
	m[FAR_SUPERVISOR_LEN] = far_min32(len, sector);
	return far_flash_erase(f, m[FAR_SUPERVISOR_ADDR], m[FAR_SUPERVISOR_LEN]);
}
