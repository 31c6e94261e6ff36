/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes over the line, for whoever looks for the reason why a chip does not answer. Every call
 * passes through unchanged and is told with its time. The format is for reading: direction, count,
 * bytes in hex; nothing else parses it.
 */
#include "cli/trace.h"

#include <inttypes.h>
#include <stdarg.h>

/* The stream is the first member: see cli_trace. */
static struct cli_trace *trace_of(struct far_stream *s)
{
	return (struct cli_trace *)(void *)s;
}

/* Seconds since the start, with microseconds. */
static void stamp(struct cli_trace *t)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t us = (int64_t)(now.tv_sec - t->start.tv_sec) * 1000000 +
		     (now.tv_nsec - t->start.tv_nsec) / 1000;
	fprintf(t->out, "[%4" PRId64 ".%06" PRId64 "] ", us / 1000000, us % 1000000);
}

static void line(struct cli_trace *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void line(struct cli_trace *t, const char *format, ...)
{
	va_list args;
	stamp(t);
	va_start(args, format);
	vfprintf(t->out, format, args);
	va_end(args);
	putc('\n', t->out);
}

/* All of them, however many: a line that was cut would hide the byte that is looked for. */
static void bytes(struct cli_trace *t, const char *direction, const uint8_t *data, size_t len)
{
	stamp(t);
	fprintf(t->out, "%s %zu:", direction, len);
	for (size_t i = 0; i < len; i++)
		fprintf(t->out, " %02x", data[i]);
	putc('\n', t->out);
}

/*
 * A read that waits and gets nothing is told, as silence is an answer, too; one that only looks (0
 * ms) is not: there may be thousands.
 */
static int trace_read(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct cli_trace *t = trace_of(s);
	int n = t->inner->ops->read(t->inner, buf, cap, timeout_ms);
	if (n > 0)
		bytes(t, "<", buf, (size_t)n);
	else if (n < 0)
		line(t, "< %s", far_err_name(n));
	else if (timeout_ms > 0)
		line(t, "< nothing within %" PRIu32 " ms", timeout_ms);
	return n;
}

/* Told before it is done, as it may take long; its failure behind it. */
static int trace_write(struct far_stream *s, const uint8_t *buf, size_t len)
{
	struct cli_trace *t = trace_of(s);
	bytes(t, ">", buf, len);
	int err = t->inner->ops->write(t->inner, buf, len);
	if (err < 0)
		line(t, "> %s", far_err_name(err));
	return err;
}

static int trace_drain(struct far_stream *s)
{
	struct cli_trace *t = trace_of(s);
	int err = t->inner->ops->drain(t->inner);
	if (err < 0)
		line(t, "drain: %s", far_err_name(err));
	return err;
}

/* What the port has made of the rate is what device/esp has to see. */
static int trace_set_baud(struct far_stream *s, uint32_t baud)
{
	struct cli_trace *t = trace_of(s);
	int err = t->inner->ops->set_baud(t->inner, baud);
	s->baud = t->inner->baud;
	line(t, "rate %" PRIu32 ": %s", baud, far_err_name(err));
	return err;
}

static int trace_set_lines(struct far_stream *s, unsigned lines)
{
	struct cli_trace *t = trace_of(s);
	int err = t->inner->ops->set_lines(t->inner, lines);
	line(t, "lines%s%s: %s", lines & FAR_LINE_DTR ? " DTR" : "",
	     lines & FAR_LINE_RTS ? " RTS" : "", far_err_name(err));
	return err;
}

void cli_trace_init(struct cli_trace *t, struct far_stream *inner, FILE *out)
{
	*t = (struct cli_trace){
		.stream = { .baud = inner->baud },
		.inner = inner,
		.ops = { .read = trace_read, .write = trace_write, .drain = trace_drain },
		.out = out,
	};
	/* device/esp goes by which operations there are: none may appear that inner has not. */
	if (inner->ops->set_baud)
		t->ops.set_baud = trace_set_baud;
	if (inner->ops->set_lines)
		t->ops.set_lines = trace_set_lines;
	t->stream.ops = &t->ops;
	clock_gettime(CLOCK_MONOTONIC, &t->start);
}
