/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A serial line on the virtual clock, with a virtual chip at its far end and a far_stream at the
 * near one. Baud-true: every byte takes ten bit times in each direction, and ends whose rates
 * differ by more than a UART tolerates hear garbage. Whatever the host waits for, the clock moves
 * to it.
 *
 * A tap sees, and may change, every byte on the wire: that is where tests inject faults.
 */
#ifndef FARFLASH_SIM_LINE_H
#define FARFLASH_SIM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farflash/stream.h"
#include "sim/clock/clock.h"
#include "sim/esp/esp.h"
#include "sim/fault/fault.h"

enum far_sim_dir { FAR_SIM_TO_CHIP, FAR_SIM_TO_HOST };

#define FAR_SIM_TAP_MAX 68u

/*
 * One byte enters the wire. in: the byte; out: up to FAR_SIM_TAP_MAX bytes that leave it instead;
 * the number of them is returned (0: lost, 1: passed on or changed, 2 and more: doubled, added to).
 * *delay_ns (0 on entry) holds back this byte and all behind it in the same direction.
 */
typedef size_t far_sim_tap(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t *out,
			   uint64_t *delay_ns);

struct far_sim_line_counts {
	uint64_t to_chip;     /* bytes sent by the host */
	uint64_t to_host;     /* bytes sent by the chip */
	uint64_t turnarounds; /* times the host started to wait after having sent: round trips */
};

struct far_sim_line {
	struct far_stream stream; /* the host's end; set_baud and set_lines work */
	struct far_sim_line_counts counts;
	/* Added to every byte from the chip, as a USB adapter does; 0 at start. */
	uint32_t latency_ns;
	uint32_t max_baud; /* above this rate every byte is garbage; 0: no limit */
	bool gone;         /* set: the port has vanished, every call fails with FAR_ERR_IO */
	far_sim_tap *tap;  /* NULL: none */
	void *tap_ctx;
	struct {
		struct far_sim_clock *clock;
		struct far_sim_esp *esp;
		struct far_sim_line_queue *queue; /* allocated by init */
	} _state;
};

/*
 * A tap for a plan of faults: set line.tap to it and line.tap_ctx to a struct far_sim_fault. The
 * port vanishes and the chip is reset where the plan's callback does so.
 */
far_sim_tap far_sim_line_fault_tap;

/*
 * The clock and the chip outlive the line. FAR_OK or FAR_ERR_IO (no memory). 115200 bit/s at start.
 */
int far_sim_line_init(struct far_sim_line *l, struct far_sim_clock *clock, struct far_sim_esp *esp);
void far_sim_line_free(struct far_sim_line *l);

#endif
