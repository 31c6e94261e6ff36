/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bench/footprint links for the core that owns the flash, which serves one remote for ever.
 * Three products: with all that there is to serve; with reading, writing and erasing inline and
 * nothing else; and that one with digests.
 */
#include "service/supervisor/supervisor.h"

static struct far_mailbox mailbox;
static struct far_supervisor supervisor;
static struct far_supervisor_remote remote;
static _Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(256)];

int supervisor_side(const struct far_mailbox_config *config, struct far_flash *flash);
int supervisor_inline_side(const struct far_mailbox_config *config, struct far_flash *flash);
int supervisor_digest_side(const struct far_mailbox_config *config, struct far_flash *flash);

/* In each of them anew, so that one has nothing of another. */
static inline __attribute__((always_inline)) int product(const struct far_mailbox_config *config,
							 struct far_flash *flash,
							 const struct far_supervisor_op *ops)
{
	static const struct far_supervisor_grant grant = { 0x3b0000, 0x10000, 7 };
	const struct far_supervisor_config service = { .flash = flash,
						       .clock = config->clock,
						       .ops = ops };
	const struct far_supervisor_remote_config peer = { .mailbox = &mailbox,
							   .grants = &grant,
							   .grant_count = 1,
							   .buf = queue,
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

int supervisor_side(const struct far_mailbox_config *config, struct far_flash *flash)
{
	return product(config, flash, far_supervisor_all);
}

int supervisor_inline_side(const struct far_mailbox_config *config, struct far_flash *flash)
{
	return product(config, flash, far_supervisor_inline);
}

int supervisor_digest_side(const struct far_mailbox_config *config, struct far_flash *flash)
{
	static const struct far_supervisor_op ops[] = {
		{ far_supervisor_info, FAR_SERVICE_INFO },
		{ far_supervisor_read, FAR_SERVICE_READ },
		{ far_supervisor_write, FAR_SERVICE_WRITE },
		{ far_supervisor_erase, FAR_SERVICE_ERASE },
		{ far_supervisor_digest, FAR_SERVICE_DIGEST },
		{ NULL, 0 },
	};

	return product(config, flash, ops);
}
