/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs of the wire-fault sweep: each on a fresh virtual chip with a known flash. */
#ifndef FARFLASH_TEST_WIREFAULT_JOB_H
#define FARFLASH_TEST_WIREFAULT_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "farflash/flash.h"

struct far_esp;

struct wirefault_job {
	const char *name;
	/* Do it: a farflash result. *lie is set if it returns FAR_OK and that is not true. */
	int (*run)(struct far_esp *e, const char **lie);
	/* What it may change: everything outside stays, whatever happens. */
	uint32_t addr, len;
	bool from_connect; /* the plan is in force while connecting, too; else from then on */
	bool with_stub;
	/* More than this on the line is a storm, or takes too long: virtual seconds. */
	uint32_t storm_bytes, storm_s;
};

struct wirefault_outcome {
	int rc;
	uint64_t bytes, way[2]; /* on the line since the plan was in force; out, in */
	uint64_t injected;
	uint32_t seconds; /* virtual */
};

/* By its name, or CHIP:NAME for another chip than the ESP32. NULL: no such job. */
const struct wirefault_job *wirefault_job(const char *name);

/* Print what the chip sees. */
extern bool wirefault_trace;

/*
 * NULL, or in what the job has lied: a claim that is not true, or a change that it does not tell.
 */
const char *wirefault_run(const struct wirefault_job *job, const char *plan, uint64_t seed,
			  struct wirefault_outcome *out);

#endif
