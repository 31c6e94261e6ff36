/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scribble FILE FROM SEED: map FILE, a mailbox's, and write random words anywhere from byte FROM
 * on, until killed: a peer gone wild. Prints "listening on nobody" when it has begun.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint32_t state;

static uint32_t below(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (uint32_t)((uint64_t)state * n >> 32);
}

int main(int argc, char **argv)
{
	struct stat st;
	int fd = argc == 4 ? open(argv[1], O_RDWR) : -1;
	if (fd < 0 || fstat(fd, &st) != 0)
		return 1;
	uint32_t *words = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (words == MAP_FAILED)
		return 1;
	uint32_t from = (uint32_t)atoi(argv[2]) / 4, count = (uint32_t)(st.st_size / 4) - from;
	state = (uint32_t)atoi(argv[3]) * 2654435761u | 1;
	alarm(100); /* whatever happens, it does not stay */
	printf("listening on nobody\n");
	fflush(stdout);
	for (;;) {
		volatile uint32_t *at = words + from + below(count);
		switch (below(4)) {
		case 0: /* a bit of what makes sense */
			*at ^= 1u << below(32);
			break;
		case 1: /* sense in another place */
			*at = words[from + below(count)];
			break;
		default:
			*at = below(2) ? below(UINT32_MAX) : below(300);
		}
	}
}
