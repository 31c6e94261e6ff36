/* SPDX-License-Identifier: Apache-2.0 */
/* Short words for those tests that speak to a supervisor by hand. */
#ifndef FARFLASH_TEST_SUPERVISOR_WORDS_H
#define FARFLASH_TEST_SUPERVISOR_WORDS_H

#include "test/common/service_rig.h"

#define READ   FAR_SERVICE_READ
#define WRITE  FAR_SERVICE_WRITE
#define ERASE  FAR_SERVICE_ERASE
#define DIGEST FAR_SERVICE_DIGEST
#define BEGIN  FAR_SERVICE_BEGIN
#define STREAM FAR_SERVICE_STREAM
#define END    FAR_SERVICE_END
#define SYNC   FAR_SERVICE_SYNC
#define INFO   FAR_SERVICE_INFO

#define READ_WINDOW   FAR_SERVICE_READ_WINDOW
#define WRITE_WINDOW  FAR_SERVICE_WRITE_WINDOW
#define STREAM_WINDOW FAR_SERVICE_STREAM_WINDOW

#define NATIVE (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE)

static uint8_t data[4096]; /* what is written */

/* Both remotes are bound, and the data is a pattern. */
static inline struct rig *bound(uint8_t caps, bool window)
{
	struct rig *g = rig_new(caps, window);

	ram_flash_pattern(data, sizeof(data), 9);
	rig_bind(g, 0);
	rig_bind(g, 1);
	return g;
}

/* What the first remote's last reply carried. */
static inline const uint8_t *raw_data(struct rig *g)
{
	return g->remote[0].raw + FAR_SERVICE_REPLY;
}

#endif
