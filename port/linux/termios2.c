/* SPDX-License-Identifier: Apache-2.0 */
#include <asm/termbits.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#include "port/linux/internal.h"

/* A UART at either end tolerates about 5 % in all; ours may use up most, but not all of it. */
#define TOLERANCE_PERCENT 3u

static int get(int fd, struct termios2 *t)
{
	if (ioctl(fd, TCGETS2, t) == 0)
		return FAR_OK;
	return errno == ENOTTY || errno == EINVAL ? FAR_ERR_ARG : FAR_ERR_IO;
}

static bool close_enough(uint32_t actual, uint32_t wanted)
{
	uint32_t off = actual > wanted ? actual - wanted : wanted - actual;

	return (uint64_t)off * 100 <= (uint64_t)wanted * TOLERANCE_PERCENT;
}

/*
 * Put t at baud in force. The kernel accepts any rate and the driver then takes the nearest it has,
 * or none: what it did is only to be found by reading back.
 */
static int apply(int fd, const struct termios2 *old, struct termios2 *t, uint32_t baud)
{
	struct termios2 actual;
	int err;

	t->c_cflag &= ~(tcflag_t)(CBAUD | (CBAUD << IBSHIFT)); /* no input rate: as output */
	t->c_cflag |= BOTHER;
	t->c_ispeed = baud;
	t->c_ospeed = baud;
	if (ioctl(fd, TCSETS2, t) != 0 && errno != EINVAL)
		return FAR_ERR_IO;
	err = get(fd, &actual);
	if (err)
		return FAR_ERR_IO;
	if (close_enough(actual.c_ospeed, baud))
		return FAR_OK;
	return ioctl(fd, TCSETS2, old) == 0 ? FAR_ERR_NOTSUP : FAR_ERR_IO;
}

int far_linux_tty_setup(int fd, uint32_t baud)
{
	struct termios2 old, t;
	int err = get(fd, &old);

	if (err)
		return err;
	t = old;
	t.c_iflag = IGNBRK; /* a chip without power holds the line low: that is no data */
	t.c_oflag = 0;
	t.c_lflag = 0;
	/* No HUPCL: closing would drop DTR and RTS one after the other and so reset the chip. */
	t.c_cflag = CS8 | CREAD | CLOCAL;
	memset(t.c_cc, 0, sizeof(t.c_cc));
	t.c_cc[VMIN] = 1; /* so that a read of 0 bytes means that the terminal is gone */
	return apply(fd, &old, &t, baud);
}

int far_linux_tty_set_baud(int fd, uint32_t baud)
{
	struct termios2 old, t;

	if (get(fd, &old) != FAR_OK)
		return FAR_ERR_IO;
	t = old;
	return apply(fd, &old, &t, baud);
}
