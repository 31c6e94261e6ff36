/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte stream to a chip: a UART, a USB serial port, a TCP connection, a simulated line.
 * Supplied by a port or by the simulator; used by device/esp.
 *
 * The stream is full duplex and ordered; bytes may be lost, changed or doubled on the way, and
 * whoever uses it must expect that. One context at a time uses a stream; an interrupt handler
 * behind it is the port's business. No call waits beyond its time-out by more than the port's
 * timer resolution.
 */
#ifndef FARFLASH_STREAM_H
#define FARFLASH_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/err.h"

/*
 * Modem lines as the host asserts them. On the usual two-transistor circuit DTR alone pulls the
 * chip's boot strap (GPIO0) low, RTS alone pulls its reset (EN) low, both or none do nothing.
 */
#define FAR_LINE_DTR 1u
#define FAR_LINE_RTS 2u

struct far_stream;

struct far_stream_ops {
	/*
	 * Required. Wait up to timeout_ms for at least one byte, then take what is there, at most
	 * cap (> 0). Returns the count, 0 when the time is over (timeout_ms 0: do not wait), or
	 * FAR_ERR_IO (gone: every later call fails the same way) or FAR_ERR_CANCELLED.
	 * Sends first what write has held back.
	 */
	int (*read)(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms);
	/*
	 * Required. Send len bytes, or hold them back until the next read, drain or set_baud.
	 * FAR_OK once all are sent or held; FAR_ERR_TIMEOUT if the line does not take them within
	 * a bound that the port derives from len and the rate; FAR_ERR_IO; FAR_ERR_CANCELLED.
	 */
	int (*write)(struct far_stream *s, const uint8_t *buf, size_t len);
	/* Required. Return once every byte written has left for the wire. Errors as write. */
	int (*drain)(struct far_stream *s);
	/*
	 * Optional (NULL: the line has no rate or a fixed one). Drain, then change the rate of
	 * both directions; baud is updated. FAR_ERR_NOTSUP if the port cannot do this rate; then
	 * the old rate stays. FAR_ERR_IO.
	 */
	int (*set_baud)(struct far_stream *s, uint32_t baud);
	/*
	 * Optional (NULL: no such lines). Assert exactly the lines given (FAR_LINE_*), the others
	 * not, all at one instant where the hardware can. FAR_ERR_NOTSUP where the port finds that
	 * it has none (a pseudo terminal), FAR_ERR_IO.
	 */
	int (*set_lines)(struct far_stream *s, unsigned lines);
};

struct far_stream {
	const struct far_stream_ops *ops;
	uint32_t baud; /* current rate in bit/s, from which time-outs are computed; never 0 */
};

#endif
