/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A console on two descriptors, usually standard input and output: terminals, pipes or files. Their
 * modes are left as they are.
 */
#ifndef FARFLASH_PORT_LINUX_CONSOLE_H
#define FARFLASH_PORT_LINUX_CONSOLE_H

#include "port/linux/linux.h"

struct far_linux_console {
	/*
	 * write gives each piece to the kernel at once and waits up to 5 s for a reader that does
	 * not read. Input and output fail apart: at the end of the input read is FAR_ERR_IO, and
	 * write goes on. baud means nothing.
	 */
	struct far_stream stream;
	struct {
		volatile sig_atomic_t *cancel;
		int in, out;
	} _state;
};

/*
 * The caller keeps both descriptors open, and ignores SIGPIPE. in -1: nothing to read, ever; then
 * read waits and returns 0.
 */
void far_linux_console_init(struct far_linux_console *c, int in, int out,
			    volatile sig_atomic_t *cancel);

#endif
