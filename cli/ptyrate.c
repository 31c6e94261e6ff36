/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own termios2 knows any rate as a number; the C library's termios does not. */
#include <asm/termbits.h>
#include <sys/ioctl.h>

#include "cli/wire.h"

uint32_t cli_pty_baud(int fd)
{
	struct termios2 t;
	return ioctl(fd, TCGETS2, &t) == 0 ? t.c_ospeed : 0;
}
