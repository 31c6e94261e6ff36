/* SPDX-License-Identifier: Apache-2.0 */
/* Where does the flash differ from the source? Asked of the flash with as few questions as pay. */
#ifndef FARFLASH_SERVICE_UPDATE_PLAN_H
#define FARFLASH_SERVICE_UPDATE_PLAN_H

#include "service/update/update.h"

/* Bytes [offset, offset + len) of the range, within one segment: sectors but for the ends. */
struct far_update_run {
	uint32_t offset, len;
};

enum far_update_plan_how {
	FAR_UPDATE_ALL,    /* ask nothing: everything differs */
	FAR_UPDATE_THRIFT, /* ask while it pays; right ones between wrong ones may be taken along */
	FAR_UPDATE_EXACT,  /* ask until each sector is known */
	FAR_UPDATE_FIRST   /* the same, but a run is its first sector: for who wants no more */
};

/* The way through the range, from its start to its end. */
struct far_update_plan {
	const struct far_update_config *config;
	struct far_update_result *result;
	enum far_update_plan_how how;
	uint32_t at;      /* what comes before is settled */
	uint32_t bad_end; /* if above at: something in [at, bad_end) differs */
	uint32_t step;    /* sectors of the next question, while nothing is known */
	uint32_t right;   /* bytes found right */
	uint32_t wasted;  /* cost of the answers that found a difference, in bytes written */
	uint32_t streak;  /* sectors in a row that were asked about and differ */
};

void far_update_plan_begin(struct far_update_plan *p, const struct far_update_config *config,
			   struct far_update_result *result, enum far_update_plan_how how);

/*
 * The next run that differs, or is taken to: run->len is 0 when there is none any more.
 * result->done and queries follow. FAR_OK, or the error of the source, of the flash, or of
 * progress.
 */
int far_update_plan_next(struct far_update_plan *p, struct far_update_run *run);

/* Does the flash hold the source's bytes there? 1, 0 or an error. */
int far_update_holds(const struct far_update_config *c, struct far_update_result *r,
		     struct far_update_run range);

/* Tell the user how far it is: FAR_OK, or FAR_ERR_CANCELLED. */
int far_update_report(const struct far_update_config *c, const struct far_update_result *r);

#endif
