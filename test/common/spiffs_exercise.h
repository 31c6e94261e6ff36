/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that can be done with an image that may hold anything: mount, list, open and read
 * every file, seek, check. What must hold whatever it holds is asserted; the flash under it
 * (spiffs_image.h) sees to it that nothing else is read.
 */
#ifndef FARFLASH_TEST_SPIFFS_EXERCISE_H
#define FARFLASH_TEST_SPIFFS_EXERCISE_H

#include "service/spiffs/spiffs.h"
#include "test/common/spiffs_image.h"

/* Printed when a promise is broken, so that the case can be replayed. */
extern uint32_t spiffs_exercise_case;

/* What came of it. */
struct spiffs_exercised {
	int mounted;     /* what mount has said; the rest is 0 unless that was FAR_OK */
	uint32_t files;  /* entries of the list */
	uint32_t read;   /* files that could be read to their end */
	uint32_t broken; /* files that could not */
	int checked;     /* what check has said */
};

/* The image is all of the flash's len bytes. A promise that is broken ends the process. */
struct spiffs_exercised spiffs_exercise(struct spiffs_flash *flash,
					const struct far_spiffs_params *params);

#endif
