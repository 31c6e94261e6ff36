/* SPDX-License-Identifier: Apache-2.0 */
/* What bench/footprint links for the core that owns the flash: it serves one remote for ever. */
#include "service/supervisor/supervisor.h"

static struct far_mailbox mailbox;
static struct far_supervisor supervisor;
static struct far_supervisor_remote remote;
static _Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(2, 256)];

int supervisor_side(const struct far_mailbox_config *config, struct far_flash *flash);

int supervisor_side(const struct far_mailbox_config *config, struct far_flash *flash)
{
	static const struct far_supervisor_grant grant = { 0x3b0000, 0x10000, 7 };
	const struct far_supervisor_config service = { .flash = flash, .clock = config->clock };
	const struct far_supervisor_remote_config peer = { .mailbox = &mailbox,
							   .grants = &grant,
							   .grant_count = 1,
							   .buf = queue,
							   .slots = 2,
							   .data_max = 256 };
	int rc = far_mailbox_init(&mailbox, config);

	if (rc == FAR_OK)
		rc = far_supervisor_init(&supervisor, &service);
	if (rc == FAR_OK)
		rc = far_supervisor_add_remote(&supervisor, &remote, &peer);
	while (rc == FAR_OK)
		far_supervisor_wait(&supervisor, 1000);
	return rc;
}
