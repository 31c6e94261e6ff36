/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, and with which code. Nothing here touches the flash. */
#include "core/bytes.h"
#include "service/supervisor/internal.h"

/* What addr and len of a request mean. */
#define RANGE    0x1u  /* a range of the flash */
#define SENDS    0x2u  /* len bytes come with it */
#define FETCHES  0x4u  /* len bytes go back */
#define BLOCKS   0x8u  /* addr and len are whole write blocks */
#define SECTORS  0x10u /* they are whole sectors */
#define ROUNDED  0x20u /* addr is, and the range is all the sectors that it begins */
#define OR_EMPTY 0x40u /* len may be 0 */

struct rule {
	uint8_t rights;
	uint8_t kind;
};

static const struct rule rules[] = {
	[FAR_SERVICE_READ] = { FAR_SERVICE_MAY_READ, RANGE | FETCHES },
	[FAR_SERVICE_WRITE] = { FAR_SERVICE_MAY_WRITE, RANGE | SENDS | BLOCKS },
	[FAR_SERVICE_ERASE] = { FAR_SERVICE_MAY_ERASE, RANGE | SECTORS },
	[FAR_SERVICE_DIGEST] = { FAR_SERVICE_MAY_READ, RANGE | OR_EMPTY },
	[FAR_SERVICE_BEGIN] = { FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE, RANGE | ROUNDED },
	[FAR_SERVICE_STREAM] = { 0, SENDS },
	[FAR_SERVICE_END] = { 0, OR_EMPTY },
	[FAR_SERVICE_SYNC] = { 0, OR_EMPTY },
};

static const struct rule *rule_of(uint32_t op)
{
	return op >= FAR_SERVICE_READ && op <= FAR_SERVICE_SYNC ? &rules[op] : NULL;
}

void far_supervisor_mark(uint8_t *m, uint32_t len, uint32_t data_len)
{
	const struct rule *rule = rule_of(m[0]);

	if (rule == NULL || (rule->kind & SENDS) == 0 || m[1] != 0)
		len = 0;
	if ((m[1] & ~FAR_SERVICE_WINDOW) != 0 || data_len != len)
		m[1] = FAR_SUPERVISOR_BAD;
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

bool far_supervisor_may_deflate(const struct far_supervisor *s,
				const struct far_supervisor_remote *r)
{
	return is_granted(&r->config, FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE, 0,
			  s->config.flash->info.size);
}

/* Where the data is: it fits, and it lies in the window if it is said to. */
static bool is_placed(const struct far_supervisor_remote *r, uint32_t kind, const uint8_t *m)
{
	const struct far_supervisor_remote_config *c = &r->config;
	uint32_t at = r->_state.extra, len = r->progress.len;

	if ((m[1] & FAR_SERVICE_WINDOW) == 0)
		return (kind & FETCHES) == 0 || len <= c->data_max;
	return (kind & (FETCHES | SENDS)) != 0 && at <= c->window_len && len <= c->window_len - at;
}

static int check_range(const struct far_supervisor *s, const struct far_supervisor_remote *r,
		       const struct rule *rule, struct far_flash_fault *fault)
{
	const struct far_flash_info *info = &s->config.flash->info;
	uint32_t addr = r->progress.addr, len = r->progress.len, odd = 0;

	if (addr > info->size || len > info->size - addr)
		return FAR_ERR_RANGE;
	if (rule->kind & ROUNDED)
		len = (len + info->sector_size - 1) & ~(info->sector_size - 1);
	if (rule->kind & BLOCKS)
		odd = (addr | len) & (info->write_block - 1);
	if (rule->kind & (SECTORS | ROUNDED))
		odd = (addr | len) & (info->sector_size - 1);
	if (odd != 0)
		return FAR_ERR_ALIGN;
	if (len == 0 || is_granted(&r->config, rule->rights, addr, len)) {
		if ((rule->kind & ROUNDED) == 0 || r->_state.extra == 0 ||
		    far_supervisor_may_deflate(s, r))
			return FAR_OK;
	}
	fault->peer_code = FAR_SERVICE_NO_GRANT;
	return FAR_ERR_REFUSED;
}

void far_supervisor_check(const struct far_supervisor *s, const struct far_supervisor_remote *r,
			  const uint8_t *m, struct far_flash_fault *fault)
{
	const struct rule *rule = rule_of(m[0]);

	if (rule == NULL)
		fault->err = FAR_ERR_NOTSUP;
	else if ((m[1] & FAR_SUPERVISOR_BAD) != 0)
		fault->err = FAR_ERR_PROTO;
	else if (r->progress.len == 0 && (rule->kind & OR_EMPTY) == 0)
		fault->err = FAR_ERR_ARG;
	else if (!is_placed(r, rule->kind, m))
		fault->err = FAR_ERR_PROTO;
	else if (rule->kind & RANGE)
		fault->err = check_range(s, r, rule, fault);
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
	for (uint32_t i = 0; i < c->grant_count; i++) {
		const struct far_supervisor_grant *g = &c->grants[i];

		if (g->addr > size || g->len > size - g->addr)
			return FAR_ERR_RANGE;
	}
	return FAR_OK;
}
