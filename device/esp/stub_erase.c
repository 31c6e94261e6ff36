/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An erase by a stub that goes astray is noticed.
 *
 * ERASE_REGION carries no checksum, and the stub does not say what it has erased. One that was
 * damaged on the line names another address, and then not all of the range becomes blank: that is
 * certain if neither its first nor its last sector was so before, and blank ends need no erasing.
 * Or it names another length: a shorter one shows in the same way, and a longer one erases what
 * lies behind the range, of which the first sector that is not blank is looked at before and after.
 */
#include "core/bytes.h"
#include "core/md5.h"
#include "device/esp/session.h"

/* Bytes behind the range in which a sector is looked for that can tell. */
enum { BEHIND = 0x10000 };

/* Are they blank? 1, 0 or an error. */
static int is_blank(struct far_esp *e, uint32_t addr, uint32_t len)
{
	uint8_t blank[FAR_MD5_LEN];

	far_esp_blank_md5(len, blank);
	return far_esp_stub_holds(e, addr, len, blank);
}

/* The same, asked once: a damaged answer is one that says no. */
static int seems_blank(struct far_esp *e, uint32_t addr, uint32_t len)
{
	uint8_t blank[FAR_MD5_LEN], there[FAR_MD5_LEN];
	int rc = far_esp_stub_md5(e, addr, len, there);

	far_esp_blank_md5(len, blank);
	return rc == FAR_OK ? memcmp(there, blank, FAR_MD5_LEN) == 0 : rc;
}

/*
 * Bytes from one end of [from, to) that are blank, in sectors: asked about in steps that grow while
 * all is, and shrink once something is not. Or an error.
 */
static int blank_end(struct far_esp *e, uint32_t from, uint32_t to, int last, uint32_t *len)
{
	uint32_t step = ESP_SECTOR, left;
	int grows = 1;

	for (*len = 0; (left = to - from - *len) > 0;) {
		uint32_t n = far_min32(step, left);
		int blank = seems_blank(e, last ? to - *len - n : from + *len, n);

		if (blank < 0)
			return blank;
		if (blank)
			*len += n;
		else if (n == ESP_SECTOR)
			break;
		grows &= blank;
		step = grows ? 2 * n : (n / 2 + ESP_SECTOR - 1) & ~(uint32_t)(ESP_SECTOR - 1);
	}
	return FAR_OK;
}

/* The first sector from addr on that is not blank. *left 0: none is found. */
static int find_behind(struct far_esp *e, uint32_t addr, uint32_t *sector, uint32_t *left)
{
	uint32_t past = addr + far_min32(BEHIND, e->flash.info.size - addr), blank;
	int rc = blank_end(e, addr, past, 0, &blank);

	*sector = addr + blank;
	*left = past - *sector;
	if (rc != FAR_OK || *left == 0)
		return rc;
	/* Asked again: a damaged answer must not accuse. */
	rc = seems_blank(e, *sector, ESP_SECTOR);
	if (rc == 1)
		*left = 0;
	return rc < 0 ? rc : FAR_OK;
}

/*
 * Of [from, to), of which neither end is blank: are they now? 1: both; 0: neither; or an error.
 * done: the stub has erased something. Then they must be, else that was elsewhere.
 */
static int has_erased(struct far_esp *e, uint32_t from, uint32_t to, int done)
{
	int first = is_blank(e, from, ESP_SECTOR);
	int last = first < 0 ? first : is_blank(e, to - ESP_SECTOR, ESP_SECTOR);

	if (last < 0)
		return last;
	if (first && last)
		return 1;
	if (!first && !last && !done)
		return 0;
	e->_state.astray = 1;
	return FAR_ERR_PROTO;
}

/*
 * If the answer is lost the flash tells whether it was carried out: it is never said again blindly.
 */
static int erase(struct far_esp *e, uint32_t from, uint32_t to)
{
	unsigned refusals = 0;

	for (unsigned i = 0; i < FAR_ESP_TRIES; i++) {
		int rc;

		e->_state.words[0] = from;
		e->_state.words[1] = to - from;
		rc = far_esp_command(e, ESP_ERASE_REGION | ESP_ONCE, 2,
				     ESP_ERASE_MS + (to - from) / 1024 * 40);
		if (rc == FAR_OK)
			return rc;
		e->retries++;
		if (rc == FAR_ERR_REFUSED && refusals++ == 0)
			continue; /* it may answer a damaged copy */
		if (rc != FAR_ERR_TIMEOUT && rc != FAR_ERR_PROTO)
			return rc;
		rc = far_esp_resync(e);
		if (rc == FAR_OK)
			rc = has_erased(e, from, to, far_esp_may_be_done(e));
		if (rc != 0)
			return rc < 0 ? rc : FAR_OK;
	}
	return FAR_ERR_TIMEOUT;
}

/*
 * All of the range is blank, of which [from, to) was erased. FAR_ERR_VERIFY: it is not, though
 * nothing strayed.
 */
static int prove(struct far_esp *e, uint32_t addr, uint32_t len, uint32_t from, uint32_t to)
{
	int blank = is_blank(e, addr, len);

	if (blank == 0 && from < to)
		blank = has_erased(e, from, to, 1);
	else if (blank == 1)
		return FAR_OK;
	return blank < 0 ? blank : FAR_ERR_VERIFY;
}

static int erase_once(struct far_esp *e, uint32_t addr, uint32_t len)
{
	uint32_t from = addr, to = addr + len, first = 0, last = 0;
	uint32_t behind = to, left = 0;
	int rc = blank_end(e, from, to, 0, &first);

	from += first;
	if (rc == FAR_OK && to - from > ESP_SECTOR)
		rc = blank_end(e, from, to, 1, &last);
	to -= last;
	if (rc == FAR_OK && from < to) {
		rc = find_behind(e, addr + len, &behind, &left);
		if (rc == FAR_OK)
			rc = erase(e, from, to);
		if (rc == FAR_OK && left > 0)
			rc = seems_blank(e, behind, ESP_SECTOR);
		if (rc == 1) /* or the question was damaged */
			rc = seems_blank(e, behind, ESP_SECTOR);
		if (rc == 1) {
			e->_state.astray = 1;
			rc = FAR_ERR_PROTO;
		}
	}
	return rc == FAR_OK ? prove(e, addr, len, from, to) : rc;
}

int far_esp_stub_erase(struct far_esp *e, uint32_t addr, uint32_t len)
{
	int rc = erase_once(e, addr, len);

	/* What was taken for blank may not be: a question can be damaged. */
	if (rc == FAR_ERR_VERIFY)
		rc = erase_once(e, addr, len);
	return rc;
}
