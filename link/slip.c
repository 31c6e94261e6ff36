/* SPDX-License-Identifier: Apache-2.0 */
#include "link/slip.h"

enum { END = 0xC0, ESC = 0xDB, ESC_END = 0xDC, ESC_ESC = 0xDD };

int far_slip_delimit(struct far_stream *s)
{
	static const uint8_t end = END;

	return s->ops->write(s, &end, 1);
}

int far_slip_write(struct far_stream *s, const uint8_t *data, size_t len)
{
	static const uint8_t escapes[2][2] = { { ESC, ESC_END }, { ESC, ESC_ESC } };
	int rc = FAR_OK;

	while (len > 0 && rc == FAR_OK) {
		const uint8_t *part = data;
		size_t taken = 0, part_len;

		/* Whole runs without a special byte go out in one write. */
		while (taken < len && data[taken] != END && data[taken] != ESC)
			taken++;
		part_len = taken;
		if (taken == 0) {
			part = escapes[data[0] == ESC];
			part_len = sizeof(escapes[0]);
			taken = 1;
		}
		rc = s->ops->write(s, part, part_len);
		data += taken;
		len -= taken;
	}
	return rc;
}

int far_slip_decode(struct far_slip_decoder *d, uint8_t byte)
{
	if (byte == END) {
		int rc = d->broken || d->escaped ? FAR_ERR_PROTO : (int)d->len;

		if (!d->inside)
			rc = 0;
		d->inside = 1;
		d->broken = d->escaped = 0;
		d->len = 0;
		return rc;
	}
	if (d->escaped) {
		d->escaped = 0;
		d->broken |= byte != ESC_END && byte != ESC_ESC;
		byte = byte == ESC_END ? END : ESC;
	} else if (byte == ESC) {
		d->escaped = 1;
		return 0;
	}
	if (!d->inside || d->len == d->cap)
		d->broken = 1;
	else
		d->buf[d->len++] = byte;
	return 0;
}
