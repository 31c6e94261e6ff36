/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line whose modem lines and rate are at its far end, told in-band: the client's side of RFC
 * 2217 (Telnet COM-PORT-OPTION) over any stream. For a UART that leads to a terminal server, as an
 * emulated board's does, where nothing can be connected to a pin.
 */
#ifndef FARFLASH_PORT_BAREMETAL_COMPORT_H
#define FARFLASH_PORT_BAREMETAL_COMPORT_H

#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/stream.h"

struct far_bare_comport {
	/*
	 * First. All of far_stream, set_lines and set_baud too; what the far end makes of them is
	 * not waited for: the order on the line is kept, so what is written next comes after it.
	 */
	struct far_stream stream;
	struct {
		struct far_stream *line;
		struct far_clock *clock;
		uint8_t state; /* of what comes in: within which Telnet command */
		uint8_t verb;  /* of the offer that is coming in */
	} _state;
};

/*
 * Make c a stream over line, which must stay, as the clock, and be used by nobody else; greet the
 * far end. baud is the rate there. The errors of line's write.
 */
int far_bare_comport_init(struct far_bare_comport *c, struct far_stream *line,
			  struct far_clock *clock, uint32_t baud);

#endif
