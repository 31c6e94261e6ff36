/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_box.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

char box_folder[200], box_path[240];
volatile sig_atomic_t box_cancel;

int box_setup(void **state)
{
	const char *temp = getenv("TMPDIR");

	(void)state;
	box_cancel = 0;
	snprintf(box_folder, sizeof(box_folder), "%s/farflash-XXXXXX",
		 temp != NULL ? temp : "/tmp");
	assert_non_null(mkdtemp(box_folder));
	snprintf(box_path, sizeof(box_path), "%s/box", box_folder);
	return 0;
}

int box_teardown(void **state)
{
	(void)state;
	unlink(box_path);
	return rmdir(box_folder);
}

int box_open(struct far_linux_shared *s, uint32_t side, uint32_t slots, uint32_t window_len)
{
	struct far_linux_shared_config c = { .path = box_path,
					     .side = side,
					     .slots = slots,
					     .window_len = window_len,
					     .cancel = &box_cancel };
	char text[256];
	int err = far_linux_shared_open(s, &c), saved = errno;

	assert_true(strlen(far_linux_shared_explain(s, &c, err, text, sizeof(text))) > 5);
	errno = saved;
	return err;
}
