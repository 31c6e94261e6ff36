/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One update job on a flash in RAM: a source that can fail, a progress callback that can cancel, a
 * deflater that can refuse, and all of them check what they are given.
 */
#ifndef FARFLASH_TEST_UPDATE_JOB_H
#define FARFLASH_TEST_UPDATE_JOB_H

#include "service/update/update.h"
#include "test/common/ram_flash.h"

#define JOB_WORK 0x18000u

enum job_deflate {
	JOB_HONEST,
	JOB_DOES_NOT_FIT, /* returns 0 */
	JOB_TOO_LONG      /* returns more than it was allowed */
};

struct update_job {
	struct far_update_config config;
	struct far_update_result result;
	struct ram_flash ram;

	/* Source. */
	uint32_t reads;
	uint32_t read_fails_at; /* the number of the read that fails, from 1; 0: none */
	int read_err;
	uint32_t read_bytes;

	/* Progress. */
	uint32_t steps;
	uint32_t cancel_at; /* the number of the step that cancels, from 1; 0: none */
	uint32_t last_done, last_pass;
	uint32_t setbacks; /* times that progress went backwards within a pass */

	enum job_deflate how;
	uint32_t deflates;

	uint8_t source[RAM_FLASH_BYTES];
	uint8_t work[2 * JOB_WORK];
};

/* A flash of 512 KiB with these caps, 4 KiB sectors and 4 byte blocks; a job without deflate. */
void update_job_open(struct update_job *j, uint8_t caps, uint32_t addr, uint32_t len);
/* Another job on the same flash as it is now, with counters at 0. */
void update_job_again(struct update_job *j);

int update_job_run(struct update_job *j);
int update_job_verify(struct update_job *j);

/* Up to a multiple of the sector size. */
uint32_t update_job_sectors(const struct update_job *j, uint32_t len);
/* The range holds the source; nothing outside its sectors has changed since open or snapshot. */
void update_job_assert_done(struct update_job *j);

#endif
