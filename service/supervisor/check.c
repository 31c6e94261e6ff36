/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, and with which code. Nothing here touches the flash. */
#include "core/bytes.h"
#include "service/supervisor/internal.h"

/* What addr and len of a request mean; in the bits below, the rights that it takes. */
#define RANGE    0x8u  /* a range of the flash */
#define SENDS    0x10u /* len bytes come with it */
#define FETCHES  0x20u /* len bytes go back */
#define SECTORS  0x40u /* addr is whole sectors, and the range all that it begins */
#define OR_EMPTY 0x80u /* len may be 0 */

static const uint8_t kinds[] = {
	FAR_SERVICE_MAY_READ | RANGE | FETCHES,                          /* read */
	FAR_SERVICE_MAY_WRITE | RANGE | SENDS,                           /* write */
	FAR_SERVICE_MAY_ERASE | RANGE | SECTORS,                         /* erase */
	FAR_SERVICE_MAY_READ | RANGE | OR_EMPTY,                         /* digest */
	FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE | RANGE | SECTORS, /* begin */
	SENDS,                                                           /* stream */
	OR_EMPTY,                                                        /* end */
	OR_EMPTY,                                                        /* sync */
};

/* Of operations that there are not: nothing is allowed. */
static uint32_t kind_of(uint32_t m)
{
	uint32_t op = (m & 0xff) - FAR_SERVICE_READ;

	return op <= FAR_SERVICE_SYNC - FAR_SERVICE_READ ? kinds[op] : 0;
}

void far_supervisor_mark(uint32_t *m, uint32_t data_len)
{
	uint32_t flags = m[0] & FAR_SERVICE_KIND, len = m[2];

	if ((kind_of(m[0]) & SENDS) == 0 || flags != 0)
		len = 0;
	m[0] &= ~(FAR_SERVICE_KIND ^ FAR_SERVICE_WINDOW);
	if ((flags & ~FAR_SERVICE_WINDOW) != 0 || data_len != len)
		m[0] |= FAR_SUPERVISOR_BAD;
}

static bool is_granted(const struct far_supervisor_remote_config *c, uint32_t rights, uint32_t addr,
		       uint32_t len)
{
	for (uint32_t i = 0; i < c->grant_count; i++) {
		const struct far_supervisor_grant *g = &c->grants[i];

		if ((g->rights & rights) == rights && addr >= g->addr && addr - g->addr <= g->len &&
		    len <= g->len - (addr - g->addr))
			return true;
	}
	return false;
}

bool far_supervisor_may_deflate(const struct far_supervisor_remote *r)
{
	return is_granted(&r->config, FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE, 0,
			  r->_state.supervisor->config.flash->info.size);
}

/* Where the data is: it fits, and it lies in the window if it is said to. */
static bool is_placed(const struct far_supervisor_remote *r, uint32_t kind, uint32_t m)
{
	const struct far_supervisor_remote_config *c = &r->config;
	uint32_t at = r->_state.extra, len = r->progress.len;

	if ((m & FAR_SERVICE_WINDOW) == 0)
		return (kind & FETCHES) == 0 || len <= c->data_max;
	return (kind & (FETCHES | SENDS)) != 0 && at <= c->window_len && len <= c->window_len - at;
}

static int check_range(const struct far_supervisor_remote *r, uint32_t kind,
		       struct far_flash_fault *fault)
{
	const struct far_flash_info *info = &r->_state.supervisor->config.flash->info;
	uint32_t addr = r->progress.addr, len = r->progress.len, odd = 0, op = r->progress.op;

	if (addr > info->size || len > info->size - addr)
		return FAR_ERR_RANGE;
	if (op == FAR_SERVICE_BEGIN)
		len = (len + info->sector_size - 1) & ~(info->sector_size - 1);
	if (kind & SECTORS)
		odd = info->sector_size - 1;
	if (op == FAR_SERVICE_WRITE)
		odd = info->write_block - 1;
	if ((addr | len) & odd)
		return FAR_ERR_ALIGN;
	if ((len == 0 || is_granted(&r->config, kind & 7, addr, len)) &&
	    (op != FAR_SERVICE_BEGIN || r->_state.extra == 0 || far_supervisor_may_deflate(r)))
		return FAR_OK;
	fault->peer_code = FAR_SERVICE_NO_GRANT;
	return FAR_ERR_REFUSED;
}

void far_supervisor_check(const struct far_supervisor_remote *r, uint32_t m,
			  struct far_flash_fault *fault)
{
	uint32_t kind = kind_of(m);

	if (kind == 0)
		fault->err = FAR_ERR_NOTSUP;
	else if ((m & FAR_SUPERVISOR_BAD) != 0)
		fault->err = FAR_ERR_PROTO;
	else if (r->progress.len == 0 && (kind & OR_EMPTY) == 0)
		fault->err = FAR_ERR_ARG;
	else if (!is_placed(r, kind, m))
		fault->err = FAR_ERR_PROTO;
	else if (kind & RANGE)
		fault->err = check_range(r, kind, fault);
}

int far_supervisor_check_config(const struct far_supervisor *s,
				const struct far_supervisor_remote_config *c)
{
	uint32_t size = s->config.flash->info.size;

	if (c->mailbox == NULL || c->buf == NULL || c->slots < 2 || c->data_max == 0 ||
	    c->data_max % 32 != 0 || c->data_max > FAR_FRAGMENT_LEN_MAX - FAR_SERVICE_REQUEST ||
	    (c->grants == NULL && c->grant_count > 0) || c->grant_count > UINT8_MAX ||
	    (c->window == NULL && c->window_len > 0))
		return FAR_ERR_ARG;
	if ((uintptr_t)c->buf % sizeof(uint32_t) != 0)
		return FAR_ERR_ALIGN;
	for (uint32_t i = 0; i < c->grant_count; i++) {
		const struct far_supervisor_grant *g = &c->grants[i];

		if (g->addr > size || g->len > size - g->addr)
			return FAR_ERR_RANGE;
	}
	return FAR_OK;
}
