/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replace streams. A native one belongs to one remote, and whatever else touches the flash ends it;
 * of the others, each remote has its own, which is put in place for a piece of work.
 */
#include "core/bytes.h"
#include "service/supervisor/internal.h"

static bool is_native(const struct far_flash *f)
{
	return (f->info.caps & FAR_FLASH_CAN_REPLACE) != 0;
}

/*
 * Before r does something else than going on with its stream: that ends it. Someone else's keeps
 * the flash for a while; then it is given up.
 */
static bool guard(struct far_supervisor_remote *r, uint32_t op)
{
	struct far_supervisor *s = r->_state.supervisor;
	bool goes_on = op == FAR_SERVICE_STREAM || op == FAR_SERVICE_STREAM_WINDOW ||
		       op == FAR_SERVICE_END;

	if (!goes_on) {
		r->_state.replace.open = 0;
		if (s->_state.stream == r)
			s->_state.stream = NULL;
	}
	if (op == FAR_SERVICE_INFO || s->_state.stream == NULL || s->_state.stream == r)
		return true;
	if (far_supervisor_now(r) - s->_state.stream_at < s->config.hold_ms)
		return false;
	s->_state.stream = NULL;
	return true;
}

/* Put r's stream in place. */
static struct far_flash *resume(struct far_supervisor_remote *r)
{
	struct far_flash *f = far_supervisor_flash(r);

	f->_replace.open &= r->_state.supervisor->_state.stream == r;
	if (!is_native(f))
		f->_replace = r->_state.replace;
	return f;
}

/* And away again. How far one that failed has got is not known here. */
static int suspend(struct far_supervisor_remote *r, uint32_t *m, int rc)
{
	struct far_supervisor *s = r->_state.supervisor;
	struct far_flash *f = s->config.flash;

	s->_state.stream = NULL;
	r->_state.replace = f->_replace;
	if (!is_native(f))
		f->_replace.open = 0;
	if (f->_replace.open)
		s->_state.stream = r;
	if (rc != FAR_OK)
		m[FAR_SUPERVISOR_ADDR] = UINT32_MAX;
	return rc;
}

/* Begins at a sector, which the flash checks, and takes its last one whole. */
int far_supervisor_begin(struct far_supervisor_remote *r, uint32_t *m)
{
	struct far_supervisor *s = r->_state.supervisor;
	uint32_t addr = m[FAR_SUPERVISOR_ADDR], len = m[FAR_SUPERVISOR_LEN];
	uint32_t stream_len = m[FAR_SUPERVISOR_EXTRA], sector = s->config.flash->info.sector_size;
	int rc;

	if (!far_supervisor_is_granted(r, FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE, addr,
				       (len + sector - 1) & ~(sector - 1)) ||
	    (stream_len != 0 && !far_supervisor_may_deflate(r)))
		return FAR_ERR_REFUSED;
	s->_state.guard = guard;
	s->_state.stream_at = far_supervisor_now(r);
	rc = far_flash_replace_begin(s->config.flash, addr, len, stream_len);
	suspend(r, m, FAR_OK);
	return rc;
}

static int piece(struct far_supervisor_remote *r, uint32_t *m, uint8_t *window, uint32_t n)
{
	memcpy(far_supervisor_data(m), window, n);
	return far_flash_replace_write(far_supervisor_flash(r), far_supervisor_data(m), n);
}

int far_supervisor_stream(struct far_supervisor_remote *r, uint32_t *m)
{
	return suspend(
		r, m,
		far_flash_replace_write(resume(r), far_supervisor_data(m), m[FAR_SUPERVISOR_LEN]));
}

int far_supervisor_stream_window(struct far_supervisor_remote *r, uint32_t *m)
{
	uint8_t *window = far_supervisor_window(r, m);

	if (window == NULL)
		return FAR_ERR_PROTO;
	resume(r);
	return suspend(r, m, far_supervisor_repeat(r, m, window, false, piece));
}

int far_supervisor_end(struct far_supervisor_remote *r, uint32_t *m)
{
	return suspend(r, m, far_flash_replace_end(resume(r)));
}
