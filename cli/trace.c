/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace.h"

#include <inttypes.h>
#include <stdarg.h>

static struct cli_trace *trace_of(struct far_stream *s)
{
	return (struct cli_trace *)(void *)s;
}

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

static void bytes(struct cli_trace *t, const char *direction, const uint8_t *data, size_t len)
{
	stamp(t);
	fprintf(t->out, "%s %zu:", direction, len);
	for (size_t i = 0; i < len; i++)
		fprintf(t->out, " %02x", data[i]);
	putc('\n', t->out);
}

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
	if (inner->ops->set_baud)
		t->ops.set_baud = trace_set_baud;
	if (inner->ops->set_lines)
		t->ops.set_lines = trace_set_lines;
	t->stream.ops = &t->ops;
	clock_gettime(CLOCK_MONOTONIC, &t->start);
}
