/* SPDX-License-Identifier: Apache-2.0 */
/* A stream around another one that shows all that passes, for --trace. */
#ifndef FARFLASH_CLI_TRACE_H
#define FARFLASH_CLI_TRACE_H

#include <stdio.h>
#include <time.h>

#include "farflash/stream.h"

struct cli_trace {
	struct far_stream stream; /* use this one */
	struct far_stream *inner; /* instead of this one */
	/* Of the instance, so that it has exactly the operations that inner has. */
	struct far_stream_ops ops;
	FILE *out;
	struct timespec start;
};

/*
 * Wrap inner, which outlives t, as does out. One line per call to out, with seconds since this
 * call. t stays where it is: its stream points into it.
 */
void cli_trace_init(struct cli_trace *t, struct far_stream *inner, FILE *out);

#endif
