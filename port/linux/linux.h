/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Linux port: real time, serial ports, TCP connections and mapped files.
 *
 * A flag of the caller, set by a signal handler say, ends every wait with FAR_ERR_CANCELLED.
 */
#ifndef FARFLASH_PORT_LINUX_H
#define FARFLASH_PORT_LINUX_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/stream.h"

/* CLOCK_MONOTONIC. sleep_ms ends early once *cancel is set. */
struct far_linux_clock {
	struct far_clock clock;
	volatile sig_atomic_t *cancel; /* NULL: cannot be cancelled */
};
void far_linux_clock_init(struct far_linux_clock *c, volatile sig_atomic_t *cancel);

/*
 * A stream on a serial port, pseudo terminal or TCP connection. The struct is large (a buffer is
 * inside) and stays in place.
 *
 * Written bytes are held back and leave in one system call, at the next read, drain or set_baud, or
 * when the buffer is full; set_lines and closing do not send them: drain first. Sending is given
 * the time that its bytes, and those still queued in the kernel, take at the rate, plus a second;
 * after FAR_ERR_TIMEOUT or FAR_ERR_CANCELLED what was held back is dropped. An interrupted system
 * call is not an error; a set *cancel is seen within 100 ms. Once a call has found the port gone
 * all others do too, until it is closed and opened again.
 */
struct far_linux_stream {
	struct far_stream stream;
	struct {
		volatile sig_atomic_t *cancel;
		int fd;
		bool is_tty, has_lines, gone;
		size_t tx_len;
		uint8_t tx[16384];
	} _state;
};

/*
 * Open a serial device (or pseudo terminal) raw, 8N1, no flow control, and lock it against others.
 * Any rate is taken that the driver can do within 3 %. The settings stay after closing, and closing
 * leaves the modem lines as they are, so that it does not reset the chip.
 * FAR_ERR_BUSY: another program has it; FAR_ERR_IO: cannot be opened (errno says why);
 * FAR_ERR_NOTSUP: it cannot do baud; FAR_ERR_ARG: not a terminal, or baud is 0.
 */
int far_linux_open_serial(struct far_linux_stream *s, const char *path, uint32_t baud,
			  volatile sig_atomic_t *cancel);

/*
 * Connect to host:port (IPv6 in brackets) within timeout_ms; looking a name up comes on top and has
 * the resolver's own bound. The rate only serves to compute time-outs; set_baud and set_lines are
 * NULL. FAR_ERR_ARG: not of that form, or baud is 0; FAR_ERR_IO: errno says why (ENXIO: no such
 * host); FAR_ERR_TIMEOUT; FAR_ERR_CANCELLED.
 */
int far_linux_open_tcp(struct far_linux_stream *s, const char *host_port, uint32_t baud,
		       uint32_t timeout_ms, volatile sig_atomic_t *cancel);

/*
 * Close and unlock. A stream that failed to open, is all zero or closed already may be closed too.
 */
void far_linux_close(struct far_linux_stream *s);

#endif
