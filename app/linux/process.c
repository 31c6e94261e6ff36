/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs of app/ share when they are Linux processes: signals, options, and a file as a
 * flash. They use the folders port/ and sim/ as any program would; nothing of cli/.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/linux/process.h"

volatile sig_atomic_t linux_cancel;

/* Whoever waits in port/linux looks at this, and comes back with FAR_ERR_CANCELLED. */
static void on_signal(int number)
{
	(void)number;
	linux_cancel = 1;
}

/* A file was cut short while it is mapped: what was in it is gone, and there is no way on. */
static void on_sigbus(int number)
{
	static const char text[] = "a mapped file became shorter while it was in use\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)number;
	(void)ignored;
	_exit(LINUX_FILE);
}

static void set_signals(void)
{
	struct sigaction stop = { .sa_handler = on_signal }, bus = { .sa_handler = on_sigbus };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGBUS, &bus, NULL);
	signal(SIGPIPE,
	       SIG_IGN); /* a reader that has gone is an error of write, told like others */
}

/* What is missing of the descriptors 0 to 2 must not become a file that is opened later. */
void linux_begin(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	set_signals();
}

int linux_options(const struct linux_words *words, int argc, char **argv)
{
	int letter, row = 0;

	while ((letter = getopt_long(argc, argv, "h", words->table, &row)) != -1) {
		if (letter == 'h') {
			words->usage(stdout, argv[0]);
			exit(EXIT_SUCCESS);
		}
		/* '?': getopt has said what is wrong. */
		if (letter == '?' || !words->take(words->ctx, letter, words->table[row].name))
			return LINUX_USAGE;
	}
	if (optind == argc)
		return 0;
	words->usage(stderr, argv[0]);
	return LINUX_USAGE;
}

/* NULL, with a line on stderr. The mapping and its lock last as long as the process. */
static uint8_t *map_image(const char *path, uint32_t *size)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *memory = MAP_FAILED;
	struct stat st;

	/* Two programs on one image would each believe that they own the flash. */
	if (fd >= 0 && fstat(fd, &st) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*size = st.st_size > 0 && st.st_size <= INT32_MAX ? (uint32_t)st.st_size : 0;
		memory = mmap(NULL, *size > 0 ? *size : 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			      0);
	}
	if (memory != MAP_FAILED)
		return memory;
	fprintf(stderr, "cannot use the flash image %s: %s\n", path, strerror(errno));
	return NULL;
}

int linux_open_image(struct linux_image *i, const char *path, struct far_clock *clock)
{
	/*
	 * Our own flash is a file and as fast as one; a chip's takes the time that its loader is
	 * waited for.
	 */
	struct far_sim_nor_config config = { .instant = clock != NULL };
	int err;

	config.memory = map_image(path, &config.size);
	if (config.memory == NULL)
		return LINUX_FILE;
	i->die = far_sim_nor_new(&config);
	if (i->die == NULL) {
		fprintf(stderr,
			"%s has %" PRIu32 " bytes: a flash image has a power of two from 65536 to "
			"268435456 bytes\n",
			path, config.size);
		return LINUX_FILE;
	}
	if (clock == NULL)
		return 0;
	far_sim_spi_init(&i->spi, i->die, clock);
	err = far_nor_init(&i->nor, &i->spi.spi, clock);
	if (err != FAR_OK)
		fprintf(stderr, "%s: no flash: %s\n", path, far_err_name(err));
	return err != FAR_OK ? LINUX_FILE : 0;
}

void linux_close_image(struct linux_image *i)
{
	far_sim_nor_free(i->die);
}
