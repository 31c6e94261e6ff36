/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board that a Linux process is: a mailbox file and standard input and output, and where asked
 * for an image file as a NOR flash. Linked with one core's program; FARFLASH_SIDE is its side.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device/nor/nor.h"
#include "farflash/board.h"
#include "port/linux/console.h"
#include "port/linux/shared.h"
#include "sim/nor/nor.h"

#define EXIT_USAGE   2
#define EXIT_FILE    9
#define PATIENCE_MS  10000u
#define PATIENCE_MAX 3600000u
#define WINDOW_LEN   65536u

struct options {
	struct far_linux_shared_config shared;
	const char *flash;
	uint32_t rounds, patience_ms;
};

/* An image file behind the driver for real parts, so that NOR's rules hold for the file too. */
struct image {
	struct far_sim_nor *die;
	struct far_sim_spi spi;
	struct far_nor nor;
};

static volatile sig_atomic_t cancel;

static void on_signal(int number)
{
	(void)number;
	cancel = 1;
}

/* A file was cut short while it is mapped: what was in it is gone, and there is no way on. */
static void on_sigbus(int number)
{
	static const char text[] = "a mapped file became shorter while it was in use\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)number;
	(void)ignored;
	_exit(EXIT_FILE);
}

static void set_signals(void)
{
	struct sigaction stop = { .sa_handler = on_signal }, bus = { .sa_handler = on_sigbus };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGBUS, &bus, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void usage(FILE *to, const char *name)
{
	fprintf(to,
		"usage: %s --mailbox PATH [OPTION]...\n"
		"  --mailbox PATH   file that both cores' programs share; made if there is none\n"
		"  --side pro|app   the core to be; this program's own is %s\n"
		"  --rounds N       how often to repeat what repeats; 0: for ever (the default)\n"
		"  --flash FILE     NOR image that this core can reach\n"
		"  --window BYTES   shared memory for bulk data in a new mailbox file (%u)\n"
		"  --patience MS    how long to wait for the other core (%u)\n",
		name, FARFLASH_SIDE == 0 ? "pro" : "app", WINDOW_LEN, PATIENCE_MS);
}

static bool number(const char *option, const char *text, uint32_t min, uint32_t max,
		   uint32_t *value)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || v < min || v > max) {
		fprintf(stderr, "--%s '%s': not a number from %" PRIu32 " to %" PRIu32 "\n", option,
			text, min, max);
		return false;
	}
	*value = (uint32_t)v;
	return true;
}

static bool side(const char *text, uint32_t *value)
{
	if (strcmp(text, "pro") == 0 || strcmp(text, "app") == 0) {
		*value = text[0] == 'a';
		return true;
	}
	fprintf(stderr, "--side '%s': neither pro nor app\n", text);
	return false;
}

static bool option(struct options *o, int letter, const char *name)
{
	switch (letter) {
	case 'm':
		o->shared.path = optarg;
		return true;
	case 's':
		return side(optarg, &o->shared.side);
	case 'n':
		return number(name, optarg, 0, UINT32_MAX, &o->rounds);
	case 'f':
		o->flash = optarg;
		return true;
	case 'w':
		return number(name, optarg, 0, FAR_LINUX_WINDOW_MAX, &o->shared.window_len);
	case 'p':
		return number(name, optarg, 1, PATIENCE_MAX, &o->patience_ms);
	default:
		return false;
	}
}

/* 0, or what to exit with. Help asked for is no failure, and ends here. */
static int read_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
		{ "mailbox", required_argument, NULL, 'm' },
		{ "side", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'n' },
		{ "flash", required_argument, NULL, 'f' },
		{ "window", required_argument, NULL, 'w' },
		{ "patience", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int letter, row = 0;

	while ((letter = getopt_long(argc, argv, "h", table, &row)) != -1) {
		if (letter == 'h') {
			usage(stdout, argv[0]);
			exit(EXIT_SUCCESS);
		}
		if (!option(o, letter, table[row].name))
			return EXIT_USAGE;
	}
	if (o->shared.path != NULL && optind == argc)
		return 0;
	usage(stderr, argv[0]);
	return EXIT_USAGE;
}

/* NULL, with a line on stderr. The mapping and its lock last as long as the process. */
static uint8_t *map_image(const char *path, uint32_t *size)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *memory = MAP_FAILED;
	struct stat st;

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

static int open_flash(struct image *i, const char *path, struct far_clock *clock)
{
	struct far_sim_nor_config config = { .instant = true };
	int err;

	config.memory = map_image(path, &config.size);
	if (config.memory == NULL)
		return EXIT_FILE;
	i->die = far_sim_nor_new(&config);
	if (i->die == NULL) {
		fprintf(stderr,
			"%s has %" PRIu32 " bytes: a flash image has a power of two from 65536 to "
			"268435456 bytes\n",
			path, config.size);
		return EXIT_FILE;
	}
	far_sim_spi_init(&i->spi, i->die, clock);
	err = far_nor_init(&i->nor, &i->spi.spi, clock);
	if (err != FAR_OK)
		fprintf(stderr, "%s: no flash: %s\n", path, far_err_name(err));
	return err != FAR_OK ? EXIT_FILE : 0;
}

/* What is missing of the descriptors 0 to 2 must not become the mailbox file. */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int run(const struct options *o, struct far_linux_shared *shared)
{
	struct far_linux_console console;
	struct image image = { .die = NULL };
	struct far_board board = {
		.clock = &shared->clock.clock,
		.console = &console.stream,
		.mailbox = shared->mailbox,
		.window = shared->window,
		.window_len = shared->window_len,
		.patience_ms = o->patience_ms,
		.rounds = o->rounds,
	};
	int result = 0;

	far_linux_console_init(&console, STDIN_FILENO, STDOUT_FILENO, &cancel);
	if (o->flash != NULL) {
		result = open_flash(&image, o->flash, board.clock);
		board.flash = &image.nor.flash;
	}
	if (result == 0)
		result = far_app_main(&board);
	far_sim_nor_free(image.die);
	return result;
}

int main(int argc, char **argv)
{
	struct options o = {
		.shared = { .side = FARFLASH_SIDE, .window_len = WINDOW_LEN, .cancel = &cancel },
		.patience_ms = PATIENCE_MS,
	};
	struct far_linux_shared shared;
	char text[512];
	int err;

	fill_standard_descriptors();
	set_signals();
	err = read_options(&o, argc, argv);
	if (err != 0)
		return err;
	err = far_linux_shared_open(&shared, &o.shared);
	if (err != FAR_OK) {
		fprintf(stderr, "%s\n",
			far_linux_shared_explain(&shared, &o.shared, err, text, sizeof(text)));
		return err == FAR_ERR_ARG ? EXIT_USAGE : EXIT_FILE;
	}
	err = run(&o, &shared);
	far_linux_shared_close(&shared);
	return err;
}
