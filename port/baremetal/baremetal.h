/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ports without an operating system have in common: the memory functions, a clock, a UART as
 * a stream, a doorbell, a stack that tells how much of it was used. None of it knows a register:
 * the board's port supplies the far_cpu_* functions and each device's few operations, and gets the
 * ops tables of farflash/ for them.
 *
 * One core runs one image, and everything here belongs to it alone. "Masked" means: this core takes
 * no interrupt, but one that is pending still ends far_cpu_idle.
 */
#ifndef FARFLASH_PORT_BAREMETAL_H
#define FARFLASH_PORT_BAREMETAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/mailbox.h"
#include "farflash/stream.h"

/* ---- Supplied by the board's port. ---- */

/* Mask this core's interrupts; returns what restore needs. Nests. Any context. */
uint32_t far_cpu_mask(void);
void far_cpu_restore(uint32_t key);
/* Microseconds since any fixed moment, monotonic. Any context. */
uint64_t far_cpu_now_us(void);
/*
 * Masked: sleep until an interrupt is pending, whatever it is, or until_us has come. May return early
 * for no reason. What is pending stays pending: its handler runs when the caller unmasks.
 */
void far_cpu_idle(uint64_t until_us);

/* ---- Waiting. ---- */

#define FAR_BARE_US_PER_MS 1000u

/*
 * Sleep until ready(ctx) or timeout_ms have passed; handlers run meanwhile. ready is called masked,
 * so that what a handler sets between the question and the sleep is not missed: that it is pending
 * ends the sleep. Returns the last answer. timeout_ms 0: ask once.
 */
bool far_bare_wait(bool (*ready)(void *ctx), void *ctx, uint32_t timeout_ms);

/* The clock of this core. Not copied: one per image is enough. */
extern struct far_clock far_bare_clock;

/* ---- A UART as a stream. ---- */

#define FAR_BARE_RING 1024u /* bytes; a power of two */

struct far_bare_uart;

struct far_bare_uart_ops {
	/* Give one byte to the transmitter; false: it is full, try again. Any context. */
	bool (*put)(struct far_bare_uart *u, uint8_t byte);
	/* Has all left for the wire? */
	bool (*is_sent)(struct far_bare_uart *u);
	/*
	 * on: let the receiver interrupt, and let its handler call far_bare_uart_received for each
	 * byte. off: no further interrupt, there is no room; what comes stays in the device. Masked.
	 * NULL: this side only sends.
	 */
	void (*listen)(struct far_bare_uart *u, bool on);
	/* As set_baud of far_stream, everything has been sent. NULL: the rate is fixed. */
	int (*set_baud)(struct far_bare_uart *u, uint32_t baud);
};

struct far_bare_uart {
	struct far_stream stream; /* first */
	uint32_t sent_limit_us;   /* how long a byte may take to find room in the transmitter */
	struct {
		const struct far_bare_uart_ops *ops;
		bool console;
		uint32_t at; /* console: characters of the line being typed */
		/* head is written by the handler, tail by the reader; both count on and wrap. */
		volatile uint32_t head, tail;
		volatile bool stopped; /* the receiver waits for room */
		uint8_t ring[FAR_BARE_RING];
	} _state;
};

/*
 * Make u a stream of baud bit/s and let it receive. The device is set up. A console is for a
 * person: \n becomes \r\n on the way out; what is typed is echoed when it is read, which is a line at a
 * time at most, and backspace takes the line's last character off the terminal. Otherwise bytes are
 * what they are.
 */
void far_bare_uart_init(struct far_bare_uart *u, const struct far_bare_uart_ops *ops, uint32_t baud,
			bool console);

/*
 * From the receive handler, or masked: one byte has come. false: that was the last one there is room
 * for, listen(off) has been called.
 */
bool far_bare_uart_received(struct far_bare_uart *u, uint8_t byte);

/* ---- The stack. ---- */

/*
 * Start-up fills the stack with this, from its lowest word up to where it stands. Handlers have a
 * stack of their own, so that the worst of both need not add up in each.
 */
#define FAR_BARE_PAINT 0xdeadbea7u

/* Bytes of [low, high) that were ever used, high being where the stack starts. Any context. */
uint32_t far_bare_stack_used(const uint32_t *low, const uint32_t *high);

#endif
