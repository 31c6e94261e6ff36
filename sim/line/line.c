/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire as queues of bytes with arrival times. Time moves in pump() only: from event to event,
 * an event being a byte that arrives at either end, a byte that the chip starts to send, or
 * something that the chip does by itself. The line's own time may lag behind the clock, which
 * others move too; pump() then catches up event by event.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/esp/uart.h"
#include "sim/line/line.h"

#define BITS_PER_BYTE 10u /* start, eight, stop */
#define NS_PER_S      1000000000ull
#define NS_PER_MS     1000000ull
#define START_BAUD    115200u

struct travelling {
	uint64_t at_ns; /* of arrival */
	uint32_t baud;  /* at which it was sent */
	uint8_t byte;
};

/* A queue that grows: a host may write a megabyte before it waits. */
struct wire {
	struct travelling *items;
	size_t cap, head, count;
	uint64_t free_ns; /* when the sender's last byte has left */
};

struct far_sim_line_queue {
	struct wire to_chip, to_host;
	struct wire inbox; /* arrived at the host, not yet read */
	uint64_t t_ns;     /* up to here all has happened */
	uint32_t garble;
	bool sent; /* since the host last waited */
};

/* false: no memory, and the byte is lost. */
static bool wire_put(struct wire *w, struct travelling item)
{
	if (w->count == w->cap) {
		size_t cap = w->cap ? 2u * w->cap : 1024u;
		struct travelling *items = malloc(cap * sizeof(*items));

		if (!items)
			return false;
		for (size_t i = 0; i < w->count; i++)
			items[i] = w->items[(w->head + i) % w->cap];
		free(w->items);
		w->items = items;
		w->cap = cap;
		w->head = 0;
	}
	w->items[(w->head + w->count++) % w->cap] = item;
	return true;
}

static struct travelling wire_take(struct wire *w)
{
	struct travelling item = w->items[w->head];

	w->head = (w->head + 1u) % w->cap;
	w->count--;
	return item;
}

/* Bytes are queued in the order of their arrival. */
static uint64_t wire_next_ns(const struct wire *w)
{
	return w->count > 0 ? w->items[w->head].at_ns : FAR_SIM_NEVER;
}

/* Rounded down: far less than the tolerance of any rate. */
static uint64_t byte_ns(uint32_t baud)
{
	return NS_PER_S * BITS_PER_BYTE / baud;
}

/* The tap's verdict on a byte: what enters the wire instead of it. */
static size_t ask_tap(struct far_sim_line *l, enum far_sim_dir dir, uint8_t byte,
		      uint8_t out[FAR_SIM_TAP_MAX], uint64_t *delay_ns)
{
	size_t n;

	*delay_ns = 0;
	out[0] = byte;
	if (!l->tap)
		return 1;
	n = l->tap(l->tap_ctx, dir, byte, out, delay_ns);
	return n < FAR_SIM_TAP_MAX ? n : FAR_SIM_TAP_MAX;
}

size_t far_sim_line_fault_tap(void *ctx, enum far_sim_dir dir, uint8_t in, uint8_t *out,
			      uint64_t *delay_ns)
{
	struct far_sim_fault *fault = ctx;

	return far_sim_fault_byte(fault, dir == FAR_SIM_TO_CHIP, in, out, FAR_SIM_TAP_MAX,
				  delay_ns);
}

/* One byte leaves the host. A delay holds back the sender: it and all behind it come later. */
static bool send_to_chip(struct far_sim_line *l, uint8_t byte)
{
	struct wire *w = &l->_state.queue->to_chip;
	uint64_t now = l->_state.clock->now_ns;
	uint8_t out[FAR_SIM_TAP_MAX];
	uint64_t delay;
	size_t n = ask_tap(l, FAR_SIM_TO_CHIP, byte, out, &delay);

	l->counts.to_chip++;
	if (w->free_ns < now)
		w->free_ns = now;
	w->free_ns += delay;
	for (size_t i = 0; i < n; i++) {
		w->free_ns += byte_ns(l->stream.baud);
		if (!wire_put(w, (struct travelling){ w->free_ns, l->stream.baud, out[i] }))
			return false;
	}
	if (n == 0) /* a lost byte took its time all the same */
		w->free_ns += byte_ns(l->stream.baud);
	return true;
}

/*
 * Let the chip act, and start its next byte if it has one. Latency and delay come behind the wire,
 * in the adapter: what was held back there arrives in a burst.
 */
static void run_chip(struct far_sim_line *l)
{
	struct far_sim_line_queue *q = l->_state.queue;
	struct wire *w = &q->to_host;
	uint8_t byte, out[FAR_SIM_TAP_MAX];
	uint32_t baud;
	uint64_t delay, at;
	size_t n;

	if (!far_sim_esp_transmit(l->_state.esp, q->t_ns, &byte, &baud))
		return;
	l->counts.to_host++;
	n = ask_tap(l, FAR_SIM_TO_HOST, byte, out, &delay);
	w->free_ns = q->t_ns + byte_ns(baud);
	at = w->free_ns + l->latency_ns + delay;
	for (size_t i = 0; i < n; i++)
		wire_put(w, (struct travelling){ at, baud, out[i] });
}

/* A long cable, a slow optocoupler. */
static bool too_fast(const struct far_sim_line *l, uint32_t baud)
{
	return l->max_baud != 0 && baud > l->max_baud;
}

/* The chip itself compares the rates. */
static void arrive_at_chip(struct far_sim_line *l)
{
	struct far_sim_line_queue *q = l->_state.queue;
	struct travelling item = wire_take(&q->to_chip);

	if (too_fast(l, item.baud) && !far_sim_uart_garble(&q->garble, &item.byte))
		return;
	far_sim_esp_receive(l->_state.esp, q->t_ns, item.byte, item.baud);
}

/* The host's UART samples the byte now: a rate set after this does not mend it. */
static void arrive_at_host(struct far_sim_line *l)
{
	struct far_sim_line_queue *q = l->_state.queue;
	struct travelling item = wire_take(&q->to_host);

	if ((too_fast(l, item.baud) || !far_sim_uart_hears(item.baud, l->stream.baud)) &&
	    !far_sim_uart_garble(&q->garble, &item.byte))
		return;
	wire_put(&q->inbox, item);
}

/*
 * When the chip is next to be asked. Never while its transmitter is busy: what it does by itself
 * meanwhile it does at the right time nevertheless, as soon as it is asked or receives a byte.
 */
static uint64_t chip_next_ns(const struct far_sim_line *l)
{
	uint64_t next = far_sim_esp_next_ns(l->_state.esp);
	uint64_t free_ns = l->_state.queue->to_host.free_ns;

	return next > free_ns ? next : free_ns;
}

static uint64_t min_ns(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_event_ns(const struct far_sim_line *l)
{
	const struct far_sim_line_queue *q = l->_state.queue;
	uint64_t arrivals = min_ns(wire_next_ns(&q->to_chip), wire_next_ns(&q->to_host));
	uint64_t next = min_ns(arrivals, chip_next_ns(l));

	return next > q->t_ns ? next : q->t_ns;
}

/* The clock is ahead when somebody else slept; then only the line's own time moves. */
static void move_to(struct far_sim_line *l, uint64_t t_ns)
{
	struct far_sim_line_queue *q = l->_state.queue;

	if (t_ns > q->t_ns)
		q->t_ns = t_ns;
	far_sim_clock_advance_to(l->_state.clock, q->t_ns);
}

static bool anything_due(const struct far_sim_line *l, uint64_t until_ns)
{
	const struct far_sim_line_queue *q = l->_state.queue;

	return wire_next_ns(&q->to_chip) <= until_ns || wire_next_ns(&q->to_host) <= until_ns ||
	       chip_next_ns(l) <= until_ns;
}

/* Do all that happens up to and including until_ns, and move the time there. */
static void pump(struct far_sim_line *l, uint64_t until_ns)
{
	struct far_sim_line_queue *q = l->_state.queue;

	while (anything_due(l, until_ns)) {
		move_to(l, next_event_ns(l));
		if (wire_next_ns(&q->to_host) <= q->t_ns)
			arrive_at_host(l);
		else if (wire_next_ns(&q->to_chip) <= q->t_ns)
			arrive_at_chip(l);
		else
			run_chip(l);
	}
	move_to(l, until_ns);
}

static struct far_sim_line *line_of(struct far_stream *s)
{
	return (struct far_sim_line *)(void *)((uint8_t *)s -
					       offsetof(struct far_sim_line, stream));
}

/* What has arrived, at most cap bytes. */
static int take_inbox(struct far_sim_line *l, uint8_t *buf, size_t cap)
{
	struct wire *inbox = &l->_state.queue->inbox;
	int n = 0;

	while (inbox->count > 0 && (size_t)n < cap && n < INT32_MAX)
		buf[n++] = wire_take(inbox).byte;
	return n;
}

/*
 * A wait ends with the byte it waited for; what comes right behind that is for the next call. A
 * turn of the line is counted when there was a need to wait after something had been sent.
 */
static int line_read(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct far_sim_line *l = line_of(s);
	struct far_sim_line_queue *q = l->_state.queue;
	uint64_t deadline = l->_state.clock->now_ns + timeout_ms * NS_PER_MS;

	if (l->gone)
		return FAR_ERR_IO;
	pump(l, l->_state.clock->now_ns);
	if (q->inbox.count == 0 && timeout_ms > 0 && q->sent) {
		l->counts.turnarounds++;
		q->sent = false;
	}
	/* A tap may make the port vanish under a read that waits. */
	while (q->inbox.count == 0 && q->t_ns < deadline && !l->gone)
		pump(l, min_ns(next_event_ns(l), deadline));
	return l->gone ? FAR_ERR_IO : take_inbox(l, buf, cap);
}

static int line_write(struct far_stream *s, const uint8_t *buf, size_t len)
{
	struct far_sim_line *l = line_of(s);

	if (l->gone)
		return FAR_ERR_IO;
	pump(l, l->_state.clock->now_ns);
	for (size_t i = 0; i < len; i++) {
		if (!send_to_chip(l, buf[i]))
			return FAR_ERR_IO;
	}
	l->_state.queue->sent = true;
	return FAR_OK;
}

static int line_drain(struct far_stream *s)
{
	struct far_sim_line *l = line_of(s);

	if (l->gone)
		return FAR_ERR_IO;
	pump(l, l->_state.clock->now_ns);
	if (l->_state.queue->to_chip.free_ns > l->_state.clock->now_ns)
		pump(l, l->_state.queue->to_chip.free_ns);
	return FAR_OK;
}

static int line_set_baud(struct far_stream *s, uint32_t baud)
{
	int err = line_drain(s);

	if (err != FAR_OK)
		return err;
	if (baud == 0)
		return FAR_ERR_NOTSUP;
	s->baud = baud;
	return FAR_OK;
}

/* At once: bytes still on their way arrive at a chip in reset. */
static int line_set_lines(struct far_stream *s, unsigned lines)
{
	struct far_sim_line *l = line_of(s);

	if (l->gone)
		return FAR_ERR_IO;
	pump(l, l->_state.clock->now_ns);
	far_sim_esp_lines(l->_state.esp, l->_state.clock->now_ns, (lines & FAR_LINE_DTR) != 0,
			  (lines & FAR_LINE_RTS) != 0);
	return FAR_OK;
}

int far_sim_line_init(struct far_sim_line *l, struct far_sim_clock *clock, struct far_sim_esp *esp)
{
	static const struct far_stream_ops ops = {
		.read = line_read,
		.write = line_write,
		.drain = line_drain,
		.set_baud = line_set_baud,
		.set_lines = line_set_lines,
	};

	memset(l, 0, sizeof(*l));
	l->_state.queue = calloc(1, sizeof(*l->_state.queue));
	if (!l->_state.queue)
		return FAR_ERR_IO;
	l->_state.queue->t_ns = clock->now_ns;
	l->_state.clock = clock;
	l->_state.esp = esp;
	l->stream.ops = &ops;
	l->stream.baud = START_BAUD;
	return FAR_OK;
}

void far_sim_line_free(struct far_sim_line *l)
{
	struct far_sim_line_queue *q = l->_state.queue;

	if (!q)
		return;
	free(q->to_chip.items);
	free(q->to_host.items);
	free(q->inbox.items);
	free(q);
	l->_state.queue = NULL;
}
