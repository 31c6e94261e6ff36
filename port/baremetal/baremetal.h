/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ports without an operating system have in common, for a chip with two cores that share
 * memory and ring each other: clock, doorbell, a UART as a stream, how the second core is started
 * and restarted, how programs end, the memory functions. None of it knows a register. The chip's
 * port supplies the far_cpu_* functions, a few operations for each device, and the symbols of the
 * shared memory; docs/PORTING.md is the list.
 *
 * Each core runs an image of its own; everything here is once per image. "Masked" means: this core
 * takes no interrupt, but one that is pending still ends far_cpu_idle.
 */
#ifndef FARFLASH_PORT_BAREMETAL_H
#define FARFLASH_PORT_BAREMETAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farflash/board.h"

/* ---- Supplied by the chip's port. ---- */

/* 0: the core that starts first and owns the flash; 1: the other. Any context. */
uint32_t far_cpu_index(void);

/* Mask this core's interrupts; returns what restore needs. Nests. Any context. */
uint32_t far_cpu_mask(void);
void far_cpu_restore(uint32_t key);

/* Microseconds since any fixed moment, monotonic; the cores need not agree. Any context. */
uint64_t far_cpu_now_us(void);

/*
 * Masked: sleep until an interrupt is pending, whatever it is, or until_us has come (UINT64_MAX:
 * never). May return early for no reason. What is pending stays so: its handler runs when the
 * caller unmasks.
 */
void far_cpu_idle(uint64_t until_us);

/*
 * Raise the other core's doorbell interrupt. All that this core wrote to memory before is visible
 * to the other by then. Any context.
 */
void far_cpu_ring(void);

/*
 * Masked: was this core rung and has not noticed yet? Takes it back. All that the other core wrote
 * before it rang is visible from then on. A ring that is not taken like this raises an interrupt,
 * whose handler takes it back and calls far_bare_rung.
 */
bool far_cpu_take_ring(void);

/*
 * Let the other core run, where the chip holds it. It then comes to its start-up code, which calls
 * far_bare_is_wanted. Where the chip starts both at once: make sure that it sees what was written.
 */
void far_cpu_release(void);

/* Begin this core's image anew, whatever it is doing. Any context. */
_Noreturn void far_cpu_restart(void);

/*
 * Restart this core at us of far_cpu_now_us, by an interrupt, if it still runs then; UINT64_MAX: do
 * not. A watchdog.
 */
void far_cpu_restart_at(uint64_t us);

/* The programs are over, this is their result: end the emulator, reset the chip, stand still. */
_Noreturn void far_cpu_exit(int code);

/* ---- Waiting. ---- */

#define FAR_BARE_US_PER_MS 1000u

/*
 * Sleep until ready(ctx) or timeout_ms have passed; handlers run meanwhile. ready is called masked,
 * so that what a handler sets between the question and the sleep is not missed: that it is pending
 * ends the sleep. Returns the last answer. timeout_ms 0: ask once.
 */
bool far_bare_wait(bool (*ready)(void *ctx), void *ctx, uint32_t timeout_ms);

/* The clock of this core. */
extern struct far_clock far_bare_clock;

/*
 * The doorbell to the other core. Who waits does so masked and finds the ring pending: it then
 * costs neither side an interrupt. One that comes at another time is kept for the next wait. No
 * lock: one context at a time uses the mailbox.
 */
extern struct far_doorbell far_bare_doorbell;

/*
 * From now on handler(user) runs in the doorbell's interrupt, whenever that comes: the place to
 * poll a mailbox with callbacks, as nobody else may use it then. NULL: none. A ring that ends a
 * wait raises no interrupt.
 */
void far_bare_on_ring(void (*handler)(void *user), void *user);

/*
 * As far_bare_wait, for a core that has nothing else to do than to answer: rings that come
 * meanwhile do not interrupt, their handler is called from here, masked and on the caller's stack,
 * which must have room for it. It costs about the half of an interrupt. Other interrupts are taken
 * as in far_bare_wait.
 */
bool far_bare_serve(bool (*ready)(void *ctx), void *ctx, uint32_t timeout_ms);

/* From the doorbell interrupt's handler, which has taken the ring back. May not return. */
void far_bare_rung(void);

/* ---- Starting and ending. ---- */

/*
 * All of a board that is the same everywhere: clock, mailbox, window, target_name, patience,
 * rounds. console, flash and target are left NULL.
 */
void far_bare_board(struct far_board *board);

/* How the boot strap and the reset of the chip to program are reached; the boot arguments say. */
enum far_bare_lines {
	FAR_BARE_LINES_PINS = 0,
	FAR_BARE_LINES_NONE = 1,   /* not connected: it has to be in its loader */
	FAR_BARE_LINES_IN_BAND = 2 /* comport.h */
};
enum far_bare_lines far_bare_lines(void);

/*
 * Core 1's start-up code, before it touches any variable: go on, or wait and ask again? Core 0 says
 * yes when it waits for its doorbell for the first time: it is ready then. Uses no variable either.
 */
bool far_bare_is_wanted(void);

/*
 * Call main for a core that is set up, and end with its result. If the boot arguments (control.h)
 * ask for it, the core restarts before that, at moments drawn from a seed.
 */
_Noreturn void far_bare_run(int (*main)(void));

/* Core 0: start core 1's image anew. It must have interrupts on, or be waiting. */
void far_bare_restart_other(void);

/*
 * The program is over. Core 1 leaves its result for core 0 and stands still. Core 0, if its own is
 * FAR_APP_DONE, waits for that up to its patience and exits with it; FAR_APP_LOST if core 1 was
 * started and does not end.
 */
_Noreturn void far_bare_end(int result);

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
	 * byte. off: no further interrupt, there is no room; what comes stays in the device.
	 * Masked. NULL: this side only sends.
	 */
	void (*listen)(struct far_bare_uart *u, bool on);
	/* As set_baud of far_stream, everything has been sent. NULL: the rate is fixed. */
	int (*set_baud)(struct far_bare_uart *u, uint32_t baud);
	/* As set_lines of far_stream. NULL: there are none. */
	int (*set_lines)(struct far_bare_uart *u, unsigned lines);
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
 * person: \n becomes \r\n on the way out; what is typed is echoed when it is read, which is a line
 * at a time at most, and backspace takes the line's last character off the terminal. Otherwise
 * bytes are what they are.
 */
void far_bare_uart_init(struct far_bare_uart *u, const struct far_bare_uart_ops *ops, uint32_t baud,
			bool console);

/*
 * From the receive handler, or masked: one byte has come. false: that was the last one there is
 * room for, listen(off) has been called.
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
