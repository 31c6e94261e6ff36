/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SLIP (RFC 1055), as the loaders speak it: a frame is C0 payload C0, with C0 sent as DB DC and DB
 * as DB DD inside.
 */
#ifndef FARFLASH_LINK_SLIP_H
#define FARFLASH_LINK_SLIP_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/stream.h"

/* Send one delimiter. FAR_OK or the stream's error. */
int far_slip_delimit(struct far_stream *s);

/* Send bytes of a payload, escaped; a frame is any number of these between two delimiters. */
int far_slip_write(struct far_stream *s, const uint8_t *data, size_t len);

/* Collects one frame from bytes as they come. Zero it, then set buf and cap. */
struct far_slip_decoder {
	uint8_t *buf; /* cap bytes; holds the payload once a frame is complete */
	size_t cap;
	size_t len;      /* payload bytes so far */
	uint8_t inside;  /* a delimiter was seen */
	uint8_t escaped; /* the last byte was DB */
	uint8_t broken;  /* this frame had a bad escape or did not fit */
};

/*
 * Take one byte. 0: go on; > 0: buf holds a frame of so many bytes, until the next byte is given;
 * FAR_ERR_PROTO: a frame has ended that was broken. Bytes before the first delimiter are ignored,
 * an empty frame is nothing. A delimiter ends one frame and opens the next, so that a lost one
 * costs one frame.
 */
int far_slip_decode(struct far_slip_decoder *d, uint8_t byte);

#endif
