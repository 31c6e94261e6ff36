/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FARFLASH_SERVICE_SUPERVISOR_INTERNAL_H
#define FARFLASH_SERVICE_SUPERVISOR_INTERNAL_H

#include "service/supervisor/supervisor.h"

/* Notes in the first word of a queued request, beside FAR_SERVICE_WINDOW. */
#define FAR_SUPERVISOR_CANCELLED 0x4000u
#define FAR_SUPERVISOR_BAD       0x8000u /* unknown flags, or not the data that belongs to it */

/*
 * A request has arrived with data_len bytes behind its head: note what will be refused in its turn.
 */
void far_supervisor_mark(uint32_t *m, uint32_t data_len);

/* May r do the request m, loaded in r->progress? If not, fault->err says why. */
void far_supervisor_check(const struct far_supervisor_remote *r, uint32_t m,
			  struct far_flash_fault *fault);

/*
 * May r send deflated streams? Where one ends is known only once it is inflated, behind the device,
 * and not every device stops at the length it was told. So only who may change the whole flash.
 */
bool far_supervisor_may_deflate(const struct far_supervisor_remote *r);

int far_supervisor_check_config(const struct far_supervisor *s,
				const struct far_supervisor_remote_config *c);

#endif
