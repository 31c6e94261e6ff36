/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bench/footprint links for a program that exchanges messages and nothing else, one side of a
 * mailbox like the other: it answers what comes, waiting for it or called back.
 */
#include "farflash/mailbox.h"

static struct far_mailbox mailbox;

int waiting_side(const struct far_mailbox_config *config);
int called_side(const struct far_mailbox_config *config);

int waiting_side(const struct far_mailbox_config *config)
{
	uint32_t message[FAR_MAILBOX_DATA_MAX / sizeof(uint32_t)];
	int rc = far_mailbox_init(&mailbox, config);

	while (rc >= 0 || rc == FAR_ERR_TIMEOUT) {
		rc = far_mailbox_receive(&mailbox, 2, message, sizeof(message), 1000);
		if (rc >= 0)
			rc = far_mailbox_send(&mailbox, 2, message, (size_t)rc, 1000);
	}
	return rc;
}

static void answer(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		   size_t len)
{
	(void)user;
	(void)far_mailbox_send(m, channel, data, len, 0);
}

int called_side(const struct far_mailbox_config *config)
{
	int rc = far_mailbox_init(&mailbox, config);

	if (rc == FAR_OK)
		rc = far_mailbox_register_callback(&mailbox, 2, answer, NULL);
	while (rc >= 0)
		rc = far_mailbox_poll(&mailbox, 1000);
	return rc;
}
