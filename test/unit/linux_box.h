/* SPDX-License-Identifier: Apache-2.0 */
/* A mailbox file in a temporary folder of its own, for the tests of port/linux/shared.h. */
#ifndef FARFLASH_TEST_LINUX_BOX_H
#define FARFLASH_TEST_LINUX_BOX_H

#include <signal.h>

#include "port/linux/shared.h"

extern char box_folder[200], box_path[240];
extern volatile sig_atomic_t box_cancel;

/* Of a cmocka test: make the folder, with nothing in it; remove the file and it. */
int box_setup(void **state);
int box_teardown(void **state);

/* far_linux_shared_open; whatever comes of it can be explained. errno as it left it. */
int box_open(struct far_linux_shared *s, uint32_t side, uint32_t slots, uint32_t window_len);

#endif
