/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs of the wire-fault sweep: each on a fresh virtual ESP32 with a known flash. */
#ifndef FARFLASH_TEST_WIREFAULT_JOB_H
#define FARFLASH_TEST_WIREFAULT_JOB_H

#include <stdint.h>

#include "farflash/flash.h"

struct far_esp;

struct wirefault_job {
	const char *name;
	bool from_connect; /* the plan is in force while connecting, too; else from then on */
	/* Do it: a farflash result. *lie is set if it returns FAR_OK and that is not true. */
	int (*run)(struct far_esp *e, const char **lie);
	/* What it may change: everything outside stays, whatever happens. */
	uint32_t addr, len;
};

struct wirefault_outcome {
	int rc;
	uint64_t bytes, way[2]; /* on the line since the plan was in force; out, in */
	uint64_t injected;
	uint32_t seconds; /* virtual */
};

/* NULL: no such job. */
const struct wirefault_job *wirefault_job(const char *name);

/* NULL, or in what the job has lied: a claim that is not true, or a change that it does not tell. */
const char *wirefault_run(const struct wirefault_job *job, const char *plan, uint64_t seed,
			  struct wirefault_outcome *out);

#endif
